"""One server a state file: an operating-system lock beside it, which says who serves it and where."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mamigrate import private
from mamigrate.errors import LocalTrouble

TRIES, PAUSE_S = 20, 0.25
"""A server whose run was killed takes a moment to leave: that must not refuse the next run."""


@contextmanager
def alone(state: Path, name: str) -> Iterator[IO[bytes]]:
    """Hold a state file's lock; ``serves`` notes in what is yielded. Raises LocalTrouble where another process serves it."""
    path = state.with_suffix(".lock")
    with private.append(path) as file:
        if not any(_taken(file) for _ in range(TRIES)):
            who = path.read_text(encoding="utf-8", errors="replace").strip() or "another process"
            raise LocalTrouble(f"the sandbox {name} is served already ({who}): use that one, or stop it", path=state)
        file.truncate(0)
        yield file


def serves(file: IO[bytes], url: str) -> None:
    """Note who serves a state file, and where."""
    file.write(f"process {os.getpid()}, {url}".encode())
    file.flush()


def _taken(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        time.sleep(PAUSE_S)
        return False
    return True
