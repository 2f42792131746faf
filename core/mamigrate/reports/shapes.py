"""Numbers to lengths: the bars of the page's pictures, in thousandths of their width. Pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH = 1000
THINNEST = 6
"""What is there must be seen, however small its share."""

KINDS = (
    "person",
    "account",
    "opportunity",
    "consent_fact",
    "suppressed_address",
    "list_membership",
    "program_membership",
    "activity",
    "list",
    "workflow",
    "program",
    "asset",
    "ruleset",
    "lifecycle_model",
    "channel",
    "topic",
    "field",
    "owner",
)
"""The order in which kinds are told: people first, then what marketers built."""

BUCKETS = ("created", "updated", "equal", "merged", "handed", "left", "parked", "rejected")
"""The order in which fates are drawn and listed: from moved by the program to left for people."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar."""

    name: str
    number: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A step of a waterfall: from ``x`` over ``width``; ``level`` is where the running total stands after it."""

    name: str
    number: int
    x: int
    width: int
    level: int
    tone: str


def stacked(numbers: Mapping[str, int]) -> tuple[Segment, ...]:
    """Segments that fill the width, in the order of BUCKETS, unknown names last; nothing for an empty sum."""
    known = [name for name in BUCKETS if numbers.get(name)]
    names = known + sorted(name for name, n in numbers.items() if n and name not in BUCKETS)
    total = sum(numbers[name] for name in names)
    spare = WIDTH - THINNEST * len(names)
    made: list[Segment] = []
    x = 0
    for name in names:
        width = THINNEST + spare * numbers[name] // total
        made.append(Segment(name, numbers[name], x, width))
        x += width
    return (*made[:-1], _stretched(made[-1])) if made else ()


def _stretched(last: Segment) -> Segment:
    return Segment(last.name, last.number, last.x, WIDTH - last.x)


def waterfall(before: int, steps: Sequence[tuple[str, int]], after: int | None) -> tuple[Bar, ...]:
    """``before``, each step that changes something, and ``after`` where it is known.

    The scale fits the highest level; steps are drawn at true length or at the thinnest that can be seen.
    """
    levels = [before]
    for _, people in steps:
        levels.append(levels[-1] + people)
    highest = max([*levels, after or 0, 1])
    bars = [_whole("before", before, highest)]
    for (name, people), start in zip(steps, levels, strict=False):
        if people:
            bars.append(_step(name, people, start, highest))
    return (*bars, _whole("after", after, highest)) if after is not None else tuple(bars)


def _whole(name: str, people: int, highest: int) -> Bar:
    level = _scaled(people, highest)
    return Bar(name, people, 0, max(level, THINNEST), level, "total")


def _step(name: str, people: int, start: int, highest: int) -> Bar:
    low, high = sorted((_scaled(start, highest), _scaled(start + people, highest)))
    width = max(high - low, THINNEST)
    x = min(max(0, low), WIDTH - width)
    return Bar(name, people, x, width, _scaled(start + people, highest), "less" if people < 0 else "more")


def _scaled(number: int, highest: int) -> int:
    return max(0, number) * WIDTH // highest


def heat(number: int, total: int) -> int:
    """0 for nothing, else 1 to 4 by share: what a cell of a heat map is shaded with."""
    if number <= 0 or total <= 0:
        return 0
    share = number / total
    return 4 if share > 0.5 else 3 if share > 0.2 else 2 if share > 0.05 else 1
