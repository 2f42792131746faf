"""What all assets have in common: browse, get, by name, folder of birth, unique names."""

from dataclasses import dataclass

from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, asset_dates
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.leads import field_key
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body


@dataclass(frozen=True)
class Shelf:
    """A kind of asset and its paths below ``/rest/asset/v1/``. ``hides``: keys that browsing leaves out."""

    kind: str
    many: str
    one: str
    by_name: bool = True
    by_id: bool = True
    hides: tuple[str, ...] = ()


SHELVES = [
    Shelf("lists", "staticLists", "staticList"),
    Shelf("emails", "emails", "email"),
    Shelf("email-templates", "emailTemplates", "emailTemplate"),
    Shelf("forms", "forms", "form"),
    Shelf("landing-pages", "landingPages", "landingPage"),
    Shelf("landing-page-templates", "landingPageTemplates", "landingPageTemplate"),
    Shelf("snippets", "snippets", "snippet", by_name=False),
    Shelf("segmentations", "segmentation", "segmentation", by_name=False, by_id=False),
    Shelf("asset-files", "files", "file"),
    Shelf("channels", "channels", "channel", by_id=False),
    Shelf("programs", "programs", "program", hides=("tags", "costs")),
]


def register(routes: Routes) -> None:
    base = "/rest/asset/v1"
    for shelf in SHELVES:
        routes.add("GET", f"{base}/{shelf.many}.json", lambda call, shelf=shelf: browse(call, shelf))
        if shelf.by_name:
            routes.add("GET", f"{base}/{shelf.one}/byName.json", lambda call, shelf=shelf: by_name(call, shelf.kind))
        if shelf.by_id:
            routes.add(
                "GET", f"{base}/{shelf.one}/<int:id>.json", lambda call, id, shelf=shelf: by_id(call, shelf.kind, id)
            )


def browse(call: Call, shelf: Shelf) -> Reply:
    start, size = call.page()
    bodies = [body for body in call.instance.bodies(shelf.kind) if wanted(call, body)]
    shown = [asset_dates(body) for body in bodies[start : start + size]]
    return Reply([{key: value for key, value in body.items() if key not in shelf.hides} for body in shown])


def wanted(call: Call, body: Body) -> bool:
    """The filters that browse routes share: status, folder, name and update window."""
    if (status := call.text("status")) and status not in str(body.get("status", "")):
        return False
    if (name := call.text("name")) and field_key(body.get("name", "")) != field_key(name):
        return False
    if (folder := call.folder("folder")) and place(body) != folder:
        return False
    updated = str(body.get("updatedAt", ""))
    return in_window(updated, call.text("earliestUpdatedAt"), call.text("latestUpdatedAt"))


def in_window(moment: str, start: str | None, end: str | None) -> bool:
    """Compares to the second; both ends count."""
    return (start is None or moment[:19] >= start[:19]) and (end is None or moment[:19] <= end[:19])


def place(body: Body) -> tuple[int, str] | None:
    """The parent folder: ``folder.value`` of programs and content, ``folder.id`` of lists and campaigns."""
    folder = body.get("folder") or {}
    id = folder.get("id", folder.get("value"))
    return (int(id), str(folder.get("type", "Folder")).capitalize()) if id is not None else None


def by_name(call: Call, kind: str) -> Reply:
    """A name with a comma cannot be searched: it finds nothing."""
    name = call.need("name")
    bodies = [] if "," in name else named(call.instance, kind, name)
    return Reply([asset_dates(body) for body in bodies if wanted(call, body)][:1])


def named(instance: Instance, kind: str, name: str) -> list[Body]:
    """By the key ``name``, and by a look at every body for stores that were filled without keys."""
    ids = instance.store.find(kind, "name", field_key(name))
    found = list(instance.store.get_many(kind, ids).values())
    return found or [body for body in instance.bodies(kind) if field_key(body.get("name", "")) == field_key(name)]


def by_id(call: Call, kind: str, id: int) -> Reply:
    body = call.instance.store.get(kind, str(id))
    return Reply([asset_dates(body)] if body is not None else [])


def need(instance: Instance, kind: str, id: int) -> Body:
    body = instance.store.get(kind, str(id))
    if body is None:
        raise Refused("702", f"{kind} '{id}' not found")
    return body


def keep(instance: Instance, kind: str, body: Body) -> None:
    instance.store.put(kind, str(body["id"]), body, {"name": field_key(body["name"])})


def new_name(call: Call, kind: str) -> str:
    """701 without a name, 709 when it is taken."""
    name = call.text("name")
    if name is None:
        raise Refused("701", "name must not be blank")
    if named(call.instance, kind, name):
        raise Refused("709", f"Name '{name}' already exists")
    return name


def parent(call: Call, name: str = "folder") -> Body:
    """The folder or program to be born in: ``{"id", "type"}``. 701 without one, 710 when there is none."""
    folder = call.folder(name)
    if folder is None:
        raise Refused("701", f"{name} must not be blank")
    id, type = folder
    if call.instance.store.get("programs" if type == "Program" else "folders", str(id)) is None:
        raise Refused("710", "Parent folder not found")
    return {"id": id, "type": type}


def renamed(call: Call, kind: str, body: Body) -> Body:
    """Name and description as an update sends them."""
    name = call.text("name")
    if name is not None and field_key(name) != field_key(body["name"]):
        body = body | {"name": new_name(call, kind)}
    if call.has("description"):
        body = body | {"description": call.raw("description")}
    return body | {"updatedAt": call.instance.stamp()}
