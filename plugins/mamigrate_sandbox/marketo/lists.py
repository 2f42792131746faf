"""Static lists: metadata by the asset API, members by the lead API, and what a person belongs to."""

from mamigrate_sandbox.marketo import journal, leads, members, people, shelves, triggers
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, asset_dates
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body


def register(routes: Routes) -> None:
    asset = "/rest/asset/v1/staticList"
    routes.add("POST", f"{asset}s.json", create)
    routes.add("POST", f"{asset}/<int:id>.json", update)
    routes.add("POST", f"{asset}/<int:id>/delete.json", delete)
    routes.add("GET", "/rest/v1/lists.json", listed)
    routes.add("GET", "/rest/v1/lists/<int:id>.json", one)
    for path in ("list", "lists"):
        routes.add("GET", f"/rest/v1/{path}/<int:id>/leads.json", members_of)
    routes.add("POST", "/rest/v1/lists/<int:id>/leads.json", add)
    routes.add("DELETE", "/rest/v1/lists/<int:id>/leads.json", remove)
    routes.add("GET", "/rest/v1/lists/<int:id>/leads/ismember.json", is_member)
    person = "/rest/v1/leads/<int:id>"
    routes.add("GET", f"{person}/listMembership.json", list_membership)
    routes.add("GET", f"{person}/programMembership.json", program_membership)
    routes.add("GET", f"{person}/smartCampaignMembership.json", campaign_membership)


def create(call: Call) -> Reply:
    name, folder = shelves.new_name(call, "lists"), shelves.parent(call)
    id, stamp = call.instance.store.next_id("lists", 1001), call.instance.stamp()
    body: Body = {
        "id": id,
        "name": name,
        "description": call.text("description") or "",
        "createdAt": stamp,
        "updatedAt": stamp,
    }
    body |= {"folder": folder, "computedUrl": call.instance.url("ST", id), "workspace": "Default"}
    shelves.keep(call.instance, "lists", body)
    return Reply([asset_dates(body)])


def update(call: Call, id: int) -> Reply:
    body = shelves.renamed(call, "lists", shelves.need(call.instance, "lists", id))
    shelves.keep(call.instance, "lists", body)
    return Reply([asset_dates(body)])


def delete(call: Call, id: int) -> Reply:
    shelves.need(call.instance, "lists", id)
    for lead, _ in call.instance.store.links("list-member", str(id)):
        call.instance.store.unlink("list-member", str(id), lead)
    call.instance.store.remove("lists", str(id))
    return Reply([{"id": id}])


def listed(call: Call) -> Reply:
    bodies = call.instance.bodies("lists")
    if ids := call.ids("id"):
        bodies = [body for body in bodies if body["id"] in ids]
    for parameter, key in (("name", "name"), ("programName", "programName"), ("workspaceName", "workspace")):
        if names := call.many(parameter):
            bodies = [body for body in bodies if body.get(key) in names]
    page, token = call.slice(bodies)
    return Reply([_row(call, body) for body in page], token)


def one(call: Call, id: int) -> Reply:
    return Reply([_row(call, _list(call, id))])


def _row(call: Call, body: Body) -> Body:
    row: Body = {"id": body["id"], "name": body["name"]}
    row |= {key: body[key] for key in ("description",) if body.get(key)}
    folder = body.get("folder") or {}
    program = call.instance.store.get("programs", str(folder.get("id"))) if folder.get("type") == "Program" else None
    if program:
        row["programName"] = program["name"]
    return row | {
        "workspaceId": 1,
        "workspaceName": body.get("workspace", "Default"),
        "createdAt": body["createdAt"],
        "updatedAt": body["updatedAt"],
    }


def _list(call: Call, id: int) -> Body:
    body = call.instance.store.get("lists", str(id))
    if body is None:
        raise Refused("1013", f"List '{id}' not found")
    return body


def members_of(call: Call, id: int) -> Reply:
    _list(call, id)
    return people.page_of(call, [int(lead) for lead, _ in call.instance.store.links("list-member", str(id))])


def add(call: Call, id: int) -> Reply:
    body = _list(call, id)
    return Reply([_added(call, body, lead) for lead in call.lead_ids()])


def _added(call: Call, body: Body, lead: int) -> Body:
    if leads.get(call.instance, lead) is None:
        return _not_found(lead)
    join(call.instance, body, lead)
    return {"id": lead, "status": "added"}


def join(instance: Instance, body: Body, lead: int) -> None:
    """Adding a member again changes nothing and logs nothing."""
    stamp = instance.stamp()
    known = str(body["id"]) in {owner for owner, _ in instance.store.links_back("list-member", str(lead))}
    if known:
        return
    instance.store.link("list-member", str(body["id"]), str(lead), {"createdAt": stamp, "updatedAt": stamp})
    told = {"Source": journal.WEB_SERVICE}
    journal.log(instance, journal.ADD_TO_LIST, lead, body["name"], body["id"], told)
    triggers.fire(instance, triggers.ADDED_TO_LIST, lead, {"subject": {body["name"]}})


def remove(call: Call, id: int) -> Reply:
    body = _list(call, id)
    return Reply([_removed(call, body, lead) for lead in call.lead_ids()])


def _removed(call: Call, body: Body, lead: int) -> Body:
    if leads.get(call.instance, lead) is None:
        return _not_found(lead)
    if not call.instance.store.unlink("list-member", str(body["id"]), str(lead)):
        return {"id": lead, "status": "skipped", "reasons": [{"code": "1015", "message": "Lead not in list"}]}
    journal.log(
        call.instance, journal.REMOVE_FROM_LIST, lead, body["name"], body["id"], {"Source": journal.WEB_SERVICE}
    )
    return {"id": lead, "status": "removed"}


def is_member(call: Call, id: int) -> Reply:
    _list(call, id)
    inside = {int(lead) for lead, _ in call.instance.store.links("list-member", str(id))}
    return Reply([_membership(call, lead, lead in inside) for lead in call.lead_ids()])


def _membership(call: Call, lead: int, inside: bool) -> Body:
    if leads.get(call.instance, lead) is None:
        return _not_found(lead)
    return {"id": lead, "status": "memberof" if inside else "notmemberof"}


def _not_found(lead: int) -> Body:
    return {"id": lead, "status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}


def list_membership(call: Call, id: int) -> Reply:
    leads.need(call.instance, id)
    return _memberships(
        call,
        [
            {"listId": int(owner)} | _dates(body)
            for owner, body in call.instance.store.links_back("list-member", str(id))
        ],
    )


def program_membership(call: Call, id: int) -> Reply:
    leads.need(call.instance, id)
    wanted = set(call.many("filterValues")) if call.text("filterType") == "programId" else None
    held = call.instance.store.links_back("program-member", str(id))
    return _memberships(
        call, [members.by_lead(body) | {"id": int(owner)} for owner, body in held if wanted is None or owner in wanted]
    )


def campaign_membership(call: Call, id: int) -> Reply:
    leads.need(call.instance, id)
    held = call.instance.store.links_back("campaign-member", str(id))
    return _memberships(call, [{"smartCampaignId": int(owner)} | _dates(body) for owner, body in held])


def _dates(body: Body) -> Body:
    """Estates may give one moment, ``at``."""
    return {key: body.get(key, body.get("at")) for key in ("createdAt", "updatedAt")}


def _memberships(call: Call, rows: list[Body]) -> Reply:
    page, token = call.slice(rows)
    return Reply(page, token, token is not None)
