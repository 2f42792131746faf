"""Landed pages: one zstd frame a page, one JSON line a frame, appended as received. They are the truth."""

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa

from mamigrate import private
from mamigrate.contract import Landed
from mamigrate.errors import DamagedSnapshot
from mamigrate.snapshot.cipher import FileCipher

_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")


class LandingFile:
    """Appends pages to one file. What lies beyond ``confirmed`` bytes (a torn last page) is cut off on opening."""

    def __init__(self, path: Path, confirmed: int = 0, cipher: FileCipher | None = None) -> None:
        self._file, self._cipher = private.append(path), cipher
        self._file.truncate(confirmed)
        self._file.seek(confirmed)  # Cutting does not move: lengths would be told as if nothing had been cut.
        self._codec = pa.Codec("zstd", compression_level=3)
        self._behind = True

    def add(self, landed: Landed) -> int:
        """Append a page and return the file's length, which is safe on disk after ``sync``."""
        packed = self._codec.compress(_line(landed), asbytes=True)
        self._file.write(self._cipher.frame(packed) if self._cipher else packed)
        self._behind = True
        return self._file.tell()

    def sync(self) -> None:
        """Wait for the disk, where anything was added since the last time."""
        if self._behind:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._behind = False

    def close(self) -> None:
        self.sync()
        self._file.close()


def read(path: Path, cipher: FileCipher | None = None) -> Iterator[Landed]:
    """The pages of a landed file, in order. Raises DamagedSnapshot where one does not parse."""
    for line in _plain(path) if cipher is None else _decrypted(path, cipher):
        try:
            parsed = orjson.loads(line)
            landed = Landed(orjson.dumps(parsed["body"]), dict(parsed["context"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedSnapshot("a landed page does not parse", path=path, fix="read_again") from error
        yield landed


def _plain(path: Path) -> Iterator[bytes]:
    with pa.input_stream(str(path), compression="zstd") as stream:
        yield from _lines(stream, path)


def _decrypted(path: Path, cipher: FileCipher) -> Iterator[bytes]:
    with path.open("rb") as file:
        for frame in cipher.frames(file, path):
            with pa.input_stream(pa.BufferReader(frame), compression="zstd") as stream:
                yield stream.read()


def _line(landed: Landed) -> bytes:
    # Raw line breaks in JSON stand outside strings only, so a space keeps the meaning.
    body = landed.body.translate(_LINE_BREAKS).strip() or b"null"
    return b'{"context":' + orjson.dumps(dict(landed.context)) + b',"body":' + body + b"}\n"


def _lines(stream: pa.NativeFile, path: Path) -> Iterator[bytes]:
    rest = b""
    while block := _unpacked(stream, path):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _unpacked(stream: pa.NativeFile, path: Path) -> bytes:
    """The next bytes. Raises DamagedSnapshot where they cannot be unpacked, and leaves the disk's own errors as they are."""
    try:
        return bytes(stream.read(1 << 20))
    except OSError as error:
        if error.errno is not None:
            raise
        raise DamagedSnapshot("a landed page cannot be unpacked", path=path, fix="read_again") from error
