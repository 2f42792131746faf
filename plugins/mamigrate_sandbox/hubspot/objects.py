"""/crm/v3/objects: list, get, create, change, archive, search, merge, delete for good."""

import itertools

import flask

from mamigrate_sandbox.hubspot import merging, records, search, writes
from mamigrate_sandbox.hubspot.kinds import CONTACTS, ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, flag, here, number, paged, sent, words
from mamigrate_sandbox.hubspot.records import View
from mamigrate_sandbox.hubspot.refusals import not_found, unbound
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("objects", __name__)
BASE = "/crm/v3/objects/<type>"


@routes.get(BASE)
def index(type: str) -> Answer:
    portal, kind, view = here(), resolve(type), _view()
    limit = number("limit", 10, portal.switches.history_page_limit if view.history else 100)
    found = records.walk(portal, kind, number("after", -1, 2**62, -1), archived=flag("archived"))
    rows = list(itertools.islice(found, limit + 1))
    after = rows[limit - 1]["id"] if len(rows) > limit else None
    return paged([records.show(portal, kind, row, view) for row in rows[:limit]], after)


@routes.post(BASE)
def create(type: str) -> Answer:
    portal, kind = here(), resolve(type)
    record = writes.create(portal, kind, sent("properties", what="SimplePublicObjectInputForCreate"))
    return records.present(portal, kind, record, list(record["properties"])), 201


@routes.get(f"{BASE}/<id>")
def get(type: str, id: str) -> Answer:
    portal, kind = here(), resolve(type)
    record = records.get(portal, kind, id, _by(), archived=flag("archived"))
    return records.show(portal, kind, record, _view())


@routes.patch(f"{BASE}/<id>")
def change(type: str, id: str) -> Answer:
    kind, properties = resolve(type), sent("properties", what="SimplePublicObjectInput")["properties"]
    return changed(kind, id, _by(), properties)


@routes.delete(f"{BASE}/<id>")
def archive(type: str, id: str) -> Answer:
    writes.archive(here(), resolve(type), id)
    return NOTHING


@routes.post(f"{BASE}/search")
def find(type: str) -> Answer:
    return search.run(here(), resolve(type), sent())


@routes.post(f"{BASE}/merge")
def merge(type: str) -> Answer:
    portal, kind, body = here(), resolve(type), sent("primaryObjectId", "objectIdToMerge", what="PublicMergeInput")
    record = merging.merge(portal, kind, str(body["primaryObjectId"]), str(body["objectIdToMerge"]))
    return records.present(portal, kind, record, list(record["properties"]))


@routes.post(f"{BASE}/gdpr-delete")
def erase(type: str) -> Answer:
    body = sent("objectId", what="PublicGdprDeleteInput")
    if resolve(type) is not CONTACTS:
        raise not_found()
    merging.erase(here(), str(body["objectId"]), str(body.get("idProperty") or ""))
    return NOTHING


def changed(kind: ObjectType, id: str, by: str, properties: object) -> Body:
    """Write into one record and show what was written."""
    if not isinstance(properties, dict):
        raise unbound("Cannot build SimplePublicObjectInput, properties is not an object")
    portal = here()
    record = records.get(portal, kind, id, by)
    echo = writes.change(portal, kind, record, properties)
    return records.present(portal, kind, record, list(echo))


def _by() -> str:
    return flask.request.args.get("idProperty", "")


def _view() -> View:
    return View(words("properties"), words("propertiesWithHistory"), words("associations"))
