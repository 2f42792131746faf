"""A vendor's limits, all kept at once: rolling windows, calls at a time, calls or bytes a day.

A call counts from its sending until its reply plus the window: whatever the way takes, the vendor then never counts more
than we do.
"""

import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mamigrate.clock import Clock
from mamigrate.contract.limits import AtOnce, Daily, Limit, Queue, Rolling
from mamigrate.errors import QuotaExhausted


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply's headers told about a limit: how much it allows in all, and how much is left for everybody."""

    name: str
    most: int
    left: int


class Pacer:
    """Makes callers wait until every limit allows the next call. ``share`` of each limit is ours, the rest is reserve."""

    def __init__(self, connection: str, clock: Clock, limits: Sequence[Limit], share: float = 1.0) -> None:
        self._clock = clock
        self._meters = [_meter(limit, share, connection) for limit in limits if not isinstance(limit, Queue)]
        self._turn = threading.Condition()

    @contextmanager
    def turn(self, scopes: tuple[str, ...] = ()) -> Iterator[None]:
        """Wait for a place, hold it while the call runs. Raises QuotaExhausted when a day's share is used up."""
        while (wait := self.ask(scopes)) > 0:
            if math.isinf(wait):  # Only a reply of another thread can free a place.
                with self._turn:
                    self._turn.wait(timeout=1.0)
            else:
                self._clock.sleep(wait)
        try:
            yield
        finally:
            self.leave(scopes)

    def ask(self, scopes: tuple[str, ...] = ()) -> float:
        """Seconds until there may be a place, infinite where only the end of a call frees one; 0: it is taken.

        Raises QuotaExhausted when a day's share is used up.
        """
        with self._turn:
            meters = self._of(scopes)
            wait = max((meter.wait(self._clock) for meter in meters), default=0.0)
            if wait <= 0:
                for meter in meters:
                    meter.begin()
            return max(0.0, wait)

    def leave(self, scopes: tuple[str, ...] = ()) -> None:
        """A call of ours ended: its place counts until the window has passed."""
        with self._turn:
            for meter in self._of(scopes):
                meter.end(self._clock)
            self._turn.notify_all()

    def _of(self, scopes: tuple[str, ...]) -> "Sequence[_Meter]":
        return [meter for meter in self._meters if not meter.limit.scope or meter.limit.scope in scopes]

    def learn(self, reading: Reading) -> None:
        """Take over what the vendor says about a limit: it counts every integration, we only count ourselves."""
        with self._turn:
            for meter in self._meters:
                if meter.limit.name == reading.name:
                    meter.learn(reading, self._clock)

    def received(self, size: int, scopes: tuple[str, ...] = ()) -> None:
        """Count the bytes of a reply against limits of bytes."""
        with self._turn:
            for meter in self._meters:
                if isinstance(meter, _DailyMeter) and (not meter.limit.scope or meter.limit.scope in scopes):
                    meter.received(size)

    def exhaust(self, name: str) -> None:
        """The vendor says that a day's quota is gone: nobody else needs to ask again before it resets."""
        with self._turn:
            for meter in self._meters:
                if isinstance(meter, _DailyMeter) and meter.limit.name == name:
                    meter.used = max(meter.used, meter.most)

    def resets_at(self, name: str) -> str:
        """When a day's limit begins anew: ISO 8601 with offset, or empty for a name that is no daily limit."""
        found = (m for m in self._meters if isinstance(m, _DailyMeter) and m.limit.name == name)
        return next((meter.midnight(self._clock.now()).isoformat() for meter in found), "")


class _RollingMeter:
    def __init__(self, limit: Rolling, share: float) -> None:
        self.limit, self._share = limit, share
        self._most = _part(limit.most, share)
        self._running, self._ended = 0, deque[float]()
        self._others, self._others_until = 0, 0.0

    def wait(self, clock: Clock) -> float:
        now = clock.monotonic()
        while self._ended and self._ended[0] <= now - self.limit.seconds:
            self._ended.popleft()
        most = self._most if now >= self._others_until else max(1, self._most - self._others)
        if self._running + len(self._ended) < most:
            return 0.0
        if not self._ended:
            return math.inf
        # Never zero: the sum can round down to now.
        return max(self._ended[0] + self.limit.seconds - now, 0.001)

    def begin(self) -> None:
        self._running += 1

    def end(self, clock: Clock) -> None:
        self._running -= 1
        self._ended.append(clock.monotonic())

    def learn(self, reading: Reading, clock: Clock) -> None:
        """Others' calls beyond the reserve come off our share until the window has passed."""
        self._most = _part(reading.most, self._share)
        others = reading.most - reading.left - len(self._ended) - self._running
        self._others = max(0, others - (reading.most - self._most))
        self._others_until = clock.monotonic() + self.limit.seconds


class _AtOnceMeter:
    def __init__(self, limit: AtOnce) -> None:
        self.limit, self._running = limit, 0

    def wait(self, clock: Clock) -> float:
        return 0.0 if self._running < self.limit.most else math.inf

    def begin(self) -> None:
        self._running += 1

    def end(self, clock: Clock) -> None:
        self._running -= 1

    def learn(self, reading: Reading, clock: Clock) -> None:
        """Nothing: no vendor tells how many calls are under way."""


class _DailyMeter:
    def __init__(self, limit: Daily, share: float, connection: str) -> None:
        self.limit, self._share, self._connection = limit, share, connection
        self.all, self.most, self.used = limit.most, _part(limit.most, share), 0
        self._day: str | None = None
        self._reserved = 0

    def wait(self, clock: Clock) -> float:
        now = clock.now()
        self._begin_day(now)
        if self.used >= self.most or self.used + self._reserved >= self.all:
            resets = self.midnight(now).isoformat()
            raise QuotaExhausted(self._connection, self.limit.name, resets_at=resets)
        return 0.0

    def _needed(self, now: datetime) -> int:
        """What others need of the rest of this day: counted from when we were told what is used, since we see no more of theirs."""
        if not self.limit.others:
            return 0
        end = self.midnight(now)
        begin = datetime.combine(end.date() - timedelta(days=1), time(), tzinfo=end.tzinfo)
        rest = (end.timestamp() - now.timestamp()) / (end.timestamp() - begin.timestamp())
        return math.ceil(self.limit.others * rest)

    def _begin_day(self, now: datetime) -> None:
        today = now.astimezone(ZoneInfo(self.limit.zone)).date().isoformat()
        if today != self._day:
            self._day, self.used, self._reserved = today, 0, self._needed(now)

    def begin(self) -> None:
        self.used += self.limit.unit == "calls"

    def end(self, clock: Clock) -> None:
        """Nothing: a call counts from its beginning."""

    def received(self, size: int) -> None:
        self.used += size if self.limit.unit == "bytes" else 0

    def learn(self, reading: Reading, clock: Clock) -> None:
        """What others and earlier processes used of this day counts as used."""
        self._begin_day(clock.now())
        self.all, self.most = reading.most, _part(reading.most, self._share)
        self.used = max(self.used, reading.most - reading.left)
        self._reserved = self._needed(clock.now())

    def midnight(self, now: datetime) -> datetime:
        zone = ZoneInfo(self.limit.zone)
        return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)


_Meter = _RollingMeter | _AtOnceMeter | _DailyMeter


def _meter(limit: Rolling | AtOnce | Daily, share: float, connection: str) -> _Meter:
    match limit:
        case Rolling():
            return _RollingMeter(limit, share)
        case AtOnce():
            return _AtOnceMeter(limit)
        case Daily():
            return _DailyMeter(limit, share, connection)


def _part(most: int, share: float) -> int:
    return max(1, math.floor(most * share))
