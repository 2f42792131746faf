"""Rows in a file, read back a few at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

AT_ONCE = 250
"""Rows read at a time from a file: as Python's objects they take ten times what they take in the file."""


class InOrder:
    """Rows in a file, in the order in which they were written. May be read any number of times."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.where()

    def where(self, **flags: bool) -> Iterator[dict[str, Any]]:
        """Only rows whose boolean columns say so."""
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(AT_ONCE, use_threads=False):
                for name, wanted in flags.items():
                    batch = batch.filter(pc.equal(batch.column(name), wanted))
                yield from batch.to_pylist()
