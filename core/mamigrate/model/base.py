"""What every neutral object carries: where it came from, what the vendor said, what it refers to."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mamigrate.model.kinds import Kind

MODEL_VERSION = "1.1"
"""Major.minor of the neutral model. A snapshot with a newer major is refused; with an older one it is rebuilt from its
landed pages."""


class Frozen(BaseModel):
    """A value: immutable, and strict about names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(Frozen):
    """Where an object was read: connection, the vendor's own type and id, and when (UTC)."""

    connection: str
    vendor_type: str
    vendor_id: str
    read_at: datetime | None = None


class Reference(Frozen):
    """One object needs another. ``role`` says for what: ``filter``, ``suppression``, ``exclusion``, ``send``, ``owner`` ..."""

    kind: Kind
    key: str
    role: str


class EstateObject(Frozen):
    """Common part of estate objects.

    ``key`` is stable within its connection and kind (the vendor's id, or the API name for fields). ``raw`` is the
    vendor's own fragment, kept whole, so that nothing is lost by normalising.
    """

    key: str
    name: str
    origin: Origin
    references: tuple[Reference, ...] = ()
    raw: dict[str, Any] = Field(default_factory=dict)
