"""History that a target takes: types of activities that are made for it, and what they can hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from mamigrate.contract.changes import Outcome


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
    already, by name. ``text`` is characters of one attribute, ``whole`` bytes of all of an activity; ``keeps``: how long an
    activity stays, by its own date (None: for good).
    """

    types: int
    attributes: int
    standing: Mapping[str, tuple[str, ...]]
    text: int
    whole: int
    keeps: timedelta | None = None


@runtime_checkable
class HistorySink(Protocol):
    """Takes activities of another platform, once each: what is written can be neither changed nor deleted.

    Changes of kind ACTIVITY have ``type``, ``at`` (canonical instant) and ``primary`` among their values beside attributes by name,
    and link one ``person``. Found by ``person``, activities of types made here have ``source_key`` among their values.
    """

    def history_room(self) -> HistoryRoom: ...

    def define(self, types: Sequence[HistoryType]) -> Sequence[Outcome]:
        """Make types, or fill up those of the same name; one outcome each. Done twice, it is done once."""
        ...
