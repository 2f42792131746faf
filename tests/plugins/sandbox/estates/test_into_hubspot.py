import json
from collections import Counter
from pathlib import Path
from typing import Any

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.hubspot import app, describe
from mamigrate_sandbox.store import Store

from datetime import UTC, datetime  # isort: skip

TODAY = datetime(2026, 11, 1, tzinfo=UTC)


def test_what_marketers_built_is_all_there(hubspot: Store) -> None:
    kinds = hubspot.kinds()
    wanted = {
        "lists": 152,
        "flows": 74,
        "emails": 240,
        "forms": 28,
        "files": 312,
        "campaigns": 36,
        "marketing-events": 9,
    }
    assert {kind: kinds[kind] for kind in wanted} == wanted
    assert kinds["landing-pages"] + kinds["site-pages"] == 45
    assert kinds["contacts"] == 400 + 5


def test_of_380_properties_150_are_empty() -> None:
    store = Store(None)
    describe.install_defaults(store)
    fill(store, "hubspot", "messy", 1_000, 7, TODAY)
    defined = {name for name, _ in store.all("properties/contacts")}
    used = {name for _, body in store.all("contacts") for name, value in body["properties"].items() if value}
    assert len(defined) == 380
    assert used <= defined
    assert len(defined - used) == 150


def test_lists_say_how_many_are_on_them_and_those_exist(hubspot: Store) -> None:
    members = Counter(a for a, _, _ in hubspot.all_links("membership"))
    people = {id for id, _ in hubspot.all("contacts")}
    for id, body in hubspot.all("lists"):
        assert body["size"] == members[id]
    assert {b for _, b, _ in hubspot.all_links("membership")} <= people
    static = [body for _, body in hubspot.all("lists") if body["processingType"] == "MANUAL"]
    assert len(static) == 64


def test_twelve_lists_hold_people_back_in_emails_and_flows(hubspot: Store) -> None:
    in_flows = {str(number) for _, flow in hubspot.all("flows") for number in flow.get("suppressionListIds", [])}
    in_emails = {id for _, mail in hubspot.all("emails") for id in mail["to"]["contactIlsLists"]["exclude"]}
    assert in_flows == in_emails == {str(number) for number in range(11, 23)}


def test_the_vendor_itself_would_accept_every_filter(hubspot: Store) -> None:
    """The sandbox's own grammar, fed through its API."""
    store = Store(None)
    describe.install_defaults(store)
    fill(store, "hubspot", "messy", 200, 7, TODAY)
    store.set("limits", {"ten_seconds": 100_000})
    client = app.create(store, SandboxClock(store)).test_client()
    headers = {"Authorization": f"Bearer {store.setting('access_token')}"}
    refused = []
    for id, body in hubspot.all("lists"):
        if body["processingType"] == "DYNAMIC":
            wish = {
                "name": f"again {id}",
                "objectTypeId": "0-1",
                "processingType": "DYNAMIC",
                "filterBranch": body["filterBranch"],
            }
            answer = client.post("/crm/v3/lists", json=wish, headers=headers)
            if answer.status_code != 200:
                refused.append((body["name"], answer.get_json()))
    assert [name for name, _ in refused if "壊れた参照" not in name] == []


def test_the_lists_filters_come_from_several_families(hubspot: Store) -> None:
    found: Counter[str] = Counter()

    def walk(branch: dict[str, Any]) -> None:
        found[branch["filterBranchType"]] += 1
        for each in branch["filters"]:
            found[each["filterType"]] += 1
            found[each.get("operation", {}).get("operationType", "")] += 1
        for child in branch["filterBranches"]:
            walk(child)

    for _, body in hubspot.all("lists"):
        if "filterBranch" in body:
            walk(body["filterBranch"])
    assert {"PROPERTY", "IN_LIST", "FORM_SUBMISSION", "EMAIL_EVENT", "PAGE_VIEW", "COMMUNICATION_SUBSCRIPTION"} <= set(
        found
    )
    assert {
        "ENUMERATION",
        "MULTISTRING",
        "STRING",
        "NUMBER",
        "BOOL",
        "ALL_PROPERTY",
        "TIME_POINT",
        "TIME_RANGED",
    } <= set(found)
    assert {"ROLLING_DATE_RANGE", "CALENDAR_DATE", "UNIFIED_EVENTS", "ASSOCIATION", "NUMBER_RANGED"} <= set(found)


def test_flows_are_of_every_kind_and_their_edges_lead_somewhere(hubspot: Store) -> None:
    kinds: Counter[str] = Counter()
    for _, flow in hubspot.all("flows"):
        known = {action["actionId"] for action in flow["actions"]}
        for action in flow["actions"]:
            kinds[action["type"]] += 1
            kinds[action.get("actionTypeId", "")] += 1
            assert _targets(action) <= known
        kinds[flow["enrollmentCriteria"]["type"]] += 1
        kinds[flow["type"]] += 1
    assert {"LIST_BRANCH", "STATIC_BRANCH", "AB_TEST_BRANCH", "CUSTOM_CODE", "WEBHOOK", "SINGLE_CONNECTION"} <= set(
        kinds
    )
    assert {"EVENT_BASED", "LIST_BASED", "MANUAL", "CONTACT_FLOW", "PLATFORM_FLOW"} <= set(kinds)
    assert {"0-1", "0-3", "0-4", "0-5", "0-8", "0-11", "0-31", "0-43347357", "0-63809083", "1-179507819"} <= set(kinds)
    assert sum(1 for _ in hubspot.all_links("enrolment")) == 212


def _targets(action: dict[str, Any]) -> set[str]:
    connections = [action.get("connection"), action.get("defaultBranch")]
    for branches in ("listBranches", "staticBranches", "testBranches"):
        connections += [branch["connection"] for branch in action.get(branches, [])]
    return {each["nextActionId"] for each in connections if each}


def test_flows_carry_what_the_interface_requires(hubspot: Store, reference_data: Path) -> None:
    spec = json.loads((reference_data / "specs/hubspot/automation/flows-v4.json").read_text())["components"]["schemas"]
    for _, flow in hubspot.all("flows"):
        kind = "ApiContactFlow" if flow["type"] == "CONTACT_FLOW" else "ApiPlatformFlow"
        assert set(spec[kind]["required"]) <= set(flow), flow["name"]
        assert set(flow) <= set(spec[kind]["properties"]), flow["name"]


def test_permission_hangs_on_addresses_and_is_mirrored_on_contacts(hubspot: Store) -> None:
    wide = {body["subscriberIdString"] for id, body in hubspot.all("optouts") if id.endswith("|portal")}
    mirrored = {
        b["properties"]["email"] for _, b in hubspot.all("contacts") if b["properties"].get("hs_email_optout") == "true"
    }
    assert mirrored <= wide
    assert wide - mirrored  # addresses that no contact bears
    log = {row["recipient"] for _, row in hubspot.all("timeline")}
    assert wide <= log


def test_merged_ids_lead_to_the_record_that_absorbed_them(hubspot: Store) -> None:
    for id, body in hubspot.all("redirects/contacts"):
        record = hubspot.get("contacts", body["to"])
        assert record is not None and id in record["properties"]["hs_merged_object_ids"].split(";")


def test_archived_records_are_found_by_no_address(hubspot: Store) -> None:
    for id, body in hubspot.all("contacts"):
        address = body["properties"].get("email")
        if body["archived"] and address:
            assert id not in hubspot.find("contacts", "email", address)


def test_facts_that_only_the_crm_knows_are_not_in_hubspot(hubspot: Store) -> None:
    assert hubspot.setting("crm") == {"attached": True}
    silent = [b for _, b in hubspot.all("contacts") if b["properties"].get("hs_email_optout") != "true"]
    assert all("HasOptedOutOfEmail" not in b["properties"] for b in silent)


def test_a_lived_in_hubspot_keeps_its_own_fields_and_programs() -> None:
    store = Store(None)
    describe.install_defaults(store)
    fill(store, "hubspot", "lived", 400, 7, TODAY)
    assert store.get("properties/contacts", "gl_segment") is not None
    assert store.count("campaigns") == 5 and store.count("contacts") >= 20
    assert names.contact_id(3) in {id for id, _ in store.all("contacts")} or store.count("contacts") > 20
