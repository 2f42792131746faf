"""Faults on request: a WSGI layer in front of a vendor that delays, refuses, or cuts calls, by share or by count."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_THROTTLED = {
    "hubspot": (
        429,
        {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": "00000000-0000-4000-8000-000000000429",
            "policyName": "TEN_SECONDLY_ROLLING",
            "requestId": "00000000-0000-4000-8000-000000000429",
        },
    ),
    "marketo": (
        200,
        {
            "requestId": "429#0",
            "success": False,
            "errors": [{"code": "606", "message": "Max rate limit '100' exceeded with in '20' secs"}],
        },
    ),
}


Kind = Literal["status", "throttle", "refuse", "reset", "lost", "applied", "missing", "twice", "latency"]
ROWS = ("result", "results")
"""Under which name an answer holds its rows: Marketo's, and HubSpot's."""


class Cut(Exception):
    """The connection ends without an answer. The server slams the socket; the in-process transport raises."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of trouble.

    ``kind``: ``status`` (answer with ``status``, ``headers``, ``body``; nothing is processed), ``throttle`` (the vendor's
    own rate-limit answer), ``refuse`` (HTTP 200 with a failing ``code``, Marketo's way), ``reset`` (connection cut before
    anything is processed), ``lost`` (processed, then cut without an answer), ``applied`` (processed, then answered with
    ``status``, ``headers``, ``body``), ``missing`` and ``twice`` (processed, and the last row of the answer is left out, or
    stands there twice), ``latency`` (``seconds`` of sandbox time, then as usual). ``path`` is a regular expression, ``method`` an HTTP method; ``share`` of the calls that match are
    hit; ``next`` hits at most so many of them, then the rule is spent.
    """

    kind: Kind
    path: str = ""
    method: str = ""
    share: float = 1.0
    next: int | None = None
    status: int = 503
    code: str = "611"
    message: str = "System error"
    seconds: float = 1.0
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, wish: dict[str, Any]) -> "Rule":
        """Raises TypeError or ValueError for what is no rule."""
        headers = tuple((str(name), str(value)) for name, value in dict(wish.get("headers") or {}).items())
        rule = cls(**{**wish, "headers": headers})
        if rule.kind not in get_args(Kind):
            raise ValueError(f"no fault is called {rule.kind!r}")
        try:
            re.compile(rule.path)
        except re.error as error:
            raise ValueError(f"no regular expression: {rule.path}") from error
        return rule

    def meets(self, method: str, path: str) -> bool:
        return (not self.method or self.method.upper() == method) and re.search(self.path, path) is not None


class Faults:
    """A WSGI application around another. Rules are tried in order and the first that hits decides; thread-safe."""

    def __init__(self, app: "WSGIApplication", vendor: str, sleep: Callable[[float], None]) -> None:
        self._app, self._vendor, self._sleep = app, vendor, sleep
        self._lock = threading.Lock()
        self.hits: dict[str, int] = {}
        self.set((), 0)

    def set(self, rules: Iterable[Rule], seed: int) -> None:
        """Replace all rules. The same seed and the same order of calls give the same faults."""
        with self._lock:
            self._rules, self._random = list(rules), Random(seed)
            self._left = [rule.next for rule in self._rules]

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        rule = self._hit(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        if rule is None:
            return self._app(environ, start)
        match rule.kind:
            case "reset":
                raise Cut
            case "lost":
                _drain(self._app(environ, _unheard))
                raise Cut
            case "applied":
                _drain(self._app(environ, _unheard))
            case "missing" | "twice":
                return _rowed(rule.kind, self._app, environ, start)
            case "latency":
                self._sleep(rule.seconds)
                return self._app(environ, start)
        return self._refusal(rule, start)

    def _hit(self, method: str, path: str) -> Rule | None:
        with self._lock:
            for at, rule in enumerate(self._rules):
                if not rule.meets(method, path) or self._left[at] == 0 or self._random.random() >= rule.share:
                    continue
                left = self._left[at]
                self._left[at] = None if left is None else left - 1
                self.hits[rule.kind] = self.hits.get(rule.kind, 0) + 1
                return rule
        return None

    def _refusal(self, rule: Rule, start: "StartResponse") -> list[bytes]:
        status, body = rule.status, rule.body
        if rule.kind == "throttle":
            status, body = _THROTTLED.get(self._vendor, (429, {"message": "Too many requests"}))
        elif rule.kind == "refuse":
            status = 200
            body = {"requestId": "f#0", "success": False, "errors": [{"code": rule.code, "message": rule.message}]}
        text = body.encode() if isinstance(body, str) else b"" if body is None else orjson.dumps(body)
        start(
            f"{status} Fault", [("Content-Type", "application/json"), ("Content-Length", str(len(text))), *rule.headers]
        )
        return [text]


def _rowed(kind: str, app: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """The vendor's own answer with its last row left out, or twice; as it is where it has no rows."""
    chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
    text = b"".join(chunks)
    with suppress(orjson.JSONDecodeError):
        text = _changed(orjson.loads(text), kind, text)
    told = [(name, value) for name, value in headers.items() if name.lower() != "content-length"]
    start(status, [*told, ("Content-Length", str(len(text)))])
    return [text]


def _changed(answer: Any, kind: str, text: bytes) -> bytes:
    name = next((name for name in ROWS if isinstance(answer, dict) and isinstance(answer.get(name), list)), "")
    rows = answer[name] if name else []
    if not rows:
        return text
    return orjson.dumps({**answer, name: rows[:-1] if kind == "missing" else [*rows, rows[-1]]})


def _unheard(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
    return len


def _drain(answer: Iterable[bytes]) -> None:
    rest: Iterator[bytes] = iter(answer)
    for _ in rest:
        pass
    close = getattr(answer, "close", None)
    if close is not None:
        close()
