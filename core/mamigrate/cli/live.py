"""Progress on a terminal: one line for the stage at work, and a line that stays for each stage that has ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column

from mamigrate.cli.pace import Left, Pace, Show, of, untold


@contextmanager
def live(console: Console | None = None) -> Iterator[Show]:
    """A progress function that draws on standard error. What it drew last is gone when it ends."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[more]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
    )
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bars:
        yield Live(bars)


class Live:
    """A bar for a stage while it goes on; how many it had and how long it took when it has ended."""

    def __init__(self, bars: Progress, now: Callable[[], float] = time.monotonic) -> None:
        self.left: Left = untold
        self._bars, self._now, self._pace = bars, now, Pace()
        self._tasks: dict[str, tuple[TaskID, float]] = {}
        self._ended: dict[str, int] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if done == total:
            self._end(what, done)
        else:
            self._go_on(what, done, total)

    def _go_on(self, what: str, done: int, total: int | None) -> None:
        now = self._now()
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total, more=""), now
        task, _ = self._tasks[what]
        more = f"{of(done, total)}{self._pace(what, done, total, now)}{self.left(what)}"
        self._bars.update(task, completed=done, total=total, more=more)

    def _end(self, what: str, done: int) -> None:
        """A stage ends once: told again without news, it says nothing; one with nothing to do says nothing at all."""
        task, began = self._tasks.pop(what, (None, self._now()))
        if task is not None:
            self._bars.remove_task(task)
        if done and self._ended.get(what) != done:
            self._bars.console.print(f"{what}: {done:,} in {self._now() - began:.0f} s", markup=False, highlight=False)
        self._ended[what] = done
