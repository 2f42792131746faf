"""Properties, groups, stages and pipelines of an estate in HubSpot's shapes."""

from collections.abc import Iterable
from typing import Any

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.world import Estate, Field
from mamigrate_sandbox.store import Store

Body = dict[str, Any]
# Field type -> (type, fieldType) (HubSpot docs, "Properties").
_TYPES = {
    "text": ("string", "text"),
    "longtext": ("string", "textarea"),
    "number": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "choice": ("enumeration", "select"),
    "multi": ("enumeration", "checkbox"),
    "yesno": ("bool", "booleancheckbox"),
}
# What a CRM connection and a marketing account add to HubSpot's own: (name, label, type, fieldType, values read-only).
_SYSTEM = (
    ("salesforceleadid", "Salesforce Lead ID", "string", "text", True),
    ("salesforcecontactid", "Salesforce Contact ID", "string", "text", True),
    ("salesforceaccountid", "Salesforce Account ID", "string", "text", True),
    ("salesforcelastsynctime", "Last Salesforce Sync Time", "datetime", "date", True),
    ("hs_marketable_status", "Marketing contact status", "bool", "booleancheckbox", True),
    ("hs_email_quarantined", "Email Address Quarantined", "bool", "booleancheckbox", True),
    ("hs_email_is_ineligible", "Is globally ineligible", "bool", "booleancheckbox", True),
    ("date_of_birth", "Date of birth", "string", "text", False),
    ("hs_language", "Preferred language", "string", "text", False),
)
_YES_NO = (("true", "はい"), ("false", "いいえ"))
_STAMP = "2019-04-01T00:00:00.000Z"


def install(store: Store, estate: Estate) -> None:
    """The estate's own properties beside HubSpot's; what is there already stays."""
    for group in {field.group for field in estate.fields if not field.standard} | {"salesforceinformation"}:
        store.put("groups/contacts", group, {"name": group, "label": group, "displayOrder": -1, "archived": False})
    for name, label, kind, field_type, read_only in _SYSTEM:
        ensure(store, "contacts", definition(name, label, kind, field_type, ours=False, read_only=read_only))
    for topic in estate.topics:
        label = f"Opted out of email: {topic.name}"
        ensure(
            store,
            "contacts",
            definition(
                f"hs_email_optout_{topic.number}",
                label,
                "bool",
                "booleancheckbox",
                ours=False,
                read_only=True,
                options=_YES_NO,
            ),
        )
    own(store, (field for field in estate.fields if not field.standard))
    _stages(store, estate)
    ensure(
        store,
        "companies",
        definition(
            "minamo_rank", "取引先ランク", "enumeration", "select", options=(("A", "A"), ("B", "B"), ("C", "C"))
        ),
    )
    ensure(store, "companies", definition("crm_account_id", "CRM 取引先ID", "string", "text"))
    ensure(store, "deals", definition("crm_opportunity_id", "CRM 商談ID", "string", "text"))


def own(store: Store, fields: Iterable[Field]) -> None:
    for field in fields:
        kind, field_type = _TYPES[field.type]
        options = _YES_NO if field.type == "yesno" else field.options
        ensure(
            store, "contacts", definition(field.key, field.label, kind, field_type, group=field.group, options=options)
        )


def fill_up(store: Store, estate: Estate) -> None:
    """Spare properties until ``field_target`` exist."""
    missing = estate.field_target - store.count("properties/contacts")
    own(store, estate.spare_fields[: max(0, missing)])


def ensure(store: Store, object_type: str, body: Body) -> None:
    if store.get(f"properties/{object_type}", body["name"]) is None:
        store.put(f"properties/{object_type}", body["name"], body)


def definition(
    name: str, label: str, kind: str, field_type: str, *, group: str = "contactinformation",
    options: tuple[tuple[str, str], ...] = (), ours: bool = True, read_only: bool = False,
) -> Body:  # fmt: skip
    """A property as ``GET /crm/v3/properties`` returns it."""
    made = [
        {"label": text, "value": value, "displayOrder": at, "hidden": False, "description": ""}
        for at, (value, text) in enumerate(options)
    ]
    return {
        "name": name, "label": label, "type": kind, "fieldType": field_type, "groupName": group, "description": "", "options": made,
        "displayOrder": -1, "hidden": False, "formField": not read_only, "hasUniqueValue": False, "calculated": False,
        "externalOptions": False, "hubspotDefined": not ours, "archived": False, "dataSensitivity": "non_sensitive",
        "createdAt": _STAMP, "updatedAt": _STAMP,
        "modificationMetadata": {"archivable": ours, "readOnlyDefinition": not ours, "readOnlyValue": read_only, "readOnlyOptions": not ours},
    }  # fmt: skip


def _stages(store: Store, estate: Estate) -> None:
    """HubSpot's own stages keep their values; the company's further ones have numeric ids."""
    body = store.get("properties/contacts", "lifecyclestage") or definition(
        "lifecyclestage", "Lifecycle Stage", "enumeration", "radio", ours=False
    )
    known = {option["value"]: option for option in body["options"]}
    for key, label in estate.stages:
        value = names.STAGES[key]
        known[value] = {"label": label, "value": value, "displayOrder": 0, "hidden": False, "description": ""}
    ordered = [names.STAGES[key] for key, _ in estate.stages]
    ordered += [value for value in known if value not in ordered]
    body["options"] = [known[value] | {"displayOrder": at} for at, value in enumerate(ordered)]
    store.put("properties/contacts", "lifecyclestage", body)


def pipeline(store: Store, estate: Estate) -> None:
    stages = [
        {
            "id": f"minamo_{key}", "label": label, "displayOrder": at, "archived": False, "createdAt": _STAMP, "updatedAt": _STAMP,
            "metadata": {"isClosed": "true" if chance in (0.0, 1.0) else "false", "probability": str(chance)}, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for at, (key, label, chance) in enumerate(estate.opportunity_stages)
    ]  # fmt: skip
    body = {
        "id": "minamo",
        "label": "ミナモ商談",
        "displayOrder": 1,
        "archived": False,
        "createdAt": _STAMP,
        "updatedAt": _STAMP,
        "stages": stages,
    }
    store.put("pipelines/deals", "minamo", body)
