"""/crm/v3/properties: definitions of properties, and their groups (HubSpot docs, "Properties")."""

import re

import flask

from mamigrate_sandbox.hubspot.kinds import ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, batch, flag, here, inputs, sent
from mamigrate_sandbox.hubspot.refusals import Refusal, conflict, invalid, missing_attributes, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("properties", __name__)
BASE = "/crm/v3/properties/<type>"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_PAIRS = {
    "string": {"text", "textarea", "html", "file", "phonenumber", "calculation_equation"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "bool": {"booleancheckbox", "calculation_equation"},
    "number": {"number", "calculation_equation"},
    "date": {"date"},
    "datetime": {"date"},
    "phone_number": {"phonenumber"},
}
_REQUIRED = ("name", "label", "type", "fieldType", "groupName")
_CHANGEABLE = {
    "label", "groupName", "type", "fieldType", "options", "hidden", "formField", "displayOrder", "description",
    "calculationFormula", "numberDisplayHint", "textDisplayHint", "showCurrencySymbol", "currencyPropertyName",
}  # fmt: skip
_MOST_CUSTOM, _MOST_UNIQUE = 1_000, 10


# --- definitions ------------------------------------------------------------------------------------------------------


@routes.get(BASE)
def index(type: str) -> Answer:
    rows = _visible(here(), resolve(type), archived=flag("archived"))
    return {"results": sorted(rows, key=lambda row: str(row["name"]))}


@routes.post(BASE)
def create(type: str) -> Answer:
    return made(here(), resolve(type), sent(*_REQUIRED, what="PropertyCreate")), 201


@routes.get(f"{BASE}/<name>")
def get(type: str, name: str) -> Answer:
    return _one(here(), resolve(type), name, archived=flag("archived"))


@routes.patch(f"{BASE}/<name>")
def change(type: str, name: str) -> Answer:
    portal, kind, body = here(), resolve(type), sent()
    definition = _one(portal, kind, name)
    if definition["modificationMetadata"].get("readOnlyDefinition") and set(body) - {"options"}:
        raise invalid(f"The definition of property {name} is read only")
    wanted = {key: value for key, value in body.items() if key in _CHANGEABLE}
    changed = {**definition, **wanted, "updatedAt": portal.stamp()}
    _fitting(portal, kind, changed)
    portal.store.put(f"properties/{kind.kind}", name, changed | {"options": _options(changed)})
    return _one(portal, kind, name)


@routes.delete(f"{BASE}/<name>")
def archive(type: str, name: str) -> Answer:
    _archived(here(), resolve(type), name)
    return NOTHING


@routes.post(f"{BASE}/batch/create")
def create_many(type: str) -> Answer:
    portal, kind, results, errors = here(), resolve(type), [], []
    for row in inputs("BatchInputPropertyCreate"):
        try:
            results.append(made(portal, kind, row))
        except Refusal as refusal:
            errors.append(refusal.entry(name=[str(row.get("name"))]))
    return batch(results, errors, ok=201)


@routes.post(f"{BASE}/batch/read")
def read_many(type: str) -> Answer:
    portal, kind, body = here(), resolve(type), sent("inputs", what="BatchReadInputPropertyName")
    names = [str(row["name"]) for row in inputs("BatchReadInputPropertyName")]
    rows = {row["name"]: row for row in _visible(portal, kind, archived=bool(body.get("archived")))}
    errors = [not_found(f"Property {name} does not exist").entry(name=[name]) for name in names if name not in rows]
    return batch([rows[name] for name in names if name in rows], errors)


@routes.post(f"{BASE}/batch/archive")
def archive_many(type: str) -> Answer:
    for row in inputs("BatchInputPropertyName"):
        _archived(here(), resolve(type), str(row["name"]))
    return NOTHING


# --- groups -----------------------------------------------------------------------------------------------------------


@routes.get(f"{BASE}/groups")
def groups(type: str) -> Answer:
    return {"results": [body for _, body in here().store.all(f"groups/{resolve(type).kind}")]}


@routes.post(f"{BASE}/groups")
def create_group(type: str) -> Answer:
    portal, kind, body = here(), resolve(type), sent("name", "label", what="PropertyGroupCreate")
    if portal.store.get(f"groups/{kind.kind}", body["name"]):
        raise conflict(f"A group named {body['name']} already exists.")
    group = {
        "name": body["name"],
        "label": body["label"],
        "displayOrder": body.get("displayOrder", -1),
        "archived": False,
    }
    portal.store.put(f"groups/{kind.kind}", body["name"], group)
    return group, 201


@routes.get(f"{BASE}/groups/<name>")
def get_group(type: str, name: str) -> Answer:
    return _group(here(), resolve(type), name)


@routes.patch(f"{BASE}/groups/<name>")
def change_group(type: str, name: str) -> Answer:
    portal, kind, body = here(), resolve(type), sent()
    group = _group(portal, kind, name) | {key: body[key] for key in ("label", "displayOrder") if key in body}
    portal.store.put(f"groups/{kind.kind}", name, group)
    return group


@routes.delete(f"{BASE}/groups/<name>")
def drop_group(type: str, name: str) -> Answer:
    portal, kind = here(), resolve(type)
    if any(row["groupName"] == name for row in _visible(portal, kind)):
        raise invalid(f"Group {name} still holds properties")
    portal.store.remove(f"groups/{kind.kind}", name)
    return NOTHING


# --- work -------------------------------------------------------------------------------------------------------------


def made(portal: Portal, kind: ObjectType, body: Body) -> Body:
    """A new definition. Raises 400 for a bad one and 409 for a name that is taken."""
    absent = [name for name in _REQUIRED if not body.get(name)]
    if absent:
        raise missing_attributes("PropertyCreate", absent)
    _creatable(portal, kind, body)
    now = portal.stamp()
    definition = {
        "description": "", "displayOrder": -1, "hidden": False, "formField": False, "hasUniqueValue": False,
        "externalOptions": False, "dataSensitivity": "non_sensitive", **body,
        "calculated": "calculationFormula" in body, "hubspotDefined": False, "archived": False,
        "options": _options(body), "createdAt": now, "updatedAt": now, "createdUserId": "1", "updatedUserId": "1",
        "modificationMetadata": {
            "archivable": True, "readOnlyDefinition": False, "readOnlyOptions": False,
            "readOnlyValue": "calculationFormula" in body,
        },
    }  # fmt: skip
    _fitting(portal, kind, definition)
    portal.store.put(f"properties/{kind.kind}", body["name"], definition)
    return definition


def _creatable(portal: Portal, kind: ObjectType, body: Body) -> None:
    name, rows = str(body["name"]), [row for row in _visible(portal, kind) if not row["hubspotDefined"]]
    if not _NAME.fullmatch(name):
        raise invalid(f"Property name {name} is not valid: lower case, digits and _, beginning with a letter")
    present = portal.store.get(f"properties/{kind.kind}", name)
    if present and not present.get("archived"):
        raise conflict(f"A property named '{name}' already exists.")
    if len(rows) >= _MOST_CUSTOM:
        raise invalid(f"This account has reached its limit of {_MOST_CUSTOM} custom properties")
    if body.get("hasUniqueValue") and sum(bool(row["hasUniqueValue"]) for row in rows) >= _MOST_UNIQUE:
        raise invalid(f"At most {_MOST_UNIQUE} properties with unique values are allowed per object")


def _fitting(portal: Portal, kind: ObjectType, definition: Body) -> None:
    """Type, field type and group belong together."""
    fields = _PAIRS.get(definition["type"])
    if fields is None:
        raise invalid(f"Property type {definition['type']} is not valid; use one of {sorted(_PAIRS)}")
    if definition["fieldType"] not in fields and not definition["hubspotDefined"]:
        raise invalid(
            f"fieldType {definition['fieldType']} is not valid for type {definition['type']}: {sorted(fields)}"
        )
    if portal.store.get(f"groups/{kind.kind}", definition["groupName"]) is None:
        raise invalid(f"Property group {definition['groupName']} does not exist")


def _options(body: Body) -> list[Body]:
    if body["type"] == "bool" and not body.get("options"):
        return [_option("true", "Yes", 0), _option("false", "No", 1)]
    options = body.get("options") or []
    for option in options:
        absent = [name for name in ("hidden", "label", "value") if option.get(name) is None]
        if absent:
            raise missing_attributes("OptionInput", absent)
    values = [str(option["value"]) for option in options]
    if len(set(values)) != len(values):
        raise invalid(f"Property option values must be unique: {sorted({v for v in values if values.count(v) > 1})}")
    return [{"description": "", "displayOrder": n, **option} for n, option in enumerate(options)]


def _option(value: str, label: str, order: int) -> Body:
    return {"label": label, "value": value, "displayOrder": order, "hidden": False, "description": ""}


def _archived(portal: Portal, kind: ObjectType, name: str) -> None:
    definition = _one(portal, kind, name)
    if not definition["modificationMetadata"]["archivable"]:
        raise invalid(f"Property {name} cannot be archived")
    portal.store.put(f"properties/{kind.kind}", name, definition | {"archived": True, "archivedAt": portal.stamp()})


def _visible(portal: Portal, kind: ObjectType, *, archived: bool = False) -> list[Body]:
    hidden = portal.switches.hidden_fields
    rows = [body for name, body in portal.store.all(f"properties/{kind.kind}") if name not in hidden]
    return [row for row in rows if bool(row.get("archived")) == archived]


def _one(portal: Portal, kind: ObjectType, name: str, *, archived: bool = False) -> Body:
    found = portal.store.get(f"properties/{kind.kind}", name)
    if found is None or bool(found.get("archived")) != archived or name in portal.switches.hidden_fields:
        raise not_found(f"Property {name} does not exist")
    return found


def _group(portal: Portal, kind: ObjectType, name: str) -> Body:
    found = portal.store.get(f"groups/{kind.kind}", name)
    if found is None:
        raise not_found(f"Property group {name} does not exist")
    return found
