"""/email/public/v1/subscriptions: the only list of changes by address, and an opt-out without way back."""

from itertools import islice

import flask

from mamigrate_sandbox.hubspot import consent, status
from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, here, number, sent
from mamigrate_sandbox.hubspot.refusals import invalid
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("consent_legacy", __name__)
BASE = "/email/public/v1/subscriptions"
_SOURCE = "SOURCE_UNSUBSCRIBE_API"


@routes.get(f"{BASE}/timeline")
def timeline() -> Answer:
    """Newest first; ``offset`` goes on where ``hasMore`` said so."""
    args, limit = flask.request.args, number("limit", 100, 1_000)
    start, end = number("startTimestamp", 0, 10**15, 0), number("endTimestamp", 10**15, 10**15, 0)
    who, kind, before = args.get("recipient", "").lower(), args.get("changeType"), args.get("offset", "")
    rows = here().store.newest("timeline", int(before) if before.isdigit() else None)
    wanted = (
        (id, body)
        for id, body in rows
        if start <= body["timestamp"] < end
        and (not who or body["recipient"].lower() == who)
        and (not kind or any(change["changeType"] == kind for change in body["changes"]))
    )
    found = list(islice(wanted, limit + 1))
    page, more = found[:limit], len(found) > limit
    return {"hasMore": more, "offset": str(page[-1][0]) if page else "", "timeline": [body for _, body in page]}


@routes.put(f"{BASE}/<who>")
def change(who: str) -> Answer:
    """``{"unsubscribeFromAll": true}`` or ``{"subscriptionStatuses": [{"id", "subscribed": false}]}``."""
    portal, who, body = here(), who.strip().lower(), sent()
    if body.get("unsubscribeFromAll"):
        consent.unsubscribe_all(portal, who, source=_SOURCE)
        portal.store.put("sealed", who, {"at": portal.stamp()})
        return NOTHING
    for row in body.get("subscriptionStatuses") or []:
        _single(portal, who, row)
    return NOTHING


def _single(portal: Portal, who: str, row: Body) -> None:
    id, wanted = str(row["id"]), bool(row.get("subscribed"))
    consent.type_of(portal, id)
    if wanted and status.effective(portal.store, who, id)["status"] == "UNSUBSCRIBED":
        raise invalid("You cannot subscribe an unsubscribed address.")
    state = "SUBSCRIBED" if wanted else "UNSUBSCRIBED"
    consent.change(portal, consent.Wish(who, id, state, row.get("legalBasis"), source=_SOURCE))
