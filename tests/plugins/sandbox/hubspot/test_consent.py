"""Consent: three generations of one API, each with its traps."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.hubspot import describe, mirrors
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
Make = Callable[..., str]
V4, V3, OLD = "/communication-preferences/v4", "/communication-preferences/v3", "/email/public/v1/subscriptions"
ANA = "ana@example.com"


def body(answer: TestResponse) -> Any:
    return answer.json


def write(call: Call, state: str, type_id: int = 9001, who: str = ANA, **more: Any) -> TestResponse:
    wanted = {"subscriptionId": type_id, "statusState": state, "channel": "EMAIL", **more}
    return call(f"POST {V4}/statuses/{who}", wanted)


def states(call: Call, who: str = ANA) -> dict[int, str]:
    rows = body(call(f"GET {V4}/statuses/{who}?channel=EMAIL"))["results"]
    return {row["subscriptionId"]: row["status"] for row in rows}


def opt_out(call: Call, who: str = ANA, more: str = "") -> Any:
    return body(call(f"POST {V4}/statuses/{who}/unsubscribe-all?channel=EMAIL{more}"))


# --- v4 ---------------------------------------------------------------------------------------------------------------


def test_ids_are_text_in_definitions_and_numbers_in_statuses(call: Call) -> None:
    types = body(call(f"GET {V4}/definitions"))["results"]
    assert [row["id"] for row in types] == ["9001", "9002", "9003"]
    assert set(states(call)) == {9001, 9002, 9003}


def test_an_unknown_address_is_not_specified(call: Call, store: Store) -> None:
    assert set(states(call, "nobody@example.com").values()) == {"NOT_SPECIFIED"}
    store.set("switches", {"unknown_address_not_found": True})
    assert call(f"GET {V4}/statuses/nobody@example.com?channel=EMAIL").status_code == 404


def test_unsubscribing_from_all_answers_nothing_unless_verbose(call: Call) -> None:
    assert opt_out(call)["results"] == []
    verbose = opt_out(call, "b@example.com", "&verbose=true")["results"]
    assert {row["setStatusSuccessReason"] for row in verbose} == {"UNSUBSCRIBE_FROM_ALL_OCCURRED"}


def test_after_unsubscribing_from_all_every_type_has_the_same_time(call: Call) -> None:
    write(call, "SUBSCRIBED")
    opt_out(call)
    rows = body(call(f"GET {V4}/statuses/{ANA}?channel=EMAIL"))["results"]
    assert {row["status"] for row in rows} == {"UNSUBSCRIBED"}
    assert len({row["timestamp"] for row in rows}) == 1


def test_opting_out_twice_keeps_the_first_time(call: Call, clock: SandboxClock) -> None:
    first = opt_out(call, more="&verbose=true")["results"]
    clock.advance(60)
    again = opt_out(call, more="&verbose=true")["results"]
    assert {row["setStatusSuccessReason"] for row in again} == {"NO_STATUS_CHANGE"}
    assert [row["timestamp"] for row in again] == [row["timestamp"] for row in first]


def test_the_wide_status_is_empty_until_there_is_one(call: Call) -> None:
    path = f"GET {V4}/statuses/{ANA}/unsubscribe-all?channel=EMAIL"
    assert body(call(path))["results"] == []
    opt_out(call)
    assert body(call(path))["results"][0]["wideStatusType"] == "PORTAL_WIDE"


def test_statuses_hang_on_the_address_not_on_a_contact(call: Call, contact: Make) -> None:
    opt_out(call)
    id = contact("ANA@example.com")
    shown = body(call(f"GET /crm/v3/objects/contacts/{id}?properties=hs_email_optout,hs_email_optout_9001"))
    assert shown["properties"]["hs_email_optout"] == shown["properties"]["hs_email_optout_9001"] == "true"
    call(f"DELETE /crm/v3/objects/contacts/{id}")
    assert set(states(call).values()) == {"UNSUBSCRIBED"}


def test_mirrors_follow_every_change_and_search_finds_them_later(
    call: Call, contact: Make, clock: SandboxClock
) -> None:
    id = contact(ANA)
    write(call, "UNSUBSCRIBED")
    names = "hs_email_optout,hs_email_optout_9001"
    shown = body(call(f"GET /crm/v3/objects/contacts/{id}?properties={names}"))["properties"]
    assert (shown["hs_email_optout"], shown["hs_email_optout_9001"]) == (None, "true")
    clock.advance(10)
    wanted = {
        "filterGroups": [{"filters": [{"propertyName": "hs_email_optout_9001", "operator": "EQ", "value": "true"}]}]
    }
    assert body(call("POST /crm/v3/objects/contacts/search", wanted))["total"] == 1


def test_v4_subscribes_an_opted_out_person_again_and_lifts_the_wide_opt_out(call: Call, contact: Make) -> None:
    contact(ANA)
    opt_out(call)
    answer = body(write(call, "SUBSCRIBED"))["results"][0]
    assert answer["setStatusSuccessReason"] == "RESUBSCRIBE_OCCURRED"
    assert states(call) == {9001: "SUBSCRIBED", 9002: "UNSUBSCRIBED", 9003: "UNSUBSCRIBED"}
    assert body(call(f"GET {V4}/statuses/{ANA}/unsubscribe-all?channel=EMAIL"))["results"] == []


def test_the_wide_opt_out_stays_by_switch(call: Call, store: Store, clock: SandboxClock) -> None:
    store.set("switches", {"resubscribe_clears_wide": False})
    opt_out(call)
    clock.advance(1)
    write(call, "SUBSCRIBED")
    assert states(call)[9001] == "SUBSCRIBED"
    assert body(call(f"GET {V4}/statuses/{ANA}/unsubscribe-all?channel=EMAIL"))["results"]


def test_an_opt_out_known_only_as_a_wide_one_covers_every_type(call: Call, store: Store) -> None:
    row = {"wideStatusType": "PORTAL_WIDE", "status": "UNSUBSCRIBED", "channel": "EMAIL"}
    row |= {"timestamp": "2026-01-01T00:00:00.000Z", "subscriberIdString": ANA}
    store.put("optouts", f"{ANA}|portal", row, {"address": ANA})
    assert set(states(call).values()) == {"UNSUBSCRIBED"}
    write(call, "SUBSCRIBED")
    assert states(call) == {9001: "SUBSCRIBED", 9002: "UNSUBSCRIBED", 9003: "UNSUBSCRIBED"}


def test_a_write_that_changes_nothing_says_so(call: Call, clock: SandboxClock) -> None:
    first = body(write(call, "UNSUBSCRIBED"))["results"][0]
    clock.advance(60)
    second = body(write(call, "UNSUBSCRIBED"))["results"][0]
    assert first["setStatusSuccessReason"] == "REQUESTED_CHANGE_OCCURRED"
    assert (second["setStatusSuccessReason"], second["timestamp"]) == ("NO_STATUS_CHANGE", first["timestamp"])


def test_not_specified_is_refused_after_unsubscribed_unless_the_switch_allows(call: Call, store: Store) -> None:
    write(call, "UNSUBSCRIBED")
    assert write(call, "NOT_SPECIFIED").status_code == 400
    store.set("switches", {"not_specified_after_unsubscribe": True})
    assert write(call, "NOT_SPECIFIED").status_code == 200


def test_a_legal_basis_is_required_when_privacy_settings_are_on(call: Call, store: Store) -> None:
    store.set("switches", {"privacy_required": True})
    refused = write(call, "SUBSCRIBED")
    assert (refused.status_code, body(refused)["category"]) == (400, "VALIDATION_ERROR")
    granted = write(call, "SUBSCRIBED", legalBasis="CONSENT_WITH_NOTICE", legalBasisExplanation="form of 2020-01-01")
    assert body(granted)["results"][0]["legalBasis"] == "CONSENT_WITH_NOTICE"
    assert write(call, "UNSUBSCRIBED").status_code == 200


@pytest.mark.parametrize("more", [{"channel": "SMS"}, {"legalBasis": "BECAUSE"}, {"statusState": "MAYBE"}])
def test_other_words_are_refused(call: Call, more: dict[str, str]) -> None:
    wanted = {"subscriptionId": 9001, "statusState": "SUBSCRIBED", "channel": "EMAIL", **more}
    assert call(f"POST {V4}/statuses/{ANA}", wanted).status_code == 400


def test_an_unknown_type_and_a_missing_channel_are_refused(call: Call) -> None:
    assert write(call, "SUBSCRIBED", 1234).status_code == 404
    assert call(f"GET {V4}/statuses/{ANA}").status_code == 400


def test_brands_are_opted_out_of_one_by_one(call: Call, store: Store) -> None:
    store.put("business-units", "7", {"id": "7", "name": "Second"})
    describe.install_definition(store, describe.definition("9100", "Second news", "News", brand=7))
    opt_out(call, more="&businessUnitId=7")
    assert states(call) == {9001: "NOT_SPECIFIED", 9002: "NOT_SPECIFIED", 9003: "NOT_SPECIFIED", 9100: "UNSUBSCRIBED"}
    wide = body(call(f"GET {V4}/statuses/{ANA}/unsubscribe-all?channel=EMAIL"))["results"]
    assert [(row["wideStatusType"], row["businessUnitId"]) for row in wide] == [("BUSINESS_UNIT_WIDE", 7)]


def test_batches_read_write_and_unsubscribe(call: Call) -> None:
    rows = [
        {"subscriberIdString": who, "subscriptionId": 9001, "statusState": "UNSUBSCRIBED", "channel": "EMAIL"}
        for who in (ANA, "b@example.com")
    ]
    assert len(body(call(f"POST {V4}/statuses/batch/write", {"inputs": rows}))["results"]) == 2
    call(f"POST {V4}/statuses/batch/unsubscribe-all?channel=EMAIL", {"inputs": ["c@example.com"]})
    people = {"inputs": [ANA, "c@example.com"]}
    read = body(call(f"POST {V4}/statuses/batch/read?channel=EMAIL", people))["results"]
    assert [row["subscriberIdString"] for row in read] == people["inputs"]
    wide = body(call(f"POST {V4}/statuses/batch/unsubscribe-all/read?channel=EMAIL", people))["results"]
    assert [bool(row["wideStatuses"]) for row in wide] == [False, True]
    assert call(f"POST {V4}/statuses/batch/read?channel=EMAIL", {"inputs": ["x@example.com"] * 101}).status_code == 400


def test_an_unsubscribe_link_can_be_made(call: Call) -> None:
    wanted = {"subscriberIdString": ANA, "subscriptionId": 9001}
    assert ANA in body(call(f"POST {V4}/links/generate?channel=EMAIL", wanted))["unsubscribeSingleUrl"]


# --- v3 ---------------------------------------------------------------------------------------------------------------


def test_v3_cannot_subscribe_again(call: Call) -> None:
    wanted = {"emailAddress": ANA, "subscriptionId": "9001"}
    assert call(f"POST {V3}/unsubscribe", wanted).status_code == 200
    again = call(f"POST {V3}/unsubscribe", wanted)
    assert body(again)["message"] == f"{ANA} is already unsubscribed from subscription 9001"
    back = call(f"POST {V3}/subscribe", wanted)
    assert back.status_code == 400
    assert body(back)["message"] == f"Subscription 9001 for {ANA} cannot be updated because they have unsubscribed"


def test_v3_asks_for_a_basis_when_privacy_settings_are_on(call: Call, store: Store) -> None:
    store.set("switches", {"privacy_required": True})
    answer = call(f"POST {V3}/subscribe", {"emailAddress": ANA, "subscriptionId": "9001"})
    assert body(answer)["message"] == "Legal Basis is required for resubscribing a contact on GDPR enabled portals"


def test_v3_knows_two_states_and_where_they_come_from(call: Call, store: Store) -> None:
    shown = body(call(f"GET {V3}/status/email/{ANA}"))["subscriptionStatuses"]
    assert {row["status"] for row in shown} == {"NOT_SUBSCRIBED"}
    store.set("switches", {"v3_not_specified_reads": "SUBSCRIBED"})
    shown = body(call(f"GET {V3}/status/email/{ANA}"))["subscriptionStatuses"]
    assert {row["status"] for row in shown} == {"SUBSCRIBED"}
    opt_out(call)
    shown = body(call(f"GET {V3}/status/email/{ANA}"))["subscriptionStatuses"]
    assert {(row["status"], row["sourceOfStatus"]) for row in shown} == {("NOT_SUBSCRIBED", "PORTAL_WIDE_STATUS")}
    assert [row["id"] for row in body(call(f"GET {V3}/definitions"))["subscriptionDefinitions"]] == [
        "9001",
        "9002",
        "9003",
    ]


# --- legacy -----------------------------------------------------------------------------------------------------------


def test_a_legacy_opt_out_has_no_undo(call: Call, store: Store) -> None:
    assert call(f"PUT {OLD}/{ANA}", {"unsubscribeFromAll": True}).status_code in (200, 204)
    refused = write(call, "SUBSCRIBED")
    assert body(refused)["message"] == "You cannot subscribe an unsubscribed address."
    store.set("switches", {"legacy_optout_is_final": False})
    assert write(call, "SUBSCRIBED").status_code == 200


def test_the_timeline_lists_opt_outs_of_addresses_without_a_contact(call: Call, clock: SandboxClock) -> None:
    opt_out(call, "nobody@example.com")
    clock.advance(60)
    write(call, "UNSUBSCRIBED")
    found = body(call(f"GET {OLD}/timeline?limit=1"))
    assert found["hasMore"] is True
    assert [row["recipient"] for row in found["timeline"]] == [ANA]
    rest = body(call(f"GET {OLD}/timeline?offset={found['offset']}"))
    assert (rest["hasMore"], [row["recipient"] for row in rest["timeline"]]) == (False, ["nobody@example.com"])
    assert rest["timeline"][0]["changes"][0]["changeType"] == "PORTAL_STATUS"
    single = body(call(f"GET {OLD}/timeline?changeType=SUBSCRIPTION_STATUS&recipient={ANA}"))["timeline"]
    assert single[0]["changes"][0]["subscriptionId"] == 9001


# --- filling a store ----------------------------------------------------------------------------------------------------


def test_whoever_fills_a_store_can_set_all_mirrors_at_the_end(call: Call, contact: Make, store: Store) -> None:
    id = contact(ANA)
    row = {"subscriberIdString": ANA, "subscriptionId": 9002, "status": "UNSUBSCRIBED", "channel": "EMAIL"}
    row |= {"source": "Form", "timestamp": "2026-01-01T00:00:00.000Z"}
    store.put("statuses", f"{ANA}|9002", row, {"address": ANA})
    mirrors.refresh_all(store)
    held = store.get("contacts", id) or {}
    assert held["properties"]["hs_email_optout_9002"] == "true"
    assert states(call)[9002] == "UNSUBSCRIBED"
