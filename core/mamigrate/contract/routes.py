"""Ways to read and write a kind, as data: what each costs, what it asks for, and whether it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mamigrate.capabilities import Power
from mamigrate.contract.connection import Connection
from mamigrate.contract.limits import Bounds, Retention
from mamigrate.model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Job:
    """A bulk job: at most ``records``, ``bytes`` and ``days`` of records' dates each (0: no matter), ``calls`` to begin, watch and fetch it, ``seconds`` of
    the vendor's own work, as far as anybody says.
    """

    calls: int
    seconds: float
    records: int = 0
    bytes: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """``kind`` by ``power``: ``batch`` records a call, ``more`` further calls for each of those, or in jobs; ``first``: calls before the
    first of them, whatever their number.

    ``record_bytes`` are those of a record on the wire, where bytes are limited. ``counts_as`` are the scopes of limits that its
    calls name; ``needs`` the vendor's permissions. ``part``: the records that it is for, where a kind has several. ``unwritten``
    says why it is not written yet, and ``unfit`` what it would lose: either way it is never chosen. ``source``: section of the fact sheet.
    """

    kind: Kind
    power: Power
    name: str
    batch: int = 0
    more: float = 0.0
    first: int = 0
    job: Job | None = None
    record_bytes: int = 0
    counts_as: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    part: str = ""
    unwritten: str = ""
    unfit: str = ""
    source: str = ""


@runtime_checkable
class Bounded(Protocol):
    """An adapter that states what its platform allows, by which routes it goes, and what the platform deletes by itself."""

    routes: Sequence[Route]
    retention: Sequence[Retention]

    def bounds(self, connection: Connection) -> Bounds:
        """The limits of this connection. Raises UsageError as ``connect`` does. No call is made."""
        ...
