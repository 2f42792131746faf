"""How long a move will take and what it costs: routes, timetable, licence; and the same again when a quota ended it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import ibis
import orjson

from mamigrate import private
from mamigrate.capabilities import Power
from mamigrate.clock import aware
from mamigrate.contract import Quota
from mamigrate.contract.limits import Daily
from mamigrate.contract.routes import Bounded
from mamigrate.errors import QuotaExhausted
from mamigrate.findings import Severity
from mamigrate.http import tally
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.schedule import told
from mamigrate.schedule.choice import Chooser, Chosen
from mamigrate.schedule.retention import calendar
from mamigrate.schedule.room import Side as Room
from mamigrate.schedule.room import Use
from mamigrate.schedule.timetable import Endless, Timetable, timetable
from mamigrate.schedule.work import Work, in_order, units, work
from mamigrate.settings.project import Project
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import ids
from mamigrate.stages.counts import COUNTED
from mamigrate.stages.move import Move, Side
from mamigrate.stages.plan import WRITTEN, Plan

HANDS = 1
"""Calls that this program makes at a time to one side."""
AHEAD = timedelta(days=92)
"""How far ahead deletions are told."""
AGAIN = "forecast.json"
"""Beside plan.json: what was forecast when the run last had to stop."""
READ_BACK = (*WRITTEN, Bucket.EQUAL)


def forecast(move: Move, made: Plan, source: Snapshot) -> dict[str, Any]:
    """As plain values; empty where a side does not say what its limits are. Tells where the licence ends too early."""
    if not all(isinstance(side.adapter, Bounded) for side in (move.source, move.target)):
        return {}
    rooms = {side.name: room(move, side) for side in (move.source, move.target)}
    now = move.target.clock.now()
    reads, writes = list(_reads(move, made, source, rooms, now)), list(_writes(move, made, source, rooms, now))
    works = in_order(one for _, parts in writes for one in parts)
    try:
        table = timetable(works, rooms, now)
    except Endless as endless:
        move.findings.add("limit_leaves_nothing", Severity.WARN, move.target.name, limit=str(endless))
        return {}
    facts = told.timetable(table, works) | {
        "calls_at_a_time": HANDS,
        "calls_by_side": {name: sum(one.calls for one in works if one.side == name) for name in rooms},
        "made_before": {name: tally.calls().get(name, 0) for name in rooms},
        "routes": [told.route(side, one) for side, one in [*reads, *(chosen for chosen, _ in writes)] if one.records],
        "limits": [one for found in rooms.values() for one in told.limits(found)],
        "licence": told.licence(move.project.file.project.licence_ends, move.project.file.project.time_zone, table),
        "deletions": _deletions(move, source, now),
        "left": told.left(works),
    }
    _licence(move, facts)
    return facts


def room(move: Move, side: Side) -> Room:
    """A side's limits with what it reports as used."""
    assert isinstance(side.adapter, Bounded), "looked at by the caller"
    bounds = side.adapter.bounds(side.connection)
    daily = [one for one in bounds.limits if isinstance(one, Daily) and one.unit == "calls"]
    quotas = move.quotas.get(side.name, ())
    return Room(side.name, bounds, {one.name: _use(one, quotas) for one in daily}, HANDS)


def _use(limit: Daily, quotas: Sequence[Quota]) -> Use:
    """What the vendor says now; the tightest where it tells several."""
    told: Quota | None = min(quotas, key=lambda one: one.limit - one.used, default=None)
    return Use(limit.most) if told is None else Use(told.limit, told.used)


Told = tuple[str, Chosen]


def _chooser(side: Side, rooms: Mapping[str, Room], now: datetime) -> Chooser:
    assert isinstance(side.adapter, Bounded), "looked at by the caller"
    return Chooser(rooms[side.name], side.adapter.routes, side.adapter.capabilities, now)


def _reads(move: Move, made: Plan, source: Snapshot, rooms: Mapping[str, Room], now: datetime) -> Iterator[Told]:
    """What was read of the source, by the route that was taken."""
    by, rows = _chooser(move.source, rooms, now), {kind: one.rows for kind, one in source.manifest.kinds.items()}
    for kind in (Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY, Kind.LIST_MEMBERSHIP, Kind.PROGRAM_MEMBERSHIP):
        yield move.source.name, by.choose(kind, Power.READ, rows.get(kind, 0))
    yield move.source.name, by.choose(Kind.CONSENT_FACT, Power.READ, rows.get(Kind.PERSON, 0))
    families = made.history.get("families", ()) if source.has(Kind.ACTIVITY) else ()
    for one in families:
        yield move.source.name, by.choose(Kind.ACTIVITY, Power.READ, one["read"], one["family"])


def _writes(
    move: Move, made: Plan, source: Snapshot, rooms: Mapping[str, Room], now: datetime
) -> Iterator[tuple[Told, list[Work]]]:
    """What is to be written, full batches of creations and of updates apart, and who is read back."""
    by, name = _chooser(move.target, rooms, now), move.target.name

    def one(kind: Kind, power: Power, label: str, *parts: int) -> tuple[Told, list[Work]]:
        chosen = by.choose(kind, power, sum(parts))
        if chosen.route is None or not sum(parts):
            return (name, chosen), []
        batches = [units(chosen.route, n) for n in parts if n]
        calls = sum(batches) - chosen.route.first * (len(batches) - 1)
        return (name, chosen), [work(name, chosen.route, sum(parts), batches=calls, label=f"{name} {label}")]

    for kind in (Kind.ACCOUNT, Kind.PERSON, Kind.LIST, Kind.OPPORTUNITY):
        if move.target.takes(kind):
            yield one(kind, Power.WRITE, f"write {kind}", *(made.number(kind, bucket) for bucket in WRITTEN))
    denied = [made.number(SUPPRESSED, bucket) for bucket in WRITTEN]
    yield one(Kind.PERSON, Power.WRITE, f"write {SUPPRESSED}", *denied)
    yield one(Kind.LIST_MEMBERSHIP, Power.WRITE, f"write {Kind.LIST_MEMBERSHIP}", *_members(move, source))
    decided = [one for one in made.history.get("choices", ()) if one["policy"] == made.history["policy"]]
    yield one(Kind.ACTIVITY, Power.WRITE, f"write {Kind.ACTIVITY}", *(one["activities"] for one in decided))
    read_back = made.number(Kind.PERSON, *READ_BACK) + made.number(SUPPRESSED, *READ_BACK)
    yield one(Kind.PERSON, Power.READ_BACK, f"read back {Kind.PERSON}", read_back)


def _members(move: Move, source: Snapshot) -> list[int]:
    """Members to be written by list: of static ones, without those that an earlier run wrote."""
    if not source.has(Kind.LIST_MEMBERSHIP) or not move.target.takes(Kind.LIST_MEMBERSHIP):
        return []
    static = [one.key for one in source.estate(Kind.LIST) if isinstance(one, List) and not one.dynamic]
    rows = move.engine.table(source, Kind.LIST_MEMBERSHIP)
    done = ids.table(move, Kind.LIST_MEMBERSHIP)
    open_ = rows.filter(rows.list_key.isin(static)).anti_join(done, rows.key == done.source_key) if static else None
    if open_ is None:
        return []
    return [int(row["n"]) for row in move.engine.rows(open_.group_by("list_key").agg(n=ibis._.count()))]


def _deletions(move: Move, source: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """What the source will delete by itself in the next months, by day: of archived records from when they were last changed."""
    assert isinstance(move.source.adapter, Bounded), "looked at by the caller"
    rows: list[tuple[str, datetime, int]] = []
    for kind in (one for one in COUNTED if source.has(one)):
        table = move.engine.table(source, kind)
        gone = table.filter(table.archived & table.updated_at.notnull())
        by_day = gone.group_by(day=gone.updated_at.date()).agg(n=ibis._.count(), last=ibis._.updated_at.max())
        rows += [("archived", aware(row["last"]), int(row["n"])) for row in move.engine.rows(by_day)]
    found = calendar(rows, move.source.adapter.retention, now, now + AHEAD)
    return [{"on": one.on.isoformat(), "what": one.what, "n": one.n} for one in found]


def _licence(move: Move, facts: Mapping[str, Any]) -> None:
    licence = facts["licence"]
    if licence and licence["margin_days"] < 0:
        params = {"ends": licence["ends"], "done": facts["ends"][:10], "late": f"{-licence['margin_days']:g}"}
        move.findings.add("licence_ends_first", Severity.WARN, move.source.name, **params)


def price(move: Move, activities: int, now: datetime) -> float | None:
    """Days that so many activities take alone from now on; None where the target does not say what its limits are."""
    if not isinstance(move.target.adapter, Bounded):
        return None
    rooms = {move.target.name: room(move, move.target)}
    chosen = _chooser(move.target, rooms, now).choose(Kind.ACTIVITY, Power.WRITE, activities)
    return None if chosen.route is None else round(chosen.seconds / 86_400, 5)


def come_back(move: Move, gone: QuotaExhausted) -> None:
    """Give the error the sentence that says when to come back and how long it takes from then; kept beside the plan.

    Nothing where no plan was made yet, or where nobody says when the quota is renewed.
    """
    run = move.ledger.run(move.run_id)
    folder = move.project.plans / run.plan_id if run and run.plan_id else None
    if folder is None or not gone.resets_at or not (folder / "plan.json").exists():
        return
    facts = orjson.loads((folder / "plan.json").read_bytes()).get("forecast") or {}
    if not facts:
        return
    table, works = _again(move, facts, datetime.fromisoformat(gone.resets_at))
    made = told.timetable(table, works) | {"calls_at_a_time": HANDS, "come_back": table.begins.isoformat()}
    zone = move.project.file.project.time_zone
    made["licence"] = told.licence(move.project.file.project.licence_ends, zone, table)
    private.write(folder / AGAIN, orjson.dumps(made, option=orjson.OPT_INDENT_2))
    gone.scheduled = f"From then on: {told.sentence(made)}."


def _again(move: Move, facts: Mapping[str, Any], begins: datetime) -> tuple[Timetable, list[Work]]:
    """What is left of the plan, on days that are new: what the ledger knows as sent is done."""
    sides = (move.source, move.target)
    bounded = {side.name: side.adapter for side in sides if isinstance(side.adapter, Bounded)}
    works = told.again(facts["left"], {name: adapter.routes for name, adapter in bounded.items()})
    sent = {Kind(kind): calls for kind, (calls, _) in move.ledger.sent(move.run_id).items()}
    left = [_without(one, sent) for one in works]
    rooms = {name: room(move, side) for side in sides if (name := side.name) in bounded}
    fresh = {name: Room(name, one.bounds, _renewed(one), one.hands) for name, one in rooms.items()}
    return timetable(left, fresh, begins), left


def _renewed(one: Room) -> dict[str, Use]:
    return {name: Use(use.most) for name, use in one.uses.items()}


def _without(one: Work, sent: dict[Kind, int]) -> Work:
    """Less what was sent of its kind; what is over is another work's of the same kind."""
    if one.route.power is not Power.WRITE:
        return one
    done = min(one.units, sent.get(one.route.kind, 0))
    sent[one.route.kind] = sent.get(one.route.kind, 0) - done
    share = (one.units - done) / one.units if one.units else 0.0
    return Work(one.name, one.side, one.route, math.ceil(one.records * share), one.units - done, one.after)


def kept(project: Project, plan_id: str) -> dict[str, Any]:
    """The newest forecast of a plan, without what only another forecast needs; empty where there is none."""
    for name in (AGAIN, "plan.json") if plan_id else ():
        path = project.plans / plan_id / name
        if path.exists():
            content = orjson.loads(path.read_bytes())
            facts: dict[str, Any] = content if name == AGAIN else content.get("forecast") or {}
            return {name: value for name, value in facts.items() if name != "left"}
    return {}


def actual(move: Move, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was to come when the plan was made beside what came: calls of this process by side, and seconds since the plan."""
    if not facts:
        return {}
    took = (move.target.clock.now() - datetime.fromisoformat(facts["begins"])).total_seconds()
    made = {name: tally.calls().get(name, 0) - before for name, before in facts["made_before"].items()}
    return {"calls": made, "seconds": round(took)}
