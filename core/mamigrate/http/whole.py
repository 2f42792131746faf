"""Replies over a socket with an end: headers, lines between chunks and body together are given so long, however they trickle."""

import io
import time
from http.client import HTTPResponse
from socket import socket
from typing import TYPE_CHECKING, Any, TypeVar, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection, BaseHTTPSConnection

C = TypeVar("C")

SECONDS = 600.0
"""How long a reply may take from its first awaited byte to its last."""


class _Arriving(io.RawIOBase):
    """What arrives at a socket until ``ends``. Raises TimeoutError after that, as a socket does that is silent too long."""

    def __init__(self, sock: socket, ends: float) -> None:
        self._sock, self._ends = sock, ends
        self._file = cast(io.RawIOBase, sock.makefile("rb", buffering=0))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the reply never ended")
        patience = self._sock.gettimeout()
        self._sock.settimeout(left if patience is None else min(patience, left))
        try:
            return self._file.readinto(buffer)
        finally:
            self._sock.settimeout(patience)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Reply(HTTPResponse):
    def __init__(self, sock: socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self.fp.close()
        self.fp = io.BufferedReader(_Arriving(sock, time.monotonic() + SECONDS))


class _PlainPool(HTTPConnectionPool):
    # The connection's class stays the library's own: recordings put theirs in its place.
    def _new_conn(self) -> "BaseHTTPConnection":
        return _ending(super()._new_conn())


class _SafePool(HTTPSConnectionPool):
    def _new_conn(self) -> "BaseHTTPSConnection":
        return _ending(super()._new_conn())


def _ending(connection: C) -> C:
    vars(connection)["response_class"] = _Reply
    return connection


class Ending(HTTPAdapter):
    """Sends as requests does, once, and gives up a reply that does not end."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        _end(self.poolmanager)

    def proxy_manager_for(self, *given: Any, **named: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*given, **named)
        return _end(manager)


def _end(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SafePool}
    return manager
