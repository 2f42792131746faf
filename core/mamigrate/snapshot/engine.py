"""The only place where expressions run: Ibis on DuckDB, inside a memory limit, spilling to a private folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from mamigrate import private
from mamigrate.contract import NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.snapshot.tables import schema, to_batch

MEMORY_MB = 160


class Engine:
    """An embedded engine. ``spill`` is a folder for what does not fit into ``memory_mb``."""

    def __init__(self, spill: Path, *, memory_mb: int = MEMORY_MB, threads: int = 2) -> None:
        self._backend = ibis.duckdb.connect(threads=threads, memory_limit=f"{memory_mb}MB")
        self._backend.raw_sql(f"set temp_directory = '{private.folder(spill)}'")
        self._backend.raw_sql("set TimeZone = 'UTC'")
        self._backend.raw_sql("set preserve_insertion_order = false")

    def table(self, snapshot: Snapshot, kind: Kind) -> ir.Table:
        """A kind's table; an empty one where the snapshot holds none."""
        if not snapshot.has(kind):
            return self.memory(schema(kind).empty_table())
        return self.parquet(snapshot.table_path(kind))

    def parquet(self, path: Path) -> ir.Table:
        """A view of a Parquet file, visible to every cursor (Ibis's own reader makes temporary ones, which are not)."""
        name, quoted = ibis.util.gen_name("file"), str(path).replace("'", "''")
        self._backend.raw_sql(f"create view {name} as select * from read_parquet('{quoted}')")
        return self._backend.table(name)

    def rows_as_table(self, rows: Sequence[NeutralRow], kind: Kind) -> ir.Table:
        """Neutral rows as a table of their kind."""
        return self.memory(pa.Table.from_batches([to_batch(rows, kind)], schema(kind)))

    def memory(self, table: pa.Table) -> ir.Table:
        return self._backend.create_table(ibis.util.gen_name("held"), table)

    def keep(self, expression: ir.Table) -> ir.Table:
        """Run an expression once and keep its result for several uses."""
        return self._backend.create_table(ibis.util.gen_name("kept"), expression)

    def batches(self, expression: ir.Table, size: int) -> Iterator[list[dict[str, Any]]]:
        """Rows as dicts, ``size`` at a time; maps come as lists of pairs."""
        # A cursor of its own, so that other expressions may run while this one is being read.
        cursor = self._backend.con.cursor()
        reader = self._relation(cursor, expression).to_arrow_reader(size)
        for batch in reader:
            yield batch.to_pylist()

    def rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._relation(self._backend.con, expression).to_arrow_table().to_pylist()
        return found

    def one(self, expression: ir.Table) -> dict[str, Any]:
        """The single row of an aggregate."""
        (row,) = self.rows(expression)
        return row

    def _relation(self, connection: Any, expression: ir.Table) -> Any:
        # Ibis 12 runs queries through calls that DuckDB 2 has deprecated, so only its SQL is used.
        return connection.sql(ibis.to_sql(expression, dialect="duckdb"))

    def write(self, expression: ir.Table, path: Path) -> int:
        """Run an expression into a private Parquet file and return its number of rows."""
        written = 0
        with private.replacing(path) as out:
            arrow = expression.schema().to_pyarrow()
            with pq.ParquetWriter(out, arrow, compression="zstd") as writer:
                for rows in self.batches(expression, 10_000):
                    writer.write_table(pa.Table.from_pylist(rows, arrow))
                    written += len(rows)
        return written
