"""The proof over a move: its tables filled from what was read, decided, written and read back, and every statement judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate import clock
from mamigrate.consent.proof import invariants
from mamigrate.consent.proof.judged import (
    FAIL,
    IN_TIME,
    INCOMPLETE,
    NOT_APPLICABLE,
    SETTLING,
    Exported,
    Judged,
    Proof,
    judge,
)
from mamigrate.consent.proof.tables import Asked, Tables
from mamigrate.findings import Severity
from mamigrate.ledger.tables import Evidence
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import delays, derivations, evidence
from mamigrate.stages.delays import Delay
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.proof_tables import Material, Reading, material
from mamigrate.stages.resume import MOVING
from mamigrate.stages.tally import NAMED, Tally, Whole
from mamigrate.stages.verify import Census

EXPORTED = 12
"""The statement about the evidence, which is written when all facts are known."""
UNASKED = {18: "no_asset_was_moved"}
"""Statements about what a move does not do."""
REPEATED = 17
"""The statement about a second run: once denials were carried after a move, a run has something to write.
Who left the target has left everything on the source."""
APART = (EXPORTED, IN_TIME)
"""Statements whose tables are not made of what was read and written: they are looked at once, beside the pieces."""
HOUR = timedelta(hours=1)

REPORTED = ("cells", "verdicts", "exceptions", "denials", "held", "suppressed", "lifted", "facts")
"""Tables that a report tells of everybody; the others are only asked by the statements."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The proof, and the tables that it was read from: ``facts`` with ``raw``. Of a population that was judged in pieces,
    only REPORTED are whole, and only where they were asked for.
    """

    proof: Proof
    tables: Tables
    facts: ir.Table


def prove(
    move: Move,
    prepared: Prepared,
    people: PeoplePlan,
    source: Snapshot,
    census: Census,
    reading: Reading,
    *,
    reported: bool = False,
) -> Proven:
    """Write the evidence, judge every statement, and tell what is broken and what nobody can decide.

    ``reported``: keep what a report tells, of everybody.
    """
    move.engine.shrink()
    made, whole, tally, written = _looked(move, prepared, people, source, census, reading, reported=reported)
    asked = unasked(move)
    statements = tuple(
        in_time(move, tally, whole.tables, whole.asked)
        if one.number == IN_TIME
        else statement(one, tally, made.reasons, asked)
        for one in invariants.INVARIANTS
    )
    proof = Proof(statements, Exported(written.file, written.rows, written.head))
    tell(move, proof)
    return Proven(proof, replace(whole.tables, numbers=made.numbers), whole.facts)


def _looked(
    move: Move,
    prepared: Prepared,
    people: PeoplePlan,
    source: Snapshot,
    census: Census,
    reading: Reading,
    *,
    reported: bool,
) -> tuple[Material, Whole, Tally, Evidence]:
    """Every piece, looked at by every statement, and the evidence."""
    signed = prepared.mapping.signed is not None
    made = material(move, people, census, source.manifest.began_at, reading, signed=signed)
    away = unasked(move)
    whole, tally = Whole(move, REPORTED if reported else ("lifted", "facts")), Tally(move)
    with derivations.writing(move, source.manifest.began_at) as derived:
        for piece in made.filled(move):
            whole.add(piece)
            derived.add(piece)
            for one in invariants.INVARIANTS:
                if one.number not in (*APART, *away) and _decidable(one, made.reasons):
                    tally.look(one, piece.tables, piece.asked)
        written = evidence.write(move, prepared, source, whole.facts, whole.tables.lifted, people.law.bound)
        derived.seal(written)
    for part in whole.exported(evidence.table(move, written, whole.facts)):
        tally.look(invariants.by_number(EXPORTED), part, whole.asked)
    return made, whole, tally, written


def unasked(move: Move) -> Mapping[int, str]:
    """Statements that do not apply, with the reason."""
    run = move.ledger.run(move.run_id)
    later = run is not None and run.command not in MOVING and delays.carried(move)
    return {**UNASKED, REPEATED: "denials_came_since"} if later else UNASKED


def _decidable(one: invariants.Invariant, reasons: Mapping[int, str]) -> bool:
    return not (one.number == SETTLING and one.number in reasons)


def statement(
    one: invariants.Invariant, tally: Tally, reasons: Mapping[int, str], unasked: Mapping[int, str] = UNASKED
) -> Judged:
    """What one statement came to, with the rows that break it or that nobody read."""
    reason = reasons.get(one.number, "")
    if one.number in unasked:
        return Judged(one.number, one.sentence, NOT_APPLICABLE, reason=reason or unasked[one.number])
    if not _decidable(one, reasons):
        return Judged(one.number, one.sentence, INCOMPLETE, reason=reason)
    return judge(one.number, one.sentence, tally.counted[one.number], reason, tally.named(one.number))


def in_time(move: Move, tally: Tally, rest: Tables, asked: Asked) -> Judged:
    """The statement about denials that came after a move, from what the passes of ``sync`` left in the ledger.

    What was late is broken until somebody signs for it; what waits, or what nobody could place or read, is undecided.
    """
    one, now, deadline = invariants.by_number(IN_TIME), clock.now(), delays.deadline(move.project.file.consent.regime)
    rows = [row for way in delays.ways(move) for row in delays.delays(move, way)]
    due = [row for row in rows if not (row.excused and row.is_late(deadline, now))]
    at = move.engine.memory(pa.table({"at": pa.array([now], pa.timestamp("us", "UTC"))}))["at"].as_scalar()
    tables = replace(rest, denials=move.engine.memory(delays.table(due)))
    tally.look(one, tables, replace(asked, at=at, deadline=deadline))
    reason, *open_ = delays.opened(move) or ("",)
    counted = tally.counted[IN_TIME] + Counter(checked=len(rows) - len(due), unverified=len(open_))
    judged = judge(IN_TIME, one.sentence, counted, reason, tally.named(IN_TIME) or open_[:NAMED])
    if judged.verdict == FAIL:
        _tell_late(move, [row for row in due if row.is_late(deadline, now)], deadline)
    if judged.verdict != NOT_APPLICABLE:
        return judged
    return replace(judged, reason="nothing_was_late" if move.synced() else "nothing_is_synced")


def _tell_late(move: Move, rows: Sequence[Delay], deadline: timedelta) -> None:
    most = max(((row.effective or clock.now()) - row.observed for row in rows), default=timedelta())
    counts = {"count": str(len(rows)), "waiting": str(sum(row.effective is None for row in rows))}
    hours = {"hours": f"{most / HOUR:.1f}", "within": f"{deadline / HOUR:g}"}
    move.findings.add("denials_late", Severity.WARN, f"{move.target.name}/consent/{IN_TIME}", **counts, **hours)


def tell(move: Move, proof: Proof) -> None:
    """Each broken statement with its rows, each that nobody can decide with its reason."""
    for one in proof.broken:
        for row in one.rows:
            subject = f"{move.target.name}/consent/{one.number}/{row}"
            params = {"invariant": str(one.number), "row": row, "rows": str(one.violations)}
            move.findings.add("invariant_broken", Severity.BLOCK, subject, **params)
    for one in proof.open:
        params = {"invariant": str(one.number), "reason": one.reason}
        params |= {"rows": str(one.unverified), "row": ", ".join(one.rows[:3])}
        move.findings.add("invariant_unverified", Severity.WARN, f"{move.target.name}/consent/{one.number}", **params)
