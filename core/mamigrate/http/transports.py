"""Applications of this process that stand in for hosts: sandboxes and tests without sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from requests.adapters import BaseAdapter

_STANDING: dict[str, BaseAdapter] = {}


@contextmanager
def standing(base_url: str, adapter: BaseAdapter) -> Iterator[None]:
    """While the context lasts, sessions that are opened send everything below ``base_url`` to ``adapter``."""
    _STANDING[base_url] = adapter
    try:
        yield
    finally:
        _STANDING.pop(base_url, None)


def chance(base_url: str) -> Random:
    """What pauses are drawn from. A host that an application stands in for is called in the same rhythm each time."""
    return Random(base_url) if base_url in _STANDING else Random()


def mounts() -> dict[str, BaseAdapter]:
    return dict(_STANDING)
