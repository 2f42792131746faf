"""What is read: pages as received, and their content as neutral rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mamigrate.findings import Finding
from mamigrate.model.kinds import Kind

NeutralRow = dict[str, Any]
"""A neutral row or estate object as a plain dict in the shape of its kind's model."""

Rows = Mapping[Kind, Sequence[NeutralRow]]
"""One page often holds rows of several kinds: a contact page holds people and consent facts."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A response as received, with what the body does not say about its request (``archived``, ``list_key`` ...)."""

    body: bytes
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a landed page says. ``problems`` are findings with object, field and value: nothing is skipped in silence.

    ``unanswered`` are keys of people whom the vendor was asked about and gave no answer that can be relied on: "no record" of an
    address that it cannot search is none. The core denies them everything.
    """

    rows: Rows
    problems: Sequence[Finding] = ()
    unanswered: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a kind. ``next`` is an opaque cursor, None on the last page; it resumes in another process."""

    landed: Landed
    content: Content
    next: str | None
