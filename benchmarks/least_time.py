"""The least time in which calls can be made under a vendor's limits, from the numbers alone and without the scheduler.

A bound from below: replies take no time, somebody is always ready to send, and of every stretch of phases the calls of one
vendor must find their places after it began. Nothing can be done sooner; what is done later was the planner's or the way's doing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is ours: ``burst`` calls in any ``window`` seconds; of the ``whole`` quota from midnight to midnight of ``zone`` (None: no
    matter) the ``share``, of which ``used_today`` is gone; and never what ``others`` need of the rest of a day.
    """

    burst: int
    window: float
    whole: int | None = None
    share: float = 1.0
    zone: str = "UTC"
    used_today: int = 0
    others: int = 0


def least(phases: Sequence[Mapping[str, int]], allowed: Mapping[str, Allowed], begins: datetime) -> float:
    """Seconds from ``begins`` until all is done. ``phases``: calls by vendor, each phase after all of the one before it."""
    first = begins.astimezone(UTC)
    starts = [first]
    for number in range(len(phases)):
        ends = [starts[-1]]
        for vendor, may in allowed.items():
            for since in range(number + 1):
                calls = sum(phase.get(vendor, 0) for phase in phases[since : number + 1])
                ends.append(_sent(calls, may, starts[since], first) if phases[number].get(vendor) else starts[since])
        starts.append(max(ends))
    return (starts[-1] - first).total_seconds()


def _sent(calls: int, may: Allowed, at: datetime, first: datetime) -> datetime:
    """When the last of these calls is sent at the soonest, the first of them not before ``at``."""
    while True:
        most = _of_day(may, at, first)
        midnight = _midnight(at, may.zone)
        windows = math.ceil((midnight - at).total_seconds() / may.window)
        today = max(0, min(calls, most, may.burst * windows))  # All calls of a window at its beginning.
        calls -= today
        if not calls:
            return at + timedelta(seconds=max(0, math.ceil(today / may.burst) - 1) * may.window)
        at = midnight


def _of_day(may: Allowed, at: datetime, first: datetime) -> int:
    """Calls that may be ours between ``at`` and the next midnight, had we made none of that day before."""
    if may.whole is None:
        return 1 << 62
    today = _same_day(at, first, may.zone)
    used, since = (may.used_today, first) if today else (0, _midnight(at - timedelta(days=1), may.zone))
    midnight = _midnight(at, may.zone)
    rest = (midnight - since) / (midnight - _midnight(at - timedelta(days=1), may.zone))
    return min(math.floor(may.whole * may.share) - used, math.floor(may.whole - used - may.others * rest))


def _same_day(one: datetime, other: datetime, zone: str) -> bool:
    return one.astimezone(ZoneInfo(zone)).date() == other.astimezone(ZoneInfo(zone)).date()


def _midnight(at: datetime, zone: str) -> datetime:
    """The first instant of the next day there, found by its date: how far it is differs with daylight saving."""
    following = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
