"""All pages of a listing, where they are needed at once."""

from collections.abc import Callable, Iterator

from mamigrate.http.call import Reply, Unreadable
from mamigrate_hubspot import wire


def pages(call: Callable[[str], Reply]) -> Iterator[wire.Json]:
    """Raises Unreadable where they go in a circle."""
    after: str | None = ""
    seen = set[str]()
    while after is not None:
        if after in seen:
            raise Unreadable("its pages go in a circle")
        seen.add(after)
        data = wire.parse(call(after).body)
        yield data
        after = wire.after(data)
