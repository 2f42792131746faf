"""Programs: recipes proposed or read, held against both sides, planned and written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mamigrate.contract import ProgramRoom, ProgramSink, Status
from mamigrate.errors import Blocked, Unreachable
from mamigrate.findings import Severity
from mamigrate.ledger.tables import IdMap
from mamigrate.mapping.recipes import Recipes
from mamigrate.mapping.recipes_check import Known, check
from mamigrate.mapping.recipes_propose import Sides, propose
from mamigrate.model.estate import Channel, Field, LifecycleModel, List, Program
from mamigrate.model.kinds import Kind
from mamigrate.model.made import CREATED
from mamigrate.plan import estate, programs
from mamigrate.plan.members import LABELS
from mamigrate.plan.model import Planned
from mamigrate.plan.origins import source_key
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import gate, programs_file, settle
from mamigrate.stages.apply import Writing
from mamigrate.stages.move import Move
from mamigrate.stages.plan import WRITTEN, Plan

TARGET = (Kind.CHANNEL, Kind.PROGRAM)
"""What recipes are held against."""
MEMBER_FIELD = "member_field"
"""What the ledger calls a field of members that this project made."""


@dataclass(frozen=True, slots=True)
class Programs:
    """``recipes`` None: nobody signed any, or the target takes no programs (``open`` False). ``standing`` are our programs of the
    target by the recipe's key, ``gone`` keys of those that vanished. ``dates`` are fields of members that hold the source's
    days, ``missing`` those of them that must be made first.
    """

    source: Sequence[Program] = ()
    open: bool = False
    recipes: Recipes | None = None
    channels: Mapping[str, Channel] = field(default_factory=dict)
    standing: Mapping[str, Program] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


def target_kinds(move: Move, source: Snapshot) -> tuple[Kind, ...]:
    """What is read of the target for them. Nothing where the source has none, or they are not written."""
    return TARGET if _open(move) and source.estate(Kind.PROGRAM) else ()


def prepare(move: Move, source: Snapshot, target: Snapshot) -> Programs:
    """Raises UsageError where the file of recipes cannot be understood; every other problem is a finding of the move."""
    found = [one for one in source.estate(Kind.PROGRAM) if isinstance(one, Program)]
    sink = move.target.instance
    if not found or not _open(move) or not isinstance(sink, ProgramSink):
        return Programs(found)
    read = programs_file.read(move)
    channels = {one.name: one for one in target.estate(Kind.CHANNEL) if isinstance(one, Channel)}
    theirs = [one for one in target.estate(Kind.PROGRAM) if isinstance(one, Program)]
    room = sink.program_room()
    if read.recipes is None:
        _propose(move, source, found, list(channels.values()), theirs, room)
        return _waiting(move, found)
    standing, gone = _standing(move, read.recipes, theirs)
    known = _known(move, source, found, channels, theirs, {key: one.key for key, one in standing.items()}, room)
    slips = check(read.recipes, known, read.places)
    move.findings.extend(slips)
    signed = read.signed
    if signed is None:
        return _waiting(move, found)
    if any(one.severity is Severity.BLOCK for one in slips):
        return Programs(found, open=True)
    _tell(move, signed, found, standing)
    dates, missing = _dates(move, room) if signed.programs else (frozenset[str](), frozenset[str]())
    return Programs(found, True, signed, channels, standing, gone, dates, missing)


def planned(move: Move, them: Programs) -> Iterator[Planned]:
    """The fate of every program of the source."""
    if not them.open:
        yield from estate.handed(Kind.PROGRAM, them.source)
        return
    yield from programs.programs(them.source, them.recipes, them.standing, them.gone, _prefix(move))


def write(move: Move, plan: Plan, them: Programs) -> None:
    """Make the programs that are not there. Fields of members come first: nothing may be lost in them."""
    if them.recipes is not None:
        _define(move, them.missing)
    writing = Writing(move, plan, "programs", Kind.PROGRAM, begun=settle.begun(move, Kind.PROGRAM))
    writing.write(planned(move, them), plan.number(Kind.PROGRAM, *WRITTEN))


def _open(move: Move) -> bool:
    return move.target.takes(Kind.PROGRAM) and isinstance(move.target.instance, ProgramSink)


def _prefix(move: Move) -> str:
    return source_key(move.source.name, Kind.PROGRAM, "")


def _waiting(move: Move, found: Sequence[Program]) -> Programs:
    name = move.project.programs_path.name
    move.findings.add("programs_unsigned", Severity.WARN, name, n=str(len(found)))
    return Programs(found, open=True)


def _tell(move: Move, recipes: Recipes, found: Sequence[Program], standing: Mapping[str, Program]) -> None:
    """Programs that no recipe names, and programs that would send while members come into them."""
    waiting = [one for one in found if recipes.of(one.key) is None and one.key not in recipes.leave]
    if waiting:
        name = move.project.programs_path.name
        move.findings.add("programs_without_recipe", Severity.WARN, name, n=str(len(waiting)))
    for one in standing.values():
        if one.sends and move.decisions.choice(f"live/program/{one.key}") != "accept":
            params = {"name": one.name, "id": one.key}
            move.findings.add("program_sends", Severity.BLOCK, f"{move.target.name}/program/{one.key}", **params)


def _standing(move: Move, recipes: Recipes, theirs: Sequence[Program]) -> tuple[dict[str, Program], frozenset[str]]:
    """Ours by the ledger's id, else by the mark that they carry; never by a name."""
    known, prefix = move.ledger.ids(*move.direction, Kind.PROGRAM), _prefix(move)
    by_key, by_mark = {one.key: one for one in theirs}, {one.source_key: one for one in theirs if one.source_key}
    found = {
        one.key: there
        for one in recipes.programs
        if (there := _of(by_key, known.get(one.key)) or by_mark.get(f"{prefix}{one.key}"))
    }
    return found, frozenset(known.keys() - found.keys())


def _of(by_key: Mapping[str, Program], row: IdMap | None) -> Program | None:
    return by_key.get(row.target_key) if row else None


def _known(
    move: Move,
    source: Snapshot,
    found: Sequence[Program],
    channels: Mapping[str, Channel],
    theirs: Sequence[Program],
    marks: Mapping[str, str],
    room: ProgramRoom,
) -> Known:
    assets = {one.key for one in source.estate(Kind.ASSET)}
    lists = {one.key for one in source.estate(Kind.LIST) if isinstance(one, List) and one.holder is Kind.PERSON}
    told = {"list": frozenset(lists)}
    if source.has(Kind.ASSET):
        told |= {"form": frozenset(assets), "email": frozenset(assets)}
    stages, amounts = _money(source)
    programs = {one.key: one for one in found}
    return Known(programs, told, channels, theirs, marks, room, frozenset(amounts), frozenset(stages) or None)


def _money(source: Snapshot) -> tuple[dict[str, bool], list[str]]:
    """Stages of opportunities, each with whether it is won, and the fields that may hold what they brought."""
    models = [one for one in source.estate(Kind.LIFECYCLE_MODEL) if isinstance(one, LifecycleModel)]
    stages = {stage.value: stage.won for one in models if one.holder is Kind.OPPORTUNITY for stage in one.stages}
    fields = [one for one in source.estate(Kind.FIELD) if isinstance(one, Field) and one.holder is Kind.OPPORTUNITY]
    named = sorted(fields, key=lambda one: one.meaning != "amount")
    return stages, [one.api_name for one in named]


def _propose(
    move: Move,
    source: Snapshot,
    found: Sequence[Program],
    channels: Sequence[Channel],
    theirs: Sequence[Program],
    room: ProgramRoom,
) -> None:
    stages, _ = _money(source)
    fields = [one for one in source.estate(Kind.FIELD) if isinstance(one, Field) and one.holder is Kind.OPPORTUNITY]
    amount = next((one.api_name for one in fields if one.meaning == "amount"), "")
    won = [stage for stage, is_won in stages.items() if is_won]
    names = [one.name for one in theirs]
    sides = Sides(move.source.name, move.target.name, found, channels, room, names, won, amount)
    recipes, left = propose(sides)
    programs_file.propose(move, recipes, found, left)


def _dates(move: Move, room: ProgramRoom) -> tuple[frozenset[str], frozenset[str]]:
    """Fields of members for the source's days. Where there is no room for them, or nobody wants them, the days stay in the
    plan, and a finding says so."""
    wanted = frozenset(LABELS)
    missing = wanted - room.member_fields
    if not missing:
        return wanted, missing
    subject, names = f"{move.target.name}/{MEMBER_FIELD}", ", ".join(sorted(missing))
    if len(missing) > room.more_fields:
        move.findings.add("member_dates_stay", Severity.WARN, subject, names=names)
        return wanted & room.member_fields, frozenset()
    why = "fields of members cannot be deleted on the target"
    if gate.ask(move, "irreversible/create-member-fields", "accept", why) != "accept":
        move.findings.add("member_fields_undecided", Severity.BLOCK, subject, names=names)
    return wanted, missing


def _define(move: Move, missing: frozenset[str]) -> None:
    """Raises Blocked where a field cannot be made. Done twice, it is done once: no intent is needed."""
    sink = move.target.instance
    if not missing or not isinstance(sink, ProgramSink):
        return
    for outcome in sink.define_member_fields({name: LABELS[name] for name in sorted(missing)}):
        if outcome.status is Status.MAYBE:
            raise Unreachable(move.target.name, "replies to writes are lost (fields of members)")
        if outcome.status is Status.REJECTED:
            subject = f"{move.target.name}/{MEMBER_FIELD}/{outcome.source_key}"
            told = {"vendor_code": outcome.code, "message": outcome.message[:300]}
            move.findings.add("member_field_refused", Severity.BLOCK, subject, **told)
            raise Blocked("rejected")
    source, target = move.direction
    rows = [IdMap(source, target, MEMBER_FIELD, one, one, CREATED, "", move.run_id) for one in sorted(missing)]
    move.ledger.keep_ids(rows, fresh_only=True)
