"""/crm/v3/objects/{type}/batch: up to 100 records a call.

One bad record refuses the whole batch, unless every input bears an ``objectWriteTraceId``: then each stands for itself
and the answer is 207. Records that do not exist always make a 207 (HubSpot docs, "Error handling").
"""

from collections.abc import Callable

import flask

from mamigrate_sandbox.hubspot import objects, records, writes
from mamigrate_sandbox.hubspot.kinds import ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, batch, flag, here, inputs, sent
from mamigrate_sandbox.hubspot.records import View
from mamigrate_sandbox.hubspot.refusals import Refusal, invalid, missing_attributes
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("batches", __name__)
BASE = "/crm/v3/objects/<type>/batch"


@routes.post(f"{BASE}/read")
def read(type: str) -> Answer:
    portal, kind, body = here(), resolve(type), sent("inputs", what="BatchReadInputSimplePublicObjectId")
    view = View(body.get("properties") or (), body.get("propertiesWithHistory") or ())
    most = portal.switches.history_page_limit if view.history else 100
    ids = [_required(row, "id") for row in inputs("BatchReadInputSimplePublicObjectId", most=most)]
    by = str(body.get("idProperty") or "")
    found = {id: records.find(portal, kind, id, by, archived=flag("archived")) for id in ids}
    rows = {row["id"]: records.show(portal, kind, row, view) for row in found.values() if row}
    missing = [id for id, row in found.items() if row is None]
    return batch(list(rows.values()), [_absent(kind, missing)] if missing else [])


@routes.post(f"{BASE}/create")
def create(type: str) -> Answer:
    portal, kind = here(), resolve(type)

    def one(row: Body) -> Body:
        record = writes.create(portal, kind, row)
        return records.present(portal, kind, record, list(record["properties"]))

    return _each(kind, "BatchInputSimplePublicObjectBatchInputForCreate", one, ok=201)


@routes.post(f"{BASE}/update")
def update(type: str) -> Answer:
    kind = resolve(type)

    def one(row: Body) -> Body:
        return objects.changed(kind, _required(row, "id"), str(row.get("idProperty") or ""), row.get("properties"))

    _distinct("BatchInputSimplePublicObjectBatchInput")
    return _each(kind, "BatchInputSimplePublicObjectBatchInput", one)


@routes.post(f"{BASE}/upsert")
def upsert(type: str) -> Answer:
    kind = resolve(type)
    _distinct("BatchInputSimplePublicObjectBatchInputUpsert")
    return _each(kind, "BatchInputSimplePublicObjectBatchInputUpsert", lambda row: _upserted(kind, row))


@routes.post(f"{BASE}/archive")
def archive(type: str) -> Answer:
    kind = resolve(type)
    for row in inputs("BatchInputSimplePublicObjectId"):
        writes.archive(here(), kind, _required(row, "id"))
    return NOTHING


def _upserted(kind: ObjectType, row: Body) -> Body:
    portal, by, value = here(), str(row.get("idProperty") or ""), _required(row, "id")
    properties = row.get("properties") or {}
    record = records.find(portal, kind, value, by)
    if record is None and by in ("", "hs_object_id"):
        raise _missing(kind, [value])
    if record is not None:
        return objects.changed(kind, record["id"], "", properties) | {"new": False}
    made = writes.create(portal, kind, {"properties": {by: value, **properties}})
    return records.present(portal, kind, made, list(made["properties"])) | {"new": True}


def _each(kind: ObjectType, what: str, one: Callable[[Body], Body], *, ok: int = 200) -> Answer:
    """Every input in turn; which failures are told one by one and which refuse everything, see above."""
    rows = inputs(what)
    traced = bool(rows) and all(row.get("objectWriteTraceId") for row in rows)
    results, errors = [], []
    for row in rows:
        trace = {"objectWriteTraceId": row["objectWriteTraceId"]} if row.get("objectWriteTraceId") else {}
        try:
            results.append(one(row) | trace)
        except Refusal as refusal:
            if traced:
                errors.append(refusal.entry(objectWriteTraceId=[row["objectWriteTraceId"]]))
            elif refusal.status == 404:
                errors.append(_absent(kind, [str(row.get("id"))]))
            else:
                raise
    return batch(results, errors, ok=ok)


def _missing(kind: ObjectType, ids: list[str]) -> Refusal:
    message = f"Could not get some {kind.label} objects, they may be deleted or not exist. Check that ids are valid."
    return Refusal(404, "OBJECT_NOT_FOUND", message, context={"ids": ids})


def _absent(kind: ObjectType, ids: list[str]) -> Body:
    return _missing(kind, ids).entry()


def _required(row: object, name: str) -> str:
    if not isinstance(row, dict) or row.get(name) in (None, ""):
        raise missing_attributes("SimplePublicObjectId", [name])
    return str(row[name])


def _distinct(what: str) -> None:
    ids = [_required(row, "id") for row in inputs(what)]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise invalid(
            f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique", context={"ids": twice}
        )
