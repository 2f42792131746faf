"""/crm/v3/lists/.../memberships: who is on a list. Only MANUAL and SNAPSHOT lists can be written."""

import flask

from mamigrate_sandbox.hubspot import lists, membership
from mamigrate_sandbox.hubspot.kinds import ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, batch, here, inputs, number, paged, sent, sent_any
from mamigrate_sandbox.hubspot.records import followed
from mamigrate_sandbox.hubspot.refusals import invalid, unbound
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("memberships", __name__)
BASE = "/crm/v3/lists/<id>/memberships"
MOST = 100_000


@routes.get(BASE)
def index(id: str) -> Answer:
    """By record id. ``after`` is the last record id seen."""
    portal = here()
    lists.one(portal, id)
    rows, after, limit = portal.store.links("membership", id), number("after", -1, 2**62, -1), number("limit", 100, 250)
    rest = [row for row in rows if int(row[0]) > after]
    return _page(rest, limit, len(rows), rest[limit - 1][0] if len(rest) > limit else None)


@routes.get(f"{BASE}/join-order")
def by_time(id: str) -> Answer:
    portal = here()
    lists.one(portal, id)
    rows = sorted(portal.store.links("membership", id), key=lambda row: (str(row[1].get("at", "")), int(row[0])))
    start, limit = number("after", 0, 2**62, 0), number("limit", 100, 250)
    end = start + limit
    return _page(rows[start:], limit, len(rows), str(end) if len(rows) > end else None)


@routes.put(f"{BASE}/add")
def add(id: str) -> Answer:
    return _changed(id, add=_ids(sent_any()))


@routes.put(f"{BASE}/remove")
def remove(id: str) -> Answer:
    return _changed(id, remove=_ids(sent_any()))


@routes.put(f"{BASE}/add-and-remove")
def add_and_remove(id: str) -> Answer:
    body = sent("recordIdsToAdd", "recordIdsToRemove", what="MembershipChangeRequest")
    return _changed(id, _ids(body["recordIdsToAdd"]), _ids(body["recordIdsToRemove"]))


@routes.put(f"{BASE}/add-from/<source>")
def add_from(id: str, source: str) -> Answer:
    portal = here()
    lists.one(portal, source)
    found = [record for record, _ in portal.store.links("membership", source)]
    if len(found) >= MOST:
        raise invalid(f"The source list must have fewer than {MOST} members")
    _changed(id, add=found)
    return NOTHING


@routes.delete(BASE)
def clear(id: str) -> Answer:
    _changed(id, remove=[record for record, _ in here().store.links("membership", id)])
    return NOTHING


@routes.get("/crm/v3/lists/records/<type>/<record>/memberships")
def of_record(type: str, record: str) -> Answer:
    rows = _lists_of(here(), resolve(type), record)
    return {"results": rows, "total": len(rows)}


@routes.post("/crm/v3/lists/records/memberships/batch/read")
def of_records() -> Answer:
    portal, found = here(), []
    for row in inputs("BatchInputRecordIdInput"):
        kind, record = resolve(str(row["objectTypeId"])), str(row["recordId"])
        held = _lists_of(portal, kind, record)
        found.append({"objectTypeId": kind.type_id, "recordId": record, "recordListMemberships": held})
    return batch(found)


def _changed(id: str, add: list[str] | None = None, remove: list[str] | None = None) -> Body:
    portal = here()
    row = lists.one(portal, id)
    if row["processingType"] == "DYNAMIC":
        raise invalid(
            "Memberships of a DYNAMIC list cannot be changed by hand", sub="ListError.INVALID_PROCESSING_TYPE"
        )
    kind, now = resolve(row["objectTypeId"]), portal.stamp()
    present = {record for record, _ in portal.store.links("membership", id)}
    there, missing = _sorted_out(portal, kind, add or [])
    added = [record for record in there if record not in present]
    removed = [record for record in remove or [] if record in present]
    for record in added:
        portal.store.link("membership", id, record, {"at": now})
    for record in removed:
        portal.store.unlink("membership", id, record)
    membership.counted(portal, row)
    return {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing}


def _sorted_out(portal: Portal, kind: ObjectType, ids: list[str]) -> tuple[list[str], list[str]]:
    """Records that exist, and ids of none."""
    there, missing = [], []
    found = portal.store.get_many(kind.kind, ids)
    for id in dict.fromkeys(ids):
        record = found.get(id) or portal.store.get(kind.kind, followed(portal, kind, id))
        if record and not record.get("archived"):
            there.append(str(record["id"]))
        else:
            missing.append(id)
    return there, missing


def _lists_of(portal: Portal, kind: ObjectType, record: str) -> list[Body]:
    rows = []
    for id, body in portal.store.links_back("membership", followed(portal, kind, record)):
        held = portal.store.get("lists", id)
        if held and held["objectTypeId"] == kind.type_id and not held.get("deletedAt"):
            at, version = body.get("at", held["createdAt"]), held.get("listVersion", 1)
            times = {"firstAddedTimestamp": at, "lastAddedTimestamp": at}
            rows.append({"listId": id, "listVersion": version, "isPublicList": False, **times})
    return rows


def _page(rows: list[tuple[str, Body]], limit: int, total: int, after: str | None) -> Body:
    shown = [
        {"recordId": id, "membershipTimestamp": body.get("at", "1970-01-01T00:00:00.000Z")} for id, body in rows[:limit]
    ]
    return paged(shown, after, total=total)


def _ids(body: object) -> list[str]:
    if not isinstance(body, list):
        raise unbound("Cannot build a set of record ids from this")
    if len(body) > MOST:
        raise invalid(f"At most {MOST} records can be changed at once")
    return [str(each) for each in body]
