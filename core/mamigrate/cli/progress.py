"""Progress for people, with rate, remaining time and quota left: live lines on a terminal, plain ones elsewhere."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from signal import Signals
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from mamigrate.errors import Interrupted, MamigrateError
from mamigrate.stages.move import Move, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

EVERY = 5.0
"""Seconds between plain lines of one stage."""


REFRESH = 60.0
"""Seconds after which a connection is asked again for what is left of its quotas."""

Left = Callable[[str], str]
"""What is left of the quota that a stage uses, in words; empty where nobody tells."""


def untold(what: str) -> str:
    """No quota is known."""
    return ""


class Show(Protocol):
    """A progress function that also says what ``left`` tells."""

    left: Left

    def __call__(self, what: str, done: int, total: int | None) -> None: ...


@contextmanager
def progress(*, quiet: bool) -> Iterator[Show]:
    """A progress function for the terminal at hand. Everything goes to standard error."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with _live() as show:
            yield show
    else:
        yield Plain()


class QuotaLeft:
    """What is left for the side that a stage talks to: as told when the run began, asked again once a minute."""

    def __init__(self, move: Move) -> None:
        self._move = move
        self._asked: dict[str, float] = {}

    def __call__(self, what: str) -> str:
        side = self._move.source if f" {self._move.source.name} " in what else self._move.target
        now = time.monotonic()
        if now - self._asked.setdefault(side.name, now) >= REFRESH:
            self._asked[side.name] = now
            with suppress(MamigrateError):  # the stage meets it too, and says it better
                self._move.ask_quotas(side)
        told = self._move.quotas.get(side.name, ())
        if not told:
            return ""
        tightest = min(told, key=lambda quota: (quota.limit - quota.used) / max(1, quota.limit))
        return f", quota left {max(0, tightest.limit - tightest.used):,} of {tightest.limit:,}"


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


class Silent:
    """Says nothing."""

    left: Left = staticmethod(untold)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Progress for nobody."""


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
        return f", {rate:.0f}/s{left}"


class Plain:
    """A line when a stage has something to tell, then one every few seconds, and its last: ``done`` equals ``total``."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.left: Left = untold
        self._now, self._pace = now, Pace()
        self._told: dict[str, tuple[float, tuple[int, int | None]]] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        now = self._now()
        pace = self._pace(what, done, total, now)
        last, told = self._told.get(what, (-EVERY, (0, None)))
        if not done or told == (done, total) or (now - last < EVERY and done != total):
            return
        self._told[what] = now, (done, total)
        of = f" of {total}" if total else ""
        print(f"{what}: {done}{of}{pace}{self.left(what)}", file=sys.stderr)


@contextmanager
def _live() -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[more]}"),
    )
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:
        yield _Live(bars)


class _Live:
    """A bar for each stage, with rate and quota behind it."""

    def __init__(self, bars: "Bars") -> None:
        self.left: Left = untold
        self._bars, self._pace = bars, Pace()
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total, more="")
        rate = self._pace(what, done, None, time.monotonic())
        self._bars.update(self._tasks[what], completed=done, total=total, more=f"{rate}{self.left(what)}".lstrip(", "))
