"""Reading CRM records: finding one, and how it looks to a client."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mamigrate_sandbox.hubspot import ties
from mamigrate_sandbox.hubspot.kinds import ObjectType
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.store import Body


@dataclass(frozen=True)
class View:
    """What a client asked to see of a record. Empty ``properties``: the type's defaults."""

    properties: Sequence[str] = ()
    history: Sequence[str] = ()
    associations: Sequence[str] = ()


# --- finding ----------------------------------------------------------------------------------------------------------


def known(portal: Portal, kind: ObjectType, names: Sequence[str]) -> dict[str, Body]:
    """Definitions of those names that exist, are not archived and are visible to the token."""
    read: dict[str, Body | None] = portal.once(f"definitions_{kind.kind}", dict)
    absent = [name for name in dict.fromkeys(names) if name not in read]
    if absent:
        found, hidden = portal.store.get_many(f"properties/{kind.kind}", absent), portal.switches.hidden_fields
        usable = {name: d for name, d in found.items() if name not in hidden and not d.get("archived")}
        read.update((name, usable.get(name)) for name in absent)
    return {name: definition for name in names if (definition := read[name]) is not None}


def described(portal: Portal, kind: ObjectType) -> bool:
    """Whether this type has definitions at all; one without takes any property."""
    return portal.once(f"described_{kind.kind}", lambda: portal.store.count(f"properties/{kind.kind}") > 0)


def find(portal: Portal, kind: ObjectType, ref: str, by: str = "", *, archived: bool = False) -> Body | None:
    """The record with this id, or with this value of the unique property ``by``. Merged ids lead to the survivor."""
    id = by_value(portal, kind, by, ref) if by and by != "hs_object_id" else followed(portal, kind, ref)
    record = portal.store.get(kind.kind, id) if id else None
    return record if record and bool(record.get("archived")) == archived else None


def get(portal: Portal, kind: ObjectType, ref: str, by: str = "", *, archived: bool = False) -> Body:
    """As ``find``; raises 404."""
    record = find(portal, kind, ref, by, archived=archived)
    if record is None:
        raise not_found()
    return record


def followed(portal: Portal, kind: ObjectType, id: str) -> str:
    for _ in range(300):
        moved = portal.store.get(f"redirects/{kind.kind}", id)
        if moved is None:
            break
        id = str(moved["to"])
    return id


def by_value(portal: Portal, kind: ObjectType, name: str, value: str) -> str | None:
    """The id of the record with this value of a unique property. Raises 400 when the property is not unique."""
    if name == "email" and kind.kind == "contacts":
        return next(iter(portal.store.find("contacts", "email", value.strip().lower())), None)
    definition = known(portal, kind, [name]).get(name)
    if definition is None or not definition.get("hasUniqueValue"):
        raise invalid(f"Property {name} is not a unique identifier property for {kind.label}")
    return next(iter(portal.store.find(kind.kind, name, value)), None)


def walk(portal: Portal, kind: ObjectType, after: int, *, archived: bool) -> Iterator[Body]:
    """Records with ids above ``after``, live or archived ones."""
    while page := portal.store.page(kind.kind, after, 200):
        yield from (body for _, body in page if bool(body.get("archived")) == archived)
        after = int(page[-1][0])


# --- showing ----------------------------------------------------------------------------------------------------------


def system(kind: ObjectType, record: Body) -> dict[str, str]:
    """Properties that every answer carries."""
    stored = record["properties"]
    created = stored.get(kind.created) if kind.kind == "deals" else None
    return {
        kind.created: created or record["createdAt"],
        kind.modified: record["updatedAt"],
        "hs_object_id": record["id"],
    }


def seen(portal: Portal, kind: ObjectType, names: Sequence[str]) -> list[str]:
    """Those of the asked names that exist; unknown ones are ignored."""
    if not described(portal, kind):
        return list(names)
    visible = known(portal, kind, names)
    return [name for name in dict.fromkeys(names) if name in visible]


def show(portal: Portal, kind: ObjectType, record: Body, view: View) -> Body:
    names = seen(portal, kind, view.properties or kind.shown)
    shown = present(portal, kind, record, names)
    if view.history:
        shown["propertiesWithHistory"] = {
            name: history(record, name) for name in seen(portal, kind, view.history) if history(record, name)
        }
    if view.associations:
        found = ties.shown(portal, kind, record["id"], view.associations)
        if found:
            shown["associations"] = found
    return shown


def present(portal: Portal, kind: ObjectType, record: Body, names: Sequence[str]) -> Body:
    """The record's envelope with these properties and the system's."""
    values = {**record["properties"], **system(kind, record)}
    properties = {name: values.get(name) for name in names} | system(kind, record)
    shown = {
        "id": record["id"],
        "properties": dict(sorted(properties.items())),
        "createdAt": record["createdAt"],
        "updatedAt": record["updatedAt"],
        "archived": bool(record.get("archived")),
        "url": f"https://app.hubspot.com/contacts/{portal.id}/record/{kind.type_id}/{record['id']}",
    }
    if record.get("archivedAt"):
        shown["archivedAt"] = record["archivedAt"]
    return shown


def history(record: Body, name: str) -> list[Body]:
    """Versions of a value, newest first. A value without recorded history has one version."""
    versions = record.get("history", {}).get(name)
    if versions:
        return list(versions)
    value = record["properties"].get(name)
    if value is None:
        return []
    return [{"value": value, "timestamp": record["createdAt"], "sourceType": "API"}]
