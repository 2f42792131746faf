"""What a new HubSpot account holds: its own properties, their groups, the deal pipeline, three subscription types.

The tables in ``described/`` have one property a line: name, label, type/fieldType, group, flags, options. Flags: r value
is read-only, c calculated, u unique, h hidden, f usable in forms, x options come from elsewhere, o those are owners.
``{stage}`` in a name stands for each lifecycle stage. Options are values; labels are made from them.
"""

from collections.abc import Iterator
from importlib import resources

from mamigrate_sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS
from mamigrate_sandbox.store import Body, Store

BORN = "2024-04-01T00:00:00.000Z"
STAGES = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing Qualified Lead",
    "salesqualifiedlead": "Sales Qualified Lead",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "evangelist": "Evangelist",
    "other": "Other",
}
GROUPS = {
    "analyticsinformation": "Web analytics history",
    "buyer_intent_properties": "Buyer intent",
    "companyinformation": "Company information",
    "company_activity": "Company activity",
    "companylcs": "Company lifecycle stage",
    "contactinformation": "Contact information",
    "conversioninformation": "Conversion information",
    "deal_activity": "Deal activity",
    "deal_information": "Deal information",
    "deal_revenue": "Deal revenue",
    "dealinformation": "Deal information",
    "emailinformation": "Email information",
    "sales_properties": "Sales properties",
    "socialmediainformation": "Social media information",
    "targetaccountsinformation": "Target accounts information",
}
_LABELS = STAGES | {
    "true": "True",
    "false": "False",
    "newbusiness": "New Business",
    "existingbusiness": "Existing Business",
}
_DEAL_STAGES = [
    ("appointmentscheduled", "Appointment Scheduled", "0.2"), ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"), ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"), ("closedwon", "Closed Won", "1.0"), ("closedlost", "Closed Lost", "0.0"),
]  # fmt: skip
_SUBSCRIPTIONS = [
    ("9001", "Marketing Information", "Marketing offers and updates.", "Marketing", False),
    ("9002", "Customer Service Communication", "Answers to requests for support.", "Service", True),
    ("9003", "One to One", "One to One emails", "Sales", True),
]
_PORTAL = {
    "portalId": 4815162, "accountType": "STANDARD", "timeZone": "Asia/Tokyo", "companyCurrency": "JPY",
    "additionalCurrencies": [], "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
}  # fmt: skip


def install_defaults(store: Store) -> None:
    """Make an empty store an account. Settings that are already there stay."""
    with store.transaction():
        _settings(store)
        for kind in (CONTACTS, COMPANIES, DEALS):
            install_properties(store, kind.kind)
        store.put("pipelines/deals", "default", pipeline())
        for id, name, text, purpose, internal in _SUBSCRIPTIONS:
            install_definition(store, definition(id, name, text, purpose=purpose, internal=internal))


def install_properties(store: Store, kind: str) -> None:
    rows = list(properties(kind))
    for name in dict.fromkeys(row["groupName"] for row in rows):
        group = {"name": name, "label": GROUPS.get(name, _spoken(name)), "displayOrder": -1, "archived": False}
        store.put(f"groups/{kind}", name, group)
    for row in rows:
        store.put(f"properties/{kind}", row["name"], row)


def install_definition(store: Store, body: Body) -> None:
    """A subscription type, with the contact property that mirrors its opt-outs."""
    store.put("definitions", body["id"], body)
    name, label = f"hs_email_optout_{body['id']}", f"Opted out of email: {body['name']}"
    mirror = property_(name, label, "bool/booleancheckbox", "emailinformation", "r", "true|false")
    store.put("properties/contacts", name, mirror)


def properties(kind: str) -> Iterator[Body]:
    """HubSpot's own properties of ``contacts``, ``companies`` or ``deals``, as the API describes them."""
    text = resources.files("mamigrate_sandbox.hubspot").joinpath(f"described/{kind}.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, label, types, group, flags, options = line.split("\t")
        for stage, title in STAGES.items() if "{stage}" in name else [("", "")]:
            own = name.replace("{stage}", stage), label.replace("{Stage}", title)
            yield property_(*own, types, group, flags, options)


def property_(name: str, label: str, types: str, group: str, flags: str, options: str) -> Body:
    type_, _, field = types.partition("/")
    values = [value for value in options.split("|") if value]
    body = {
        "name": name, "label": label, "type": type_, "fieldType": field, "groupName": group, "description": "",
        "options": [_option(value, order) for order, value in enumerate(values or _implied(type_))],
        "displayOrder": -1, "hidden": "h" in flags, "formField": "f" in flags,
        "hasUniqueValue": "u" in flags or name in ("hs_object_id", "email"), "calculated": "c" in flags,
        "externalOptions": "x" in flags, "hubspotDefined": True, "archived": False, "dataSensitivity": "non_sensitive",
        "createdAt": BORN, "updatedAt": BORN,
        "modificationMetadata": {
            "archivable": False, "readOnlyDefinition": True, "readOnlyOptions": not _editable(name),
            "readOnlyValue": "r" in flags,
        },
    }  # fmt: skip
    return body | ({"referencedObjectType": "OWNER"} if "o" in flags else {})


def pipeline() -> Body:
    """The deal pipeline of every account."""
    rows = []
    for order, (id, label, probability) in enumerate(_DEAL_STAGES):
        metadata = {"isClosed": "true" if id.startswith("closed") else "false", "probability": probability}
        row = {"id": id, "label": label, "displayOrder": order, "metadata": metadata, "archived": False}
        rows.append(row | {"writePermissions": "CRM_PERMISSIONS_ENFORCEMENT", "createdAt": BORN, "updatedAt": BORN})
    head = {"id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": False}
    return head | {"stages": rows, "createdAt": BORN, "updatedAt": BORN}


def definition(
    id: str, name: str, text: str, *, purpose: str = "Marketing", internal: bool = False, brand: int = 0
) -> Body:
    """A subscription type as the API returns it."""
    return {
        "id": id, "name": name, "description": text, "purpose": purpose, "communicationMethod": "Email",
        "isActive": True, "isDefault": True, "isInternal": internal, "businessUnitId": brand,
        "createdAt": BORN, "updatedAt": BORN,
    }  # fmt: skip


def _settings(store: Store) -> None:
    defaults = {
        "portal": _PORTAL,
        "access_token": "pat-na1-00000000-0000-4000-8000-000000000001",
        "client_id": "00000000-0000-4000-8000-000000000002",
        "client_secret": "00000000-0000-4000-8000-000000000003",
        "refresh_token": "na1-00000000-0000-4000-8000-000000000004",
    }
    for name, value in defaults.items():
        if store.setting(name) is None:
            store.set(name, value)


def _editable(name: str) -> bool:
    """Properties of HubSpot's whose options an account may change."""
    return name in ("hs_lead_status", "lifecyclestage", "industry", "hs_persona", "type", "dealtype", "numemployees")


def _implied(type_: str) -> list[str]:
    return ["true", "false"] if type_ == "bool" else []


def _option(value: str, order: int) -> Body:
    label = _LABELS.get(value) or (_spoken(value) if value.isupper() else value)
    return {"label": label, "value": value, "displayOrder": order, "hidden": False, "description": ""}


def _spoken(word: str) -> str:
    return word.replace("_", " ").capitalize() if word.isupper() else word.replace("_", " ").title()
