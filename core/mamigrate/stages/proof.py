"""The proof over a move: its tables filled from what was read, decided, written and read back, and every statement judged."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent.proof import invariants
from mamigrate.consent.proof.judged import INCOMPLETE, NOT_APPLICABLE, SETTLING, Exported, Judged, Proof, judge
from mamigrate.consent.proof.of_move import places
from mamigrate.consent.proof.of_move.fill import Engine, Filled, fill
from mamigrate.consent.proof.of_move.moved import LOOKED_UP, READ_BACK, Moved
from mamigrate.consent.proof.of_move.places import Place
from mamigrate.consent.proof.tables import CELL, SCHEMAS
from mamigrate.consent.proof.words import found
from mamigrate.contract import NeutralRow
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan.origins import LONGEST_TEXT
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import evidence, journal
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.verify import Census, look, standing

NAMED = 20
"""Rows that are named of each statement; the others are counted."""
LATER = timedelta(days=30)
"""How far ahead it is asked whether time alone opens anything."""
LOOKS = {"cells": CELL[1:], "records": ("key",), "denials": ("fact",)}
"""Columns that name a row of which nobody knows."""
UNASKED = {11: "nothing_is_synced", 18: "no_asset_was_moved"}
"""Statements about what a move does not do."""


def prove(move: Move, prepared: Prepared, people: PeoplePlan, source: Snapshot, census: Census) -> Proof:
    """Write the evidence, judge every statement, and tell what is broken and what nobody can decide."""
    filled, reasons = filled_from(move, people, census, source.manifest.began_at)
    written = evidence.write(move, prepared, source, filled.facts, filled.tables.lifted)
    tables = replace(filled.tables, evidence=evidence.table(move, written))
    filled = replace(filled, tables=tables)
    statements = tuple(statement(move, one, filled, reasons) for one in invariants.INVARIANTS)
    proof = Proof(statements, Exported(written.file, written.rows, written.head))
    tell(move, proof)
    return proof


def filled_from(move: Move, people: PeoplePlan, census: Census, at: datetime) -> tuple[Filled, dict[int, str]]:
    """The proof's tables but for the evidence, and why some statements cannot be decided, by number."""
    engine, known = move.engine, places.cells(_places(people))
    wrote = journal.read(move)
    moved = Moved(
        facts=people.told,
        people=people.people,
        clusters=people.clusters,
        matched=people.matched,
        holds=people.holds,
        aliases=people.aliases,
        lawless=people.lawless,
        lifted=people.lifted,
        bearing=people.bearing,
        standing=people.on_target,
        read_back=engine.keep(_read_back(move, people, census)),
        journal=wrote.rows,
        times=engine.memory(_times(at)),
        cells=known,
    )
    assert census.rows is not None, "a census keeps what it read"
    told = list(_numbers(census, _recounted(move, census.rows)))
    numbers = engine.memory(pa.Table.from_pylist(told, schema=SCHEMAS["numbers"]))
    filled = fill(moved, wrote.kinds, numbers, Engine(engine.keep, engine.memory, engine.rows))
    reasons = {SETTLING: "settles_later"}
    return filled, reasons | (dict.fromkeys((5, 6), "journal_open") if wrote.open else {})


def statement(move: Move, one: invariants.Invariant, filled: Filled, reasons: Mapping[int, str]) -> Judged:
    """Count what one statement is about, and name the rows that break it or that nobody read."""
    reason = reasons.get(one.number, "")
    if one.number in UNASKED:
        return Judged(one.number, one.sentence, NOT_APPLICABLE, reason=UNASKED[one.number])
    if one.number == SETTLING:
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


def _places(people: PeoplePlan) -> Iterator[Place]:
    """Fields of the target by topic. A rule without a polarity is one that the source's default gives."""
    for cell in people.planner.cells:
        field = cell.rule.target if cell.rule else None
        polarity = (cell.rule.polarity if cell.rule else None) or "opt_out"
        yield Place(cell.brand, cell.key, cell.asset_class, not cell.default_allows, field, polarity)


def _times(at: datetime) -> pa.Table:
    moment = pa.timestamp("us", "UTC")
    columns = {"snapshot": at, "at": at, "later": at + LATER}
    return pa.table({name: pa.array([when], moment) for name, when in columns.items()})


def _read_back(move: Move, people: PeoplePlan, census: Census) -> ir.Table:
    """What was read back, and whoever stands at a denied address that no record was made for, or whose record is gone."""
    assert census.rows is not None, "a census keeps what it read"
    kept, absent = move.engine.gathered(READ_BACK), _absent(people, census.rows)
    for batch in move.engine.batches(absent.order_by("address"), CHUNK):
        there = look(move, people, people.planner.email_field, [row["address"] for row in batch])
        found = ({row["key"]: row for row in there}).values()
        kept.add([_looked_up(move, people, row) for row in found])
    return census.rows.union(kept.table())


def _looked_up(move: Move, people: PeoplePlan, row: NeutralRow) -> dict[str, object]:
    told = {"kind": LOOKED_UP, "key": row["key"], "target_key": row["key"], "wanted": [], "again": []}
    return {**told, **standing(move, people, row)}


def _absent(people: PeoplePlan, rows: ir.Table) -> ir.Table:
    """(address): denied addresses of which no record was read back, as far as a target can hold them."""
    there = rows.filter(rows.found & rows.loose.notnull()).select(address_loose="loose").distinct()
    gone = people.held.anti_join(there, "address_loose")
    texts = gone.select(address="address").union(gone.select(address="address_loose"))
    plain = texts.filter(texts.address.notnull() & texts.address.re_search("^[!-~]+@[!-~]+$"))
    return plain.filter(plain.address.length() <= LONGEST_TEXT).distinct()


def _numbers(census: Census, counted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Numbers of the report beside what the rows come to that were read back."""
    unread = len(census.unverified)
    said = {
        "mailable": census.mailable_after,
        "suppressed": census.suppressed,
        "unread": unread,
        "people": census.matrix.total(),
    }
    for name, number in said.items():
        yield {
            "population": 0,
            "name": name,
            "said": number,
            "counted": counted[name],
            "verdict": census.verdict,
            "unread": unread,
        }


def _recounted(move: Move, rows: ir.Table) -> dict[str, Any]:
    person, there = rows.kind == Kind.PERSON, rows.found
    told = rows.agg(
        mailable=(person & there & ~rows.blocked & rows.loose.notnull()).sum(),
        suppressed=(~person & there).sum(),
        unread=(~there).sum(),
        people=(person & there).sum(),
    )
    return {name: int(value or 0) for name, value in move.engine.one(told).items()}
