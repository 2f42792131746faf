"""Definitions, groups, owners, pipelines, the account; and HubSpot's own properties against recordings."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.hubspot import describe
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
PROPERTIES = "/crm/v3/properties/contacts"
SCORE = {"name": "mk_score", "label": "S", "type": "number", "fieldType": "number", "groupName": "contactinformation"}


def body(answer: TestResponse) -> Any:
    return answer.json


# --- HubSpot's own ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "file"), [("contacts", "contact-properties-2022.csv"), ("companies", "company-properties-2026.csv")]
)
def test_default_properties_agree_with_recordings(reference: Path, kind: str, file: str) -> None:
    with (reference / "specs/hubspot/derived" / file).open(encoding="utf-8") as lines:
        recorded = {row["name"]: row for row in csv.DictReader(lines)}
    shared = [row for row in describe.properties(kind) if row["name"] in recorded]
    assert len(shared) > 100
    for row in shared:
        facts = recorded[row["name"]]
        told = (row["type"], row["fieldType"], row["groupName"], str(row["modificationMetadata"]["readOnlyValue"]))
        expected = (facts["type"], facts["fieldType"], facts["groupName"], facts["readOnlyValue"])
        assert told == expected, row["name"]
        if facts["options"] and len(facts["options"]) < 250:
            assert {o["value"] for o in row["options"]} >= set(facts["options"].split("|")) - {""}, row["name"]


def test_the_properties_that_a_migration_needs_are_there() -> None:
    names = {row["name"]: row for row in describe.properties("contacts")}
    for writable in ("hs_analytics_source", "hs_latest_source", "hs_legal_basis", "hs_language", "closedate"):
        assert not names[writable]["modificationMetadata"]["readOnlyValue"]
    for fixed in (
        "createdate", "lastmodifieddate", "hs_object_id", "hs_email_optout", "hs_email_bad_address", "hubspotscore",
        "hs_email_hard_bounce_reason_enum", "hs_email_quarantined", "hs_email_is_ineligible", "hs_marketable_status",
        "hs_merged_object_ids", "hs_lifecyclestage_lead_date", "hs_date_entered_lead", "hs_additional_emails",
    ):  # fmt: skip
        assert names[fixed]["modificationMetadata"]["readOnlyValue"], fixed
    assert "Legitimate interest – prospect/lead" in [o["value"] for o in names["hs_legal_basis"]["options"]]


def test_installing_twice_changes_nothing(store: Store) -> None:
    before = {kind: store.count(kind) for kind in ("properties/contacts", "groups/contacts", "definitions")}
    store.set("access_token", "mine")
    describe.install_defaults(store)
    assert {kind: store.count(kind) for kind in before} == before
    assert store.setting("access_token") == "mine"


# --- definitions ------------------------------------------------------------------------------------------------------


def test_a_property_lives_and_dies(call: Call) -> None:
    assert call(f"POST {PROPERTIES}", SCORE).status_code == 201
    assert call(f"POST {PROPERTIES}", SCORE).status_code == 409
    changed = body(call(f"PATCH {PROPERTIES}/mk_score", {"label": "T", "name": "other", "hasUniqueValue": True}))
    assert (changed["label"], changed["name"], changed["hasUniqueValue"]) == ("T", "mk_score", False)
    assert call(f"DELETE {PROPERTIES}/mk_score").status_code == 204
    assert call(f"GET {PROPERTIES}/mk_score").status_code == 404
    archived = body(call(f"GET {PROPERTIES}?archived=true"))["results"]
    assert [row["name"] for row in archived] == ["mk_score"]
    assert call(f"POST {PROPERTIES}", SCORE).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Upper"}, {"name": "1st"}, {"name": "with space"}, {"type": "text"}, {"fieldType": "select"},
        {"groupName": "nowhere"}, {"label": None},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}]},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a", "hidden": False}] * 2},
    ],
)  # fmt: skip
def test_definitions_that_are_refused(call: Call, wrong: dict[str, Any]) -> None:
    assert call(f"POST {PROPERTIES}", SCORE | wrong).status_code == 400


def test_at_most_ten_properties_are_unique(call: Call) -> None:
    text = SCORE | {"type": "string", "fieldType": "text", "hasUniqueValue": True}
    codes = [call(f"POST {PROPERTIES}", text | {"name": f"key_{n}"}).status_code for n in range(11)]
    assert codes == [201] * 10 + [400]


def test_hubspots_own_definitions_cannot_be_archived(call: Call) -> None:
    assert call(f"DELETE {PROPERTIES}/email").status_code == 400
    assert call(f"PATCH {PROPERTIES}/email", {"label": "X"}).status_code == 400
    options = [{"label": "N", "value": "NEW", "hidden": False}, {"label": "M", "value": "MINE", "hidden": False}]
    assert call(f"PATCH {PROPERTIES}/hs_lead_status", {"options": options}).status_code == 200
    made = call("POST /crm/v3/objects/contacts", {"properties": {"email": "a@example.com", "hs_lead_status": "MINE"}})
    assert made.status_code == 201


def test_batches_of_definitions(call: Call) -> None:
    made = call(f"POST {PROPERTIES}/batch/create", {"inputs": [SCORE, SCORE]})
    assert (made.status_code, len(body(made)["results"]), body(made)["numErrors"]) == (207, 1, 1)
    wanted = {"archived": False, "dataSensitivity": "non_sensitive"}
    read = call(f"POST {PROPERTIES}/batch/read", wanted | {"inputs": [{"name": "mk_score"}, {"name": "email"}]})
    assert [row["name"] for row in body(read)["results"]] == ["mk_score", "email"]
    assert call(f"POST {PROPERTIES}/batch/archive", {"inputs": [{"name": "mk_score"}]}).status_code == 204


def test_groups(call: Call) -> None:
    assert call(f"POST {PROPERTIES}/groups", {"name": "mm", "label": "Migration"}).status_code == 201
    assert call(f"POST {PROPERTIES}/groups", {"name": "mm", "label": "Migration"}).status_code == 409
    assert body(call(f"PATCH {PROPERTIES}/groups/mm", {"label": "M"}))["label"] == "M"
    call(f"POST {PROPERTIES}", SCORE | {"groupName": "mm"})
    assert call(f"DELETE {PROPERTIES}/groups/mm").status_code == 400
    call(f"DELETE {PROPERTIES}/mk_score")
    assert call(f"DELETE {PROPERTIES}/groups/mm").status_code == 204
    assert "mm" not in [row["name"] for row in body(call(f"GET {PROPERTIES}/groups"))["results"]]


# --- owners, pipelines, the account -------------------------------------------------------------------------------------


def test_owners_are_found_by_id_and_address(call: Call, store: Store) -> None:
    owner = {"id": "501", "email": "o@example.com", "type": "PERSON", "firstName": "O", "lastName": "W", "userId": 7}
    owner |= {"createdAt": describe.BORN, "updatedAt": describe.BORN, "archived": False}
    store.put("owners", "501", owner)
    assert [row["id"] for row in body(call("GET /crm/v3/owners?email=O@example.com"))["results"]] == ["501"]
    assert body(call("GET /crm/v3/owners/7?idProperty=userId"))["id"] == "501"
    assert call("GET /crm/v3/owners/9").status_code == 404


def test_pipelines_and_stages(call: Call) -> None:
    default = body(call("GET /crm/v3/pipelines/deals"))["results"][0]
    assert [stage["metadata"]["probability"] for stage in default["stages"]][-2:] == ["1.0", "0.0"]
    stage = {"label": "One", "displayOrder": 0, "metadata": {"probability": "0.5"}}
    made = body(call("POST /crm/v3/pipelines/deals", {"label": "P", "displayOrder": 1, "stages": [stage]}))
    path = f"/crm/v3/pipelines/deals/{made['id']}"
    added = body(call(f"POST {path}/stages", stage | {"label": "Two"}))
    changed = call(f"PATCH {path}/stages/{added['id']}", {"label": "Three", "metadata": {"probability": "0.7"}})
    assert body(changed)["metadata"]["probability"] == "0.7"
    assert [row["label"] for row in body(call(f"GET {path}/stages"))["results"]] == ["One", "Three"]
    deal = {"dealname": "D", "pipeline": made["id"], "dealstage": added["id"]}
    assert call("POST /crm/v3/objects/deals", {"properties": deal}).status_code == 201
    assert call(f"DELETE {path}/stages/{added['id']}").status_code == 204
    assert call(f"DELETE {path}").status_code == 204


def test_the_account_tells_about_itself(call: Call, store: Store) -> None:
    details = body(call("GET /account-info/v3/details"))
    assert (details["timeZone"], details["utcOffset"], details["utcOffsetMilliseconds"]) == (
        "Asia/Tokyo",
        "+09:00",
        32_400_000,
    )
    store.put("business-units", "0", {"id": "0", "name": "First"})
    assert body(call("GET /business-units/v3/business-units/user/7"))["results"] == [{"id": "0", "name": "First"}]
