"""Progress for people: a live line with rate and remaining time on a terminal, plain lines elsewhere."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from signal import Signals
from types import FrameType

from mamigrate.errors import Interrupted
from mamigrate.stages.move import Progress, silent

EVERY = 5.0
"""Seconds between plain lines of one stage."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """A progress function for the terminal at hand. Everything goes to standard error."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _live() as show:
            yield show
    else:
        yield Plain()


@contextmanager
def interruptible(show: Progress) -> Iterator[Progress]:
    """Turn SIGINT and SIGTERM into ``Interrupted``, raised where progress is told: between batches, at a clean point.

    A second signal does what it does by default.
    """
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before[Signals(number)])

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}

    def tell(what: str, done: int, total: int | None) -> None:
        show(what, done, total)
        if asked:
            raise Interrupted

    try:
        yield tell
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Plain:
    """One line when a stage begins to tell, then one every few seconds, and its last."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._told: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        began = self._began.setdefault(what, now)
        if now - self._told.get(what, -EVERY) < EVERY and done != total:
            return
        self._told[what] = now
        rate = done / (now - began) if now > began else 0.0
        of = f" of {total}" if total else ""
        left = f", about {max(0, total - done) / rate:.0f} s left" if total and rate else ""
        pace = f", {rate:.0f}/s" if rate else ""
        print(f"{what}: {done}{of}{pace}{left}", file=sys.stderr)


@contextmanager
def _live() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:
        tasks: dict[str, object] = {}

        def show(what: str, done: int, total: int | None) -> None:
            task = tasks.get(what)
            if task is None:
                task = tasks[what] = bars.add_task(what, total=total)
            bars.update(task, completed=done, total=total if total is not None else max(done, 1))  # type: ignore[arg-type]  # rich's TaskID

        yield show
