"""Companies, opportunities, opportunity roles and sales persons: one life for four kinds.

Facts: Adobe's object pages. With a CRM attached the CRM owns them: writes are refused (1018), roles cannot be read either.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import request

from mamigrate_sandbox.marketo import fields, leads, paging, values
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, Skipped
from mamigrate_sandbox.marketo.fields import Fields
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body


@dataclass(frozen=True)
class Sort:
    """A sort of object. ``required``: fields that no new one can lack."""

    path: str
    kind: str
    fields: str
    label: str
    id_field: str
    dedupe: tuple[str, ...]
    required: tuple[str, ...] = ()


SORTS = [
    Sort("companies", "companies", "company", "Company", "id", ("externalCompanyId",)),
    Sort(
        "opportunities",
        "opportunities",
        "opportunity",
        "Opportunity",
        "marketoGUID",
        ("externalOpportunityId",),
        ("name",),
    ),
    Sort(
        "opportunities/roles",
        "opportunity-roles",
        "opportunityRole",
        "Opportunity Role",
        "marketoGUID",
        ("externalOpportunityId", "leadId", "role"),
    ),
    Sort("salespersons", "sales-persons", "salesPerson", "Sales Person", "id", ("externalSalesPersonId",)),
]


def register(routes: Routes) -> None:
    for sort in SORTS:
        base = f"/rest/v1/{sort.path}"
        routes.add("GET", f"{base}/describe.json", lambda call, sort=sort: describe(call, sort))
        routes.add("GET", f"{base}.json", lambda call, sort=sort: by_filter(call, sort))
        routes.add("POST", f"{base}.json", lambda call, sort=sort: sync(call, sort))
        routes.add("POST", f"{base}/delete.json", lambda call, sort=sort: delete(call, sort))


def _readable(instance: Instance, sort: Sort) -> None:
    if instance.crm_attached() and (
        sort.kind == "opportunity-roles" or instance.switch("company_reads_with_crm") == "refuse"
    ):
        raise Refused("1018", "CRM enabled")


def _writable(instance: Instance) -> None:
    if instance.crm_attached():
        raise Refused("1018", "CRM enabled")


def describe(call: Call, sort: Sort) -> Reply:
    _readable(call.instance, sort)
    known = fields.load(call.instance, sort.fields)
    row: Body = {"name": sort.fields, "displayName": sort.label, "description": f"{sort.label} object"}
    row |= {"createdAt": "2020-02-03T22:36:23Z", "updatedAt": "2020-02-03T22:36:24Z", "idField": sort.id_field}
    row |= {"dedupeFields": list(sort.dedupe), "searchableFields": _searchable(sort, known), "relationships": []}
    return Reply([row | {"fields": [_mapped(field) for field in known.values()]}])


def _searchable(sort: Sort, known: Fields) -> list[list[str]]:
    single = [[name] for name, field in known.items() if field.searchable]
    return [list(sort.dedupe), *single] if len(sort.dedupe) > 1 else single


def _mapped(field: fields.Field) -> Body:
    row: Body = {"name": field.name, "displayName": field.label, "dataType": field.type}
    return row | ({"length": field.length} if field.length else {}) | {"updateable": not field.read_only}


def by_filter(call: Call, sort: Sort) -> Reply:
    _readable(call.instance, sort)
    known, body = fields.load(call.instance, sort.fields), _lookup(call)
    name = str(body["filterType"]) if body else call.need("filterType")
    if name in ("dedupeFields", "idField") and body:
        keys = sort.dedupe if name == "dedupeFields" else (sort.id_field,)
        ids = [id for row in call.records(body) for id in _find(call.instance, sort, keys, row)]
    elif name in ("dedupeFields", "idField"):
        only = sort.dedupe[0] if name == "dedupeFields" else sort.id_field
        ids = [
            id for value in call.many("filterValues", 300) for id in _find(call.instance, sort, (only,), {only: value})
        ]
    elif name in known and known[name].searchable:
        ids = [
            id for value in call.many("filterValues", 300) for id in _find(call.instance, sort, (name,), {name: value})
        ]
    else:
        raise Refused("1011", f"filterType '{name}' is not supported")
    wanted = [*(body.get("fields") or [])] if body else call.many("fields")
    return _page(call, sort, list(dict.fromkeys(ids)), [field.name for field in fields.named(known, wanted)])


def _lookup(call: Call) -> Body | None:
    """Compound keys come as JSON, by POST with ``_method=GET``."""
    return call.json("filterType") if "json" in (request.content_type or "") and request.content_length else None


def _page(call: Call, sort: Sort, ids: list[str], names: list[str]) -> Reply:
    start, size = int(paging.decode(call.text("nextPageToken")).get("at", 0)), call.size()
    found = call.instance.store.get_many(sort.kind, ids[start : start + size])
    shown = names or [*dict.fromkeys([sort.id_field, *sort.dedupe, "createdAt", "updatedAt"])]
    rows = [
        {"seq": seq} | {name: found[id].get(name) for name in shown} for seq, id in enumerate(ids[start : start + size])
    ]
    return Reply(rows, paging.encode({"at": start + size}) if len(ids) > start + size else None)


def _find(instance: Instance, sort: Sort, keys: tuple[str, ...], row: Body) -> list[str]:
    """Ids of the records that have all these values."""
    for key in keys:
        if row.get(key) in (None, ""):
            raise Skipped("1003", f"Missing value for key field '{key}'")
    if keys == (sort.id_field,):
        return [str(row[keys[0]])] if instance.store.get(sort.kind, str(row[keys[0]])) else []
    found = instance.store.find(sort.kind, keys[0], leads.field_key(row[keys[0]]))
    bodies = instance.store.get_many(sort.kind, found)
    return [
        id for id in found if all(leads.field_key(bodies[id].get(key, "")) == leads.field_key(row[key]) for key in keys)
    ]


def sync(call: Call, sort: Sort) -> Reply:
    _writable(call.instance)
    body = call.json("input")
    action, by = str(body.get("action") or "createOrUpdate"), str(body.get("dedupeBy") or "dedupeFields")
    if action not in ("createOrUpdate", "createOnly", "updateOnly") or by not in ("dedupeFields", "idField"):
        raise Refused("1003", f"Invalid action '{action}' or dedupeBy '{by}'")
    if by == "idField" and action == "createOnly":
        raise Refused("1003", "createOnly cannot be used with idField")
    keys = sort.dedupe if by == "dedupeFields" else (sort.id_field,)
    seen: set[tuple[str, ...]] = set()
    answer: list[Body] = []
    for seq, row in enumerate(call.records(body)):
        key = tuple(leads.field_key(row.get(name)) for name in keys)
        skip = Skipped("1036", "Duplicate key in the input")
        twice = {"seq": seq, "status": "skipped", "reasons": skip.reasons()}
        answer.append(twice if key in seen else _written(call.instance, sort, action, keys, seq, row))
        seen.add(key)
    return Reply(answer)


def _written(instance: Instance, sort: Sort, action: str, keys: tuple[str, ...], seq: int, row: Body) -> Body:
    try:
        matches = _find(instance, sort, keys, row)
        if len(matches) > 1:
            raise Skipped("1007", "Multiple records match the lookup criteria")
        if not matches and (action == "updateOnly" or keys == (sort.id_field,)):
            raise Skipped("1013", "Record not found")
        if matches and action == "createOnly":
            raise Skipped("1005", "Record already exists")
        old = instance.store.get(sort.kind, matches[0]) if matches else None
        id = _keep(instance, sort, old, _taken(instance, sort, keys, row, is_new=old is None))
    except Skipped as skip:
        return {"seq": seq, "status": "skipped", "reasons": skip.reasons()}
    return {"seq": seq, "status": "created" if old is None else "updated", sort.id_field: id}


def _taken(instance: Instance, sort: Sort, keys: tuple[str, ...], row: Body, *, is_new: bool) -> dict[str, Any]:
    known, taken = fields.load(instance, sort.fields), {}
    for name, value in row.items():
        if name not in known:
            raise Skipped("1006", f"Field '{name}' not found")
        if known[name].read_only and name not in (*keys, *sort.dedupe):
            raise Skipped("1003", f"Field '{name}' is not updateable")
        if name != sort.id_field:
            taken[name] = values.taken(instance, known[name], value)
    for name in sort.required:
        if (is_new or name in taken) and taken.get(name) is None:
            raise Skipped("1003", f"Field '{name}' must not be null")
    if sort.kind == "opportunity-roles":
        _check_role(instance, taken)
    return taken


def _check_role(instance: Instance, taken: dict[str, Any]) -> None:
    if "leadId" in taken and leads.get(instance, taken["leadId"]) is None:
        raise Skipped("1004", "Lead not found")
    key = taken.get("externalOpportunityId")
    if key and not instance.store.find("opportunities", "externalOpportunityId", leads.field_key(key)):
        raise Skipped("1013", f"Opportunity '{key}' not found")


def _keep(instance: Instance, sort: Sort, old: Body | None, taken: dict[str, Any]) -> Any:
    stamp, store = instance.stamp(), instance.store
    if old is None:
        id: Any = store.next_id(sort.kind) if sort.id_field == "id" else str(uuid.uuid4())
        old = {sort.id_field: id, "createdAt": stamp}
    body = {name: value for name, value in {**old, **taken, "updatedAt": stamp}.items() if value is not None}
    store.put(sort.kind, str(body[sort.id_field]), body, keys_of(instance, sort, body))
    return body[sort.id_field]


def keys_of(instance: Instance, sort: Sort, body: Body) -> dict[str, str]:
    known = fields.load(instance, sort.fields)
    return {name: leads.field_key(value) for name, value in body.items() if name in known and known[name].searchable}


def delete(call: Call, sort: Sort) -> Reply:
    _writable(call.instance)
    body = call.json("input")
    keys = (sort.id_field,) if body.get("deleteBy") == "idField" else sort.dedupe
    return Reply([_deleted(call.instance, sort, keys, seq, row) for seq, row in enumerate(call.records(body))])


def _deleted(instance: Instance, sort: Sort, keys: tuple[str, ...], seq: int, row: Body) -> Body:
    try:
        matches = _find(instance, sort, keys, row)
        if not matches:
            raise Skipped("1013", "Record not found")
    except Skipped as skip:
        return {"seq": seq, "status": "skipped", "reasons": skip.reasons()}
    id = (instance.store.get(sort.kind, matches[0]) or {})[sort.id_field]
    instance.store.remove(sort.kind, matches[0])
    return {"seq": seq, sort.id_field: id, "status": "deleted"}
