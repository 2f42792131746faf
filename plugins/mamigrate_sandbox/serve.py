"""Lets a WSGI application be reached: on a free port of this machine, or straight from a requests session."""

import errno
import os
import socket
import ssl
import struct
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from cheroot import wsgi
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError
from urllib3.exceptions import SSLError as UnsafeError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mamigrate_sandbox.faults import Cut

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_HERE = "127.0.0.1"


class Listening:
    """A server on a free port of the loopback interface, from construction until ``stop``."""

    def __init__(self, app: "WSGIApplication", threads: int = 16) -> None:
        self._server = wsgi.Server((_HERE, 0), app, numthreads=threads, request_queue_size=128, shutdown_timeout=2)
        self._server.gateway = _Gateway
        self._server.timeout = 60
        self._server.expiration_interval = 0.1  # how long stopping takes
        self._server.prepare()
        self.port = int(self._server.bind_addr[1])
        self._thread = threading.Thread(target=self._server.serve, name=f"serve-{self.port}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{_HERE}:{self.port}"

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(timeout=5)


class _Gateway(wsgi.Gateway_10):
    """Cuts the connection with a reset when the application says so."""

    def respond(self) -> None:
        try:
            answer = self.req.server.wsgi_app(self.env, self.start_response)
            for chunk in filter(None, answer):
                self.write(chunk)
        except Cut:
            self._slam()
            raise ConnectionResetError(errno.ECONNRESET, "cut on request") from None
        self.req.ensure_headers_sent()
        with suppress(AttributeError):
            answer.close()

    def _slam(self) -> None:
        """A lingering time of zero makes the kernel send RST instead of FIN. The server is told to leave the rest alone."""
        connection = self.req.conn
        with suppress(OSError):
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.socket.detach())
        connection.linger = True


def mount(session: requests.Session, base_url: str, app: "WSGIApplication") -> None:
    """Send every call of ``session`` under ``base_url`` straight into ``app``, in the caller's thread."""
    session.mount(base_url, InProcess(app))


class InProcess(BaseAdapter):
    """A transport of requests that calls a WSGI application. A cut connection raises what requests raises for its reason."""

    def __init__(self, app: "WSGIApplication") -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        try:
            chunks, status, headers = run_wsgi_app(self._app, _environ(request), buffered=True)
        except Cut as cut:
            raise _broken(cut, request) from cut
        made = requests.Response()
        made.status_code, made.reason = int(status.split(" ", 1)[0]), status.partition(" ")[2]
        made.headers = CaseInsensitiveDict(headers.items())
        made.url, made.request = request.url or "", request
        made.encoding = requests.utils.get_encoding_from_headers(made.headers)
        made.raw = _raw(b"".join(chunks), made.status_code, list(headers.items()))
        return made

    def close(self) -> None:
        """Nothing is held open."""


def _broken(cut: Cut, request: requests.PreparedRequest) -> requests.ConnectionError:
    """The error of the library, with the one inside it that tells why."""
    if cut.why == "reset":
        return requests.ConnectionError("connection reset by peer", request=request)
    host = urlsplit(request.url or "").hostname or ""
    if cut.why == "unsafe":
        over = ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired")
        return requests.exceptions.SSLError(_given_up(host, UnsafeError(over)), request=request)
    connection = HTTPConnection(host)
    inner = (
        NameResolutionError(host, connection, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        if cut.why == "unnamed"
        else NewConnectionError(connection, "Connection refused")
    )
    return requests.ConnectionError(_given_up(host, inner), request=request)


def _given_up(host: str, why: Exception) -> MaxRetryError:
    return MaxRetryError(HTTPConnectionPool(host), "", why)


def _environ(request: requests.PreparedRequest) -> Any:
    url = urlsplit(request.url or "")
    body = request.body
    content = body.encode() if isinstance(body, str) else body
    if content is not None and not isinstance(content, bytes):
        content = content.read()  # an open file
    builder = EnvironBuilder(
        path=url.path or "/",
        base_url=f"{url.scheme}://{url.netloc}",
        query_string=url.query,
        method=request.method or "GET",
        headers=list(request.headers.items()),
        data=content,
    )
    try:
        return builder.get_environ()
    finally:
        builder.close()


def _raw(content: bytes, status: int, headers: list[tuple[str, str]]) -> HTTPResponse:
    """Decoding of gzip is left to urllib3, as on the wire."""
    from io import BytesIO

    return HTTPResponse(
        BytesIO(content), headers=dict(headers), status=status, preload_content=False, decode_content=False
    )
