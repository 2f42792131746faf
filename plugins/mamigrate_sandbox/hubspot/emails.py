"""/marketing/v3/emails, and sends by API (HubSpot docs, "Marketing emails", "Single send")."""

from collections import Counter
from collections.abc import Iterator

import flask

from mamigrate_sandbox.hubspot import triggers
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, flag, here, listed, moment, sent, words
from mamigrate_sandbox.hubspot.refusals import invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("emails", __name__)
BASE = "/marketing/v3/emails"
_EMPTY_STATS: Body = {"counters": {}, "deviceBreakdown": {}, "qualifierStats": {}, "ratios": {}}


@routes.get(BASE)
def index() -> Answer:
    args = flask.request.args
    rows = [body for _, body in here().store.all("emails") if bool(body.get("archived")) == flag("archived")]
    if args.get("type"):
        rows = [row for row in rows if row.get("type") == args["type"]]
    if args.get("isPublished"):
        rows = [row for row in rows if bool(row.get("isPublished")) == flag("isPublished")]
    if args.get("campaign"):
        rows = [row for row in rows if row.get("campaign") == args["campaign"]]
    for name in ("createdAt", "updatedAt", "publishDate"):
        stem = name.removesuffix("At").removesuffix("Date").replace("publish", "published")
        rows = _between(rows, name, args.get(f"{stem}After"), args.get(f"{stem}Before"))
    return listed((_shown(row) for row in _sorted(rows)), 10, 100, total=True)


@routes.post(BASE)
def create() -> Answer:
    portal, body = here(), sent("name", what="EmailCreateRequest")
    id, now = str(portal.store.next_id("emails", 5001)), portal.stamp()
    made = {
        "subject": "", "state": "DRAFT", "type": "BATCH_EMAIL", "subcategory": "batch", "language": "en",
        "emailTemplateMode": "DRAG_AND_DROP", "isAb": False, "isPublished": False, "archived": False,
        "sendOnPublish": True, "from": {}, "to": {}, "content": {}, **body, "id": id,
        "businessUnitId": str(body.get("businessUnitId", 0)), "createdAt": now, "updatedAt": now,
        "createdById": "1", "updatedById": "1",
    }  # fmt: skip
    portal.store.put("emails", id, made)
    return _shown(made), 201


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    return _shown(_email(here(), id))


@routes.patch(f"{BASE}/<id>")
@routes.patch(f"{BASE}/<id>/draft")
def change(id: str) -> Answer:
    portal, body = here(), sent()
    if "businessUnitId" in body:
        body["businessUnitId"] = str(body["businessUnitId"])
    changed = _email(portal, id) | body | {"id": id, "updatedAt": portal.stamp()}
    portal.store.put("emails", id, changed)
    return _shown(changed)


@routes.get(f"{BASE}/<id>/draft")
def draft(id: str) -> Answer:
    return _shown(_email(here(), id))


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    _email(here(), id)
    here().store.remove("emails", id)
    return NOTHING


@routes.post(f"{BASE}/<id>/publish")
def publish(id: str) -> Answer:
    """A batch email goes out to its lists."""
    portal, email = here(), _email(here(), id)
    if email["type"] == "BATCH_EMAIL" and not email.get("isPublished"):
        portal.store.add("sends", len(_recipients(portal, email)))
    state = "PUBLISHED" if email["type"] == "BATCH_EMAIL" else "AUTOMATED"
    portal.store.put("emails", id, email | {"isPublished": True, "state": state, "publishDate": portal.stamp()})
    return NOTHING


@routes.post(f"{BASE}/<id>/unpublish")
def unpublish(id: str) -> Answer:
    portal, email = here(), _email(here(), id)
    portal.store.put("emails", id, email | {"isPublished": False, "state": "DRAFT"})
    return NOTHING


@routes.get(f"{BASE}/statistics/list")
def statistics() -> Answer:
    portal, args = here(), flask.request.args
    for name in ("startTimestamp", "endTimestamp"):
        if not args.get(name) or args[name].isdigit():
            raise invalid(f"{name} must be an ISO 8601 time")
    start, end = moment(args["startTimestamp"]), moment(args["endTimestamp"])
    asked = set(words("emailIds"))
    rows = [body for id, body in portal.store.all("emails") if not asked or id in asked]
    rows = [row for row in rows if row.get("publishDate") and start <= moment(row["publishDate"]) <= end]
    total = Counter[str]()
    for row in rows:
        total.update(row.get("stats", {}).get("counters", {}))
    total.update(_counted(portal, asked, start.timestamp() * 1000, end.timestamp() * 1000))
    aggregate = _EMPTY_STATS | {"counters": dict(total)}
    return {"aggregate": aggregate, "campaignAggregations": {}, "emails": [int(row["id"]) for row in rows]}


@routes.post("/marketing/v4/email/single-send")
@routes.post("/marketing/v3/transactional/single-email/send")
def single_send() -> Answer:
    """One email to one address: counted in ``sends`` when it would leave."""
    portal, body = here(), sent("emailId", "message", what="PublicSingleSendRequestEgg")
    _email(portal, str(body["emailId"]))
    to = str(body["message"].get("to", "")).lower()
    if not to:
        raise invalid("message.to is required")
    result = _result(portal, to)
    if result == "SENT":
        portal.store.add("sends")
    now = portal.stamp()
    return {
        "statusId": portal.uuid(),
        "status": "COMPLETE",
        "sendResult": result,
        "requestedAt": now,
        "startedAt": now,
        "completedAt": now,
    }


# --- work -------------------------------------------------------------------------------------------------------------


_COUNTERS = {
    "SENT": "sent", "DELIVERED": "delivered", "OPEN": "open", "CLICK": "click", "BOUNCE": "bounce", "DROPPED": "dropped",
    "SPAMREPORT": "spamreport", "STATUSCHANGE": "unsubscribed",
}  # fmt: skip


def _counted(portal: Portal, emails: set[str], start: float, end: float) -> Iterator[str]:
    """What became of emails, event by event."""
    after = -1
    while page := portal.store.page("email-events", after, 1_000):
        for _, event in page:
            asked = not emails or str(event.get("emailCampaignId")) in emails
            if asked and start <= event["created"] <= end and event["type"] in _COUNTERS:
                yield _COUNTERS[event["type"]]
        after = int(page[-1][0])


def _email(portal: Portal, id: str) -> Body:
    found = portal.store.get("emails", id)
    if found is None:
        raise not_found(f"Email {id} does not exist")
    return found


def _shown(row: Body) -> Body:
    wanted = words("includedProperties")
    shown = {name: value for name, value in row.items() if name != "stats" or flag("includeStats")}
    return {name: value for name, value in shown.items() if not wanted or name in (*wanted, "id", "isAb")}


def _between(rows: list[Body], name: str, after: str | None, before: str | None) -> list[Body]:
    low, high = (moment(text) if text else None for text in (after, before))
    return [
        row
        for row in rows
        if (not low or (row.get(name) and moment(row[name]) > low))
        and (not high or (row.get(name) and moment(row[name]) < high))
    ]


def _sorted(rows: list[Body]) -> list[Body]:
    sort = flask.request.args.get("sort", "")
    if not sort:
        return rows
    return sorted(rows, key=lambda row: str(row.get(sort.lstrip("-"), "")), reverse=sort.startswith("-"))


def _recipients(portal: Portal, email: Body) -> set[str]:
    to = (email.get("to") or {}).get("contactIlsLists") or {}
    people = {who for id in to.get("include", []) for who, _ in portal.store.links("membership", str(id))}
    people -= {who for id in to.get("exclude", []) for who, _ in portal.store.links("membership", str(id))}
    contacts = portal.store.get_many("contacts", sorted(people))
    return {id for id, contact in contacts.items() if triggers.mailable(contact)}


def _result(portal: Portal, to: str) -> str:
    if portal.store.get("optouts", f"{to}|portal"):
        return "PREVIOUSLY_UNSUBSCRIBED_PORTAL"
    for id in portal.store.find("contacts", "email", to):
        contact = portal.store.get("contacts", id) or {"properties": {}}
        if contact["properties"].get("hs_email_bad_address") == "true":
            return "PREVIOUSLY_BOUNCED"
        if contact["properties"].get("hs_email_quarantined") == "true":
            return "QUARANTINED_ADDRESS"
    return "SENT"
