"""Marketo's JSON at the edge: small readers that know its envelopes. Nothing else of the JSON leaves this folder."""

from collections.abc import Mapping
from typing import Any

import orjson

from mamigrate.http.call import Unreadable

Json = dict[str, Any]


def parse(body: bytes) -> Json:
    """A landed body. Raises Unreadable when it is no JSON object."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict):
        raise Unreadable("not a JSON object")
    return data


def result(data: Json) -> list[Json]:
    """The records of a successful reply. Asset queries without a match have no ``result`` but a warning."""
    found = data.get("result", [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unreadable("no list of results")
    return found


def token(data: Json) -> str | None:
    """The next page's token, None at the end.

    A short page may have a token; where ``moreResult`` is given, it alone says whether to go on.
    """
    following = data.get("nextPageToken")
    more = data.get("moreResult", bool(result(data)))
    return str(following) if following and more else None


def text(record: Mapping[str, Any], name: str) -> str:
    """A value as text, "" when absent or null; booleans as true and false."""
    value = record.get(name)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
