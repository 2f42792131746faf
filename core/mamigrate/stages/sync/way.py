"""One way of a pass: from the side that is read to the side that must know; what came, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mamigrate import clock as clocks
from mamigrate.contract import NeutralRow
from mamigrate.errors import QuotaExhausted, Unreachable
from mamigrate.ledger.tables import UnplacedDenial, Watermark
from mamigrate.plan import late
from mamigrate.stages.move import Side

FRESH = timedelta(minutes=15)
"""How old a watermark may be where mail is about to be sent."""
SKEW = timedelta(minutes=2)
"""A reading that began so far in the future was noted by a clock that was set back since: nobody knows how old it is."""
LEAST_OVERLAP = timedelta(minutes=15)

Trouble = QuotaExhausted | Unreachable
"""What a vendor answers later."""


class Fate(StrEnum):
    """What became of a denial. CARRIED: written now, and read back. STANDING: the other side said so already. ECHO: we wrote
    it ourselves. ABSENT: the other side has nobody to be mailed. UNHELD: the other side has no place for this kind of denial.
    NOWHERE: nobody knows whom it is about. WAITING: not written or not confirmed yet, so it is read again.
    """

    CARRIED = "carried"
    STANDING = "standing"
    ECHO = "echo"
    ABSENT = "absent"
    UNHELD = "unheld"
    NOWHERE = "nowhere"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Told:
    """A denial on its way. ``subject`` is a record or an address of the other side, ``what`` what is closed there.

    ``observed``: the earliest that a pass could have known of it.
    """

    subject: str
    what: str
    kind: str
    fate: Fate
    happened: datetime | None
    observed: datetime
    seen: datetime
    effective: datetime | None = None
    sources: tuple[str, ...] = ()


@dataclass(slots=True)
class Way:
    """``since`` and ``until`` are in the time of ``side``; what has no instant counts as no older than ``undated``, if that is
    later than ``since``. ``seen_at`` is when reading began, by our clock.

    ``census``: what was told in the last week is read again. ``unread``: something that may hold denials could not be read. ``unmoved``: the last move did not come to a proven end, or
    was rolled back, so that older denials may be missing too. ``unproven``: a census since found what should be closed, and is not. ``trouble`` is what ended the way before its end. ``beside`` are denials of ``side``
    that hold on other records of that side too; ``beside_waiting``: how many such records of ``other`` are open yet. ``waited``
    are denials that waited when the pass began, with the earliest that one could have known of them; ``sent`` those of them that
    a pass was about to write which did not come to its end.
    """

    side: Side
    other: Side
    since: datetime
    most: int
    undated: datetime | None = None
    until: datetime | None = None
    seen_at: datetime = field(default_factory=clocks.now)
    facts: list[NeutralRow] = field(default_factory=list)
    native: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    census: bool = False
    told: list[Told] = field(default_factory=list)
    beside: list[NeutralRow] = field(default_factory=list)
    beside_waiting: int = 0
    waited: dict[str, datetime] = field(default_factory=dict)
    sent: list[UnplacedDenial] = field(default_factory=list)
    unread: bool = False
    unmoved: bool = False
    unproven: bool = False
    trouble: Trouble | None = None
    mark: Watermark | None = None
    began: float = 0.0

    @property
    def names(self) -> tuple[str, str]:
        return self.side.name, self.other.name

    def number(self, *fates: Fate) -> int:
        return sum(one.fate in fates for one in self.told)

    @property
    def backlog(self) -> int:
        """Denials that are known here and not confirmed there."""
        return self.number(Fate.WAITING) + self.beside_waiting

    def now(self) -> datetime:
        """The time of the side that was read."""
        passed = timedelta(seconds=self.side.clock.monotonic() - self.began)
        return (self.until or self.side.clock.now()) + passed

    def tell(self, fate: Fate, subject: str, what: str, facts: Sequence[NeutralRow]) -> None:
        """Note what became of the denial that these facts make."""
        self.told.append(self.of(fate, subject, what, facts))

    def of(self, fate: Fate, subject: str, what: str, facts: Sequence[NeutralRow]) -> Told:
        """The denial that these facts make, with this fate."""
        kinds, sources = sorted({fact["kind"] for fact in facts}), sorted({fact["source_ref"] for fact in facts})
        effective = self.now() if fate is Fate.CARRIED else None
        happened = late.happened(facts)
        observed = self._observed(happened, sources)
        return Told(subject, what, ", ".join(kinds), fate, happened, observed, self.seen, effective, tuple(sources))

    def _observed(self, happened: datetime | None, sources: Sequence[str]) -> datetime:
        """Its instant, if that lies in what was read now: what is older, or has none, was told by no reading before this one."""
        now = min(max(happened or self.undated or self.since, self.since), self.seen)
        return min([now, *(self.waited[source] for source in sources if source in self.waited)])

    @property
    def seen(self) -> datetime:
        """When reading began, by the clock of the side that was read."""
        return self.until or self.seen_at

    def age(self) -> timedelta | None:
        """How old the watermark is; None where there is none."""
        if self.mark is None:
            return None
        if self.mark.seen_at == self.seen_at:
            return timedelta(seconds=self.side.clock.monotonic() - self.began)
        return clocks.now() - self.mark.seen_at

    def blocked(self) -> list[str]:
        """Why the other side must not send, as codes; none: it may."""
        age = self.age()
        found = [("unread", self.unread), ("backlog", self.backlog > 0), ("trouble", self.trouble is not None)]
        found += [("unmoved", self.unmoved), ("unproven", self.unproven), ("stale", stale(age))]
        return [code for code, holds in found if holds]


def stale(age: timedelta | None) -> bool:
    """Whether what was read so long ago is too old to send on; None: nothing was read."""
    return age is None or not -SKEW <= age <= FRESH


def by_key(facts: Iterable[NeutralRow]) -> list[NeutralRow]:
    """Each fact once: overlapping pages tell some twice."""
    return list({fact["key"]: fact for fact in facts}.values())
