"""Who took part in marketing events. (HubSpot docs, "Marketing events")"""

from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.context import Context
from mamigrate_hubspot.read.happened import millis
from mamigrate_hubspot.wire import Json, id_of, part, rows, text


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
    state, at = text(told, "attendanceState"), millis(text(told, "occurredAt"))
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
