"""The proof over a move: its tables filled from what was read, decided, written and read back, and every statement judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mamigrate.consent.proof import invariants
from mamigrate.consent.proof.judged import INCOMPLETE, NOT_APPLICABLE, SETTLING, Exported, Judged, Proof, judge
from mamigrate.consent.proof.of_move.fill import Filled
from mamigrate.consent.proof.tables import CELL
from mamigrate.consent.proof.words import found
from mamigrate.findings import Severity
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import evidence
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.proof_tables import Reading, filled
from mamigrate.stages.verify import Census

NAMED = 20
"""Rows that are named of each statement; the others are counted."""
LOOKS = {"cells": CELL[1:], "records": ("key",), "denials": ("fact",)}
"""Columns that name a row of which nobody knows."""
UNASKED = {11: "nothing_is_synced", 18: "no_asset_was_moved"}
"""Statements about what a move does not do."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The proof, and the tables that it was read from."""

    proof: Proof
    filled: Filled


def prove(
    move: Move, prepared: Prepared, people: PeoplePlan, source: Snapshot, census: Census, reading: Reading
) -> Proven:
    """Write the evidence, judge every statement, and tell what is broken and what nobody can decide."""
    made, reasons = filled(move, people, census, source.manifest.began_at, reading)
    written = evidence.write(move, prepared, source, made.facts, made.tables.lifted)
    tables = replace(made.tables, evidence=evidence.table(move, written))
    made = replace(made, tables=tables)
    statements = tuple(statement(move, one, made, reasons) for one in invariants.INVARIANTS)
    proof = Proof(statements, Exported(written.file, written.rows, written.head))
    tell(move, proof)
    return Proven(proof, made)


def statement(move: Move, one: invariants.Invariant, filled: Filled, reasons: Mapping[int, str]) -> Judged:
    """Count what one statement is about, and name the rows that break it or that nobody read."""
    reason = reasons.get(one.number, "")
    if one.number in UNASKED:
        return Judged(one.number, one.sentence, NOT_APPLICABLE, reason=UNASKED[one.number])
    if one.number == SETTLING and reason:
        return Judged(one.number, one.sentence, INCOMPLETE, reason=reason)
    counted = next(iter(move.engine.rows(invariants.counts(one, filled.tables, filled.asked))), {})
    judged = judge(one.number, one.sentence, counted, reason)
    return replace(judged, rows=tuple(_named(move, one, filled, judged)))


def _named(move: Move, one: invariants.Invariant, filled: Filled, judged: Judged) -> Iterator[str]:
    if judged.violations:
        rows = one.broken(filled.tables, filled.asked)
    elif judged.unverified and one.unread is not None:
        rows = found(one.unread(filled.tables, filled.asked), *LOOKS[one.over])
    else:
        return
    named = rows.select("subject").distinct().order_by("subject").limit(NAMED)
    yield from (row["subject"] for row in move.engine.rows(named))


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
