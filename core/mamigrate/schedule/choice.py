"""Which route each kind goes, and why: the one that is done first among those that are written, fit, and permitted. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mamigrate.capabilities import Capabilities, Power
from mamigrate.contract.routes import Route
from mamigrate.model.kinds import Kind
from mamigrate.schedule.room import Side
from mamigrate.schedule.timetable import Endless, timetable
from mamigrate.schedule.work import work


@dataclass(frozen=True, slots=True)
class Other:
    """A route that was not taken. ``why``: ``unwritten``, ``unfit``, ``not_permitted``, ``slower`` or ``endless``, with what says more."""

    route: str
    why: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """``route`` None: there is none. ``seconds`` and ``calls`` it would take alone from now on."""

    kind: Kind
    power: Power
    records: int
    route: Route | None
    calls: int = 0
    seconds: float = 0.0
    others: tuple[Other, ...] = ()


Granted = Callable[[str], bool]
"""Whether the connection has a permission; where nobody can tell it counts as had."""


def had(permission: str) -> bool:
    """No vendor here tells what a token may: a run finds out, and says so."""
    return True


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses for one side. ``rows`` are the truth of what is written: without one no route is taken."""

    side: Side
    routes: Sequence[Route]
    rows: Capabilities
    now: datetime
    granted: Granted = had

    def choose(self, kind: Kind, power: Power, records: int, part: str = "", days: int = 0) -> Chosen:
        """The quickest, of equally quick ones the one with the fewest calls, then the first that is named. ``days``: of their dates."""
        mine = [one for one in self.routes if (one.kind, one.power, one.part) == (kind, power, part)]
        told = [(one, self._not(one) or self._price(one, records, days)) for one in mine]
        priced = [(price, at, one) for at, (one, price) in enumerate(told) if not isinstance(price, Other)]
        others = [price for _, price in told if isinstance(price, Other)]
        if not priced:
            return Chosen(kind, power, records, None, others=tuple(others))
        (seconds, calls), _, best = min(priced, key=lambda one: one[:2])
        others += [_slower(one, price) for price, _, one in priced if one is not best]
        return Chosen(kind, power, records, best, calls, seconds, tuple(others))

    def _not(self, route: Route) -> Other | None:
        if route.unwritten:
            return Other(route.name, "unwritten", route.unwritten)
        if not self.rows.can(route.kind, route.power):
            return Other(route.name, "unwritten", self.rows.of(route.kind, route.power).reason)
        if route.unfit:
            return Other(route.name, "unfit", route.unfit)
        missing = [one for one in route.needs if not self.granted(one)]
        return Other(route.name, "not_permitted", ", ".join(missing)) if missing else None

    def _price(self, route: Route, records: int, days: int) -> tuple[float, int] | Other:
        one = work(self.side.name, route, records, days=days)
        try:
            alone = timetable([one], {self.side.name: self.side}, self.now)
        except Endless as endless:
            return Other(route.name, "endless", str(endless))
        return alone.seconds, one.calls


def _slower(route: Route, price: tuple[float, int]) -> Other:
    return Other(route.name, "slower", f"{price[0]:.0f} s, {price[1]} calls")
