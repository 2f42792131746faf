"""Calls, notes, meetings and other engagements as activities of their people. (HubSpot docs, "Engagements")"""

from collections.abc import Iterator, Mapping

from mamigrate.contract import NeutralRow
from mamigrate_hubspot.read.happened import activity, moment, said
from mamigrate_hubspot.wire import Json, associated, id_of, part, rows, text

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


def engagements(what: str, data: Json) -> Iterator[NeutralRow]:
    """One activity for each person that an engagement is about; one about nobody stays one."""
    for one in rows(data):
        values = {name: text(part(one, "properties"), name) for name in ENGAGEMENTS[what]}
        at = moment(values.pop("hs_timestamp"))
        title = next((values[name] for name in _TITLES if values.get(name)), "")
        told = said(
            {"name": title or _SINGULAR[what], **{_NEUTRAL.get(name, name): value for name, value in values.items()}}
        )
        people: list[str | None] = [*associated(part(one, "associations"), "contacts")] or [None]
        for person in people:
            key = f"{what}/{id_of(one)}" + (f"/{person}" if person else "")
            yield activity(
                key, f"sales.{_SINGULAR[what]}", at, person_key=person, subject_key=f"{what}/{id_of(one)}", values=told
            )
