"""What a vendor in memory holds: plain values that a test fills and looks at, kept by name or in a JSON file."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from mamigrate.contract import OptOutSync
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.model.population import FactKind

BEGAN = datetime(2025, 3, 1, 9, tzinfo=UTC)
"""When everything was made that a test gives no time for."""


class FieldDef(BaseModel):
    """A field of people, accounts or opportunities. ``hidden`` ones are kept from the API's list, values included."""

    name: str
    type: DataType = DataType.TEXT
    label: str = ""
    meaning: str = ""
    read_only: bool = False
    custom: bool = False
    hidden: bool = False
    max_bytes: int | None = None
    max_chars: int | None = None
    options: tuple[str, ...] = ()


class Record(BaseModel):
    """A person, account or opportunity. ``values`` are texts by field name, as this vendor holds them."""

    id: str
    values: dict[str, str] = Field(default_factory=dict)
    created_at: datetime = BEGAN
    updated_at: datetime = BEGAN
    archived: bool = False
    merged: list[str] = Field(default_factory=list)
    accounts: list[str] = Field(default_factory=list)
    people: list[str] = Field(default_factory=list)
    owner: str | None = None
    other_emails: list[str] = Field(default_factory=list)


class TopicDef(BaseModel):
    """A subscription type. Where a person stands is a boolean field: ``opt_out_<key>``, or ``opt_in_<key>``."""

    key: str
    name: str = ""
    brand: str = "main"
    default_allows: bool = True
    active: bool = True

    @property
    def field(self) -> str:
        return f"opt_out_{self.key}" if self.default_allows else f"opt_in_{self.key}"

    @property
    def denies(self) -> str:
        """The value of the field that denies."""
        return "true" if self.default_allows else "false"


class OptOut(BaseModel):
    """What an address objected to, whether somebody has it or not. ``*`` is everything. ``at`` None: nobody knows."""

    address: str
    brand: str = "*"
    topic: str = "*"
    kind: FactKind = "objection"
    at: datetime | None = BEGAN


class Yes(BaseModel):
    """What a person agreed to at an address, as an event: who wrote it down, what it proves (0 to 4), and the form's text."""

    address: str
    person: str
    topic: str
    brand: str = "main"
    kind: FactKind = "grant"
    at: datetime | None = BEGAN
    actor: str = "subject"
    proof: int = 3
    notice: str = ""
    notice_version: str = ""
    notice_hash: str = ""


class Deleted(BaseModel):
    """A person who was deleted. ``unsubscribed``: the address stays opted out here, whoever gets it."""

    id: str
    address: str
    unsubscribed: bool = True
    at: datetime | None = BEGAN


class ListDef(BaseModel):
    """A list with its members' ids. ``exclusion``: its members get no mail. ``ours`` are in the folder of the API's user.

    ``joined``: when members came, as far as that is known.
    """

    id: str
    name: str
    dynamic: bool = False
    exclusion: bool = False
    ours: bool = False
    members: list[str] = Field(default_factory=list)
    joined: dict[str, datetime] = Field(default_factory=dict)


class Automation(BaseModel):
    """``clears`` names a field of people that it empties ``after_s`` seconds after each write of one."""

    id: str
    name: str = ""
    active: bool = True
    fires_on_write: bool = True
    clears: str = ""
    after_s: int = 0


class Happened(BaseModel):
    """Something that happened with a person, or with an address. ``type`` is ``<family>.<event>``."""

    id: str
    type: str
    person: str | None = None
    address: str = ""
    at: datetime | None = BEGAN
    subject: str | None = None
    bot: bool = False
    values: dict[str, str] = Field(default_factory=dict)


class ChannelDef(BaseModel):
    """A channel: ``ladder`` are statuses with their steps, ``success`` those that count as one."""

    name: str
    types: tuple[str, ...] = ("plain",)
    ladder: dict[str, int] = Field(default_factory=lambda: {"outside": 0, "Invited": 10, "Came": 20})
    success: tuple[str, ...] = ("Came",)


class MemberDef(BaseModel):
    """``at``: when somebody came, as this vendor stamps it or the source tells it."""

    status: str
    at: datetime | None = BEGAN
    values: dict[str, str] = Field(default_factory=dict)


class ProgramDef(BaseModel):
    """A program with its members by person. One of ``type`` ``series`` that is ``on`` mails whoever comes in."""

    id: str
    name: str
    type: str = "plain"
    channel: str = ""
    folder: str = "/programs"
    mark: str = ""
    on: bool = False
    starts: str | None = None
    ends: str | None = None
    cost: str | None = None
    costs: str = ""
    tags: str = ""
    currency: str = ""
    lists: tuple[str, ...] = ()
    members: dict[str, MemberDef] = Field(default_factory=dict)


class OwnerDef(BaseModel):
    id: str
    name: str
    email: str | None = None


class Quirks(BaseModel):
    """How this vendor behaves. The defaults are those of the platforms we know.

    ``lose_replies``: so many of the next writes are carried out, but nobody hears of it. ``lose_writes``: so many of the
    next writes after those never arrive, and nobody hears of that. ``error_bodies``: so many of the next writes of people are
    answered with a good status and an error in the body; ``claims``: of those after them, and of denials, it is said that they are done,
    and they are not. ``refuse``: values by field that are refused.
    ``calls_left``: then the day's quota is used up. ``closed``: kinds that are neither shown nor written here, and why.
    ``crm_pushes``: records that a linked CRM got from here; None: this vendor does not tell. ``crm_syncs``: it gets more with
    every write.
    ``unread_exclusions``: which lists are left out of mail is not told after a move.
    ``deleted_unread``: why what deleted people said cannot be read. ``encrypted``: addresses are not searched, whoever is asked
    about by address has no record, and each is asked about alone; ``silent`` are people about whom nothing is said then.
    ``opt_out_sync``: who wins where a linked CRM says something else about an opt-out.
    ``history_types``: of activities there may be so many; ``history_days``: they stay so long by their own date (None: for good);
    ``lose_types``: so many of the next types are refused.
    ``member_fields``: of fields of program members there may be so many.
    ``counts``: by how much the next counts of people are wrong, one after the other.
    """

    case_insensitive_address: bool = True
    durable_opt_out: bool = True
    forward_only_stage: bool = True
    lose_replies: int = 0
    lose_writes: int = 0
    error_bodies: int = 0
    claims: int = 0
    refuse: dict[str, str] = Field(default_factory=dict)
    unread_denials: bool = False
    unread_exclusions: bool = False
    deleted_unread: str = ""
    encrypted: bool = False
    silent: list[str] = Field(default_factory=list)
    opt_out_sync: OptOutSync | None = None
    crm_linked: bool | None = False
    crm_pushes: int | None = 0
    crm_syncs: bool = False
    offline: bool = False
    calls_left: int | None = None
    closed: dict[Kind, str] = Field(default_factory=dict)
    counts: list[int] = Field(default_factory=list)
    history_types: int = 10
    history_days: int | None = None
    lose_types: int = 0
    member_fields: int = 20


class State(BaseModel):
    """Everything of one instance. ``token`` is the secret that a connection must bring; empty: any will do."""

    instance_id: str = "memory-1"
    time_zone: str = "UTC"
    token: str = ""
    fields: dict[Kind, dict[str, FieldDef]] = Field(default_factory=dict)
    records: dict[Kind, dict[str, Record]] = Field(default_factory=dict)
    topics: dict[str, TopicDef] = Field(default_factory=dict)
    opt_outs: list[OptOut] = Field(default_factory=list)
    yeses: list[Yes] = Field(default_factory=list)
    deleted: list[Deleted] = Field(default_factory=list)
    lists: dict[str, ListDef] = Field(default_factory=dict)
    automations: dict[str, Automation] = Field(default_factory=dict)
    channels: dict[str, ChannelDef] = Field(default_factory=dict)
    programs: dict[str, ProgramDef] = Field(default_factory=dict)
    member_fields: list[str] = Field(default_factory=list)
    sent: int = 0
    owners: dict[str, OwnerDef] = Field(default_factory=dict)
    happened: list[Happened] = Field(default_factory=list)
    history_types: dict[str, list[str]] = Field(default_factory=dict)
    unsubscribed: set[str] = Field(default_factory=set)
    quirks: Quirks = Field(default_factory=Quirks)
    calls: Counter[str] = Field(default_factory=Counter)
    last_id: int = 0

    # --- filling by tests --------------------------------------------------------------------------------------------

    def person(self, email: str | None = None, *, id: str = "", archived: bool = False, **values: str) -> Record:
        """Put a person here. ``created_at`` and ``updated_at`` may be set on what is returned."""
        given = values if email is None else {"email": email, **values}
        made = Record(id=id or self.next_id(), values=given, archived=archived)
        return self.put(Kind.PERSON, made)

    def put(self, kind: Kind, record: Record) -> Record:
        self.records.setdefault(kind, {})[record.id] = record
        return record

    def topic(self, key: str, *, brand: str = "main", default_allows: bool = True) -> TopicDef:
        """Add a subscription type and its field."""
        made = self.topics[key] = TopicDef(key=key, name=key.title(), brand=brand, default_allows=default_allows)
        self.field(Kind.PERSON, FieldDef(name=made.field, type=DataType.BOOLEAN))
        return made

    def field(self, holder: Kind, field: FieldDef) -> None:
        self.fields.setdefault(holder, {})[field.name] = field

    def happens(self, type: str, person: str | None = None, **more: Any) -> Happened:
        """Something of ``type`` happens with a person, or with an ``address``."""
        made = Happened(id=f"happened-{len(self.happened) + 1}", type=type, person=person, **more)
        self.happened.append(made)
        return made

    def next_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)

    # --- looking -----------------------------------------------------------------------------------------------------

    @property
    def people(self) -> Mapping[str, Record]:
        return self.records.get(Kind.PERSON, {})

    def by_address(self, address: str) -> list[Record]:
        """People with exactly this address."""
        return [one for one in self.people.values() if one.values.get("email") == address]


_STORES: dict[str, State] = {}


def keep(name: str, state: State) -> State:
    """Let connections whose option ``store`` is ``name`` find ``state``: in this process, or in the file ``name``."""
    if _is_file(name):
        Path(name).write_text(state.model_dump_json(), encoding="utf-8")
    else:
        _STORES[name] = state
    return state


def find(name: str) -> State:
    """Raises KeyError where nobody kept a state under this name."""
    return State.model_validate_json(Path(name).read_text(encoding="utf-8")) if _is_file(name) else _STORES[name]


def known(name: str) -> bool:
    return Path(name).exists() if _is_file(name) else name in _STORES


def forget(name: str) -> None:
    """Drop a state that was kept; harmless where there is none."""
    if _is_file(name):
        Path(name).unlink(missing_ok=True)
    else:
        _STORES.pop(name, None)


def _is_file(name: str) -> bool:
    return name.endswith(".json")
