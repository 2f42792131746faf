"""A figure: what was measured, what it is held against, and whether the goal is met."""

from collections.abc import Sequence
from dataclasses import dataclass

MIB = 1024 * 1024
VENDOR_RATE = 1_900.0
"""People a second that HubSpot gives out at most: 19 calls a second of 100 records. (HubSpot docs, "API usage guidelines")"""


@dataclass(frozen=True, slots=True)
class Figure:
    """``ratio`` is the measured value by ``against``. ``met`` is None for a figure without a goal of its own."""

    what: str
    value: str
    against: str
    ratio: float
    goal: str
    met: bool | None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.met]


def at_most(what: str, value: float, unit: str, against: str, reference: float, goal: float) -> Figure:
    """Less is better: the goal is ``value`` at most ``goal`` times ``reference``."""
    ratio = value / reference
    held = f"{against}: {number(reference)} {unit}"
    return Figure(what, f"{number(value)} {unit}", held, ratio, f"at most {goal:g} x", ratio <= goal)


def at_least(what: str, value: float, unit: str, against: str, reference: float, goal: float) -> Figure:
    """More is better: the goal is ``value`` at least ``goal`` times ``reference``."""
    ratio = value / reference
    held = f"{against}: {number(reference)} {unit}"
    return Figure(what, f"{number(value)} {unit}", held, ratio, f"at least {goal:g} x", ratio >= goal)


def only(what: str, value: float, unit: str, against: str, reference: float) -> Figure:
    """A figure that explains others and has no goal."""
    held = f"{against}: {number(reference)} {unit}"
    return Figure(what, f"{number(value)} {unit}", held, value / reference, "", None)


def number(value: float) -> str:
    """Three digits are enough, and thousands have a comma."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """Figures as a Markdown table."""
    lines = ["| what | figure | against | ratio | goal | |", "|---|---|---|---|---|---|"]
    lines += [f"| {f.what} | {f.value} | {f.against} | {f.ratio:.3g} x | {f.goal} | {f.verdict} |" for f in figures]
    return "\n".join(lines)
