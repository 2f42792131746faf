"""Basis rules: what a value of a field says about how the address was got, as a person of the company signed it.

They only answer what a pack asks for: a grant of a basis rule lifts no denial and opens no field.
"""

from typing import Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from mamigrate.consent.regimes.pack import packs
from mamigrate.consent.scope import Scope
from mamigrate.handwritten.text import hint
from mamigrate.once import once

COLUMNS = ("key", "kind", "person_key", "address_strict", *Scope._fields, "lo", "until", "proof", "basis")
"""What packs look at."""
WHOLE = (*COLUMNS, "polarity", "holder", "address_loose", "hi", "actor", "source_ref", "raw")
"""A fact of a rule as evidence tells it."""
_TYPES = {"proof": pa.int64()} | dict.fromkeys(("lo", "hi", "until"), pa.timestamp("us", "UTC"))
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in WHOLE])
INSTANT = "timestamp('UTC', 6)"
WHOLE_DAY = 10
"""Characters of a date without a time."""
LONGEST = 200
"""Characters of a value that a fact tells."""


class BasisRule(BaseModel):
    """``values`` of ``field`` mean a grant on ``basis``; empty: any value does. ``dated_by``: the field with the event's date.

    ``topics``: subscription types of which it speaks, all of marketing by default.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    values: tuple[str, ...] = ()
    basis: str
    kind: Literal["grant", "implied_grant"] = "implied_grant"
    dated_by: str = ""
    proof: int = Field(default=1, ge=0, le=3)
    topics: tuple[str, ...] = ("*",)

    @model_validator(mode="after")
    def _is_known(self) -> "BasisRule":
        """An implied grant on a basis that no pack knows would never count. That of an express one is only noted."""
        known = {name for pack in packs().values() for name in pack.soft}
        if self.kind == "implied_grant" and self.basis not in known:
            raise ValueError(f'no pack of law knows the basis "{self.basis}"; {hint(self.basis, known)}')
        return self


@once
def beside(read: ir.Table, made: ir.Table) -> ir.Table:
    """The facts that were read and those of the rules, in the columns that packs look at."""
    return read.mutate(basis=ibis.literal("")).select(*COLUMNS).union(made.select(*COLUMNS))


@once
def every(people: ir.Table, rules: tuple[BasisRule, ...], connection: str) -> ir.Table:
    """The facts of all rules, in the columns WHOLE. There is one rule at least."""
    return ibis.union(*(made.select(*WHOLE) for made in facts(people, rules, connection)))


@once
def facts(people: ir.Table, rules: tuple[BasisRule, ...], connection: str) -> list[ir.Table]:
    """Grants that the rules read out of people, one expression a rule and topic, in the columns WHOLE."""
    return [_facts(people, at, rule, topic, connection) for at, rule in enumerate(rules) for topic in rule.topics]


def _facts(people: ir.Table, at: int, rule: BasisRule, topic: str, connection: str) -> ir.Table:
    text = people["values"].get(rule.field, "").fill_null("").strip()
    named = text.lower().isin([value.strip().lower() for value in rule.values]) if rule.values else text != ""
    found = people.filter(named & people.email_strict.notnull())
    reference, lo = ibis.literal(f"{connection}/person/") + found.key + f"/{rule.field}", _instant(found, rule)
    return found.select(
        key=reference + f"/{at}/{topic}",
        kind=ibis.literal(rule.kind),
        person_key=found.key,
        address_strict=found.email_strict,
        **{name: ibis.literal(value) for name, value in Scope(topic=topic)._asdict().items()},
        lo=lo,
        hi=_latest(found, rule, lo),
        until=ibis.null(INSTANT),
        proof=ibis.literal(rule.proof).cast("int64"),
        basis=ibis.literal(rule.basis),
        polarity=ibis.literal("+"),
        holder=ibis.literal("address"),
        address_loose=found.email_loose,
        actor=ibis.literal("operator"),
        source_ref=reference,
        raw=found["values"].get(rule.field, "").fill_null("")[:LONGEST],
    )


def _instant(people: ir.Table, rule: BasisRule) -> ir.TimestampValue:
    """The earliest instant that the date may mean anywhere on earth; null where there is none."""
    if not rule.dated_by:
        return ibis.null(INSTANT)
    text = _date(people, rule)
    moment = text.try_cast(INSTANT)
    return (text.length() <= WHOLE_DAY).ifelse(moment - ibis.interval(hours=14), moment)


def _latest(people: ir.Table, rule: BasisRule, lo: ir.TimestampValue) -> ir.TimestampValue:
    """The end of the day that the date names, where it ends last on earth; the instant itself where the time is told."""
    if not rule.dated_by:
        return lo
    return (_date(people, rule).length() <= WHOLE_DAY).ifelse(lo + ibis.interval(hours=50), lo)


def _date(people: ir.Table, rule: BasisRule) -> ir.StringValue:
    return people["values"].get(rule.dated_by, "").fill_null("").strip()
