"""What a vendor can hold and what we have written for it: rows of data, rendered into the docs' matrix.

There are three kinds of no, and a row keeps them apart: we have not written it, the vendor does not offer it, it has no
meaning there.
"""

from dataclasses import dataclass
from enum import StrEnum

from mamigrate.model.kinds import Kind


class Level(StrEnum):
    FULL = "full"
    PARTIAL = "partial"
    NOT_WRITTEN = "not written yet"
    NOT_OFFERED = "not offered by the vendor"
    NO_MEANING = "no meaning here"


class Power(StrEnum):
    """What is done with a kind. DENY: denials are taken by address, and nothing else of the kind is written."""

    READ = "read"
    READ_CHANGES = "read changes"
    WRITE = "write"
    READ_BACK = "read back"
    DELETE = "delete"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Capability:
    """One cell of the matrix. ``reason`` is asked for at every level but FULL; ``batch`` is records a call (0: no matter)."""

    kind: Kind
    power: Power
    level: Level
    reason: str = ""
    batch: int = 0
    scopes: tuple[str, ...] = ()


class Capabilities:
    """An adapter's rows, asked by kind and power. A row that is absent counts as NOT_WRITTEN."""

    def __init__(self, rows: tuple[Capability, ...]) -> None:
        self.rows = rows
        self._by = {(row.kind, row.power): row for row in rows}

    def of(self, kind: Kind, power: Power) -> Capability:
        return self._by.get((kind, power)) or Capability(kind, power, Level.NOT_WRITTEN, "no row")

    def can(self, kind: Kind, power: Power) -> bool:
        return self.of(kind, power).level in (Level.FULL, Level.PARTIAL)
