"""A circuit breaker: when half of the last calls to a host failed, leave it alone for a while, then send one probe."""

import threading
from collections import deque

from mamigrate.clock import Clock

WINDOW = 20
REST = 30.0


class Breaker:
    """Closed, open, or half open with one probe under way. A rate limit is no failure: the host works."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self._open_until: float | None = None
        self._probing = False
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Seconds to stay away; 0 means go, and makes the caller the probe when the circuit is half open."""
        with self._lock:
            if self._open_until is None:
                return 0.0
            left = self._open_until - self._clock.monotonic()
            if left > 0:
                return left
            if self._probing:
                return 1.0
            self._probing = True
            return 0.0

    def record(self, *, failed: bool) -> None:
        """Note how a call ended; the probe decides whether the circuit closes."""
        with self._lock:
            self._last.append(failed)
            if self._probing:
                self._probing = False
                self._settle(failed)
            elif self._open_until is None and len(self._last) == WINDOW and sum(self._last) * 2 >= WINDOW:
                self._open_until = self._clock.monotonic() + REST

    def _settle(self, failed: bool) -> None:
        self._open_until = self._clock.monotonic() + REST if failed else None
        if not failed:
            self._last.clear()
