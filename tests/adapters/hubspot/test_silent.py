"""What is no answer is no "not opted out", and what is no choice is no yes: situations 37 and 38 of the consent design, as HubSpot says them."""

from typing import Any

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.model.population import ConsentFact
from mamigrate_hubspot.adapter import HubSpotInstance

PEOPLE = [{"key": "101", "email": "ana@x.example", "other_emails": []}]
BASE = "/communication-preferences/v4/statuses"


def facts_for(instance: HubSpotInstance) -> tuple[list[ConsentFact], list[str], list[str]]:
    """The facts, the codes of the findings, and the people who are unanswered."""
    pages = [page.content for page in instance.read_for(Kind.CONSENT_FACT, PEOPLE)]
    facts = [ConsentFact.model_validate(row) for page in pages for row in page.rows[Kind.CONSENT_FACT]]
    return (
        facts,
        [one.code for page in pages for one in page.problems],
        [key for page in pages for key in page.unanswered],
    )


def test_37_nothing_specified_is_neither_a_yes_nor_a_no(hubspot: HubSpotInstance, vendor: Any) -> None:
    state = {"subscriberIdString": "ana@x.example", "businessUnitId": 0, "channel": "EMAIL", "status": "NOT_SPECIFIED"}
    states = [{**state, "subscriptionId": topic} for topic in (9001, 9002)]
    answer = {"status": "COMPLETE", "results": [{"subscriberIdString": "ana@x.example", "statuses": states}]}
    none = {"status": "COMPLETE", "results": [{"subscriberIdString": "ana@x.example", "wideStatuses": []}]}
    vendor.on("POST", f"{BASE}/batch/read", answer)
    vendor.on("POST", f"{BASE}/batch/unsubscribe-all/read", none)
    vendor.on("GET", f"{BASE}/([^/]+)", {"status": "COMPLETE", "results": states})
    vendor.on("GET", f"{BASE}/([^/]+)/unsubscribe-all", {"status": "COMPLETE", "results": []})
    assert facts_for(hubspot) == ([], [], [])


@pytest.mark.parametrize("empty", [{"results": []}, {"results": [], "status": "PENDING"}])
def test_38_an_empty_list_with_errors_says_of_nobody_that_they_did_not_leave(
    hubspot: HubSpotInstance, vendor: Any, empty: dict[str, Any]
) -> None:
    body = {"status": "COMPLETE", "numErrors": 3, **empty}
    for method, path in (("POST", "batch/read"), ("POST", "batch/unsubscribe-all/read"), ("GET", "([^/]+)"), ("GET", "([^/]+)/unsubscribe-all")):  # fmt: skip
        vendor.on(method, f"{BASE}/{path}", body)
    facts, codes, unanswered = facts_for(hubspot)
    assert {(one.kind, one.polarity, one.address_loose) for one in facts} == {("unparsed", "-", "ana@x.example")}
    assert (codes, unanswered) == (["consent_unread"], ["101"])
