"""How long to wait before a call is sent again, and when to give up."""

import random
from dataclasses import dataclass

SHORTEST, LONGEST = 0.5, 60.0
TRIES = 8
SECONDS = 15 * 60.0


@dataclass(slots=True)
class Patience:
    """Decorrelated jitter between 0.5 and 60 s, 8 tries and 15 minutes in all.

    Waits that the vendor asks for (Retry-After, up to an hour) count as a try but not against the minutes.
    """

    chance: random.Random
    tries: int = 0
    spent: float = 0.0
    _last: float = SHORTEST

    def next(self, asked: float | None) -> float | None:
        """Seconds until the next try, or None when it is time to give up."""
        self.tries += 1
        if self.tries >= TRIES:
            return None
        self._last = min(LONGEST, self.chance.uniform(SHORTEST, self._last * 3))
        if asked is not None:
            # Everybody who was told the same second must not come back in the same second.
            return asked + self.chance.uniform(0, SHORTEST)
        self.spent += self._last
        return None if self.spent > SECONDS else self._last
