"""Routes of field schemas: describe, describe2, and the schema API. Fields are created and hidden, never deleted.

Facts: Adobe's lead pages, section "Lead schema"; types and name rules as the contract lists them.
"""

import re

from mamigrate_sandbox.marketo import fields
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, Skipped
from mamigrate_sandbox.marketo.fields import Field
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

CREATABLE = {
    "boolean": None,
    "currency": None,
    "date": None,
    "datetime": None,
    "email": 255,
    "float": None,
    "integer": None,
    "percent": None,
    "phone": 255,
    "score": None,
    "string": 255,
    "url": 255,
}
MEMBER_FIELDS_AT_MOST = 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LABEL = re.compile(r"[\w\- ]+")


def register(routes: Routes) -> None:
    routes.add("GET", "/rest/v1/leads/describe.json", describe)
    routes.add("GET", "/rest/v1/leads/describe2.json", describe2)
    writable = {"leads": "lead", "programs/members": "programMember"}
    for path, object in {**writable, "companies": "company", "opportunities": "opportunity"}.items():
        base = f"/rest/v1/{path}/schema/fields"
        routes.add("GET", f"{base}.json", lambda call, object=object: listed(call, object))
        routes.add("GET", f"{base}/<name>.json", lambda call, name, object=object: one(call, object, name))
        if path in writable:
            routes.add("POST", f"{base}.json", lambda call, object=object: create(call, object))
            routes.add("POST", f"{base}/<name>.json", lambda call, name, object=object: update(call, object, name))


def describe(call: Call) -> Reply:
    return Reply([_described(field) for field in fields.load(call.instance).values() if not field.hidden])


def _described(field: Field) -> Body:
    row: Body = {"id": field.id, "displayName": field.label, "dataType": _shown_type(field)}
    if field.length:
        row["length"] = field.length
    return row | {"rest": {"name": field.name, "readOnly": field.read_only}}


def describe2(call: Call) -> Reply:
    known = [field for field in fields.load(call.instance).values() if not field.hidden]
    searchable = [[field.name] for field in known if field.searchable]
    return Reply([{"name": "API Lead", "searchableFields": searchable, "fields": [_mapped(field) for field in known]}])


def _mapped(field: Field) -> Body:
    row: Body = {"name": field.name, "displayName": field.label, "dataType": _shown_type(field)}
    if field.length:
        row["length"] = field.length
    return row | {"updateable": not field.read_only, "crmManaged": field.crm_managed}


def _shown_type(field: Field) -> str:
    return "integer" if field.type == "score" else field.type


def listed(call: Call, object: str) -> Reply:
    """Hidden fields are listed too."""
    page, token = call.slice(list(fields.load(call.instance, object).values()))
    return Reply([_schema(field) for field in page], token)


def one(call: Call, object: str, name: str) -> Reply:
    return Reply([_schema(fields.named(fields.load(call.instance, object), [name])[0])])


def _schema(field: Field) -> Body:
    row: Body = {
        "displayName": field.label,
        "name": field.name,
        "description": field.description,
        "dataType": field.type,
    }
    if field.length:
        row["length"] = field.length
    return row | {
        "isHidden": field.hidden,
        "isHtmlEncodingInEmail": field.html_encoding,
        "isSensitive": field.sensitive,
        "isCustom": field.custom,
        "isApiCreated": field.api_created,
    }


def create(call: Call, object: str) -> Reply:
    records = call.records(call.json("input"), int(call.instance.switch("fields_per_call")))
    return Reply([_created(call, object, record) for record in records])


def _created(call: Call, object: str, record: Body) -> Body:
    name = str(record.get("name", ""))
    try:
        _check(call, object, record)
    except Skipped as skip:
        return {"name": name, "status": "skipped", "reasons": skip.reasons()}
    store, length = call.instance.store, CREATABLE[record["dataType"]]
    body: Body = {
        "id": store.next_id("field-ids", 10_000),
        "name": name,
        "displayName": record["displayName"],
        "dataType": record["dataType"],
        "description": record.get("description"),
        "readOnly": False,
        "isCustom": True,
        "isHidden": bool(record.get("isHidden", False)),
        "isApiCreated": True,
        "crmManaged": False,
        "searchable": record["dataType"] in ("string", "email", "integer", "score"),
        "isHtmlEncodingInEmail": bool(record.get("isHtmlEncodingInEmail", True)),
        "isSensitive": bool(record.get("isSensitive", False)),
    }
    store.put(f"fields/{object}", name, body | ({"length": length} if length else {}))
    fields.forget(call.instance, object)
    return {"name": name, "status": "created"}


def _check(call: Call, object: str, record: Body) -> None:
    known = fields.load(call.instance, object)
    name, label, type = str(record.get("name", "")), str(record.get("displayName", "")), record.get("dataType")
    if not _NAME.fullmatch(name):
        raise Skipped("1003", f"Invalid value for field 'name' and value '{name}'")
    if not _LABEL.fullmatch(label) or len(label) > 255:
        raise Skipped("1003", f"Invalid value for field 'displayName' and value '{label}'")
    if type not in CREATABLE:
        raise Skipped("1003", f"Invalid value for field 'dataType' and value '{type}'")
    if any(field.name.lower() == name.lower() for field in known.values()):
        raise Skipped("1017", f"Field '{name}' already exists")
    if any(field.label.lower() == label.lower() for field in known.values()):
        raise Skipped("1017", f"Field with displayName '{label}' already exists")
    made = sum(field.custom for field in known.values())
    most = MEMBER_FIELDS_AT_MOST if object == "programMember" else call.instance.switch("custom_fields_at_most")
    if most is not None and made >= most:
        raise Skipped("1003", f"The limit of {most} custom fields is reached")


def update(call: Call, object: str, name: str) -> Reply:
    """Label, description and flags; hiding only what the API created."""
    instance = call.instance
    field = fields.named(fields.load(instance, object), [name])[0]
    record = call.records(call.json("input"), 1)[0]
    if fixed := {"dataType", "name", "length"} & set(record):
        raise Refused("1003", f"Field '{min(fixed)}' is not updateable")
    if "isHidden" in record and not field.api_created:
        raise Refused("1003", "Only fields that the API created can be hidden")
    label = record.get("displayName")
    if label is not None and any(
        other.label.lower() == str(label).lower() and other.name != name
        for other in fields.load(instance, object).values()
    ):
        raise Refused("1017", f"Field with displayName '{label}' already exists")
    allowed = ("displayName", "description", "isHidden", "isHtmlEncodingInEmail", "isSensitive")
    body = instance.store.get(f"fields/{object}", name) or {}
    instance.store.put(f"fields/{object}", name, body | {key: record[key] for key in allowed if key in record})
    fields.forget(instance, object)
    return Reply([{"name": name, "status": "updated"}])
