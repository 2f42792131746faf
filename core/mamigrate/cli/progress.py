"""Progress for people, with rate, remaining time and quota left: live lines on a terminal, plain ones elsewhere."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from signal import Signals
from types import FrameType

from mamigrate.cli.pace import Left, Pace, Show, of, untold
from mamigrate.errors import Interrupted, MamigrateError
from mamigrate.stages.move import Move, Progress

EVERY = 5.0
"""Seconds between plain lines of one stage."""


CLEAN_S = 3.0
"""How long a clean point is waited for after a signal. Whoever sends SIGTERM kills after ten seconds at the latest."""
REFRESH = 60.0
"""Seconds after which a connection is asked again for what is left of its quotas."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Show]:
    """A progress function for the terminal at hand. Everything goes to standard error."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        from mamigrate.cli.live import live  # draws with a library that plain lines do without

        with live() as show:
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

    Where none comes within CLEAN_S, because a platform asked for patience for one, it is raised wherever that falls: any point
    is one from which the next command goes on. A question that the engine is at is waited for, as far as DuckDB does not heed
    signals. A second signal does what it does by default.
    """
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before[Signals(number)])
        signal.setitimer(signal.ITIMER_REAL, CLEAN_S)

    def leave(_: int, __: FrameType | None) -> None:
        raise Interrupted

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, leave)

    def tell(what: str, done: int, total: int | None) -> None:
        show(what, done, total)
        if asked:
            raise Interrupted

    try:
        yield tell
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """No signal ends what must be noted at the end: a second Ctrl-C waits no longer than that takes."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Silent:
    """Says nothing."""

    left: Left = staticmethod(untold)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Progress for nobody."""


class Plain:
    """A line when a stage has something to tell, then one every few seconds, and its last: ``done`` equals ``total``."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.left: Left = untold
        self._now, self._pace = now, Pace()
        self._told: dict[str, tuple[float, tuple[int, int | None]]] = {}
        self._said = ""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        now = self._now()
        pace = self._pace(what, done, total, now)
        last, told = self._told.get(what, (-EVERY, (0, None)))
        if not done or told == (done, total) or (now - last < EVERY and done != total):
            return
        self._told[what] = now, (done, total)
        print(f"{what}: {of(done, total)}{pace}{self._quota(what)}", file=sys.stderr)

    def _quota(self, what: str) -> str:
        """What is left, where it is not what the last line said."""
        left, self._said = self._said, self.left(what)
        return "" if left == self._said else self._said
