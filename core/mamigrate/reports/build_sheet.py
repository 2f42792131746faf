"""Build sheets: what a person needs to build an object by hand that the program hands over. Pure.

A sheet names the object, what it needs and what needs it (by name, from the same snapshot), how many people it concerns,
and carries the vendor's own fragment whole.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from mamigrate.model.base import EstateObject
from mamigrate.model.estate import Asset, Owner
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.reports import mask

Estate = Mapping[Kind, Sequence[EstateObject]]
Names = Mapping[tuple[Kind, str], str]

HEADS = ("size", "people_in_flight", "member_count")
"""Fields that count people: the head-count against which the built object is checked."""

COMMON = frozenset(EstateObject.model_fields)
OWNER_FIELDS = frozenset({"firstName", "lastName", "name", "fullName", "displayName", "email"})
"""Keys under which a vendor's fragment of an owner names a person."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Why an object was handed over."""

    key: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """One object needs another. ``name`` None: it does not exist in the snapshot (dangling)."""

    kind: Kind
    key: str
    role: str
    name: str | None

    @property
    def anchor(self) -> str:
        return anchor(self.key)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One object. ``details`` are the rest of its neutral fields as texts, ``fragment`` the vendor's JSON."""

    kind: Kind
    key: str
    name: str
    vendor_type: str
    vendor_id: str
    folder: str
    heads: int | None
    reason: str
    reason_detail: str
    details: tuple[tuple[str, str], ...]
    needs: tuple[Tie, ...]
    used_by: tuple[Tie, ...]
    fragment: str

    @property
    def anchor(self) -> str:
        return anchor(self.key)

    @property
    def dangling(self) -> int:
        return sum(tie.name is None for tie in self.needs)


def anchor(key: str) -> str:
    """A name for links that holds whatever a key holds."""
    return "o-" + hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=6).hexdigest()


def sheets(estate: Estate, handed: Mapping[Kind, Sequence[Handed]], *, unmask: bool) -> dict[Kind, tuple[Sheet, ...]]:
    """Sheets of everything handed over, by kind, in the order of the kinds and of the names."""
    names = {(kind, one.key): _name(one, unmask=unmask) for kind, objects in estate.items() for one in objects}
    users = _users(estate, names)
    made: dict[Kind, tuple[Sheet, ...]] = {}
    for kind in (kind for kind in ESTATE if handed.get(kind)):
        why = {one.key: one for one in handed[kind]}
        found = [one for one in estate.get(kind, ()) if one.key in why]
        rows = (_sheet(kind, one, why[one.key], names, users, unmask=unmask) for one in found)
        made[kind] = tuple(sorted(rows, key=lambda sheet: (sheet.folder, sheet.name, sheet.key)))
    return made


def types(sheets: Iterable[Sheet]) -> dict[str, int]:
    """How many of each type of asset, or all under their kind."""
    counts = Counter(dict(sheet.details).get("asset_type", sheet.kind.value) for sheet in sheets)
    return dict(counts.most_common())


def _sheet(
    kind: Kind,
    one: EstateObject,
    why: Handed,
    names: Names,
    users: Mapping[tuple[Kind, str], Sequence[Tie]],
    *,
    unmask: bool,
) -> Sheet:
    fields = one.model_dump(mode="json", exclude={*COMMON, "folder"})
    return Sheet(
        kind=kind,
        key=one.key,
        name=names[kind, one.key],
        vendor_type=one.origin.vendor_type,
        vendor_id=one.origin.vendor_id,
        folder=getattr(one, "folder", ""),
        heads=next((fields[name] for name in HEADS if fields.get(name) is not None), None),
        reason=why.reason,
        reason_detail=why.detail,
        details=tuple(_details(fields, unmask=unmask)),
        needs=tuple(_tie(ref.kind, ref.key, ref.role, names) for ref in one.references),
        used_by=tuple(users.get((kind, one.key), ())),
        fragment=_fragment(one, unmask=unmask),
    )


def _users(estate: Estate, names: Names) -> dict[tuple[Kind, str], list[Tie]]:
    """Who refers to each object: a reference read backwards."""
    users: dict[tuple[Kind, str], list[Tie]] = {}
    for kind, objects in estate.items():
        for one in objects:
            for ref in dict.fromkeys(one.references):
                users.setdefault((ref.kind, ref.key), []).append(_tie(kind, one.key, ref.role, names))
    return users


def _tie(kind: Kind, key: str, role: str, names: Names) -> Tie:
    return Tie(kind, key, role, names.get((kind, key)))


def _name(one: EstateObject, *, unmask: bool) -> str:
    return mask.value(one.name) if isinstance(one, Owner) and not unmask else one.name


def _details(fields: Mapping[str, object], *, unmask: bool) -> Iterator[tuple[str, str]]:
    """What the neutral model knows beyond name and references, without what is empty or counted elsewhere."""
    for name, value in fields.items():
        text = _text(value)
        if name not in HEADS and text:
            yield name, text if unmask else mask.addresses(text)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " → ".join(_text(inner) for inner in value)
    if isinstance(value, dict):
        return str(value.get("label") or value.get("value") or "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _fragment(one: EstateObject, *, unmask: bool) -> str:
    names = OWNER_FIELDS if isinstance(one, Owner) else frozenset()
    raw = one.raw if unmask else mask.fragment(one.raw, names=names)
    return orjson.dumps(raw, option=orjson.OPT_INDENT_2).decode()


def asset_type(one: EstateObject) -> str:
    """The type of an asset, else empty."""
    return one.asset_type if isinstance(one, Asset) else ""
