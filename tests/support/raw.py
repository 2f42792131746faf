"""Reference data read once more, without anything of the program or the sandboxes: what a move must account for."""

import base64
import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar

Value = tuple[str, str, str]
"""Neutral kind, id, property."""
_TABLES = {"contact": ("person", "id"), "company": ("account", "id"), "deal": ("opportunity", "deal_id")}
_COLUMNS = {"owner_id": "hubspot_owner_id", "deal_pipeline_id": "pipeline", "deal_pipeline_stage_id": "dealstage"}


def rows(file: Path) -> list[dict[str, str]]:
    """A CSV file of reference data."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def values(hubspot: Path) -> dict[Value, set[str]]:
    """Every value of contacts, companies and deals; several where recordings of different days differ."""
    found: dict[Value, set[str]] = defaultdict(set)
    for name, (kind, id) in _TABLES.items():
        for row in rows(hubspot / "connector-csv" / "fivetran" / f"{name}_data.csv"):
            for column, text in row.items():
                property = column.removeprefix("property_") if column.startswith("property_") else _COLUMNS.get(column)
                if property and text:
                    found[(kind, row[id], property)].add(text)
    for contact in _contacts(hubspot / "contacts" / "captaincontrat"):
        for property, told in contact["properties"].items():
            if told.get("value"):
                found[("person", str(contact["vid"]), property)].add(str(told["value"]))
    return found


def lists(hubspot: Path) -> set[str]:
    """Ids of the lists of the connector's table."""
    return {row["id"] for row in rows(hubspot / "connector-csv" / "fivetran" / "contact_list_data.csv")}


def members(hubspot: Path) -> set[str]:
    """``list/contact`` of every membership that was not deleted."""
    told = rows(hubspot / "connector-csv" / "fivetran" / "contact_list_member_data.csv")
    return {f"{row['contact_list_id']}/{row['contact_id']}" for row in told if row["_fivetran_deleted"] != "true"}


def _contacts(folder: Path) -> Iterator[dict[str, Any]]:
    for file in folder.glob("*.yml"):
        for call in YAML(typ="rt", pure=True).load(file)["http_interactions"]:
            text = _text(call["response"]["body"].get("string") or "")
            if call["response"]["status"]["code"] == 200 and text[:1] == "{":
                answer = json.loads(re.sub(r"<[A-Z_]+>", "1", text))
                yield from (each for each in answer.get("contacts", [answer]) if "vid" in each and "properties" in each)


def _text(told: Any) -> str:
    """Bodies that are not ASCII stand there as Base64."""
    return base64.b64decode(told.value).decode() if isinstance(told, TaggedScalar) else str(told)
