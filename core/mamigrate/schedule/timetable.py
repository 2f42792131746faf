"""All work against all limits of both sides at once: what runs when, which limit binds, what each day takes. Pure.

Calls are a flow here: each piece of work gets the rate that every limit lets through, the longest chain first, until
something ends: a piece of work, a day's budget, a day. Nothing idles that may run, so only what must wait waits.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mamigrate.contract.limits import Daily, Limit, Rolling
from mamigrate.schedule.room import Side, day_of, midnight, places, uses
from mamigrate.schedule.window import PIECES, Window
from mamigrate.schedule.work import Work

LEAST = 1e-4
"""Units that are none: what rounding leaves."""
FAR, LONG = 20, 3_600.0
"""Windows from a change within which calls are looked at one by one; seconds of windows that are as long as that."""
FASTEST = 1e6
"""Units a second where nothing but a day's quota limits them."""
LONGEST = 3_660 * 86_400.0
"""Seconds after which a plan has no end that anybody waits for."""


class Endless(ValueError):
    """A limit leaves nothing for us, on this day or any other. Its name is the text."""


@dataclass(frozen=True, slots=True)
class Span:
    """``work`` ran, or waited where ``calls`` is 0, until ``until``; ``limit`` bound it."""

    work: str
    begins: datetime
    until: datetime
    limit: str
    calls: float

    @property
    def seconds(self) -> float:
        return (self.until - self.begins).total_seconds()


@dataclass(frozen=True, slots=True)
class Timetable:
    """``days``: calls by (side, the vendor's day). ``ends``: when each piece of work is done. All in UTC."""

    begins: datetime
    until: datetime
    spans: Sequence[Span] = ()
    days: Mapping[tuple[str, str], float] = field(default_factory=dict)
    ends: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return (self.until - self.begins).total_seconds()


def timetable(works: Iterable[Work], sides: Mapping[str, Side], begins: datetime) -> Timetable:
    """``begins`` has a zone. Raises Endless where a limit never lets it end, ValueError where work waits for itself."""
    return _Play([one for one in works if one.units], sides, begins.astimezone(UTC)).played()


Rates = Mapping[Work, tuple[float, str]]
"""Units a second, and the limit that binds."""


class _Play:
    """``at`` is seconds since the beginning."""

    def __init__(self, works: Sequence[Work], sides: Mapping[str, Side], begins: datetime) -> None:
        self._sides, self._begins, self._at = sides, begins, 0.0
        self._left = {one.name: float(one.units) for one in works}
        self._works = order(works, sides)
        names = sorted({one.side for one in works})
        self._daily = [(name, limit) for name in names for limit in _days(sides[name])]
        self._day = {(name, limit.name): day_of(limit, begins) for name, limit in self._daily}
        self._purse = {(name, limit.name): sides[name].purse(limit, begins, first=True) for name, limit in self._daily}
        self._windows = {
            (name, limit.name): Window(sides[name], limit)
            for name in names
            for limit in sides[name].limits
            if isinstance(limit, Rolling)
        }
        self._far = FAR * max((one.spell for one in self._windows.values() if one.spell < LONG), default=1.0)
        self._calls = defaultdict[tuple[str, str], float](float)
        self._spans, self._last, self._ends = list[Span](), dict[str, int](), dict[str, datetime]()

    def played(self) -> Timetable:
        while self._left:
            self._new_days()
            self._step()
        return Timetable(self._begins, self._now, self._spans, dict(self._calls), self._ends)

    @property
    def _now(self) -> datetime:
        return self._moment(self._at)

    def _moment(self, at: float) -> datetime:
        return self._begins + timedelta(seconds=at)

    def _new_days(self) -> None:
        for name, limit in self._daily:
            key, today = (name, limit.name), day_of(limit, self._now)
            if today != self._day[key]:
                self._day[key], self._purse[key] = today, self._sides[name].purse(limit, self._now, first=False)

    def _step(self) -> None:
        """On until something changes: far off as a flow, and near it call by call, since windows fill and wait in turn."""
        ready = [one for one in self._works if one.name in self._left and not one.after & self._left.keys()]
        if not ready:
            raise ValueError("work waits for itself")
        flow = self._rates(ready, self._flow)
        change = min(self._changes(flow), default=LONGEST)
        if change >= LONGEST:
            raise Endless(next(limit for _, limit in flow.values()))
        if change - self._at > 2 * self._far:
            self._fly(flow, change - self._far)
            return
        for window in self._windows.values():
            window.come_back(self._at)
        rates = {one: (rate, flow[one][1]) for one, (rate, _) in self._rates(ready, self._burst).items()}
        self._walk(rates, min(*self._changes(rates), *self._of_windows(rates)))

    def _fly(self, rates: Rates, until: float) -> None:
        for one, (rate, limit) in rates.items():
            self._go_on(one, rate, limit, until)
        for window in self._windows.values():
            window.shift(until - self._at)
        self._others_go_on(until)

    def _others_go_on(self, until: float) -> None:
        for purse in self._purse.values():
            purse.spend(0.0, until - self._at)
        self._at = until

    def _walk(self, rates: Rates, until: float) -> None:
        for one, (rate, limit) in rates.items():
            self._go_on(one, rate, limit, until)
            for window in self._meant_windows(one):
                window.take(rate * (until - self._at) * places(window.limit, one), self._at, until)
        self._others_go_on(until)
        for name in [name for name, left in self._left.items() if left <= LEAST]:
            del self._left[name]
            self._ends[name] = self._now

    def _flow(self, limit: Limit, one: Work) -> float:
        return self._sides[one.side].rate(limit, one)

    def _burst(self, limit: Limit, one: Work) -> float:
        """The same, but a window lets through what it has places for, at once."""
        if not isinstance(limit, Rolling):
            return self._flow(limit, one)
        window = self._windows[one.side, limit.name]
        return window.burst(places(limit, one)) if window.free > LEAST else 0.0

    def _rates(self, ready: Sequence[Work], through: Callable[[Limit, Work], float]) -> Rates:
        """The longest chain takes what it can, the others share the rest."""
        free, found = defaultdict[tuple[str, str], float](lambda: 1.0), dict[Work, tuple[float, str]]()
        for one in ready:
            limits = self._sides[one.side].meant(one)
            most = {limit.name: min(through(limit, one), FASTEST) for limit in limits}
            gone = [limit.name for limit in limits if isinstance(limit, Daily) and self._is_gone(limit, one)]
            rate, bound = min((free[one.side, name] * rate, name) for name, rate in most.items())
            found[one] = (0.0, gone[0]) if gone else (rate, bound)
            for name in [name for name in most if found[one][0] > 0]:
                free[one.side, name] = max(0.0, free[one.side, name] - found[one][0] / most[name])
        return found

    def _is_gone(self, limit: Daily, one: Work) -> bool:
        return uses(limit, one) > 0 and self._purse[one.side, limit.name].is_gone(LEAST)

    def _changes(self, rates: Rates) -> Iterator[float]:
        """When something will be different: work done, a day's budget gone, a vendor's midnight."""
        for one, (rate, _) in rates.items():
            if rate > 0:
                yield self._at + self._left[one.name] / rate
        for name, limit in self._daily:
            mine = [one for one in rates if self._meant(name, limit, one)]
            taken = sum(rates[one][0] * uses(limit, one) for one in mine)
            if taken > 0:
                yield self._at + self._purse[name, limit.name].lasts(taken)
            if mine:
                yield (midnight(limit, self._now).astimezone(UTC) - self._begins).total_seconds()

    def _of_windows(self, rates: Rates) -> Iterator[float]:
        """When a window is full, or has places again."""
        yield LONGEST
        for (name, _), window in self._windows.items():
            mine = [one for one in rates if self._meant(name, window.limit, one)]
            taken = sum(rates[one][0] * places(window.limit, one) for one in mine)
            if taken > 0:
                yield self._at + min(window.free / taken, window.spell / PIECES)
            if mine:
                yield window.next_back

    def _meant(self, name: str, limit: Limit, one: Work) -> bool:
        return one.side == name and limit in self._sides[name].meant(one)

    def _meant_windows(self, one: Work) -> list[Window]:
        limits = [limit for limit in self._sides[one.side].meant(one) if isinstance(limit, Rolling)]
        return [self._windows[one.side, limit.name] for limit in limits]

    def _go_on(self, one: Work, rate: float, limit: str, until: float) -> None:
        done = rate * (until - self._at)
        self._left[one.name] -= done
        for daily in _days(self._sides[one.side]):
            if self._meant(one.side, daily, one):
                self._purse[one.side, daily.name].spend(done * uses(daily, one), 0.0)
        self._calls[one.side, self._called(one.side)] += done * one.calls_each
        self._note(Span(one.name, self._now, self._moment(until), limit, done * one.calls_each))

    def _called(self, side: str) -> str:
        """The vendor's day, by its quota of calls; of UTC where it has none."""
        of_calls = [limit.name for limit in _days(self._sides[side]) if limit.unit == "calls"]
        return self._day[side, of_calls[0]] if of_calls else self._now.date().isoformat()

    def _note(self, span: Span) -> None:
        """The stretch grows while the same limit binds."""
        last = self._last.get(span.work)
        if last is not None and (self._spans[last].limit, self._spans[last].until) == (span.limit, span.begins):
            old = self._spans[last]
            self._spans[last] = Span(old.work, old.begins, span.until, old.limit, old.calls + span.calls)
            return
        self._last[span.work] = len(self._spans)
        self._spans.append(span)


def order(works: Sequence[Work], sides: Mapping[str, Side]) -> list[Work]:
    """Who goes first where several may go: whoever has the longest chain of work behind it."""
    return sorted(works, key=lambda one: (-_chain(one, works, sides), one.name))


def _days(side: Side) -> list[Daily]:
    return [limit for limit in side.limits if isinstance(limit, Daily)]


def _chain(one: Work, works: Sequence[Work], sides: Mapping[str, Side]) -> float:
    """Seconds of this work and the longest that waits for it, were they alone and every day without end."""
    by_name = {work.name: work for work in works}
    waiting: dict[str, list[str]] = {name: [work.name for work in works if name in work.after] for name in by_name}
    known: dict[str, float] = {}

    def seconds(name: str, seen: frozenset[str]) -> float:
        if name in seen:
            raise ValueError("work waits for itself")
        if name not in known:
            later = (seconds(other, seen | {name}) for other in waiting[name])
            known[name] = _alone(by_name[name], sides[by_name[name].side]) + max(later, default=0.0)
        return known[name]

    return seconds(one.name, frozenset())


def _alone(one: Work, side: Side) -> float:
    return one.units / min((side.rate(limit, one) for limit in side.meant(one)), default=float("inf"))


def critical_path(made: Timetable, works: Iterable[Work]) -> list[Span]:
    """What the end hangs on, first things first: of each piece of work on the way the stretches, each with what bound it."""
    by_name = {one.name: one for one in works if one.units}
    path: list[Span] = []
    name = max(made.ends, key=lambda one: (made.ends[one], one), default=None)
    while name is not None:
        path = [span for span in made.spans if span.work == name] + path
        name = max(by_name[name].after & made.ends.keys(), key=lambda one: (made.ends[one], one), default=None)
    return path


def binding(path: Iterable[Span]) -> dict[str, float]:
    """Seconds of the critical path by what bound it, the most first."""
    found = defaultdict[str, float](float)
    for span in path:
        found[span.limit] += span.seconds
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
