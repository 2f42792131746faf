"""/cms/v3/pages: landing pages and site pages."""

import flask

from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, flag, here, listed, sent, words
from mamigrate_sandbox.hubspot.refusals import not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("pages", __name__)
BASE = "/cms/v3/pages/<any('landing-pages', 'site-pages'):kind>"


@routes.get(BASE)
def index(kind: str) -> Answer:
    rows = [body for _, body in here().store.all(kind) if bool(body.get("archivedInDashboard")) == flag("archived")]
    wanted = words("property")
    shown = [{name: v for name, v in row.items() if not wanted or name in (*wanted, "id")} for row in rows]
    return listed(shown, 20, 100, total=True)


@routes.post(BASE)
def create(kind: str) -> Answer:
    portal, body = here(), sent()
    id, now = str(portal.store.next_id(kind, 7001)), portal.stamp()
    page = {
        "state": "DRAFT",
        "currentState": "DRAFT",
        "language": "en",
        **body,
        "id": id,
        "createdAt": now,
        "updatedAt": now,
    }
    portal.store.put(kind, id, page)
    return page, 201


@routes.get(f"{BASE}/<id>")
def get(kind: str, id: str) -> Answer:
    return _page(here(), kind, id)


@routes.patch(f"{BASE}/<id>")
def change(kind: str, id: str) -> Answer:
    portal = here()
    page = _page(portal, kind, id) | sent() | {"id": id, "updatedAt": portal.stamp()}
    portal.store.put(kind, id, page)
    return page


@routes.delete(f"{BASE}/<id>")
def delete(kind: str, id: str) -> Answer:
    _page(here(), kind, id)
    here().store.remove(kind, id)
    return NOTHING


def _page(portal: Portal, kind: str, id: str) -> Body:
    found = portal.store.get(kind, id)
    if found is None:
        raise not_found(f"Page {id} does not exist")
    return found
