"""The command line as it was typed: a report says how it was made."""

import shlex
from collections.abc import Sequence
from contextvars import ContextVar

_TYPED: ContextVar[tuple[str, ...]] = ContextVar("typed", default=())


def keep(words: Sequence[str]) -> None:
    """Called once, before a command begins."""
    _TYPED.set(tuple(words))


def said() -> tuple[str, ...]:
    """The words after ``mamigrate``."""
    return _TYPED.get()


def typed(more: Sequence[str] = ()) -> str:
    """The line for a shell, with ``more`` words at its end."""
    return shlex.join(["mamigrate", *_TYPED.get(), *more])
