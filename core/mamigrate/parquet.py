"""Parquet files row group by row group."""

from contextlib import suppress
from typing import Any

import pyarrow.parquet as pq


class Writer(pq.ParquetWriter):  # type: ignore[misc]  # Arrow tells no types
    """A writer that says once what went wrong. Arrow's own ends the file when it is collected, and a disk that is full then stands
    on the screen a second time, as a traceback.
    """

    def __del__(self) -> None:
        with suppress(OSError):
            super().__del__()


def compressed(out: Any, schema: Any) -> Writer:
    """Of rows that nobody reads but this program: quick to write."""
    return Writer(out, schema, compression="zstd")
