"""Standard output that outlives its reader: ``| head`` closes the pipe early, and the command still comes to its own end."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast


class _Patient:
    """A stream whose reader may leave: from then on everything goes nowhere."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @property
    def buffer(self) -> "_Patient":
        return _Patient(self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str | bytes) -> int:
        try:
            return int(self._stream.write(text))
        except BrokenPipeError:
            _to_nowhere(self._stream)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            _to_nowhere(self._stream)


def _to_nowhere(stream: Any) -> None:
    """What is still buffered must not fail either when the interpreter leaves. (Python docs, "Note on SIGPIPE")"""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def patient() -> Iterator[None]:
    """Whoever reads our standard output may leave meanwhile."""
    before = sys.stdout
    sys.stdout = cast("TextIO", _Patient(before))
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout = before
