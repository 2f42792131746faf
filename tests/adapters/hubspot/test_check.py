"""What HubSpot's check finds before a run: clocks that are apart, areas that an account does not show."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from mamigrate.clock import HandClock
from mamigrate.contract import Connection, OptOutSync, Secret
from mamigrate.errors import UsageError
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance

ACCOUNT = {"portalId": 42, "accountType": "STANDARD", "timeZone": "Asia/Tokyo"}
NONE: dict[str, Any] = {"results": []}


@pytest.fixture
def healthy(vendor: Any) -> Any:
    """An account that shows every area and has nothing in it."""
    vendor.on("GET", "/(crm|automation|marketing|account-info|cms|files)/.*", NONE)
    vendor.on("GET", "/email/public/v1/subscriptions/timeline", {"timeline": [], "hasMore": False})
    vendor.on("POST", "/crm/v3/lists/search", {"lists": [], "hasMore": False})
    vendor.on("GET", "/crm/v3/owners/?", NONE)
    vendor.on("GET", "/account-info/v3/details", ACCOUNT)
    return vendor


def told(hubspot: HubSpotInstance, code: str) -> list[dict[str, str]]:
    return [dict(one.params) for one in hubspot.check() if one.code == code]


@pytest.mark.parametrize(("minutes", "seconds"), [(3, ["180"]), (-10, ["-600"]), (1, [])])
def test_clocks_that_are_apart_are_told(
    hubspot: HubSpotInstance, healthy: Any, clock: HandClock, minutes: int, seconds: list[str]
) -> None:
    there = format_datetime(clock.now() + timedelta(minutes=minutes), usegmt=True)
    healthy.on("GET", "/account-info/v3/details", lambda asked: (200, ACCOUNT, {"Date": there}))
    assert [one["seconds"] for one in told(hubspot, "clock_skew")] == seconds


def test_an_area_that_the_account_does_not_have_is_told(hubspot: HubSpotInstance, healthy: Any) -> None:
    assert told(hubspot, "area_unreadable") == []
    healthy.on("GET", "/automation/v4/flows", (404, {"category": "OBJECT_NOT_FOUND"}))
    (found,) = told(hubspot, "area_unreadable")
    assert (found["area"], found["reason"]) == ("workflows", "OBJECT_NOT_FOUND")
    assert [one.severity for one in hubspot.check() if one.code == "area_unreadable"] == ["block"]


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ({"crm": "no"}, None),
        ({}, None),
        ({"crm": "yes"}, OptOutSync.UNKNOWN),
        ({"crm": "yes", "opt_out_sync": "either"}, OptOutSync.EITHER),
        ({"crm": "no", "opt_out_sync": "crm"}, None),
    ],
)
def test_how_opt_outs_travel_to_a_linked_crm_is_what_the_project_says_and_no_api(
    healthy: Any, clock: HandClock, options: dict[str, str], mode: OptOutSync | None
) -> None:
    account = Connection("src", "hubspot", "", "UTC", {"explicit_consent": "false", **options}, {"access_token": Secret("t")})  # fmt: skip
    assert HubSpot().connect(account, clock).opt_out_sync() is mode


def test_a_way_of_opt_outs_that_does_not_exist_is_refused(clock: HandClock) -> None:
    options = {"explicit_consent": "false", "opt_out_sync": "both"}
    account = Connection("src", "hubspot", "", "UTC", options, {"access_token": Secret("t")})
    with pytest.raises(UsageError, match="either, own, latest"):
        HubSpot().connect(account, clock)
