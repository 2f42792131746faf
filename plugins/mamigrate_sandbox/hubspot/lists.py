"""/crm/v3/lists: lists ("segments"). Names are unique in the account; dynamic ones are evaluated a moment later."""

from datetime import timedelta

import flask

from mamigrate_sandbox.hubspot import grammar, membership
from mamigrate_sandbox.hubspot.kinds import resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, flag, here, iso, moment, sent, words
from mamigrate_sandbox.hubspot.refusals import conflict, invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("lists", __name__)
BASE = "/crm/v3/lists"
_SHOWN = ("hs_list_size", "hs_last_record_added_at", "hs_last_record_removed_at", "hs_folder_name", "hs_list_reference_count")  # fmt: skip
_TYPES = {"MANUAL", "DYNAMIC", "SNAPSHOT"}
EVALUATION_S = 5.0
RESTORE_DAYS = 90


@routes.get(BASE)
def get_many() -> Answer:
    rows = [here().store.get("lists", id) for id in words("listIds")]
    return {"lists": [shown(row, filters=flag("includeFilters")) for row in rows if row]}


@routes.post(BASE)
def create() -> Answer:
    portal, body = here(), sent("name", "objectTypeId", "processingType", what="ListCreateRequest")
    kind = resolve(str(body["objectTypeId"]))
    if body["processingType"] not in _TYPES:
        raise invalid(f"processingType must be one of {sorted(_TYPES)}, it was {body['processingType']}")
    if body["processingType"] != "MANUAL" and not body.get("filterBranch"):
        raise invalid("A list that is not MANUAL needs a filterBranch")
    _free(portal, str(body["name"]))
    if body.get("filterBranch"):
        grammar.check(portal, kind, body["filterBranch"])
    made = _made(portal, body, kind.type_id)
    portal.store.put("lists", made["listId"], made)
    if made["processingType"] != "MANUAL":
        membership.evaluate(portal, made)
    return {"list": shown(here().store.get("lists", made["listId"]) or made, filters=False)}


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    return {"list": shown(one(here(), id, deleted=True), filters=flag("includeFilters"))}


@routes.get(f"{BASE}/object-type-id/<type>/name/<name>")
def by_name(type: str, name: str) -> Answer:
    for _, row in here().store.all("lists"):
        if row["name"] == name and row["objectTypeId"] == resolve(type).type_id and not row.get("deletedAt"):
            return {"list": shown(row, filters=flag("includeFilters"))}
    raise not_found(f"No list named {name}")


@routes.post(f"{BASE}/search")
def search() -> Answer:
    body = sent()
    start, count = int(body.get("offset") or 0), int(body.get("count") or 20)
    if not 0 < count <= 500 or start > 10_000:
        raise invalid("count is at most 500 and offset at most 10000")
    rows = [row for _, row in here().store.all("lists") if not row.get("deletedAt") and _wanted(row, body)]
    page = rows[start : start + count]
    names = [*_SHOWN, *(body.get("additionalProperties") or [])]
    more = len(rows) > start + count
    found = [_found(row, names) for row in page]
    return {"lists": found, "offset": start + len(page), "hasMore": more, "total": len(rows)}


@routes.put(f"{BASE}/<id>/update-list-name")
def rename(id: str) -> Answer:
    portal, name = here(), flask.request.args.get("listName", "")
    row = one(portal, id)
    if not name:
        raise invalid("listName is required")
    if name != row["name"]:
        _free(portal, name)
    return {"updatedList": shown(_kept(portal, row | {"name": name}), filters=flag("includeFilters"))}


@routes.put(f"{BASE}/<id>/update-list-filters")
def refilter(id: str) -> Answer:
    portal, body, row = here(), sent("filterBranch", what="ListFilterUpdateRequest"), one(here(), id)
    if row["processingType"] != "DYNAMIC":
        raise invalid("Filters can only be updated on a DYNAMIC list")
    grammar.check(portal, resolve(row["objectTypeId"]), body["filterBranch"])
    changed = row | {"filterBranch": body["filterBranch"], "filtersUpdatedAt": portal.stamp()}
    _kept(portal, changed | {"processingStatus": "PROCESSING", "evaluatedAt": _later(portal)})
    membership.evaluate(portal, changed)
    return {"updatedList": shown(one(portal, id), filters=True)}


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    portal = here()
    _kept(portal, one(portal, id) | {"deletedAt": portal.stamp()})
    return NOTHING


@routes.put(f"{BASE}/<id>/restore")
def restore(id: str) -> Answer:
    portal = here()
    row = one(portal, id, deleted=True)
    deleted = row.pop("deletedAt", None)
    if deleted and (portal.now() - moment(deleted)).days >= RESTORE_DAYS:
        raise not_found(f"List {id} was deleted more than {RESTORE_DAYS} days ago")
    _kept(portal, row)
    return NOTHING


@routes.get(f"{BASE}/idmapping")
def legacy_id() -> Answer:
    legacy = flask.request.args.get("legacyListId", "")
    return {"legacyListId": legacy, "listId": _mapped(here(), legacy)}


@routes.post(f"{BASE}/idmapping")
def legacy_ids() -> Answer:
    asked = [str(each) for each in flask.request.get_json(silent=True) or []]
    known = {each: here().store.get("legacy-lists", each) for each in asked}
    found = [{"legacyListId": old, "listId": row["listId"]} for old, row in known.items() if row]
    return {"legacyListIdsToIdsMapping": found, "missingLegacyListIds": [old for old, row in known.items() if not row]}


@routes.get(f"{BASE}/folders")
def folders() -> Answer:
    rows = [body for _, body in here().store.all("list-folders")]
    root = {"id": "0", "parentFolderId": "0", "name": "root", "childNodes": rows, "childLists": []}
    return {"folder": root}


# --- work -------------------------------------------------------------------------------------------------------------


def one(portal: Portal, id: str, *, deleted: bool = False) -> Body:
    row = portal.store.get("lists", id)
    if row is None or (row.get("deletedAt") and not deleted):
        raise not_found(f"List does not exist with ID {id}.")
    return row


def shown(row: Body, *, filters: bool) -> Body:
    """The list as returned: filters only when asked for, and the status of its evaluation by now."""
    status = row.get("processingStatus", "COMPLETE")
    if status == "PROCESSING" and row.get("evaluatedAt", "") <= here().stamp():
        status = "COMPLETE"
    hidden = {"evaluatedAt"} | (set() if filters else {"filterBranch"})
    kept = {name: value for name, value in row.items() if name not in hidden}
    return {"listVersion": 1, **kept, "processingStatus": status}


def _made(portal: Portal, body: Body, type_id: str) -> Body:
    now, dynamic = portal.stamp(), body["processingType"] != "MANUAL"
    row = {
        "listId": str(portal.store.next_id("lists")), "listVersion": 1, "name": str(body["name"]),
        "objectTypeId": type_id, "processingType": body["processingType"],
        "processingStatus": "PROCESSING" if dynamic else "COMPLETE", "createdAt": now, "updatedAt": now,
        "filtersUpdatedAt": now, "createdById": "1", "updatedById": "1", "size": 0,
    }  # fmt: skip
    return row | ({"filterBranch": body["filterBranch"], "evaluatedAt": _later(portal)} if dynamic else {})


def _later(portal: Portal) -> str:
    return iso(portal.now() + timedelta(seconds=EVALUATION_S))


def _kept(portal: Portal, row: Body) -> Body:
    row = row | {"updatedAt": portal.stamp(), "listVersion": int(row.get("listVersion", 1)) + 1}
    portal.store.put("lists", row["listId"], row)
    return row


def _free(portal: Portal, name: str) -> None:
    for _, row in portal.store.all("lists"):
        if row["name"] == name and not row.get("deletedAt"):
            raise conflict(f"A list named {name} already exists. Existing ID: {row['listId']}")


def _wanted(row: Body, body: Body) -> bool:
    ids, kinds = body.get("listIds") or [], body.get("processingTypes") or []
    return (
        str(body.get("query") or "").lower() in row["name"].lower()
        and (not ids or row["listId"] in [str(id) for id in ids])
        and (not kinds or row["processingType"] in kinds)
        and (not body.get("objectTypeId") or row["objectTypeId"] == body["objectTypeId"])
    )


def _found(row: Body, names: list[str]) -> Body:
    kept = shown(row, filters=False)
    for name in ("size", "listPermissions", "membershipSettings"):
        kept.pop(name, None)
    size = here().store.get("lists", row["listId"]) or row
    values = {"hs_list_size": str(size.get("size", 0))}
    return kept | {"additionalProperties": {name: values[name] for name in names if name in values}}


def _mapped(portal: Portal, legacy: str) -> str:
    found = portal.store.get("legacy-lists", legacy)
    if found is None:
        raise not_found(f"No list with legacy ID {legacy}")
    return str(found["listId"])
