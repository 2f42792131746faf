"""The command line as it was typed: a report says how it was made."""

import shlex
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

_TYPED: ContextVar[tuple[str, ...]] = ContextVar("typed", default=())


PERSONAL = "--who"
"""The option whose value is somebody's address: it is kept nowhere."""


def keep(words: Sequence[str]) -> None:
    """Called once, before a command begins."""
    _TYPED.set(tuple(_of_nobody(words)))


def _of_nobody(words: Sequence[str]) -> Iterator[str]:
    """The line without anybody's address."""
    rest = iter(words)
    for word in rest:
        if word == PERSONAL:
            next(rest, None)
        elif not word.startswith(f"{PERSONAL}="):
            yield word


def said() -> tuple[str, ...]:
    """The words after ``mamigrate``."""
    return _TYPED.get()


def typed(more: Sequence[str] = ()) -> str:
    """The line for a shell, with ``more`` words at its end."""
    return shlex.join(["mamigrate", *_TYPED.get(), *more])
