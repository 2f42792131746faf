"""Tables that are filled again for each piece of a population: the same names, so that each expression is compiled once."""

from collections.abc import Callable

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.snapshot.engine import Engine


class Slots:
    """As ``Engine.keep`` and ``Engine.memory``; after ``begin`` the first call fills the first table anew, and so on.

    Whatever is kept must be kept in the same order each time. What stood there before is gone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._tables, self._at = engine, list[ir.Table](), 0

    def begin(self) -> None:
        self._at = 0

    def keep(self, expression: ir.Table) -> ir.Table:
        return self._fill(lambda slot: self._engine.keep(expression, slot))

    def memory(self, table: pa.Table) -> ir.Table:
        return self._fill(lambda slot: self._engine.memory(table, slot))

    def _fill(self, into: Callable[[ir.Table | None], ir.Table]) -> ir.Table:
        if self._at == len(self._tables):
            self._tables.append(into(None))
        else:
            into(self._tables[self._at])
        self._at += 1
        return self._tables[self._at - 1]
