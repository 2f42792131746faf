"""Owners, lists, workflows, assets, campaigns and marketing events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.base import Origin, Reference
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.estate import Asset, List, Owner, Program, Workflow
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read import references
from mamigrate_hubspot.read.context import Context, read_at, read_texts
from mamigrate_hubspot.wire import Json, id_of, rows, text

ASSET_KEYS = {
    "emails": "email",
    "forms": "form",
    "landing-pages": "landing-page",
    "site-pages": "site-page",
    "files": "file",
}
_DONE_BY_PEOPLE = frozenset(
    {
        "4-1639801",  # form submitted
        "4-1639797",  # form viewed
        "4-666440",  # email opened
        "4-666288",  # email clicked
        "4-665538",  # email replied to
        "4-665536",  # email delivered
        "4-96000",  # page viewed
        "4-1553675",  # ad clicked
        "4-68559",  # registered for a marketing event
        "4-69072",  # cancelled a marketing event
        "4-1555804",  # call to action viewed
        "4-1555805",  # call to action clicked
    }
)
"""Events that no write of ours can cause. (HubSpot docs, "Workflow actions and enrollment types")"""

CAMPAIGN_ASSETS: Mapping[str, tuple[Kind, str]] = {
    "MARKETING_EMAIL": (Kind.ASSET, "email/"),
    "FORM": (Kind.ASSET, "form/"),
    "LANDING_PAGE": (Kind.ASSET, "landing-page/"),
    "SITE_PAGE": (Kind.ASSET, "site-page/"),
    "FILE_MANAGER_FILE": (Kind.ASSET, "file/"),
    "OBJECT_LIST": (Kind.LIST, ""),
    "AUTOMATION_PLATFORM_FLOW": (Kind.WORKFLOW, ""),
    "MARKETING_EVENT": (Kind.PROGRAM, "event/"),
}
"""Asset types of a campaign that have a counterpart among the neutral kinds."""


def owners(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    return [
        Owner(
            **_common(connection, "owner", text(one, "id"), _full_name(one), context),
            raw=one,
            email=text(one, "email") or None,
            active=not one.get("archived"),
        ).model_dump()
        for one in rows(data)
    ]


def _full_name(owner: Json) -> str:
    return f"{text(owner, 'firstName')} {text(owner, 'lastName')}".strip() or text(owner, "email")


def lists(connection: str, data: Json, context: Context) -> Content:
    """Lists with filters. Sizes and folders come from the search, exclusions from emails and workflows."""
    found: dict[str, Any] = orjson.loads(context.get("listed") or b"{}")
    excluded = set(context.get("excluded", "").split(","))
    problems = []
    if "exclusions_unread" in context:
        params = {"reason": context["exclusions_unread"]}
        problems.append(Finding("exclusions_unread", Severity.WARN, connection, params))
    all_rows = [
        _list(connection, one, found.get(text(one, "listId"), {}), excluded, context) for one in rows(data, "lists")
    ]
    return Content({Kind.LIST: all_rows}, problems)


def _list(connection: str, one: Json, listed: Json, excluded: set[str], context: Context) -> NeutralRow:
    key = id_of(one, "listId")
    holder = references.TYPE_IDS.get(text(one, "objectTypeId") or "0-1")
    size = text(listed, "hs_list_size") or text(one, "size")
    return List(
        **_common(connection, "list", key, text(one, "name"), context),
        references=references.unique(references.in_filters(one.get("filterBranch"), "filter", holder or Kind.PERSON)),
        raw={**one, "additionalProperties": listed},
        dynamic=text(one, "processingType") == "DYNAMIC",
        holder=holder,
        size=int(size) if size.isdigit() else None,
        folder=text(listed, "hs_folder_name"),
        used_as_exclusion=key in excluded,
        updated_at=_moment(one),
    ).model_dump()


def memberships(connection: str, data: Json, context: Context) -> Content:
    """Members of a list. Where they were not told, members of a list that keeps them unmailed are missing among the denied."""
    listed, problems = context["list"], list[Finding]()
    if "unread" in context:
        problems.append(_unread_members(f"{connection}/list/{listed}", context))
    return Content({Kind.LIST_MEMBERSHIP: _members(listed, data)}, problems)


def _unread_members(subject: str, context: Context) -> Finding:
    params = {"reason": context["unread"] or "OBJECT_NOT_FOUND"}
    if "leaves_out" in context:
        return Finding("exclusion_members_unread", Severity.WARN, subject, params)
    if context["unread"]:
        return Finding("members_unread", Severity.WARN, subject, params)
    return Finding("gone_meanwhile", Severity.NOTE, subject)


def _members(listed: str, data: Json) -> list[NeutralRow]:
    return [
        {
            "key": f"{listed}/{id_of(one, 'recordId')}",
            "list_key": listed,
            "person_key": id_of(one, "recordId"),
            "joined_at": _moment(one, "membershipTimestamp"),
        }
        for one in rows(data)
    ]


def workflows(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Whole workflows. No API tells how many people are inside one."""
    return [
        Workflow(
            **_common(connection, "flow", text(one, "id"), text(one, "name"), context),
            references=references.unique(references.in_flow(one)),
            raw=one,
            active=text(one, "isEnabled") not in ("", "false"),
            fires_on_write=_fires(one.get("enrollmentCriteria") or {}),
            trigger_types=_triggers(one.get("enrollmentCriteria") or {}),
            updated_at=_moment(one),
        ).model_dump()
        for one in rows(data)
    ]


def _fires(criteria: Json) -> bool:
    """True where writing a record could enrol it: by filters, by a changed property, or by an event we do not know."""
    kind = text(criteria, "type")
    if kind == "MANUAL":
        return False
    events = [text(branch, "eventTypeId") for branch in criteria.get("eventFilterBranches") or ()]
    listed = bool(criteria.get("listMembershipFilterBranches"))
    return kind != "EVENT_BASED" or listed or not events or any(event not in _DONE_BY_PEOPLE for event in events)


def _triggers(criteria: Json) -> tuple[str, ...]:
    """``LIST_BASED``, ``MANUAL``, ... and for events their type ids: ``EVENT_BASED:4-1639801``."""
    kind = text(criteria, "type")
    events = [text(branch, "eventTypeId") for branch in criteria.get("eventFilterBranches") or ()]
    return tuple(dict.fromkeys(f"{kind}:{event}" for event in events if event)) or ((kind,) if kind else ())


def assets(connection: str, data: Json, context: Context) -> Content:
    kind = context["object"]
    problems: list[Finding] = []
    found = [_asset(connection, kind, one, context, problems) for one in rows(data)]
    return Content({Kind.ASSET: found}, problems)


def _asset(connection: str, kind: str, one: Json, context: Context, problems: list[Finding]) -> NeutralRow:
    key = f"{ASSET_KEYS[kind]}/{text(one, 'id')}"
    legacy: dict[str, str] = orjson.loads(context.get("legacy") or b"{}")
    for lost in (old for old in references.legacy_lists(one, "exclude") if old not in legacy):
        subject = f"{connection}/asset/{key}"
        problems.append(Finding("exclusion_list_unresolved", Severity.WARN, subject, {"list": lost}))
    return Asset.model_validate(
        {
            **_common(connection, ASSET_KEYS[kind], text(one, "id"), text(one, "name") or text(one, "path"), context),
            "key": key,
            "references": _references(kind, one, legacy),
            "raw": one,
            "asset_type": _asset_type(kind, one),
            "status": text(one, "state") or ("ARCHIVED" if one.get("archived") else ""),
            "asset_class": _class(one, context),
            "updated_at": _moment(one),
        }
    ).model_dump()


def _references(kind: str, one: Json, legacy: Mapping[str, str]) -> tuple[Reference, ...]:
    match kind:
        case "emails":
            return references.unique(references.in_email(one, legacy))
        case "forms":
            return references.unique(references.in_form(one))
        case "landing-pages" | "site-pages":
            return references.unique(references.in_page(one))
        case _:
            return ()


def _asset_type(kind: str, one: Json) -> str:
    if kind == "files":
        return "image" if text(one, "type") == "IMG" else "file"
    return {"emails": "email", "forms": "form"}.get(kind, "page")


def _class(one: Json, context: Context) -> str:
    """An email's class is that of its subscription type; nothing else makes it other than marketing."""
    topic = text(one.get("subscriptionDetails") or {}, "subscriptionId")
    pairs = (pair.partition(":") for pair in context.get("topics", "").split(",") if pair)
    return next((kind for key, _, kind in pairs if key == topic), "MKT")


def programs(connection: str, data: Json, context: Context) -> Content:
    """Campaigns with their assets, or marketing events. A type of assets that was refused is told."""
    if context["object"] == "events":
        return Content({Kind.PROGRAM: [_event(connection, one, context) for one in rows(data)]})
    held: dict[str, dict[str, list[str]]] = orjson.loads(context.get("assets") or b"{}")
    found = [_campaign(connection, one, held.get(text(one, "id"), {}), context) for one in rows(data)]
    problems = [
        Finding("campaign_assets_unread", Severity.WARN, connection, {"object": kind, "reason": reason})
        for kind, reason in read_texts(context, "refused").items()
    ]
    return Content({Kind.PROGRAM: found}, problems)


def _campaign(connection: str, one: Json, held: Mapping[str, list[str]], context: Context) -> NeutralRow:
    key, values = text(one, "id"), one.get("properties") or {}
    pairs = ((CAMPAIGN_ASSETS[kind], asset) for kind, assets in held.items() for asset in assets)
    return Program(
        **{**_common(connection, "campaign", key, text(values, "hs_name"), context), "key": f"campaign/{key}"},
        references=tuple(Reference(kind=kind, key=f"{prefix}{asset}", role="asset") for (kind, prefix), asset in pairs),
        raw=one,
        program_type="campaign",
        starts_on=text(values, "hs_start_date")[:10] or None,
        ends_on=text(values, "hs_end_date")[:10] or None,
        cost=text(values, "hs_spend_items_sum_amount") or None,
        currency=text(values, "hs_currency_code"),
    ).model_dump()


def _event(connection: str, one: Json, context: Context) -> NeutralRow:
    key = text(one, "objectId")
    counts = [int(one.get(name) or 0) for name in ("registrants", "cancellations")]
    return Program(
        **{**_common(connection, "marketing event", key, text(one, "eventName"), context), "key": f"event/{key}"},
        raw=one,
        program_type="marketing event",
        channel=text(one, "eventType"),
        starts_on=text(one, "startDateTime")[:10] or None,
        ends_on=text(one, "endDateTime")[:10] or None,
        member_count=sum(counts) if "registrants" in one else None,
    ).model_dump()


def _common(connection: str, vendor_type: str, key: str, name: str, context: Context) -> dict[str, Any]:
    origin = Origin(connection=connection, vendor_type=vendor_type, vendor_id=key, read_at=read_at(context))
    return {"key": key, "name": name, "origin": origin}


def _moment(one: Json, name: str = "updatedAt") -> datetime | None:
    value = text(one, name)
    try:
        return parse_datetime(value) if value else None
    except ValueError:
        return None
