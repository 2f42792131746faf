"""What is to be done: records of a kind by a route, in calls or jobs, and what must be done before. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mamigrate.capabilities import Power
from mamigrate.contract.routes import Route
from mamigrate.model.kinds import Kind
from mamigrate.ordering import NEEDS

PHASES = (Power.READ, Power.WRITE, Power.READ_BACK)
"""A plan is derived from everything that was read, so nothing is written before; people are read back at the end."""


@dataclass(frozen=True, slots=True)
class Work:
    """``units`` are calls, or jobs of a route that goes in jobs. ``after`` names what must be done before it begins."""

    name: str
    side: str
    route: Route
    records: int
    units: int
    after: frozenset[str] = frozenset()

    @property
    def calls_each(self) -> float:
        """Calls a unit."""
        return float(self.route.job.calls) if self.route.job else 1.0

    @property
    def calls(self) -> int:
        return math.ceil(self.units * self.calls_each)

    @property
    def bytes_each(self) -> float:
        """Bytes a unit."""
        return self.records * self.route.record_bytes / self.units if self.units else 0.0


def work(side: str, route: Route, records: int, *, batches: int | None = None, days: int = 0, label: str = "") -> Work:
    """``batches``: calls where they are known better than from ``records``, such as for lists that fill none. ``days`` as in
    ``units``.
    """
    name = label or f"{side} {route.power.value} {route.kind.value}{f' {route.part}' if route.part else ''}"
    return Work(name, side, route, records, units(route, records, days) if batches is None else batches)


def units(route: Route, records: int, days: int = 0) -> int:
    """Calls, or jobs, for so many records with dates of so many days."""
    if not records:
        return 0
    if route.job is not None:
        by_records = -(-records // route.job.records) if route.job.records else 1
        by_bytes = -(-records * route.record_bytes // route.job.bytes) if route.job.bytes else 1
        by_days = -(-days // route.job.days) if route.job.days else 1
        return max(by_records, by_bytes, by_days, 1)
    full = -(-records // max(1, route.batch))
    return full + math.ceil(full * route.more) + route.first


def in_order(works: Iterable[Work], needs: Mapping[Kind, frozenset[Kind]] = NEEDS) -> list[Work]:
    """The same with what comes before each: earlier phases, and in its own phase of writing the kinds that it names."""
    every = [one for one in works if one.units]
    return [_placed(one, every, needs) for one in every]


def _placed(one: Work, every: list[Work], needs: Mapping[Kind, frozenset[Kind]]) -> Work:
    before = {
        other.name
        for other in every
        if _phase(other) < _phase(one)
        or (_phase(other) == _phase(one) == 1 and other.route.kind in needs.get(one.route.kind, frozenset()))
    }
    return Work(one.name, one.side, one.route, one.records, one.units, frozenset(before))


def _phase(one: Work) -> int:
    return PHASES.index(one.route.power) if one.route.power in PHASES else 1
