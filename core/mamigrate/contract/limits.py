"""What keeps a platform from sending, and from answering: its limits as data, with the section of the fact sheet they stand in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Blocker:
    """A condition on a person's ``values`` under which the platform does not send marketing email.

    ``when``: ``true`` (the field reads true), ``not_true`` (anything else, absence included), ``set`` (any value).
    ``fact`` is the kind of consent fact it stands for. ``hours_from`` names a datetime field: the block lasts 24 hours
    from there. ``holders`` say whether the person, the address or both bear the fact. ``mirrors``: the field repeats
    denials that facts with references ``connection/<mirrors>/...`` tell with their instant (``consent.mirrors``), and
    nothing else. ``durable``: the platform keeps the denial of an address for good, whatever becomes of the record.
    ``asset_class``: the mail that is not sent, ``*`` for all of it. ``cause``: the field that tells why, and ``kinds``: the
    kinds of facts that ``denial_values`` writes to this field, which a text of ours there may name. ``log``: facts with references ``connection/<log>/...`` tell the changes that made those denials, without
    their brand. A blocker whose field cannot be read makes the run stop: it never reads as "nobody".
    """

    field: str
    when: Literal["true", "not_true", "set"]
    fact: str
    hours_from: str = ""
    holders: tuple[Literal["person", "address"], ...] = ("person",)
    mirrors: str = ""
    log: str = ""
    durable: bool = False
    asset_class: Literal["MKT", "*"] = "MKT"
    cause: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit as the vendor states it now. ``used`` counts every integration where the vendor tells."""

    name: str
    limit: int
    used: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rolling:
    """At most ``most`` calls in any ``seconds``. ``scope`` "" counts every call, another only calls that name it."""

    name: str
    most: int
    seconds: float
    scope: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """At most ``most`` calls under way."""

    name: str
    most: int
    scope: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Daily:
    """At most ``most`` calls or bytes between two midnights of ``zone``, of which other integrations need ``others`` a day."""

    name: str
    most: int
    zone: str = "UTC"
    unit: Literal["calls", "bytes"] = "calls"
    scope: str = ""
    source: str = ""
    others: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """Bulk jobs: at most ``executing`` under way, and ``queued`` together with those that wait. Jobs name ``scope``."""

    name: str
    executing: int
    queued: int
    scope: str
    source: str = ""


Limit = Rolling | AtOnce | Daily | Queue


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a platform allows one connection. ``share`` of each limit is ours; the rest is the reserve of other integrations.

    Concurrency has no reserve, since no vendor tells how many calls of others are under way: its limits are ours as they stand.
    ``seconds`` is how long a call takes, as far as anybody says.
    """

    limits: tuple[Limit, ...]
    share: float = 1.0
    seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Retention:
    """Records of ``what`` (a type of the vendor's, or a kind) are deleted by the vendor ``keeps`` after their own date."""

    what: str
    keeps: timedelta
    source: str = ""
