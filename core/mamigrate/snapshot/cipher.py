"""Snapshots encrypted at rest: AES-256-GCM, a key of its own for each file, derived from the one key of the project.

Tables are encrypted as Parquet's own format says; pages and other files in frames of ours. A changed or cut frame is seen,
one that is taken out whole is not.
"""

import base64
import binascii
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from mamigrate.errors import DamagedSnapshot, UsageError

KEY_BYTES = 32
_NONCE = 12
_SIZE = 4
"""Bytes before each frame that hold its length."""


@dataclass(frozen=True, slots=True)
class Cipher:
    """The key of a project. It never prints."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str, where: str) -> "Cipher":
        """From 32 random bytes in base 64. Raises UsageError, which does not repeat the text."""
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise UsageError(f"a key is {KEY_BYTES} random bytes in base 64 (`openssl rand -base64 32`)", where=where)
        _library(where)
        return cls(key)

    def of_file(self, snapshot: str, name: str) -> "FileCipher":
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = f"mamigrate/{snapshot}/{name}".encode()
        return FileCipher(HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.key))

    def mark(self, snapshot: str) -> str:
        """What a manifest keeps to know the key again. It tells nothing of the key."""
        return self.of_file(snapshot, "mark").key.hex()[:16]


@dataclass(frozen=True, slots=True)
class FileCipher:
    """The key of one file."""

    key: bytes = field(repr=False)

    def frame(self, content: bytes) -> bytes:
        """A frame: length, nonce, ciphertext. Frames can be appended one by one."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        sealed = nonce + AESGCM(self.key).encrypt(nonce, content, None)
        return len(sealed).to_bytes(_SIZE, "big") + sealed

    def frames(self, file: BinaryIO, path: Path) -> Iterator[bytes]:
        """What the frames of a file hold. Raises DamagedSnapshot for one that is cut, changed, or of another key."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        while head := file.read(_SIZE):
            sealed = file.read(int.from_bytes(head, "big"))
            try:
                yield AESGCM(self.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
            except (InvalidTag, ValueError) as error:
                raise DamagedSnapshot("a frame is damaged or of another key", path=path, fix="read_again") from error


def _library(where: str) -> None:
    try:
        import cryptography  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise UsageError("install mamigrate[encryption] to encrypt snapshots", where=where) from error
