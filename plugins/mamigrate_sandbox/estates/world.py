"""What an invented company knows: vendor-neutral values that the seeds write into a sandbox's store.

People, accounts, opportunities and events are yielded one by one (a world of 100,000 people is never held); lists,
journeys, programs, fields and assets are tuples, because their number does not grow with the people.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

FieldType = Literal["text", "longtext", "number", "date", "datetime", "choice", "multi", "yesno"]
EventKind = Literal["SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "SPAMREPORT"]
Shelf = Literal["email", "landing-page", "site-page", "form", "image"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a person. ``standard`` names one that every platform has (see each seed's table), else it is the
    company's own. ``options`` are (value, label)."""

    key: str
    label: str
    type: FieldType = "text"
    options: tuple[tuple[str, str], ...] = ()
    standard: bool = False
    group: str = "minamo"


@dataclass(frozen=True, slots=True)
class Brand:
    key: str
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject that people are written to about, by email. ``number`` is what a platform with numeric ids uses."""

    key: str
    number: int
    name: str
    brand: str
    active: bool = True


OWN_RETURN = "Self Service Resubscription"
"""The one text of ``Choice.how`` that proves that the person came back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose for a topic. ``how`` is the platform's free text, ``basis`` a legal basis where one is known."""

    topic: str
    wanted: bool
    at: datetime
    how: str
    basis: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class WideDenial:
    """No to everything, of one brand or (``brand`` None) of the whole company."""

    brand: str | None
    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class PastChange:
    """A consent event that is over: the platform's log still shows it. ``topic`` None means everything."""

    topic: str | None
    wanted: bool
    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Bounce:
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CrmRecord:
    kind: Literal["lead", "contact"]
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """One record of one person. ``role`` says which part of the census it plays, ``quirk`` which bad input it carries.

    ``values`` holds texts by ``Field.key``. ``absorbed`` are numbers of records that were merged into this one.
    """

    number: int
    role: str
    address: str | None
    values: Mapping[str, str]
    stage: str
    moves: tuple[tuple[datetime, str], ...]
    created: datetime
    modified: datetime
    marketing: bool
    quirk: str = ""
    more_addresses: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    wide: WideDenial | None = None
    past: tuple[PastChange, ...] = ()
    bounce: Bounce | None = None
    complaint: datetime | None = None
    quarantined: str | None = None
    ineligible: bool = False
    exclusions: tuple[str, ...] = ()
    account: int | None = None
    crm: CrmRecord | None = None
    absorbed: tuple[int, ...] = ()
    archived: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    number: int
    name: str
    domain: str
    values: Mapping[str, str]
    created: datetime
    crm_id: str


@dataclass(frozen=True, slots=True)
class Opportunity:
    """``people`` are numbers of people. ``stage`` is a key of the seed's pipeline."""

    number: int
    name: str
    stage: str
    amount: int
    account: int
    people: tuple[int, ...]
    created: datetime
    closes: datetime
    moved: datetime
    crm_id: str


@dataclass(frozen=True, slots=True)
class LooseDenial:
    """An address that nobody's record bears, but that must not be written to."""

    address: str
    brand: str | None
    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class CrmOptOut:
    """An objection that only the linked CRM knows. ``converted`` marks those on leads that were converted."""

    address: str
    crm_id: str
    at: datetime
    converted: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """One test. ``family`` field tests can be evaluated on a person; the others rest on events that are invented."""

    family: Literal["field", "list", "form", "email", "page", "event", "account", "topic", "hard_bounce"]
    subject: str
    operator: str
    values: tuple[str, ...] = ()
    number: float = 0


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A list; with ``any_of`` (OR of ANDs) an active one. ``exclusion`` marks those used to hold people back."""

    key: str
    number: int
    name: str
    any_of: tuple[tuple[Condition, ...], ...] = ()
    exclusion: bool = False
    share: float = 0.02


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a journey. ``kind`` is a verb of the seeds' tables, ``what`` its object, ``then`` the next steps'
    positions (empty: the end)."""

    kind: str
    what: str = ""
    values: tuple[str, ...] = ()
    then: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """A workflow. ``start`` are its enrolment tests; ``on`` names an enrolling event instead. ``people`` in flight."""

    key: str
    number: int
    name: str
    family: Literal["journey", "scoring", "lifecycle", "routing", "etl", "dead"]
    enabled: bool
    steps: tuple[Step, ...]
    start: tuple[tuple[Condition, ...], ...] = ()
    on: tuple[str, str] | None = None
    held_back: tuple[str, ...] = ()
    about: Literal["person", "account", "opportunity"] = "person"
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """An exhibition, a webinar ... ``dated`` ones stand as marketing events where the platform has such things."""

    key: str
    number: int
    name: str
    kind: str
    brand: str
    began: datetime
    ended: datetime
    dated: bool
    cost: int
    members: int
    emails: tuple[int, ...] = ()
    forms: tuple[int, ...] = ()
    lists: tuple[int, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """``text`` is HTML with neutral tokens such as ``[[family]]``. ``parts`` are other assets or fields by key."""

    key: str
    number: int
    shelf: Shelf
    name: str
    title: str = ""
    text: str = ""
    topic: str | None = None
    brand: str = ""
    published: bool = True
    parts: tuple[str, ...] = ()
    to: tuple[int, ...] = ()
    held_back: tuple[int, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened with a marketing email."""

    number: int
    person: int
    address: str
    kind: EventKind
    at: datetime
    email: int
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    number: int
    address: str
    family: str
    given: str
    gone: bool = False


class World(Protocol):
    """A company. The streams may be walked again and yield the same values each time."""

    @property
    def name(self) -> str: ...
    @property
    def estate(self) -> "Estate": ...
    def people(self) -> Iterator[Person]: ...
    def accounts(self) -> Iterator[Account]: ...
    def opportunities(self) -> Iterator[Opportunity]: ...
    def events(self) -> Iterator[Event]: ...
    def loose_denials(self) -> Iterator[LooseDenial]: ...
    def crm_opt_outs(self) -> Iterator[CrmOptOut]: ...
    def erased(self) -> Iterator[tuple[str, datetime]]: ...


@dataclass(frozen=True, slots=True)
class Estate:
    """What marketers built: everything whose number does not depend on the people.

    ``field_target`` fields of people shall exist in all, ``filled_fields`` of them with a value somewhere: the seed fills
    up with ``spare_fields``.
    """

    brands: tuple[Brand, ...] = ()
    topics: tuple[Topic, ...] = ()
    fields: tuple[Field, ...] = ()
    spare_fields: tuple[Field, ...] = ()
    stages: tuple[tuple[str, str], ...] = ()
    staff: tuple[Staff, ...] = ()
    lists: tuple[PeopleList, ...] = ()
    journeys: tuple[Journey, ...] = ()
    programs: tuple[Program, ...] = ()
    assets: tuple[Asset, ...] = ()
    opportunity_stages: tuple[tuple[str, str, float], ...] = ()
    crm: bool = False
    field_target: int = 0
    filled_fields: int = 0
