"""Routes of person records: read, sync, delete, merge, move between partitions, push, form fills, cookies."""

from contextlib import suppress
from typing import Any

from flask import request

from mamigrate_sandbox.faults import BEHIND
from mamigrate_sandbox.marketo import fields, journal, leads, members, paging, triggers, writing
from mamigrate_sandbox.marketo.call import Call, as_id
from mamigrate_sandbox.marketo.envelope import Refused, Reply, Skipped
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

MATCHES_AT_MOST = 1000


def register(routes: Routes) -> None:
    routes.add("GET", "/rest/v1/lead/<int:id>.json", by_id)
    routes.add("GET", "/rest/v1/leads.json", by_filter)
    routes.add("POST", "/rest/v1/leads.json", sync)
    routes.add("POST", "/rest/v1/leads/delete.json", delete)
    routes.add("DELETE", "/rest/v1/leads.json", delete)
    routes.add("DELETE", "/rest/v1/leads/delete.json", delete)
    routes.add("GET", "/rest/v1/leads/partitions.json", partitions)
    routes.add("POST", "/rest/v1/leads/partitions.json", move)
    routes.add("POST", "/rest/v1/leads/push.json", push)
    routes.add("POST", "/rest/v1/leads/submitForm.json", submit_form)
    routes.add("POST", "/rest/v1/leads/<int:id>/associate.json", associate)


def by_id(call: Call, id: int) -> Reply:
    """An unknown id is an empty result, as in a search."""
    lead = leads.get(call.instance, id)
    return Reply([leads.shown_by(call.instance, lead, call.many("fields"))] if lead else [])


def by_filter(call: Call) -> Reply:
    instance, known = call.instance, fields.load(call.instance)
    name, wanted = call.need("filterType"), call.many("filterValues", 300)
    if not wanted:
        raise Refused("1002", "Missing value for 'filterValues'")
    if name not in known:
        raise Refused("1006", f"Field '{name}' not found")
    if not known[name].searchable:
        raise Refused("1011", f"filterType '{name}' is not supported")
    ids = sorted({int(id) for value in wanted for id in leads.find(instance, known[name], value) if id.isdigit()})
    if len(ids) > MATCHES_AT_MOST:
        raise Refused("1003", "Too many results match the filter")
    page, token = call.slice(ids)
    return Reply(rows(call, page), token)


def rows(call: Call, ids: list[int]) -> list[Body]:
    """Of people who are there; as they were before, where the call is answered from a copy that is behind."""
    found = call.instance.store.get_many("leads", [str(id) for id in ids])
    names, behind = call.many("fields"), float(request.environ.get(BEHIND, 0))
    shown = [call.instance.replica.shown(str(id), found.get(str(id)), behind) for id in ids]
    return [leads.shown_by(call.instance, one, names) for one in shown if one is not None]


def sync(call: Call) -> Reply:
    body = call.json("input")
    records = call.records(body)
    desk = writing.desk(
        call.instance,
        str(body.get("action") or "createOrUpdate"),
        str(body.get("lookupField") or "email"),
        body.get("partitionName"),
    )
    return Reply([writing.write(desk, record) for record in records])


def delete(call: Call) -> Reply:
    return Reply([_deleted(call.instance, id) for id in call.lead_ids()])


def _deleted(instance: Instance, id: int) -> Body:
    lead = leads.get(instance, id)
    if lead is None:
        return {"id": id, "status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}
    remove(instance, lead)
    name = leads.full_name(lead) or lead.get("email")
    journal.log(instance, journal.DELETE, id, name, id)
    instance.store.put(
        "deleted-leads", str(id), {"id": id, "email": lead.get("email"), "name": name, "at": instance.stamp()}
    )
    return {"id": id, "status": "deleted"}


def remove(instance: Instance, lead: Body) -> None:
    """The record and its memberships go; the durable unsubscribe of its address stays."""
    id = str(lead["id"])
    instance.store.remove("leads", id)
    for kind in ("list-member", "program-member", "campaign-member", "smart-list-member"):
        for owner, _ in instance.store.links_back(kind, id):
            instance.store.unlink(kind, owner, id)


def partitions(call: Call) -> Reply:
    return Reply(call.instance.bodies("partitions"))


def move(call: Call) -> Reply:
    return Reply([_moved(call.instance, row) for row in call.records(call.json("input"))])


def _moved(instance: Instance, row: Body) -> Body:
    id = as_id(row.get("id"))
    if not row.get("partitionName"):
        return {
            "id": id,
            "status": "skipped",
            "reasons": [{"code": "1009", "message": "Partition name must be specified"}],
        }
    partition = writing.partition_id(instance, str(row["partitionName"]))
    lead = leads.get(instance, id)
    if lead is None:
        return {"id": id, "status": "skipped", "reasons": [{"code": "1004", "message": "Lead not found"}]}
    if lead.get("leadPartitionId", 1) != partition:
        told = {"Old Partition Id": lead.get("leadPartitionId", 1), "New Partition Id": partition}
        leads.keep(instance, lead | {"leadPartitionId": partition, "updatedAt": instance.stamp()})
        journal.log(instance, journal.CHANGE_PARTITION, id, str(row["partitionName"]), partition, told)
    return {"id": id, "status": "updated"}


def push(call: Call) -> Reply:
    """Upsert into a program; leaves a Push Lead row and makes a member."""
    body, instance = call.json("input"), call.instance
    records, name = call.records(body), body.get("programName")
    if not name:
        raise Refused("1002", "Missing value for required parameter 'programName'")
    programs = instance.store.find("programs", "name", leads.field_key(name))
    if not programs:
        raise Refused("1013", f"Program '{name}' not found")
    desk = writing.desk(instance, lookup=str(body.get("lookupField") or "email"), partition=body.get("partitionName"))
    answer = [writing.write(desk, record) for record in records]
    for row in answer:
        if "id" in row:
            told = {"Source": body.get("source"), "Reason": body.get("reason")}
            journal.log(instance, journal.PUSH_LEAD, row["id"], str(name), int(programs[0]), told)
            with suppress(Skipped):  # somebody who is at or past the status stays there
                members.join(instance, programs[0], row["id"], body.get("programStatus"))
    return Reply(answer)


def submit_form(call: Call) -> Reply:
    """A real form fill: it logs one, and fires what listens to it."""
    body, instance = call.json("formId"), call.instance
    form = instance.store.get("forms", str(as_id(body["formId"])))
    if form is None:
        raise Refused("1013", f"Form '{body['formId']}' not found")
    desk = writing.desk(instance, source="Web form fill-out")
    answer: list[Body] = []
    for row in call.records(body, 1):
        sent: dict[str, Any] = row.get("leadFormFields") or {}
        answer.append(writing.write(desk, sent))
        if "id" in answer[-1]:
            instance.store.add("form_fills")
            told = {"Form Fields": str(sent), "Webpage ID": None}
            journal.log(instance, journal.FILL_OUT_FORM, answer[-1]["id"], form["name"], form["id"], told)
            triggers.fire(instance, triggers.FORM_FILLED, answer[-1]["id"], {"subject": {form["name"]}})
    return Reply(answer)


def associate(call: Call, id: int) -> Reply:
    lead, cookie = leads.need(call.instance, id), call.need("cookie")
    if "token:" not in cookie:
        raise Refused("1012", f"Invalid cookie value '{cookie}'")
    leads.keep(call.instance, lead | {"cookies": cookie})
    return Reply(None)


def page_of(call: Call, ids: list[int]) -> Reply:
    """People by ids above the token's place."""
    after, size = int(paging.decode(call.text("nextPageToken")).get("after", -1)), call.size()
    rest = [id for id in ids if id > after]
    token = paging.encode({"after": rest[size - 1]}) if len(rest) > size else None
    return Reply(rows(call, rest[:size]), token)
