"""The estates by name, and how each vendor's store is filled with one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from mamigrate.errors import UsageError
from mamigrate_sandbox.estates import ingest, into_hubspot, into_marketo, landed_pages
from mamigrate_sandbox.estates.census import LEAST
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
FILLED_FROM = {"data": ingest.reference, "snapshot": ingest.snapshot}
ESTATES = (*WORLDS, "empty")
_SEEDS: dict[str, Callable[[Store, World, datetime, int], None]] = {
    "hubspot": into_hubspot.seed,
    "marketo": into_marketo.seed,
}


def is_estate(word: str) -> bool:
    """True for a name of ESTATES, ``data:FOLDER`` or ``snapshot:FOLDER``."""
    return word in ESTATES or word.partition(":")[0] in FILLED_FROM


def check(vendor: str, estate: str, people: int) -> None:
    """Raises UsageError for what cannot fill a sandbox: no folder, no snapshot of this vendor, too few people."""
    word, _, folder = estate.partition(":")
    if word in FILLED_FROM and not Path(folder).is_dir():
        raise UsageError(f"no folder: {folder}", where="--estate")
    if word == "snapshot":
        landed_pages.check(vendor, Path(folder))
    made = WORLDS.get(estate)
    if isinstance(made, type) and issubclass(made, Messy) and people < LEAST:
        raise UsageError(f"the estate {estate} needs at least {LEAST} people", where="--people")


def fill(store: Store, vendor: str, estate: str, people: int, seed: int, today: datetime) -> None:
    """Write an estate into a store that holds the vendor's defaults. ``empty`` writes nothing.

    ``data:FOLDER`` takes reference data and ``snapshot:FOLDER`` the landed pages of a snapshot of the same vendor. Raises
    KeyError for a name that is no estate, ValueError for too few people, NotADirectoryError for no folder.
    """
    word, _, folder = estate.partition(":")
    if word in FILLED_FROM:
        if not Path(folder).is_dir():
            raise NotADirectoryError(f"no folder: {folder}")
        FILLED_FROM[word](store, vendor, Path(folder))
    elif estate != "empty":
        _SEEDS[vendor](store, WORLDS[estate](people, seed, today), today, seed)
