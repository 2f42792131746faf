"""A seeded world: two vendors, troubles on the way, people who change their mind, and time that jumps."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from mamigrate import clock
from mamigrate_sandbox import project
from mamigrate_sandbox.running import Wish
from mamigrate_sandbox.simulation import people, troubles
from mamigrate_sandbox.simulation.outages import Outage
from mamigrate_sandbox.simulation.time import Time
from mamigrate_sandbox.simulation.vendor import Vendor
from mamigrate_sandbox.simulation.wire import Trace

DAY = 86_400.0
HASTE = 1_800.0
"""Seconds within which most of what people do happens: about as long as a move takes here."""
LAG = 120.0
"""Seconds by which the search index of the old platform is late (reliability sheet, fault mix: 1 to 120)."""
BEFORE = 60.0
"""Seconds before an outage of an hour of the day that a world wakes up: a move takes some minutes here."""
PASS = 90.0
"""Seconds within which people leave after a move: as long as a pass of `sync` reads here; it ends within three times that."""


@dataclass
class Opposed:
    """Who said no after the world began: addresses at the source, ids of records on the target; and ids of people of the source
    who came onto a list that it leaves out of its mail.
    """

    at_source: set[str] = field(default_factory=set)
    on_target: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)


class World:
    """``seeded`` is a folder with both states, ``folder`` the project, made here. Use within ``standing``."""

    def __init__(self, seed: int, seeded: Path, folder: Path, wishes: tuple[Wish, Wish]) -> None:
        shutil.copytree(seeded, folder)
        self.folder, self.time, self.trace, self.opposed = folder, Time(), Trace(), Opposed()
        self._dice, self._may_stop = Random(seed), False
        self.source, self.target = (self._vendor(wish, port) for port, wish in enumerate(wishes))
        project.write(folder, [(one.wish, one.described) for one in (self.source, self.target)])

    def _vendor(self, wish: Wish, port: int) -> Vendor:
        file = self.folder / f"{wish.name}.sqlite"
        return Vendor(wish, file, port, self.time, Random(self._dice.random()), self.trace)

    @contextmanager
    def standing(self) -> Iterator[None]:
        """The program in this process lives in the world."""
        with clock.standing(self.time), self.source.mounted(), self.target.mounted():
            yield
        self.source.close()
        self.target.close()

    def trouble(self) -> None:
        """From now on things go wrong."""
        for vendor in (self.source, self.target):
            vendor.faults.set(troubles.of(vendor.wish.vendor), self._dice.randrange(2**32))
            vendor.store.set("switches", {**vendor.store.setting("switches", {}), "search_lag_s": LAG})

    def fail(self, outage: Outage) -> None:
        """It will come, and pass. One that comes at an hour of the day is waited for until shortly before."""
        vendor = {"source": self.source, "target": self.target}[outage.side]
        spans, began = list(outage.spans(vendor.clock.now(), self._dice)), self.time.monotonic()
        for begin, end in spans:
            self.time.at(began + begin, lambda: vendor.faults.outage(outage.rules))
            self.time.at(began + end, vendor.faults.outage)
        if outage.zone:
            self.time.advance(max(0.0, spans[0][0] - BEFORE))

    def disturb(self) -> None:
        """From now on things go wrong and people act."""
        self.trouble()
        acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (4, self._opts_out_at_source),
            (3, self._opts_out_on_target),
            (1, self._is_blocked_on_target),
            (3, lambda: people.is_edited_at_source(self.source, self._dice)),
        )
        for times, act in acts:
            for _ in range(times):
                self.time.at(self.time.monotonic() + self._dice.uniform(0, HASTE), act)

    def part(self) -> None:
        """After a move: people leave on either side and staff closes some, while the program is asked to leave at some moment."""
        acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (2, self._opts_out_at_source),
            (2, self._opts_out_on_target),
            (1, self._is_blocked_on_target),
            (1, self._is_left_out_at_source),
        )
        for times, act in acts:
            for _ in range(times):
                self.time.at(self.time.monotonic() + self._dice.uniform(0, PASS), act)
        self.time.at(self.time.monotonic() + self._dice.uniform(0, 3 * PASS), self._stop)

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Meanwhile whoever wants the program to stop does stop it."""
        self._may_stop = True
        yield
        self._may_stop = False

    def _stop(self) -> None:
        if self._may_stop:
            self._may_stop = False
            raise KeyboardInterrupt

    def calm(self) -> None:
        """Everything planned has happened, and nothing goes wrong any more."""
        self.time.advance(HASTE)
        for vendor in (self.source, self.target):
            vendor.faults.set((), 0)
            vendor.faults.outage()

    def _opts_out_at_source(self) -> None:
        self.opposed.at_source.add(people.opts_out_at_source(self.source, self._dice))

    def _opts_out_on_target(self) -> None:
        self.opposed.on_target.update(people.opts_out_on_target(self.target, self._dice))

    def _is_blocked_on_target(self) -> None:
        self.opposed.on_target.update(people.is_blocked_on_target(self.target, self._dice))

    def _is_left_out_at_source(self) -> None:
        self.opposed.left_out.update(people.is_left_out_at_source(self.source, self._dice))
