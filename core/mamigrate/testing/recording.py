"""Recordings of vendor calls that hold no secret and nobody's data: what is not named here does not land.

An allow-list fails closed. A header, a query value or a text that nobody thought of becomes a placeholder; a body that is
no JSON and no form is refused. The placeholders keep what parsing needs (dates stay dates, numbers numbers) and equal
texts stay equal, so a recording still tells a story.
"""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import orjson
import vcr
from vcr.request import Request

HEADERS = frozenset({"accept", "accept-encoding", "content-type", "date", "retry-after"})
"""Headers that land; rate-limit headers do as well, by their prefix."""
HEADER_PREFIXES = ("x-hubspot-ratelimit-",)

QUERY = frozenset(
    [
        "limit",
        "after",
        "archived",
        "properties",
        "associations",
        "includeFilters",
        "formTypes",
        "channel",
        "idProperty",
        "grant_type",
        "_method",
        "batchSize",
        "nextPageToken",
        "offset",
        "maxReturn",
        "includeRules",
        "maxDepth",
        "isActive",
        "filterType",
        "fields",
    ]
)
"""Query and form parameters whose values land."""

KEYS = frozenset(
    [
        "id",
        "name",
        "type",
        "fieldType",
        "label",
        "groupName",
        "dataType",
        "status",
        "state",
        "category",
        "subCategory",
        "code",
        "action",
        "lookupField",
        "success",
        "moreResult",
        "nextPageToken",
        "requestId",
        "purpose",
        "communicationMethod",
        "channel",
        "objectTypeId",
        "processingType",
        "processingStatus",
        "filterType",
        "filterBranchType",
        "filterBranchOperator",
        "operationType",
        "operator",
        "property",
        "searchableFields",
        "wideStatusType",
        "subscriptionId",
        "businessUnitId",
        "legalBasis",
        "displayName",
        "dedupeFields",
        "idField",
        "token_type",
        "after",
        "accountType",
        "expires_in",
        "timeZone",
        "hasMore",
        "total",
        "offset",
        "numErrors",
        "asyncProcessing",
        "dedupeBy",
        "inputs",
        "properties",
        "listId",
    ]
)
"""JSON keys whose texts and numbers land as they are: words of the vendors' interfaces, and ids."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_HOST = "scrubbed.example"
_PLACEHOLDER = re.compile(r"(text-\d+|address-\d+@scrubbed\.example|address|scrubbed)")


class Unrecordable(ValueError):
    """A body of a kind that cannot be scrubbed. Nothing of it lands."""


class Scrubber:
    """Replaces what may not land. One instance a recording: equal texts get equal placeholders."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def headers(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in headers.items()
            if name.lower() in HEADERS or name.lower().startswith(HEADER_PREFIXES)
        }

    def uri(self, uri: str) -> str:
        """Host, addresses in the path and unknown query values are replaced; the route stays."""
        parts = urlsplit(uri)
        path = "/".join(self._segment(part) for part in parts.path.split("/"))
        query = urlencode(self._pairs(parts.query), quote_via=quote, safe=",*")
        return f"https://{_HOST}{path}" + (f"?{query}" if query else "")

    def _segment(self, part: str) -> str:
        plain = unquote(part)
        return part if re.fullmatch(r"[A-Za-z0-9._-]{0,64}", plain) else "address"

    def _pairs(self, query: str) -> list[tuple[str, str]]:
        pairs = parse_qsl(query, keep_blank_values=True)
        return [(name, value if name in QUERY else "scrubbed") for name, value in pairs]

    def body(self, body: bytes | str | None, content_type: str) -> bytes:
        """Raises Unrecordable for anything but JSON and forms."""
        raw = body.encode() if isinstance(body, str) else body or b""
        if not raw.strip():
            return b""
        if "x-www-form-urlencoded" in content_type:
            return urlencode(self._pairs(raw.decode())).encode()
        try:
            return orjson.dumps(self.json(orjson.loads(raw)))
        except orjson.JSONDecodeError:
            pass  # Raised below, outside: the parser's exception quotes the body.
        raise Unrecordable(f"a body of type {content_type or 'unknown'}")

    def json(self, data: Any, key: str = "") -> Any:
        if isinstance(data, dict):
            return {name: self.json(value, name) for name, value in data.items()}
        if isinstance(data, list):
            return [self.json(value, key) for value in data]
        if isinstance(data, str):
            return self._text(data, key)
        if isinstance(data, bool) or data is None or key in KEYS:
            return data
        return 1

    def _text(self, value: str, key: str) -> str:
        if value == "" or value in ("true", "false") or _PLACEHOLDER.fullmatch(value):
            return value
        if "@" in value:
            return self._placeholder(value.casefold(), "address", f"@{_HOST}")
        if key in KEYS and not _looks_secret(value):
            return value
        if _DATE.fullmatch(value):
            return value[:4] + ("-01-01T00:00:00Z" if len(value) > 10 else "-01-01")
        return "1" if _NUMBER.fullmatch(value) else self._placeholder(value, "text", "")

    def _placeholder(self, value: str, kind: str, end: str) -> str:
        if value not in self._known:
            self._known[value] = f"{kind}-{len(self._known) + 1}{end}"
        return self._known[value]


def _looks_secret(value: str) -> bool:
    """Long runs without a blank: no word of an interface, whatever key it stands under."""
    return re.fullmatch(r"[A-Za-z0-9+/=_:.-]{33,}", value) is not None and not re.fullmatch(r"[a-zA-Z_]+", value)


def recorder(folder: Path, *, record: bool) -> vcr.VCR:
    """A recorder for one folder of cassettes. Without ``record`` nothing leaves this machine: an unknown call fails.

    Calls are matched in order by method and path: bodies and queries hold placeholders.
    """
    scrubber = Scrubber()
    logging.getLogger("vcr").setLevel(logging.WARNING)  # below that it logs whole URLs, secrets included

    def request(one: Request) -> Request:
        kind = str(one.headers.get("Content-Type") or one.headers.get("content-type") or "")
        return Request(one.method, scrubber.uri(one.uri), scrubber.body(one.body, kind), scrubber.headers(one.headers))

    def response(one: dict[str, Any]) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in one["headers"].items()}
        kind = str(headers.get("content-type", [""])[0])
        body = scrubber.body(one["body"]["string"], kind)
        return {"status": one["status"], "headers": scrubber.headers(headers), "body": {"string": body}}

    return vcr.VCR(
        cassette_library_dir=str(folder),
        record_mode=vcr.record_mode.RecordMode.ALL if record else vcr.record_mode.RecordMode.NONE,
        match_on=("method", "path"),
        decode_compressed_response=True,
        before_record_request=request,
        before_record_response=response,
        record_on_exception=False,
    )
