"""Pages of contacts, companies and deals, without the many properties that hold nothing.

HubSpot tells every property of every record, most of them as null. A page whose properties are known by name is decoded
in one step that leaves those out; a page that tells anything else is parsed as it comes, and its names are known then.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire


class Record(msgspec.Struct, rename={"created_at": "createdAt", "updated_at": "updatedAt"}, gc=False):
    """A record of a page. ``properties`` are those that are neither null nor empty."""

    id: str
    properties: dict[str, str]
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool | None = None
    associations: dict[str, Any] | None = None


class Told(NamedTuple):
    """What a page tells. ``names``: of all properties that its records may have."""

    names: Collection[str]
    records: list[Record]


class Pages:
    """Decodes pages, and learns of each kind what its properties are called."""

    def __init__(self) -> None:
        self._decoders: dict[Kind, tuple[dict[str, None], msgspec.json.Decoder[Any]]] = {}

    def read(self, kind: Kind, body: bytes) -> Told:
        """A page. Raises Unreadable where it holds no list of records."""
        try:
            names, decoder = self._decoders[kind]
            found: list[Record] = decoder.decode(body).results
        except (KeyError, ValueError, RecursionError):
            return self._as_it_comes(kind, body)
        for record in found:
            told: dict[str, str] = msgspec.to_builtins(record.properties)  # without what is null
            record.properties = told if all(told.values()) else _not_empty(told)
        return Told(names, found)

    def _as_it_comes(self, kind: Kind, body: bytes) -> Told:
        found = wire.rows(wire.parse(body))
        known, _ = self._decoders.get(kind) or ({}, None)
        names = known | {name: None for one in found for name in one.get("properties") or ()}
        if len(names) > len(known):
            self._decoders[kind] = names, _decoder(names)
        return Told(names, [_record(one) for one in found])


def _not_empty(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value}


def _decoder(names: Iterable[str]) -> msgspec.json.Decoder[Any]:
    """Of a page whose records have no other properties than these, each a text or null."""
    fields = [(f"p{at}", str | None, msgspec.field(default=None, name=name)) for at, name in enumerate(names)]
    properties = msgspec.defstruct("Properties", fields, omit_defaults=True, forbid_unknown_fields=True, gc=False)
    record = msgspec.defstruct("KnownRecord", [("properties", properties)], bases=(Record,), gc=False)
    return msgspec.json.Decoder(msgspec.defstruct("Page", [("results", list[record])]))  # type: ignore[valid-type]


def _record(row: wire.Json) -> Record:
    return Record(
        id=wire.text(row, "id"),
        properties=_not_empty(row.get("properties") or {}),
        created_at=wire.text(row, "createdAt"),
        updated_at=wire.text(row, "updatedAt"),
        archived=bool(row.get("archived")),
        associations=row.get("associations"),
    )
