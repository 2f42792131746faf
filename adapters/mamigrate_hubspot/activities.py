"""How much happened: totals of activities by type, from calls whose number does not grow with them.

Sources: HubSpot docs "CRM search" (totals) and "Marketing emails" (aggregate statistics; some counters' names are known
from practice only, so others are left out rather than guessed).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from mamigrate.errors import Refused
from mamigrate.http.call import Rejected
from mamigrate.model.canonical import render_datetime
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import Api

ENGAGEMENTS = ("calls", "emails", "meetings", "notes", "tasks", "communications", "postal_mail")
EMAIL_COUNTERS = ("sent", "delivered", "open", "click", "bounce", "dropped", "unsubscribed", "spamreport")
UNTOLD = ("form_submissions", "page_views")
"""What the vendor lists one by one only."""


def totals(api: Api, now: datetime) -> Mapping[str, int | None]:
    """By type, None where the vendor does not tell or refuses. Marketing email events bear the prefix ``email_``."""
    found: dict[str, int | None] = {f"engagement_{kind}": _engagements(api, kind) for kind in ENGAGEMENTS}
    return {**found, **dict(_email_events(api, now)), **dict.fromkeys(UNTOLD)}


def _engagements(api: Api, kind: str) -> int | None:
    try:
        return int(wire.parse(api.search(kind, {"filterGroups": [], "properties": [], "limit": 1}).body)["total"])
    except (Refused, Rejected, KeyError):
        return None


def _email_events(api: Api, now: datetime) -> Iterator[tuple[str, int | None]]:
    try:
        aggregate = wire.parse(api.email_statistics(render_datetime(now)).body).get("aggregate") or {}
    except (Refused, Rejected):
        yield "email_events", None
        return
    counters = aggregate.get("counters") or {}
    yield from ((f"email_{name}", int(counters[name])) for name in EMAIL_COUNTERS if counters.get(name))
