"""What a session promises to threads, and what only real sockets can show."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cheroot.wsgi import Server

from mamigrate.clock import HandClock, WallClock
from mamigrate.contract import Connection, Secret
from mamigrate.contract.limits import AtOnce, Rolling
from mamigrate.errors import Unreachable, UsageError
from mamigrate.http.call import Call
from mamigrate.http.limits import Pacer
from mamigrate.http.origins import Origins, is_loopback
from mamigrate.http.session import Manners, Session
from mamigrate.http.token import FetchedToken, FixedToken


def test_never_more_calls_at_a_time_than_allowed() -> None:
    pacer, running, most, lock = Pacer("src", WallClock(), (AtOnce("together", 3),)), 0, 0, threading.Lock()

    def call(_: int) -> None:
        nonlocal running, most
        with pacer.turn():
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.002)
            with lock:
                running -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(60)))
    assert most == 3


def test_a_window_holds_for_all_threads_together() -> None:
    clock = HandClock()
    pacer = Pacer("src", clock, (Rolling("w", 10, 10.0),))
    ends: list[float] = []

    def call(_: int) -> None:
        with pacer.turn():
            ends.append(clock.monotonic())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(50)))
    ends.sort()
    assert all(later - earlier >= 10 for earlier, later in zip(ends, ends[10:], strict=False))


def test_many_threads_with_one_stale_token_fetch_one_new() -> None:
    fetched: list[str] = []

    def fetch() -> tuple[str, float]:
        fetched.append(f"token {len(fetched)}")
        return fetched[-1], 3600

    source = FetchedToken(fetch, HandClock())
    stale = source.current()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: source.renew(stale), range(40)))
    assert source.current() == "token 1"
    assert len(fetched) == 2


@pytest.fixture
def server() -> Iterator[Callable[[Any], str]]:
    started: list[Server] = []

    def serve(app: Any) -> str:
        server = Server(("127.0.0.1", 0), app, numthreads=4)
        server.prepare()
        threading.Thread(target=server.serve, daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.bind_addr[1]}"

    yield serve
    for one in started:
        one.stop()


def open_session(base_url: str) -> Session:
    return Session(Connection("src", "vendor"), base_url, HandClock(), Manners(judge=lambda reply: None))


def test_calls_travel_over_real_sockets(server: Callable[[Any], str]) -> None:
    def app(environ: Any, start: Any) -> Any:
        start("200 OK", [("Content-Type", "application/json")])
        return [
            b'{"path": "'
            + environ["PATH_INFO"].encode()
            + b'", "auth": "'
            + environ["HTTP_AUTHORIZATION"].encode()
            + b'"}'
        ]

    session = open_session(server(app))
    session.token = FixedToken("src", Secret("t"))
    assert session.send(Call("GET", "/a/{b}", {"b": "c"})).data == {"path": "/a/c", "auth": "Bearer t"}


def test_a_refused_connection_never_carried_a_write() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable):  # Not Indeterminate: nothing was sent, eight times.
        open_session(f"http://127.0.0.1:{port}").send(Call("POST", "/a", json={}, writes=True))


@pytest.mark.parametrize(
    "url", ["http://vendor.example", "ftp://127.0.0.1", "https://u:p@vendor.example", "vendor.example"]
)
def test_only_https_or_loopback_is_a_base_url(url: str) -> None:
    with pytest.raises(UsageError, match="base_url") as told:
        Origins("src", url)
    assert "u:p" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("vendor.example", "write https://vendor.example"),
        ("http://vendor.example/", "write https://vendor.example"),
        ("https//vendor.example", "write https://vendor.example"),
        ("https://vendor.example/rest/v1", "write https://vendor.example"),
        ("https://vendor.example?x=1", "write https://vendor.example"),
        ("http://127.0.0.1:8080/api", "write http://127.0.0.1:8080"),
        ("", "write https:// and the host"),
    ],
)
def test_a_base_url_that_is_wrong_is_told_with_what_is_right(url: str, right: str) -> None:
    with pytest.raises(UsageError) as told:
        Origins("src", url)
    assert right in told.value.problem
    assert told.value.where == "connections.src.base_url"


def test_a_host_that_nobody_knows_is_told_with_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="no host is called vendor.example: look at connections.src.base_url"):
        open_session("https://vendor.example").send(Call("GET", "/a"))


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback_is_told_from_what_looks_like_it(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
