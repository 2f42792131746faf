"""Time that costs nothing: it jumps to where it is wanted, and what is due on the way happens."""

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BEGAN = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
Act = Callable[[], None]


class Time:
    """The program's clock, and the one that all others here hang on. Seconds count from ``BEGAN``."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._due: list[tuple[float, int, Act]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))

    def at(self, seconds: float, act: Act) -> None:
        """``act`` happens ``seconds`` after ``BEGAN``; of two at one moment, what was asked first."""
        heapq.heappush(self._due, (seconds, next(self._order), act))

    def advance(self, seconds: float) -> None:
        """Go on by ``seconds``; what is due on the way happens at its own moment."""
        until = self._elapsed + seconds
        while self._due and self._due[0][0] <= until:
            moment, _, act = heapq.heappop(self._due)
            self._elapsed = max(self._elapsed, moment)
            act()
        self._elapsed = max(self._elapsed, until)


class Askew:
    """A vendor's clock: ``ahead`` seconds from ours. Has what a sandbox asks of its clock."""

    speed = 1.0

    def __init__(self, time: Time, ahead: float) -> None:
        self._time, self._ahead = time, ahead

    def now(self) -> datetime:
        return self._time.now() + timedelta(seconds=self._ahead)

    def seconds(self) -> float:
        return self._time.monotonic()

    def advance(self, seconds: float) -> None:
        self._time.advance(seconds)

    def save(self) -> None:
        """Nothing outlasts a simulation."""
