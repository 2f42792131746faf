"""What an export may ask for, and the text of its file.

Facts: Adobe's bulk-extract pages: both ends of a window count, 31 days at most, exactly one lead filter; null is the word
``null``; booleans are ``true``/``false`` for people and ``0``/``1`` for program members (recorded files).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from mamigrate_sandbox.marketo import activities, fields, leads, members, shelves, values
from mamigrate_sandbox.marketo.envelope import Refused, stamp
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

ACTIVITY_COLUMNS = [
    "marketoGUID",
    "leadId",
    "activityDate",
    "activityTypeId",
    "campaignId",
    "primaryAttributeValueId",
    "primaryAttributeValue",
    "attributes",
]
_SEPARATORS = {"CSV": ",", "TSV": "\t", "SSV": ";"}
_LEAD_FILTERS = {"createdAt", "updatedAt", "staticListId", "staticListName", "smartListId", "smartListName"}
_WINDOW = timedelta(days=31)


@dataclass(frozen=True)
class Sort:
    path: str


SORTS = [Sort("leads"), Sort("activities"), Sort("program/members")]


def check(instance: Instance, sort: Sort, body: Body) -> Body:
    """The plan of a job: fields, format, header names, filter. Refused with 1003 or 1035 for what cannot be had."""
    format = str(body.get("format") or "CSV").upper()
    if format not in _SEPARATORS:
        raise Refused("1003", f"Invalid format '{format}'")
    asked, filter = [str(name) for name in body.get("fields") or []], body.get("filter")
    if not isinstance(filter, dict) or not filter:
        raise Refused("1003", "A filter is required")
    checks = {"leads": _check_leads, "activities": _check_activities, "program/members": _check_members}
    columns = checks[sort.path](instance, asked, filter)
    return {"format": format, "fields": columns, "headers": body.get("columnHeaderNames") or {}, "filter": filter}


def _check_leads(instance: Instance, asked: list[str], filter: Body) -> list[str]:
    if unknown := set(filter) - _LEAD_FILTERS:
        raise Refused("1003", f"Invalid filter '{min(unknown)}'")
    if len(filter) != 1:
        raise Refused("1003", "Exactly one filter is required")
    kind = next(iter(filter))
    if (kind == "updatedAt" and not instance.switch("export_updated_at")) or (
        kind.startswith("smartList") and not instance.switch("export_smart_list")
    ):
        raise Refused("1035", f"Unsupported filter type '{kind}' for target subscription")
    if kind in ("createdAt", "updatedAt"):
        _window(instance, filter[kind])
    if not asked:
        raise Refused("1003", "fields must not be empty")
    return [field.name for field in fields.named(fields.load(instance), asked)]


def _check_activities(instance: Instance, asked: list[str], filter: Body) -> list[str]:
    _window(instance, filter.get("createdAt"))
    if 37 in (filter.get("activityTypeIds") or []):
        raise Refused("1003", "Activity type 37 cannot be exported")
    for name in asked:
        if name not in (*ACTIVITY_COLUMNS, "actionResult"):
            raise Refused("1003", f"Invalid field '{name}'")
    return asked or ACTIVITY_COLUMNS


def _check_members(instance: Instance, asked: list[str], filter: Body) -> list[str]:
    for id in _program_ids(filter):
        members.program_of(instance, id)
    cadences = {"short": ("norm", "pause"), "long": ("normal", "paused")}[instance.switch("nurture_cadence")]
    if filter.get("nurtureCadence") not in (None, *cadences):
        raise Refused("1003", f"Invalid nurtureCadence '{filter['nurtureCadence']}'")
    if "updatedAt" in filter:
        _window(instance, filter["updatedAt"])
    member, lead = fields.load(instance, "programMember"), fields.load(instance)
    fields.named(member | lead, asked)
    return asked or list(member)


def _program_ids(filter: Body) -> list[int]:
    ids = filter.get("programIds") or [filter.get("programId")]
    if not 1 <= len(ids) <= 10 or not all(isinstance(id, int) for id in ids):
        raise Refused("1003", "programId, or programIds with at most 10, is required")
    return ids


def _window(instance: Instance, given: object) -> tuple[str, str]:
    """Both ends as our dates. Milliseconds are refused."""
    if not isinstance(given, dict) or not given.get("startAt") or not given.get("endAt"):
        raise Refused("1003", "startAt and endAt are required")
    try:
        if "." in str(given["startAt"]) + str(given["endAt"]):
            raise ValueError
        start, end = (values.moment(instance, str(given[key])) for key in ("startAt", "endAt"))
    except ValueError:
        raise Refused("1003", "Invalid date in filter") from None
    if end < start or end - start > _WINDOW:
        raise Refused("1003", "The date range must not exceed 31 days")
    return stamp(start), stamp(end)


def text(instance: Instance, path: str, plan: Body) -> tuple[str, int]:
    """The file and its number of records."""
    makers = {"leads": _lead_rows, "activities": _activity_rows, "program/members": _member_rows}
    out, count = io.StringIO(), 0
    writer = csv.writer(out, delimiter=_SEPARATORS[plan["format"]], lineterminator="\n")
    writer.writerow([plan["headers"].get(name, name) for name in plan["fields"]])
    for row in makers[path](instance, plan):
        writer.writerow(row)
        count += 1
    return out.getvalue(), count


def _lead_rows(instance: Instance, plan: Body) -> Iterator[list[str]]:
    known = fields.load(instance)
    wanted = [known[name] for name in plan["fields"] if name in known]
    for lead in _people(instance, plan["filter"]):
        yield [_cell(value) for value in leads.view(instance, lead, wanted).values()]


def _people(instance: Instance, filter: Body) -> Iterator[Body]:
    kind, given = next(iter(filter.items()))
    if kind in ("createdAt", "updatedAt"):
        start, end = _window(instance, given)
        yield from (lead for _, lead in instance.store.all("leads") if start <= lead[kind] <= end)
        return
    shelf, link = ("lists", "list-member") if kind.startswith("static") else ("smart-lists", "smart-list-member")
    ids = [given] if kind.endswith("Id") else [body["id"] for body in shelves.named(instance, shelf, str(given))]
    for id in ids:
        inside = [lead for lead, _ in instance.store.links(link, str(id))]
        yield from instance.store.get_many("leads", inside).values()


def _activity_rows(instance: Instance, plan: Body) -> Iterator[list[str]]:
    filter = plan["filter"]
    start, end = _window(instance, filter["createdAt"])
    types, ids, words = (
        filter.get(key) for key in ("activityTypeIds", "primaryAttributeValueIds", "primaryAttributeValues")
    )
    for body in activities.alive(instance, instance.bodies("activities")):
        if not start <= body["activityDate"] <= end or body["activityTypeId"] == 37:
            continue
        if (types and body["activityTypeId"] not in types) or (ids and body["primaryAttributeValueId"] not in ids):
            continue
        if words and body["primaryAttributeValue"] not in words:
            continue
        told = {one["name"]: one["value"] for one in body["attributes"]}
        yield [
            _cell(orjson.dumps(told).decode() if name == "attributes" else body.get(name)) for name in plan["fields"]
        ]


def _member_rows(instance: Instance, plan: Body) -> Iterator[list[str]]:
    filter = plan["filter"]
    window = _window(instance, filter["updatedAt"]) if "updatedAt" in filter else None
    for id in _program_ids(filter):
        program = members.program_of(instance, id)
        for lead, body in instance.store.links("program-member", str(id)):
            if _is_wanted(filter, window, body):
                yield [_member_cell(instance, program, lead, body, name) for name in plan["fields"]]


def _is_wanted(filter: Body, window: tuple[str, str] | None, body: Body) -> bool:
    if window is not None and not window[0] <= body["updatedAt"] <= window[1]:
        return False
    if filter.get("statusNames") and body["statusName"] not in filter["statusNames"]:
        return False
    if "isExhausted" in filter and bool(body.get("isExhausted")) != filter["isExhausted"]:
        return False
    cadence = {"normal": "norm", "paused": "pause"}.get(str(filter.get("nurtureCadence")), filter.get("nurtureCadence"))
    return cadence is None or body.get("nurtureCadence") == cadence


def _member_cell(instance: Instance, program: Body, lead: str, body: Body, name: str) -> str:
    own = {"leadId": int(lead), "programId": program["id"], "program": program["name"], **body}
    if name in own or name in fields.load(instance, "programMember"):
        value: Any = own.get(name)
        return str(int(value)) if isinstance(value, bool) else _cell(value)
    person = leads.get(instance, lead)
    return _cell(leads.view(instance, person, [fields.load(instance)[name]])[name] if person else None)


def _cell(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
