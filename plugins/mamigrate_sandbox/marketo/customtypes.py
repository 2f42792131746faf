"""Custom activity types: draft, approved, approved with draft. Ten types, twenty attributes each.

Facts: Adobe's activity pages; names and the primary attribute are frozen by approval.
"""

from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

TYPES_AT_MOST, ATTRIBUTES_AT_MOST = 10, 20
ATTRIBUTE_TYPES = {
    "string",
    "boolean",
    "integer",
    "float",
    "link",
    "email",
    "currency",
    "date",
    "datetime",
    "phone",
    "text",
}
_FIRST_ID = 100_001
_BASE = "/rest/v1/activities/external"


def register(routes: Routes) -> None:
    routes.add("GET", f"{_BASE}/types.json", listed)
    routes.add("POST", f"{_BASE}/type.json", create)
    routes.add("POST", f"{_BASE}/type/<name>.json", update)
    routes.add("GET", f"{_BASE}/type/<name>/describe.json", describe)
    routes.add("POST", f"{_BASE}/type/<name>/approve.json", approve)
    routes.add("POST", f"{_BASE}/type/<name>/discardDraft.json", discard)
    routes.add("POST", f"{_BASE}/type/<name>/delete.json", delete)
    for verb in ("create", "update", "delete"):
        routes.add(
            "POST", f"{_BASE}/type/<name>/attributes/{verb}.json", lambda call, name, verb=verb: edit(call, name, verb)
        )


def _custom(instance: Instance) -> list[Body]:
    return [body for body in instance.bodies("activity-types") if "apiName" in body]


def _need(call: Call, name: str) -> Body:
    for body in _custom(call.instance):
        if body["apiName"] == name:
            return body
    raise Refused("1013", f"Activity type '{name}' not found")


def _keep(call: Call, body: Body) -> None:
    call.instance.store.put("activity-types", str(body["id"]), body, {"apiName": body["apiName"]})


def _shown(body: Body, *, with_attributes: bool = True) -> Body:
    """The draft's view where there is a draft, and the live one otherwise."""
    whole = body | (body.get("_draft") or {})
    left_out = () if with_attributes else ("attributes", "primaryAttribute")
    return {key: value for key, value in whole.items() if not key.startswith("_") and key not in left_out}


def listed(call: Call) -> Reply:
    return Reply([_shown(body, with_attributes=False) for body in _custom(call.instance)])


def describe(call: Call, name: str) -> Reply:
    body = _need(call, name)
    live = {key: value for key, value in body.items() if not key.startswith("_")}
    return Reply([_shown(body) if call.flag("draft") else live])


def create(call: Call) -> Reply:
    given, instance = call.json(), call.instance
    for key in ("apiName", "name", "triggerName", "filterName", "primaryAttribute"):
        if not given.get(key):
            raise Refused("1002", f"Missing value for required parameter '{key}'")
    known = _custom(instance)
    if len(known) >= TYPES_AT_MOST:
        raise Refused("1027", f"The limit of {TYPES_AT_MOST} activity types is reached")
    for key in ("apiName", "name", "triggerName", "filterName"):
        if any(str(body[key]).lower() == str(given[key]).lower() for body in known):
            raise Refused("1017", f"Activity type with {key} '{given[key]}' already exists")
    id, stamp = instance.store.next_id("custom-activity-type-ids", _FIRST_ID), instance.stamp()
    body: Body = {key: given.get(key) for key in ("apiName", "name", "description", "triggerName", "filterName")}
    primary = {"description": None, "dataType": "string"} | given["primaryAttribute"]
    body |= {
        "id": id,
        "status": "draft",
        "createdAt": stamp,
        "updatedAt": stamp,
        "primaryAttribute": primary,
        "attributes": [],
    }
    _keep(call, body)
    return Reply([_shown(body)])


def update(call: Call, name: str) -> Reply:
    body, given = _need(call, name), call.json()
    frozen = {"apiName", "name", "triggerName", "filterName", "primaryAttribute"} & set(given)
    if body["status"] != "draft" and any(given[key] != body[key] for key in frozen):
        raise Refused("1003", f"'{min(frozen)}' cannot be changed after approval")
    return _changed(call, body, {key: given[key] for key in ("description", *frozen) if key in given})


def _changed(call: Call, body: Body, change: Body) -> Reply:
    """A draft changes in place; an approved type gets a draft beside it."""
    body = body | {"updatedAt": call.instance.stamp()}
    if body["status"] == "draft":
        body |= change
    else:
        body |= {"_draft": (body.get("_draft") or {}) | change, "status": "approved with draft"}
    _keep(call, body)
    return Reply([_shown(body)])


def edit(call: Call, name: str, verb: str) -> Reply:
    """Attributes by apiName: create refuses known ones, update and delete unknown ones; 1028 above the limit."""
    body = _need(call, name)
    held: dict[str, Body] = {one["apiName"]: one for one in _shown(body)["attributes"]}
    for one in call.records(call.json("attributes"), ATTRIBUTES_AT_MOST, "attributes"):
        key = str(one.get("apiName"))
        if (key in held) == (verb == "create"):
            raise Refused(
                "1017" if verb == "create" else "1013",
                f"Attribute '{key}' {'already exists' if verb == 'create' else 'not found'}",
            )
        if verb == "delete":
            del held[key]
            continue
        if one.get("dataType", "string") not in ATTRIBUTE_TYPES:
            raise Refused("1003", f"Invalid value for field 'dataType' and value '{one['dataType']}'")
        held[key] = {"name": key, "description": None, "dataType": "string"} | held.get(key, {}) | one
    if len(held) > ATTRIBUTES_AT_MOST:
        raise Refused("1028", f"An activity type has at most {ATTRIBUTES_AT_MOST} secondary attributes")
    return _changed(call, body, {"attributes": list(held.values())})


def approve(call: Call, name: str) -> Reply:
    body = _need(call, name)
    if body["status"] == "approved":
        raise Refused("709", "There is no draft to approve")
    draft = body.pop("_draft", None) or {}
    body = body | draft | {"status": "approved", "updatedAt": call.instance.stamp()}
    _keep(call, body)
    return Reply([_shown(body)])


def discard(call: Call, name: str) -> Reply:
    body = _need(call, name)
    if body["status"] != "approved with draft":
        raise Refused("709", "There is no draft to discard")
    body.pop("_draft", None)
    _keep(call, body | {"status": "approved"})
    return Reply([_shown(body | {"status": "approved"})])


def delete(call: Call, name: str) -> Reply:
    body = _need(call, name)
    call.instance.store.remove("activity-types", str(body["id"]))
    return Reply([_shown(body | {"status": "deleted"})])
