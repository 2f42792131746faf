"""Calls without payloads on a clock that jumps: planned work goes through the program's own pacing to counting vendors.

A day's quota that is gone ends the process, as exit code 5 does: it begins again at the moment that was told, with a new pacer
that asks the vendor what is used. Failed calls are sent again a minute later, one at a time, and a quarter of an hour of that ends
a process too.
"""

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from counting import CountingVendor, Refusal
from mamigrate.contract.limits import Daily
from mamigrate.errors import QuotaExhausted
from mamigrate.http.limits import Pacer, Reading
from mamigrate.schedule.room import Side
from mamigrate.schedule.timetable import order
from mamigrate.schedule.work import Work

PAUSE = 60.0
"""Seconds after a failure, and between two questions to the vendor about what is used."""
PATIENCE = 15 * 60.0
"""Seconds of failures after which a process ends, to be started again."""
HANDS = 12
"""Calls at a time where neither vendor nor plan says less."""


@dataclass
class Jumping:
    began: datetime
    at: float = 0.0

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits in a world of events")


@dataclass
class Hand:
    """One side at work: its vendor, its pacer, and what it waits for."""

    side: Side
    vendor: CountingVendor
    clock: Jumping
    running: int = 0
    wakes: float = -1.0
    closed_until: float = 0.0
    asked: float = -math.inf
    failing_since: float | None = None
    stops: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """A process begins: it knows nothing but what the vendor tells."""
        self.pacer = Pacer(self.side.name, self.clock, self.side.bounds.limits, self.side.bounds.share)
        self.ask()

    def ask(self) -> None:
        self.asked, used = self.clock.at, self.vendor.used(self.clock.at)
        for limit in self.side.bounds.limits:
            if isinstance(limit, Daily) and limit.unit == "calls":
                self.pacer.learn(Reading(limit.name, self.vendor.a_day, self.vendor.a_day - used))

    @property
    def most(self) -> int:
        """While nothing is answered one call at a time asks whether that is over."""
        return 1 if self.failing_since is not None else self.side.hands or HANDS


@dataclass
class World:
    """``ended`` is seconds until all was done; ``calls`` those that were answered, by side."""

    works: Sequence[Work]
    hands: Mapping[str, Hand]
    clock: Jumping
    dice: Random
    ended: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    failed: int = 0

    def __post_init__(self) -> None:
        self._order = order(self.works, {name: hand.side for name, hand in self.hands.items()})
        self._unsent = {one.name: one.units for one in self.works}
        self._undone = dict(self._unsent)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def run(self) -> "World":
        for hand in self.hands.values():
            self._at(0.0, lambda hand=hand: self._send(hand))  # type: ignore[misc]  # bound at once
        while self._undone and self._events:
            self.clock.at, _, act = heapq.heappop(self._events)
            act()
        assert not self._undone, "the world stands still"
        self.ended = self.clock.at
        return self

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._count), act))

    def _send(self, hand: Hand) -> None:
        """As many calls as may go out now."""
        if self.clock.at < hand.closed_until:
            return
        if self.clock.at - hand.asked >= PAUSE:
            hand.ask()
        while hand.running < hand.most and (one := self._next(hand)) is not None:
            try:
                wait = hand.pacer.ask(one.route.counts_as)
            except QuotaExhausted as gone:
                self._leave(hand, gone)
                return
            if wait > 0:
                self._wake(hand, self.clock.at + wait)
                return
            self._call(hand, one)

    def _next(self, hand: Hand) -> Work | None:
        for one in self._order:
            if one.side == hand.side.name and self._unsent[one.name] and not one.after & self._undone.keys():
                return one
        return None

    def _wake(self, hand: Hand, moment: float) -> None:
        if math.isinf(moment) or self.clock.at < hand.wakes <= moment:
            return
        hand.wakes = moment
        self._at(moment, lambda: self._send(hand))

    def _leave(self, hand: Hand, gone: QuotaExhausted) -> None:
        """Exit code 5: whoever started it comes back when it said."""
        back = datetime.fromisoformat(gone.resets_at).timestamp() - self.clock.began.timestamp()
        hand.closed_until = back
        hand.stops.append(self.clock.at)
        self._at(back, lambda: self._come_back(hand))

    def _come_back(self, hand: Hand) -> None:
        hand.begin_anew()
        self._send(hand)

    def _call(self, hand: Hand, one: Work) -> None:
        hand.running += 1
        self._unsent[one.name] -= 1
        takes, pacer = self.dice.gammavariate(4.0, hand.side.bounds.seconds / 4.0), hand.pacer
        way = takes * self.dice.random()
        self._at(self.clock.at + way, lambda: self._arrive(hand, one, takes - way, pacer))

    def _arrive(self, hand: Hand, one: Work, back: float, pacer: Pacer) -> None:
        answer = ""
        try:
            hand.vendor.enter(self.clock.at)
        except Refusal as refused:
            answer = str(refused)
        except ConnectionError:
            answer = "down"
        self._at(self.clock.at + back, lambda: self._reply(hand, one, answer, pacer))

    def _reply(self, hand: Hand, one: Work, answer: str, pacer: Pacer) -> None:
        hand.running -= 1
        pacer.leave(one.route.counts_as)
        if answer:
            self._again(hand, one, answer)
            return
        hand.vendor.leave()
        hand.failing_since = None
        self.calls[hand.side.name] += 1
        self._undone[one.name] -= 1
        if not self._undone[one.name]:
            del self._undone[one.name]
        for other in self.hands.values() if one.name not in self._undone else (hand,):
            self._send(other)

    def _again(self, hand: Hand, one: Work, answer: str) -> None:
        self.failed += 1
        self._unsent[one.name] += 1
        if answer == "day":
            hand.ask()
        elif hand.failing_since is None:
            hand.failing_since = self.clock.at
        elif self.clock.at - hand.failing_since > PATIENCE:
            hand.failing_since = self.clock.at
            hand.begin_anew()
        hand.closed_until = max(hand.closed_until, self.clock.at + PAUSE)
        self._at(hand.closed_until, lambda: self._send(hand))
