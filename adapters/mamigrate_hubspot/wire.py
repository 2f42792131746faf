"""HubSpot's JSON at the edge: small readers that know its envelopes. Nothing else of the JSON leaves this folder."""

import orjson

from mamigrate.http.call import Unreadable
from mamigrate.http.shapes import Json, id_of, ids, listed, part, text

__all__ = ["Json", "after", "associated", "id_of", "ids", "listed", "more", "parse", "part", "rows", "text"]


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
    """The opaque cursor of the next page; the last page has no ``paging``. Raises Unreadable for a next page without one."""
    following = part(data, "paging").get("next")
    return None if following is None else id_of(part(part(data, "paging"), "next"), "after")


def more(data: Json) -> bool:
    """Whether an offset-paged reply goes on. Raises Unreadable where that cannot be told."""
    told = data.get("hasMore")
    if told is None or isinstance(told, bool):
        return bool(told)
    raise Unreadable("hasMore is neither true nor false")


def associated(associations: Json | None, kind: str) -> list[str]:
    """Ids of a record's associations of one kind, each once: a pair with several labels is listed several times."""
    if not associations:
        return []
    found = listed(part(associations, kind), "results")
    return list(dict.fromkeys([id_of(one, "id" if one.get("id") else "toObjectId") for one in found])) if found else []
