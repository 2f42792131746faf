"""How many people play which part in the messy estate, and who plays it.

The parts decide consent, so their numbers are exact: a table at 5,000 people, scaled. A person's number is a scattered
slot of that table; both ways can be asked in constant time and memory.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from mamigrate_sandbox.estates.scatter import Scatter

AT = 5_000
LEAST = 200

# (role, people at 5,000). Marketing contacts first; "open" and "cold" take what rounding leaves.
_MARKETING = (
    ("twin_first", 14),  # would be mailed, but a record with the same loose address would not
    ("orphan_twin", 2),  # the address is opted out in another spelling, without a contact
    ("fold_open", 1),  # strasse@, whose straße@ opted out
    ("crm_optout", 95),  # only the CRM knows that they objected
    ("topic", 430),
    ("fuzzy_first", 190),
    ("open", 1_578),
    ("wide", 300),
    ("bounced", 175),
    ("complained", 6),
    ("quarantined", 22),
    ("graymail", 60),
    ("excluded", 47),
    ("no_address", 20),
)
_NON_MARKETING = (
    ("cold_wide", 104),
    ("cold_bounced", 90),
    ("cold_complained", 2),
    ("cold_quarantined", 8),
    ("cold_graymail", 20),
    ("cold_topic", 190),
    ("cold_excluded", 60),
    ("cold_no_address", 190),
    ("twin_second", 14),
    ("cold_twin_first", 106),
    ("cold_twin_second", 106),
    ("fuzzy_second", 190),
    ("cold", 980),
)
_STAGES = (
    ("MCL", 1_870),
    ("MEL", 1_240),
    ("MQL", 260),
    ("SAL", 140),
    ("SQL", 180),
    ("CUSTOMER", 520),
    ("RECYCLE", 560),
    ("TRASH", 230),
)
PAIRS = {"twin_second": "twin_first", "cold_twin_second": "cold_twin_first", "fuzzy_second": "fuzzy_first"}
MAILABLE = frozenset(("twin_first", "orphan_twin", "fold_open", "crm_optout", "topic", "fuzzy_first", "open"))


@dataclass(frozen=True, slots=True)
class Part:
    """A role and the how-manieth player of it somebody is."""

    role: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Names and counts laid out one behind the other."""

    names: tuple[str, ...]
    starts: tuple[int, ...]
    size: int

    @classmethod
    def of(cls, table: tuple[tuple[str, int], ...]) -> "Roll":
        ends = list(accumulate(count for _, count in table))
        return cls(tuple(name for name, _ in table), (0, *ends[:-1]), ends[-1])

    def at(self, slot: int) -> Part:
        place = bisect_right(self.starts, slot) - 1
        return Part(self.names[place], slot - self.starts[place])

    def slot(self, part: Part) -> int:
        return self.starts[self.names.index(part.role)] + part.ordinal

    def count(self, name: str) -> int:
        place = self.names.index(name)
        ends = (*self.starts[1:], self.size)
        return ends[place] - self.starts[place]


class Census:
    """Who is what among ``people``. Below 200 people the traps do not fit: ``ValueError``."""

    def __init__(self, people: int, seed: int) -> None:
        if people < LEAST:
            raise ValueError(f"the messy estate needs at least {LEAST} people")
        self.people = people
        marketing = self.scaled(2_940)
        self.roles = Roll.of(
            _fitted(_MARKETING, marketing, people, "open") + _fitted(_NON_MARKETING, people - marketing, people, "cold")
        )
        self.stages = Roll.of(_fitted(_STAGES, people, people, "MCL"))
        self._order = Scatter.over(people, seed * 31 + 1)
        self._stage_order = Scatter.over(people, seed * 31 + 2)
        self._crm_order = Scatter.over(people - self.roles.count("crm_optout"), seed * 31 + 3)

    def scaled(self, count: int) -> int:
        """``count`` at 5,000 people, for this many; never less than one."""
        return _scaled(count, self.people)

    def part(self, number: int) -> Part:
        return self.roles.at(self._order.back(number))

    def number(self, role: str, ordinal: int) -> int:
        """The number of the person who plays this part."""
        return self._order(self.roles.slot(Part(role, ordinal)))

    def stage(self, number: int) -> Part:
        return self.stages.at(self._stage_order.back(number))

    def crm_kind(self, number: int) -> str | None:
        """``lead``, ``contact`` or None: 1,900 leads and the 1,150 contacts that the platform knows, at 5,000."""
        slot = self._order.back(number)
        first, silent = self.roles.slot(Part("crm_optout", 0)), self.roles.count("crm_optout")
        converted = self.scaled(40)
        if first <= slot < first + silent:
            return "lead" if slot - first < converted else "contact"
        place = self._crm_order(slot if slot < first else slot - silent)
        leads = self.scaled(1_900) - converted
        return (
            "lead"
            if place < leads
            else "contact"
            if place < leads + self.scaled(1_150) - (silent - converted)
            else None
        )


def _scaled(count: int, people: int) -> int:
    return max(1, round(count * people / AT))


def _fitted(table: tuple[tuple[str, int], ...], total: int, people: int, rest: str) -> tuple[tuple[str, int], ...]:
    counts = {name: _scaled(count, people) for name, count in table if name != rest}
    for second, first in PAIRS.items():
        if second in counts and first in counts:
            counts[second] = counts[first]
    left = total - sum(counts.values())
    return tuple((name, left if name == rest else counts[name]) for name, _ in table)
