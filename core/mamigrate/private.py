"""Files that only their owner can read: 0600 in folders of 0700, whatever the umask.

Nothing that somebody else put in their place is written to: a link, a second name of another file, a pipe.
"""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mamigrate.errors import LocalTrouble

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
"""Without waiting: a pipe that nobody reads would be waited for."""


def folder(path: Path) -> Path:
    """Make a private folder (and private parents that are missing), and return it."""
    missing = [path, *path.parents]
    for part in reversed([p for p in missing if not p.exists()]):
        part.mkdir(mode=0o700, exist_ok=True)
        part.chmod(0o700)
    return path


def own(path: Path) -> Path:
    """As ``folder``, for a folder that belongs to the program: a link there is refused, and others lose their access."""
    if path.is_symlink():
        raise LocalTrouble("a link stands where a folder of the project belongs: remove it", path=path)
    folder(path).chmod(0o700)
    return path


def append(path: Path) -> IO[bytes]:
    """Open for appending; the file is private from its first instant."""
    return _open(path, _CREATE | os.O_APPEND, "ab")


def create(path: Path) -> IO[bytes]:
    """Open an empty file, replacing what it held."""
    out = _open(path, _CREATE, "wb")
    out.truncate(0)  # Only now that it is known to be ours.
    return out


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file so that readers see the old one or the whole new one; on disk before the name changes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)  # Of a process that had our number, or of somebody who guessed it.
    try:
        with _open(draft, _CREATE | os.O_EXCL, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    with replacing(path) as out:
        out.write(content)


def forget(path: Path) -> None:
    """Remove a file or a folder with all that is in it, on disk when this returns. Links are removed, never followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if path.parent.is_dir():
        _sync(path.parent)


def is_draft(path: Path) -> bool:
    """Whether this is what a killed process left of a file that it was about to replace."""
    return _DRAFT.fullmatch(path.name) is not None


_DRAFT = re.compile(r"\..+\.\d+\.new")


def _sync(folder: Path) -> None:
    """Names in a folder are on disk: after a power cut, what was removed does not come back."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int, mode: str) -> IO[bytes]:
    folder(path.parent)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise LocalTrouble(f"cannot write: {error.strerror}", path=path) from error
    if not _is_ours(os.fstat(descriptor)):
        os.close(descriptor)
        raise LocalTrouble("another file stands where one of the project belongs: remove it", path=path)
    os.fchmod(descriptor, 0o600)
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, mode)


def _is_ours(found: os.stat_result) -> bool:
    """Whether this is a file of its own: a second name would show what is written, or overwrite what stands there.

    The superuser works on projects of others.
    """
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and os.geteuid() in (found.st_uid, 0)
