"""Hand-kept cases of malformed payloads: a file of lines ``door  payload  =>  outcome``, below headings of families."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mamigrate.consent.fold import Cell, Fact, Rules, from_rows, judge
from mamigrate.consent.kinds import Grant
from mamigrate.consent.scope import Scope
from mamigrate.errors import MamigrateError

SLOWEST = 1.0
"""Seconds that a case may take."""

LEAST = {
    "JSON syntax": 20,
    "types": 30,
    "future values": 20,
    "encodings and Unicode": 30,
    "dates": 30,
    "numbers": 15,
    "booleans": 25,
    "addresses": 40,
    "ids": 15,
    "paging": 15,
    "HTML and templates": 20,
    "consent": 30,
}
"""How many different cases of a platform's replies each family has at least."""
ALL = 300


class Case(NamedTuple):
    """``number`` is the line. ``payload`` is text; what a door makes of it, its test says."""

    number: int
    family: str
    door: str
    payload: str
    outcome: str

    @property
    def raw(self) -> bytes:
        """The payload as bytes: ``\\xff`` stands for a byte, ``\\n`` for a line break."""
        return self.payload.encode().decode("unicode_escape").encode("latin-1")


def load(path: Path) -> list[Case]:
    return list(_cases(path.read_text(encoding="utf-8").split("\n")))


def _cases(lines: Iterable[str]) -> Iterator[Case]:
    family = ""
    for number, line in enumerate(lines, 1):
        if line.startswith("## "):
            family = line.removeprefix("## ")
        elif line.strip() and not line.startswith("#"):
            asked, _, outcome = line.rpartition(" => ")
            door, _, payload = asked.partition(" ")
            yield Case(number, family, door, payload.strip(), outcome.strip())


def each(path: Path) -> pytest.MarkDecorator:
    """All cases of a file, as parameters of a test."""
    found = load(path)
    return pytest.mark.parametrize("case", found, ids=[f"{one.number}-{one.door}" for one in found])


def counted(path: Path) -> dict[str, int]:
    """How many different cases each family has."""
    found: dict[str, set[tuple[str, str]]] = {}
    for one in load(path):
        found.setdefault(one.family, set()).add((one.door, one.payload))
    return {family: len(cases) for family, cases in found.items()}


def lacking(path: Path) -> dict[str, int]:
    """Families of LEAST with too few different cases, and how many they have; "all" where it is too few in all."""
    found = counted(path)
    few = {family: found.get(family, 0) for family, number in LEAST.items() if found.get(family, 0) < number}
    return few | ({"all": sum(found.values())} if sum(found.values()) < ALL else {})


@dataclass
class Watch:
    """Runs a case and notes how long it took."""

    seconds: float = 0.0

    def outcome(self, run: Any, case: Case) -> str:
        """What came of it; an error of the program's own by its name, any other flies."""
        begin = time.perf_counter()
        try:
            return str(run(case))
        except MamigrateError as error:
            return _NAMES.get(type(error).__name__, type(error).__name__)
        finally:
            self.seconds = time.perf_counter() - begin


_NAMES = {"Unreadable": "refused"}


def is_accident(case: Case) -> bool:
    """Whether something is permitted that no vendor says: a return by a payload out of order, or any yes without its word."""
    returns = case.outcome.startswith("returns") and case.family != "in order"
    return returns or (case.outcome.startswith("granted") and '"SUBSCRIBED"' not in case.payload)


# --- what facts come to ------------------------------------------------------------------------------------------------

AT = datetime(2026, 6, 1, tzinfo=UTC)
ANA = "ana@x.example"
OLD = Fact("old", "topic_opt_out", "person", "101", ANA, ANA, Scope(topic="9001"), lo=AT.replace(year=2025), hi=AT.replace(year=2025))  # fmt: skip
"""A no of last year: only a proven return ends it."""


def permission(rows: Iterable[Any], *, topic: str = "9001", brand: str = "0") -> str:
    """``denied``; ``open``: nothing is said against mail; ``granted``: an express yes; ``returns``: one that ends a no."""
    facts = list(from_rows(rows))
    cell = Cell(frozenset({"101"}), ANA, ANA, Scope(topic=topic, brand=brand))
    if not judge(facts, cell, AT).allowed:
        return "denied"
    if judge([*facts, OLD], cell, AT).allowed:
        return "returns"
    return "granted" if judge(facts, cell, AT, Rules(need=Grant.EXPRESS)).allowed else "open"
