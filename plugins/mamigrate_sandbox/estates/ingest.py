"""Fills a store with data that is there already: recordings and connector tables of others, or a snapshot's pages.

What a source does not say stays as the vendor's defaults have it. Files that are no such data are passed over.
"""

from pathlib import Path

from mamigrate_sandbox.estates import as_kept, cassettes, landed_pages, tables
from mamigrate_sandbox.store import Store


def reference(store: Store, vendor: str, data: Path) -> dict[str, int]:
    """Reference data below ``data`` (``<vendor>/<kind>/<source>/...``). Returns how many documents came, by kind.

    Raises KeyError for a vendor of which no data is known.
    """
    before = store.kinds()
    {"hubspot": _hubspot, "marketo": _marketo}[vendor](store, data / vendor)
    return _more(before, store.kinds())


def snapshot(store: Store, vendor: str, folder: Path) -> dict[str, int]:
    """The landed pages of a snapshot of the same vendor (``landed/<kind>-*.ndjson.zst``)."""
    before = store.kinds()
    landed_pages.restore(store, vendor, folder)
    return _more(before, store.kinds())


def _hubspot(store: Store, folder: Path) -> None:
    for kind in ("properties", "contacts", "lists"):
        for file in sorted((folder / kind / "captaincontrat").glob("*.yml")):
            cassettes.play(store, file)
    tables.hubspot(store, folder / "connector-csv" / "fivetran")
    as_kept.records(store)


def _marketo(store: Store, folder: Path) -> None:
    tables.marketo_json(store, folder / "api-json" / "embulk")
    tables.marketo(store, folder / "connector-csv" / "fivetran")


def _more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {kind: n - before.get(kind, 0) for kind, n in after.items() if n > before.get(kind, 0)}
