"""Tables as a commercial connector lands them, and extracts of Marketo's own, as documents of the sandboxes."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mamigrate_sandbox.store import Store

Body = dict[str, Any]
Row = dict[str, str]
_EPOCH = "1970-01-01T00:00:00Z"
_DEAL_COLUMNS = {"owner_id": "hubspot_owner_id", "deal_pipeline_id": "pipeline", "deal_pipeline_stage_id": "dealstage"}
"""Columns of deals that are properties under another name."""


def rows(file: Path) -> Iterator[Row]:
    """Rows of a CSV file; none when it is not there. Byte order marks are dropped, ``null`` stays text."""
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as text:
            yield from csv.DictReader(text)


# --- HubSpot ----------------------------------------------------------------------------------------------------------


def hubspot(store: Store, folder: Path) -> None:
    """Contacts, companies, deals with their owners, lists, merges, histories and ties."""
    with store.transaction():
        for kind, file, id in (
            ("contacts", "contact", "id"),
            ("companies", "company", "id"),
            ("deals", "deal", "deal_id"),
        ):
            for row in rows(folder / f"{file}_data.csv"):
                _object(store, kind, row[id], row)
        for row in rows(folder / "contact_property_history_data.csv"):
            _version(store, row)
        for row in rows(folder / "contact_merge_audit_data.csv"):
            store.put("redirects/contacts", row["vid_to_merge"], {"to": row["canonical_vid"]})
        for row in rows(folder / "merged_deal_data.csv"):
            store.put("redirects/deals", row["merged_deal_id"], {"to": row["deal_id"]})
        for row in rows(folder / "owner_data.csv"):
            store.put("owners", row["owner_id"], _owner(row), {"email": row["email"]})
        _lists(store, folder)
        for row in rows(folder / "deal_contact_data.csv"):
            body = {"types": [{"category": row["category"], "typeId": int(row["type_id"] or 0), "label": None}]}
            store.link("association/deals/contacts", row["deal_id"], row["contact_id"], body)
            store.link("association/contacts/deals", row["contact_id"], row["deal_id"], body)


def _object(store: Store, kind: str, id: str, row: Row) -> None:
    values = {
        name.removeprefix("property_"): text for name, text in row.items() if name.startswith("property_") and text
    }
    values |= {name: row[column] for column, name in _DEAL_COLUMNS.items() if kind == "deals" and row.get(column)}
    values["hs_object_id"] = id
    created = _iso(row.get("property_createdate") or row.get("_fivetran_synced") or "")
    gone = (row.get("_fivetran_deleted") or row.get("is_deleted") or "").lower() == "true"
    body: Body = {
        "id": id,
        "properties": values,
        "createdAt": created,
        "updatedAt": _iso(row.get("_fivetran_synced") or ""),
        "archived": gone,
    }
    if gone:
        body["archivedAt"] = body["updatedAt"]
    email = values.get("email", "").lower()
    store.put(kind, id, body, {"email": email} if email and not gone else {})


def _version(store: Store, row: Row) -> None:
    body = store.get("contacts", row["contact_id"])
    if body is None:
        return
    version = {"value": row["value"], "timestamp": _iso(row["timestamp"]), "sourceType": row["source"]}
    body.setdefault("history", {}).setdefault(row["name"], []).insert(0, version)
    store.put("contacts", row["contact_id"], body)


def _owner(row: Row) -> Body:
    user = int(row["active_user_id"]) if row["active_user_id"] else None
    return {
        "id": row["owner_id"], "email": row["email"], "type": row["type"] or "PERSON", "firstName": row["first_name"], "lastName": row["last_name"],
        "userId": user, "userIdIncludingInactive": user, "teams": [], "archived": user is None, "createdAt": _iso(row["created_at"]), "updatedAt": _iso(row["updated_at"]),
    }  # fmt: skip


def _lists(store: Store, folder: Path) -> None:
    branch = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filters": [], "filterBranches": []}
    for row in rows(folder / "contact_list_data.csv"):
        body: Body = {
            "listId": row["id"], "listVersion": int(row["list_version"] or 1), "name": row["name"], "objectTypeId": row["object_type_id"] or "0-1",
            "processingType": row["processing_type"] or "MANUAL", "processingStatus": row["processing_status"] or "COMPLETE",
            "createdAt": _iso(row["created_at"]), "updatedAt": _iso(row["updated_at"]), "size": 0,
        }  # fmt: skip
        if body["processingType"] == "DYNAMIC":
            body["filterBranch"] = {
                "filterBranchType": "OR",
                "filterBranchOperator": "OR",
                "filters": [],
                "filterBranches": [branch],
            }
        store.put("lists", row["id"], body, {"name": row["name"]})
    for row in rows(folder / "contact_list_member_data.csv"):
        if row["_fivetran_deleted"].lower() != "true":
            store.link("membership", row["contact_list_id"], row["contact_id"], {"at": _iso(row["added_at"])})


# --- Marketo ----------------------------------------------------------------------------------------------------------


def marketo(store: Store, folder: Path) -> None:
    """Fields, leads, programs, campaigns, unsubscribes."""
    with store.transaction():
        for row in rows(folder / "marketo_lead_describe_data.csv"):
            _field(
                store,
                row["restname"],
                row["display_name"],
                row["data_type"],
                row["length"],
                int(row["id"]),
                row["restread_only"].lower() == "true",
            )
        for row in rows(folder / "marketo_lead_data.csv"):
            lead = {
                "id": row["id"],
                "email": row["email"],
                "firstName": row["first_name"],
                "lastName": row["last_name"],
                "createdAt": _z(row["created_at"]),
                "updatedAt": _z(row["updated_at"]),
            }
            _lead(store, lead)
        for row in rows(folder / "marketo_program_data.csv"):
            body = {
                "id": int(row["id"]),
                "name": row["name"],
                "type": row["type"],
                "channel": row["channel"],
                "status": row["status"],
                "workspace": row["workspace"],
                "description": row["description"],
                "folder": {"type": "Folder", "value": 35, "folderName": "Programs"},
                "createdAt": _z(row["created_at"]),
                "updatedAt": _z(row["updated_at"]),
                "url": row["url"],
                "tags": None,
                "costs": None,
                "headStart": False,
            }
            store.put("programs", row["id"], body, {"name": row["name"].lower()})
        for row in rows(folder / "marketo_activity_unsubscribe_email_data.csv"):
            _unsubscribe(store, row)


def _unsubscribe(store: Store, row: Row) -> None:
    attributes = [
        {"name": "Client IP Address", "value": row["client_ip_address"]},
        {"name": "Query Parameters", "value": row["query_parameters"]},
    ]
    body = {
        "id": int(row["id"]), "marketoGUID": row["id"], "leadId": int(row["lead_id"]), "activityDate": _z(row["activity_date"]), "activityTypeId": 9,
        "campaignId": int(row["campaign_id"]) if row["campaign_id"] else None, "primaryAttributeValueId": int(row["primary_attribute_value_id"] or 0),
        "primaryAttributeValue": row["primary_attribute_value"], "attributes": attributes,
    }  # fmt: skip
    store.put("activities", row["id"], body, {"leadId": row["lead_id"]})
    lead = store.get("leads", row["lead_id"])
    if lead is not None:  # who unsubscribed is unsubscribed: the extract tells it in the activity alone
        store.put("leads", row["lead_id"], lead | {"unsubscribed": True})
        if lead.get("email"):
            store.put("master-unsubscribed", lead["email"].lower(), {"at": body["activityDate"]})


def marketo_json(store: Store, folder: Path) -> None:
    """Describe answers, bulk extracts of leads, programs and lists."""
    with store.transaction():
        for told in _told(folder / "lead_describe.json"):
            rest = told.get("rest") or {}
            if rest.get("name"):
                _field(
                    store,
                    rest["name"],
                    told["displayName"],
                    told["dataType"],
                    str(told.get("length") or ""),
                    int(told["id"]),
                    bool(rest.get("readOnly")),
                )
        for name in ("lead_extract1.csv", "leads_extract2.csv"):
            for row in rows(folder / name):
                _lead(store, {key: text for key, text in row.items() if key and text not in (None, "null", "")})
        for told in _told(folder / "all_program_full.json"):
            store.put(
                "programs",
                str(told["id"]),
                _plain_dates(told) | {"tags": None, "costs": None, "headStart": False},
                {"name": told["name"].lower()},
            )
        for told in _told(folder / "list_reponse_full.json"):
            body = {
                "id": told["id"],
                "name": told["name"],
                "description": told.get("description", ""),
                "folder": {"id": 21, "type": "Folder"},
                "computedUrl": "",
                "workspace": "Default",
            }
            store.put(
                "lists",
                str(told["id"]),
                body | {"createdAt": told.get("createdAt", _EPOCH), "updatedAt": told.get("updatedAt", _EPOCH)},
                {"name": told["name"].lower()},
            )


def _told(file: Path) -> list[Body]:
    if not file.exists():
        return []
    parsed = json.loads(file.read_text(encoding="utf-8-sig"))
    return list(parsed["result"] if isinstance(parsed, dict) else parsed)


def _field(store: Store, name: str, label: str, kind: str, length: str, id: int, read_only: bool) -> None:
    if not name or store.get("fields/lead", name) is not None:
        return
    body: Body = {
        "id": id,
        "name": name,
        "displayName": label,
        "dataType": kind,
        "readOnly": read_only,
        "isCustom": True,
        "isHidden": False,
        "isApiCreated": False,
        "crmManaged": False,
        "searchable": kind in ("string", "email", "integer"),
    }
    store.put("fields/lead", name, body | ({"length": int(length)} if length.isdigit() else {}))


def _lead(store: Store, values: Row) -> None:
    body: Body = {name: _typed(_type_of(store, name), text) for name, text in values.items()}
    body |= {
        "id": int(values["id"]),
        "createdAt": values.get("createdAt", _EPOCH),
        "updatedAt": values.get("updatedAt", _EPOCH),
    }
    email = str(values.get("email", "")).lower()
    store.put("leads", values["id"], body, {"email": email} if email else {})
    if body.get("unsubscribed") and email:
        store.put("master-unsubscribed", email, {"at": body["updatedAt"]})


def _type_of(store: Store, name: str) -> str:
    known = store.get("fields/lead", name)
    return str(known["dataType"]) if known else "string"


def _typed(kind: str, text: str) -> object:
    if kind == "boolean":
        return text.lower() in ("true", "1")
    if kind in ("integer", "score", "float", "currency", "percent", "reference"):
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text


def _plain_dates(told: Body) -> Body:
    return {
        key: value.removesuffix("+0000") if key in ("createdAt", "updatedAt") and isinstance(value, str) else value
        for key, value in told.items()
    }


def _z(text: str) -> str:
    return f"{text[:10]}T{text[11:19]}Z" if len(text) >= 19 else _EPOCH


def _iso(text: str) -> str:
    """``2020-07-09 11:01:54.494`` as HubSpot writes a time."""
    day, _, clock = text.partition(" ")
    if len(day) != 10:
        return "1970-01-01T00:00:00.000Z"
    hour, _, rest = clock.partition(":")
    return f"{day}T{hour.zfill(2) or '00'}:{(rest[:5] or '00:00')}.{(rest[6:9] or '000').ljust(3, '0')}Z"
