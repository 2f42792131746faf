"""Lists: definitions, members, and what only a live account refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
Make = Callable[..., str]
LISTS = "/crm/v3/lists"


def body(answer: TestResponse) -> Any:
    return answer.json


def branch(*filters: dict[str, Any]) -> dict[str, Any]:
    inner = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filters": list(filters), "filterBranches": []}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [inner]}


def where(name: str, type_: str, operator: str, **more: Any) -> dict[str, Any]:
    operation = {"operationType": type_, "operator": operator, "includeObjectsWithNoValueSet": False, **more}
    return {"filterType": "PROPERTY", "property": name, "operation": operation}


def make(call: Call, name: str, *filters: dict[str, Any]) -> TestResponse:
    kind = {"processingType": "DYNAMIC", "filterBranch": branch(*filters)} if filters else {"processingType": "MANUAL"}
    return call(f"POST {LISTS}", {"name": name, "objectTypeId": "0-1", **kind})


def members(call: Call, id: str) -> list[str]:
    return [row["recordId"] for row in body(call(f"GET {LISTS}/{id}/memberships"))["results"]]


def test_names_are_unique_in_the_account(call: Call) -> None:
    assert make(call, "A").status_code == 200
    assert make(call, "A").status_code == 409


def test_filters_are_returned_only_when_asked_for(call: Call) -> None:
    id = body(make(call, "A", where("country", "ALL_PROPERTY", "IS_KNOWN")))["list"]["listId"]
    assert "filterBranch" not in body(call(f"GET {LISTS}/{id}"))["list"]
    assert "filterBranch" in body(call(f"GET {LISTS}/{id}?includeFilters=true"))["list"]
    many = body(call(f"GET {LISTS}?listIds={id}&listIds=99&includeFilters=true"))["lists"]
    assert [row["listId"] for row in many] == [id]


def test_a_dynamic_list_is_evaluated_a_moment_later(call: Call, contact: Make, clock: SandboxClock) -> None:
    german, _ = contact("a@example.com", country="Germany"), contact("b@example.com", country="France")
    made = body(make(call, "DE", where("country", "MULTISTRING", "IS_EQUAL_TO", values=["germany"])))["list"]
    assert made["processingStatus"] == "PROCESSING"
    clock.advance(10)
    assert body(call(f"GET {LISTS}/{made['listId']}"))["list"]["processingStatus"] == "COMPLETE"
    assert members(call, made["listId"]) == [german]


@pytest.mark.parametrize(
    ("condition", "sub"),
    [
        (where("country", "ENUMERATION", "IS_ANY_OF", values=["x"]), "INVALID_OPERATION_FOR_PROPERTY_TYPE"),
        (where("hs_lead_status", "STRING", "IS_EQUAL_TO", value="NEW"), "INVALID_OPERATION_FOR_PROPERTY_TYPE"),
        (where("country", "ALL_PROPERTY", "IS_NOT_KNOWN"), "ENUM_CONVERSION"),
        (where("nothing", "ALL_PROPERTY", "IS_KNOWN"), "PROPERTY_DOES_NOT_EXIST"),
        ({"filterType": "IN_LIST", "listId": "99", "operator": "IN_LIST"}, "LIST_DOES_NOT_EXIST"),
    ],
)
def test_filters_that_a_live_account_refuses(call: Call, condition: dict[str, Any], sub: str) -> None:
    answer = make(call, "A", condition)
    assert (answer.status_code, body(answer)["subCategory"]) == (400, f"ListError.{sub}")


def test_doubtful_grammar_is_accepted_by_switch(call: Call, store: Store) -> None:
    store.set("switches", {"is_not_known_accepted": True})
    assert make(call, "A", where("country", "ALL_PROPERTY", "IS_NOT_KNOWN")).status_code == 200


def test_the_root_must_be_an_or_of_ands(call: Call) -> None:
    wrong = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filters": [], "filterBranches": []}
    wanted = {"name": "A", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": wrong}
    assert call(f"POST {LISTS}", wanted).status_code == 400


def test_only_lists_made_by_hand_take_members(call: Call, contact: Make) -> None:
    id, dynamic = contact("a@example.com"), make(call, "D", where("country", "ALL_PROPERTY", "IS_KNOWN"))
    refused = call(f"PUT {LISTS}/{body(dynamic)['list']['listId']}/memberships/add", [id])
    assert refused.status_code == 400
    manual = body(make(call, "M"))["list"]["listId"]
    added = body(call(f"PUT {LISTS}/{manual}/memberships/add", [id, "999"]))
    assert added == {"recordsIdsAdded": [id], "recordIdsRemoved": [], "recordIdsMissing": ["999"]}
    assert body(call(f"PUT {LISTS}/{manual}/memberships/add", [id]))["recordsIdsAdded"] == []
    assert body(call(f"GET {LISTS}/{manual}"))["list"]["size"] == 1
    assert body(call(f"PUT {LISTS}/{manual}/memberships/remove", [id]))["recordIdsRemoved"] == [id]
    assert members(call, manual) == []


def test_members_come_in_pages_and_in_the_order_of_joining(call: Call, contact: Make, clock: SandboxClock) -> None:
    ids = [contact(f"p{n}@example.com") for n in range(5)]
    id = body(make(call, "M"))["list"]["listId"]
    for each in reversed(ids):
        clock.advance(1)
        call(f"PUT {LISTS}/{id}/memberships/add", [each])
    seen, after = [], ""
    while True:
        page = body(call(f"GET {LISTS}/{id}/memberships?limit=2{after}"))
        seen += [row["recordId"] for row in page["results"]]
        assert page["total"] == 5
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert seen == ids
    order = body(call(f"GET {LISTS}/{id}/memberships/join-order"))["results"]
    assert [row["recordId"] for row in order] == ids[::-1]


def test_a_record_knows_its_lists_until_it_is_archived(call: Call, contact: Make) -> None:
    who, id = contact("a@example.com"), body(make(call, "M"))["list"]["listId"]
    call(f"PUT {LISTS}/{id}/memberships/add-and-remove", {"recordIdsToAdd": [who], "recordIdsToRemove": []})
    held = body(call(f"GET {LISTS}/records/0-1/{who}/memberships"))["results"]
    assert [row["listId"] for row in held] == [id]
    copy = body(make(call, "Copy"))["list"]["listId"]
    assert call(f"PUT {LISTS}/{copy}/memberships/add-from/{id}").status_code == 204
    assert members(call, copy) == [who]
    assert call(f"DELETE {LISTS}/{copy}/memberships").status_code == 204
    assert members(call, copy) == []
    call(f"DELETE /crm/v3/objects/contacts/{who}")
    assert members(call, id) == []


def test_deleted_lists_can_be_restored(call: Call) -> None:
    id = body(make(call, "A"))["list"]["listId"]
    assert call(f"DELETE {LISTS}/{id}").status_code == 204
    assert body(call(f"GET {LISTS}/{id}"))["list"]["deletedAt"]
    assert call(f"GET {LISTS}/object-type-id/0-1/name/A").status_code == 404
    assert call(f"PUT {LISTS}/{id}/restore").status_code == 204
    assert body(call(f"GET {LISTS}/object-type-id/0-1/name/A"))["list"]["listId"] == id


def test_searching_renaming_and_new_filters(call: Call, contact: Make) -> None:
    contact("a@example.com", country="Germany")
    dynamic = body(make(call, "Segment one", where("country", "ALL_PROPERTY", "IS_KNOWN")))["list"]["listId"]
    manual = body(make(call, "Hand made"))["list"]["listId"]
    wanted = {"query": "", "offset": 0, "count": 1, "additionalProperties": []}
    first = body(call(f"POST {LISTS}/search", wanted))
    assert (first["total"], first["hasMore"], first["offset"]) == (2, True, 1)
    assert first["lists"][0]["additionalProperties"]["hs_list_size"] == "1"
    found = body(call(f"POST {LISTS}/search", wanted | {"count": 500, "processingTypes": ["MANUAL"]}))["lists"]
    assert [row["listId"] for row in found] == [manual]
    renamed = body(call(f"PUT {LISTS}/{manual}/update-list-name?listName=Other"))
    assert renamed["updatedList"]["name"] == "Other"
    nobody = {"filterBranch": branch(where("country", "ALL_PROPERTY", "IS_UNKNOWN"))}
    call(f"PUT {LISTS}/{dynamic}/update-list-filters", nobody)
    assert members(call, dynamic) == []
    assert call(f"PUT {LISTS}/{manual}/update-list-filters", nobody).status_code == 400
