"""Smart lists and smart campaigns: rules can be read, shells created, flows neither read nor written.

Facts: Adobe's smart-list and smart-campaign pages. A shell that the API made has no flow, so it can never be activated.
"""

from datetime import timedelta

from mamigrate_sandbox.marketo import journal, leads, shelves, triggers, values
from mamigrate_sandbox.marketo.call import Call, as_id
from mamigrate_sandbox.marketo.envelope import Refused, Reply, asset_dates
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

_LIST, _CAMPAIGN = "/rest/asset/v1/smartList", "/rest/asset/v1/smartCampaign"


def register(routes: Routes) -> None:
    routes.add("GET", f"{_LIST}s.json", browse_lists)
    routes.add("GET", f"{_LIST}/byName.json", list_by_name)
    routes.add("GET", f"{_LIST}/<int:id>.json", list_by_id)
    routes.add("POST", f"{_LIST}/<int:id>/delete.json", lambda call, id: delete(call, "smart-lists", id))
    routes.add("POST", f"{_LIST}/<int:id>/clone.json", clone_list)
    routes.add("GET", f"{_CAMPAIGN}s.json", browse_campaigns)
    routes.add("POST", f"{_CAMPAIGN}s.json", create)
    routes.add("GET", f"{_CAMPAIGN}/byName.json", lambda call: shelves.by_name(call, "smart-campaigns"))
    routes.add("GET", f"{_CAMPAIGN}/<int:id>.json", lambda call, id: shelves.by_id(call, "smart-campaigns", id))
    routes.add("POST", f"{_CAMPAIGN}/<int:id>.json", update)
    routes.add("GET", f"{_CAMPAIGN}/<int:id>/smartList.json", list_of_campaign)
    routes.add("POST", f"{_CAMPAIGN}/<int:id>/activate.json", activate)
    routes.add("POST", f"{_CAMPAIGN}/<int:id>/deactivate.json", deactivate)
    routes.add("POST", f"{_CAMPAIGN}/<int:id>/clone.json", clone)
    routes.add("POST", f"{_CAMPAIGN}/<int:id>/delete.json", lambda call, id: delete(call, "smart-campaigns", id))
    routes.add("GET", "/rest/v1/campaigns.json", listed)
    routes.add("GET", "/rest/v1/campaigns/<int:id>.json", one)
    routes.add("POST", "/rest/v1/campaigns/<int:id>/schedule.json", schedule)
    routes.add("POST", "/rest/v1/campaigns/<int:id>/trigger.json", request_campaign)


def _shown_list(call: Call, body: Body) -> Body:
    shown = asset_dates(body)
    return shown if call.flag("includeRules") else {key: value for key, value in shown.items() if key != "rules"}


def browse_lists(call: Call) -> Reply:
    """System lists (those of campaigns) stay out, and rules too."""
    start, size = call.page()
    own = [
        body for body in call.instance.bodies("smart-lists") if not body.get("_system") and shelves.wanted(call, body)
    ]
    return Reply(
        [
            {key: value for key, value in asset_dates(body).items() if key != "rules"}
            for body in own[start : start + size]
        ]
    )


def list_by_name(call: Call) -> Reply:
    name = call.need("name")
    found = [] if "," in name else shelves.named(call.instance, "smart-lists", name)
    return Reply([_shown_list(call, body) for body in found if not body.get("_system")][:1])


def list_by_id(call: Call, id: int) -> Reply:
    body = call.instance.store.get("smart-lists", str(id))
    return Reply([_shown_list(call, body)] if body else [])


def list_of_campaign(call: Call, id: int) -> Reply:
    campaign = shelves.need(call.instance, "smart-campaigns", id)
    return list_by_id(call, int(campaign.get("smartListId") or 0))


def clone_list(call: Call, id: int) -> Reply:
    old, name, folder = (
        shelves.need(call.instance, "smart-lists", id),
        shelves.new_name(call, "smart-lists"),
        shelves.parent(call),
    )
    body = _copy(call.instance, "smart-lists", "SL", old) | {"name": name, "folder": folder}
    shelves.keep(call.instance, "smart-lists", body)
    return Reply([_shown_list(call, body)])


def _copy(instance: Instance, kind: str, mark: str, body: Body) -> Body:
    id, stamp = instance.store.next_id(kind, 1001), instance.stamp()
    url = "url" if mark == "SL" else "computedUrl"
    return body | {"id": id, "createdAt": stamp, "updatedAt": stamp, url: instance.url(mark, id)}


def delete(call: Call, kind: str, id: int) -> Reply:
    body = shelves.need(call.instance, kind, id)
    if body.get("isActive"):
        raise Refused("709", "An active smart campaign cannot be deleted")
    call.instance.store.remove(kind, str(id))
    return Reply([{"id": id}])


def browse_campaigns(call: Call) -> Reply:
    start, size = call.page()
    active = call.text("isActive")
    own = [
        body
        for body in call.instance.bodies("smart-campaigns")
        if shelves.wanted(call, body) and (active is None or bool(body.get("isActive")) == (active.lower() == "true"))
    ]
    return Reply([asset_dates(body) for body in own[start : start + size]])


def create(call: Call) -> Reply:
    """An empty shell with an empty smart list: name, folder and description are all that can be given."""
    instance, name, folder = call.instance, shelves.new_name(call, "smart-campaigns"), shelves.parent(call)
    id, stamp = instance.store.next_id("smart-campaigns", 1001), instance.stamp()
    body: Body = {
        "id": id,
        "name": name,
        "description": call.text("description") or "",
        "createdAt": stamp,
        "updatedAt": stamp,
    }
    if folder["type"] == "Program":
        body["parentProgramId"] = folder["id"]
    body |= {
        "folder": folder,
        "status": "Never Run",
        "type": "batch",
        "isSystem": False,
        "isActive": False,
        "isRequestable": False,
        "isCommunicationLimitEnabled": True,
        "recurrence": {"weekdayOnly": False},
        "qualificationRuleType": "once",
        "workspace": "Default",
        "smartListId": _empty_list(instance, name, folder, stamp),
        "flowId": instance.store.next_id("flow-ids", 1001),
        "computedUrl": instance.url("SC", id),
        "_flow": [],
    }
    shelves.keep(instance, "smart-campaigns", body)
    return Reply([asset_dates(body)])


def _empty_list(instance: Instance, name: str, folder: Body, stamp: str) -> int:
    id = instance.store.next_id("smart-lists", 1001)
    body: Body = {
        "id": id,
        "name": name,
        "description": "",
        "createdAt": stamp,
        "updatedAt": stamp,
        "folder": folder,
        "workspace": "Default",
    }
    rules = {"filterMatchType": "all", "triggers": [], "filters": []}
    shelves.keep(instance, "smart-lists", body | {"url": instance.url("SL", id), "rules": rules, "_system": True})
    return id


def update(call: Call, id: int) -> Reply:
    body = shelves.renamed(call, "smart-campaigns", shelves.need(call.instance, "smart-campaigns", id))
    shelves.keep(call.instance, "smart-campaigns", body)
    return Reply([asset_dates(body)])


def clone(call: Call, id: int) -> Reply:
    """Rules and flow come along, unseen."""
    instance, old = call.instance, shelves.need(call.instance, "smart-campaigns", id)
    name, folder = shelves.new_name(call, "smart-campaigns"), shelves.parent(call)
    body = _copy(instance, "smart-campaigns", "SC", old) | {
        "name": name,
        "folder": folder,
        "isActive": False,
        "status": "Never Run",
    }
    if call.has("description"):
        body["description"] = call.raw("description")
    rules = instance.store.get("smart-lists", str(old.get("smartListId")))
    if rules is not None:
        copied = _copy(instance, "smart-lists", "SL", rules) | {"name": name, "folder": folder}
        shelves.keep(instance, "smart-lists", copied)
        body["smartListId"] = copied["id"]
    if body.get("type") == "trigger":
        body["status"] = "Inactive"
    body["flowId"] = instance.store.next_id("flow-ids", 1001)
    shelves.keep(instance, "smart-campaigns", body)
    return Reply([asset_dates(body)])


def activate(call: Call, id: int) -> Reply:
    """Needs a trigger and a valid flow step."""
    body = shelves.need(call.instance, "smart-campaigns", id)
    if body.get("isActive"):
        raise Refused("709", "The smart campaign is already active")
    if not triggers.triggers_of(call.instance, body) or not body.get("_flow"):
        raise Refused("709", "The smart campaign needs at least one trigger and one valid flow step")
    return _set_active(call, body, active=True)


def deactivate(call: Call, id: int) -> Reply:
    body = shelves.need(call.instance, "smart-campaigns", id)
    if not body.get("isActive"):
        raise Refused("709", "The smart campaign is not active")
    return _set_active(call, body, active=False)


def _set_active(call: Call, body: Body, *, active: bool) -> Reply:
    state = {"isActive": active, "status": "Active" if active else "Inactive", "updatedAt": call.instance.stamp()}
    shelves.keep(call.instance, "smart-campaigns", body | state)
    triggers.forget(call.instance)
    return Reply([{"id": body["id"]}])


def listed(call: Call) -> Reply:
    bodies = call.instance.bodies("smart-campaigns")
    if ids := call.ids("id"):
        bodies = [body for body in bodies if body["id"] in ids]
    if names := call.many("name"):
        bodies = [body for body in bodies if body["name"] in names]
    rows = [_row(call, body) for body in bodies]
    if programs := call.many("programName"):
        rows = [row for row in rows if row.get("programName") in programs]
    page, token = call.slice(rows)
    return Reply(page, token)


def one(call: Call, id: int) -> Reply:
    return Reply([_row(call, _campaign(call, id))])


def _row(call: Call, body: Body) -> Body:
    row: Body = {"id": body["id"], "name": body["name"], "description": body.get("description") or ""}
    row["type"] = "trigger" if body.get("type") == "trigger" else "batch"
    program = call.instance.store.get("programs", str(body.get("parentProgramId")))
    if program is not None:
        row |= {"programName": program["name"], "programId": program["id"]}
    return row | {
        "workspaceName": body.get("workspace", "Default"),
        "createdAt": body["createdAt"],
        "updatedAt": body["updatedAt"],
        "active": bool(body.get("isActive")),
    }


def _campaign(call: Call, id: int) -> Body:
    body = call.instance.store.get("smart-campaigns", str(id))
    if body is None:
        raise Refused("1013", f"Campaign '{id}' not found")
    return body


def schedule(call: Call, id: int) -> Reply:
    """A batch campaign, at least 5 minutes and at most 2 years from now (1042)."""
    campaign, given = _campaign(call, id), call.json().get("input") or {}
    if campaign.get("type") == "trigger":
        raise Refused("1003", "A trigger campaign cannot be scheduled")
    if given.get("runAt"):
        try:
            at = values.moment(call.instance, str(given["runAt"]))
        except ValueError:
            raise Refused("1001", f"Invalid value '{given['runAt']}'. Required of type 'datetime'") from None
        if at > call.instance.now() + timedelta(days=730):
            raise Refused("1042", "runAt is more than 2 years ahead")
        if at < call.instance.now() + timedelta(minutes=5):
            raise Refused("1003", "runAt must be at least 5 minutes ahead")
    call.instance.store.add("campaign_runs")
    return Reply([{"id": id}])


def request_campaign(call: Call, id: int) -> Reply:
    """Up to 100 people, through a campaign that is active and listens to requests of the web service."""
    instance, campaign, given = call.instance, _campaign(call, id), call.json("input")["input"] or {}
    asked = [as_id(row.get("id")) for row in call.records(given, 100, "leads")]
    heard = [one for one in triggers.triggers_of(instance, campaign) if triggers.event_of(one) == triggers.REQUESTED]
    if not campaign.get("isActive") or not heard:
        raise Refused("1003", f"Campaign '{id}' is not active or does not listen to Campaign is Requested")
    instance.store.add("campaign_runs")
    for lead in asked:
        if leads.get(instance, lead) is None:
            raise Refused("1004", f"Lead '{lead}' not found")
        journal.log(instance, journal.REQUEST_CAMPAIGN, lead, campaign["name"], id, {"Source": journal.WEB_SERVICE})
        triggers.run(instance, campaign, lead)
    return Reply([{"id": id}])
