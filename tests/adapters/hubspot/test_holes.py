"""What a batch was asked for and did not answer, with 207 or with 200, is told."""

from collections.abc import Callable
from typing import Any

import pytest

from mamigrate.contract import Content
from mamigrate.errors import Unreachable
from mamigrate.findings import Finding
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.adapter import HubSpotInstance

OBJECTS = "/crm/v3/objects/contacts"
FLOWS = "/automation/v4/flows"
LISTS = "/crm/v3/lists"
NURTURE = {"id": "8", "name": "Nurture", "objectTypeId": "0-1", "suppressionListIds": [12]}
OTHER = {"id": "7", "name": "Other", "objectTypeId": "0-1"}
HICCUP, DELETED = "INTERNAL_ERROR", "OBJECT_NOT_FOUND"


def in_part(results: list[Any], category: str = "", *ids: str, key: str = "ids") -> tuple[int, Any]:
    """A batch with holes: 207 with an error about each, or 200 without a word."""
    error = {"status": "error", "category": category, "message": "x", "context": {key: list(ids)}}
    body = {"status": "COMPLETE", "results": results}
    return (207, {**body, "numErrors": 1, "errors": [error]}) if category else (200, body)


def read(hubspot: HubSpotInstance, kind: Kind, cursor: str | None = None) -> Content:
    """The first page, which normalises to the same content."""
    page = hubspot.read(kind, cursor)
    assert hubspot.normalise(kind, page.landed) == page.content
    return page.content


def told(problems: Any) -> list[tuple[str, str, str]]:
    found: list[Finding] = list(problems)
    return [(one.code, one.subject, one.params.get("reason", "")) for one in found]


# --- people whose properties do not fit into one URL -------------------------------------------------------------------


@pytest.fixture
def many_properties(vendor: Any) -> Any:
    """Contacts 1 and 2, of so many properties that a batch has to tell them."""
    names = ["email", *(f"p{number:03d}_{'x' * 40}" for number in range(300))]
    wide = [{"name": name, "label": name, "type": "string", "fieldType": "text"} for name in names]
    vendor.on("GET", "/crm/v3/properties/contacts", {"results": wide})
    vendor.on("GET", OBJECTS, {"results": [{"id": "1", "properties": {}}, {"id": "2", "properties": {}}]})
    return vendor


ONE = [{"id": "1", "properties": {"email": "a@x.example"}}]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (in_part(ONE, HICCUP, "2"), ("left_unread", HICCUP)),
        (in_part(ONE, "MISSING_SCOPES", "2"), ("left_unread", "MISSING_SCOPES")),
        (in_part(ONE), ("left_unread", "not answered")),
        (in_part(ONE, HICCUP), ("left_unread", "not answered")),
        (in_part(ONE, DELETED, "2"), ("gone_meanwhile", "")),
    ],
)
def test_a_person_whom_a_batch_leaves_out_is_told(
    hubspot: HubSpotInstance, many_properties: Any, reply: Any, found: tuple[str, str]
) -> None:
    many_properties.on("POST", f"{OBJECTS}/batch/read", reply)
    content = read(hubspot, Kind.PERSON)
    assert [row["key"] for row in content.rows[Kind.PERSON]] == ["1"]
    assert told(content.problems) == [(found[0], "src/person/2", found[1])]


def once(first: Any, then: Any) -> Callable[[Any], Any]:
    answers = [first, then]
    return lambda asked: answers.pop(0) if len(answers) > 1 else answers[0]


def test_a_batch_with_a_hole_is_asked_for_once_more(hubspot: HubSpotInstance, many_properties: Any) -> None:
    both = [*ONE, {"id": "2", "properties": {"email": "b@x.example"}}]
    many_properties.on("POST", f"{OBJECTS}/batch/read", once(in_part(ONE, HICCUP, "2"), in_part(both)))
    content = read(hubspot, Kind.PERSON)
    assert [row["key"] for row in content.rows[Kind.PERSON]] == ["1", "2"]
    assert content.problems == []


def test_ties_that_a_batch_leaves_out_are_told_and_people_without_any_are_not(
    hubspot: HubSpotInstance, vendor: Any
) -> None:
    people = [{"id": id, "properties": {"email": f"{id}@x.example"}} for id in ("1", "2", "3")]
    vendor.on("POST", f"{OBJECTS}/search", {"total": 3, "results": people})
    lonely = in_part([{"from": {"id": "1"}, "to": [{"toObjectId": 9}]}], DELETED, "2", key="fromObjectId")
    vendor.on("POST", "/crm/v4/associations/contacts/companies/batch/read", lonely)
    content = read(hubspot, Kind.PERSON, "since:2026-01-01T00:00:00Z|")
    assert [row["account_keys"] for row in content.rows[Kind.PERSON]] == [["9"], [], []]
    assert told(content.problems) == [("left_unread", "src/person/3", "companies: not answered")]


def test_a_look_up_that_is_answered_in_part_finds_nothing_out(hubspot: HubSpotInstance, vendor: Any) -> None:
    vendor.on("POST", f"{OBJECTS}/batch/read", in_part(ONE, DELETED, "2"))
    assert [row["key"] for row in hubspot.find(Kind.PERSON, "id", ["1", "2"], [])] == ["1"]
    vendor.on("POST", f"{OBJECTS}/batch/read", in_part(ONE, HICCUP, "2"))
    with pytest.raises(Unreachable, match=HICCUP):
        hubspot.find(Kind.PERSON, "id", ["1", "2"], [])


# --- workflows and lists, which say who is left out ----------------------------------------------------------------------


@pytest.fixture
def portal(vendor: Any) -> Any:
    """Two workflows, one of which leaves out list 12."""
    vendor.on("GET", "/marketing/v3/emails", {"results": []})
    vendor.on("GET", FLOWS, {"results": [{"id": "7"}, {"id": "8"}]})
    vendor.on("POST", f"{FLOWS}/batch/read", in_part([OTHER, NURTURE]))
    lists = {"lists": [{"listId": "12", "name": "Never mail", "processingType": "MANUAL"}], "hasMore": False}
    vendor.on("POST", f"{LISTS}/search", lists)
    vendor.on("GET", LISTS, lists)
    return vendor


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (in_part([OTHER], "MISSING_SCOPES", "8"), ("left_unread", "src/workflow/8", "MISSING_SCOPES")),
        (in_part([OTHER]), ("left_unread", "src/workflow/8", "not answered")),
        (in_part([OTHER], DELETED, "8", key="flowId"), ("gone_meanwhile", "src/workflow/8", "")),
    ],
)
def test_a_workflow_that_a_batch_leaves_out_is_told(
    hubspot: HubSpotInstance, portal: Any, reply: Any, found: tuple[str, str, str]
) -> None:
    portal.on("POST", f"{FLOWS}/batch/read", reply)
    content = read(hubspot, Kind.WORKFLOW)
    assert [row["key"] for row in content.rows[Kind.WORKFLOW]] == ["7"]
    assert told(content.problems) == [found]


@pytest.mark.parametrize("category", ["MISSING_SCOPES", DELETED, ""])
def test_a_workflow_that_was_not_told_leaves_it_open_whom_it_leaves_out(
    hubspot: HubSpotInstance, portal: Any, category: str
) -> None:
    portal.on("POST", f"{FLOWS}/batch/read", in_part([OTHER], category, "8"))
    (found,) = read(hubspot, Kind.LIST).problems
    assert found.code == "exclusions_unread"
    assert found.params["reason"] == f"workflow 8 ({category or 'not answered'})"


def test_workflows_that_are_told_mark_the_lists_that_they_leave_out(hubspot: HubSpotInstance, portal: Any) -> None:
    content = read(hubspot, Kind.LIST)
    assert [row["used_as_exclusion"] for row in content.rows[Kind.LIST]] == [True]
    assert content.problems == []


@pytest.mark.parametrize(("there", "found"), [(True, ("left_unread", "not answered")), (False, ("gone_meanwhile", ""))])
def test_a_list_that_comes_without_its_filters_is_told(
    hubspot: HubSpotInstance, portal: Any, there: bool, found: tuple[str, str]
) -> None:
    still = [{"listId": "13"}] if there else []
    listed = [{"listId": "12"}, {"listId": "13"}]
    portal.on(
        "POST",
        f"{LISTS}/search",
        lambda asked: {"lists": still if "listIds" in asked.json else listed, "hasMore": False},
    )
    content = read(hubspot, Kind.LIST)
    assert [row["key"] for row in content.rows[Kind.LIST]] == ["12"]
    assert told(content.problems) == [(found[0], "src/list/13", found[1])]


def audience(*lists: str) -> dict[str, Any]:
    return {"id": "4", "name": "News", "to": {"contactIlsLists": {"include": list(lists), "exclude": []}}}


@pytest.mark.parametrize(("there", "codes"), [(True, ["exclusions_unread"]), (False, [])])
def test_an_audience_whose_filters_were_not_told_leaves_it_open_whom_it_leaves_out(
    hubspot: HubSpotInstance, portal: Any, there: bool, codes: list[str]
) -> None:
    """A deleted one leaves out nobody: nothing is sent to it."""
    portal.on("GET", "/marketing/v3/emails", {"results": [audience("20")]})
    portal.on("GET", LISTS, lambda asked: {"lists": [{"listId": "12"}] if "12" in asked.query["listIds"] else []})
    found = [{"listId": "20"}] if there else []
    portal.on(
        "POST",
        f"{LISTS}/search",
        lambda asked: {"lists": found if "listIds" in asked.json else [{"listId": "12"}], "hasMore": False},
    )
    assert [one.code for one in read(hubspot, Kind.LIST).problems] == codes
