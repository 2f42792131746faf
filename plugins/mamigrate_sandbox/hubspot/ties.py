"""Associations between records: which types there are, tying, untying, showing.

Type ids: HubSpot docs, "Associations v4". A row is (from, to, type, primary type, the same two of the way back).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mamigrate_sandbox.hubspot.kinds import ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.hubspot.refusals import invalid
from mamigrate_sandbox.store import Body

_PAIRS: list[tuple[str, str, int, int, int, int]] = [
    ("contact", "company", 279, 1, 280, 2), ("deal", "company", 341, 5, 342, 6), ("deal", "contact", 3, 0, 4, 0),
    ("contact", "ticket", 15, 0, 16, 0), ("ticket", "company", 339, 26, 340, 25), ("deal", "ticket", 27, 0, 28, 0),
    ("deal", "line_item", 19, 0, 20, 0), ("deal", "quote", 63, 0, 64, 0), ("quote", "contact", 69, 0, 70, 0),
    ("contact", "contact", 449, 0, 449, 0), ("company", "company", 450, 0, 450, 0), ("deal", "deal", 451, 0, 451, 0),
    ("communication", "contact", 81, 0, 82, 0), ("communication", "deal", 85, 0, 86, 0),
    ("communication", "company", 87, 0, 88, 0), ("company", "call", 181, 0, 182, 0), ("company", "email", 185, 0, 186, 0),
    ("company", "meeting", 187, 0, 188, 0), ("company", "note", 189, 0, 190, 0), ("company", "task", 191, 0, 192, 0),
    ("contact", "call", 193, 0, 194, 0), ("contact", "email", 197, 0, 198, 0), ("contact", "meeting", 199, 0, 200, 0),
    ("contact", "note", 201, 0, 202, 0), ("contact", "task", 203, 0, 204, 0), ("deal", "call", 205, 0, 206, 0),
    ("deal", "email", 209, 0, 210, 0), ("deal", "meeting", 211, 0, 212, 0), ("deal", "note", 213, 0, 214, 0),
    ("deal", "task", 215, 0, 216, 0), ("postal_mail", "contact", 453, 0, 454, 0),
]  # fmt: skip


@dataclass(frozen=True)
class Way:
    """The association types of one direction; ``primary`` 0: this pair has none."""

    plain: int
    primary: int


Key = tuple[str, int]
_WAYS: dict[tuple[str, str], Way] = {}
_INVERSE: dict[int, int] = {13: 14, 14: 13}
for _from, _to, _a, _pa, _b, _pb in _PAIRS:
    _WAYS[_from, _to], _WAYS[_to, _from] = Way(_a, _pa), Way(_b, _pb)
    _INVERSE |= {_a: _b, _b: _a}
    _INVERSE |= {_pa: _pb, _pb: _pa} if _pa else {}


def way(a: ObjectType, b: ObjectType) -> Way:
    """Raises 400 for a pair that cannot be associated."""
    found = _WAYS.get((a.singular, b.singular))
    if found is None:
        raise invalid(f"No association types found between {a.type_id} and {b.type_id}")
    return found


def labels(portal: Portal, a: ObjectType, b: ObjectType) -> list[Body]:
    """All association types of this direction: HubSpot's, then the account's own."""
    found, rows = way(a, b), []
    if found.primary:
        rows.append(_type(found.primary, "Primary"))
    rows.append(_type(found.plain, None))
    if a.singular == b.singular == "company":
        rows += [_type(13, "Child Company"), _type(14, "Parent Company")]
    return rows + [body for _, body in portal.store.all(f"labels/{a.kind}/{b.kind}")]


def name(a: ObjectType, b: ObjectType, type_id: int) -> str:
    """What API v3 calls a type."""
    if type_id in (13, 14):
        return "parent_to_child_company" if type_id == 13 else "child_to_parent_company"
    found = _WAYS.get((a.singular, b.singular))
    plain = f"{a.singular}_to_{b.singular}"
    return f"{plain}_unlabeled" if found and found.primary and type_id == found.plain else plain


def tied(portal: Portal, a: ObjectType, id: str, b: ObjectType) -> list[tuple[str, list[Body]]]:
    """The other ends and their types."""
    return [(other, body["types"]) for other, body in portal.store.links(f"association/{a.kind}/{b.kind}", id)]


def shown(portal: Portal, kind: ObjectType, id: str, wanted: Sequence[str]) -> Body:
    """The ``associations`` of a record as API v3 shows them; types without any are absent."""
    found: Body = {}
    for word in wanted:
        other = resolve(word)
        rows = [
            {"id": end, "type": name(kind, other, each["typeId"])}
            for end, types in tied(portal, kind, id, other)
            for each in types
        ]
        if rows:
            found["emails" if other.kind == "emails-1to1" else other.kind] = {"results": rows}
    return found


# --- changing ---------------------------------------------------------------------------------------------------------


def asked(portal: Portal, a: ObjectType, b: ObjectType, specs: Sequence[Body]) -> list[Body]:
    """The types that a request names. Raises 400 for one that does not exist between these two."""
    rows = {(row["category"], row["typeId"]): row for row in labels(portal, a, b)}
    chosen = []
    for spec in specs:
        key = (spec.get("associationCategory"), int(spec.get("associationTypeId", 0)))
        if key not in rows:
            raise invalid(f"{key[1]} is not a valid association type between {a.type_id} and {b.type_id}")
        chosen.append(rows[key])
    return chosen


def tie(portal: Portal, a: ObjectType, id: str, b: ObjectType, other: str, types: Sequence[Body] = ()) -> list[Body]:
    """Associate both ways and return the types now on the way from ``a``. Without ``types``: the default one."""
    found = way(a, b)
    plain, primary = _type(found.plain, None), _type(found.primary, "Primary")
    chosen = {_key(row): row for row in types} or {_key(plain): plain}
    if found.primary and (_key(primary) in chosen or _becomes_primary(portal, a, id, b)):
        _drop_primary(portal, a, id, b, found.primary)
        chosen |= {_key(primary): primary, _key(plain): plain}
    now = _add(portal, a, id, b, other, list(chosen.values()))
    _add(portal, b, other, a, id, [_inverse(portal, b, a, row) for row in chosen.values()])
    _mirror(portal, a, id, b)
    _mirror(portal, b, other, a)
    return now


def untie(portal: Portal, a: ObjectType, id: str, b: ObjectType, other: str, types: Sequence[Body] = ()) -> None:
    """Take away these types, or all of them, both ways."""
    gone = {_key(row) for row in types}
    back = {_key(_inverse(portal, b, a, row)) for row in types}
    _cut(portal, a, id, b, other, gone)
    _cut(portal, b, other, a, id, back)
    _mirror(portal, a, id, b)
    _mirror(portal, b, other, a)


def _key(row: Body) -> Key:
    """Type ids are unique within a category only."""
    return row["category"], row["typeId"]


def _type(type_id: int, label: str | None) -> Body:
    return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}


def _inverse(portal: Portal, a: ObjectType, b: ObjectType, row: Body) -> Body:
    if row["category"] == "HUBSPOT_DEFINED":
        back = _INVERSE[row["typeId"]]
        return next((r for r in labels(portal, a, b) if r["typeId"] == back), _type(back, None))
    own = [body for _, body in portal.store.all(f"labels/{a.kind}/{b.kind}")]
    return next((r for r in own if r.get("inverse") == row["typeId"]), row)


def _becomes_primary(portal: Portal, a: ObjectType, id: str, b: ObjectType) -> bool:
    one_company = a.kind in ("contacts", "deals") and b.kind == "companies"
    return one_company and portal.switches.first_company_is_primary and not tied(portal, a, id, b)


def _drop_primary(portal: Portal, a: ObjectType, id: str, b: ObjectType, primary: int) -> None:
    """A record has one primary company."""
    if b.kind != "companies":
        return
    for other, types in tied(portal, a, id, b):
        if ("HUBSPOT_DEFINED", primary) in map(_key, types):
            _cut(portal, a, id, b, other, {("HUBSPOT_DEFINED", primary)})
            _cut(portal, b, other, a, id, {("HUBSPOT_DEFINED", _INVERSE[primary])})


def _add(portal: Portal, a: ObjectType, id: str, b: ObjectType, other: str, rows: list[Body]) -> list[Body]:
    present = {_key(row): row for row in dict(tied(portal, a, id, b)).get(other, [])}
    present |= {_key(row): {k: row.get(k) for k in ("category", "typeId", "label")} for row in rows}
    types = [present[key] for key in sorted(present)]
    portal.store.link(f"association/{a.kind}/{b.kind}", id, other, {"types": types})
    return types


def _cut(portal: Portal, a: ObjectType, id: str, b: ObjectType, other: str, gone: set[Key]) -> None:
    link = f"association/{a.kind}/{b.kind}"
    left = [row for row in dict(tied(portal, a, id, b)).get(other, []) if gone and _key(row) not in gone]
    if left:
        portal.store.link(link, id, other, {"types": left})
    else:
        portal.store.unlink(link, id, other)


def _mirror(portal: Portal, a: ObjectType, id: str, b: ObjectType) -> None:
    """A contact's primary company stands in ``associatedcompanyid`` as well."""
    if (a.kind, b.kind) != ("contacts", "companies"):
        return
    record = portal.store.get("contacts", id)
    if record is None:
        return
    ends = [other for other, types in tied(portal, a, id, b) if ("HUBSPOT_DEFINED", 1) in map(_key, types)]
    value = ends[0] if ends else None
    if record["properties"].get("associatedcompanyid") != value:
        record["properties"].pop("associatedcompanyid", None)
        if value:
            record["properties"]["associatedcompanyid"] = value
        portal.store.put("contacts", id, record)
