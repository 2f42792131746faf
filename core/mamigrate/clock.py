"""One source of time for pacing, retries, polls, settle times and retention. Socket time-outs stay on wall time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """``now`` is UTC; ``monotonic`` never goes back; ``sleep`` takes seconds of this clock."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """Real time, or real time run ``speed`` times faster (only ever against a local sandbox)."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._began, self._zero = datetime.now(UTC), time.monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._zero) * self.speed

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds / self.speed)


class HandClock:
    """A clock that only moves when told: ``sleep`` moves it at once. For tests and simulations."""

    def __init__(self, began: datetime | None = None) -> None:
        self._began = began or datetime(2026, 1, 1, tzinfo=UTC)
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._elapsed += seconds


_STANDING: list[Clock] = []


@contextmanager
def standing(clock: Clock) -> Iterator[None]:
    """While the context lasts, ``clock`` is the time of this process: for simulations."""
    _STANDING.append(clock)
    try:
        yield
    finally:
        _STANDING.pop()


def of(speed: float) -> Clock:
    """The clock of a connection: the wall's, ``speed`` times as fast, or the one that stands in its place."""
    return _STANDING[-1] if _STANDING else WallClock(speed)


def now() -> datetime:
    """What time it is here, in UTC."""
    return _STANDING[-1].now() if _STANDING else datetime.now(UTC)


def aware(moment: datetime) -> datetime:
    """Of a moment that a ledger keeps without its zone: ours."""
    return moment if moment.tzinfo else moment.replace(tzinfo=now().tzinfo)
