"""How fast a stage goes, and how that is said."""

from collections.abc import Callable
from typing import Protocol

Left = Callable[[str], str]
"""What is left of the quota that a stage uses, in words; empty where nobody tells."""


def untold(what: str) -> str:
    """No quota is known."""
    return ""


class Show(Protocol):
    """A progress function that also says what ``left`` tells."""

    left: Left

    def __call__(self, what: str, done: int, total: int | None) -> None: ...


class Pace:
    """How fast each stage goes, from its first word on."""

    def __init__(self) -> None:
        self._began: dict[str, tuple[float, int]] = {}

    def __call__(self, what: str, done: int, total: int | None, now: float) -> str:
        """Rate and remaining time in words; empty where nothing can be said yet."""
        began, first = self._began.setdefault(what, (now, done))
        if now <= began or done <= first:
            return ""
        rate = (done - first) / (now - began)
        left = f", about {(total - done) / rate:.0f} s left" if total and total > done else ""
        return f", {rate:,.0f}/s{left}"


def of(done: int, total: int | None) -> str:
    """How far a stage is, in words."""
    return f"{done:,} of {total:,}" if total else f"{done:,}"
