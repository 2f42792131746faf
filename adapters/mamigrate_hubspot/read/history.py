"""What happened, as activities: events of marketing emails, engagements and form submissions; who took part in an event."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from mamigrate.consent.address import keys
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.context import Context
from mamigrate_hubspot.wire import Json, associated, id_of, listed, part, rows, text

ENGAGEMENTS: Mapping[str, tuple[str, ...]] = {
    "calls": ("hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_direction", "hs_call_duration", "hs_call_status", "hubspot_owner_id"),
    "emails": ("hs_timestamp", "hs_email_subject", "hs_email_text", "hs_email_direction", "hs_email_status", "hubspot_owner_id"),
    "meetings": ("hs_timestamp", "hs_meeting_title", "hs_meeting_body", "hs_meeting_start_time", "hs_meeting_end_time",
                 "hs_meeting_location", "hs_meeting_outcome", "hubspot_owner_id"),
    "notes": ("hs_timestamp", "hs_note_body", "hubspot_owner_id"),
    "tasks": ("hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority", "hs_task_type", "hubspot_owner_id"),
    "communications": ("hs_timestamp", "hs_communication_channel_type", "hs_communication_body", "hubspot_owner_id"),
    "postal_mail": ("hs_timestamp", "hs_postal_mail_body", "hubspot_owner_id"),
}  # fmt: skip
"""Object types of engagements with the properties that say what happened. (HubSpot docs, "Engagements")"""
WATCHED: Mapping[str, str] = {"lifecyclestage": "stage", "hs_lead_status": "status", "hubspotscore": "score"}
"""Properties whose former values are history, and what a change of each is."""
_SINGULAR = {name: name.removesuffix("s") for name in ENGAGEMENTS} | {
    "postal_mail": "letter",
    "communications": "message",
}
_NEUTRAL = {
    "hs_call_direction": "direction", "hs_email_direction": "direction", "hs_call_status": "status", "hs_email_status": "status",
    "hs_task_status": "status", "hs_meeting_outcome": "outcome", "hubspot_owner_id": "owner",
}  # fmt: skip
"""Properties that say what other platforms say, too."""
_TITLES = ("hs_call_title", "hs_email_subject", "hs_meeting_title", "hs_task_subject", "hs_communication_channel_type")
_OF_EVENT = (
    "url", "referer", "linkId", "dropReason", "dropMessage", "category", "status", "response", "attempt", "source",
    "requestedBy", "portalSubscriptionStatus", "bounced", "deviceType", "subject", "from", "replyTo",
)  # fmt: skip
"""What an event of a marketing email tells beside who, when and what. Addresses of machines are left to the page as received."""


def activities(connection: str, data: Json, context: Context) -> Content:
    """A page of any part. One that was refused is a finding."""
    what, problems = context["object"], list[Finding]()
    if "unread" in context:
        params = {"object": what, "reason": context["unread"]}
        problems.append(Finding("history_unread", Severity.WARN, f"{connection}/{Kind.ACTIVITY}/{what}", params))
        found: Iterator[NeutralRow] = iter(())
    elif what == "email":
        found = _email_events(data, context)
    elif what == "form":
        found = _submissions(data, context)
    elif what == "changes":
        found = _changes(data)
    else:
        found = _engagements(what, data) if what in ENGAGEMENTS else iter(())
    activities = list(found)
    problems += [_undated(connection, one) for one in activities if one["happened_at"] is None]
    return Content({Kind.ACTIVITY: activities}, problems)


def _undated(connection: str, one: NeutralRow) -> Finding:
    return Finding(
        "activity_undated", Severity.WARN, f"{connection}/{Kind.ACTIVITY}/{one['key']}", {"type": one["activity_type"]}
    )


def _activity(key: str, type: str, at: datetime | None, **more: Any) -> NeutralRow:
    blank: NeutralRow = {"person_key": None, "address_loose": None, "subject_key": None, "bot": False, "values": {}}
    return {**blank, "key": key, "activity_type": type, "happened_at": at, **more}


# --- marketing emails ----------------------------------------------------------------------------------------------


def _email_events(data: Json, context: Context) -> Iterator[NeutralRow]:
    """An event's key is its id and its time together: ids alone may come again. (HubSpot docs, "Email analytics")"""
    sent: dict[str, dict[str, str]] = orjson.loads(context.get("campaigns") or b"{}")
    for one in listed(data, "events"):
        campaign = text(one, "emailCampaignId")
        email = sent.get(campaign) or {}
        told = {name: text(one, name) for name in _OF_EVENT if not isinstance(one.get(name), dict | list)}
        place = part(one, "location")
        told |= {name: text(place, name) for name in ("country", "state", "city")}
        told |= {
            "name": email.get("name") or campaign,
            "campaign": campaign,
            "browser": text(part(one, "browser"), "family"),
        }
        told["subject"] = told.get("subject") or email.get("subject", "")
        yield _activity(
            f"email/{text(one, 'created')}/{id_of(one)}",
            f"email.{text(one, 'type').lower() or 'unknown'}",
            _millis(text(one, "created")),
            address_loose=keys(text(one, "recipient")).loose,
            subject_key=f"email/{email['contentId']}" if email.get("contentId") else None,
            bot=text(one, "filteredEvent") == "true",
            values=_said(told),
        )


# --- forms ---------------------------------------------------------------------------------------------------------


def _submissions(data: Json, context: Context) -> Iterator[NeutralRow]:
    """What was typed in stands with its field's name; the address among it says who it was."""
    form = context["form"]
    for one in rows(data):
        typed = {text(value, "name"): text(value, "value") for value in listed(one, "values")}
        told = {
            "name": context["name"],
            "page": text(one, "pageUrl"),
            **{f"field {name}": value for name, value in typed.items()},
        }
        yield _activity(
            f"form/{form}/{id_of(one, 'conversionId')}",
            "form.submitted",
            _millis(text(one, "submittedAt")),
            address_loose=keys(typed.get("email")).loose,
            subject_key=f"form/{form}",
            values=_said(told),
        )


# --- engagements ---------------------------------------------------------------------------------------------------


def _engagements(what: str, data: Json) -> Iterator[NeutralRow]:
    """One activity for each person that an engagement is about; one about nobody stays one."""
    for one in rows(data):
        values = {name: text(part(one, "properties"), name) for name in ENGAGEMENTS[what]}
        at = _moment(values.pop("hs_timestamp"))
        title = next((values[name] for name in _TITLES if values.get(name)), "")
        told = _said(
            {"name": title or _SINGULAR[what], **{_NEUTRAL.get(name, name): said for name, said in values.items()}}
        )
        people: list[str | None] = [*associated(part(one, "associations"), "contacts")] or [None]
        for person in people:
            key = f"{what}/{id_of(one)}" + (f"/{person}" if person else "")
            yield _activity(
                key, f"sales.{_SINGULAR[what]}", at, person_key=person, subject_key=f"{what}/{id_of(one)}", values=told
            )


# --- changes -------------------------------------------------------------------------------------------------------


def _changes(data: Json) -> Iterator[NeutralRow]:
    """Every step of a contact's stage, status and score, with what stood there before. The newest stands first on the page."""
    for one in rows(data):
        person, told = id_of(one), part(one, "propertiesWithHistory")
        for field, what in WATCHED.items():
            before, at = "", Counter[str]()
            for version in reversed(listed(told, field)):
                after, stamp = text(version, "value"), text(version, "timestamp")
                said = {
                    "name": field,
                    "field": field,
                    "before": before,
                    "after": after,
                    "source": text(version, "sourceType"),
                }
                at[stamp] += 1  # A stage that goes back is emptied first, at the same instant.
                key = f"change/{person}/{field}/{stamp}" + (f"/{at[stamp]}" if at[stamp] > 1 else "")
                if after != before:
                    yield _activity(key, f"change.{what}", _moment(stamp), person_key=person, values=_said(said))
                before = after


# --- marketing events ----------------------------------------------------------------------------------------------


def participations(connection: str, data: Json, context: Context) -> Content:
    """Who took part in an event, with the state that the vendor derives (NO_SHOW among them)."""
    event = context["event"]
    if "unread" in context:
        subject = f"{connection}/{Kind.PROGRAM}/event/{event}"
        problem = Finding("participations_unread", Severity.WARN, subject, {"reason": context["unread"]})
        return Content({Kind.PROGRAM_MEMBERSHIP: []}, [problem])
    return Content({Kind.PROGRAM_MEMBERSHIP: [_participation(event, one) for one in rows(data)]})


def _participation(event: str, one: Json) -> NeutralRow:
    person = id_of(part(part(one, "associations"), "contact"), "contactId")
    told = part(one, "properties")
    state, at = text(told, "attendanceState"), _millis(text(told, "occurredAt"))
    program = f"event/{event}"
    return {
        "key": f"{program}/{person}",
        "program_key": program,
        "person_key": person,
        "status": state or None,
        "succeeded": state == "ATTENDED",
        "joined_at": at,
        "updated_at": at,
    }


def _said(told: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if value}


def _millis(told: str) -> datetime | None:
    """Milliseconds since 1970. None for what is no such number, and for what is beyond any calendar."""
    try:
        return datetime.fromtimestamp(int(told) / 1000, UTC) if told else None
    except (ValueError, OverflowError, OSError):
        return None


def _moment(told: str) -> datetime | None:
    """An instant in ISO 8601, or in milliseconds: properties come in both forms."""
    if told.isdigit():
        return _millis(told)
    try:
        return parse_datetime(told) if told else None
    except ValueError:
        return None
