"""/marketing/v3/forms, and what people submitted (HubSpot docs, "Forms", "Get submissions for a form")."""

import flask

from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, flag, here, listed, number, paged, sent, words
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("forms", __name__)
BASE = "/marketing/v3/forms"
_REQUIRED = ("formType", "name", "createdAt", "updatedAt", "archived", "fieldGroups", "configuration", "displayOptions", "legalConsentOptions")  # fmt: skip
_PATCHED = ("name", "archived", "configuration", "displayOptions", "fieldGroups", "legalConsentOptions")


@routes.get(BASE)
def index() -> Answer:
    kinds = words("formTypes") or ["hubspot"]
    rows = [body for _, body in here().store.all("forms") if bool(body.get("archived")) == flag("archived")]
    return listed((row for row in rows if "all" in kinds or row["formType"] in kinds), 50, 500)


@routes.post(BASE)
def create() -> Answer:
    portal, body = here(), sent()
    absent = [name for name in _REQUIRED if body.get(name) is None]
    if absent:
        raise invalid(f"Some required fields were not set: [{', '.join(absent)}]")
    if body["formType"] != "hubspot":
        raise invalid("Only forms of type hubspot can be created")
    id, now = portal.uuid(), portal.stamp()
    form = body | {"id": id, "createdAt": now, "updatedAt": now}
    for group in form["fieldGroups"]:
        for field in group.get("fields") or []:
            if field.get("fieldType") == "email" and not field.get("validation", {}).get("blockedEmailDomains"):
                field.setdefault("validation", {})["blockedEmailDomains"] = [""]
    portal.store.put("forms", id, form)
    return form, 201


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    return _form(here(), id)


@routes.patch(f"{BASE}/<id>")
def change(id: str) -> Answer:
    body = sent()
    return _kept(_form(here(), id) | {name: body[name] for name in _PATCHED if name in body})


@routes.put(f"{BASE}/<id>")
def replace(id: str) -> Answer:
    form = _form(here(), id)
    return _kept(sent("name", "fieldGroups") | {"id": id, "createdAt": form["createdAt"], "formType": form["formType"]})


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    _kept(_form(here(), id) | {"archived": True, "archivedAt": here().stamp()})
    return NOTHING


@routes.get("/form-integrations/v1/submissions/forms/<id>")
def submissions(id: str) -> Answer:
    """Newest first."""
    portal, limit, after = here(), number("limit", 20, 50), number("after", 2**62, 2**62, 0)
    _form(portal, id)
    rows = [(int(key), body) for key, body in portal.store.all(f"submissions/{id}")]
    rest = [row for row in reversed(rows) if row[0] < after]
    return paged([body for _, body in rest[:limit]], str(rest[limit - 1][0]) if len(rest) > limit else None)


def _form(portal: Portal, id: str) -> Body:
    found = portal.store.get("forms", id)
    if found is None or bool(found.get("archived")) != flag("archived"):
        raise not_found(f"Form {id} does not exist")
    return found


def _kept(form: Body) -> Body:
    form["updatedAt"] = here().stamp()
    here().store.put("forms", form["id"], form)
    return form
