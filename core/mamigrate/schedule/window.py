"""A rolling window call by call: places that are taken come back when the window has passed. Pure."""

from collections import deque

from mamigrate.contract.limits import Rolling
from mamigrate.schedule.room import Side

PIECES = 10
"""Parts of a window in which calls count as sent at one moment."""


class Window:
    """Moments are seconds since the beginning. ``each`` is how many places a unit takes."""

    def __init__(self, side: Side, limit: Rolling) -> None:
        self.limit, self.spell = limit, limit.seconds + side.bounds.seconds
        self.most, self.seconds = side.ours(limit.most), side.bounds.seconds
        self.free = float(self.most)
        self._back = deque[tuple[float, float]]()

    def burst(self, each: float) -> float:
        """Units a second while there are places: all of them in the time of one call."""
        return self.most / max(self.seconds, 1e-3) / each

    def come_back(self, at: float) -> None:
        while self._back and self._back[0][0] <= at:
            self.free += self._back.popleft()[1]

    def take(self, places: float, begins: float, until: float) -> None:
        if places > 0:
            self.free -= places
            self._back.append(((begins + until) / 2 + self.spell, places))

    @property
    def next_back(self) -> float:
        return self._back[0][0] if self._back else float("inf")

    def shift(self, seconds: float) -> None:
        """As it is now, ``seconds`` later: in between it went round and round."""
        self._back = deque((moment + seconds, places) for moment, places in self._back)
