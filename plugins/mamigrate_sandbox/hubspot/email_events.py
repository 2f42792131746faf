"""/email/public/v1: what became of marketing emails, and which mail it was. Read-only (HubSpot docs, "Email analytics")."""

from collections.abc import Iterator

import flask

from mamigrate_sandbox.hubspot.portal import Answer, Portal, flag, here, number
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("email_events", __name__)
BASE = "/email/public/v1"
_TYPES = {
    "SENT", "DROPPED", "PROCESSED", "DELIVERED", "DEFERRED", "BOUNCE", "OPEN", "CLICK", "PRINT", "FORWARD",
    "STATUSCHANGE", "SPAMREPORT", "SUPPRESSED", "UNBOUNCE",
}  # fmt: skip


@routes.get(f"{BASE}/events")
def index() -> Answer:
    """In order of storing; ``offset`` of one page begins the next."""
    args, limit = flask.request.args, number("limit", 100, 1_000)
    kind = args.get("eventType")
    if kind and kind not in _TYPES:
        raise invalid(f"eventType must be one of {sorted(_TYPES)}, it was {kind}")
    low, high = number("startTimestamp", 0, 10**15, 0), number("endTimestamp", 10**15, 10**15, 0)
    found: list[tuple[int, Body]] = []
    for key, event in _events(here(), number("offset", -1, 2**62, -1)):
        if low <= event["created"] < high and _wanted(event, kind):
            found.append((key, event))
        if len(found) > limit:
            break
    page, more = found[:limit], len(found) > limit
    return {"hasMore": more, "offset": str(page[-1][0]) if page else "", "events": [event for _, event in page]}


@routes.get(f"{BASE}/events/<int:created>/<id>")
def get(created: int, id: str) -> Answer:
    for _, event in _events(here(), -1):
        if event["created"] == created and event["id"] == id:
            return event
    raise not_found()


@routes.get(f"{BASE}/campaigns/by-id")
def campaigns() -> Answer:
    """Ids only, in order of storing."""
    offset, limit = number("offset", 0, 2**62, 0), number("limit", 100, 1_000)
    rows = [body for _, body in here().store.all("email-campaigns")]
    page = [{name: row[name] for name in ("id", "appId", "appName")} for row in rows[offset : offset + limit]]
    more = len(rows) > offset + limit
    return {"hasMore": more, "offset": str(offset + len(page)) if more else "", "campaigns": page}


@routes.get(f"{BASE}/campaigns/<id>")
def campaign(id: str) -> Answer:
    """``appId`` is asked for with the id; another one finds nothing."""
    found, app = here().store.get("email-campaigns", id), flask.request.args.get("appId")
    if found is None or (app and app != str(found["appId"])):
        raise not_found(f"Email campaign {id} does not exist")
    return found


def _events(portal: Portal, after: int) -> Iterator[tuple[int, Body]]:
    while page := portal.store.page("email-events", after, 1_000):
        for key, body in page:
            yield int(key), body
        after = int(page[-1][0])


def _wanted(event: Body, kind: str | None) -> bool:
    args = flask.request.args
    pairs = (("recipient", "recipient"), ("appId", "appId"), ("campaignId", "emailCampaignId"))
    equal = all(not args.get(asked) or str(event.get(name, "")).lower() == args[asked].lower() for asked, name in pairs)
    filtered = flag("excludeFilteredEvents") and event.get("filteredEvent")
    return equal and not filtered and (not kind or event["type"] == kind)
