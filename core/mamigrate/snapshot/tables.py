"""Typed Parquet tables of a snapshot, written in batches from neutral rows."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet import encryption

from mamigrate import private
from mamigrate.contract import NeutralRow
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.model.schema import arrow_schema
from mamigrate.parquet import Writer
from mamigrate.snapshot.cipher import FileCipher

ESTATE_SCHEMA = pa.schema([("key", pa.string()), ("name", pa.string()), ("body", pa.string())])
BATCH = 1024
"""Rows held before a row group is written: about 2 MiB of people with 40 fields, several times that while they are rows."""


def schema(kind: Kind) -> pa.Schema:
    return ESTATE_SCHEMA if kind in ESTATE else arrow_schema(kind)


class TableWriter:
    """Rows of one kind into one Parquet file. Rows must have the shape of the kind's model."""

    def __init__(self, path: Path, kind: Kind, cipher: FileCipher | None = None) -> None:
        self._kind, self._schema = kind, schema(kind)
        self._out = private.create(path)
        sealed = {"encryption_properties": encryption.create_encryption_properties(cipher.key)} if cipher else {}
        self._writer = Writer(self._out, self._schema, compression="zstd", compression_level=6, **sealed)
        self._held: list[NeutralRow] = []
        self.rows = 0

    def add(self, rows: Sequence[NeutralRow]) -> None:
        self.rows += len(rows)
        self._held.extend(rows)
        if len(self._held) >= BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._out.close()

    def _flush(self) -> None:
        if self._held:
            self._writer.write_batch(to_batch(self._held, self._kind))
            self._held = []


def column(path: Path, name: str, cipher: FileCipher | None = None) -> list[Any]:
    """One column of a table, whole."""
    found: list[Any] = pq.read_table(path, columns=[name], **decryption(cipher)).column(name).to_pylist()
    return found


def decryption(cipher: FileCipher | None) -> dict[str, Any]:
    """How to read a table, as keyword arguments of pyarrow's readers."""
    return {"decryption_properties": encryption.create_decryption_properties(cipher.key)} if cipher else {}


def to_batch(rows: Iterable[NeutralRow], kind: Kind) -> pa.RecordBatch:
    """Neutral rows as Arrow; estate objects as key, name and JSON body."""
    if kind in ESTATE:
        return pa.RecordBatch.from_pylist([_estate_row(row) for row in rows], ESTATE_SCHEMA)
    return pa.RecordBatch.from_pylist([_with_sorted_maps(row) for row in rows], arrow_schema(kind))


def _estate_row(row: NeutralRow) -> dict[str, str]:
    return {"key": row["key"], "name": row["name"], "body": orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()}


def _with_sorted_maps(row: NeutralRow) -> dict[str, Any]:
    # Engines compare maps in the order of their keys.
    if "values" not in row:
        return row
    return {**row, "values": sorted(row["values"].items())}
