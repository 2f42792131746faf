"""The search index runs behind the records: it keeps for a while what a record looked like before."""

import threading
from collections import deque

from mamigrate_sandbox.clock import Ticking
from mamigrate_sandbox.store import Body


class Lag:
    """Earlier versions of records, by kind and id, each valid for the index until a moment of the sandbox's clock."""

    def __init__(self, clock: Ticking) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._versions: dict[str, dict[str, deque[tuple[float, Body | None]]]] = {}

    def changed(self, kind: str, id: str, before: Body | None, seconds: float) -> None:
        """``before`` is what the index goes on showing (None: nothing yet)."""
        now = self._clock.seconds()
        with self._lock:
            versions = self._versions.setdefault(kind, {}).setdefault(id, deque())
            while versions and versions[0][0] <= now:
                versions.popleft()
            versions.append((now + seconds, before))

    def behind(self, kind: str) -> dict[str, Body | None]:
        """What the index shows instead of the present record, for those records where that differs."""
        now, shown = self._clock.seconds(), {}
        with self._lock:
            records = self._versions.get(kind, {})
            for id in list(records):
                while records[id] and records[id][0][0] <= now:
                    records[id].popleft()
                if records[id]:
                    shown[id] = records[id][0][1]
                else:
                    del records[id]
        return shown
