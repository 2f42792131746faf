"""Calls of a whole run against the least that the vendors' routes permit."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks import least_calls, process, stock, vendors
from benchmarks.figures import Figure, at_most, only
from benchmarks.vendors import Pair
from mamigrate_hubspot.capabilities import CAPABILITIES as HUBSPOT
from mamigrate_marketo.capabilities import CAPABILITIES as MARKETO

PEOPLE = 5_000
GOAL = 1.05
FREE = "/identity/"
"""Calls for tokens: Marketo does not count them."""
WORST = 8


def measure(work: Path) -> list[Figure]:
    with vendors.pair(work / f"calls-{PEOPLE}", PEOPLE, "messy") as pair:
        made, least = moved(pair)
    both = sum(made.values()), sum(least.values())
    figures = [at_most(f"both sides, {PEOPLE:,} people of the messy estate", *_held(*both), GOAL)]
    for vendor in ("hubspot", "marketo"):
        sums = [sum(n for (name, _), n in calls.items() if name == vendor) for calls in (made, least)]
        figures.append(only(vendor, *_held(sums[0], sums[1])))
    worst = sorted(made | least, key=lambda route: least.get(route, 0) - made.get(route, 0))[:WORST]
    figures += [
        only(f"`{route[1]}`", *_held(made[route], least[route])) for route in worst if made[route] > least[route]
    ]
    return figures


Routes = Counter[tuple[str, str]]


def moved(pair: Pair) -> tuple[Routes, Routes]:
    """Move everybody once: calls by (vendor, route) as the vendors counted them, and the least. Raises RuntimeError."""
    began = [_calls(side.counters()) for side in (pair.source, pair.target)]
    before = stock.leads(pair.target)
    done = process.run(pair.command("run", "--json"))
    if done.code != 0:
        raise RuntimeError(f"the run ended with {done.code}: {done.complained.decode(errors='replace')[-2000:]}")
    ended = [_calls(side.counters()) for side in (pair.source, pair.target)]
    least = (
        least_calls.hubspot(stock.hubspot(pair.source), HUBSPOT),
        least_calls.marketo(stock.marketo(pair.source, pair.target, before), MARKETO),
    )
    made = [after - earlier for after, earlier in zip(ended, began, strict=True)]
    return _named(*made), _named(*least)


def _calls(counters: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    return Counter({route: n for route, n in counters["calls"].items() if FREE not in route})


def _named(source: Mapping[str, int], target: Mapping[str, int]) -> Routes:
    named = [(("hubspot", route), n) for route, n in source.items()]
    return Counter(dict([*named, *((("marketo", route), n) for route, n in target.items())]))


def _held(made: int, least: int) -> tuple[float, str, str, float]:
    return made, "calls", "least", max(least, 1)
