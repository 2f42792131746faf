"""Marketo's JSON at the edge: small readers that know its envelopes. Nothing else of the JSON leaves this folder."""

import orjson

from mamigrate.http.call import Unreadable
from mamigrate.http.shapes import Json, id_of, listed, part, text

__all__ = ["Json", "fresh", "id_of", "listed", "parse", "part", "result", "text", "token"]


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
    """The records of a successful reply. Raises Unreadable where there is no such list: a hole is not an empty page.

    Asset queries without a match have no ``result`` but a warning, pages of the log without an entry have none but say
    whether to go on.
    """
    found = data.get("result", [] if _may_be_empty(data) else None)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unreadable("no list of results")
    return found


def _may_be_empty(data: Json) -> bool:
    """Assets warn in texts, people and records in objects: of those, a reply without a list is a hole."""
    warned = data.get("warnings")
    of_assets = isinstance(warned, list) and bool(warned) and all(isinstance(one, str) for one in warned)
    return of_assets or isinstance(data.get("moreResult"), bool)


def fresh(rows: list[Json], known: set[str]) -> int:
    """How many rows a page of a listing has, none of them among the ``known`` ids, which take them up.

    A page may be shorter than was asked for: only an empty one is the last. Raises Unreadable for a page that came before.
    """
    ids = {id_of(one) for one in rows}
    if ids & known:
        raise Unreadable("its pages go in a circle")
    known |= ids
    return len(rows)


def token(data: Json) -> str | None:
    """The next page's token, None at the end. Raises Unreadable where pages are left and no token leads to them.

    A short page may have a token; where ``moreResult`` is given, it alone says whether to go on.
    """
    more = data.get("moreResult")
    if not (more is None or isinstance(more, bool)):
        raise Unreadable("moreResult is neither true nor false")
    if more:
        return id_of(data, "nextPageToken")
    following = text(data, "nextPageToken")
    return following if following and more is None and result(data) else None
