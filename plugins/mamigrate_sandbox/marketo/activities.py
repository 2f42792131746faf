"""Reading the activity log, and adding custom activities.

Facts: Adobe's activity pages. ``marketoGUID`` is the only safe key; retention rolls on.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from mamigrate_sandbox.marketo import fields, journal, leads, paging, triggers, values
from mamigrate_sandbox.marketo.call import Call, as_id
from mamigrate_sandbox.marketo.envelope import Refused, Reply, Skipped, stamp
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

_FORTNIGHT = {journal.DELETE}
_QUARTER = {
    1,
    3,
    6,
    7,
    13,
    19,
    20,
    21,
    22,
    24,
    34,
    35,
    36,
    38,
    47,
}  # visits, clicks, sends, value and score changes, CRM rows
_MONTHS_25 = timedelta(days=760)
ATTRIBUTES_BYTES = 65_536


def register(routes: Routes) -> None:
    routes.add("GET", "/rest/v1/activities/pagingtoken.json", paging_token)
    routes.add("GET", "/rest/v1/activities/types.json", types)
    routes.add("GET", "/rest/v1/activities.json", listed)
    routes.add("GET", "/rest/v1/activities/leadchanges.json", lead_changes)
    routes.add("GET", "/rest/v1/activities/deletedleads.json", deleted_leads)
    routes.add("POST", "/rest/v1/activities/external.json", add)


def alive(instance: Instance, bodies: Iterable[Body]) -> Iterator[Body]:
    """Without what retention has taken. It counts from the activity's own date."""
    if not instance.switch("retention"):
        yield from bodies
        return
    now = instance.now()
    ends = {
        name: stamp(now - span)
        for name, span in (("14", timedelta(days=14)), ("90", timedelta(days=90)), ("25", _MONTHS_25))
    }
    for body in bodies:
        type = body["activityTypeId"]
        span = "14" if type in _FORTNIGHT else "90" if type in _QUARTER else "25"
        if type == journal.NEW_LEAD or body["activityDate"] >= ends[span]:
            yield body


def paging_token(call: Call) -> Reply:
    given = call.need("sinceDatetime").replace(" ", "+")
    try:
        since = values.moment(call.instance, given)
    except ValueError:
        raise Refused("1001", f"Invalid value '{given}'. Required of type 'datetime'") from None
    return Reply(None, paging.encode({"since": stamp(since), "after": -1}))


def types(call: Call) -> Reply:
    """Native types and approved custom ones."""
    shown = ("id", "name", "description", "primaryAttribute", "attributes", "apiName")
    live = [
        body for body in call.instance.bodies("activity-types") if body.get("status", "approved").startswith("approved")
    ]
    return Reply([{key: body[key] for key in shown if key in body} for body in live])


def _pages(call: Call, wanted: set[int], people: set[int] | None) -> tuple[list[Body], str, bool]:
    """A page by the token's place, the next token, and whether more follows. There is always a token."""
    state, size = paging.decode(call.need("nextPageToken")), call.size()
    since, after = str(state.get("since", "")), int(state.get("after", -1))
    found: list[Body] = []
    while len(found) < size:
        block = call.instance.store.page("activities", after, 1000)
        for id, body in block:
            if len(found) == size:
                break
            after = int(id)
            if (
                body["activityTypeId"] in wanted
                and body["activityDate"] >= since
                and (people is None or body["leadId"] in people)
            ):
                found.append(body)
        if len(block) < 1000:
            break
    more = bool(call.instance.store.page("activities", after, 1))
    return list(alive(call.instance, found)), paging.encode({"since": since, "after": after}), more


def listed(call: Call) -> Reply:
    """At most 10 types, 30 people, and asset ids for one type alone."""
    wanted, assets = call.ids("activityTypeIds", 10), call.ids("assetIds")
    if not wanted:
        raise Refused("1002", "Missing value for 'activityTypeIds'")
    if assets and len(wanted) != 1:
        raise Refused("1003", "assetIds can be used with one activity type alone")
    found, token, more = _pages(call, set(wanted), _people(call))
    return Reply(
        [_shown(body) for body in found if not assets or body["primaryAttributeValueId"] in assets], token, more
    )


def _people(call: Call) -> set[int] | None:
    ids, list_id = call.ids("leadIds", 30), call.text("listId")
    if list_id is None:
        return set(ids) if ids else None
    inside = {int(lead) for lead, _ in call.instance.store.links("list-member", list_id)}
    limit = call.instance.switch("list_activity_limit")
    if limit is not None and len(inside) >= int(limit):
        raise Refused("1003", f"List '{list_id}' has {limit} leads or more")
    return inside


def _shown(body: Body) -> Body:
    return {key: value for key, value in body.items() if not key.startswith("_")}


def lead_changes(call: Call) -> Reply:
    """New people and value changes, narrowed to the named fields."""
    names = set(call.many("fields"))
    if not names:
        raise Refused("1002", "Missing value for 'fields'")
    known = {field.label: field for field in fields.load(call.instance).values()}
    found, token, more = _pages(call, {journal.NEW_LEAD, journal.CHANGE_VALUE}, _people(call))
    rows = [_change(body, known) for body in found]
    return Reply(
        [row for row in rows if row["activityTypeId"] == journal.NEW_LEAD or row["fields"][0]["name"] in names],
        token,
        more,
    )


def _change(body: Body, known: dict[str, fields.Field]) -> Body:
    told = {one["name"]: one["value"] for one in body["attributes"]}
    row = {key: body[key] for key in ("id", "marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId")}
    if body["activityTypeId"] == journal.NEW_LEAD:
        return row | {"fields": [], "attributes": body["attributes"]}
    label = body["primaryAttributeValue"]
    name = known[label].name if label in known else label
    change = {
        "id": body["primaryAttributeValueId"],
        "name": name,
        "newValue": told.get("New Value"),
        "oldValue": told.get("Old Value"),
    }
    rest = [one for one in body["attributes"] if one["name"] not in ("New Value", "Old Value")]
    return row | {"fields": [change], "attributes": rest}


def deleted_leads(call: Call) -> Reply:
    found, token, more = _pages(call, {journal.DELETE}, None)
    return Reply([_shown(body) for body in found], token, more)


def add(call: Call) -> Reply:
    """Custom activities are written once: no key, no change, no deletion. A caller's repeat makes a second row."""
    return Reply([_added(call.instance, row) for row in call.records(call.json("input"))])


def _added(instance: Instance, row: Body) -> Body:
    try:
        id = _log(instance, row)
    except Skipped as skip:
        return {"status": "skipped", "errors": skip.reasons()}
    return {"id": id, "marketoGUID": str(id), "status": "added"}


def _log(instance: Instance, row: Body) -> int:
    type = instance.store.get("activity-types", str(row.get("activityTypeId")))
    if type is None or "apiName" not in type or not type["status"].startswith("approved"):
        raise Skipped("1003", f"Invalid value for field 'activityTypeId' and value '{row.get('activityTypeId')}'")
    lead = as_id(row.get("leadId"))
    if leads.get(instance, lead) is None:
        raise Skipped("1004", "Lead not found")
    if row.get("primaryAttributeValue") in (None, ""):
        raise Skipped("1003", "Missing value for field 'primaryAttributeValue'")
    try:
        date = stamp(values.moment(instance, str(row.get("activityDate"))))
    except ValueError:
        raise values_refused("activityDate", row.get("activityDate")) from None
    told = _attributes(instance, type, row.get("attributes") or [])
    primary = str(row["primaryAttributeValue"])
    id = journal.log(instance, type["id"], lead, primary, None, told, date=date)
    triggers.fire(instance, str(type["triggerName"]).lower(), lead)
    return id


def values_refused(name: str, value: object) -> Skipped:
    return Skipped("1003", f"Invalid value for field '{name}' and value '{value}'")


def _attributes(instance: Instance, type: Body, given: list[Body]) -> dict[str, object]:
    known = {one["apiName"]: one for one in type.get("attributes", [])}
    told: dict[str, object] = {}
    for one in given:
        attribute = known.get(str(one.get("apiName")))
        if attribute is None:
            raise Skipped("1006", f"Attribute '{one.get('apiName')}' not found")
        told[attribute["name"]] = values.taken(instance, _as_field(attribute), one.get("value"))
    if sum(len(str(value).encode()) for value in told.values()) > ATTRIBUTES_BYTES:
        raise Skipped("1049", f"Attributes have more than {ATTRIBUTES_BYTES} bytes")
    return told


def _as_field(attribute: Body) -> fields.Field:
    kind = "url" if attribute["dataType"] == "link" else str(attribute["dataType"])
    length = None if kind == "text" else 2000 if kind == "url" else 255
    return fields.Field(
        id=0,
        name=attribute["apiName"],
        label=attribute["name"],
        type=kind,
        length=length,
        read_only=False,
        custom=False,
        hidden=False,
        api_created=False,
        crm_managed=False,
        searchable=False,
        description=None,
        html_encoding=False,
        sensitive=False,
    )
