"""Judge the consent of two sides as they stand: the facts of one against what the other mails, without writing anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import ibis.expr.types as ir

from mamigrate.consent.proof.judged import PASS, worst
from mamigrate.contract import Instance
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.snapshot.tables import schema
from mamigrate.stages import (
    causes,
    crm,
    extract,
    filed,
    gate,
    instances,
    people,
    people_told,
    prepare,
    run,
    unattributed,
)
from mamigrate.stages.move import Move, Side, stamp
from mamigrate.stages.operand import Operand
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.proof import Proven, prove
from mamigrate.stages.proof_tables import Reading
from mamigrate.stages.reach import Reach, reach
from mamigrate.stages.reach import proven as proven_reach
from mamigrate.stages.recorded import Recorded
from mamigrate.stages.resume import MOVING, WRITING
from mamigrate.stages.said import said
from mamigrate.stages.settling import Settling, settling
from mamigrate.stages.verify import Census, verify


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that the report is made of."""

    prepared: Prepared
    source: Snapshot
    target: Snapshot
    people: PeoplePlan
    causes: ir.Table
    census: Census
    proven: Proven
    reach: Reach
    explained: str
    wrote_by: Run | None
    settling: Settling

    @property
    def due(self) -> datetime | None:
        return self.settling.due

    @property
    def settled(self) -> bool:
        return self.settling.settled

    @property
    def now(self) -> str:
        """The verdict of what was read now; ``explained`` is that of the people who were lost."""
        return worst([self.census.verdict, self.proven.proof.verdict, self.explained])


def judge(move: Move, ours: Operand, theirs: Operand, settle: timedelta | None) -> Judged:
    """``settle``: judge as settled too, where so much time is over since the last write. It never waits.

    The order in which a move wrote is looked at by what the move itself had read: what people said since is no fault of it.
    """
    source = ours.kept or _read(move, move.source, run.SOURCE_KINDS)
    target = theirs.kept or _read(move, move.target, (Kind.FIELD, Kind.TOPIC))
    move.ledger.note_run(move.run_id, stage="consent", source_snapshot=source.id, target_snapshot=target.id)
    if theirs.kept is not None:
        recorded = Recorded(move.target.instance, move.engine, theirs.kept)
        move.target = replace(move.target, instance=cast(Instance, recorded))
    prepared, population = _population(move, source, target, fresh=(ours.kept is None, theirs.kept is None))
    census = verify(move, population)
    last, moved = _last(move, WRITING), _last(move, MOVING)
    waited = settling(move, last, settle)
    own = moved is not None and moved.source_snapshot == source.id
    reading = Reading(moved.id if moved and own else None, _before(move, moved), settled=waited.settled, why=waited.why)
    proven = prove(move, prepared, population, source, census, reading, reported=True)
    kept = causes.causes(population)
    found = reach(population, kept, census)
    explained = proven_reach(move, found)
    return Judged(prepared, source, target, population, kept, census, proven, found, explained, last, waited)


def _read(move: Move, side: Side, kinds: tuple[Kind, ...]) -> Snapshot:
    """What a side says now."""
    began = side.clock.now()
    kept = Snapshot.begin(
        move.project.snapshots, f"{side.name}-{stamp()}", side.name, side.adapter.name, began, move.project.cipher
    )
    extract.extract(side, kept, kinds, move.progress)
    extract.hidden_fields(side, kept, move.findings)
    return kept


def _population(
    move: Move, source: Snapshot, target: Snapshot, fresh: tuple[bool, bool]
) -> tuple[Prepared, PeoplePlan]:
    """The plan that a run would make of both sides: it holds what the facts say of everybody."""
    move.findings.extend(source.known_problems())
    prepared = prepare.prepare(move, source, target)
    facts, link = said(move, prepared, source, filed.facts(move, prepared, source)), crm.link(move, prepared)
    if fresh[1]:
        run.look_people_up(move, prepared, source, target, facts, link)
    asked = [side for side, is_fresh in zip((move.source, move.target), fresh, strict=True) if is_fresh]
    instances.check(move, asked)
    gate.unread(move, asked)
    population = people.build(move, prepared, source, target, facts, link)
    people_told.unknown_holders(population)
    unattributed.tell(population)
    people_told.tell_lifted(population)
    people_told.tell_expired(population)
    people_told.tell_unanswered(population)
    return prepared, population


def _last(move: Move, commands: Sequence[str]) -> Run | None:
    """The last run of this direction and of these commands that wrote."""
    own = [one for one in move.ledger.runs() if (one.source, one.target) == move.direction and one.command in commands]
    return next((one for one in own if move.ledger.wrote(one.id)), None)


def _before(move: Move, last: Run | None) -> ir.Table:
    """The target's people before the last move wrote, where that is kept."""
    folder = move.project.snapshots / last.target_snapshot if last is not None and last.target_snapshot else None
    if folder is None or not (folder / "manifest.json").is_file():
        return move.engine.memory(schema(Kind.PERSON).empty_table())
    return move.engine.table(Snapshot.open(folder, move.project.cipher), Kind.PERSON)


def verdict(judged: Judged, *, asked_settled: bool) -> str:
    """Of the report: before the target had its time, nothing that was asked for is proven."""
    if judged.now != PASS or not asked_settled:
        return judged.now
    return worst([judged.now, judged.proven.proof.settled])
