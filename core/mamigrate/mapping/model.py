"""The mapping file as values. ``mapping.load`` reads it from YAML; ``docs/reference/mapping.md`` explains it."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind

TooLong = Literal["block", "cut", "leave"]
Conflict = Literal["fill", "source"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Signature(_Strict):
    """Who answers for the file. Without one, only the tool's own ``mm_*`` fields are created."""

    who: str
    when: date


class NewField(_Strict):
    """A field to create on the target. Creation cannot be undone on Marketo."""

    name: str
    label: str
    type: DataType


class FieldRule(_Strict):
    """What happens to one source field: ``to`` an existing field, ``create`` one, or ``drop`` with a reason.

    ``values`` translates choices; ``other`` says what becomes of values that it does not name. ``too_long``: ``block``
    stops the run, ``cut`` shortens at a character, ``leave`` keeps the value back and counts it. ``on_conflict``: for
    people who were on the target before us, ``fill`` writes empty fields only, ``source`` overwrites.
    """

    source: str = Field(alias="from")
    to: str | None = None
    create: NewField | None = None
    drop: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    other: Literal["keep", "leave"] = "keep"
    too_long: TooLong = "block"
    on_conflict: Conflict = "fill"

    @model_validator(mode="after")
    def _one_fate(self) -> Self:
        if sum(fate is not None for fate in (self.to, self.create, self.drop)) != 1:
            raise ValueError("give exactly one of `to`, `create`, `drop`")
        return self

    @property
    def target(self) -> str | None:
        return self.create.name if self.create else self.to


class TopicRule(_Strict):
    """Where a subscription type lives on the target. ``opt_out``: true denies. ``opt_in``: only true allows."""

    source: str = Field(alias="from")
    name: str = ""
    to: str | None = None
    create: NewField | None = None
    deny_all: str | None = None
    polarity: Literal["opt_out", "opt_in"] = "opt_out"

    @model_validator(mode="after")
    def _one_fate(self) -> Self:
        if sum(fate is not None for fate in (self.to, self.create, self.deny_all)) != 1:
            raise ValueError("give exactly one of `to`, `create`, `deny_all`")
        return self

    @property
    def target(self) -> str | None:
        return self.create.name if self.create else self.to


class Mapping(_Strict):
    """The whole file."""

    version: Literal[1] = 1
    source: str
    target: str
    signed: Signature | None = None
    person: tuple[FieldRule, ...] = ()
    account: tuple[FieldRule, ...] = ()
    opportunity: tuple[FieldRule, ...] = ()
    topics: tuple[TopicRule, ...] = ()
    owners: dict[str, str] = Field(default_factory=dict)

    def rules(self, kind: Kind) -> tuple[FieldRule, ...]:
        return {Kind.PERSON: self.person, Kind.ACCOUNT: self.account, Kind.OPPORTUNITY: self.opportunity}[kind]
