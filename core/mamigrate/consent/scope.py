"""What a fact is about: a channel, a brand, a topic and a class of mail; scopes cover what lies below them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

ALL = "*"
OWN = "target:"
"""How topics begin that only the target has: a denial of everything reaches them, and no grant of the source does."""

CLASSES = {
    "MKT": frozenset({"MKT", "SLS"}),
    "SLS": frozenset({"SLS"}),
    "SVC": frozenset({"SVC"}),
    "TXN": frozenset({"TXN"}),
    ALL: frozenset({"MKT", "SLS", "SVC", "TXN"}),
}
"""What a denial of a class of mail covers: leaving marketing leaves one-to-one sales mail too."""


class Scope(NamedTuple):
    """Where a fact holds. ``*`` is the root of each axis."""

    channel: str = "email"
    brand: str = ALL
    topic: str = ALL
    asset_class: str = "MKT"


@dataclass(frozen=True, slots=True)
class Trees:
    """Parents of brands and topics; whatever has none hangs under ``*``."""

    brands: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)

    def covers(self, wide: Scope, narrow: Scope, *, every_class: bool = False) -> bool:
        """Whether a denial of ``wide`` is one of ``narrow``: it lies at or above it on every axis."""
        return (
            wide.channel in (ALL, narrow.channel)
            and wide.brand in _upwards(narrow.brand, self.brands)
            and wide.topic in _upwards(narrow.topic, self.topics)
            and (every_class or _of_class(wide.asset_class, narrow.asset_class))
        )

    def permits(self, wide: Scope, narrow: Scope) -> bool:
        """Whether a grant of ``wide`` is one of ``narrow``: unlike a denial, it never reaches another class of mail."""
        return wide.asset_class in (ALL, narrow.asset_class) and self.covers(wide, narrow)


def _of_class(wide: str, narrow: str) -> bool:
    """Whether a class of mail holds another; all of them hold all of them, too."""
    return wide == narrow == ALL or narrow in CLASSES.get(wide, CLASSES[ALL])


def _upwards(name: str, parents: Mapping[str, str]) -> Iterator[str]:
    seen = set()
    while name not in seen and name != ALL:
        seen.add(name)
        yield name
        name = parents.get(name, ALL)
    yield ALL


FLAT = Trees()
"""Brands and topics that all hang under ``*``."""
