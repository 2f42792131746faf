"""Files that cannot be written to their end."""

import errno
import gc
import io
import os
import sys
from typing import Any

import pyarrow as pa
import pytest

from mamigrate.parquet import compressed

SCHEMA = pa.schema([("name", pa.string())])


class Full(io.RawIOBase):
    """A disk that takes the first bytes and no more."""

    def __init__(self, room: int) -> None:
        self.room = room

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(data)


def test_what_is_given_up_on_a_full_disk_says_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows fit, and its end does not."""
    again: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", again.append)
    disk = Full(500)
    writer = compressed(disk, SCHEMA)
    writer.write_batch(pa.record_batch({"name": [os.urandom(50).hex()]}, SCHEMA))
    del writer
    gc.collect()
    assert disk.room < 0
    assert again == []
