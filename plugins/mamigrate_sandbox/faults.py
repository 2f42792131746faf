"""Faults on request: a WSGI layer in front of a vendor that delays, refuses, or cuts calls, by share or by count."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from mamigrate_sandbox import held_back, spoiled, words

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


Cutting = Literal["reset", "down", "unnamed", "unsafe"]
Kind = Literal[
    "status", "throttle", "quota", "expired", "scope", "lapsed", "refuse", "reset", "down", "unnamed", "unsafe",
    "lost", "applied", "missing", "twice", "shuffled", "skipped", "gone", "looped", "shrunk", "torn", "garbled",
    "marked", "nulled", "texted", "renamed", "stale", "latency", "trickle",
]  # fmt: skip
BEHIND = "mamigrate_sandbox.behind"
"""Under this name a call carries by how many seconds the answer to it may be behind."""
_SIZES = re.compile(r"\b(limit|batchSize|maxReturn)=(\d+)")


class Cut(Exception):
    """The connection ends without an answer, or never comes about: ``why`` is one of Cutting. The server slams the socket
    whatever it is; the in-process transport raises what a client meets.
    """

    def __init__(self, why: Cutting = "reset") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of trouble.

    Nothing is processed: ``status`` (answer with ``status``, ``headers``, ``body``), ``refuse`` (HTTP 200 with a failing
    ``code``, Marketo's way), and in the vendor's own words ``throttle`` (too many calls), ``quota`` (of the day),
    ``expired`` (the token), ``scope`` (a permission is gone), ``lapsed`` (the token of a page); ``reset`` (connection cut),
    ``down`` (nobody listens), ``unnamed`` (no host has the name), ``unsafe`` (the certificate is over).

    Processed, then: ``lost`` (cut without an answer), ``applied`` (``status``, ``headers``, ``body``), ``missing`` and
    ``twice`` (the last row of the answer is left out, or stands there twice), ``shuffled`` (rows in reverse order), ``torn``,
    ``garbled`` and ``marked`` (the body breaks off, breaks off inside its gzip, begins with a byte order mark), ``nulled``
    (null for the rows), ``texted`` (numbers as texts), ``renamed`` (statuses of rows in a word that is new), ``looped`` (the
    next page is the page itself).

    ``skipped`` and ``gone``: the last record of a batch is refused with ``code`` and ``message``, or is not there any more; the
    others are processed. ``shrunk``: as if a third of a page had been asked for. ``stale``: read as it was ``seconds`` ago.
    ``latency``: ``seconds`` of sandbox time, then as usual. ``trickle``: a byte a second for ``seconds``, then the rest.

    ``path`` is a regular expression, ``method`` an HTTP method (the one that is meant, where a query names it), ``paged`` means
    calls for a further page; ``share`` of the calls that match are hit; ``next`` hits at most so many, then the rule is spent.
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
    paged: bool = False

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

    def meets(self, method: str, path: str, *, paged: bool = False) -> bool:
        by_method = not self.method or self.method.upper() == method
        return by_method and (paged or not self.paged) and re.search(self.path, path) is not None


class Faults:
    """A WSGI application around another. Rules are tried in order and the first that hits decides; thread-safe."""

    def __init__(self, app: "WSGIApplication", vendor: str, sleep: Callable[[float], None]) -> None:
        self._app, self._vendor, self._sleep = app, vendor, sleep
        self._lock = threading.Lock()
        self._outage: tuple[Rule, ...] = ()
        self.hits: dict[str, int] = {}
        self.set((), 0)

    def set(self, rules: Iterable[Rule], seed: int) -> None:
        """Replace all rules. The same seed and the same order of calls give the same faults."""
        with self._lock:
            self._rules, self._random = list(rules), Random(seed)
            self._left = [rule.next for rule in self._rules]

    def outage(self, rules: Iterable[Rule] = ()) -> None:
        """Until the next word, each call that one of these meets is hit, before all other rules. None: the outage is over."""
        self._outage = tuple(rules)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        rule = self._hit(environ)
        if rule is None:
            return self._app(environ, start)
        match rule.kind:
            case "reset" | "down" | "unnamed" | "unsafe":
                raise Cut(rule.kind)
            case "lost":
                _drain(self._app(environ, _unheard))
                raise Cut
            case "applied":
                _drain(self._app(environ, _unheard))
            case "skipped" | "gone":
                reason = words.GONE if rule.kind == "gone" else (rule.code, rule.message)
                return held_back.without_last(self._vendor, reason, self._app, environ, start)
            case kind if kind in spoiled.KINDS:
                return spoiled.spoil(kind, self._app, environ, start)
            case "latency" | "trickle" | "stale" | "shrunk":
                return self._hindered(rule, environ, start)
        return self._refusal(rule, start)

    def _hindered(self, rule: Rule, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """The vendor's own answer, late or of another time or size."""
        match rule.kind:
            case "latency":
                self._sleep(rule.seconds)
            case "trickle":
                return self._drops(rule.seconds, *spoiled.answered(self._app, environ), start)
            case "stale":
                environ = {**environ, BEHIND: rule.seconds}
            case _:
                fewer = _SIZES.sub(lambda found: f"{found[1]}={max(1, int(found[2]) // 3)}", environ["QUERY_STRING"])
                environ = {**environ, "QUERY_STRING": fewer}
        return self._app(environ, start)

    def _drops(
        self, seconds: float, body: bytes, status: str, headers: spoiled.Headers, start: "StartResponse"
    ) -> Iterator[bytes]:
        start(status, [*headers, ("Content-Length", str(len(body)))])
        drops = min(len(body), int(seconds))
        for at in range(drops):
            self._sleep(1.0)
            yield body[at : at + 1]
        yield body[drops:]

    def _hit(self, environ: "WSGIEnvironment") -> Rule | None:
        method, path = meant(environ), environ.get("PATH_INFO", "")
        paged = bool(spoiled.token_of(environ))
        with self._lock:
            rule = next((one for one in self._outage if one.meets(method, path, paged=paged)), None)
            rule = rule or self._drawn(method, path, paged=paged)
            if rule is not None:
                self.hits[rule.kind] = self.hits.get(rule.kind, 0) + 1
        return rule

    def _drawn(self, method: str, path: str, *, paged: bool) -> Rule | None:
        for at, rule in enumerate(self._rules):
            left = self._left[at]
            if rule.meets(method, path, paged=paged) and left != 0 and self._random.random() < rule.share:
                self._left[at] = None if left is None else left - 1
                return rule
        return None

    def _refusal(self, rule: Rule, start: "StartResponse") -> list[bytes]:
        status, body = words.said(self._vendor, rule.kind) or (rule.status, rule.body)
        if rule.kind == "refuse":
            status = 200
            body = {"requestId": "f#0", "success": False, "errors": [{"code": rule.code, "message": rule.message}]}
        text = body.encode() if isinstance(body, str) else b"" if body is None else orjson.dumps(body)
        start(
            f"{status} Fault", [("Content-Type", "application/json"), ("Content-Length", str(len(text))), *rule.headers]
        )
        return [text]


def meant(environ: "WSGIEnvironment") -> str:
    """The method of a call, or the one that its query names in its place. (Adobe's developer docs, "REST API": _method)"""
    named = re.search(r"\b_method=(\w+)", environ.get("QUERY_STRING", ""))
    return named[1].upper() if named else str(environ["REQUEST_METHOD"])


def _unheard(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
    return len


def _drain(answer: Iterable[bytes]) -> None:
    rest: Iterator[bytes] = iter(answer)
    for _ in rest:
        pass
    close = getattr(answer, "close", None)
    if close is not None:
        close()
