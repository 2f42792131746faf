"""A vendor that only counts calls and refuses them as its own pages say, written from the fact sheets alone.

HubSpot: a window of 10 s for each app, a quota of the day for the account, from midnight in its zone (sheet 3). Marketo: a
window of 20 s and ten calls at a time for the instance, whoever calls, a quota of the day from midnight Central (sheet 4).
"""

from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


class Refusal(Exception):
    """The vendor says no; its text is the vendor's code."""


@dataclass
class CountingVendor:
    """``others``: calls a second of other integrations, day and night. ``down``: spans in which nothing is answered.

    ``burnt``: moments at which somebody else takes all that is left of that day. Moments are seconds of the world.
    """

    began: datetime
    window: float
    burst: int
    a_day: int
    zone: str
    at_once: int | None = None
    shared_window: bool = True
    others: float = 0.0
    down: tuple[tuple[float, float], ...] = ()
    burnt: tuple[float, ...] = ()
    codes: tuple[str, str, str] = ("rate", "day", "at once")
    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    under_way: int = 0
    most_under_way: int = 0
    _recent: deque[float] = field(default_factory=deque)
    _midnights: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Midnights of four years, found once: the zone says how long each day is."""
        zone, day = ZoneInfo(self.zone), self.began.astimezone(ZoneInfo(self.zone)).date()
        dates = [day + timedelta(days=n) for n in range(1_500)]
        local = [datetime(one.year, one.month, one.day, tzinfo=zone) for one in dates]
        self._midnights = [one.timestamp() - self.began.timestamp() for one in local]
        self._dates = [one.isoformat() for one in dates]

    def day(self, at: float) -> str:
        return self._dates[bisect_right(self._midnights, at) - 1]

    def used(self, at: float) -> int:
        """Of the day's quota, by everybody, as the vendor's usage page tells it."""
        begin = self._midnights[bisect_right(self._midnights, at) - 1]
        if any(begin <= moment <= at for moment in self.burnt):
            return self.a_day
        return min(self.a_day, self.made[self.day(at)] + self._of_others(begin, at))

    def _of_others(self, begin: float, at: float) -> int:
        return int(self.others * (at - begin))

    def enter(self, at: float) -> None:
        """A call arrives. Raises Refusal, which uses nothing up; ConnectionError while it is down."""
        if any(begin <= at < end for begin, end in self.down):
            raise ConnectionError
        while self._recent and self._recent[0] <= at - self.window:
            self._recent.popleft()
        around = int(self.others * self.window) if self.shared_window else 0
        self._refuse("day", self.used(at) >= self.a_day)
        self._refuse("rate", len(self._recent) + around >= self.burst)
        self._refuse("at once", self.at_once is not None and self.under_way >= self.at_once)
        self._recent.append(at)
        self.made[self.day(at)] += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)

    def _refuse(self, why: str, refused: bool) -> None:
        if refused:
            self.refused[why] += 1
            raise Refusal(why)

    def leave(self) -> None:
        self.under_way -= 1

    def robbed(self) -> list[str]:
        """Days on which others could not have made all their calls because of ours."""
        whole = int(self.others * 86_400)
        return [day for day, calls in self.made.items() if calls + whole > self.a_day]


def marketo(began: datetime, **more: object) -> CountingVendor:
    """The sheet's instance: 100 calls in 20 s and 10 at a time for all integrations together, 50,000 a day."""
    numbers = {"window": 20.0, "burst": 100, "a_day": 50_000, "zone": "America/Chicago", "at_once": 10}
    return CountingVendor(began, **{**numbers, **more})  # type: ignore[arg-type]  # fields of the same names


def hubspot(began: datetime, **more: object) -> CountingVendor:
    """The sheet's smallest account: 100 calls in 10 s for each app, 250,000 a day for all."""
    numbers = {"window": 10.0, "burst": 100, "a_day": 250_000, "zone": "Europe/Berlin", "shared_window": False}
    return CountingVendor(began, **{**numbers, **more})  # type: ignore[arg-type]  # fields of the same names
