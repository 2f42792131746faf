"""The estate: what marketers built. Thousands of frozen objects, full of references to each other."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from mamigrate.model.base import EstateObject, Frozen
from mamigrate.model.kinds import Kind


class DataType(StrEnum):
    """Neutral types of a field's values and how they are rendered as canonical text (``model.canonical``)."""

    __hash__ = str.__hash__  # enum's own is written in Python, and types are looked up for every value

    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    REFERENCE = "reference"


class Option(Frozen):
    value: str
    label: str


class Field(EstateObject):
    """A field of people, accounts or opportunities. ``key`` is ``<holder kind>/<api name>``.

    ``meaning`` is a neutral name for what the field holds (``email``, ``given_name``, ``family_name_kana`` ...), the
    same word in every vendor: mappings are proposed by it. ``max_bytes`` counts UTF-8 bytes, ``max_chars`` characters.
    ``crm_managed`` fields belong to a linked CRM. ``migration`` marks the tool's own ``mm_*`` fields.
    """

    holder: Kind
    api_name: str
    data_type: DataType
    meaning: str = ""
    read_only: bool = False
    custom: bool = False
    hidden: bool = False
    required: bool = False
    unique: bool = False
    crm_managed: bool = False
    max_bytes: int | None = None
    max_chars: int | None = None
    options: tuple[Option, ...] = ()


class Topic(EstateObject):
    """A subscription type. ``default_allows`` is what the platform does for somebody without a record (consent 4.6).

    ``field``: the boolean field of people that says where somebody stands, where the platform has one; of a type that is open
    by default its ``true`` denies.
    """

    brand: str
    channel: str
    asset_class: Literal["MKT", "SLS", "SVC", "TXN"] = "MKT"
    default_allows: bool
    active: bool = True
    field: str = ""


class Channel(EstateObject):
    """A program channel with its status ladder, lowest step first.

    ``steps`` are the numbers of ``statuses`` in the same order: nobody goes from one to another of the same or a lower number,
    and 0 is outside. ``program_types`` are the platform's words of types that programs of this channel may have.
    """

    statuses: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    success_statuses: tuple[str, ...] = ()
    program_types: tuple[str, ...] = ()


class Owner(EstateObject):
    """A user whom people and accounts belong to. Owners are matched by address, never created."""

    email: str | None
    active: bool = True


class Stage(Frozen):
    """``won``: an opportunity in this stage is won."""

    value: str
    label: str
    order: int
    won: bool = False


class LifecycleModel(EstateObject):
    """Ordered stages. ``forward_only``: the vendor refuses steps back."""

    holder: Kind = Kind.PERSON
    stages: tuple[Stage, ...] = ()
    forward_only: bool = False


class List(EstateObject):
    """A static or dynamic list of people, or of another kind (``holder`` None: one that the model does not know).

    ``rules`` of a dynamic list stay in ``raw`` until rules move.

    ``used_as_exclusion`` is set when an email or workflow of the source excludes its members: a source hold.
    """

    dynamic: bool
    holder: Kind | None = Kind.PERSON
    size: int | None = None
    folder: str = ""
    used_as_exclusion: bool = False
    updated_at: datetime | None = None


class Ruleset(EstateObject):
    """Reusable logic: scoring, lifecycle, language, recency-frequency-value."""

    purpose: str = ""


class Workflow(EstateObject):
    """Batch, trigger or journey. Active ones that ``fires_on_write`` marks (our writes could start them) stop the gate."""

    active: bool
    fires_on_write: bool = False
    trigger_types: tuple[str, ...] = ()
    people_in_flight: int | None = None
    updated_at: datetime | None = None


class Asset(EstateObject):
    """Email, form, page, image, snippet or template. ``asset_type`` is one of these words."""

    asset_type: Literal["email", "form", "page", "image", "snippet", "template", "file"]
    status: str = ""
    asset_class: Literal["MKT", "SLS", "SVC", "TXN"] = "MKT"
    updated_at: datetime | None = None


class Program(EstateObject):
    """A campaign or event with channel, cost and success; container of assets, lists and members.

    ``cost`` is in ``currency``, empty where the platform names none. ``sends``: it sends by itself to whoever becomes a member
    now. ``source_key`` is the mark of what this tool made.
    """

    program_type: str = ""
    channel: str = ""
    starts_on: str | None = None
    ends_on: str | None = None
    cost: str | None = None
    currency: str = ""
    sends: bool = False
    source_key: str | None = None
    member_count: int | None = None


ESTATE_MODELS: dict[Kind, type[EstateObject]] = {
    Kind.FIELD: Field,
    Kind.TOPIC: Topic,
    Kind.CHANNEL: Channel,
    Kind.OWNER: Owner,
    Kind.LIFECYCLE_MODEL: LifecycleModel,
    Kind.LIST: List,
    Kind.RULESET: Ruleset,
    Kind.ASSET: Asset,
    Kind.WORKFLOW: Workflow,
    Kind.PROGRAM: Program,
}
