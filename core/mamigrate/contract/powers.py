"""What may be asked of an adapter. All but ``Adapter`` and ``Instance`` are optional, with one power each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from mamigrate.capabilities import Capabilities
from mamigrate.clock import Clock
from mamigrate.contract.changes import Change, Outcome
from mamigrate.contract.connection import Connection, InstanceInfo, Setting
from mamigrate.contract.denials import Denial, DenialPage
from mamigrate.contract.history import HistoryRoom, HistoryType
from mamigrate.contract.limits import Blocker, Quota
from mamigrate.contract.pages import Content, Landed, NeutralRow, Page
from mamigrate.contract.programs import ProgramRoom
from mamigrate.findings import Finding
from mamigrate.model.kinds import Kind


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
        they are tied to. Members of lists are found by ``list`` (all of a list) and by ``id`` (``<list>/<person>``).
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
class DenialSource(Protocol):
    """Tells which denials appeared since a moment: cheap to ask every few minutes, safe to ask again."""

    def denials_since(self, moment: datetime, cursor: str | None, topics: Mapping[str, str]) -> DenialPage:
        """One page; ``cursor`` None begins. A denial is told where it still stands, however often it is asked for.

        ``topics`` are fields of people that stand for subscription types, each with the value that denies; a fact of one has
        the field as its topic. A vendor with subscription types of its own tells those by their keys.
        """
        ...


@runtime_checkable
class ExclusionSource(Protocol):
    """Tells who came onto lists whose members are left out of mail: no log of denials knows them."""

    def left_out_since(self, moment: datetime, cursor: str | None, known: Collection[str]) -> DenialPage:
        """One page of members, as ``source_hold`` facts made by ``consent.facts.from_list``; ``cursor`` None begins.

        Of the lists in ``known`` whoever may have come since ``moment``, of any other everybody. Which lists are left out is
        asked anew each time. One that could not be read is a problem.
        """
        ...


@runtime_checkable
class SyncCheck(Protocol):
    """Tells what a ``sync`` needs that a move does not."""

    def check_sync(self) -> Sequence[Finding]:
        """What of it is refused, each with its fix. Nothing is written."""
        ...


@runtime_checkable
class DenialSink(Protocol):
    """Holds denials by address and subscription type, also of addresses that nobody has. Nothing here ever lifts one."""

    def denied(self, addresses: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """What each address is denied already: keys of subscription types, and EVERYTHING where all is denied.

        An address whose state could not be read as a whole is absent: nobody knows what it says.
        """
        ...

    def deny(self, denials: Sequence[Denial]) -> Sequence[Outcome]:
        """One outcome a denial, in the same order, named by its ``key``. Never sends one twice by itself.

        UPDATED is what the vendor confirmed for this very address; what it only took note of comes back as MAYBE.
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
class Lagging(Protocol):
    """Reads may be answered from a copy that runs behind the writes: what reads otherwise than it was written is looked at again."""

    def looks_again(self) -> Sequence[float]:
        """Seconds of the connection's clock before each further look; what is still so after the last one is so."""
        ...


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


@runtime_checkable
class PushMeter(Protocol):
    """Tells what an instance passes on to a CRM that is linked to it. A vendor that has no way to tell has no such power."""

    def pushes(self) -> int | None:
        """Records that were passed on since the instance began, as the vendor counts them; None where it cannot say now."""
        ...


class OptOutSync(StrEnum):
    """Who wins where a platform and the CRM behind it disagree about an opt-out. EITHER: an opt-out of one is one of both."""

    EITHER = "either"
    OWN = "own"
    LATEST = "latest"
    CRM = "crm"
    UNMAPPED = "unmapped"
    UNKNOWN = "unknown"

    @property
    def loses(self) -> bool:
        """Whether an opt-out may be overwritten, or never arrive. What nobody can tell may be so."""
        return self not in (OptOutSync.EITHER, OptOutSync.OWN, OptOutSync.LATEST)


@runtime_checkable
class LinkedOptOuts(Protocol):
    """Tells how opt-outs travel between an instance and the CRM behind it."""

    def opt_out_sync(self) -> OptOutSync | None:
        """None where no CRM is linked."""
        ...


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


@runtime_checkable
class ProgramSink(Protocol):
    """Takes programs with their members. Nothing that is written here sends anything.

    Changes of kind PROGRAM have ``name``, ``type``, ``channel``, ``folder`` (a path), ``description``, ``source_key`` (the mark
    by which they are found again), ``starts_on``, ``ends_on``, ``costs`` (JSON: day, amount and note of each) and ``tags`` (JSON)
    among their values; one that sends by itself is made switched off. Changes of kind PROGRAM_MEMBERSHIP link one ``program``
    and one ``person``, and have a ``status`` beside instants by member field; a status never goes back, and who has passed it
    comes back as EQUAL. Programs are found by ``id``, ``name`` and ``source_key``, members by ``program`` (all of one) and by
    ``id`` (``<program>/<person>``), with their member fields as ``values``.
    """

    def program_room(self) -> ProgramRoom: ...

    def define_member_fields(self, fields: Mapping[str, str]) -> Sequence[Outcome]:
        """Make fields of members that hold an instant, by API name and label; one outcome each. Done twice, it is done once."""
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
