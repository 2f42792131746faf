"""A limit with what is ours of it: without the reserve of others, and without what is used up already. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mamigrate.contract.limits import AtOnce, Bounds, Daily, Limit, Queue, Rolling
from mamigrate.schedule.work import Work

OWN = "one call at a time (this program)"
"""The limit that is not the vendor's."""


@dataclass(frozen=True, slots=True)
class Use:
    """Of a day's limit: ``most`` as the vendor states it now, ``used`` of today by everybody, ``others`` of every later day by
    other integrations, as far as anybody knows.
    """

    most: int
    used: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """What one connection may do. ``uses`` are by the name of the day's limit. ``hands``: calls that we make at a time."""

    name: str
    bounds: Bounds
    uses: Mapping[str, Use] = field(default_factory=dict)
    hands: int | None = None

    @property
    def limits(self) -> Sequence[Limit]:
        own = () if self.hands is None else (AtOnce(OWN, self.hands),)
        return (*self.bounds.limits, *own)

    def meant(self, work: Work) -> Sequence[Limit]:
        """Limits that count this work's calls, bytes or jobs."""
        return [one for one in self.limits if not one.scope or one.scope in work.route.counts_as]

    def ours(self, most: int) -> int:
        return max(1, math.floor(most * self.bounds.share))

    def rate(self, limit: Limit, work: Work) -> float:
        """Units a second that the limit lets through, infinite for limits of a day.

        A place in a window is taken from the sending of a call until the window after its reply.
        """
        seconds = self.bounds.seconds
        match limit:
            case Rolling():
                return self.ours(limit.most) / (limit.seconds + seconds) / places(limit, work)
            case AtOnce():
                return limit.most / seconds / work.calls_each
            case Queue():
                job = work.route.job
                return min(limit.executing, work.units) / job.seconds if job else math.inf
            case Daily():
                return math.inf

    def budget(self, limit: Daily, day: int) -> float:
        """Calls or bytes that are ours on the first day (0) or a later one."""
        use = self.uses.get(limit.name, Use(limit.most))
        return max(0.0, float(self.ours(use.most) - (use.used if day == 0 else use.others)))


def uses(limit: Daily, work: Work) -> float:
    """What a unit takes of a day's limit."""
    return work.bytes_each if limit.unit == "bytes" else work.calls_each


def places(limit: Rolling, work: Work) -> float:
    """What a unit takes of a window: of one of jobs a job takes one place, of one of calls as many as it makes."""
    return 1.0 if limit.scope and work.route.job else work.calls_each


def midnight(limit: Daily, now: datetime) -> datetime:
    """When the vendor's next day begins; days of 23 and 25 hours are what its zone makes of them."""
    zone = ZoneInfo(limit.zone)
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)


def day_of(limit: Daily, now: datetime) -> str:
    """The vendor's day, ISO 8601."""
    return now.astimezone(ZoneInfo(limit.zone)).date().isoformat()
