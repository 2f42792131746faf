"""Reads may be answered from a copy that runs behind: it keeps for a while what people looked like before.

No reference names a span; it is asked for call by call, by the fault ``stale``.
"""

import threading
from collections import deque

from mamigrate_sandbox.clock import Ticking
from mamigrate_sandbox.store import Body

LONGEST = 120.0
"""Seconds that the copy may be behind."""


class Replica:
    """Earlier versions of people by id, each with the moment at which it ended. None: there was nobody yet."""

    def __init__(self, clock: Ticking) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._versions: dict[str, deque[tuple[float, Body | None]]] = {}
        self._order = deque[tuple[float, str]]()

    def changed(self, id: str, before: Body | None) -> None:
        now = self._clock.seconds()
        with self._lock:
            while self._order and self._order[0][0] <= now - LONGEST:
                self._forget(self._order.popleft()[1])
            self._versions.setdefault(id, deque()).append((now, before))
            self._order.append((now, id))

    def _forget(self, id: str) -> None:
        self._versions[id].popleft()
        if not self._versions[id]:
            del self._versions[id]

    def shown(self, id: str, present: Body | None, behind: float) -> Body | None:
        """What the copy shows of somebody who is ``present`` now; None for nobody."""
        if not behind:
            return present
        moment = self._clock.seconds() - behind
        with self._lock:
            return next((before for ended, before in self._versions.get(id, ()) if ended > moment), present)
