"""What was won, split over programs: once over the source's rows, once over what the target reads back, to the cent."""

from collections.abc import Iterator
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.contract import Finder
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan.attribution import attribution, cents_of
from mamigrate.plan.origins import source_key
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import ids
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.programs import Programs
from mamigrate.stages.programs_members import members

DEALS = pa.schema([("deal", pa.string()), ("amount", pa.string()), ("person", pa.string())])
SUCCESSES = pa.schema([("program", pa.string()), ("person", pa.string())])


def compare(move: Move, prepared: Prepared, source: Snapshot, them: Programs, absent: ir.Table) -> list[dict[str, Any]]:
    """By program: cents ``won`` on the source, cents of it that ``moved`` (people and opportunities that stand on the target),
    and cents that the ``target`` reads back. Where the last two differ, a finding names the program. Ask after everything is
    written; nothing where no recipe says what is won.
    """
    told = them.recipes.attribution if them.recipes else None
    if told is None or not source.has(Kind.OPPORTUNITY):
        return []
    people = move.engine.keep(ids.of_people(move, source, absent))
    deals = move.engine.keep(_deals(move, source, told.won_stages, told.amount, people))
    successes = move.engine.keep(_successes(move, source, them, people))
    everything = _by_program(move, deals.mutate(person=ibis._.who), successes.mutate(person=ibis._.who))
    there = ids.table(move, Kind.OPPORTUNITY).select(deal="source_key")
    carried = deals.semi_join(there, "deal").filter(ibis._.person_target.notnull())
    done = successes.filter(successes.person_target.notnull())
    moved = _by_program(move, carried.mutate(person="person_target"), done.mutate(person="person_target"))
    amount = next((one.target for one in prepared.rules[Kind.OPPORTUNITY].rules if one.source == told.amount), "")
    if not amount or not move.target.takes(Kind.OPPORTUNITY):
        subject = f"{move.target.name}/{Kind.OPPORTUNITY}"
        move.findings.add("attribution_not_compared", Severity.WARN, subject, field=told.amount)
        return _rows(everything, moved, None)
    target = _by_program(move, *_read_back(move, carried, amount, them))
    _tell(move, moved, target)
    return _rows(everything, moved, target)


def _deals(move: Move, source: Snapshot, stages: tuple[str, ...], amount: str, people: ir.Table) -> ir.Table:
    """(deal, cents, person_target, who): each who takes part in an opportunity that was won."""
    every = move.engine.table(source, Kind.OPPORTUNITY)
    won = every.filter(~every.archived & every.stage.isin(stages))
    pairs = won.select(deal="key", cents=cents_of(won["values"].get(amount)), person_key=won.person_keys.unnest())
    return _with_people(pairs, people)


def _successes(move: Move, source: Snapshot, them: Programs, people: ir.Table) -> ir.Table:
    found = members(move, source, them)
    return _with_people(found.filter(found.succeeded).select("program", "person_key"), people)


def _with_people(rows: ir.Table, people: ir.Table) -> ir.Table:
    """``who``: the record on the target that people became, who may be one by now; else the source's own."""
    joined = rows.left_join(people, "person_key").drop("person_key_right")
    return joined.mutate(who=ibis.coalesce("there/" + joined.person_target, joined.person_key))


def _by_program(move: Move, deals: ir.Table, successes: ir.Table) -> dict[str, int]:
    rows = attribution(deals.select("deal", "cents", "person"), successes.select("program", "person").distinct())
    return {row["program"]: int(row["cents"]) for row in move.engine.rows(rows)}


def _read_back(move: Move, carried: ir.Table, amount: str, them: Programs) -> tuple[ir.Table, ir.Table]:
    """What the target holds of these opportunities, with who takes part there, and who succeeded in our programs there."""
    deals = move.engine.gather(_deals_there(move, carried, amount), DEALS)
    successes = move.engine.gather(_successes_there(move, them), SUCCESSES)
    return deals.mutate(cents=cents_of(deals.amount)), successes


def _deals_there(move: Move, carried: ir.Table, amount: str) -> Iterator[pa.RecordBatch]:
    finder = move.target.instance
    if not isinstance(finder, Finder):
        return
    key_field = move.target.adapter.key_fields[Kind.OPPORTUNITY]
    for batch in move.engine.batches(carried.select("deal").distinct().order_by("deal"), CHUNK):
        keys = [source_key(move.source.name, Kind.OPPORTUNITY, row["deal"]) for row in batch]
        rows = [
            {"deal": one["key"], "amount": one["values"].get(amount), "person": person}
            for one in finder.find(Kind.OPPORTUNITY, key_field, keys, [key_field, amount])
            for person in one["person_keys"]
        ]
        yield pa.RecordBatch.from_pylist(rows, DEALS)


def _successes_there(move: Move, them: Programs) -> Iterator[pa.RecordBatch]:
    finder, named = move.target.instance, {one.key for one in them.recipes.programs} if them.recipes else set()
    known = {key: row.target_key for key, row in move.ledger.ids(*move.direction, Kind.PROGRAM).items() if key in named}
    if not isinstance(finder, Finder):
        return
    for key, target in sorted(known.items()):
        rows = finder.find(Kind.PROGRAM_MEMBERSHIP, "program", [target], [])
        told = [{"program": key, "person": one["person_key"]} for one in rows if one["succeeded"]]
        move.progress(f"look up {move.target.name} successes", len(told), len(told))
        yield pa.RecordBatch.from_pylist(told, SUCCESSES)


def _tell(move: Move, moved: dict[str, int], target: dict[str, int]) -> None:
    differing = [one for one in sorted({*moved, *target}) if moved.get(one, 0) != target.get(one, 0)]
    for program in differing:
        params = {"was": money(moved.get(program, 0)), "now": money(target.get(program, 0))}
        move.findings.add("attribution_differs", Severity.WARN, f"{move.source.name}/program/{program}", **params)
    if not differing and moved:
        params = {"total": money(sum(moved.values())), "n": str(len(moved))}
        move.findings.add("attribution_equal", Severity.NOTE, f"{move.target.name}/program", **params)


def _rows(won: dict[str, int], moved: dict[str, int], target: dict[str, int] | None) -> list[dict[str, Any]]:
    """None: it could not be read back."""
    return [
        {
            "program": one,
            "won": money(won.get(one, 0)),
            "moved": money(moved.get(one, 0)),
            "target": None if target is None else money(target.get(one, 0)),
        }
        for one in sorted({*won, *moved, *(target or {})})
    ]


def money(cents: int) -> str:
    """Cents as an amount with two places."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
