"""What the vendor in memory can hold: its own fields, its blockers, its capability rows."""

from collections.abc import Mapping

from mamigrate.capabilities import Capabilities, Capability, Level, Power
from mamigrate.consent.kinds import KINDS
from mamigrate.contract import Blocker
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, State

KEY_FIELD = "mm_source_key"
EXTERNAL = "external_id"
KEY_FIELDS: Mapping[Kind, str] = {
    Kind.PERSON: KEY_FIELD,
    Kind.ACCOUNT: EXTERNAL,
    Kind.OPPORTUNITY: EXTERNAL,
    Kind.LIST: "name",
    Kind.PROGRAM: "source_key",
}

BATCH = 20
STAGES = ("Known", "Engaged", "Customer")
BOOLEAN, DATETIME = DataType.BOOLEAN, DataType.DATETIME

FLAGS = {"undeliverable": "invalid", "block": "blocked", "org_hold": "held", "no_basis": "held", "source_hold": "held"}
"""Which flag stands for which kind of fact; every other kind is an unsubscribe."""
CAUSES = {"unsubscribed": "unsubscribed_why", "held": "held_why"}
"""The field beside a flag that says why."""
_UNSUBSCRIBED = tuple(kind for kind, rule in KINDS.items() if rule.polarity == "-" and kind not in FLAGS)

BLOCKERS = (
    Blocker(
        "unsubscribed", "true", "objection", holders=("person", "address"), durable=True,
        cause="unsubscribed_why", kinds=_UNSUBSCRIBED,
    ),
    Blocker("blocked", "true", "block", asset_class="*"),
    Blocker("invalid", "true", "undeliverable", holders=("address",)),
    Blocker("held", "true", "org_hold", cause="held_why", kinds=("org_hold", "source_hold")),
    Blocker("suspended", "true", "time_hold", hours_from="suspended_at", holders=("address",)),
)  # fmt: skip

_PERSON = (
    FieldDef(name="email", type=DataType.EMAIL, meaning="email", max_chars=255),
    FieldDef(name="first_name", meaning="given_name", max_chars=40),
    FieldDef(name="last_name", meaning="family_name", max_chars=80),
    FieldDef(name="company", meaning="company_name", max_chars=255),
    FieldDef(name="phone", type=DataType.PHONE, meaning="phone"),
    FieldDef(name="city", meaning="city", max_bytes=60),
    FieldDef(name="birthday", type=DataType.DATE, meaning="birthday"),
    FieldDef(name="score", type=DataType.INTEGER, meaning="lead_score"),
    FieldDef(name="revenue", type=DataType.DECIMAL, meaning="annual_revenue"),
    FieldDef(name="source", meaning="lead_source"),
    FieldDef(name="stage", type=DataType.CHOICE, meaning="lifecycle_stage", options=STAGES),
    FieldDef(name="won_by", type=DataType.REFERENCE, meaning="acquisition_program"),
    FieldDef(name="won_at", type=DATETIME, meaning="acquired_at"),
    FieldDef(name="note", type=DataType.LONG_TEXT, meaning="note", max_bytes=120),
    FieldDef(name="computed", type=DataType.INTEGER, read_only=True),
    FieldDef(name="unsubscribed", type=BOOLEAN),
    FieldDef(name="unsubscribed_why", max_chars=255),
    FieldDef(name="held_why", max_chars=255),
    FieldDef(name="blocked", type=BOOLEAN),
    FieldDef(name="invalid", type=BOOLEAN),
    FieldDef(name="held", type=BOOLEAN),
    FieldDef(name="suspended", type=BOOLEAN),
    FieldDef(name="suspended_at", type=DATETIME),
)
_ACCOUNT = (
    FieldDef(name=EXTERNAL),
    FieldDef(name="name", meaning="account_name", max_chars=255),
    FieldDef(name="domain", meaning="domain"),
    FieldDef(name="city", meaning="city"),
)
_OPPORTUNITY = (
    FieldDef(name=EXTERNAL),
    FieldDef(name="name", meaning="opportunity_name", max_chars=255),
    FieldDef(name="amount", type=DataType.DECIMAL, meaning="amount"),
    FieldDef(name="close_date", type=DataType.DATE, meaning="close_date"),
    FieldDef(name="step", meaning="opportunity_stage"),
)


def fresh(instance_id: str = "memory-1") -> State:
    """An instance as the vendor hands it over: with its own fields, and nobody in it."""
    state = State(instance_id=instance_id)
    for holder, fields in (
        (Kind.PERSON, _PERSON),
        (Kind.ACCOUNT, _ACCOUNT),
        (Kind.OPPORTUNITY, _OPPORTUNITY),
    ):
        for field in fields:
            state.field(holder, field.model_copy())
    return state


READ_KINDS = (
    Kind.FIELD,
    Kind.TOPIC,
    Kind.OWNER,
    Kind.LIST,
    Kind.WORKFLOW,
    Kind.CHANNEL,
    Kind.PROGRAM,
    Kind.ACCOUNT,
    Kind.PERSON,
    Kind.OPPORTUNITY,
    Kind.LIST_MEMBERSHIP,
    Kind.CONSENT_FACT,
    Kind.PROGRAM_MEMBERSHIP,
    Kind.ACTIVITY,
)
WRITE_KINDS = (
    Kind.FIELD,
    Kind.LIST,
    Kind.ACCOUNT,
    Kind.PERSON,
    Kind.OPPORTUNITY,
    Kind.LIST_MEMBERSHIP,
    Kind.PROGRAM,
    Kind.PROGRAM_MEMBERSHIP,
    Kind.ACTIVITY,
)
FOUND_KINDS = (Kind.LIST, Kind.PROGRAM, Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY)
FOUND_BESIDE = (Kind.LIST_MEMBERSHIP, Kind.PROGRAM_MEMBERSHIP, Kind.ACTIVITY)


def _rows() -> tuple[Capability, ...]:
    reads = [Capability(kind, Power.READ, Level.FULL) for kind in READ_KINDS]
    writes = [Capability(kind, Power.WRITE, Level.FULL, batch=BATCH) for kind in WRITE_KINDS]
    back = [Capability(kind, Power.READ_BACK, Level.FULL) for kind in (*FOUND_KINDS, *FOUND_BESIDE)]
    deletes = [Capability(kind, Power.DELETE, Level.FULL, batch=BATCH) for kind in FOUND_KINDS]
    refusals = [
        Capability(Kind.FIELD, Power.DELETE, Level.NOT_OFFERED, "fields cannot be deleted"),
        Capability(Kind.TOPIC, Power.WRITE, Level.NO_MEANING, "topics are boolean fields of people"),
        Capability(Kind.WORKFLOW, Power.WRITE, Level.NOT_OFFERED, "workflows are made by people"),
        Capability(Kind.OWNER, Power.WRITE, Level.NO_MEANING, "owners are matched by address, never created"),
        Capability(Kind.CONSENT_FACT, Power.READ_CHANGES, Level.FULL),
        Capability(Kind.CONSENT_FACT, Power.DENY, Level.FULL, batch=BATCH),
        Capability(Kind.PERSON, Power.READ_CHANGES, Level.NOT_WRITTEN, "everybody is read each time"),
        Capability(Kind.CHANNEL, Power.WRITE, Level.NOT_OFFERED, "channels are made by people"),
        Capability(Kind.ACTIVITY, Power.DELETE, Level.NOT_OFFERED, "activities cannot be deleted"),
    ]
    return (*reads, *writes, *back, *deletes, *refusals)


CAPABILITIES = Capabilities(_rows())
