"""Folders and My Tokens.

Facts: Adobe's folder and token pages: default depth 2, roots by name, tokens inherit down the tree.
"""

from mamigrate_sandbox.marketo import shelves
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, asset_dates
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

TOKEN_TYPES = {"date", "number", "rich text", "score", "sfdc campaign", "text"}
_FOLDER = "/rest/asset/v1/folder"
_KINDS = {
    "Email": "emails",
    "Form": "forms",
    "Landing Page": "landing-pages",
    "Smart Campaign": "smart-campaigns",
    "Smart List": "smart-lists",
    "Static List": "lists",
    "Snippet": "snippets",
    "Program": "programs",
    "Folder": "folders",
}


def register(routes: Routes) -> None:
    routes.add("GET", f"{_FOLDER}s.json", browse)
    routes.add("POST", f"{_FOLDER}s.json", create)
    routes.add("GET", f"{_FOLDER}/byName.json", by_name)
    routes.add("GET", f"{_FOLDER}/<int:id>.json", by_id)
    routes.add("POST", f"{_FOLDER}/<int:id>.json", update)
    routes.add("POST", f"{_FOLDER}/<int:id>/delete.json", delete)
    routes.add("GET", f"{_FOLDER}/<int:id>/content.json", content)
    routes.add("GET", f"{_FOLDER}/<int:id>/tokens.json", tokens)
    routes.add("POST", f"{_FOLDER}/<int:id>/tokens.json", set_token)
    routes.add("POST", f"{_FOLDER}/<int:id>/tokens/delete.json", delete_token)


def browse(call: Call) -> Reply:
    """The tree below ``root`` down to ``maxDepth`` levels, the root included; all roots when none is given."""
    start, size = call.page()
    folders, root, depth = call.instance.bodies("folders"), call.folder("root"), call.number("maxDepth", 2)
    if root is None:
        level = [body for body in folders if body.get("parent") is None]
    else:
        level = [body for body in folders if body["id"] == root[0]]
    found: list[Body] = []
    for _ in range(depth):
        found += level
        ids = {body["id"] for body in level}
        level = [body for body in folders if (body.get("parent") or {}).get("id") in ids]
    if workspace := call.text("workSpace"):
        found = [body for body in found if body.get("workspace") == workspace]
    return Reply([asset_dates(body) for body in found[start : start + size]])


def by_name(call: Call) -> Reply:
    found = shelves.named(call.instance, "folders", call.need("name"))
    if root := call.folder("root"):
        found = [body for body in found if root[0] in _ancestors(call.instance, body)]
    return Reply([asset_dates(body) for body in found[:1]])


def _ancestors(instance: Instance, body: Body) -> list[int]:
    found: list[int] = []
    while (parent := body.get("parent")) is not None and parent["id"] not in found:
        found.append(parent["id"])
        body = instance.store.get("programs" if parent.get("type") == "Program" else "folders", str(parent["id"])) or {}
    return found


def by_id(call: Call, id: int) -> Reply:
    """``type=Program`` shows a program as the folder that it also is."""
    if (call.text("type") or "Folder").capitalize() == "Program":
        program = call.instance.store.get("programs", str(id))
        return Reply([_as_folder(program)] if program else [])
    return shelves.by_id(call, "folders", id)


def _as_folder(program: Body) -> Body:
    kinds = {"Engagement": "Nurture Program", "Email": "Email Batch Program", "Default": "Marketing Program"}
    shown = asset_dates({key: program.get(key) for key in ("name", "description", "createdAt", "updatedAt", "url")})
    place = shelves.place(program)
    return shown | {
        "folderId": {"id": program["id"], "type": "Program"},
        "folderType": kinds.get(program["type"], "Marketing Event"),
        "parent": {"id": place[0], "type": place[1]} if place else None,
        "path": f"/Marketing Activities/Default/{program['name']}",
        "isArchive": False,
        "isSystem": False,
        "accessZoneId": 1,
        "workspace": "Default",
        "id": program["id"],
    }


def create(call: Call) -> Reply:
    """709 for a name that its parent holds already."""
    instance, name, parent = call.instance, call.text("name"), shelves.parent(call, "parent")
    if name is None:
        raise Refused("701", "name must not be blank")
    if any(
        body.get("parent", {}) and body["parent"]["id"] == parent["id"] and body["name"] == name
        for body in instance.bodies("folders")
    ):
        raise Refused("709", f"Folder '{name}' already exists")
    above = instance.store.get("folders", str(parent["id"])) or {}
    id, stamp = instance.store.next_id("folders", 100), instance.stamp()
    body: Body = {"name": name, "description": call.text("description") or "", "createdAt": stamp, "updatedAt": stamp}
    body |= {"url": instance.url("MF", id), "folderId": {"id": id, "type": "Folder"}, "parent": parent, "id": id}
    body |= {"folderType": above.get("folderType", "Marketing Folder"), "path": f"{above.get('path', '')}/{name}"}
    if body["folderType"] == "Zone":
        body["folderType"] = "Marketing Folder"
    body |= {"isArchive": False, "isSystem": False, "accessZoneId": 1, "workspace": "Default"}
    shelves.keep(instance, "folders", body)
    return Reply([asset_dates(body)])


def update(call: Call, id: int) -> Reply:
    body = shelves.need(call.instance, "folders", id)
    if body.get("isSystem"):
        raise Refused("709", "A system folder cannot be changed")
    body |= {key: value for key in ("name", "description") if (value := call.raw(key)) is not None}
    if call.has("isArchive"):
        body["isArchive"] = call.flag("isArchive")
    shelves.keep(call.instance, "folders", body | {"updatedAt": call.instance.stamp()})
    return Reply([asset_dates(body)])


def delete(call: Call, id: int) -> Reply:
    """709 for a system folder and for one that holds something."""
    body = shelves.need(call.instance, "folders", id)
    if body.get("isSystem") or _inside(call.instance, id, "Folder"):
        raise Refused("709", "The folder is not empty or belongs to the system")
    call.instance.store.remove("folders", str(id))
    return Reply([{"id": id}])


def content(call: Call, id: int) -> Reply:
    start, size = call.page()
    return Reply(_inside(call.instance, id, (call.text("type") or "Folder").capitalize())[start : start + size])


def _inside(instance: Instance, id: int, type: str) -> list[Body]:
    found: list[Body] = []
    for word, kind in _KINDS.items():
        for body in instance.bodies(kind):
            place = shelves.place({"folder": body.get("parent")} if kind == "folders" else body)
            if place == (id, type) and not body.get("_system"):
                found.append({"id": body["id"], "type": word})
    return found


def _place(call: Call, id: int) -> tuple[str, Body]:
    type = (call.text("folderType") or "Folder").capitalize()
    shelves.need(call.instance, "programs" if type == "Program" else "folders", id)
    return f"{type}/{id}", {"type": type, "value": id}


def tokens(call: Call, id: int) -> Reply:
    key, folder = _place(call, id)
    held = (call.instance.store.get("tokens", key) or {}).get("tokens", [])
    return Reply([{"folder": folder, "tokens": held}] if held else [])


def set_token(call: Call, id: int) -> Reply:
    """Creates or replaces one. Names are at most 50 long."""
    key, folder = _place(call, id)
    name, type, value = call.text("name"), (call.text("type") or "").lower(), call.raw("value")
    if name is None or value is None:
        raise Refused("701", "name and value must not be blank")
    if len(name) > 50:
        raise Refused("709", "Token names have at most 50 characters")
    if type not in TOKEN_TYPES:
        raise Refused("709", f"Invalid token type '{type}'")
    held = (call.instance.store.get("tokens", key) or {}).get("tokens", [])
    token: Body = {"name": name, "type": type, "value": value, "computedUrl": call.instance.url("MF", id)}
    held = [one for one in held if one["name"] != name] + [token]
    call.instance.store.put("tokens", key, {"tokens": held})
    return Reply([{"folder": folder, "tokens": [token]}])


def delete_token(call: Call, id: int) -> Reply:
    key, _folder = _place(call, id)
    held = (call.instance.store.get("tokens", key) or {}).get("tokens", [])
    left = [
        one
        for one in held
        if (one["name"], one["type"]) != (call.need("name"), (call.text("type") or one["type"]).lower())
    ]
    if len(left) == len(held):
        raise Refused("702", "No token found")
    call.instance.store.put("tokens", key, {"tokens": left})
    return Reply([{"id": id}])
