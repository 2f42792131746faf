"""History: what of the source's past is read, what of it goes along, and writing it, once for ever.

Without a decision nothing of it is read or written; how much there is, is told.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from mamigrate.capabilities import Level, Power
from mamigrate.consent import verdict
from mamigrate.consent.regimes.permit import months_after
from mamigrate.contract import ActivityTotals, HistoryRoom, HistorySink, HistoryType, Outcome, Status
from mamigrate.errors import Blocked, Unreachable
from mamigrate.findings import Severity
from mamigrate.model.activities import Family, family
from mamigrate.model.kinds import Kind
from mamigrate.plan.history import HistoryPlanner, Since
from mamigrate.plan.model import Planned
from mamigrate.plan.origins import source_key
from mamigrate.plan.packing import OURS, packed
from mamigrate.plan.policy import HistorySection
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import estate, ids, logged, programs_file
from mamigrate.stages.apply import Writing
from mamigrate.stages.move import Move
from mamigrate.stages.plan import Plan
from mamigrate.stages.settle import SENDINGS

READ = (Kind.PROGRAM_MEMBERSHIP, Kind.ACTIVITY)
"""Kinds that are read where somebody decided what becomes of them."""
ROWS = 3_000
NO_ROOM = HistoryRoom(types=0, attributes=0, standing={}, text=0, whole=0)


def kinds(move: Move) -> tuple[Kind, ...]:
    """What is read of the source's past in this run."""
    return READ if move.project.file.history else programs_file.kinds(move)


def announce(move: Move) -> Mapping[str, int | None]:
    """A note for each type of activity that the source holds, where nobody decided what becomes of them; how many there are."""
    source = move.source
    level = source.adapter.capabilities.of(Kind.ACTIVITY, Power.READ).level
    undecided = move.project.file.history is None or level is Level.NOT_WRITTEN
    if not undecided or not isinstance(source.instance, ActivityTotals):
        return {}
    totals = source.instance.activities()
    for type, number in totals.items():
        subject = f"{source.name}/{Kind.ACTIVITY}/{type}"
        if number is None:
            move.findings.add("activities_uncounted", Severity.NOTE, subject, type=type)
        elif number:
            move.findings.add("activities_left", Severity.NOTE, subject, type=type, n=str(number))
    return totals


def write(move: Move, plan: Plan, source: Snapshot, absent: ir.Table) -> None:
    """Make the types, then write each activity that goes along and account for all others. People must be written before."""
    for kind in READ:
        if source.has(kind) and not move.target.takes(kind):
            estate.hand_over(move, source, kind)
    section, sink = move.project.file.history, move.target.instance
    if section is None or not move.target.takes(Kind.ACTIVITY) or not isinstance(sink, HistorySink):
        return
    # Who carries nothing needs neither room nor the permission to ask for it.
    room = sink.history_room() if any(map(section.carries, Family)) else NO_ROOM
    ours = sorted(OURS & room.standing.keys())
    strange = sorted(set(ours) - logged.known_types(move))
    heirs = move.engine.keep(verdict.heirs(move.engine.table(source, Kind.PERSON)))
    placed = move.engine.keep(logged.with_done(move, _placed(move, source, absent), heirs, strange, ours))
    since = _since(section, room, source.manifest.began_at)
    types = packed(_going(move, placed, section, since), room)
    _define(move, list({one.name: one for one in types.values()}.values()))
    logged.keep_types(move, sorted({one.name for one in types.values()}.difference(strange)), made=True)
    planner = HistoryPlanner(section, types, room, since, source_key(move.source.name, Kind.ACTIVITY, ""))
    Writing(move, plan, "history", Kind.ACTIVITY).write(_activities(move, planner, placed))
    logged.keep_types(move, strange, made=False)


def _since(section: HistorySection, room: HistoryRoom, now: datetime) -> Since:
    return Since(wanted(section, now), now - room.keeps if room.keeps else None)


def wanted(section: HistorySection, now: datetime) -> dict[Family, datetime]:
    """The first instant that goes along, by family; any age of those that are not named."""
    return {one: months_after(now, -months) for one in Family if (months := section.oldest(one)) is not None}


def _going(move: Move, placed: ir.Table, section: HistorySection, since: Since) -> dict[Family, int]:
    """How many activities of each family will be written: types are made for no others."""
    there = placed.filter(placed.happened_at.notnull() & placed.person_target.notnull() & ~placed.ambiguous)
    there = there.filter(there.done.isnull() & (~there.bot | ibis.literal(section.bots)))
    grouped = there.group_by("activity_type", day=there.happened_at.date()).agg(
        n=ibis._.count(), last=ibis._.happened_at.max()
    )
    found: dict[Family, int] = {}
    for row in move.engine.rows(grouped):
        kind = family(row["activity_type"])
        if section.carries(kind) and since.why_not(kind, row["last"]) is None:
            found[kind] = found.get(kind, 0) + int(row["n"])
    return found


def _defined(move: Move, types: Sequence[HistoryType]) -> list[Outcome]:
    """One outcome each. What is made twice is made once, so types whose reply was lost are sent again."""
    sink = move.target.instance
    made = list(sink.define(types)) if isinstance(sink, HistorySink) and types else []
    for _ in range(SENDINGS - 1):
        lost = [at for at, outcome in enumerate(made) if outcome.status is Status.MAYBE]
        if lost and isinstance(sink, HistorySink):
            again = sink.define([types[at] for at in lost])
            made = [dict(zip(lost, again, strict=True)).get(at, outcome) for at, outcome in enumerate(made)]
    return made


def _define(move: Move, types: Sequence[HistoryType]) -> None:
    """Raises Blocked where a type cannot be made: nothing may be lost in it."""
    for outcome in _defined(move, types):
        if outcome.status is Status.MAYBE:
            raise Unreachable(move.target.name, "replies to writes are lost (types of activities)")
        if outcome.status is Status.REJECTED:
            subject = f"{move.target.name}/{Kind.ACTIVITY}/{outcome.source_key}"
            move.findings.add(
                "activity_type_refused", Severity.BLOCK, subject, vendor_code=outcome.code, message=outcome.message
            )
            raise Blocked("rejected")


def _activities(move: Move, planner: HistoryPlanner, placed: ir.Table) -> Iterator[Planned]:
    """Every activity that was read, the oldest first. What does not fit is told by field: the archive has it whole."""
    cut = Counter[str]()
    for batch in move.engine.batches(placed.order_by(["happened_at", "key"]), ROWS):
        for row in batch:
            planned = planner.plan(row)
            cut.update(name for name, _, _ in planned.lost)
            yield planned
    for name, n in sorted(cut.items()):
        move.findings.add("details_cut", Severity.NOTE, f"{move.source.name}/{Kind.ACTIVITY}", field=name, n=str(n))


_PLACED = (
    "key",
    "person_key",
    "activity_type",
    "happened_at",
    "bot",
    "values",
    "person_target",
    "person_known",
    "ambiguous",
)


def _placed(move: Move, source: Snapshot, absent: ir.Table) -> ir.Table:
    """Activities with the target's record of their person: the one that they name, or the one who has their address."""
    happened, people = move.engine.table(source, Kind.ACTIVITY), move.engine.table(source, Kind.PERSON)
    there = move.engine.keep(ids.of_people(move, source, absent))
    at = verdict.addresses(people).distinct()
    known = move.engine.keep(at.select(known_at="at").distinct())
    held = at.join(there, "person_key").group_by("at")
    held = move.engine.keep(held.agg(address_target=ibis._.person_target.min(), targets=ibis._.person_target.nunique()))
    named = people.select(named_key="key")
    joined = happened.left_join(there.rename(own_target="person_target"), "person_key").drop("person_key_right")
    joined = joined.left_join(held, joined.address_loose == held.at).drop("at")
    joined = joined.left_join(known, joined.address_loose == known.known_at)
    joined = joined.left_join(named, joined.person_key == named.named_key)
    by_address = joined.person_key.isnull()
    return joined.mutate(
        person_target=by_address.ifelse(joined.address_target, joined.own_target),
        person_known=by_address.ifelse(joined.known_at.notnull(), joined.named_key.notnull()),
        ambiguous=by_address & (joined.targets > 1).fill_null(False),
    ).select(*_PLACED)
