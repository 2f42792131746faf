"""The mapping file as values. ``mapping.load`` reads it from YAML; ``docs/reference/mapping.md`` explains it."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind

Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that says something."""
TooLong = Literal["block", "cut", "leave"]
Conflict = Literal["fill", "source"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Signature(_Strict):
    """Who answers for the file. Without one, only the tool's own ``mm_*`` fields are created."""

    who: Filled
    when: date


class NewField(_Strict):
    """A field to create on the target. Creation cannot be undone on Marketo."""

    name: Filled
    label: Filled
    type: DataType


class FieldRule(_Strict):
    """What happens to one source field: ``to`` an existing field, ``create`` one, or ``drop`` with a reason.

    ``values`` translates choices; ``other`` says what becomes of values that it does not name. ``too_long``: ``block``
    stops the run, ``cut`` shortens at a character, ``leave`` keeps the value back and counts it. ``on_conflict``: for
    people who were on the target before us, ``fill`` writes empty fields only, ``source`` overwrites.
    """

    source: Filled = Field(alias="from")
    to: Filled | None = None
    create: NewField | None = None
    drop: Filled | None = None
    values: dict[str, Annotated[str, StringConstraints(min_length=1)]] = Field(default_factory=dict)
    other: Literal["keep", "leave"] = "keep"
    too_long: TooLong = "block"
    on_conflict: Conflict = "fill"

    @model_validator(mode="after")
    def _one_fate(self) -> Self:
        _one_of(self, "to", "create", "drop")
        return self

    @property
    def target(self) -> str | None:
        return self.create.name if self.create else self.to


class TopicRule(_Strict):
    """Where a subscription type lives on the target. ``opt_out``: true denies. ``opt_in``: only true allows.

    A field without a polarity says nothing, so no polarity is taken for granted. A type that becomes several has a rule for
    each, with ``purpose``: people who said yes were told of this one too (``same``), or were not (``other``): that one takes
    their opt-outs and nobody's yes. Types of one field are joined: an opt-out of one closes it, and only a yes to all opens it.
    """

    source: Filled = Field(alias="from")
    name: str = ""
    to: Filled | None = None
    create: NewField | None = None
    deny_all: Filled | None = None
    polarity: Literal["opt_out", "opt_in"] | None = None
    purpose: Literal["same", "other"] | None = None

    @model_validator(mode="after")
    def _one_fate(self) -> Self:
        _one_of(self, "to", "create", "deny_all")
        if self.target is not None and self.polarity is None:
            raise ValueError('say "polarity": opt_out (true denies) or opt_in (only true allows)')
        if self.create is not None and self.create.type is not DataType.BOOLEAN:
            raise ValueError(f'"create" makes a field of type {self.create.type}: a subscription type needs boolean')
        return self

    @property
    def target(self) -> str | None:
        return self.create.name if self.create else self.to


def _one_of(rule: BaseModel, *fates: str) -> None:
    """Raises ValueError unless exactly one fate is given, and says something."""
    for fate in rule.model_fields_set & set(fates):
        if getattr(rule, fate) is None:
            raise ValueError(f'"{fate}" is empty')
    if sum(getattr(rule, fate) is not None for fate in fates) != 1:
        raise ValueError(f"give exactly one of {', '.join(fates)}")


class OwnerFields(_Strict):
    """Fields of the target that tell whose a record is, by kind of record. People have the tool's own one besides."""

    person: Filled | None = None
    account: Filled | None = None
    opportunity: Filled | None = None


class Mapping(_Strict):
    """The whole file. ``owners`` has a text for each owner of the source, named by id, address or name."""

    version: Literal[1] = 1
    source: Filled
    target: Filled
    signed: Signature | None = None
    person: tuple[FieldRule, ...] = ()
    account: tuple[FieldRule, ...] = ()
    opportunity: tuple[FieldRule, ...] = ()
    topics: tuple[TopicRule, ...] = ()
    owners: dict[str, Filled] = Field(default_factory=dict)
    owner_fields: OwnerFields = OwnerFields()

    def rules(self, kind: Kind) -> tuple[FieldRule, ...]:
        return {Kind.PERSON: self.person, Kind.ACCOUNT: self.account, Kind.OPPORTUNITY: self.opportunity}[kind]
