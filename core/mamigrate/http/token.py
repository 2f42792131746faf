"""Access tokens: one that never changes, or one that is fetched anew, once for all threads."""

import threading
from collections.abc import Callable
from typing import Protocol

from mamigrate.clock import Clock
from mamigrate.contract import Secret
from mamigrate.errors import Refused


class TokenSource(Protocol):
    """Where the token of a connection comes from."""

    def current(self) -> str:
        """The token to send now."""
        ...

    def renew(self, stale: str) -> None:
        """The vendor refused ``stale``. Raises Refused where there is no other."""
        ...


class FixedToken:
    """A token that a person made in the vendor's screens."""

    def __init__(self, connection: str, secret: Secret) -> None:
        self._connection, self._secret = connection, secret

    def current(self) -> str:
        return self._secret.reveal()

    def renew(self, stale: str) -> None:
        raise Refused(self._connection, "the access token is not accepted")


class FetchedToken:
    """A token with an end. ``fetch`` asks the vendor and returns it with the seconds that it lives."""

    def __init__(self, fetch: Callable[[], tuple[str, float]], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._text, self._ends = "", 0.0
        self._lock = threading.Lock()

    def current(self) -> str:
        with self._lock:
            if not self._text or self._clock.monotonic() >= self._ends:
                self._load()
            return self._text

    def renew(self, stale: str) -> None:
        """Threads that come with the same stale token find the new one already there."""
        with self._lock:
            if self._text == stale:
                self._load()

    def _load(self) -> None:
        self._text, seconds = self._fetch()
        self._ends = self._clock.monotonic() + seconds
