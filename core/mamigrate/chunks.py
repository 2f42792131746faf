"""A stream in pieces that fit into a call, a transaction or a row group."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of ``size`` items, the last one shorter; none for no items. Takes from ``items`` only what a list needs."""
    source = iter(items)
    while held := list(islice(source, size)):
        yield held
