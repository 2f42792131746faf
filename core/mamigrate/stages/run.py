"""All of it: extract, plan, gate, apply, read back, verify, report. Stopped anywhere, the same command finishes the job."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import ibis.expr.types as ir

from mamigrate import clock
from mamigrate.consent import files
from mamigrate.consent.proof.judged import PASS, Proof, worst
from mamigrate.findings import Severity
from mamigrate.ledger.tables import QuotaUse, Run
from mamigrate.model.estate import Field, Topic
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.plan.model import NEW_FIELD, Bucket, Planned
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import (
    apply,
    archive,
    causes,
    choices,
    counts,
    crm,
    delays,
    estate,
    extract,
    filed,
    forecast,
    former,
    freshness,
    gate,
    history,
    instances,
    listed,
    look_up,
    people,
    people_told,
    prepare,
    programs,
    programs_acquired,
    programs_file,
    programs_members,
    programs_money,
    pushes,
    resume,
    shrunk,
    told,
    unattributed,
)
from mamigrate.stages.account import Accounts, accounts
from mamigrate.stages.listed import Listed
from mamigrate.stages.move import Move, Side, stamp
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.plan import Plan, beyond, plan, seal
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.proof import prove
from mamigrate.stages.proof_tables import Reading
from mamigrate.stages.said import said
from mamigrate.stages.verify import Census, verify

SOURCE_KINDS = (*ESTATE, Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY, Kind.LIST_MEMBERSHIP, Kind.CONSENT_FACT)
RECORDS = (Kind.ACCOUNT, Kind.OPPORTUNITY)
"""Records around people: companies are written before them, deals after."""
SCHEMA = (Kind.FIELD, Kind.TOPIC)
"""What a mapping is held against."""
TARGET_KINDS = (Kind.FIELD, Kind.TOPIC, Kind.WORKFLOW)


@dataclass(frozen=True, slots=True)
class Thought:
    """Everything between reading and writing. ``shown`` is what the next run holds its own reading against."""

    prepared: Prepared
    source: Snapshot
    target: Snapshot
    people: PeoplePlan
    causes: ir.Table
    records: Mapping[Kind, ir.Table]
    listed: Listed
    programs: programs.Programs
    plan: Plan
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """What a finished run leaves for its report. ``census`` is None, and there are no accounts, before it has written."""

    thought: Thought
    census: Census | None = None
    accounts: Accounts = field(default_factory=dict)
    proof: Proof | None = None
    attribution: Sequence[Mapping[str, object]] = ()

    @property
    def verdict(self) -> str | None:
        """The worst of the census and the proof; None before anything was written."""
        if self.census is None:
            return None
        return worst([self.census.verdict, *([self.proof.of_move] if self.proof else [])])


def think(move: Move) -> Thought:
    """Read both sides and derive the plan with everything that forbids it. Writes nothing to the target."""
    note(move, "extract")
    _handwritten(move)
    _quota(move, "before")
    source = freshness.source_snapshot(move)
    target = Snapshot.begin(
        move.project.snapshots,
        f"{move.target.name}-{stamp()}",
        move.target.name,
        move.target.adapter.name,
        move.target.clock.now(),
        move.project.cipher,
    )
    _schemas_first(move, source, target)
    if not source.sealed:
        extract.extract(move.source, source, (*SOURCE_KINDS, *history.kinds(move)), move.progress)
    extract.hidden_fields(move.source, source, move.findings)
    move.findings.extend(source.known_problems())
    _tell_repeated(move, source)
    counts.tell(move, source)
    shown = shrunk.of_source(move, source)
    going_along = choices.forecast(move, source, history.announce(move))
    choices.tell(move, going_along)
    archive.keep(move, source)
    extract.extract(move.target, target, (*TARGET_KINDS, *programs.target_kinds(move, source)), move.progress)
    extract.hidden_fields(move.target, target, move.findings)
    note(move, "plan", source_snapshot=source.id, target_snapshot=target.id)
    prepared = prepare.prepare(move, source, target)
    facts = said(move, prepared, source, filed.facts(move, prepared, source))
    link = crm.link(move, prepared)
    crm.tell(move, prepared, link, source)
    look_people_up(move, prepared, source, target, facts, link)
    population = people.build(move, prepared, source, target, facts, link)
    shown |= shrunk.of_target(move, population)
    people_told.unknown_holders(population)
    unattributed.tell(population)
    people_told.over_restricted(population)
    people_told.tell_lifted(population)
    people_told.tell_expired(population)
    people_told.tell_unanswered(population)
    people_told.tell_aliases(population)
    people_told.tell_near(population)
    people_told.tell_spellings(population)
    crm.tell_conflicts(move, population.matched)
    kept = causes.causes(population)
    causes.tell_kept(population, kept)
    records = {kind: estate.look_up_records(move, prepared, source, kind) for kind in RECORDS}
    there = listed.look(move)
    recipes = programs.prepare(move, source, target)
    around = _around_people(move, prepared, source, records, there, population.absent())
    made = plan(move, population, chain(around, programs.planned(move, recipes)))
    made.programs = programs_members.forecast(move, source, recipes)
    note(move, "gate", plan_id=made.id)
    gate.check(move, made, prepared, source, target)
    made.history = going_along
    made.forecast = forecast.forecast(move, made, source)
    _seal(move, made, prepared, source, target)
    return Thought(prepared, source, target, population, kept, records, there, recipes, made, shown)


def as_planned(move: Move, planned: Run) -> Thought:
    """The plan of an earlier ``plan``, or what an interrupted ``apply`` left of it. What does not belong to it blocks.

    The target is looked at afresh, and a source that was read too long ago: what is done is found equal, and a change that
    somebody made since is seen. Every write that is left must be one of the sealed plan.
    """
    run = move.ledger.run(move.run_id)
    if run is None or not run.source_snapshot:
        note(move, "plan", source_snapshot=planned.source_snapshot)
    thought = think(move)
    folder = move.project.plans / planned.plan_id
    anew = thought.source.id != planned.source_snapshot
    looked_at = ("source", "target") if anew else ("target",)
    changed = [name for name in thought.plan.differs_from(folder) if name not in ("changes", *looked_at)]
    _compare(move, planned, changed or ([" or ".join(looked_at)] if beyond(move, thought.plan, folder) else []))
    return thought


def _compare(move: Move, planned: Run, changed: Sequence[str]) -> None:
    if resume.overtaken(move, planned):
        changed = ["target", *changed]
    for what in dict.fromkeys(changed):
        move.findings.add("plan_outdated", Severity.BLOCK, planned.plan_id, what=what.removeprefix(resume.FACTS))


def _seal(move: Move, made: Plan, prepared: Prepared, source: Snapshot, target: Snapshot) -> None:
    derived = resume.derived(move, prepared.digest)
    move.ledger.keep_inputs(move.run_id, derived | former.written(prepared.mapping))
    recipes = {move.project.programs_path.name: programs_file.digest(move.project)}
    seal(move, made, prepared.digest, resume.asked(move) | recipes, source, target)


def write(move: Move, thought: Thought) -> Done:
    """Apply the plan, judge the result and add up. The gate must have been closed before."""
    note(move, "apply")
    instances.keep(move)
    shrunk.keep(move, thought.shown)
    # What an earlier process of this run wrote stays told as written; everything else may have come to another end.
    move.ledger.drop_accounts(move.run_id, but=(Bucket.CREATED, Bucket.UPDATED), but_kind=NEW_FIELD)
    pushes.begin(move)
    prepared, source, made = thought.prepared, thought.source, thought.plan
    apply.create_fields(move, made, prepared.missing)
    _write_records(move, thought, Kind.ACCOUNT)
    apply.apply_people(move, made, thought.people)
    estate.merged_ids(move, thought.people.merged())
    estate.apply_objects(move, made, prepared, source, thought.listed)
    there = listed.adopted(move, source, thought.listed)
    members = estate.memberships(move, source, there, thought.people.absent())
    apply.Writing(move, made, "list members", Kind.LIST_MEMBERSHIP).write(members)
    estate.tell_unlinked(move, source, thought.people.absent())
    programs.write(move, made, thought.programs)
    programs_members.write(move, made, source, thought.programs, thought.people.absent())
    programs_acquired.write(move, made, prepared, source, thought.programs, thought.people.absent())
    _write_records(move, thought, Kind.OPPORTUNITY)
    history.write(move, made, source, thought.people.absent())
    note(move, "verify")
    census = verify(move, thought.people)
    pushes.judge(move)
    if census.verdict == PASS:
        delays.settle(move)
    reading = Reading(move.run_id, thought.people.on_target)
    proof = prove(move, prepared, thought.people, source, census, reading).proof
    _quota(move, "after")
    for path in resume.facts_changed(move):
        move.findings.add("facts_changed", Severity.BLOCK, path)
    money = programs_money.compare(move, prepared, source, thought.programs, thought.people.absent())
    derived = {Kind.PROGRAM_MEMBERSHIP: programs_members.derived(move, source, thought.programs)}
    return Done(thought, census, accounts(move, thought.people, source, derived), proof, money)


def _around_people(
    move: Move, prepared: Prepared, source: Snapshot, records: Mapping[Kind, ir.Table], there: Listed, absent: ir.Table
) -> Iterator[Planned]:
    yield from estate.objects(move, prepared, source, there)
    for kind in RECORDS:
        yield from estate.records(move, prepared, source, kind, records[kind], absent)


def _write_records(move: Move, thought: Thought, kind: Kind) -> None:
    absent = thought.people.absent()
    planned = estate.records(move, thought.prepared, thought.source, kind, thought.records[kind], absent)
    estate.apply_records(move, thought.plan, kind, planned)


def note(move: Move, stage: str, **values: object) -> None:
    """Tell the ledger where the run stands."""
    move.ledger.note_run(move.run_id, stage=stage, **values)


def _handwritten(move: Move) -> None:
    """What people wrote is read before anything else: nobody waits for an extraction to hear of a slip of the pen."""
    if move.project.mapping_path.exists():
        prepare.read(move)
    programs_file.read(move)
    for path in move.project.facts_files(move.more_facts):
        content = files.text_of(path)
        files.parse(path, content)  # What changed since the run began and is not understood any more is not kept.
        told.keep(move, path, content)


def _schemas_first(move: Move, source: Snapshot, target: Snapshot) -> None:
    """Read both schemas, and hold the mapping against them before people are read. Raises Blocked."""
    if not source.sealed:
        extract.begin(move.source, source, SCHEMA, move.progress)
    extract.begin(move.target, target, (Kind.FIELD,), move.progress)
    ours = extract.objects(move.source, source, Kind.FIELD)
    theirs = extract.objects(move.target, target, Kind.FIELD)
    types = extract.objects(move.source, source, Kind.TOPIC)
    prepare.check(
        move,
        prepare.Schemas(
            [one for one in ours if isinstance(one, Field)],
            [one for one in theirs if isinstance(one, Field)],
            [one for one in types if isinstance(one, Topic)],
        ),
    )


def _tell_repeated(move: Move, source: Snapshot) -> None:
    for kind in (Kind.PERSON, *RECORDS, Kind.LIST_MEMBERSHIP):
        for key in move.engine.repeated(source, kind):
            move.findings.add("read_twice", Severity.NOTE, f"{source.manifest.connection}/{kind}/{key}")


def look_people_up(
    move: Move, prepared: Prepared, source: Snapshot, target: Snapshot, facts: ir.Table, link: crm.Link
) -> None:
    """Fill the target snapshot with whom the plan must know there. ``facts``: everything that was said, as the plan gets it."""
    fields, engine = look_up.fields(move, prepared, link), move.engine
    now = engine.instant(source.manifest.began_at)
    held = people.denied_addresses(facts, engine.table(source, Kind.PERSON), now)
    look_up.look_up(move, source, target, fields, prepared.field_of("email"), held, link)


def _quota(move: Move, when: str) -> None:
    for side in (move.source, move.target):
        told = move.ask_quotas(side)
        move.ledger.keep_quotas([_use(move, side, when, q.name, q.used, q.limit) for q in told])


def _use(move: Move, side: Side, when: str, name: str, used: int, limit: int) -> QuotaUse:
    return QuotaUse(
        run_id=move.run_id,
        connection=side.name,
        name=f"{name} {when}",
        used=used,
        quota_limit=limit,
        at=clock.now(),
    )
