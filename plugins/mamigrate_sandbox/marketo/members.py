"""Program members: who is in, with which status. A status only moves forward, and nobody can date a membership back.

Facts: Adobe's program-member pages.
"""

from typing import Any

from mamigrate_sandbox.marketo import fields, journal, leads, triggers, values
from mamigrate_sandbox.marketo.call import Call, as_id
from mamigrate_sandbox.marketo.envelope import Refused, Reply, Skipped
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

MEMBERS_AT_MOST = 100_000
_SHOWN = ("reachedSuccess", "acquiredBy", "membershipDate")


def register(routes: Routes) -> None:
    base = "/rest/v1/programs"
    routes.add("GET", f"{base}/members/describe.json", describe)
    routes.add("GET", "/rest/v1/program/members/describe.json", describe)
    routes.add("GET", f"{base}/<int:id>/members.json", by_filter)
    routes.add("POST", f"{base}/<int:id>/members.json", write)
    routes.add("POST", f"{base}/<int:id>/members/status.json", set_status)
    routes.add("POST", f"{base}/<int:id>/members/delete.json", delete)
    routes.add("GET", "/rest/v1/leads/programs/<int:id>.json", people)
    routes.add("POST", "/rest/v1/leads/programs/<int:id>/status.json", set_status_by_lead)


def describe(call: Call) -> Reply:
    known = fields.load(call.instance, "programMember")
    searchable = [[name] for name, field in known.items() if field.searchable]
    shown = [
        _mapped(field) | {"updateable": is_updateable(call.instance, field)}
        for field in known.values()
        if not field.hidden
    ]
    row: Body = {"name": "API Program Membership", "description": "Map for API program membership fields"}
    row |= {
        "createdAt": "2021-03-20T01:24:34Z",
        "updatedAt": "2021-03-20T01:24:34Z",
        "dedupeFields": ["leadId", "programId"],
    }
    return Reply([row | {"searchableFields": searchable, "fields": shown}])


def _mapped(field: fields.Field) -> Body:
    row: Body = {"name": field.name, "displayName": field.label, "dataType": field.type, "crmManaged": False}
    return row | ({"length": field.length} if field.length else {})


def is_updateable(instance: Instance, field: fields.Field) -> bool:
    return not field.read_only or (field.name == "acquiredBy" and bool(instance.switch("acquired_by_updateable")))


def program_of(instance: Instance, id: int | str) -> Body:
    program = instance.store.get("programs", str(id))
    if program is None:
        raise Refused("1013", f"Program '{id}' not found")
    return program


def statuses(instance: Instance, program: Body) -> list[Body]:
    """The ladder of the program's channel, lowest step first."""
    for channel in instance.bodies("channels"):
        if channel["name"] == program.get("channel"):
            return sorted(channel["progressionStatuses"], key=lambda status: int(status["step"]))
    return []


def membership(instance: Instance, program: int | str, lead: int | str) -> Body | None:
    return dict(instance.store.links_back("program-member", str(lead))).get(str(program))


def join(instance: Instance, program_id: int | str, lead: int, status: str | None = None) -> str:
    """``created`` or ``updated``. Skipped with 1037 at or past the status; Refused with 1025 for one that there is not."""
    program = program_of(instance, program_id)
    ladder = statuses(instance, program)
    names = [step["name"] for step in ladder]
    wanted = status or next((step["name"] for step in ladder if int(step["step"]) > 0), names[0] if names else None)
    if wanted not in names:
        raise Refused("1025", f"Program status '{wanted}' not found")
    return _moved(instance, program, lead, ladder[names.index(wanted)], ladder)


def _moved(instance: Instance, program: Body, lead: int, to: Body, ladder: list[Body]) -> str:
    held, stamp = membership(instance, program["id"], lead), instance.stamp()
    steps = {step["name"]: int(step["step"]) for step in ladder}
    if (held is None and int(to["step"]) == 0) or (held and int(to["step"]) <= steps.get(held["statusName"], 0)):
        raise Skipped("1037", "Lead skipped because it is already in or past this status")
    body = held or _new(instance, stamp, is_nurture=program.get("type") == "Engagement")
    old = body.get("statusName")
    body |= {"statusName": to["name"], "updatedAt": stamp}
    if to.get("success") and not body["reachedSuccess"]:
        body |= {"reachedSuccess": True, "reachedSuccessDate": stamp}
    instance.store.link("program-member", str(program["id"]), str(lead), body)
    if held is None and program.get("type") == "Engagement" and program.get("status") == "on":
        instance.store.add("enrolments")  # content starts to flow to the first stream
    _log(instance, program, lead, old, body)
    return "created" if held is None else "updated"


def _new(instance: Instance, stamp: str, *, is_nurture: bool) -> Body:
    return {
        "id": instance.store.next_id("program-member-ids", 1),
        "membershipDate": stamp,
        "createdAt": stamp,
        "reachedSuccess": False,
        "reachedSuccessDate": None,
        "acquiredBy": False,
        "isExhausted": False,
        "nurtureCadence": "norm" if is_nurture else None,
        "trackName": "Stream 1" if is_nurture else None,
        "statusReason": None,
    }


def _log(instance: Instance, program: Body, lead: int, old: str | None, body: Body) -> None:
    told = {
        "Old Status": old or "Not in Program",
        "New Status": body["statusName"],
        "Success": body["reachedSuccess"],
        "Acquired By": body["acquiredBy"],
        "Program Member ID": body.get("id"),
        "Reason": "Program status change via web service API",
    }
    journal.log(instance, journal.CHANGE_STATUS, lead, program["name"], program["id"], told)
    about = {"subject": {program["name"]}, "new status": {body["statusName"]}}
    triggers.fire(instance, triggers.STATUS_CHANGED, lead, about)


def set_status(call: Call, id: int) -> Reply:
    body, program = call.json("statusName"), program_of(call.instance, id)
    ids = [as_id(row.get("leadId")) for row in call.records(body)]
    return Reply([_row(call.instance, program, seq, lead, body["statusName"]) for seq, lead in enumerate(ids)])


def _row(instance: Instance, program: Body, seq: int, lead: int, status: str) -> Body:
    try:
        if leads.get(instance, lead) is None:
            raise Skipped("1004", "Lead not found")
        return {"seq": seq, "status": join(instance, program["id"], lead, status), "leadId": lead}
    except Skipped as skip:
        return {"seq": seq, "status": "skipped", "reasons": skip.reasons()}


def set_status_by_lead(call: Call, id: int) -> Reply:
    """The older route: ``{"status": .., "input": [{"id": ..}]}``."""
    body, program = call.json("status"), program_of(call.instance, id)
    ids = [as_id(row.get("id")) for row in call.records(body)]
    rows = [_row(call.instance, program, 0, lead, body["status"]) | {"id": lead} for lead in ids]
    return Reply([{key: row[key] for key in ("id", "status", "reasons") if key in row} for row in rows])


def write(call: Call, id: int) -> Reply:
    """Custom member fields of people who are members already (else 1013)."""
    program_of(call.instance, id)
    records = call.records(call.json("input"))
    return Reply([_written(call.instance, id, seq, record) for seq, record in enumerate(records)])


def _written(instance: Instance, program: int, seq: int, record: Body) -> Body:
    try:
        lead = as_id(record.get("leadId"))
        held = membership(instance, program, lead)
        if held is None:
            raise Skipped("1013", "Membership not found")
        held |= _taken(instance, record) | {"updatedAt": instance.stamp()}
    except Skipped as skip:
        return {"seq": seq, "status": "skipped", "reasons": skip.reasons()}
    instance.store.link("program-member", str(program), str(lead), held)
    journal.log(instance, journal.CHANGE_MEMBER_DATA, lead, str(program), program)
    return {"seq": seq, "status": "updated", "leadId": lead}


def _taken(instance: Instance, record: Body) -> dict[str, Any]:
    known, taken = fields.load(instance, "programMember"), {}
    for name, value in record.items():
        if name == "leadId":
            continue
        if name not in known:
            raise Skipped("1006", f"Field '{name}' not found")
        if not is_updateable(instance, known[name]):
            raise Skipped("1003", f"Field '{name}' is not updateable")
        taken[name] = values.taken(instance, known[name], value)
    return taken


def delete(call: Call, id: int) -> Reply:
    program_of(call.instance, id)
    ids = [as_id(row.get("leadId")) for row in call.records(call.json("input"))]
    return Reply([_deleted(call.instance, id, seq, lead) for seq, lead in enumerate(ids)])


def _deleted(instance: Instance, program: int, seq: int, lead: int) -> Body:
    if instance.store.unlink("program-member", str(program), str(lead)):
        return {"seq": seq, "status": "deleted", "leadId": lead}
    return {"seq": seq, "status": "skipped", "reasons": Skipped("1037", "Lead not in program").reasons()}


def by_filter(call: Call, id: int) -> Reply:
    name, known = call.need("filterType"), fields.load(call.instance, "programMember")
    program = program_of(call.instance, id)
    every = call.instance.store.links("program-member", str(id))
    if name != "leadId" and len(every) > MEMBERS_AT_MOST:
        raise Refused("1003", f"The program has more than {MEMBERS_AT_MOST} members")
    if name not in known or not (known[name].searchable or name == "updatedAt"):
        raise Refused("1011", f"filterType '{name}' is not supported")
    matches = [(lead, body) for lead, body in every if _matches(call, name, lead, body)]
    page, token = call.slice(matches)
    names = [field.name for field in fields.named(known, call.many("fields"))]
    return Reply([member_row(program, seq, lead, body, names) for seq, (lead, body) in enumerate(page)], token)


def _matches(call: Call, name: str, lead: str, body: Body) -> bool:
    if name == "updatedAt":
        start, end = call.text("startAt"), call.text("endAt")
        return (start is None or body["updatedAt"] >= start) and (end is None or body["updatedAt"] <= end)
    held = lead if name == "leadId" else body.get(name)
    return str(held).lower() in {value.lower() for value in call.many("filterValues", 300)}


def member_row(program: Body, seq: int, lead: str, body: Body, names: list[str]) -> Body:
    row: Body = {"seq": seq, "leadId": int(lead), "programId": program["id"]}
    row |= {key: body.get(key, False if key != "membershipDate" else None) for key in _SHOWN}
    told = {"program": program["name"], "leadId": int(lead), "programId": program["id"], **body}
    return row | {key: told.get(key) for key in names}


def people(call: Call, id: int) -> Reply:
    """People of a program with their membership."""
    program_of(call.instance, id)
    page, token = call.slice(call.instance.store.links("program-member", str(id)))
    found = call.instance.store.get_many("leads", [lead for lead, _ in page])
    names = call.many("fields")
    return Reply(
        [
            leads.shown_by(call.instance, found[lead], names) | {"membership": {"id": int(lead)} | by_lead(body)}
            for lead, body in page
            if lead in found
        ],
        token,
    )


def by_lead(body: Body) -> Body:
    """The membership as lead routes show it."""
    status = body["statusName"]
    row: Body = {"progressionStatus": status, "progressionStatusType": status}
    row |= {"id": body["id"]} if "id" in body else {}
    plain = ("isExhausted", "acquiredBy", "reachedSuccess", "membershipDate", "updatedAt")
    row |= {key: body.get(key) for key in plain}
    return row | {key: body[key] for key in ("nurtureCadence", "trackName") if body.get(key)}
