"""The tables of the proof over a move: filled from what was read, decided, written and read back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent.proof.judged import SETTLING
from mamigrate.consent.proof.of_move import pieces, places
from mamigrate.consent.proof.of_move.fill import Engine, Filled, fill
from mamigrate.consent.proof.of_move.moved import LOOKED_UP, READ_BACK, Moved
from mamigrate.consent.proof.of_move.places import Place
from mamigrate.consent.proof.tables import SCHEMAS
from mamigrate.contract import NeutralRow
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan.origins import LONGEST_TEXT
from mamigrate.snapshot.slots import Slots
from mamigrate.stages import journal
from mamigrate.stages import standing as stands
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.verify import Census, look, standing

LATER = timedelta(days=30)
"""How far ahead it is asked whether time alone opens anything."""
PIECE = 2500
"""People of a piece: some ten thousand of their denials and cells are joined at once, which half of the engine's memory holds."""
FACTS = 25_000
"""Facts of a piece, where people have many or where most are about addresses of nobody."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the target was read. ``wrote_by``: the run whose writes are looked at; None: none wrote. ``before``: the target's
    people before that run. ``settled``: the target had its time since; ``why``: the reason while it had not.
    """

    wrote_by: str | None
    before: ir.Table
    settled: bool = False
    why: str = "settles_later"


@dataclass(frozen=True, slots=True)
class Material:
    """What the proof is made from. ``reasons``: why some statements cannot be decided, by number."""

    moved: Moved
    kinds: tuple[places.Wrote, ...]
    numbers: ir.Table
    reasons: dict[int, str]

    def filled(self, move: Move) -> Iterator[Filled]:
        """The proof's tables but for the evidence, piece by piece. Those of one piece are gone when the next one comes."""
        engine = Engine(move.engine.keep, move.engine.memory, move.engine.rows)
        number = self._pieces(move)
        if number == 1:
            yield fill(self.moved, self.kinds, self.numbers, engine)
            return
        cut, slots = pieces.cut(self.moved, number, engine, move.engine.stream), Slots(move.engine)
        for at in range(number):
            slots.begin()
            one = Engine(slots.keep, slots.memory, move.engine.rows)
            # The report's numbers are those of all, so they stand in one piece only.
            yield replace(fill(cut(at, one), self.kinds, self.numbers.filter(at == 0), one), only=False)

    def _pieces(self, move: Move) -> int:
        sizes = {"matched": PIECE, "read_back": PIECE, "facts": FACTS}
        counted = {name: _count(move, getattr(self.moved, name)) for name in sizes}
        return max(1, *(-(-counted[name] // size) for name, size in sizes.items()))


def _count(move: Move, table: ir.Table) -> int:
    return int(move.engine.one(table.agg(n=table.count()))["n"])


def material(
    move: Move, people: PeoplePlan, census: Census, at: datetime, reading: Reading, *, signed: bool
) -> Material:
    """Gather what was read, decided, written and read back. ``signed``: somebody signed the mapping."""
    engine, known = move.engine, cells(people)
    wrote = journal.read(move, reading.wrote_by)
    if wrote.earlier:
        move.findings.add(
            "writes_before_reading", Severity.NOTE, f"{move.target.name}/person", count=str(wrote.earlier)
        )
    rows = census.rows
    if rows is None:
        raise ValueError("a census keeps what it read")
    moved = Moved(
        facts=people.told,
        people=people.people,
        clusters=people.clusters,
        matched=people.matched,
        holds=people.holds,
        aliases=people.aliases,
        lawless=people.law.denied,
        made=people.law.made,
        bound=people.law.bound,
        based=people.law.based,
        lifted=people.lifted,
        refused=engine.keep(_refused(move, people, reading.before)),
        linked=people.linked,
        bearing=people.bearing,
        standing=reading.before,
        read_back=engine.keep(_read_back(move, people, rows)),
        journal=wrote.rows,
        times=engine.memory(_times(at)),
        cells=known,
        target=move.target.name,
        settled=reading.settled,
        signed=signed,
    )
    told = list(_numbers(census, _recounted(move, rows)))
    numbers = engine.memory(pa.Table.from_pylist(told, schema=SCHEMAS["numbers"]))
    reasons = {} if reading.settled else {SETTLING: reading.why}
    reasons |= dict.fromkeys((5, 6), "journal_open") if wrote.open else {}
    return Material(moved, wrote.kinds, numbers, reasons)


def _refused(move: Move, people: PeoplePlan, before: ir.Table) -> ir.Table:
    """What stood against mail before the move, and what does now: a hold that ran out while the target was read is over."""
    told = people.refused
    if before is not people.on_target:
        flags = stands.flags(move, before)
        told = told.union(stands.refused(move, people.planner.cells, before, flags, people.echoes), distinct=True)
    return told.filter(told.until.isnull() | (told.until > move.engine.instant(move.target.clock.now())))


def cells(people: PeoplePlan) -> places.Cells:
    """Every cell that the proof looks at, with its places on the target."""
    return places.cells(_places(people))


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


def _read_back(move: Move, people: PeoplePlan, rows: ir.Table) -> ir.Table:
    """What was read back, and whoever stands at a denied address that no record was made for, or whose record is gone."""
    absent = _absent(people, rows)
    with move.engine.gathered(READ_BACK) as kept:
        for batch in move.engine.batches(absent.order_by("address"), CHUNK):
            there = look(move, people, people.planner.email_field, [row["address"] for row in batch])
            found = ({row["key"]: row for row in there}).values()
            kept.add([_looked_up(move, people, row) for row in found])
    return rows.union(kept.table())


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
        "suppressed": census.suppressed + census.beside,
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
