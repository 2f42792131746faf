"""Pages of contacts, companies and deals, without the many properties that hold nothing.

HubSpot tells every property of every record, most of them as null. A page whose properties are known by name is decoded
in one step that leaves those out; a page that tells anything else is parsed as it comes, and its names are known then.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire


class Record(msgspec.Struct, rename={"created_at": "createdAt", "updated_at": "updatedAt"}, gc=False):
    """A record of a page. ``properties`` is a struct of its names, or a mapping."""

    id: str
    properties: Any
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool | None = None
    associations: dict[str, Any] | None = None

    def told(self) -> dict[str, str]:
        """The properties that are neither null nor empty."""
        found: dict[str, str] = msgspec.to_builtins(self.properties)
        return {name: value for name, value in found.items() if value} if "" in found.values() else found


class Pages:
    """Decodes pages, and learns of each kind what its properties are called."""

    def __init__(self) -> None:
        self._names: dict[Kind, dict[str, None]] = {}
        self._decoders: dict[Kind, msgspec.json.Decoder[Any]] = {}

    def records(self, kind: Kind, body: bytes) -> list[Record]:
        """The records of a page. Raises Unreadable where there is no list of them."""
        try:
            found: list[Record] = self._decoders[kind].decode(body).results
        except (KeyError, ValueError, RecursionError):
            return self._as_it_comes(kind, body)
        return found

    def _as_it_comes(self, kind: Kind, body: bytes) -> list[Record]:
        found = wire.rows(wire.parse(body))
        known = self._names.get(kind, {})
        names = known | {name: None for one in found for name in one.get("properties") or ()}
        if len(names) > len(known):
            self._names[kind], self._decoders[kind] = names, _decoder(names)
        return [_record(one) for one in found]


def _decoder(names: Iterable[str]) -> msgspec.json.Decoder[Any]:
    """Of a page whose records have no other properties than these, each a text or null."""
    fields = [(f"p{at}", str | None, msgspec.field(default=None, name=name)) for at, name in enumerate(names)]
    properties = msgspec.defstruct("Properties", fields, omit_defaults=True, forbid_unknown_fields=True, gc=False)
    record = msgspec.defstruct("KnownRecord", [("properties", properties)], bases=(Record,), gc=False)
    return msgspec.json.Decoder(msgspec.defstruct("Page", [("results", list[record])]))  # type: ignore[valid-type]


def _record(row: wire.Json) -> Record:
    return Record(
        id=wire.text(row, "id"),
        properties={name: value for name, value in (row.get("properties") or {}).items() if value},
        created_at=wire.text(row, "createdAt"),
        updated_at=wire.text(row, "updatedAt"),
        archived=bool(row.get("archived")),
        associations=row.get("associations"),
    )
