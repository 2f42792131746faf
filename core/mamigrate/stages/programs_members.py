"""Members of programs: counted before anything is written, written once people and programs stand, all of them accounted for."""

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.chunks import chunks
from mamigrate.contract import Finder
from mamigrate.errors import Blocked
from mamigrate.findings import Severity
from mamigrate.ledger.tables import Account
from mamigrate.mapping.recipes import Recipes
from mamigrate.mapping.recipes_check import reachable
from mamigrate.model.estate import Program
from mamigrate.model.kinds import Kind
from mamigrate.plan.members import Evidence, MemberPlanner, evidence, folded, rules, united
from mamigrate.plan.model import Bucket, Planned
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import ids
from mamigrate.stages.apply import Writing
from mamigrate.stages.move import Move
from mamigrate.stages.plan import Plan
from mamigrate.stages.programs import Programs

ROWS = 5_000
THERE = pa.schema(
    [("pair", pa.string()), ("there_status", pa.string()), ("there_values", pa.map_(pa.string(), pa.string()))]
)
KIND = Kind.PROGRAM_MEMBERSHIP


def members(move: Move, source: Snapshot, them: Programs) -> ir.Table:
    """(program, person_key, status, step, since, success_at), one row a program and person of the source."""
    assert them.recipes is not None
    engine = move.engine
    told = Evidence(
        engine.table(source, Kind.PERSON),
        engine.table(source, Kind.LIST_MEMBERSHIP),
        engine.table(source, KIND),
        engine.table(source, Kind.ACTIVITY),
    )
    by = engine.memory(rules(them.recipes, them.channels))
    return engine.keep(folded(engine.keep(evidence(told, by))))


def forecast(move: Move, source: Snapshot, them: Programs) -> list[dict[str, Any]]:
    """How many members each program will have, by status, for the plan."""
    if them.recipes is None:
        return []
    found = members(move, source, them)
    counted = found.group_by(["program", "status"]).agg(members=ibis._.count(), successes=found.success_at.count())
    return move.engine.rows(counted.order_by(["program", "status"]))


def derived(move: Move, source: Snapshot, them: Programs) -> int:
    """Memberships that the source has not as such, and that recipes make of lists, forms and emails."""
    if them.recipes is None:
        return 0
    keyed = members(move, source, them).select(key=ibis._.program + "/" + ibis._.person_key)
    more = keyed.anti_join(move.engine.table(source, KIND), "key")
    return int(move.engine.one(more.agg(n=ibis._.count()))["n"])


def write(move: Move, plan: Plan, source: Snapshot, them: Programs, absent: ir.Table) -> None:
    """Write each member with status and days, and account for all that no recipe takes. Ask once people and programs stand."""
    if not move.project.file.history and source.has(Kind.ACTIVITY):
        _account(move, _left(move, move.engine.table(source, Kind.ACTIVITY), "history_undecided"))
    if not move.target.takes(KIND):
        return
    if them.recipes is None:
        _account(move, _left(move, move.engine.table(source, KIND), "program_not_moved"))
        return
    _hold(move, them)
    found = members(move, source, them)
    placed = _placed(move, source, found, them, absent)
    planner = MemberPlanner(
        {one.key: reachable(them.channels[one.channel]) for one in them.recipes.programs}, them.dates
    )
    Writing(move, plan, "program members", KIND).write(_planned(move, planner, placed))
    _account(move, _unused(move, source, found, them.recipes))


def _hold(move: Move, them: Programs) -> None:
    """Raises Blocked where one of our programs sends by itself by now: whoever came into it would be mailed."""
    finder, known = move.target.instance, move.ledger.ids(*move.direction, Kind.PROGRAM)
    if not known or not isinstance(finder, Finder):
        return
    sending = [
        Program.model_validate(row)
        for row in finder.find(Kind.PROGRAM, "id", sorted({row.target_key for row in known.values()}), [])
        if row["sends"]
    ]
    held = [one for one in sending if move.decisions.choice(f"live/program/{one.key}") != "accept"]
    for one in held:
        params = {"name": one.name, "id": one.key}
        move.findings.add("program_sends", Severity.BLOCK, f"{move.target.name}/program/{one.key}", **params)
    if held:
        raise Blocked("program_sends")


def with_targets(move: Move, source: Snapshot, found: ir.Table, absent: ir.Table) -> ir.Table:
    """Members with the target's records of program and person; those who became one there are told (``plan.members.united``)."""
    people = move.engine.keep(ids.of_people(move, source, absent))
    targets = ids.table(move, Kind.PROGRAM).select(made_of="source_key", program_target="target_key")
    known = move.engine.table(source, Kind.PERSON).select(known_key="key")
    joined = found.left_join(people, "person_key").drop("person_key_right")
    joined = joined.left_join(targets, joined.program == targets.made_of).drop("made_of")
    joined = joined.left_join(absent, joined.person_key == absent.lost_key)
    joined = joined.left_join(known, joined.person_key == known.known_key)
    return move.engine.keep(united(joined.mutate(known=ibis._.known_key.notnull()).drop("known_key", "lost_key")))


def _placed(move: Move, source: Snapshot, found: ir.Table, them: Programs, absent: ir.Table) -> ir.Table:
    """With what stands on the target of them."""
    one = with_targets(move, source, found, absent)
    there = move.engine.gather(_there(move, them), THERE)
    mine = ids.table(move, KIND).select(mine_key="source_key", ledger_target="target_key")
    one = one.mutate(place=one.program_target + "/" + one.person_target, own=one.program + "/" + one.person_key)
    one = one.left_join(there, one.place == there.pair)
    return one.left_join(mine, one.own == mine.mine_key)


def _there(move: Move, them: Programs) -> Iterator[pa.RecordBatch]:
    """Members of programs that stood there when this run began: those that it made itself have none yet."""
    finder = move.target.instance
    if not isinstance(finder, Finder):
        return
    for key in sorted({one.key for one in them.standing.values()}):
        rows = finder.find(KIND, "program", [key], sorted(them.dates))
        held = [
            {"pair": row["key"], "there_status": row["status"], "there_values": sorted(row["values"].items())}
            for row in rows
        ]
        move.progress(f"look up {move.target.name} program members", len(held), len(held))
        yield pa.RecordBatch.from_pylist(held, THERE)


def _planned(move: Move, planner: MemberPlanner, placed: ir.Table) -> Iterator[Planned]:
    """By program and status, so that calls are full."""
    for batch in move.engine.batches(placed.order_by(["program", "status", "person_key"]), ROWS):
        yield from map(planner.plan, batch)


def _unused(move: Move, source: Snapshot, found: ir.Table, recipes: Recipes) -> Iterator[Planned]:
    """The source's own memberships that are no member by their key: of a program that is left, or became one with another, or
    with a state that no rule names."""
    rows = move.engine.table(source, KIND).select("key", "program_key", "person_key")
    member = move.engine.keep(found.select(member_key=ibis._.program + "/" + ibis._.person_key))
    lead = [{"of": one, "lead": recipe.key} for recipe in recipes.programs for one in recipe.sources]
    leads = move.engine.memory(pa.Table.from_pylist(lead, pa.schema([("of", pa.string()), ("lead", pa.string())])))
    rest = rows.anti_join(member, rows.key == member.member_key)
    rest = rest.left_join(leads, rest.program_key == leads.of)
    rest = rest.mutate(into=rest["lead"] + "/" + rest.person_key)
    rest = rest.left_join(member, rest.into == member.member_key)
    for batch in move.engine.batches(rest.order_by("key"), ROWS):
        yield from map(_unused_one, batch)


def _unused_one(row: dict[str, Any]) -> Planned:
    if row["lead"] is None:
        return Planned(KIND, row["key"], Bucket.LEFT, "program_not_moved")
    if row["member_key"] is not None:
        return Planned(KIND, row["key"], Bucket.MERGED, "one_recipe", row["into"])
    return Planned(KIND, row["key"], Bucket.LEFT, "no_rule_for_state")


def _left(move: Move, table: ir.Table, reason: str) -> Iterator[Planned]:
    kind = KIND if "program_key" in table.columns else Kind.ACTIVITY
    for batch in move.engine.batches(table.select("key").order_by("key"), ROWS):
        yield from (Planned(kind, row["key"], Bucket.LEFT, reason) for row in batch)


def _account(move: Move, planned: Iterator[Planned]) -> None:
    for part in chunks(planned, ROWS):
        move.ledger.account(_accounts(move, part))


def _accounts(move: Move, planned: Sequence[Planned]) -> list[Account]:
    return [
        Account(
            run_id=move.run_id,
            kind=one.kind,
            source_key=one.key,
            bucket=one.bucket,
            reason=one.reason,
            detail=one.detail,
            target_key="",
        )
        for one in planned
    ]
