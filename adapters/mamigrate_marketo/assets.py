"""Assets of the estate to neutral objects: lists, campaigns, programs, channels, emails and pages; pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from mamigrate.contract import NeutralRow
from mamigrate.model.base import Origin
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.estate import Asset, Channel, List, Program, Workflow
from mamigrate_marketo.wire import Json, result, text

Context = Mapping[str, str]

_ASSET_TYPES = {"emails": "email", "forms": "form", "landingPages": "page", "snippets": "snippet"}


_DONE_BY_PEOPLE = frozenset(
    {
        "fills out form",
        "visits web page",
        "clicks link on web page",
        "clicks link",
        "clicks link in email",
        "opens email",
        "is sent email",
        "email is delivered",
        "email bounces",
        "email bounces soft",
        "unsubscribes from email",
        "campaign is requested",
        "has interesting moment",
        "webhook is called",
    }
)
"""Triggers that no write of ours can cause, in lower case. (Adobe's product docs, "Smart campaign triggers")"""


PROGRAM_TYPES = {
    "program": ("Default",),
    "event": ("Event",),
    "webinar": ("EventWithWebinar",),
    "nurture": ("Engagement",),
    "email_batch": ("Email",),
}
"""Types of programs, as they are written, by a channel's word for what it may be used for."""
ENGAGEMENT = "Engagement"
"""Programs that mail whoever comes in, while they are on. (Adobe's developer docs, "Programs")"""
_MARK = re.compile(r"\[mamigrate ([^\]]+)\]\s*$")


def lists(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Static lists, and smart lists with their rules in ``raw``. Rules name other assets by display name, not by id."""
    dynamic = context["object"] == "smartLists"
    rules = _rules(context)
    return [
        List(
            **_common(connection, "smart list" if dynamic else "static list", one, context),
            raw={**one, **({"rules": rules[text(one, "id")]} if text(one, "id") in rules else {})},
            dynamic=dynamic,
            folder=text(one.get("folder") or {}, "id"),
            updated_at=_moment(one),
        ).model_dump()
        for one in result(data)
    ]


def workflows(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Smart campaigns. Flow steps cannot be read by any API; triggers stand in the rules of a trigger campaign."""
    rules = _rules(context)
    return [
        Workflow(
            **_common(connection, "smart campaign", one, context),
            raw={**one, **({"rules": rules[text(one, "id")]} if text(one, "id") in rules else {})},
            active=text(one, "isActive") not in ("", "false"),
            fires_on_write=_fires(one, rules.get(text(one, "id"))),
            trigger_types=tuple(_triggers(rules.get(text(one, "id")) or {})),
            updated_at=_moment(one),
        ).model_dump()
        for one in result(data)
    ]


def _fires(campaign: Json, rules: Mapping[str, Any] | None) -> bool:
    """True where a write could start the campaign: some trigger is not of those that people cause, or is unknown."""
    if text(campaign, "type") != "trigger":
        return False
    names = list(_triggers(rules or {}))
    return not names or any(name.lower() not in _DONE_BY_PEOPLE for name in names)


def _triggers(rules: Mapping[str, Any]) -> Iterable[str]:
    """Names of triggers: the definition says texts, the documents show objects."""
    for trigger in rules.get("triggers") or ():
        yield text(trigger, "name") if isinstance(trigger, dict) else str(trigger)


def programs(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    return [
        Program(
            **_common(connection, "program", one, context),
            raw=one,
            program_type=text(one, "type"),
            channel=text(one, "channel"),
            starts_on=text(one, "startDate")[:10] or None,
            ends_on=text(one, "endDate")[:10] or None,
            sends=text(one, "type") == ENGAGEMENT and text(one, "status") == "on",
            source_key=mark_of(text(one, "description")),
        ).model_dump()
        for one in result(data)
    ]


def marked(description: str, source_key: str) -> str:
    """A description with our mark at its end: a program has no other place for a key."""
    return f"{description} [mamigrate {source_key}]".strip()


def mark_of(description: str) -> str | None:
    found = _MARK.search(description)
    return found[1] if found else None


def channels(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    found = []
    for one in result(data):
        steps = sorted(one.get("progressionStatuses") or (), key=lambda step: int(step.get("step") or 0))
        channel = Channel(
            **_common(connection, "channel", one, context),
            raw=one,
            statuses=tuple(text(step, "name") for step in steps),
            steps=tuple(int(step.get("step") or 0) for step in steps),
            program_types=PROGRAM_TYPES.get(text(one, "applicableProgramType"), ()),
            success_statuses=tuple(text(step, "name") for step in steps if step.get("success") is True),
        )
        found.append(channel.model_dump())
    return found


def assets(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Metadata of emails, forms, pages and snippets. An operational email ignores unsubscribes: its class is TXN."""
    kind = context["object"]
    return [
        Asset.model_validate(
            {
                **_common(connection, _ASSET_TYPES[kind], one, context),
                "key": f"{_ASSET_TYPES[kind]}/{text(one, 'id')}",
                "raw": one,
                "asset_type": _ASSET_TYPES[kind],
                "status": text(one, "status"),
                "asset_class": "TXN" if one.get("operational") is True else "MKT",
                "updated_at": _moment(one),
            }
        ).model_dump()
        for one in result(data)
    ]


def _rules(context: Context) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(context.get("rules") or b"{}")
    return found


def _common(connection: str, vendor_type: str, one: Json, context: Context) -> dict[str, Any]:
    key, read_at = text(one, "id"), context.get("read_at")
    moment = parse_datetime(read_at) if read_at else None
    origin = Origin(connection=connection, vendor_type=vendor_type, vendor_id=key, read_at=moment)
    return {"key": key, "name": text(one, "name"), "origin": origin}


def _moment(one: Json) -> Any:
    value = text(one, "updatedAt")
    try:
        return parse_datetime(value) if value else None
    except ValueError:
        return None
