"""What Marketo's check finds before a run: campaigns that are at work, a key field of another type; quotas."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from mamigrate.clock import HandClock
from mamigrate.contract import OptOutSync
from mamigrate.errors import QuotaExhausted, UsageError
from mamigrate.model.kinds import Kind
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_marketo.fetch import OWNED

DENIED = {"requestId": "1#1", "success": False, "errors": [{"code": "603", "message": "Access denied"}]}
CAMPAIGNS = "/rest/asset/v1/smartCampaigns.json"


def well(result: Any) -> dict[str, Any]:
    return {"requestId": "1#1", "success": True, "result": result}


@pytest.fixture
def healthy(vendor: Any) -> Any:
    """A subscription without a campaign that has used little of its day."""
    vendor.on("GET", "/rest/v1/stats/usage.json", well([{"total": 10}]))
    vendor.on("GET", CAMPAIGNS, well([]))
    vendor.on("GET", "/rest/asset/v1/channels.json", well([]))
    for kind in ("companies", "opportunities"):
        vendor.on("GET", f"/rest/v1/{kind}/describe.json", well([{"name": kind, "fields": []}]))
    return vendor


def told(marketo: MarketoInstance) -> list[tuple[str, str]]:
    return [(one.code, one.params["fix"]) for one in marketo.check()]


def test_a_healthy_subscription_has_nothing_to_tell(marketo: MarketoInstance, healthy: Any) -> None:
    assert told(marketo) == []


def test_an_active_trigger_campaign_is_named_and_a_batch_is_not(marketo: MarketoInstance, healthy: Any) -> None:
    kinds = (("7", "Welcome", "trigger"), ("8", "Once", "batch"))
    both = [{"id": id, "name": name, "type": kind, "isActive": True} for id, name, kind in kinds]
    healthy.on("GET", CAMPAIGNS, lambda asked: well([] if asked.query["offset"] != ["0"] else both))
    (found,) = marketo.check()
    assert (found.code, found.params["name"]) == ("campaign_active", "Welcome")


def test_campaigns_that_may_not_be_read_are_told(marketo: MarketoInstance, healthy: Any) -> None:
    healthy.on("GET", CAMPAIGNS, DENIED)
    assert told(marketo) == [("campaigns_unread", "asset_permission")]


def test_a_key_field_that_holds_no_text_is_told(marketo: MarketoInstance, healthy: Any) -> None:
    key = {"name": "mmSourceKey", "displayName": "Key", "dataType": "integer", "updateable": True}
    healthy.on("GET", "/rest/v1/leads/describe2.json", well([{"name": "API Lead", "fields": [key]}]))
    assert ("key_field_wrong_type", "rename_field") in told(marketo)


def test_calls_of_others_and_of_earlier_processes_come_off_the_share_of_the_day(
    marketo: MarketoInstance, healthy: Any, clock: HandClock
) -> None:
    healthy.on("GET", "/rest/v1/stats/usage.json", well([{"total": 44_995}]))
    marketo.quotas()
    before = len(healthy.asked)
    with pytest.raises(QuotaExhausted) as caught:
        for _ in range(50_000):
            marketo.read(Kind.CHANNEL, None)
    assert len(healthy.asked) - before == 5
    midnight = datetime.fromisoformat(caught.value.resets_at)
    assert (midnight.tzinfo is not None, midnight.hour) == (True, 0)
    clock.sleep((midnight - clock.now()).total_seconds() + 1)
    marketo.read(Kind.CHANNEL, None)


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


@pytest.mark.parametrize(("describe", "closed"), [("1018", True), ("603", False)])
def test_what_a_linked_crm_owns_is_told_after_one_question_for_each_kind(
    marketo: MarketoInstance, healthy: Any, describe: str, closed: bool
) -> None:
    refused = {"requestId": "1#1", "success": False, "errors": [{"code": describe, "message": "CRM enabled"}]}
    healthy.on("GET", "/rest/v1/(companies|opportunities)/describe.json", refused)
    told = [marketo.closed() for _ in range(3)]
    assert told == [dict.fromkeys((Kind.ACCOUNT, Kind.OPPORTUNITY), OWNED) if closed else {}] * 3
    assert sum("describe.json" in path for path in healthy.paths()) == 2
    assert marketo.info().crm_linked is closed


def described(*fields: tuple[str, bool]) -> dict[str, Any]:
    """A describe of people: names, and whether a CRM manages them."""
    rows = [{"name": name, "dataType": "string", "updateable": True, "crmManaged": managed} for name, managed in fields]
    return well([{"name": "API Lead", "searchableFields": [], "fields": rows}])


@pytest.mark.parametrize(
    ("fields", "said", "mode"),
    [
        ((("email", False),), "", None),
        ((("email", False),), "own", None),
        ((("email", True),), "", OptOutSync.CRM),
        ((("sfdcContactId", False),), "", OptOutSync.UNKNOWN),
        ((("email", True),), "own", OptOutSync.OWN),
    ],
)
def test_a_contact_of_a_linked_crm_wins_over_an_opt_out_unless_the_project_says_otherwise(
    vendor: Any, marketo: MarketoInstance, fields: tuple[tuple[str, bool], ...], said: str, mode: OptOutSync | None
) -> None:
    vendor.on("GET", "/rest/v1/leads/describe2.json", described(*fields))
    connection = replace(marketo.connection, options={"client_id": "id", "opt_out_sync": said})
    assert Marketo().connect(connection, HandClock()).opt_out_sync() is mode


def test_a_way_of_opt_outs_that_does_not_exist_is_refused(marketo: MarketoInstance) -> None:
    connection = replace(marketo.connection, options={"client_id": "id", "opt_out_sync": "auto"})
    with pytest.raises(UsageError, match="either, own, latest"):
        Marketo().connect(connection, HandClock())


@pytest.mark.parametrize(("own", "linked"), [("sfdcContactId", True), ("company", True), ("email", False)])
def test_a_linked_crm_keeps_companies_deals_and_the_companys_fields_of_people(
    marketo: MarketoInstance, healthy: Any, own: str, linked: bool
) -> None:
    """Though it lets everybody look at them: whoever writes is refused (1018, 1021)."""
    fields = (("email", False), ("company", own == "company"), ("firstName", False))
    more = () if own in ("email", "company") else ((own, True),)
    healthy.on("GET", "/rest/v1/leads/describe2.json", described(*fields, *more))
    healthy.on("GET", "/rest/v1/leads/schema/fields.json", well([]))
    healthy.on("GET", "/rest/v1/(companies|opportunities)/describe.json", well([{"name": "x", "fields": []}]))
    assert set(marketo.closed()) == ({Kind.ACCOUNT, Kind.OPPORTUNITY} if linked else set())
    rows = marketo.read(Kind.FIELD, None).content.rows[Kind.FIELD]
    assert {row["api_name"] for row in rows if row["read_only"]} == ({"company"} if linked else set())
    meanings = {row["api_name"]: row["meaning"] for row in rows if row["meaning"].startswith("crm_")}
    assert meanings == ({own: "crm_contact_id"} if more else {})
