"""HubSpot's JSON at the edge: small readers that know its envelopes. Nothing else of the JSON leaves this folder."""

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


def rows(data: Json, name: str = "results") -> list[Json]:
    """The records of a page. Raises Unreadable when there is no such list: a hole is not an empty page."""
    found = data.get(name)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unreadable(f"no list of {name}")
    return found


def after(data: Json) -> str | None:
    """The opaque cursor of the next page; the last page has no ``paging``."""
    following = ((data.get("paging") or {}).get("next") or {}).get("after")
    return None if following is None else str(following)


def text(record: Mapping[str, Any], name: str) -> str:
    """A value as text, "" when absent or null."""
    value = record.get(name)
    return "" if value is None else str(value)


def associated(associations: Json | None, kind: str) -> list[str]:
    """Ids of a record's associations of one kind, each once: a pair with several labels is listed several times."""
    tied = associations.get(kind) if associations else None
    found = tied.get("results") if tied else None
    return list(dict.fromkeys([str(one.get("id") or one.get("toObjectId")) for one in found])) if found else []
