"""The population: whom a company knows and what happened.

These models are declarations: the Arrow schema, the JSON Schema and the page validator are derived from them
(``model.schema``). Rows travel as plain dicts in pages or as Arrow batches, never as one model instance a row.
Every population row has ``key``, unique within connection and kind.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from mamigrate.model.base import Frozen
from mamigrate.model.kinds import Kind


class Row(Frozen):
    """Common part. ``values`` holds every vendor field that is not empty, as canonical text, by API name."""

    key: str


class Person(Row):
    """One record of a person on one platform.

    ``email`` is as the vendor holds it; ``email_strict`` and ``email_loose`` are the keys that consent is judged by
    (strict for grants, loose for denials), ``email_folded`` keeps what loose folds apart (``straße``/``strasse``).
    ``merged_keys`` are ids that the vendor merged into this record earlier.
    """

    email: str | None = None
    email_strict: str | None = None
    email_loose: str | None = None
    email_folded: str | None = None
    other_emails: list[str] = Field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived: bool = False
    merged_keys: list[str] = Field(default_factory=list)
    account_keys: list[str] = Field(default_factory=list)
    owner_key: str | None = None
    stage: str | None = None
    values: dict[str, str] = Field(default_factory=dict)


class Account(Row):
    """A company. Names and domains are display values, never keys."""

    name: str | None = None
    domain: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived: bool = False
    merged_keys: list[str] = Field(default_factory=list)
    owner_key: str | None = None
    parent_key: str | None = None
    values: dict[str, str] = Field(default_factory=dict)


class Opportunity(Row):
    """A deal, with the account it belongs to and the people who take part in it."""

    name: str | None = None
    stage: str | None = None
    pipeline: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived: bool = False
    owner_key: str | None = None
    account_keys: list[str] = Field(default_factory=list)
    person_keys: list[str] = Field(default_factory=list)
    values: dict[str, str] = Field(default_factory=dict)


FactKind = Literal[
    "erasure",
    "complaint",
    "objection",
    "topic_opt_out",
    "ads_objection",
    "block",
    "org_hold",
    "source_hold",
    "time_hold",
    "unparsed",
    "undeliverable",
    "refused",
    "pending",
    "grant",
    "implied_grant",
    "reconfirmed",
]


class ConsentFact(Row):
    """One dated statement about permission. Facts are only ever added.

    ``holder`` says whether ``person_key`` or ``address_loose`` bears the fact; a record that knows both emits two
    facts. ``lo``/``hi`` bound the event time (None: unbounded); ``until`` ends it. ``proof`` is 0 to 4. ``topic`` and
    ``brand`` are ``*`` for all. ``source_ref`` is ``connection/object/id/field``; ``raw`` the vendor's own value.
    ``notice`` names the form or the notice that was shown, with its ``notice_version`` and the SHA-256 of its text; empty
    where the vendor does not tell.
    """

    polarity: Literal["-", "+", "0"]
    kind: FactKind
    holder: Literal["person", "address"]
    person_key: str | None = None
    address_strict: str | None = None
    address_loose: str | None = None
    channel: str = "email"
    brand: str = "*"
    topic: str = "*"
    asset_class: str = "MKT"
    lo: datetime | None = None
    hi: datetime | None = None
    until: datetime | None = None
    actor: Literal["subject", "agent", "operator", "system", "import"] = "subject"
    proof: int = 0
    source_ref: str = ""
    raw: str = ""
    notice: str = ""
    notice_version: str = ""
    notice_hash: str = ""


class ListMembership(Row):
    """``key`` is ``<list key>/<person key>``."""

    list_key: str
    person_key: str
    joined_at: datetime | None = None


class ProgramMembership(Row):
    """``key`` is ``<program key>/<person key>``."""

    program_key: str
    person_key: str
    status: str | None = None
    succeeded: bool | None = None
    joined_at: datetime | None = None
    updated_at: datetime | None = None


class Activity(Row):
    """Something that happened. ``bot`` marks events that the vendor filtered as machine-made."""

    person_key: str | None = None
    address_loose: str | None = None
    activity_type: str
    happened_at: datetime | None = None
    subject_key: str | None = None
    bot: bool = False
    values: dict[str, str] = Field(default_factory=dict)


POPULATION_MODELS: dict[Kind, type[Row]] = {
    Kind.ACCOUNT: Account,
    Kind.PERSON: Person,
    Kind.OPPORTUNITY: Opportunity,
    Kind.CONSENT_FACT: ConsentFact,
    Kind.LIST_MEMBERSHIP: ListMembership,
    Kind.PROGRAM_MEMBERSHIP: ProgramMembership,
    Kind.ACTIVITY: Activity,
}
