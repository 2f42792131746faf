"""Associations v4 and v3 (HubSpot docs, "Associations v4"; its interface specs)."""

from typing import Any

import flask

from mamigrate_sandbox.hubspot import ties
from mamigrate_sandbox.hubspot.kinds import ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, batch, here, inputs, listed, sent, sent_any
from mamigrate_sandbox.hubspot.records import followed
from mamigrate_sandbox.hubspot.refusals import Refusal, invalid, missing_attributes, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("associations", __name__)
ONE = "/crm/v4/objects/<type>/<id>/associations/<to>"
MANY = "/crm/v4/associations/<type>/<to>"
OLD = "/crm/v3/associations/<type>/<to>"
_READ, _CREATE = 1_000, 2_000


# --- one record -------------------------------------------------------------------------------------------------------


@routes.get(ONE)
def index(type: str, id: str, to: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    ties.way(a, b)
    return listed(_ends(portal, a, _there(portal, a, id), b), 500, 500)


@routes.put(f"{ONE}/<other>")
def label(type: str, id: str, to: str, other: str) -> Answer:
    portal, a, b, specs = here(), resolve(type), resolve(to), sent_any()
    types = ties.asked(portal, a, b, specs if isinstance(specs, list) else [])
    id, other = _there(portal, a, id), _there(portal, b, other)
    ties.tie(portal, a, id, b, other, types)
    return _pair(a, id, b, other, types), 201


@routes.put("/crm/v4/objects/<type>/<id>/associations/default/<to>/<other>")
def default(type: str, id: str, to: str, other: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    return batch(_default(portal, a, id, b, other))


@routes.delete(f"{ONE}/<other>")
def remove(type: str, id: str, to: str, other: str) -> Answer:
    ties.untie(here(), resolve(type), id, resolve(to), other)
    return NOTHING


# --- many -------------------------------------------------------------------------------------------------------------


@routes.post(f"{MANY}/batch/read")
def read_many(type: str, to: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    ties.way(a, b)
    ids = [_id(row) for row in inputs("BatchInputPublicFetchAssociationsBatchRequest", most=_READ)]
    found = {id: _ends(portal, a, followed(portal, a, id), b) for id in ids}
    return batch([{"from": {"id": id}, "to": ends} for id, ends in found.items() if ends], _lonely(a, b, found))


@routes.post(f"{MANY}/batch/create")
def create_many(type: str, to: str) -> Answer:
    portal, a, b, results, errors = here(), resolve(type), resolve(to), [], []
    for row in inputs("BatchInputPublicAssociationMultiPost", most=_CREATE):
        types = ties.asked(portal, a, b, row.get("types") or [])
        if not types:
            raise missing_attributes("PublicAssociationMultiPost", ["types"])
        try:
            id, other = _there(portal, a, _id(row.get("from"))), _there(portal, b, _id(row.get("to")))
        except Refusal as refusal:
            errors.append(refusal.entry(fromObjectId=[_id(row.get("from"))], toObjectId=[_id(row.get("to"))]))
            continue
        ties.tie(portal, a, id, b, other, types)
        results.append(_pair(a, id, b, other, types))
    return batch(results, errors, ok=201)


@routes.post(f"{MANY}/batch/associate/default")
def default_many(type: str, to: str) -> Answer:
    portal, a, b, results = here(), resolve(type), resolve(to), []
    for row in inputs("BatchInputPublicDefaultAssociationMultiPost", most=_CREATE):
        results += _default(portal, a, _id(row.get("from")), b, _id(row.get("to")))
    return batch(results)


@routes.post(f"{MANY}/batch/archive")
def archive_many(type: str, to: str) -> Answer:
    for row in inputs("BatchInputPublicAssociationMultiArchive", most=_CREATE):
        for end in row.get("to") or []:
            ties.untie(here(), resolve(type), _id(row.get("from")), resolve(to), _id(end))
    return NOTHING


@routes.post(f"{MANY}/batch/labels/archive")
def unlabel_many(type: str, to: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    for row in inputs("BatchInputPublicAssociationMultiPost", most=_CREATE):
        types = ties.asked(portal, a, b, row.get("types") or [])
        ties.untie(portal, a, _id(row.get("from")), b, _id(row.get("to")), types)
    return NOTHING


# --- labels -----------------------------------------------------------------------------------------------------------


@routes.get(f"{MANY}/labels")
def labels(type: str, to: str) -> Answer:
    rows = ties.labels(here(), resolve(type), resolve(to))
    return {"results": [{key: row.get(key) for key in ("category", "typeId", "label")} for row in rows]}


@routes.post(f"{MANY}/labels")
def create_label(type: str, to: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    body = sent("label", "name", what="PublicAssociationDefinitionCreateRequest")
    ties.way(a, b)
    first, second = portal.store.next_id("association-types", 1), portal.store.next_id("association-types", 1)
    there = {"category": "USER_DEFINED", "typeId": first, "label": body["label"], "inverse": second}
    back = there | {"typeId": second, "label": body.get("inverseLabel") or body["label"], "inverse": first}
    portal.store.put(f"labels/{a.kind}/{b.kind}", str(first), there)
    portal.store.put(f"labels/{b.kind}/{a.kind}", str(second), back)
    return {"results": [{key: row[key] for key in ("category", "typeId", "label")} for row in (there, back)]}


@routes.put(f"{MANY}/labels")
def change_label(type: str, to: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    body = sent("associationTypeId", "label", what="PublicAssociationDefinitionUpdateRequest")
    kind, id = f"labels/{a.kind}/{b.kind}", str(body["associationTypeId"])
    row = portal.store.get(kind, id)
    if row is None:
        raise not_found(f"Association type {id} does not exist")
    portal.store.put(kind, id, row | {"label": body["label"]})
    return NOTHING


@routes.delete(f"{MANY}/labels/<id>")
def drop_label(type: str, to: str, id: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    row = portal.store.get(f"labels/{a.kind}/{b.kind}", id)
    if row is None:
        raise not_found(f"Association type {id} does not exist")
    portal.store.remove(f"labels/{a.kind}/{b.kind}", id)
    portal.store.remove(f"labels/{b.kind}/{a.kind}", str(row["inverse"]))
    return NOTHING


# --- v3 ---------------------------------------------------------------------------------------------------------------


@routes.get(f"{OLD}/types")
def old_types(type: str, to: str) -> Answer:
    a, b = resolve(type), resolve(to)
    rows = [row for row in ties.labels(here(), a, b) if row["category"] == "HUBSPOT_DEFINED"]
    return {"results": [{"id": str(row["typeId"]), "name": ties.name(a, b, row["typeId"])} for row in rows]}


@routes.post(f"{OLD}/batch/read")
def old_read(type: str, to: str) -> Answer:
    portal, a, b = here(), resolve(type), resolve(to)
    found = {}
    for id in [_id(row) for row in inputs("BatchInputPublicObjectId")]:
        shown = ties.shown(portal, a, followed(portal, a, id), [to])
        found[id] = [row for each in shown.values() for row in each["results"]]
    return batch([{"from": {"id": id}, "to": ends} for id, ends in found.items() if ends], _lonely(a, b, found))


@routes.post(f"{OLD}/batch/create")
def old_create(type: str, to: str) -> Answer:
    portal, a, b, results = here(), resolve(type), resolve(to), []
    for row in inputs("BatchInputPublicAssociation"):
        id, other = _there(portal, a, _id(row.get("from"))), _there(portal, b, _id(row.get("to")))
        types = [each for each in ties.labels(portal, a, b) if ties.name(a, b, each["typeId"]) == row.get("type")]
        if not types:
            raise invalid(f"{row.get('type')} is not a valid association type")
        ties.tie(portal, a, id, b, other, types[:1])
        results.append({"from": {"id": id}, "to": {"id": other}, "type": row["type"]})
    return batch(results, ok=201)


@routes.post(f"{OLD}/batch/archive")
def old_archive(type: str, to: str) -> Answer:
    for row in inputs("BatchInputPublicAssociation"):
        ties.untie(here(), resolve(type), _id(row.get("from")), resolve(to), _id(row.get("to")))
    return NOTHING


# --- work -------------------------------------------------------------------------------------------------------------


def _ends(portal: Portal, a: ObjectType, id: str, b: ObjectType) -> list[Body]:
    """The record's other ends. The spec types ``toObjectId`` as a string; live answers carry a number."""
    return [{"toObjectId": _number(end), "associationTypes": types} for end, types in ties.tied(portal, a, id, b)]


def _number(id: str) -> int | str:
    return int(id) if id.isdigit() else id


def _there(portal: Portal, kind: ObjectType, id: str) -> str:
    id = followed(portal, kind, id)
    record = portal.store.get(kind.kind, id)
    if record is None or record.get("archived"):
        raise not_found(f"No {kind.singular} with ID {id} exists")
    return id


def _default(portal: Portal, a: ObjectType, id: str, b: ObjectType, other: str) -> list[Body]:
    id, other = _there(portal, a, id), _there(portal, b, other)
    ties.tie(portal, a, id, b, other)
    ways = ((id, other, ties.way(a, b)), (other, id, ties.way(b, a)))
    return [
        {
            "from": {"id": start},
            "to": {"id": end},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": each.plain},
        }
        for start, end, each in ways
    ]


def _pair(a: ObjectType, id: str, b: ObjectType, other: str, types: list[Body]) -> Body:
    return {
        "fromObjectTypeId": a.type_id,
        "fromObjectId": id,
        "toObjectTypeId": b.type_id,
        "toObjectId": other,
        "labels": [row["label"] for row in types if row["label"]],
    }


def _lonely(a: ObjectType, b: ObjectType, found: dict[str, list[Any]]) -> list[Body]:
    """Records without associations of this kind are told as errors, so that the answer is 207."""
    return [
        Refusal(
            404, "OBJECT_NOT_FOUND", f"No {b.singular} is associated with {a.singular} {id}.",
            sub="crm.associations.NO_ASSOCIATIONS_FOUND",
        ).entry(fromObjectId=[id]) | {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
        for id, ends in found.items()
        if not ends
    ]  # fmt: skip


def _id(row: Any) -> str:
    if not isinstance(row, dict) or row.get("id") in (None, ""):
        raise missing_attributes("PublicObjectId", ["id"])
    return str(row["id"])
