"""The estates by name, and how each vendor's store is filled with one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from mamigrate_sandbox.estates import into_hubspot, into_marketo
from mamigrate_sandbox.estates.clean import Clean
from mamigrate_sandbox.estates.lived import Lived
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.world import World
from mamigrate_sandbox.store import Store


@dataclass(frozen=True)
class Huge(Messy):
    """The messy people and their activities alone, for measuring: nothing that marketers built but fields and topics."""

    def __post_init__(self) -> None:
        super().__post_init__()
        bare = replace(self.estate, lists=(), journeys=(), programs=(), assets=())
        object.__setattr__(self, "estate", bare)


WORLDS: dict[str, Callable[[int, int, datetime], World]] = {
    "messy": Messy,
    "clean": Clean,
    "lived": Lived,
    "twin": Messy,
    "huge": Huge,
}
ESTATES = (*WORLDS, "empty")
_SEEDS: dict[str, Callable[[Store, World, datetime, int], None]] = {
    "hubspot": into_hubspot.seed,
    "marketo": into_marketo.seed,
}


def fill(store: Store, vendor: str, estate: str, people: int, seed: int, today: datetime) -> None:
    """Write an estate into a store that holds the vendor's defaults. ``empty`` writes nothing.

    Raises KeyError for a name that is no estate, ValueError for too few people.
    """
    if estate != "empty":
        _SEEDS[vendor](store, WORLDS[estate](people, seed, today), today, seed)
