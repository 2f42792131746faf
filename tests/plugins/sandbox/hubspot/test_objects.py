"""Records: creating, reading, changing, batches, merging, deleting for good."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
Make = Callable[..., str]
CONTACTS = "/crm/v3/objects/contacts"


def body(answer: TestResponse) -> Any:
    return answer.json


def problems(answer: TestResponse) -> dict[str, str]:
    """Error codes by property out of the JSON inside the message."""
    assert answer.status_code == 400, answer.text
    text = body(answer)["message"].removeprefix("Property values were not valid: ")
    return {row["name"]: row["error"] for row in json.loads(text)}


def read(call: Call, id: str, *names: str) -> dict[str, Any]:
    return dict(body(call(f"GET {CONTACTS}/{id}?properties={','.join(names)}"))["properties"])


# --- creating ---------------------------------------------------------------------------------------------------------


def test_a_new_contact_gets_what_hubspot_fills_in(call: Call, contact: Make) -> None:
    id = contact("Ana@Example.com", firstname="Ana")
    found = read(call, id, "email", "lifecyclestage", "hs_object_source", "hs_email_domain", "hs_marketable_status")
    assert found["email"] == "ana@example.com"
    assert found["lifecyclestage"] == "lead"
    assert (found["hs_object_source"], found["hs_email_domain"]) == ("INTEGRATION", "example.com")
    assert found["hs_marketable_status"] == "false"


def test_created_contacts_are_marketing_contacts_when_the_app_is_set_so(
    call: Call, contact: Make, store: Store
) -> None:
    store.set("switches", {"create_is_marketing": True})
    assert read(call, contact("a@example.com"), "hs_marketable_status")["hs_marketable_status"] == "true"


def test_an_address_that_is_taken_names_the_contact_that_has_it(call: Call, contact: Make) -> None:
    id = contact("ana@example.com")
    answer = call(f"POST {CONTACTS}", {"properties": {"email": "ANA@example.com"}})
    assert answer.status_code == 409
    assert body(answer)["message"] == f"Contact already exists. Existing ID: {id}"
    assert body(answer)["category"] == "CONFLICT"


def test_a_contact_without_address_and_names_is_refused(call: Call) -> None:
    assert call(f"POST {CONTACTS}", {"properties": {"phone": "1"}}).status_code == 400


def test_one_answer_names_every_bad_property(call: Call) -> None:
    wanted = {
        "email": "no address", "nope": "1", "createdate": "2020-01-01", "hs_lead_status": "SOMETHING",
        "associatedcompanyid": "many", "closedate": "tomorrow", "firstname": "x" * 65_537, "hs_email_optout": "true",
    }  # fmt: skip
    assert problems(call(f"POST {CONTACTS}", {"properties": wanted})) == {
        "email": "INVALID_EMAIL",
        "nope": "PROPERTY_DOESNT_EXIST",
        "createdate": "READ_ONLY_VALUE",
        "hs_lead_status": "INVALID_OPTION",
        "associatedcompanyid": "INVALID_FLOAT",
        "closedate": "INVALID_DATE",
        "firstname": "PROPERTY_VALUE_TOO_LONG",
        "hs_email_optout": "READ_ONLY_VALUE",
    }


@pytest.mark.parametrize(
    "address",
    ["a@b", "a b@example.com", "a@@example.com", "@example.com", "a..b@example.com", "ä@example.com", "a@x.y"],
)
def test_addresses_that_hubspot_does_not_take(call: Call, address: str) -> None:
    assert problems(call(f"POST {CONTACTS}", {"properties": {"email": address}})) == {"email": "INVALID_EMAIL"}


def test_times_are_kept_as_iso_text_and_days_as_days(call: Call, contact: Make, store: Store) -> None:
    day = {"name": "birthday", "label": "B", "type": "date", "fieldType": "date", "groupName": "contactinformation"}
    assert call("POST /crm/v3/properties/contacts", day).status_code == 201
    id = contact("a@example.com", closedate="1767225600000", birthday="1767225600000")
    found = read(call, id, "closedate", "birthday")
    assert found["closedate"] == "2026-01-01T00:00:00.000Z"
    assert found["birthday"] == "2026-01-01"
    wrong = call(f"PATCH {CONTACTS}/{id}", {"properties": {"birthday": "1767225600001"}})
    assert problems(wrong) == {"birthday": "INVALID_DATE"}


def test_a_leading_semicolon_adds_to_a_multiple_choice(call: Call, contact: Make) -> None:
    id = contact("a@example.com", hs_buying_role="CHAMPION")
    call(f"PATCH {CONTACTS}/{id}", {"properties": {"hs_buying_role": ";BLOCKER;CHAMPION"}})
    assert read(call, id, "hs_buying_role")["hs_buying_role"] == "CHAMPION;BLOCKER"


def test_companies_may_share_a_domain(call: Call) -> None:
    for _ in range(2):
        answer = call("POST /crm/v3/objects/companies", {"properties": {"name": "A", "domain": "a.example"}})
        assert answer.status_code == 201


def test_a_deals_stage_must_belong_to_its_pipeline(call: Call) -> None:
    answer = call("POST /crm/v3/objects/deals", {"properties": {"dealname": "D", "dealstage": "nowhere"}})
    assert answer.status_code == 400
    assert (
        "nowhere is not a valid pipeline stage ID. Valid options are: appointmentscheduled" in body(answer)["message"]
    )


def test_a_deals_creation_date_can_be_written(call: Call) -> None:
    wanted = {"dealname": "D", "createdate": "2020-02-29T00:00:00Z"}
    made = body(call("POST /crm/v3/objects/deals", {"properties": wanted}))
    assert made["properties"]["createdate"] == "2020-02-29T00:00:00.000Z"


def test_an_unknown_owner_is_refused(call: Call) -> None:
    answer = call(f"POST {CONTACTS}", {"properties": {"email": "a@example.com", "hubspot_owner_id": "77"}})
    assert problems(answer) == {"hubspot_owner_id": "INVALID_OPTION"}


def test_a_unique_property_finds_and_refuses(call: Call, contact: Make) -> None:
    key = {"name": "mm_key", "label": "K", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
    call("POST /crm/v3/properties/contacts", {**key, "hasUniqueValue": True})
    id = contact("a@example.com", mm_key="k1")
    assert body(call(f"GET {CONTACTS}/k1?idProperty=mm_key"))["id"] == id
    twin = call(f"POST {CONTACTS}", {"properties": {"firstname": "B", "mm_key": "k1"}})
    assert problems(twin) == {"mm_key": "CONFLICTING_UNIQUE_VALUE"}
    assert call(f"GET {CONTACTS}/Ana?idProperty=firstname").status_code == 400


def test_an_unknown_object_type_and_a_body_that_does_not_bind(call: Call) -> None:
    answer = call("GET /crm/v3/objects/zzz")
    assert (answer.status_code, body(answer)["message"]) == (400, "Unable to infer object type from: zzz")
    unbound = body(call(f"POST {CONTACTS}", {}))["message"]
    assert unbound.startswith("Invalid input JSON on line 1") and "[properties]" in unbound
    assert call(f"POST {CONTACTS}", data="x", content_type="text/plain").status_code == 415


# --- reading ----------------------------------------------------------------------------------------------------------


def test_pages_go_on_until_the_last_which_has_no_paging(call: Call, contact: Make) -> None:
    ids = [contact(f"p{n}@example.com") for n in range(25)]
    seen, after = [], ""
    while True:
        page = body(call(f"GET {CONTACTS}?limit=10&after={after}" if after else f"GET {CONTACTS}"))
        seen += [row["id"] for row in page["results"]]
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
    assert seen == ids


def test_a_page_has_at_most_100_records_and_50_with_history(call: Call) -> None:
    assert call(f"GET {CONTACTS}?limit=100").status_code == 200
    assert call(f"GET {CONTACTS}?limit=101").status_code == 400
    assert call(f"GET {CONTACTS}?limit=51&propertiesWithHistory=email").status_code == 400


def test_default_properties_are_shown_and_unknown_ones_ignored(call: Call, contact: Make) -> None:
    id = contact("a@example.com", phone="1")
    shown = body(call(f"GET {CONTACTS}/{id}"))["properties"]
    assert set(shown) == {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert set(read(call, id, "phone", "unheard_of")) == {"phone", "createdate", "lastmodifieddate", "hs_object_id"}


def test_history_is_newest_first_and_stamped_with_the_write(call: Call, contact: Make, clock: SandboxClock) -> None:
    id = contact("a@example.com", jobtitle="one")
    clock.advance(60)
    call(f"PATCH {CONTACTS}/{id}", {"properties": {"jobtitle": "two"}})
    answer = body(call(f"GET {CONTACTS}/{id}?propertiesWithHistory=jobtitle"))
    versions = answer["propertiesWithHistory"]["jobtitle"]
    assert [version["value"] for version in versions] == ["two", "one"]
    assert versions[0]["timestamp"] == answer["updatedAt"]
    assert versions[0]["sourceType"] == "INTEGRATION"


def test_fields_hidden_from_the_token_do_not_exist_for_it(call: Call, contact: Make, store: Store) -> None:
    id = contact("a@example.com")
    store.set("switches", {"hidden_fields": ["hs_email_optout"]})
    assert "hs_email_optout" not in read(call, id, "hs_email_optout")
    assert call("GET /crm/v3/properties/contacts/hs_email_optout").status_code == 404
    names = [row["name"] for row in body(call("GET /crm/v3/properties/contacts"))["results"]]
    assert "hs_email_optout" not in names


def test_date_versioned_paths_and_trailing_slashes_lead_to_the_same_records(call: Call, contact: Make) -> None:
    id = contact("a@example.com")
    for path in ("/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1", "/crm/v3/objects/contacts/"):
        assert [row["id"] for row in body(call(f"GET {path}"))["results"]] == [id]


# --- changing ---------------------------------------------------------------------------------------------------------


def test_a_change_echoes_what_was_written_and_the_systems_properties(call: Call, contact: Make) -> None:
    id = contact("a@example.com", phone="1")
    answer = call(f"PATCH {CONTACTS}/a@example.com?idProperty=email", {"properties": {"phone": ""}})
    assert set(body(answer)["properties"]) == {"phone", "createdate", "lastmodifieddate", "hs_object_id"}
    assert read(call, id, "phone")["phone"] is None


def test_lifecycle_stages_only_move_forward(call: Call, contact: Make) -> None:
    id = contact("a@example.com", lifecyclestage="customer")
    back = call(f"PATCH {CONTACTS}/{id}", {"properties": {"lifecyclestage": "lead"}})
    assert (back.status_code, body(back)["properties"]["lifecyclestage"]) == (200, "customer")
    call(f"PATCH {CONTACTS}/{id}", {"properties": {"lifecyclestage": ""}})
    call(f"PATCH {CONTACTS}/{id}", {"properties": {"lifecyclestage": "lead"}})
    assert read(call, id, "lifecyclestage")["lifecyclestage"] == "lead"


def test_a_backward_stage_is_refused_by_switch(call: Call, contact: Make, store: Store) -> None:
    store.set("switches", {"lifecycle_backward_refused": True})
    id = contact("a@example.com", lifecyclestage="customer")
    assert problems(call(f"PATCH {CONTACTS}/{id}", {"properties": {"lifecyclestage": "lead"}}))


def test_stage_dates_are_the_time_of_the_write(call: Call, contact: Make, clock: SandboxClock) -> None:
    id = contact("a@example.com")
    clock.advance(3600)
    changed = body(call(f"PATCH {CONTACTS}/{id}", {"properties": {"lifecyclestage": "customer"}}))
    assert read(call, id, "hs_lifecyclestage_customer_date")["hs_lifecyclestage_customer_date"] == changed["updatedAt"]


def test_deleting_twice_is_fine_and_the_record_stays_in_the_recycle_bin(call: Call, contact: Make) -> None:
    id = contact("a@example.com")
    for _ in range(2):
        assert call(f"DELETE {CONTACTS}/{id}").status_code == 204
    assert call(f"GET {CONTACTS}/{id}").status_code == 404
    assert [row["id"] for row in body(call(f"GET {CONTACTS}?archived=true"))["results"]] == [id]
    assert contact("a@example.com") != id


# --- batches ----------------------------------------------------------------------------------------------------------


def test_one_bad_record_refuses_the_whole_batch(call: Call, store: Store) -> None:
    rows = [{"properties": {"email": "a@example.com"}}, {"properties": {"email": "bad"}}]
    assert call(f"POST {CONTACTS}/batch/create", {"inputs": rows}).status_code == 400
    assert store.count("contacts") == 0


def test_traced_inputs_stand_each_for_itself(call: Call, contact: Make) -> None:
    held = contact("held@example.com")
    rows = [
        {"objectWriteTraceId": "1", "properties": {"email": "a@example.com"}},
        {"objectWriteTraceId": "2", "properties": {"email": "bad"}},
        {"objectWriteTraceId": "3", "properties": {"email": "held@example.com"}},
    ]
    answer = call(f"POST {CONTACTS}/batch/create", {"inputs": rows})
    assert (answer.status_code, body(answer)["numErrors"]) == (207, 2)
    assert [row["objectWriteTraceId"] for row in body(answer)["results"]] == ["1"]
    errors = {row["context"]["objectWriteTraceId"][0]: row for row in body(answer)["errors"]}
    assert errors["2"]["category"] == "VALIDATION_ERROR"
    assert f"Existing ID: {held}" in errors["3"]["message"]


def test_reading_a_batch_tells_which_records_are_missing(call: Call, contact: Make) -> None:
    contact("a@example.com")
    inputs = [{"id": "a@example.com"}, {"id": "nobody@example.com"}]
    wanted = {"properties": ["email"], "propertiesWithHistory": [], "idProperty": "email", "inputs": inputs}
    answer = call(f"POST {CONTACTS}/batch/read", wanted)
    assert answer.status_code == 207
    assert body(answer)["errors"][0]["context"]["ids"] == ["nobody@example.com"]


def test_upserts_say_what_was_new(call: Call, contact: Make) -> None:
    contact("a@example.com")
    rows = [
        {"id": address, "idProperty": "email", "properties": {"firstname": "X"}}
        for address in ("a@example.com", "b@example.com")
    ]
    answer = call(f"POST {CONTACTS}/batch/upsert", {"inputs": rows})
    assert [row["new"] for row in body(answer)["results"]] == [False, True]


def test_batches_have_limits_and_no_id_twice(call: Call, contact: Make) -> None:
    id = contact("a@example.com")
    many = [{"properties": {"firstname": "x"}}] * 101
    assert call(f"POST {CONTACTS}/batch/create", {"inputs": many}).status_code == 400
    twice = [{"id": id, "properties": {"phone": "1"}}, {"id": id, "properties": {"phone": "2"}}]
    assert call(f"POST {CONTACTS}/batch/update", {"inputs": twice}).status_code == 400
    lost = call(f"POST {CONTACTS}/batch/update", {"inputs": [{"id": "999", "properties": {"phone": "1"}}]})
    assert lost.status_code == 207
    assert call(f"POST {CONTACTS}/batch/archive", {"inputs": [{"id": id}]}).status_code == 204


# --- merging, deleting for good -----------------------------------------------------------------------------------------


def test_a_merge_makes_a_new_record_to_which_both_ids_lead(call: Call, contact: Make, clock: SandboxClock) -> None:
    first = contact("first@example.com", jobtitle="old", phone="1")
    clock.advance(60)
    second = contact("second@example.com", jobtitle="new", lifecyclestage="customer")
    merged = body(call(f"POST {CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}))
    assert merged["id"] not in (first, second)
    for id in (first, second):
        assert body(call(f"GET {CONTACTS}/{id}"))["id"] == merged["id"]
    assert merged["properties"]["email"] == "first@example.com"
    assert merged["properties"]["hs_additional_emails"] == "second@example.com"
    assert merged["properties"]["jobtitle"] == "new"
    assert merged["properties"]["lifecyclestage"] == "customer"
    assert merged["properties"]["hs_merged_object_ids"] == f"{first};{second}"
    taken = call(f"POST {CONTACTS}", {"properties": {"email": "second@example.com"}})
    assert taken.status_code == 409


def test_a_merge_keeps_associations_and_lists(call: Call, contact: Make) -> None:
    first, second = contact("first@example.com"), contact("second@example.com")
    company = body(call("POST /crm/v3/objects/companies", {"properties": {"name": "A"}}))["id"]
    call(f"PUT /crm/v4/objects/contacts/{second}/associations/default/companies/{company}")
    made = call("POST /crm/v3/lists", {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"})
    list_id = body(made)["list"]["listId"]
    call(f"PUT /crm/v3/lists/{list_id}/memberships/add", [second])
    merged = body(call(f"POST {CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": second}))["id"]
    ends = body(call(f"GET /crm/v4/objects/contacts/{merged}/associations/companies"))["results"]
    assert [end["toObjectId"] for end in ends] == [int(company)]
    members = body(call(f"GET /crm/v3/lists/{list_id}/memberships"))["results"]
    assert [row["recordId"] for row in members] == [merged]


def test_an_erased_address_comes_back_through_the_api_unless_switched_off(
    call: Call, contact: Make, store: Store
) -> None:
    """HubSpot's blocklist stops imports and the interface, and no create: a careless client brings erased people back."""
    contact("a@example.com")
    erase = {"objectId": "a@example.com", "idProperty": "email"}
    assert call(f"POST {CONTACTS}/gdpr-delete", erase).status_code == 204
    assert call(f"GET {CONTACTS}/a@example.com?idProperty=email").status_code == 404
    store.set("switches", {"erased_address_refused": True})
    again = call(f"POST {CONTACTS}", {"properties": {"email": "a@example.com"}})
    assert problems(again) == {"email": "GDPR_BLACKLISTED_EMAIL"}
    store.set("switches", {})
    assert call(f"POST {CONTACTS}", {"properties": {"email": "a@example.com"}}).status_code == 201


def test_writes_are_counted_as_pushes_while_a_crm_is_attached(call: Call, contact: Make, store: Store) -> None:
    contact("a@example.com")
    assert "crm_pushes" not in store.counters()
    store.set("crm", {"attached": True})
    contact("b@example.com")
    assert store.counters()["crm_pushes"] == 1


def test_engagements_take_any_property_and_a_date_in_the_past(call: Call, contact: Make) -> None:
    id = contact("a@example.com")
    note = {
        "properties": {"hs_note_body": "called", "hs_timestamp": "2019-01-01T00:00:00Z"},
        "associations": [
            {"to": {"id": id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}
        ],
    }
    made = call("POST /crm/v3/objects/notes", note)
    assert made.status_code == 201
    shown = body(call(f"GET {CONTACTS}/{id}?associations=notes"))
    assert shown["associations"]["notes"]["results"] == [{"id": body(made)["id"], "type": "contact_to_note"}]
