"""Recorded HubSpot calls (VCR cassettes of the v1 API) as documents of today's shapes."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from mamigrate_sandbox.store import Store

Body = dict[str, Any]
_PORTAL = "1"


class _Constructor(SafeConstructor):
    """Knows the tag that Ruby writes for bodies that are not ASCII."""


_Constructor.add_constructor("!binary", lambda _, node: base64.b64decode(node.value))


def play(store: Store, file: Path) -> None:
    """Keep what the successful answers of one cassette say of contacts, properties, groups and lists."""
    with store.transaction():
        for path, answer in _answers(file):
            if match := re.match(r"/properties/v\d/(contacts|companies|deals)/properties", path):
                for definition in answer if isinstance(answer, list) else [answer]:
                    _property(store, match[1], definition)
            elif match := re.match(r"/properties/v\d/(contacts|companies|deals)/groups", path):
                for group in answer if isinstance(answer, list) else [answer]:
                    _group(store, match[1], group)
            elif isinstance(answer, dict):
                _record(store, answer)


def _answers(file: Path) -> Iterator[tuple[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    with file.open(encoding="utf-8") as text:
        recording = yaml.load(text)
    for call in recording["http_interactions"]:
        response = call["response"]
        said = response["body"].get("string") or b""
        text_said = said.decode() if isinstance(said, bytes) else str(said)
        if response["status"]["code"] != 200:
            continue
        try:
            path = re.sub(r"^https?://[^/]+", "", call["request"]["uri"])
            yield path, orjson.loads(re.sub(r"<[A-Z_]+>", _PORTAL, text_said))
        except orjson.JSONDecodeError:
            continue


def _record(store: Store, answer: Body) -> None:
    for each in answer.get("contacts", [answer]):
        if "vid" in each and "properties" in each:
            _contact(store, each)
    for each in answer.get("lists", [answer]):
        if isinstance(each, dict) and "listId" in each and "name" in each:
            _list(store, each)


def _contact(store: Store, body: Body) -> None:
    """``merged-vids`` become redirects; versions become the history. A later answer may tell less: it adds to the record."""
    id = str(body.get("canonical-vid") or body["vid"])
    values = {name: str(told.get("value", "")) for name, told in body["properties"].items()} | {"hs_object_id": id}
    history = {name: [_version(each) for each in told.get("versions", [])] for name, told in body["properties"].items()}
    known = store.get("contacts", id) or {"properties": {}, "history": {}}
    values, history = known["properties"] | values, known["history"] | history
    created, changed = (_moment(values.get(name)) for name in ("createdate", "lastmodifieddate"))
    record = {
        "id": id,
        "properties": values,
        "createdAt": created,
        "updatedAt": changed,
        "archived": False,
        "history": history,
    }
    store.put("contacts", id, record, {"email": values["email"].lower()} if values.get("email") else {})
    for gone in body.get("merged-vids", []):
        store.put("redirects/contacts", str(gone), {"to": id})


def _version(told: Body) -> Body:
    stamp = _moment(str(told.get("timestamp", "")))
    return {
        "value": str(told.get("value", "")),
        "timestamp": stamp,
        "sourceType": told.get("source-type") or told.get("source") or "API",
    }


def _list(store: Store, body: Body) -> None:
    """v1 kept static and dynamic lists apart by a flag; v1 filters are not today's, so they stay out."""
    id, dynamic = str(body["listId"]), bool(body.get("dynamic")) or body.get("processingType") == "DYNAMIC"
    made = _moment(str(body.get("createdAt", "")))
    document: Body = {
        "listId": id, "listVersion": 1, "name": body["name"], "objectTypeId": "0-1", "processingType": "DYNAMIC" if dynamic else "MANUAL",
        "processingStatus": "COMPLETE", "createdAt": made, "updatedAt": made, "size": 0,
    }  # fmt: skip
    if dynamic:
        branch = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filters": [], "filterBranches": []}
        document["filterBranch"] = body.get("filterBranch") or {
            "filterBranchType": "OR",
            "filterBranchOperator": "OR",
            "filters": [],
            "filterBranches": [branch],
        }
    store.put("lists", id, document, {"name": str(body["name"])})


def _property(store: Store, object_type: str, told: Body) -> None:
    if "name" not in told or "type" not in told:
        return
    keep = (
        "name",
        "label",
        "type",
        "fieldType",
        "groupName",
        "displayOrder",
        "hidden",
        "formField",
        "hasUniqueValue",
        "calculated",
        "externalOptions",
        "hubspotDefined",
    )
    body = {key: told.get(key) for key in keep}
    body |= {
        "description": told.get("description") or "",
        "archived": bool(told.get("deleted")),
        "dataSensitivity": "non_sensitive",
    }
    body |= {
        key: bool(body[key])
        for key in ("hidden", "formField", "hasUniqueValue", "calculated", "externalOptions", "hubspotDefined")
    }
    body["options"] = [
        {
            "label": each.get("label"),
            "value": each.get("value"),
            "displayOrder": at,
            "hidden": bool(each.get("hidden")),
            "description": "",
        }
        for at, each in enumerate(told.get("options") or [])
    ]
    body["createdAt"], body["updatedAt"] = (_moment(str(told.get(key) or "")) for key in ("createdAt", "updatedAt"))
    read_only = {
        "readOnlyDefinition": bool(told.get("readOnlyDefinition")),
        "readOnlyValue": bool(told.get("readOnlyValue")),
    }
    body["modificationMetadata"] = {"archivable": not body["hubspotDefined"], "readOnlyOptions": False, **read_only}
    store.put(f"properties/{object_type}", told["name"], body)


def _group(store: Store, object_type: str, told: Body) -> None:
    if "name" in told:
        body = {
            "name": told["name"],
            "label": told.get("displayName") or told["name"],
            "displayOrder": told.get("displayOrder", -1),
            "archived": False,
        }
        store.put(f"groups/{object_type}", told["name"], body)


def _moment(text: str | None) -> str:
    """ISO text from milliseconds; the epoch where nothing usable stands."""
    ms = int(text) if text and text.isdigit() else 0
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
