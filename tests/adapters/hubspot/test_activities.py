"""How much happened on HubSpot, told without reading it."""

from typing import Any

from mamigrate_hubspot.activities import ENGAGEMENTS
from mamigrate_hubspot.adapter import HubSpotInstance

STATISTICS = "/marketing/v3/emails/statistics/list"
REFUSED = (403, {"category": "MISSING_SCOPES", "errors": []})


def test_engagements_and_email_events_are_counted_by_type(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on("POST", "/crm/v3/objects/([^/]+)/search", lambda asked: {"total": len(asked.names[0]), "results": []})
    vendor.on("GET", STATISTICS, {"aggregate": {"counters": {"sent": 70, "open": 12, "click": 0, "newest": 3}}})
    told = hubspot.activities()
    assert {name: told[f"engagement_{name}"] for name in ENGAGEMENTS} == {name: len(name) for name in ENGAGEMENTS}
    assert {name: n for name, n in told.items() if name.startswith("email_")} == {"email_sent": 70, "email_open": 12}
    (asked,) = [one for one in vendor.asked if one.path == STATISTICS]
    assert asked.query["startTimestamp"] == ["2006-01-01T00:00:00Z"]


def test_what_is_refused_or_told_one_by_one_only_has_no_number(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on("POST", "/crm/v3/objects/([^/]+)/search", REFUSED)
    vendor.on("GET", STATISTICS, REFUSED)
    told = hubspot.activities()
    assert {"email_events", "form_submissions", "page_views"} <= told.keys()
    assert set(told.values()) == {None}
