"""Hosts that answer byte by byte and never come to an end: given up when the time of a reply is over, whatever trickles."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from random import Random

import pytest
import requests

from mamigrate.clock import HandClock
from mamigrate.contract import Connection
from mamigrate.errors import Transient
from mamigrate.http import body, whole
from mamigrate.http.call import Call, Unreadable
from mamigrate.http.session import Manners, Session

SECONDS = 0.3
AT_MOST = 2.0
"""Of a test: hosts trickle for longer."""
PAUSE = 0.02
NOISE = Random(7).randbytes(20_000)
PACKED = {"gzip": gzip.compress(NOISE), "deflate": zlib.compress(NOISE)}
Trickle = tuple[bytes, Callable[[], Iterator[bytes]]]
"""What comes at once, and what comes drop by drop."""
OK = b"HTTP/1.1 200 OK\r\n"


def _chunks(content: bytes) -> Iterator[bytes]:
    return (b"1\r\n%c\r\n" % one for one in content)


def _bytes(content: bytes) -> Iterator[bytes]:
    return (bytes((one,)) for one in content)


def _of_length(name: str) -> Trickle:
    return b"Content-Encoding: %b\r\nContent-Length: 20000\r\n\r\n" % name.encode(), lambda: _bytes(PACKED[name])


def _in_chunks(name: str) -> Trickle:
    head = b"Content-Encoding: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % name.encode()
    return head, lambda: _chunks(PACKED[name])


BODIES: dict[str, Trickle] = {
    "of a length": (b"Content-Length: 70000\r\n\r\n", lambda: repeat(b"x")),
    "until the host hangs up": (b"\r\n", lambda: repeat(b"x")),
    "in chunks": (b"Transfer-Encoding: chunked\r\n\r\n", lambda: repeat(b"1\r\nx\r\n")),
    **{f"{name}, of a length": _of_length(name) for name in PACKED},
    **{f"{name}, in chunks": _in_chunks(name) for name in PACKED},
}
ENDLESS: dict[str, Trickle] = {
    **BODIES,
    "the first line": (b"", lambda: chain([b"HTTP/1.1 200 "], repeat(b"O"))),
    "a header": (b"X-Slow: ", lambda: repeat(b"x")),
    "many headers": (b"", lambda: (b"X-%d: y\r\n" % at for at in range(90))),
    "the length of a chunk": (b"Transfer-Encoding: chunked\r\n\r\n1;", lambda: repeat(b"x")),
    "lines after the last chunk": (b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Slow: ", lambda: repeat(b"x")),
    "what unpacks to nothing": (
        b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\x03",
        lambda: repeat(b"a"),
    ),
}


@contextmanager
def host(head: bytes, parts: Iterator[bytes], pause: float = PAUSE) -> Iterator[str]:
    """Answers one request with ``head`` at once and then these parts, each after a pause. It hangs up after three seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                peer.recv(65536)
                try:
                    peer.sendall(head)
                    ends = time.monotonic() + 3
                    for part in parts:
                        if done.wait(pause) or time.monotonic() > ends:
                            return
                        peer.sendall(part)
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            done.set()
            thread.join(10)


@pytest.mark.parametrize("name", BODIES)
def test_the_clock_is_looked_at_whenever_something_arrives(name: str) -> None:
    head, parts = BODIES[name]
    with host(OK + head, parts()) as url, requests.get(url, stream=True, timeout=5) as response:
        begun = time.monotonic()
        with pytest.raises(Unreadable, match="never ended"):
            body.read(response, seconds=SECONDS)
    assert time.monotonic() - begun < AT_MOST


@pytest.mark.parametrize("name", ENDLESS)
def test_a_reply_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(whole, "SECONDS", SECONDS)
    head, parts = ENDLESS[name]
    start = b"" if name == "the first line" else OK
    with host(start + head, parts()) as url:
        session = Session(Connection("src", "vendor"), url, HandClock(), Manners(judge=lambda _: None))
        begun = time.monotonic()
        reply = session._exchange(Call("GET", "/a"), None)
    assert isinstance(reply, Transient)
    assert SECONDS * 0.9 < time.monotonic() - begun < AT_MOST


@pytest.mark.parametrize("coding", ["", *PACKED])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_slow_reply_that_ends_is_read_whole(coding: str, *, chunked: bool) -> None:
    sent = PACKED.get(coding, NOISE)
    pieces = [sent[at : at + 4000] for at in range(0, len(sent), 4000)]
    head = OK + (b"Content-Encoding: %b\r\n" % coding.encode() if coding else b"")
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        pieces = [b"%x\r\n%b\r\n" % (len(one), one) for one in pieces] + [b"0\r\n\r\n"]
    else:
        head += b"Content-Length: %d\r\n\r\n" % len(sent)
    with host(head, iter(pieces), 0.001) as url:
        session = Session(Connection("src", "vendor"), url, HandClock(), Manners(judge=lambda _: None))
        reply = session._exchange(Call("GET", "/a"), None)
    assert not isinstance(reply, Exception)
    assert reply.body == NOISE


def test_what_is_shorter_than_it_said_is_not_read() -> None:
    with host(OK + b"Content-Length: 9\r\n\r\n", iter([b"x"])) as url:
        session = Session(Connection("src", "vendor"), url, HandClock(), Manners(judge=lambda _: None))
        assert isinstance(session._exchange(Call("GET", "/a"), None), Transient)
