"""A snapshot's landed pages back into a sandbox: a customer rehearses a move with the data of their own platform.

Pages are recognised by the shape of the vendor's answer, so that nothing of an adapter is needed. Pages that say nothing
which the sandbox keeps are passed over.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from mamigrate.errors import UsageError
from mamigrate.snapshot import landing, manifest
from mamigrate_sandbox.store import Store

Body = dict[str, Any]
_OBJECTS = {"person": "contacts", "account": "companies", "opportunity": "deals"}


def check(vendor: str, folder: Path) -> None:
    """Raises UsageError where ``folder`` is no snapshot of this vendor, or an encrypted one: a sandbox would keep its people
    in the clear. DamagedSnapshot where nobody can tell.
    """
    where = "--estate"
    if not (folder / "manifest.json").exists() or not (folder / "landed").is_dir():
        inside = sorted(each.parent.name for each in folder.glob("*/manifest.json"))
        told = f"it holds snapshots, name one of them: {', '.join(inside[:5])}" if inside else "it is none"
        raise UsageError(f"{folder}: a snapshot has manifest.json and a folder landed; {told}", where=where)
    read = manifest.load(folder)
    if read.encrypted:
        raise UsageError(
            f"{folder}: an encrypted snapshot fills no sandbox: read one without a key to rehearse", where=where
        )
    if read.adapter != vendor:
        raise UsageError(f"{folder} is a snapshot of {read.adapter}: it fills no sandbox of {vendor}", where=where)


def restore(store: Store, vendor: str, folder: Path) -> None:
    """Every ``landed/<kind>-*.ndjson.zst`` of a snapshot. Raises as ``check`` does, DamagedSnapshot where a page does not parse."""
    check(vendor, folder)
    keep = {"hubspot": _hubspot, "marketo": _marketo}[vendor]
    for file in sorted((folder / "landed").glob("*.ndjson.zst")):
        kind = file.name.partition("-")[0].partition(".")[0]
        with store.transaction():
            for page in landing.read(file):
                body = orjson.loads(page.body)
                if isinstance(body, dict):
                    keep(store, kind, body, page.context)


# --- HubSpot ----------------------------------------------------------------------------------------------------------


def _hubspot(store: Store, kind: str, body: Body, context: Mapping[str, str]) -> None:
    for row in body.get("timeline", []):
        store.put("timeline", str(store.next_id("timeline")), row, {"recipient": str(row.get("recipient", ""))})
    for told in (body, *body.get("lists", [])):
        a_list = told.get("list", told)
        if isinstance(a_list, dict) and "listId" in a_list and "name" in a_list:
            store.put(
                "lists",
                str(a_list["listId"]),
                a_list | {"size": int(a_list.get("size") or 0)},
                {"name": str(a_list["name"])},
            )
    for row in body.get("results", []):
        if isinstance(row, dict):
            _hubspot_row(store, kind, row, context)
    for campaign, held in orjson.loads(context.get("assets", "{}")).items():
        for asset_kind, assets in held.items():
            for asset in assets:
                store.link(f"campaign-assets/{asset_kind}", campaign, asset, {})


def _hubspot_row(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    if "statuses" in row or "wideStatuses" in row:
        for inner in row.get("statuses", []) + row.get("wideStatuses", []):
            _hubspot_row(store, kind, {"subscriberIdString": row.get("subscriberIdString"), **inner}, context)
        return
    if kind == "asset" and "object" in context:
        store.put(context["object"], str(row["id"]), row)
        return
    for shape, put in _SHAPES:
        if shape <= row.keys():
            put(store, kind, row, context)
            return


def _record(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    name = _OBJECTS.get(kind)
    if name is None:
        return
    id = str(row["id"])
    ties = row.get("associations") or {}
    body = {key: value for key, value in row.items() if key not in ("associations", "propertiesWithHistory", "url")}
    body["properties"] = {key: value for key, value in row["properties"].items() if value is not None}
    body.setdefault("archived", False)
    if row.get("propertiesWithHistory"):
        body["history"] = row["propertiesWithHistory"]
    store.put(name, id, body, {} if body["archived"] else _addresses(body["properties"]))
    for gone in (body["properties"].get("hs_merged_object_ids") or "").split(";"):
        if gone:
            store.put(f"redirects/{name}", gone, {"to": id})
    for other, told in ties.items():
        for link in told.get("results", []):
            _tie(store, name, id, other, str(link["id"]))
    for other in _OBJECTS.values():
        for target in orjson.loads(context[other]).get(id, []) if other in context else []:
            _tie(store, name, id, other, str(target))


def _tie(store: Store, a_kind: str, a: str, b_kind: str, b: str) -> None:
    body = {
        "types": [
            {
                "category": "HUBSPOT_DEFINED",
                "typeId": 279 if (a_kind, b_kind) == ("contacts", "companies") else 1,
                "label": None,
            }
        ]
    }
    store.link(f"association/{a_kind}/{b_kind}", a, b, body)
    store.link(f"association/{b_kind}/{a_kind}", b, a, body)


def _addresses(values: Mapping[str, str]) -> dict[str, list[str]]:
    found = [values.get("email") or "", *(values.get("hs_additional_emails") or "").split(";")]
    return {"email": [each.lower() for each in found if each]}


def _property(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    if kind == "field":  # definitions of scores are the same fields once more
        store.put(f"properties/{context.get('object', 'contacts')}", row["name"], row)


def _wide(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    if row.get("status") == "UNSUBSCRIBED" and row.get("subscriberIdString"):
        address = row["subscriberIdString"].lower()
        unit = row.get("businessUnitId", 0) if row["wideStatusType"] == "BUSINESS_UNIT_WIDE" else "portal"
        store.put("optouts", f"{address}|{unit}", row, {"address": address})


def _status(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    if row["status"] != "NOT_SPECIFIED" and row.get("subscriberIdString"):
        address = row["subscriberIdString"].lower()
        store.put("statuses", f"{address}|{row['subscriptionId']}", row, {"address": address})


def _member(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    of = next((context[name] for name in ("list", "list_id", "listId", "list_key") if name in context), None)
    if of is not None:
        store.link("membership", of, str(row["recordId"]), {"at": row.get("membershipTimestamp")})


def _event(store: Store, kind: str, row: Body, context: Mapping[str, str]) -> None:
    store.put("marketing-events", str(row["objectId"]), row)


def _plain(kind: str) -> Callable[[Store, str, Body, Mapping[str, str]], None]:
    def put(store: Store, _: str, row: Body, context: Mapping[str, str]) -> None:
        store.put(kind, str(row["id"]), row)

    return put


# The first shape whose keys are all there decides.
_SHAPES: tuple[tuple[frozenset[str], Callable[[Store, str, Body, Mapping[str, str]], None]], ...] = (
    (frozenset(("wideStatusType", "status")), _wide),
    (frozenset(("subscriptionId", "status")), _status),
    (frozenset(("recordId",)), _member),
    (frozenset(("objectId", "eventName")), _event),
    (frozenset(("fieldType", "type", "name")), _property),
    (frozenset(("communicationMethod", "purpose")), _plain("definitions")),
    (frozenset(("flowType", "actions")), _plain("flows")),
    (frozenset(("businessUnits", "properties")), _plain("campaigns")),
    (frozenset(("stages", "label")), _plain("pipelines/deals")),
    (frozenset(("userIdIncludingInactive",)), _plain("owners")),
    (frozenset(("id", "properties", "createdAt")), _record),
)


# --- Marketo ----------------------------------------------------------------------------------------------------------

_MARKETO = {
    "list": "lists",
    "program": "programs",
    "activity": "activities",
    "account": "companies",
    "workflow": "smart-campaigns",
}


def _marketo(store: Store, kind: str, body: Body, context: Mapping[str, str]) -> None:
    for row in body.get("result") or []:
        if not isinstance(row, dict):
            continue
        if kind == "person" and "id" in row:
            _lead(store, row)
        elif kind == "field":
            _field(store, row)
        elif kind in _MARKETO and "id" in row:
            told = {
                key: value.removesuffix("+0000") if isinstance(value, str) and key.endswith("At") else value
                for key, value in row.items()
            }
            store.put(_MARKETO[kind], str(row["id"]), told, {"name": str(row.get("name", "")).lower()})


def _lead(store: Store, row: Body) -> None:
    body = {key: value for key, value in row.items() if value is not None}
    email = str(body.get("email", "")).strip().lower()
    store.put("leads", str(row["id"]), body, {"email": email} if email else {})
    if email and body.get("unsubscribed"):
        store.put("master-unsubscribed", email, {"at": body.get("updatedAt")})


def _field(store: Store, row: Body) -> None:
    rest = row.get("rest") or {}
    name = rest.get("name")
    if name and store.get("fields/lead", name) is None:
        body = {
            "id": row["id"], "name": name, "displayName": row["displayName"], "dataType": row["dataType"], "readOnly": bool(rest.get("readOnly")),
            "isCustom": True, "isHidden": False, "isApiCreated": False, "crmManaged": False, "searchable": row["dataType"] in ("string", "email", "integer"),
        }  # fmt: skip
        store.put("fields/lead", name, body | ({"length": row["length"]} if row.get("length") else {}))
