"""Landed pages: one zstd frame a page, one JSON line a frame, appended as received. They are the truth."""

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa

from mamigrate import private
from mamigrate.contract import Landed
from mamigrate.errors import DamagedSnapshot

_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")


class LandingFile:
    """Appends pages to one file. What lies beyond ``confirmed`` bytes (a torn last page) is cut off on opening."""

    def __init__(self, path: Path, confirmed: int = 0) -> None:
        self._file = private.append(path)
        self._file.truncate(confirmed)
        self._codec = pa.Codec("zstd", compression_level=3)

    def add(self, landed: Landed) -> int:
        """Append a page and return the file's length, which is safe on disk after ``sync``."""
        self._file.write(self._codec.compress(_line(landed), asbytes=True))
        return self._file.tell()

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self.sync()
        self._file.close()


def read(path: Path) -> Iterator[Landed]:
    """The pages of a landed file, in order. Raises DamagedSnapshot where one does not parse."""
    with pa.input_stream(str(path), compression="zstd") as stream:
        for line in _lines(stream):
            try:
                parsed = orjson.loads(line)
                yield Landed(orjson.dumps(parsed["body"]), parsed["context"])
            except (orjson.JSONDecodeError, KeyError) as error:
                raise DamagedSnapshot("a landed page does not parse", path=path, fix="read_again") from error


def _line(landed: Landed) -> bytes:
    # Raw line breaks in JSON stand outside strings only, so a space keeps the meaning.
    body = landed.body.translate(_LINE_BREAKS).strip() or b"null"
    return b'{"context":' + orjson.dumps(dict(landed.context)) + b',"body":' + body + b"}\n"


def _lines(stream: pa.NativeFile) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(1 << 20):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest
