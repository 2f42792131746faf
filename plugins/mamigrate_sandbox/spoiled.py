"""Answers as they must not be: the vendor's own, changed on the way. What has no place for a change passes as it is.

An answer with a body that is no JSON object of rows is not changed by the kinds that change rows.
"""

import gzip
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROWS = ("result", "results")
"""Under which name an answer holds its rows: Marketo's, and HubSpot's."""
TOKENS = ("after", "nextPageToken")
"""How a call names the page that it wants."""
NEW_WORD = "A_NEWER_WORD"
"""A value of an enumeration that nobody has heard of."""
_BOM = b"\xef\xbb\xbf"

Json = dict[str, Any]
Headers = list[tuple[str, str]]


def answered(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[bytes, str, Headers]:
    """The answer of ``app``, whole and not compressed, without its length."""
    plain = {name: value for name, value in environ.items() if name != "HTTP_ACCEPT_ENCODING"}
    chunks, status, headers = run_wsgi_app(app, plain, buffered=True)
    return b"".join(chunks), status, [each for each in headers.items() if each[0].lower() != "content-length"]


def told(body: bytes, status: str, headers: Headers, start: "StartResponse") -> Iterable[bytes]:
    start(status, [*headers, ("Content-Length", str(len(body)))])
    return [body]


def spoil(kind: str, app: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """``kind`` is one of KINDS."""
    body, status, headers = answered(app, environ)
    if kind in _BODIES:
        return told(_BODIES[kind](body), status, headers + _PACKED.get(kind, []), start)
    with suppress(orjson.JSONDecodeError):
        data = orjson.loads(body)
        if isinstance(data, dict):
            body = orjson.dumps(_PARTS[kind](data, environ))
    return told(body, status, headers, start)


# --- bodies -----------------------------------------------------------------------------------------------------------


def _torn(body: bytes) -> bytes:
    """It ends before its end; its length says nothing of it."""
    return body[: len(body) * 3 // 4]


def _garbled(body: bytes) -> bytes:
    """It says that it is packed, and breaks off inside."""
    packed = gzip.compress(body, compresslevel=1)
    return packed[: len(packed) // 2]


def _marked(body: bytes) -> bytes:
    """With the mark of a byte order, as files of some editors begin and no JSON does (RFC 8259, 8.1)."""
    return _BOM + body


_BODIES: dict[str, Callable[[bytes], bytes]] = {"torn": _torn, "garbled": _garbled, "marked": _marked}
_PACKED: dict[str, Headers] = {"garbled": [("Content-Encoding", "gzip")]}


# --- rows -------------------------------------------------------------------------------------------------------------


def rows_of(data: Json) -> tuple[str, list[Any]]:
    """The name of an answer's rows, and the rows; "" and none where it has none."""
    name = next((name for name in ROWS if isinstance(data.get(name), list)), "")
    return name, data[name] if name else []


def _rows(change: Callable[[list[Any]], Any]) -> "Callable[[Json, WSGIEnvironment], Json]":
    def changed(data: Json, environ: "WSGIEnvironment") -> Json:
        name, rows = rows_of(data)
        return {**data, name: change(rows)} if rows else data

    return changed


def _looped(data: Json, environ: "WSGIEnvironment") -> Json:
    """The next page is the one that was asked for."""
    asked = token_of(environ)
    if asked and isinstance(data.get("paging"), dict):
        return {**data, "paging": {"next": {"after": asked}}}
    return {**data, "nextPageToken": asked} if asked and "nextPageToken" in data else data


def _texted(value: Any) -> Any:
    """Numbers as texts, at every depth; yes and no stay."""
    if isinstance(value, dict):
        return {name: _texted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_texted(inner) for inner in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _renamed(value: Any) -> Any:
    """Statuses of rows, and of what is in them, in a word that is new."""
    if isinstance(value, dict):
        return {name: NEW_WORD if name == "status" else _renamed(inner) for name, inner in value.items()}
    return [_renamed(inner) for inner in value] if isinstance(value, list) else value


_PARTS: "dict[str, Callable[[Json, WSGIEnvironment], Json]]" = {
    "missing": _rows(lambda rows: rows[:-1]),
    "twice": _rows(lambda rows: [*rows, rows[-1]]),
    "shuffled": _rows(lambda rows: rows[::-1]),
    "nulled": _rows(lambda rows: None),
    "renamed": _rows(_renamed),
    "texted": lambda data, environ: dict(_texted(data)),
    "looped": _looped,
}
KINDS = frozenset({*_BODIES, *_PARTS})


def token_of(environ: "WSGIEnvironment") -> str:
    """The token of the page that a call asks for; empty for a first page."""
    query = parse_qs(str(environ.get("QUERY_STRING", "")))
    return next((query[name][0] for name in TOKENS if name in query), "")
