"""All pages of a listing, where they are needed at once."""

from collections.abc import Callable, Iterator

from mamigrate.http.call import Rejected, Reply, Unreadable
from mamigrate_hubspot import wire

ANEW = 3
"""How often a listing begins anew whose next page is refused: the token of a page may be over."""
BAD_REQUEST = 400


def pages(call: Callable[[str], Reply]) -> Iterator[wire.Json]:
    """What was told already comes again where a listing begins anew. Raises Unreadable where pages go in a circle."""
    after: str | None = ""
    seen, anew = set[str](), 0
    while after is not None:
        if after in seen:
            raise Unreadable("its pages go in a circle")
        seen.add(after)
        try:
            data = wire.parse(call(after).body)
        except Rejected as error:
            if error.status != BAD_REQUEST or not after or anew == ANEW:
                raise
            after, seen, anew = "", set(), anew + 1
            continue
        yield data
        after = wire.after(data)
