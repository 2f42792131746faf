"""What a run used: quotas at both ends, and batches of writes as forecast and as made. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mamigrate.reports.shapes import KINDS
from mamigrate.reports.standing import Facts


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One quota at both ends of a run; None: not told."""

    connection: str
    name: str
    before: int | None
    after: int | None
    limit: int

    @property
    def used(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches of writes of a kind, each of one call or several: what the plan forecast and what was made. None: not forecast, or
    nothing written.
    """

    kind: str
    forecast: int | None
    made: int | None


def quotas(facts: Facts) -> Iterator[QuotaUse]:
    """Each quota once, from what a connection told before and after."""
    told: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for one in facts["quota"]:
        name, _, moment = one["name"].rpartition(" ")
        told.setdefault((one["connection"], name), {})[moment] = one
    for (connection, name), at in told.items():
        latest = at.get("after") or next(iter(at.values()))
        numbers = [at[moment]["used"] if moment in at else None for moment in ("before", "after")]
        yield QuotaUse(connection, name, numbers[0], numbers[1], latest["limit"])


def batches(facts: Facts) -> Iterator[Batches]:
    """Forecast beside actual; denied addresses are written as people."""
    forecast: dict[str, int] = {}
    for kind, number in facts.get("plan", {}).get("calls", {}).items():
        name = "person" if kind == "suppressed_address" else kind
        forecast[name] = forecast.get(name, 0) + number
    made = {one["kind"]: one["calls"] for one in facts["effects"]["sent"]}
    for kind in KINDS:
        if kind in forecast or kind in made:
            yield Batches(kind, forecast.get(kind), made.get(kind))
