"""What is written: changes, and the fate of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Status(StrEnum):
    """What became of one record. MAYBE: the reply was lost; the core settles it with ``find`` before any resend."""

    CREATED = "created"
    UPDATED = "updated"
    EQUAL = "equal"
    DELETED = "deleted"
    REJECTED = "rejected"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One record's fate. ``code``, ``field`` and ``value`` tell a rejection; ``code`` is the vendor's own."""

    source_key: str
    status: Status
    target_key: str | None = None
    code: str = ""
    message: str = ""
    field: str = ""
    value: str = ""


class Permit(msgspec.Struct, frozen=True):
    """What lets a writer say yes in one field of a person: the topics, ``brand|topic``, that this person's facts grant.

    The evaluator alone makes one (``plan.consent.verdict``). A yes without it is not sent (``stages.permitted``).
    """

    field: str
    cells: tuple[str, ...]


class Change(msgspec.Struct, frozen=True):  # Made once a person, as a struct in a fifth of a dataclass's time.
    """One record to write. ``target_key`` None means create.

    ``values`` are canonical texts by the target's API names; None clears. Fields that a consent rule forbids to lower
    are absent, never false. ``links`` name target keys by role (``account``, ``list``, ``person``, ``owner``).
    ``permits``: for each yes among the values, who gave it.
    """

    source_key: str
    target_key: str | None
    values: Mapping[str, str | None]
    links: Mapping[str, tuple[str, ...]] = {}
    permits: tuple[Permit, ...] = ()
