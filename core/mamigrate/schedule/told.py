"""A timetable as plain values for plan.json, the report and the screen, and back again. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from mamigrate.contract.limits import AtOnce, Daily, Limit, Queue, Rolling
from mamigrate.contract.routes import Route
from mamigrate.schedule.choice import Chosen
from mamigrate.schedule.room import Side, Use
from mamigrate.schedule.timetable import Timetable, binding, critical_path
from mamigrate.schedule.work import Work

Facts = dict[str, Any]


def timetable(made: Timetable, works: Sequence[Work]) -> Facts:
    """``path``: what the end hangs on; ``binds``: seconds of it by limit; ``days``: calls of each vendor's day."""
    path = critical_path(made, works)
    return {
        "begins": made.begins.isoformat(),
        "ends": made.until.isoformat(),
        "seconds": round(made.seconds),
        "calls": sum(one.calls for one in works),
        "days": [{"side": side, "day": day, "calls": round(n)} for (side, day), n in sorted(made.days.items()) if n],
        "path": [
            {"work": one.work, "until": one.until.isoformat(), "limit": one.limit, "calls": round(one.calls)}
            for one in path
        ],
        "binds": [{"limit": limit, "seconds": round(seconds)} for limit, seconds in binding(path).items()],
    }


def route(side: str, one: Chosen) -> Facts:
    """Which route a kind goes, what it costs, and why no other."""
    return {
        "side": side,
        "kind": one.kind.value,
        "power": one.power.value,
        "route": one.route.name if one.route else None,
        "part": one.route.part if one.route else "",
        "records": one.records,
        "calls": one.calls,
        "others": [{"route": other.route, "why": other.why, "says": other.says} for other in one.others],
    }


def limits(side: Side) -> list[Facts]:
    """Each limit with what is ours of it, what is used, and where it stands."""
    return [_limit(side, one) for one in side.limits]


def _limit(side: Side, one: Limit) -> Facts:
    told = {"side": side.name, "name": one.name, "source": one.source}
    match one:
        case Daily():
            use = side.uses.get(one.name, Use(one.most))
            ours = {"most": use.most, "ours": side.ours(use.most), "used": use.used, "others": one.others}
            return told | ours | {"zone": one.zone, "unit": one.unit}
        case Rolling():
            return told | {"most": one.most, "ours": side.ours(one.most), "seconds": one.seconds}
        case AtOnce():
            return told | {"most": one.most, "ours": one.most}
        case Queue():
            return told | {"most": one.executing, "ours": one.executing, "queued": one.queued}


def licence(ends: date | None, zone: str, made: Timetable) -> Facts | None:
    """Days between the end of the work and the last instant of the licence's last day; negative: too late."""
    if ends is None:
        return None
    last = datetime.combine(ends, time.max, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return {"ends": ends.isoformat(), "margin_days": round((last - made.until).total_seconds() / 86_400, 1)}


def left(works: Iterable[Work]) -> list[Facts]:
    """Work that is still to be done, so that what is left of it can be planned again."""
    return [
        {
            "name": one.name,
            "side": one.side,
            "kind": one.route.kind.value,
            "power": one.route.power.value,
            "route": one.route.name,
            "part": one.route.part,
            "records": one.records,
            "units": one.units,
            "after": sorted(one.after),
        }
        for one in works
    ]


def again(told: Iterable[Mapping[str, Any]], routes: Mapping[str, Sequence[Route]]) -> list[Work]:
    """What ``left`` told, with the routes of each side as they are now; work of a route that is gone is left out."""
    found = [(one, _route(one, routes.get(one["side"], ()))) for one in told]
    return [
        Work(one["name"], one["side"], by, one["records"], one["units"], frozenset(one["after"]))
        for one, by in found
        if by is not None
    ]


def _route(told: Mapping[str, Any], routes: Sequence[Route]) -> Route | None:
    wanted = told["kind"], told["power"], told["route"], told["part"]
    return next((one for one in routes if (one.kind.value, one.power.value, one.name, one.part) == wanted), None)


def sentence(facts: Mapping[str, Any]) -> str:
    """What is still to be done, for a screen."""
    bound = facts["binds"][0]["limit"] if facts["binds"] else ""
    span = lasting(facts["seconds"])
    margin = facts.get("licence")
    licence = f"; {margin['margin_days']:g} days before the licence ends" if margin else ""
    days = len({one["day"] for one in facts["days"]})
    return (
        f"{facts['calls']:,} calls in {span} on {days} {'day' if days == 1 else 'days'}, "
        f"done by {facts['ends'][:16].replace('T', ' ')} UTC{f', bound by {bound}' if bound else ''}{licence}"
    )


def lasting(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 120:
        return f"{round(seconds)} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
