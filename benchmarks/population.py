"""People for measuring: those of the sandbox's messy estate, every one filled up to exactly forty fields."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mamigrate_sandbox.estates import catalogue, messy_fields
from mamigrate_sandbox.estates.world import Event, Person

FORTY = "forty"
"""The name of this estate in the catalogue of the process that asked for ``install``."""
FIELDS = 40
_LEGACY = messy_fields.LEGACY[:FIELDS]
FIELDS_OF_ALL = (*messy_fields.STANDARD, *messy_fields.OWN, *_LEGACY)
_WORDS = (
    "満足",
    "やや満足",
    "ふつう",
    "検討中",
    "来期に検討",
    "資料を希望",
    "不明",
    "A案",
    "B案",
    "MP-200を3台",
    "特になし",
)


@dataclass(frozen=True)
class Forty(catalogue.Huge):
    """No other field of the company's own exists. Beside the forty stands what HubSpot keeps for itself: ids, dates, the
    mirrors of consent; its own empty properties are told as null on every page."""

    def __post_init__(self) -> None:
        super().__post_init__()
        bare = replace(self.estate, fields=FIELDS_OF_ALL, spare_fields=(), field_target=0)
        object.__setattr__(self, "estate", bare)

    def people(self) -> Iterator[Person]:
        return map(filled, super().people())

    def events(self) -> Iterator[Event]:
        """None: events are not moved yet."""
        return iter(())


def filled(person: Person) -> Person:
    """The same person with answers to old questionnaires until forty fields hold a value."""
    known = {field.key for field in FIELDS_OF_ALL}
    values = {name: value for name, value in person.values.items() if value and name in known}
    for at, field in enumerate(_LEGACY):
        if len(values) >= FIELDS:
            break
        values.setdefault(field.key, f"{_WORDS[(person.number * 7 + at * 3) % len(_WORDS)]} {person.number * 31 % 997}")
    return replace(person, values=values)


def install() -> None:
    """Make the estate known to the catalogue of this process."""
    catalogue.WORLDS[FORTY] = Forty
