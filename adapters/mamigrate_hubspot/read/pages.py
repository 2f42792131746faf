"""Pages of contacts, companies and deals, without the many properties that hold nothing.

HubSpot tells every property of every record, most of them as null. A page whose properties are known by name is decoded
in one step that leaves those out, and that checks yes/no fields and instants where all of them have their usual forms. A
page that tells anything else is parsed as it comes, and its names are known then.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from mamigrate.model.canonical import renderer
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire

Types = Mapping[str, DataType]
Renderers = Mapping[str, Callable[[str], str]]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_WHOLE = len("2026-01-15T10:30:00Z")


class Record(msgspec.Struct, rename={"created_at": "createdAt", "updated_at": "updatedAt"}, gc=False):
    """A record of a page. ``properties`` are those that are neither null nor empty."""

    id: Annotated[str, msgspec.Meta(pattern=r"\S")]
    properties: dict[str, str]
    created_at: str | datetime | None = None
    updated_at: str | datetime | None = None
    archived: bool | None = None
    associations: dict[str, Any] | None = None


class Told(NamedTuple):
    """What a page tells. ``names``: of all properties that its records may have. ``left``: what makes canonical texts of
    the properties that may still have other ones.
    """

    names: Collection[str]
    records: Iterable[Record]
    left: Renderers


class _Known(NamedTuple):
    """Properties met so far, and their types; the ways to decode a page of them, the quickest first."""

    names: dict[str, None]
    types: Types
    ways: tuple[tuple[msgspec.json.Decoder[Any], Renderers], ...]


class Pages:
    """Decodes pages, and learns of each kind what its properties are called."""

    def __init__(self) -> None:
        self._known: dict[Kind, _Known] = {}

    def read(self, kind: Kind, body: bytes, types: Types) -> Told:
        """A page. ``types`` are those of properties that are no texts. Raises Unreadable where it holds no list of records."""
        known = self._known.get(kind)
        if known is None or known.types != types:
            return self._as_it_comes(kind, body, types)
        for decoder, left in known.ways:
            try:
                found: list[Record] = decoder.decode(body).results
            except (ValueError, RecursionError):
                continue
            return Told(known.names, map(_with_values, found), left)
        return self._as_it_comes(kind, body, types)

    def _as_it_comes(self, kind: Kind, body: bytes, types: Types) -> Told:
        found = wire.rows(wire.parse(body))
        known = self._known.get(kind) or _Known({}, {}, ())
        names = known.names | {name: None for one in found for name in wire.part(one, "properties")}
        if len(names) > len(known.names) or known.types != types:
            ways = (_checking(names, types), _plain(names, types)) if all(map(_is_plain, names)) else ()
            self._known[kind] = _Known(names, types, ways)
        return Told(names, [_record(one) for one in found], _renderers(types))


def _is_plain(name: str) -> bool:
    """Whether a decoder can be made for a property of this name. HubSpot's own are lower-case letters, digits and _."""
    return name.isprintable() and '"' not in name and "\\" not in name


def _with_values(record: Record) -> Record:
    """The record without what is null or empty. Done when its turn comes, while it is still at hand."""
    told: dict[str, str] = msgspec.to_builtins(record.properties)
    record.properties = told if all(told.values()) else _not_empty(told)
    return record


def _not_empty(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value}


def _renderers(types: Types) -> Renderers:
    return {name: renderer(kind) for name, kind in types.items()}


def _checking(names: Collection[str], types: Types) -> tuple[msgspec.json.Decoder[Any], Renderers]:
    """Refuses a page with any yes/no field or instant in an unusual form; of instants, only fractions are left to look at."""
    checked: Mapping[DataType | None, Any] = {
        DataType.BOOLEAN: Literal["true", "false", ""] | None,
        DataType.DATETIME: Moment | None,
    }
    left = {name: make for name, make in _renderers(types).items() if types[name] not in checked}
    left |= {name: _whole for name, kind in types.items() if kind is DataType.DATETIME}
    return _decoder({name: checked.get(types.get(name), str | None) for name in names}, Moment | None), left


def _plain(names: Collection[str], types: Types) -> tuple[msgspec.json.Decoder[Any], Renderers]:
    return _decoder(dict.fromkeys(names, str | None), str | None), _renderers(types)


def _whole(instant: str) -> str:
    """The canonical text of an instant that was decoded as one: without the zeros behind its fraction."""
    return instant if len(instant) == _WHOLE else renderer(DataType.DATETIME)(instant)


def _decoder(properties: Mapping[str, Any], moment: Any) -> msgspec.json.Decoder[Any]:
    """Of a page whose records have no other properties than these, each of its type or null."""
    fields = [
        (f"p{at}", kind, msgspec.field(default=None, name=name)) for at, (name, kind) in enumerate(properties.items())
    ]
    told = msgspec.defstruct("Properties", fields, omit_defaults=True, forbid_unknown_fields=True, gc=False)
    moments = [(name, moment, None) for name in ("created_at", "updated_at")]
    record = msgspec.defstruct("KnownRecord", [("properties", told), *moments], bases=(Record,), gc=False)
    return msgspec.json.Decoder(msgspec.defstruct("Page", [("results", list[record])]))  # type: ignore[valid-type]


def _record(row: wire.Json) -> Record:
    """A record in any form. Raises Unreadable where it has no id, or something else where an object belongs."""
    return Record(
        id=wire.id_of(row),
        properties=_not_empty({name: _told(value) for name, value in wire.part(row, "properties").items()}),
        created_at=wire.text(row, "createdAt"),
        updated_at=wire.text(row, "updatedAt"),
        archived=wire.text(row, "archived") not in ("", "false"),
        associations=wire.part(row, "associations") or None,
    )


def _told(value: Any) -> str:
    """A property as the text that it would be: values come as texts, and a number or a flag of JSON still is one."""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return wire.text({"": value}, "")
