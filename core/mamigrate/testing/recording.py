"""Recordings of vendor calls that hold no secret and nobody's data: what an adapter does not know does not land.

An adapter lists the routes of its vendor and the words of its interface (``Known``). A path that fits no route, a key, a text
or a number that is none of these words becomes a placeholder; a body that is no JSON and no form is refused. The placeholders
keep what parsing needs (dates stay dates, numbers numbers, addresses addresses) and equal ones stay equal, also between keys
and texts, so a recording still tells a story.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import orjson
import vcr
from vcr.request import Request

HEADERS: Mapping[str, str] = {
    "accept": r"\*/\*",
    "accept-encoding": r"gzip, deflate",
    "content-type": r"application/(json|x-www-form-urlencoded)(; ?charset=utf-8)?",
    "date": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    "retry-after": r"\d{1,5}",
}
"""Headers that land, and how their values look."""
HEADER_PREFIXES = ("x-hubspot-ratelimit-",)
"""Further headers: numbers."""

COUNTS = frozenset(
    ["total", "expires_in", "limit", "offset", "length", "maxReturn", "batchSize", "size", "usageLimit", "currentUsage"]
)
"""Keys whose numbers land, up to six digits: a replay waits and pages by them."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?")
_INTEGER = re.compile(r"\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_HOST = "scrubbed.example"
_PLACEHOLDER = re.compile(r"(text-\d{1,6}|address-\d{1,6}@scrubbed\.example|scrubbed)")
_UNKNOWN = "/unknown"


class Unrecordable(ValueError):
    """A body of a kind that cannot be scrubbed. Nothing of it lands."""


@dataclass(frozen=True, slots=True)
class Known:
    """What an adapter knows of its vendor. ``routes`` are templates (``/lists/{id}``), ``words`` keys and enumerations."""

    routes: Sequence[str] = ()
    words: frozenset[str] = frozenset()


class Scrubber:
    """Replaces what may not land. One instance a recording: equal texts get equal placeholders."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        known = tuple(known)
        self._routes = [tuple(route.split("/")) for one in known for route in one.routes]
        self._words = frozenset().union(*(one.words for one in known))
        self._seen: dict[str, str] = {}

    def headers(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in headers.items() if self._header(name.lower(), value)}

    def _header(self, name: str, value: Any) -> bool:
        shape = r"\d{1,9}" if name.startswith(HEADER_PREFIXES) else HEADERS.get(name)
        texts = [value] if isinstance(value, str) else list(value)
        return shape is not None and all(re.fullmatch(shape, text, re.IGNORECASE) for text in texts)

    def uri(self, uri: str) -> str:
        """The host is replaced, the path is that of a known route with its gaps scrubbed, and so are values of the query."""
        parts = urlsplit(uri)
        query = self._query(parts.query)
        return f"https://{_HOST}{self._path(parts.path)}" + (f"?{query}" if query else "")

    def _path(self, path: str) -> str:
        """What fills a gap is a word or ``id``: a replay must find the same path whatever came before."""
        parts = tuple(unquote(part) for part in path.split("/"))
        fitting = (route for route in self._routes if _fits(route, parts))
        route = max(fitting, key=lambda route: sum(not _gap(one) for one in route), default=None)
        if route is None:
            return _UNKNOWN
        return "/".join(self._filled(one, part) if _gap(one) else part for one, part in zip(route, parts, strict=True))

    def _filled(self, gap: str, part: str) -> str:
        begin, end = gap.split("{")[0], gap.split("}")[1]
        filling = part[len(begin) : len(part) - len(end)]
        return f"{begin}{filling if filling in self._words else 'id'}{end}"

    def _query(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        return urlencode(
            [(self._word(name), ",".join(map(self._word, value.split(",")))) for name, value in pairs], safe=","
        )

    def _word(self, text: str) -> str:
        return text if text in self._words or text in ("", "true", "false") else "scrubbed"

    def body(self, body: bytes | str | None, content_type: str) -> bytes:
        """Raises Unrecordable for anything but JSON and forms."""
        raw = body.encode() if isinstance(body, str) else body or b""
        if not raw.strip():
            return b""
        if "x-www-form-urlencoded" in content_type:
            return self._query(raw.decode()).encode()
        try:
            return orjson.dumps(self.json(orjson.loads(raw)))
        except orjson.JSONDecodeError:
            pass  # Raised below, outside: the parser's exception quotes the body.
        raise Unrecordable("a body that is neither JSON nor a form")

    def json(self, data: Any, key: str = "") -> Any:
        match data:
            case dict():
                return {self._text(name): self.json(value, name) for name, value in data.items()}
            case list():
                return [self.json(value, key) for value in data]
            case str():
                return self._text(data)
            case bool() | None:
                return data
            case int() if key in COUNTS and 0 <= data < 1_000_000:
                return data
            case int() if data >= 0:
                return int(self._text(str(data)))
            case _:
                return 1

    def _text(self, value: str) -> str:
        if value in ("", "true", "false") or value in self._words or _PLACEHOLDER.fullmatch(value):
            return value
        if "@" in value:
            return self._placeholder(value.casefold(), "address-", f"@{_HOST}")
        if _DATE.fullmatch(value):
            return value[:4] + ("-01-01T00:00:00Z" if len(value) > 10 else "-01-01")
        if _INTEGER.fullmatch(value):
            return value if len(value) == 1 else self._placeholder(value, "", "")
        return "1" if _NUMBER.fullmatch(value) else self._placeholder(value, "text-", "")

    def _placeholder(self, value: str, begin: str, end: str) -> str:
        """Numbers stay numbers: ids are told apart, and nobody's phone lands."""
        if value not in self._seen:
            self._seen[value] = f"{begin}{len(self._seen) + (1 if begin else 100_000)}{end}"
        return self._seen[value]


def _gap(part: str) -> bool:
    return "{" in part


def _fits(route: Sequence[str], parts: Sequence[str]) -> bool:
    return len(route) == len(parts) and all(map(_fills, route, parts))


def _fills(one: str, part: str) -> bool:
    if not _gap(one):
        return one == part
    return (
        part.startswith(one.split("{")[0]) and part.endswith(one.split("}")[1]) and len(part) > len(one.split("}")[1])
    )


def recorder(folder: Path, *, record: bool, known: Iterable[Known] = ()) -> vcr.VCR:
    """A recorder for one folder of cassettes. Without ``record`` nothing leaves this machine: an unknown call fails.

    ``known`` is what adapters know of their vendors. Calls are matched in order by method and path: bodies and queries hold
    placeholders.
    """
    scrubber = Scrubber(known)
    logging.getLogger("vcr").setLevel(logging.WARNING)  # below that it logs whole URLs, secrets included

    def request(one: Request) -> Request:
        kind = str(one.headers.get("Content-Type") or one.headers.get("content-type") or "")
        return Request(one.method, scrubber.uri(one.uri), scrubber.body(one.body, kind), scrubber.headers(one.headers))

    def response(one: dict[str, Any]) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in one["headers"].items()}
        kind = str(headers.get("content-type", [""])[0])
        body = scrubber.body(one["body"]["string"], kind)
        status = HTTPStatus(one["status"]["code"])
        told = {"code": status.value, "message": status.phrase}
        return {"status": told, "headers": scrubber.headers(headers), "body": {"string": body}}

    return vcr.VCR(
        cassette_library_dir=str(folder),
        record_mode=vcr.record_mode.RecordMode.ALL if record else vcr.record_mode.RecordMode.NONE,
        match_on=("method", "path"),
        decode_compressed_response=True,
        before_record_request=request,
        before_record_response=response,
        record_on_exception=False,
    )
