"""The only place where expressions run: Ibis on DuckDB, inside a memory limit, spilling to a private folder."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.operations import Sort

from mamigrate import private
from mamigrate.contract import NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.parquet import Writer, compressed
from mamigrate.snapshot.cipher import FileCipher
from mamigrate.snapshot.folder import Snapshot
from mamigrate.snapshot.in_order import InOrder
from mamigrate.snapshot.limits import Begun, Limits
from mamigrate.snapshot.seen import Seen
from mamigrate.snapshot.tables import decryption, schema, to_batch

MEMORY_MB = 160
SMALLER_MB = 112
"""What the engine may keep once a plan is made: the program has grown to its full size then, and the joins have become narrow."""
NUMBER = "file_row_number"
"""What the engine calls the number of a row in its file."""
GROUP = 2048
"""Rows of a row group of what the engine writes: a few MiB of people with all their values."""


class Gathered:
    """Rows that come bit by bit, any number of them, and are a table in the end. They go to a file, not into memory."""

    def __init__(self, engine: "Engine", path: Path, writer: Writer) -> None:
        self._engine, self._path, self._writer = engine, path, writer

    def add(self, rows: Sequence[NeutralRow]) -> None:
        self._writer.write_batch(pa.RecordBatch.from_pylist(list(rows), self._writer.schema))

    def table(self) -> ir.Table:
        """All of them, once nothing is added any more."""
        return self._engine.parquet(self._path, self._writer.schema)


class Engine:
    """An embedded engine. ``spill`` is a folder for what does not fit into ``memory_mb``."""

    def __init__(self, spill: Path, *, memory_mb: int = MEMORY_MB, threads: int = 2) -> None:
        self._spill = private.folder(spill)
        # In a file, not in memory: kept tables are compressed there and need not stay within the limit.
        file = self._spill / ibis.util.gen_name("engine")
        self._backend = ibis.duckdb.connect(file, threads=threads, memory_limit=f"{memory_mb}MB")
        self._backend.raw_sql(f"set temp_directory = '{self._spill}'")
        self._backend.raw_sql("set TimeZone = 'UTC'")
        self._backend.raw_sql("set preserve_insertion_order = false")
        self._limits = Limits(self._backend.raw_sql, memory_mb, threads)
        self._once: dict[Path, ir.Table] = {}
        self._repeated: dict[Path, list[str]] = {}
        self._decrypted: dict[Path, str] = {}
        self._named = Counter[str]()

    def table(self, snapshot: Snapshot, kind: Kind) -> ir.Table:
        """A kind's table, each key once; an empty one where the snapshot holds none."""
        if not snapshot.has(kind):
            return self.memory(schema(kind).empty_table())
        path = snapshot.table_path(kind)
        if kind is Kind.CONSENT_FACT:  # facts are only ever added: what two states of a record say is united
            return self._view(self._whole(self._rows_of(snapshot, kind), kind), schema(kind))
        if path not in self._once:
            repeated, rows = self.repeated(snapshot, kind), self._rows_of(snapshot, kind)
            self._once[path] = self._newest(snapshot, kind) if repeated else self._view(rows, schema(kind))
        return self._once[path]

    def _whole(self, rows: str, kind: Kind) -> str:
        """Rows with every column of their kind: a snapshot of an older minor version of the model lacks the newest."""
        there = {name for name, *_ in self._backend.raw_sql(f"describe select * from {rows}").fetchall()}
        lacking = [name for name in schema(kind).names if name not in there]
        empty = "".join(f", null::varchar as {name}" for name in lacking)
        return f"(select *{empty} from {rows})" if lacking else rows

    def repeated(self, snapshot: Snapshot, kind: Kind) -> list[str]:
        """Keys that were read more than once: records that changed or moved while their pages were read."""
        path = snapshot.table_path(kind)
        if path not in self._repeated and snapshot.has(kind):
            keys = self._view(self._rows_of(snapshot, kind), schema(kind)).group_by("key").agg(n=ibis._.count())
            self._repeated[path] = [row["key"] for row in self.rows(keys.filter(keys.n > 1).order_by("key"))]
        return self._repeated.get(path, [])

    def _rows_of(self, snapshot: Snapshot, kind: Kind, *, numbered: bool = False) -> str:
        """What reads a table of a snapshot, in the engine's words; ``numbered``: with ``file_row_number``."""
        path = snapshot.table_path(kind)
        if (cipher := snapshot.cipher_of(path)) is not None:
            rows = self._decrypted.get(path) or self._decrypted.setdefault(path, self._decrypt(path, cipher))
            return rows if numbered else f"(select * exclude ({NUMBER}) from {rows})"
        return f"read_parquet('{_quoted(path)}'{f', {NUMBER} = true' if numbered else ''})"

    def _decrypt(self, path: Path, cipher: FileCipher) -> str:
        """The rows of an encrypted file as a table of the engine's own file, which goes with the process.

        DuckDB 2 reads encrypted files of Arrow only where no column is a list or a map.
        """
        name: str = ibis.util.gen_name("decrypted")
        with self._backend.con.cursor() as cursor, pq.ParquetFile(path, **decryption(cipher)) as file:
            cursor.register("rows", pa.RecordBatchReader.from_batches(*_numbered(file)))
            cursor.execute(f"create table {name} as select * from rows")
        return name

    def _newest(self, snapshot: Snapshot, kind: Kind) -> ir.Table:
        """A view without the older rows of a key: the last change wins, and of equals what came last."""
        rows = self._rows_of(snapshot, kind, numbered=True)
        order = "updated_at desc nulls last, " if "updated_at" in schema(kind).names else ""
        rank = f"row_number() over (partition by key order by {order}file_row_number desc)"
        newest = self._named_table(schema(kind))
        name, older = newest.get_name(), f"{newest.get_name()}_older"
        self._backend.raw_sql(
            f"create table {older} as select file_row_number from {rows} where key in "
            f"(select key from {rows} group by key having count(*) > 1) qualify {rank} > 1"
        )
        self._backend.raw_sql(
            f"create view {name} as select * exclude (file_row_number) from {rows} anti join {older} using (file_row_number)"
        )
        return newest

    def parquet(self, path: Path, schema: pa.Schema | None = None) -> ir.Table:
        """A view of a Parquet file, visible to every cursor (Ibis's own reader makes temporary ones, which are not)."""
        return self._view(f"read_parquet('{_quoted(path)}')", schema or pq.read_schema(path))

    def _view(self, rows: str, schema: Any) -> ir.Table:
        view = self._named_table(schema)
        self._backend.raw_sql(f"create view {view.get_name()} as select * from {rows}")
        return view

    def rows_as_table(self, rows: Sequence[NeutralRow], kind: Kind) -> ir.Table:
        """Neutral rows as a table of their kind."""
        return self.memory(pa.Table.from_batches([to_batch(rows, kind)], schema(kind)))

    def gather(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        """Rows as they come, any number of them, as a table: they go into the engine's folder, not into memory."""
        path = self._spill / f"{ibis.util.gen_name('gathered')}.parquet"
        with private.replacing(path) as out, compressed(out, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        return self.parquet(path, schema)

    @contextmanager
    def gathered(self, schema: pa.Schema) -> Iterator[Gathered]:
        """An empty set of rows, to be added to; it is a table when this ends."""
        path = self._spill / f"{ibis.util.gen_name('gathered')}.parquet"
        with private.replacing(path) as out, compressed(out, schema) as writer:
            yield Gathered(self, path, writer)

    def shrink(self, memory_mb: int = SMALLER_MB) -> None:
        """Keep less from now on, whatever is in use: the rest of the program needs the difference."""
        pa.default_memory_pool().release_unused()
        self._limits.shrink(memory_mb)

    def seen(self) -> Seen:
        """An empty set of texts."""
        return Seen(self._backend.con.cursor(), ibis.util.gen_name("seen"))

    def memory(self, table: pa.Table, instead: ir.Table | None = None) -> ir.Table:
        """A table of a few rows; ``instead`` of the rows of an earlier one, where there is one."""
        held = self._named_table(table.schema) if instead is None else instead
        with self._backend.con.cursor() as cursor:
            cursor.register("rows", table)
            cursor.execute(f"create or replace table {held.get_name()} as select * from rows")
        return held

    def instant(self, at: datetime) -> ir.TimestampScalar:
        """A moment as an expression that is the same in every run: what was built and translated with it is so once."""
        held = self.memory(pa.table({"at": pa.array([at], pa.timestamp("us", "UTC"))}))
        return held.at.as_scalar()

    def keep(self, expression: ir.Table, instead: ir.Table | None = None) -> ir.Table:
        """Run an expression once and keep its result for several uses; ``instead`` of the rows of a table that was kept."""
        kept = self._named_table(expression.schema()) if instead is None else instead
        self._run(f"create or replace table {kept.get_name()} as {_sql(expression.op())}")
        return kept

    def add(self, kept: ir.Table, expression: ir.Table) -> None:
        """Put rows into a table that was kept."""
        self._run(f"insert into {kept.get_name()} {_sql(expression.select(*kept.columns).op())}")

    def _run(self, statement: str) -> None:
        self._limits.patiently(partial(self._backend.raw_sql, statement))

    def stream(self, expression: ir.Table) -> ir.Table:
        """As ``keep``, into a file, a few rows at a time: a kept table is made of large groups of rows, all in memory."""
        path = self._spill / f"{ibis.util.gen_name('streamed')}.parquet"
        self.write(expression, path)
        # The columns of the expression: what a file says of its types is not always the same.
        return self._view(f"read_parquet('{_quoted(path)}')", expression.schema())

    def batches(self, expression: ir.Table, size: int) -> Iterator[list[dict[str, Any]]]:
        """Rows as dicts, ``size`` at a time; maps come as lists of pairs."""
        _, batches = self._steadily(expression, size)
        for batch in batches:
            yield batch.to_pylist()

    def _steadily(self, expression: ir.Table, size: int) -> Begun:
        return self._limits.steadily(partial(self._begun, expression, size), partial(self._total, expression))

    def _total(self, expression: ir.Table) -> bool:
        """Whether an expression's rows come in one order and no other: it sorts them, and no two of them by the same values."""
        node = expression.op()
        if not isinstance(node, Sort):
            return False
        rows = node.parent.to_expr()
        by = {f"by{number}": key.arg.to_expr() for number, key in enumerate(node.keys)}
        same = rows.select(**by).group_by(list(by)).agg(n=ibis._.count())
        return not self.rows(same.filter(same.n > 1).limit(1))

    def _begun(self, expression: ir.Table, size: int) -> Begun:
        """What an expression comes to, ``size`` rows at a time. Sorts and joins are done when the first of them is there."""
        # A cursor of its own, so that other expressions may run while this one is being read.
        reader = self._relation(self._backend.con.cursor(), expression).to_arrow_reader(size)
        first = [batch for batch in [next(reader, None)] if batch is not None]
        return reader.schema, chain(first, reader)

    def rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        def all_of_them() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = self._relation(self._backend.con, expression).to_arrow_table().to_pylist()
            return found

        return self._limits.patiently(all_of_them)

    def one(self, expression: ir.Table) -> dict[str, Any]:
        """The single row of an aggregate."""
        (row,) = self.rows(expression)
        return row

    def _relation(self, connection: Any, expression: ir.Table) -> Any:
        # Ibis 12 runs queries through calls that DuckDB 2 has deprecated, so only its SQL is used.
        return connection.sql(_sql(expression.op()))

    def _named_table(self, schema: Any) -> ir.Table:
        """A table to be made. Its name comes from its columns, so that the next move asks for the very same expressions."""
        columns = ibis.schema(schema)
        like = hashlib.blake2b(str(columns).encode(), digest_size=6).hexdigest()
        self._named[like] += 1
        return ibis.table(columns, name=f"t{like}_{self._named[like]}")

    def in_order(self, pieces: Iterable[ir.Table], *columns: str) -> InOrder:
        """Rows in a file that lasts as long as the engine's folder: pieces one after another, each sorted by ``columns``.

        A table with all values of everybody is too wide to be sorted at once within the limit, and to be sorted again for
        each reading; pieces of some thousand rows are not.
        """
        path = self._spill / f"{ibis.util.gen_name('sorted')}.parquet"
        # Sorted pieces are there as a whole once they begin, so each may be asked for again.
        begun = (self._steadily(one.order_by(list(columns)), GROUP) for one in pieces)
        self._write(begun, path)
        return InOrder(path)

    def write(self, expression: ir.Table, path: Path) -> int:
        """Run an expression into a private Parquet file and return its number of rows."""
        return self._limits.patiently(lambda: self._write((self._begun(expression, GROUP),), path))

    def _write(self, read: Iterable[Begun], path: Path) -> int:
        written, writer = 0, None
        with private.replacing(path) as out, ExitStack() as stack:
            for schema, batches in read:
                if writer is None:
                    writer = stack.enter_context(compressed(out, schema))
                for batch in batches:
                    writer.write_batch(batch)
                    written += batch.num_rows
        # What Arrow was given for batches it keeps for more of them, beside all that the engine may have.
        pa.default_memory_pool().release_unused()
        return written


@lru_cache(maxsize=4096)
def _sql(expression: Any) -> str:
    """The SQL of an expression's node. A process that moves often needs each but once."""
    return str(ibis.duckdb.compile(expression.to_expr()))


def _numbered(file: pq.ParquetFile) -> Begun:
    """The rows of a file, each with its number."""

    def batches() -> Iterator[pa.RecordBatch]:
        begun = 0
        for batch in file.iter_batches(GROUP):
            numbers = pa.array(range(begun, begun + batch.num_rows), pa.int64())
            yield batch.append_column(NUMBER, numbers)
            begun += batch.num_rows

    return file.schema_arrow.append(pa.field(NUMBER, pa.int64())), batches()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
