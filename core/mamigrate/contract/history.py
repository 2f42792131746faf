"""History that a target takes: types of activities that are made for it, and what they can hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class HistoryType:
    """A type of activity for foreign history. ``attributes`` are the names of texts that each activity may have beside its
    ``primary`` one, which it must have.
    """

    name: str
    label: str
    primary: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryRoom:
    """What an instance has room for.

    ``types`` more may be made, of at most ``attributes`` each; ``standing`` are attributes of types that can be written
    already, by name. ``text`` is bytes of one attribute but the details, ``whole`` of all of an activity; ``keeps``: how long an
    activity stays, by its own date (None: for good).
    """

    types: int
    attributes: int
    standing: Mapping[str, tuple[str, ...]]
    text: int
    whole: int
    keeps: timedelta | None = None
