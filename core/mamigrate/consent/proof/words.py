"""Words that the statements share. Null-safe: what is not known to be true is not true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.tables import SCOPE, Asked

MAIL = ("email", "*")
TARGET = "target/"
"""How keys begin of facts that stood on the target."""


def instant(moment: datetime | ir.Scalar) -> Any:
    """A moment as a value of expressions. A scalar of the engine leaves the expression the same from run to run."""
    return moment if isinstance(moment, ir.Value) else ibis.literal(moment)


def true(column: ir.Value) -> ir.BooleanValue:
    return ibis.coalesce(column, False)


def found(rows: ir.Table, *subject: str) -> ir.Table:
    """(population, subject): the rows that break a statement, each named by some of its columns."""
    named = [ibis.coalesce(rows[name].cast("string"), "?") for name in subject]
    return rows.select("population", subject=ibis.literal("/").join(named))


def said(facts: ir.Table) -> ir.BooleanValue:
    """Whether a fact was read. That of a basis rule opens no field, and is no reason for anything but the law."""
    return ibis.coalesce(facts.basis, "") == ""


def running(facts: ir.Table, asked: Asked) -> ir.Table:
    """Facts that have begun, as far as anybody knows, and have not ended."""
    at = instant(asked.at)
    return facts.filter((facts.lo.isnull() | (facts.lo <= at)) & (facts.until.isnull() | (facts.until > at)))


def active(facts: ir.Table, asked: Asked) -> ir.Table:
    """Denials that have not ended. One that begins later holds already."""
    return facts.filter((facts.polarity == "-") & (facts.until.isnull() | (facts.until > instant(asked.at))))


def beneath(wide: ir.Table, covers: ir.Table, *columns: str) -> ir.Table:
    """``columns`` of ``wide``, once for every scope that it covers; the scope's columns are the covered one's."""
    narrow = {name: covers[f"under_{name}"] for name in SCOPE}
    closure = covers.select(*SCOPE, **{f"under_{name}": column for name, column in narrow.items()})
    spread = wide.join(closure, list(SCOPE)).select(*columns, **{name: ibis._[f"under_{name}"] for name in SCOPE})
    return spread


def by_holder(left: ir.Table, right: ir.Table, on: Sequence[str]) -> ir.Table:
    """Rows of ``left`` without the same person, or the same address, in ``right``; a null is nobody's."""
    for holder in ("person", "address_loose"):
        left = left.anti_join(right.select(*on, holder).distinct(), [*on, holder])
    return left
