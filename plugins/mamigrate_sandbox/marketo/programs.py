"""Programs: browse, create, change, clone, delete. Type and channel are fixed for ever.

Facts: Adobe's program pages; wire words of types as seen live (Default, Event, EventWithWebinar, Engagement, Email).
"""

from mamigrate_sandbox.marketo import shelves
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, asset_dates
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

# Type -> word in a channel's applicableProgramType, mark in the URL, status of a new one.
TYPES = {
    "Default": ("program", "PG", ""),
    "Event": ("event", "ME", ""),
    "EventWithWebinar": ("webinar", "ME", ""),
    "Engagement": ("nurture", "NP", "off"),
    "Email": ("email_batch", "EBP", "unlocked"),
}
_PROGRAM = "/rest/asset/v1/program"


def register(routes: Routes) -> None:
    routes.add("POST", f"{_PROGRAM}s.json", create)
    routes.add("POST", f"{_PROGRAM}/<int:id>.json", update)
    routes.add("GET", f"{_PROGRAM}/byTag.json", by_tag)
    routes.add("GET", f"{_PROGRAM}/<int:id>/smartList.json", smart_list)
    routes.add("POST", f"{_PROGRAM}/<int:id>/approve.json", lambda call, id: switch_lock(call, id, "locked"))
    routes.add("POST", f"{_PROGRAM}/<int:id>/unapprove.json", lambda call, id: switch_lock(call, id, "unlocked"))
    routes.add("POST", f"{_PROGRAM}/<int:id>/clone.json", clone)
    routes.add("POST", f"{_PROGRAM}/<int:id>/delete.json", delete)


def create(call: Call) -> Reply:
    instance, name = call.instance, shelves.new_name(call, "programs")
    folder, type, channel = _folder(call), call.text("type"), call.text("channel")
    if type is None or channel is None:
        raise Refused("701", "type and channel must not be blank")
    type = _type(type)
    _check_channel(instance, channel, type)
    tags, id, stamp = _tags(call, type, required=True), instance.store.next_id("programs", 1001), instance.stamp()
    _word, mark, status = TYPES[type]
    body: Body = {
        "id": id,
        "name": name,
        "description": call.text("description") or "",
        "createdAt": stamp,
        "updatedAt": stamp,
    }
    body |= {"url": instance.url(mark, id), "type": type, "channel": channel, "folder": folder, "status": status}
    body |= {"workspace": "Default", "headStart": False, "tags": tags, "costs": _costs(call)}
    shelves.keep(instance, "programs", body)  # days are set by an update only: CreateProgramRequest has none
    return Reply([asset_dates(body)])


def _type(word: str) -> str:
    """Case does not matter; the contract's other words (program, webinar, nurture ...) are taken too."""
    for type, (alias, _mark, _status) in TYPES.items():
        if word.lower() in (type.lower(), alias):
            return type
    raise Refused("709", f"Invalid program type '{word}'")


def _folder(call: Call) -> Body:
    """Content names its parent ``value``."""
    place = shelves.parent(call)
    found = call.instance.store.get("folders", str(place["id"])) or {}
    return {"type": place["type"], "value": place["id"], "folderName": found.get("name")}


def _check_channel(instance: Instance, channel: str, type: str) -> None:
    for body in instance.bodies("channels"):
        if body["name"] == channel:
            if body["applicableProgramType"] != TYPES[type][0]:
                raise Refused("709", f"Channel '{channel}' is not applicable to type '{type}'")
            return
    raise Refused("709", f"Channel '{channel}' not found")


def _tags(call: Call, type: str, *, required: bool) -> list[Body] | None:
    """709 for an unknown type or value, and for a required tag that is not given."""
    given = call.structure("tags")
    kinds = {body["tagType"]: body for body in call.instance.bodies("tag-types")}
    tags = [{"tagType": one.get("tagType"), "tagValue": one.get("tagValue")} for one in given or []]
    for tag in tags:
        kind = kinds.get(tag["tagType"])
        if kind is None:
            raise Refused("709", f"Tag type '{tag['tagType']}' not found")
        if str(tag["tagValue"]) not in words(kind["allowableValues"]):
            raise Refused("709", f"Tag value '{tag['tagValue']}' not found")
    missing = [
        name
        for name, kind in kinds.items()
        if kind["required"]
        and TYPES[type][0] in words(kind["applicableProgramTypes"])
        and name not in {tag["tagType"] for tag in tags}
    ]
    if required and missing:
        raise Refused("709", f"Required tag '{missing[0]}' is missing")
    return tags or None


def words(text: str) -> list[str]:
    """Marketo writes lists as text: ``[EMEA, APAC]``."""
    return [word.strip() for word in text.strip("[]").split(",") if word.strip()]


def _costs(call: Call) -> list[Body] | None:
    given = call.structure("costs")
    if given is None:
        return None
    if not all(isinstance(one, dict) and one.get("startDate") and "cost" in one for one in given):
        raise Refused("701", "costs need startDate and cost")
    if not all(type(one["cost"]) is int for one in given):
        raise Refused("709", "cost must be a whole number")
    return [{key: one[key] for key in ("startDate", "cost", "note") if key in one} for one in given]


def _dates(call: Call, type: str) -> Body:
    """Start and end are for events and e-mail programs."""
    given = {key: call.text(key) for key in ("startDate", "endDate") if call.text(key)}
    if given and type not in ("Event", "EventWithWebinar", "Email"):
        raise Refused("709", f"Dates cannot be set on type '{type}'")
    return dict(given)


def update(call: Call, id: int) -> Reply:
    """Costs are added unless ``costsDestructiveUpdate`` is true. Type and channel do not change."""
    program = shelves.need(call.instance, "programs", id)
    for fixed in ("type", "channel"):
        if (value := call.text(fixed)) and value != program[fixed]:
            raise Refused("709", f"{fixed} cannot be changed")
    body = shelves.renamed(call, "programs", program) | _dates(call, program["type"])
    if (tags := _tags(call, program["type"], required=False)) is not None:
        kept = [tag for tag in body.get("tags") or [] if tag["tagType"] not in {new["tagType"] for new in tags}]
        body["tags"] = kept + tags
    if (costs := _costs(call)) is not None:
        body["costs"] = costs if call.flag("costsDestructiveUpdate") else [*(body.get("costs") or []), *costs]
    if call.has("headStart"):
        body["headStart"] = call.flag("headStart")
    shelves.keep(call.instance, "programs", body)
    return Reply([asset_dates(body)])


def by_tag(call: Call) -> Reply:
    type, value = call.need("tagType"), call.need("tagValue")
    start, size = call.page()
    found = [
        body
        for body in call.instance.bodies("programs")
        if {"tagType": type, "tagValue": value} in (body.get("tags") or [])
    ]
    return Reply([asset_dates(body) for body in found[start : start + size]])


def smart_list(call: Call, id: int) -> Reply:
    """Only an e-mail program has one of its own."""
    program = shelves.need(call.instance, "programs", id)
    body = call.instance.store.get("smart-lists", str(program.get("_smartListId")))
    if body is None:
        return Reply([])
    shown = asset_dates(body)
    return Reply(
        [shown if call.flag("includeRules") else {key: value for key, value in shown.items() if key != "rules"}]
    )


def switch_lock(call: Call, id: int, status: str) -> Reply:
    program = shelves.need(call.instance, "programs", id)
    if program["type"] != "Email" or program.get("status") == status:
        raise Refused("709", "Only email programs can be approved or unapproved")
    shelves.keep(call.instance, "programs", program | {"status": status, "updatedAt": call.instance.stamp()})
    return Reply([{"id": id}])


def clone(call: Call, id: int) -> Reply:
    """Content and campaigns come along, people do not. Costs and tags come, everything arrives off."""
    instance, old = call.instance, shelves.need(call.instance, "programs", id)
    name, folder = shelves.new_name(call, "programs"), _folder(call)
    new, stamp = instance.store.next_id("programs", 1001), instance.stamp()
    _word, mark, status = TYPES[old["type"]]
    body = old | {"id": new, "name": name, "folder": folder, "createdAt": stamp, "updatedAt": stamp}
    body |= {
        "url": instance.url(mark, new),
        "status": status,
        "description": call.text("description") or old.get("description", ""),
    }
    shelves.keep(instance, "programs", body)
    for kind in ("smart-campaigns", "emails", "landing-pages", "forms", "lists"):
        _clone_inside(instance, kind, old, body)
    tokens = instance.store.get("tokens", f"Program/{id}")
    if tokens is not None:
        instance.store.put("tokens", f"Program/{new}", tokens)
    return Reply([asset_dates(body)])


def _clone_inside(instance: Instance, kind: str, old: Body, new: Body) -> None:
    """Local assets of a program are called ``<asset>-<program>`` in the copy, so that names stay unique."""
    for asset in instance.bodies(kind):
        if shelves.place(asset) != (old["id"], "Program"):
            continue
        id, key = instance.store.next_id(kind, 1001), "id" if "id" in asset["folder"] else "value"
        copy = asset | {
            "id": id,
            "name": f"{asset['name']}-{new['name']}",
            "createdAt": new["createdAt"],
            "updatedAt": new["createdAt"],
        }
        copy["folder"] = asset["folder"] | {key: new["id"]}
        if kind == "smart-campaigns":
            copy |= {
                "parentProgramId": new["id"],
                "isActive": False,
                "status": "Inactive" if asset.get("type") == "trigger" else "Never Run",
            }
        elif kind != "lists":
            copy["status"] = "draft"
        shelves.keep(instance, kind, copy)


def delete(call: Call, id: int) -> Reply:
    """709 while a campaign in it is active or an asset approved."""
    shelves.need(call.instance, "programs", id)
    kinds = ("smart-campaigns", "emails", "landing-pages", "forms", "lists")
    inside = [
        (kind, body) for kind in kinds for body in call.instance.bodies(kind) if shelves.place(body) == (id, "Program")
    ]
    if any(body.get("isActive") or body.get("status") == "approved" for _, body in inside):
        raise Refused("709", "The program is in use")
    for kind, body in inside:
        call.instance.store.remove(kind, str(body["id"]))
    for lead, _ in call.instance.store.links("program-member", str(id)):
        call.instance.store.unlink("program-member", str(id), lead)
    call.instance.store.remove("programs", str(id))
    return Reply([{"id": id}])
