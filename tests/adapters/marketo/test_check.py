"""What Marketo's check finds before a run: campaigns that are at work, a key field of another type; quotas."""

from typing import Any

import pytest

from mamigrate.model.kinds import Kind
from mamigrate_marketo.adapter import MarketoInstance

DENIED = {"requestId": "1#1", "success": False, "errors": [{"code": "603", "message": "Access denied"}]}
CAMPAIGNS = "/rest/asset/v1/smartCampaigns.json"


def well(result: Any) -> dict[str, Any]:
    return {"requestId": "1#1", "success": True, "result": result}


@pytest.fixture
def healthy(vendor: Any) -> Any:
    """A subscription without a campaign that has used little of its day."""
    vendor.on("GET", "/rest/v1/stats/usage.json", well([{"total": 10}]))
    vendor.on("GET", CAMPAIGNS, well([]))
    return vendor


def told(marketo: MarketoInstance) -> list[tuple[str, str]]:
    return [(one.code, one.params["fix"]) for one in marketo.check()]


def test_a_healthy_subscription_has_nothing_to_tell(marketo: MarketoInstance, healthy: Any) -> None:
    assert told(marketo) == []


def test_an_active_trigger_campaign_is_named_and_a_batch_is_not(marketo: MarketoInstance, healthy: Any) -> None:
    kinds = (("7", "Welcome", "trigger"), ("8", "Once", "batch"))
    both = [{"id": id, "name": name, "type": kind, "isActive": True} for id, name, kind in kinds]
    healthy.on("GET", CAMPAIGNS, well(both))
    (found,) = marketo.check()
    assert (found.code, found.params["name"]) == ("campaign_active", "Welcome")


def test_campaigns_that_may_not_be_read_are_told(marketo: MarketoInstance, healthy: Any) -> None:
    healthy.on("GET", CAMPAIGNS, DENIED)
    assert told(marketo) == [("campaigns_unread", "asset_permission")]


def test_a_key_field_that_holds_no_text_is_told(marketo: MarketoInstance, healthy: Any) -> None:
    key = {"name": "mmSourceKey", "displayName": "Key", "dataType": "integer", "updateable": True}
    healthy.on("GET", "/rest/v1/leads/describe2.json", well([{"name": "API Lead", "fields": [key]}]))
    assert ("key_field_wrong_type", "rename_field") in told(marketo)


@pytest.mark.parametrize(("used", "code"), [(49_000, "quota_low"), (50_000, "quota_exhausted")])
def test_a_day_that_is_nearly_used_up_is_told(marketo: MarketoInstance, healthy: Any, used: int, code: str) -> None:
    healthy.on("GET", "/rest/v1/stats/usage.json", well([{"total": used}]))
    assert told(marketo) == [(code, "wait_for_reset")]


def test_fields_of_companies_that_a_linked_crm_keeps_are_told(marketo: MarketoInstance, healthy: Any) -> None:
    linked = {"requestId": "1#1", "success": False, "errors": [{"code": "1018", "message": "CRM enabled"}]}
    healthy.on("GET", "/rest/v1/companies/describe.json", linked)
    healthy.on("GET", "/rest/v1/opportunities/describe.json", well([{"name": "opportunity", "fields": []}]))
    problems, cursor = [], None
    while True:
        page = marketo.read(Kind.FIELD, cursor)
        problems += [(one.code, one.subject, one.params) for one in page.content.problems]
        if (cursor := page.next) is None:
            break
    assert problems == [("fields_unread", "dst", {"object": "companies", "reason": "1018"})]
