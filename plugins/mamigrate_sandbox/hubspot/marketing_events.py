"""/marketing/v3/marketing-events: events and who took part (HubSpot docs, "Marketing events")."""

from collections import Counter

import flask

from mamigrate_sandbox.hubspot import records, writes
from mamigrate_sandbox.hubspot.kinds import CONTACTS
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, batch, from_millis, here, inputs, listed, sent
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("marketing_events", __name__)
BASE = "/marketing/v3/marketing-events"
_REQUIRED = ("eventName", "eventOrganizer", "externalAccountId", "externalEventId")
_STATES = {"register": "REGISTERED", "attend": "ATTENDED", "cancel": "CANCELLED"}


@routes.get(BASE)
def index() -> Answer:
    return listed((_shown(body) for _, body in here().store.all("marketing-events")), 10, 100)


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    return _shown(_event(here(), id))


@routes.post(f"{BASE}/events")
def create() -> Answer:
    return _made(here(), sent(*_REQUIRED, what="MarketingEventCreateRequestParams"))


@routes.post(f"{BASE}/events/upsert")
def upsert() -> Answer:
    return batch([_made(here(), row) for row in inputs("BatchInputMarketingEventCreateRequestParams")])


@routes.get(f"{BASE}/events/<external>")
def get_external(external: str) -> Answer:
    event = _external(here(), external, flask.request.args.get("externalAccountId", ""))
    return _shown(event) | {"id": event["objectId"]}


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    _event(here(), id)
    here().store.remove("marketing-events", id)
    return NOTHING


@routes.post(f"{BASE}/attendance/<external>/<state>/<any('create', 'email-create'):how>")
def attend_external(external: str, state: str, how: str) -> Answer:
    event = _external(here(), external, flask.request.args.get("externalAccountId", ""))
    return _attended(here(), event, state, by_email=how == "email-create")


@routes.post(f"{BASE}/<id>/attendance/<state>/<any('create', 'email-create'):how>")
def attend(id: str, state: str, how: str) -> Answer:
    return _attended(here(), _event(here(), id), state, by_email=how == "email-create")


@routes.get(f"{BASE}/participations/<id>")
def counted(id: str) -> Answer:
    return _totals(here(), _event(here(), id))


@routes.get(f"{BASE}/participations/<account>/<external>")
def counted_external(account: str, external: str) -> Answer:
    return _totals(here(), _external(here(), external, account))


def _totals(portal: Portal, event: Body) -> Body:
    counts = _counts(portal, event)
    return {
        "attended": counts["ATTENDED"],
        "cancelled": counts["CANCELLED"],
        "noShows": counts["NO_SHOW"],
        "registered": counts["REGISTERED"],
    }


@routes.get(f"{BASE}/participations/<id>/breakdown")
def breakdown(id: str) -> Answer:
    return _broken_down(here(), _event(here(), id))


@routes.get(f"{BASE}/participations/<account>/<external>/breakdown")
def breakdown_external(account: str, external: str) -> Answer:
    return _broken_down(here(), _external(here(), external, account))


@routes.get(f"{BASE}/participations/contacts/<who>/breakdown")
def of_contact(who: str) -> Answer:
    portal = here()
    contact = records.get(portal, CONTACTS, who, "email" if "@" in who else "")
    rows = []
    for id, body in portal.store.links_back("participation", contact["id"]):
        event = portal.store.get("marketing-events", id)
        if event:
            rows.append(_row(portal, event, contact["id"], body))
    return listed(rows, total=True)


# --- work -------------------------------------------------------------------------------------------------------------


def _event(portal: Portal, id: str) -> Body:
    found = portal.store.get("marketing-events", id)
    if found is None:
        raise not_found(f"Marketing event {id} does not exist")
    return found


def _external(portal: Portal, external: str, account: str) -> Body:
    for _, body in portal.store.all("marketing-events"):
        if body.get("externalEventId") == external and body.get("externalAccountId", "") in ("", account):
            return body
    raise not_found(f"Marketing event {external} does not exist")


def _shown(event: Body) -> Body:
    counts = _counts(here(), event)
    numbers = {
        "registrants": counts["REGISTERED"],
        "attendees": counts["ATTENDED"],
        "cancellations": counts["CANCELLED"],
        "noShows": counts["NO_SHOW"],
    }
    kept = {name: value for name, value in event.items() if name != "externalAccountId"}
    return {"customProperties": [], **numbers, **kept}


def _made(portal: Portal, body: Body) -> Body:
    absent = [name for name in _REQUIRED if not body.get(name)]
    if absent:
        raise invalid(f"Some required fields were not set: {absent}")
    known = [e for _, e in portal.store.all("marketing-events") if e.get("externalEventId") == body["externalEventId"]]
    id = known[0]["objectId"] if known else str(portal.store.next_id("marketing-events", 6001))
    now = portal.stamp()
    event = {"customProperties": [], "eventCancelled": False, "eventCompleted": False, **body, "objectId": id}
    event |= {"id": id, "createdAt": known[0]["createdAt"] if known else now, "updatedAt": now}
    portal.store.put("marketing-events", id, event)
    return event


def _attended(portal: Portal, event: Body, state: str, *, by_email: bool) -> Answer:
    """People take part; those whom nobody knows become contacts."""
    if state not in _STATES:
        raise invalid(f"The state must be one of {sorted(_STATES)}, it was {state}")
    results = []
    for row in inputs("BatchInputMarketingEventSubscriber"):
        contact = _person(portal, row, by_email=by_email)
        body = {"attendanceState": _STATES[state], "occurredAt": int(row["interactionDateTime"])}
        portal.store.link("participation", event["objectId"], contact["id"], body)
        results.append({"vid": int(contact["id"])} | ({"email": row["email"]} if by_email else {}))
    return batch(results)


def _person(portal: Portal, row: Body, *, by_email: bool) -> Body:
    if not by_email:
        return records.get(portal, CONTACTS, str(row["vid"]))
    found = records.find(portal, CONTACTS, str(row["email"]), "email")
    properties = {**(row.get("contactProperties") or {}), "email": row["email"]}
    return found or writes.create(portal, CONTACTS, {"properties": properties})


def _states(portal: Portal, event: Body) -> list[tuple[str, Body]]:
    """Participants; who only registered is a no-show once the event is completed."""
    rows = []
    for who, body in portal.store.links("participation", event["objectId"]):
        missed = event.get("eventCompleted") and body["attendanceState"] == "REGISTERED"
        rows.append((who, body | {"attendanceState": "NO_SHOW"} if missed else body))
    return rows


def _counts(portal: Portal, event: Body) -> Counter[str]:
    counts = Counter(body["attendanceState"] for _, body in _states(portal, event))
    counts["REGISTERED"] += counts["ATTENDED"] + counts["NO_SHOW"]
    return counts


def _broken_down(portal: Portal, event: Body) -> Answer:
    state = flask.request.args.get("state")
    rows = [(who, body) for who, body in _states(portal, event) if not state or body["attendanceState"] == state]
    return listed((_row(portal, event, who, body) for who, body in rows), total=True)


def _row(portal: Portal, event: Body, who: str, body: Body) -> Body:
    contact = portal.store.get("contacts", who) or {"properties": {}}
    person = {
        name: contact["properties"][name] for name in ("firstname", "lastname") if contact["properties"].get(name)
    }
    about = {name: event[name] for name in ("externalAccountId", "externalEventId") if event.get(name)}
    return {
        "id": f"{event['objectId']}-{who}",
        "createdAt": from_millis(int(body["occurredAt"])),
        "associations": {
            "contact": {"contactId": who, "email": contact["properties"].get("email") or "", **person},
            "marketingEvent": {"marketingEventId": event["objectId"], "name": event["eventName"], **about},
        },
        "properties": body,
    }
