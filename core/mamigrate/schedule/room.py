"""A limit with what is ours of it: without the reserve of others, and without what is used up already. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mamigrate.contract.limits import AtOnce, Bounds, Daily, Limit, Queue, Rolling
from mamigrate.schedule.work import Work

OWN = "one call at a time (this program)"
"""The limit that is not the vendor's."""


@dataclass(frozen=True, slots=True)
class Use:
    """Of a day's limit: ``most`` as the vendor states it now, ``used`` of today by everybody."""

    most: int
    used: int = 0


@dataclass(slots=True)
class Purse:
    """What is left of a day: ``left`` of our share, which others use up too, ``drain`` a second; and ``spare`` beside all that
    others need on that day.
    """

    left: float
    spare: float
    drain: float

    def is_gone(self, least: float) -> bool:
        return min(self.left, self.spare) <= least

    def lasts(self, rate: float) -> float:
        """Seconds, while we spend so much a second, which is more than nothing."""
        return max(0.0, min(self.left / (rate + self.drain), self.spare / rate))

    def spend(self, ours: float, seconds: float) -> None:
        self.left -= ours + self.drain * seconds
        self.spare -= ours


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

    def purse(self, limit: Daily, now: datetime, *, first: bool) -> Purse:
        """Of the day of ``now``. What is used is known of the ``first`` day, and nothing is of a later one that begins."""
        use = self.uses.get(limit.name, Use(limit.most))
        used, (begins, ends) = use.used if first else 0, day(limit, now)
        whole, left = ends - begins, ends - now.astimezone(UTC)
        return Purse(
            left=float(self.ours(use.most) - used),
            spare=use.most - used - limit.others * (left / whole),
            drain=limit.others / whole.total_seconds(),
        )


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


def day(limit: Daily, now: datetime) -> tuple[datetime, datetime]:
    """Both midnights of the vendor's day, in UTC."""
    zone = ZoneInfo(limit.zone)
    begins = datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
    return begins.astimezone(UTC), midnight(limit, now).astimezone(UTC)


def day_of(limit: Daily, now: datetime) -> str:
    """The vendor's day, ISO 8601."""
    return now.astimezone(ZoneInfo(limit.zone)).date().isoformat()
