"""What an adapter promises, and what the core may ask of it.

Required and small: describe yourself, connect, read in pages, write a batch with one outcome a record. Everything else
is an optional protocol with one power each. Each promise below has a case in ``mamigrate.testing.suite``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol, runtime_checkable

from mamigrate.capabilities import Capabilities
from mamigrate.clock import Clock
from mamigrate.findings import Finding
from mamigrate.model.kinds import Kind

NeutralRow = dict[str, Any]
"""A neutral row or estate object as a plain dict in the shape of its kind's model."""

Rows = Mapping[Kind, Sequence[NeutralRow]]
"""One page often holds rows of several kinds: a contact page holds people and consent facts."""


class Secret:
    """A text that never prints itself. ``reveal`` is called at the moment of use and nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Setting:
    """One option of an adapter: as ``[connections.X] name = ...`` or, for a secret, ``name_env`` / ``name_keyring``."""

    name: str
    help: str
    secret: bool = False
    required: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """A named way to one instance of one vendor. ``speed`` > 1 is allowed for a loopback base URL only."""

    name: str
    adapter: str
    base_url: str = ""
    time_zone: str = "UTC"
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    speed: float = 1.0
    contracted_people: int | None = None


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """What stands behind a connection. ``crm_linked`` is None when it could not be told."""

    instance_id: str
    label: str
    time_zone: str
    production: bool
    crm_linked: bool | None


@dataclass(frozen=True, slots=True)
class Landed:
    """A response as received, with what the body does not say about its request (``archived``, ``list_key`` ...)."""

    body: bytes
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a landed page says. ``problems`` are findings with object, field and value: nothing is skipped in silence."""

    rows: Rows
    problems: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a kind. ``next`` is an opaque cursor, None on the last page; it resumes in another process."""

    landed: Landed
    content: Content
    next: str | None


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


@dataclass(frozen=True, slots=True)
class Change:
    """One record to write. ``target_key`` None means create.

    ``values`` are canonical texts by the target's API names; None clears. Fields that a consent rule forbids to lower
    are absent, never false. ``links`` name target keys by role (``account``, ``list``, ``person``, ``owner``).
    """

    source_key: str
    target_key: str | None
    values: Mapping[str, str | None]
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blocker:
    """A condition on a person's ``values`` under which the platform does not send marketing email.

    ``when``: ``true`` (the field reads true), ``not_true`` (anything else, absence included), ``set`` (any value).
    ``fact`` is the kind of consent fact it stands for. ``hours_from`` names a datetime field: the block lasts 24 hours
    from there. ``holders`` say whether the person, the address or both bear the fact. ``mirrors``: the field repeats
    denials that facts with references ``connection/<mirrors>/...`` tell with their instant (``consent.mirrors``), and
    nothing else. A blocker whose field cannot be read makes the run stop: it never reads as "nobody".
    """

    field: str
    when: Literal["true", "not_true", "set"]
    fact: str
    hours_from: str = ""
    holders: tuple[Literal["person", "address"], ...] = ("person",)
    mirrors: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit as the vendor states it now. ``used`` counts every integration where the vendor tells."""

    name: str
    limit: int
    used: int
    resets_at: datetime | None = None


@runtime_checkable
class Instance(Protocol):
    """A connected instance. Methods raise ``Refused``, ``Unreachable`` or ``QuotaExhausted`` from ``mamigrate.errors``."""

    connection: Connection

    def info(self) -> InstanceInfo:
        """Who answers. One or two calls."""
        ...

    def check(self) -> Sequence[Finding]:
        """Everything wrong with credentials, scopes, field visibility, quota, clock and CRM link, each with its fix."""
        ...

    def reads(self) -> Sequence[Kind]:
        """Kinds that ``read`` takes, in the order in which they should be read."""
        ...

    def read(self, kind: Kind, cursor: str | None) -> Page:
        """One page. ``cursor`` None begins. Estate kinds come whole, with ``raw`` fragments and references."""
        ...

    def normalise(self, kind: Kind, landed: Landed) -> Content:
        """The content of a landed page, purely: equal to what ``read`` gave. No call is made."""
        ...


@runtime_checkable
class DependentReader(Protocol):
    """Kinds that the vendor tells only for people one already knows (statuses by address, for example)."""

    def dependents(self) -> Sequence[Kind]: ...

    def read_for(self, kind: Kind, people: Sequence[NeutralRow]) -> Iterator[Page]:
        """Pages for these person rows (any number; the adapter cuts batches). ``next`` is always None."""
        ...


@runtime_checkable
class Writer(Protocol):
    """Writes batches. Never sends one twice by itself: what may have happened comes back as MAYBE."""

    def write(self, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome a change, in the same order. At most the capability row's ``batch`` changes a call."""
        ...


@runtime_checkable
class Finder(Protocol):
    """Looks records up by key: to match before writing, to settle a MAYBE, to read back."""

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        """Rows whose field ``by`` (API name, or ``id``) equals one of ``values``; any number of values.

        ``fields`` are the API names wanted in ``values`` of each row; blockers' fields are always included. Values that
        match nothing give no row; values that match several give several. Opportunities tell the people and companies that
        they are tied to.
        """
        ...


@runtime_checkable
class Deleter(Protocol):
    """Deletes what a rollback must undo."""

    def delete(self, kind: Kind, keys: Sequence[str]) -> Sequence[Outcome]:
        """``source_key`` of each outcome is the target key that was given."""
        ...


@runtime_checkable
class ConsentFields(Protocol):
    """For vendors where a denial is a field of the person."""

    def denial_values(self, facts: frozenset[str], cause: str) -> Mapping[str, str]:
        """Fields to write for somebody with these kinds of negative facts (``objection``, ``source_hold`` ...).

        Must deny marketing email for any non-empty set; never holds a value that lifts anything.
        """
        ...


@runtime_checkable
class QuotaMeter(Protocol):
    """Tells the quota. Calls made here do not count, or count once."""

    def quotas(self) -> Sequence[Quota]: ...


@runtime_checkable
class Counter(Protocol):
    """An independent count of a kind, from another endpoint than ``read``'s where the vendor has one."""

    def count(self, kind: Kind) -> int | None: ...


@runtime_checkable
class ActivityTotals(Protocol):
    """How much history there is, told without reading it."""

    def activities(self) -> Mapping[str, int | None]:
        """Activities by the vendor's type; None where the vendor does not tell how many."""
        ...


@runtime_checkable
class PartlyClosed(Protocol):
    """One instance may refuse writes that the vendor offers (a linked CRM owns some kinds)."""

    def closed(self) -> Mapping[Kind, str]:
        """Kinds that are not written to this instance, with the reason in a few words. They are handed to a person."""
        ...


class Adapter(Protocol):
    """A vendor, not connected. ``key_fields`` name the field that carries our source key, by kind.

    For people that is the tool's own ``mm_source_key`` in the vendor's style, which the core creates.
    """

    name: str
    title: str
    settings: Sequence[Setting]
    capabilities: Capabilities
    blockers: Sequence[Blocker]
    key_fields: Mapping[Kind, str]

    def connect(self, connection: Connection, clock: Clock) -> Instance:
        """No call is made before the first method of the instance."""
        ...
