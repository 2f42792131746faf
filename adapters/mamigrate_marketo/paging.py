"""Pages that a token leads from one to the next. (Marketo REST docs, "Paging tokens": ``moreResult`` and ``nextPageToken``)"""

from collections.abc import Callable, Iterator

from mamigrate.http.call import Reply, Unreadable
from mamigrate_marketo import wire


def by_token(page: Callable[[str], Reply]) -> Iterator[wire.Json]:
    """Rows of all pages; the first is asked for with an empty token. Raises Unreadable where tokens lead back to one another."""
    token: str | None = ""
    seen = set[str]()
    while token is not None:
        if token in seen:
            raise Unreadable("its pages go in a circle")
        seen.add(token)
        data = wire.parse(page(token).body)
        yield from wire.result(data)
        token = wire.token(data)
