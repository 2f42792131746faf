"""How much happened: totals of activities by type, from calls whose number does not grow with them.

Sources: HubSpot docs "CRM search" (totals) and "Marketing emails" (aggregate statistics; some counters' names are known
from practice only, so others are left out rather than guessed).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from mamigrate.errors import Refused
from mamigrate.http import shapes
from mamigrate.http.call import Rejected, Unreadable
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
        found = wire.parse(api.search(kind, {"filterGroups": [], "properties": [], "limit": 1}).body)
        return shapes.whole(found, "total") if "total" in found else None
    except (Refused, Rejected, Unreadable):
        return None


def _email_events(api: Api, now: datetime) -> Iterator[tuple[str, int | None]]:
    try:
        told = wire.parse(api.email_statistics(render_datetime(now)).body)
        counters = wire.part(wire.part(told, "aggregate"), "counters")
        numbers = {f"email_{name}": shapes.whole(counters, name) for name in EMAIL_COUNTERS if counters.get(name)}
    except (Refused, Rejected, Unreadable):
        yield "email_events", None
        return
    yield from numbers.items()
