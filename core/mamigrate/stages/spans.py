"""A population in pieces by key, so that its values need not be sorted all at once."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from mamigrate.snapshot.engine import Engine

PIECE = 5000
"""People whose values are sorted at once."""
ROWS = 20_000
"""Rows of any table that are sorted at once, about."""
DRAWN = 16
"""Keys that are drawn for each span: the more, the more alike the spans are."""


@dataclass(frozen=True, slots=True)
class Span:
    """Keys from ``first`` to before ``beyond``; None: without end."""

    first: str
    beyond: str | None

    def __call__(self, table: ir.Table, column: str = "key") -> ir.Table:
        """The rows of a table inside the span."""
        inside = table[column] >= self.first
        return table.filter(inside if self.beyond is None else inside & (table[column] < self.beyond))


def about(engine: Engine, table: ir.Table, column: str = "key") -> list[Span]:
    """Spans of about ``ROWS`` rows of any table, in order. Their bounds are drawn: sorting all keys is what they are to spare."""
    drawn = table.filter(table[column].hash() % (ROWS // DRAWN) == 0).select(column).distinct().order_by(column)
    bounds = ["", *[row[column] for row in engine.rows(drawn)][DRAWN::DRAWN]]
    return [Span(first, beyond) for first, beyond in zip(bounds, [*bounds[1:], None], strict=True)]


def spans(engine: Engine, matched: ir.Table) -> list[Span]:
    """Spans of ``PIECE`` keys each, in order."""
    numbered = matched.select("key", at=ibis.row_number().over(order_by="key"))
    firsts = [row["key"] for row in engine.rows(numbered.filter(numbered.at % PIECE == 0).order_by("key"))] or [""]
    return [Span(first, beyond) for first, beyond in zip(firsts, [*firsts[1:], None], strict=True)]
