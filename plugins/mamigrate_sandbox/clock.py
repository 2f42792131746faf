"""The sandbox's own time: it runs ``speed`` times faster than the wall and can be pushed ahead."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from werkzeug.http import http_date

from mamigrate_sandbox.store import Store

if TYPE_CHECKING:
    from flask import Response


class Ticking(Protocol):
    """What a vendor asks of its clock. ``now`` is UTC; ``seconds`` count from the beginning of the process."""

    def now(self) -> datetime: ...

    def seconds(self) -> float: ...


def dated(response: "Response", now: datetime) -> "Response":
    """The reply with the vendor's own time as its Date."""
    response.headers["Date"] = http_date(now)
    return response


class SandboxClock:
    """``now`` is UTC. The distance to the wall clock is kept in the store, so that time never goes back over a restart."""

    def __init__(self, store: Store, speed: float = 60.0) -> None:
        self.speed = speed
        self._store = store
        self._ahead = float(store.setting("clock/ahead", 0.0))
        self._zero = time.monotonic()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Seconds of sandbox time since this process began, plus what was pushed ahead before and since."""
        return (time.monotonic() - self._zero) * self.speed + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        self.save()

    def save(self) -> None:
        """Keep the distance to the wall clock for the next start."""
        wall = datetime.now(UTC)
        self._store.set("clock/ahead", (self.now() - wall).total_seconds())
