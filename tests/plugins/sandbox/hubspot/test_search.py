"""Search: operators, limits, and an index that runs behind."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
Make = Callable[..., str]
PATH = "POST /crm/v3/objects/contacts/search"


@pytest.fixture
def people(call: Call, contact: Make, clock: SandboxClock) -> list[str]:
    ids = [
        contact(
            "ana@example.com", firstname="Ana", city="Tōkyō", hs_buying_role="CHAMPION;BLOCKER", closedate="2026-01-01"
        ),
        contact("ben@example.org", firstname="Ben", city="berlin", associatedcompanyid="", closedate="2026-02-01"),
        contact("cho@sub.example.com", firstname="초"),
    ]
    clock.advance(10)
    return ids


def search(call: Call, *filters: dict[str, Any], **more: Any) -> Any:
    groups = [{"filters": list(filters)}] if filters else []
    answer = call(PATH, {"filterGroups": groups, **more})
    assert answer.status_code == 200, answer.text
    return answer.json


def row(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({"value": value} if value is not None else {}), **more}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (row("email", "EQ", "ANA@example.com"), [0]),
        (row("email", "NEQ", "ana@example.com"), [1, 2]),
        (row("city", "HAS_PROPERTY"), [0, 1]),
        (row("city", "NOT_HAS_PROPERTY"), [2]),
        (row("firstname", "IN", values=["ana", "초"]), [0, 2]),
        (row("firstname", "IN", values=["Ana"]), []),
        (row("firstname", "NOT_IN", values=["ana"]), [1, 2]),
        (row("hs_buying_role", "IN", values=["BLOCKER"]), [0]),
        (row("email", "CONTAINS_TOKEN", "*example.com"), [0, 2]),
        (row("email", "CONTAINS_TOKEN", "sub"), [2]),
        (row("email", "NOT_CONTAINS_TOKEN", "example"), []),
        (row("closedate", "GTE", "1769904000000"), [1]),
        (row("closedate", "LT", "1769904000000"), [0]),
        (row("closedate", "BETWEEN", "1767225600000", highValue="1769904000000"), [0, 1]),
    ],
)  # fmt: skip
def test_operators(call: Call, people: list[str], condition: dict[str, Any], found: list[int]) -> None:
    assert [each["id"] for each in search(call, condition)["results"]] == [people[n] for n in found]


def test_upper_case_in_lists_matches_by_switch(call: Call, people: list[str], store: Store) -> None:
    store.set("switches", {"search_in_lower_case": False})
    assert search(call, row("firstname", "IN", values=["Ana"]))["total"] == 1


def test_groups_are_or_and_filters_are_and(call: Call, people: list[str]) -> None:
    groups = [
        {"filters": [row("firstname", "EQ", "ana"), row("city", "EQ", "berlin")]},
        {"filters": [row("email", "EQ", "cho@sub.example.com")]},
    ]
    assert [each["id"] for each in (call(PATH, {"filterGroups": groups}).json or {})["results"]] == [people[2]]


def test_free_text_sorting_and_pages(call: Call, people: list[str]) -> None:
    assert [each["id"] for each in search(call, query="berlin")["results"]] == []
    assert [each["id"] for each in search(call, query="example.org")["results"]] == [people[1]]
    down = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    first = search(call, sorts=down, limit=2)
    assert [each["id"] for each in first["results"]] == [people[2], people[1]]
    rest = search(call, sorts=down, limit=2, after=first["paging"]["next"]["after"])
    assert [each["id"] for each in rest["results"]] == [people[0]]
    assert rest["total"] == 3 and "paging" not in rest


def test_paging_by_id_goes_on_where_the_last_page_ended(call: Call, people: list[str]) -> None:
    assert [each["id"] for each in search(call, row("hs_object_id", "GT", people[0]))["results"]] == people[1:]


def test_associated_records_are_found(call: Call, people: list[str]) -> None:
    company = (call("POST /crm/v3/objects/companies", {"properties": {"name": "A"}}).json or {})["id"]
    call(f"PUT /crm/v4/objects/contacts/{people[1]}/associations/default/companies/{company}")
    assert [each["id"] for each in search(call, row("associations.company", "EQ", company))["results"]] == [people[1]]


def test_the_index_lags_behind_writes_and_deletes(
    call: Call, people: list[str], clock: SandboxClock, store: Store
) -> None:
    call(f"PATCH /crm/v3/objects/contacts/{people[0]}", {"properties": {"city": "Oslo"}})
    made = (call("POST /crm/v3/objects/contacts", {"properties": {"email": "new@example.com"}}).json or {})["id"]
    call(f"DELETE /crm/v3/objects/contacts/{people[1]}")
    assert search(call, row("city", "EQ", "Oslo"))["total"] == 0
    assert search(call)["total"] == 3
    clock.advance(5)
    assert search(call, row("city", "EQ", "Oslo"))["total"] == 1
    assert [each["id"] for each in search(call)["results"]] == [people[0], people[2], made]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 201},
        {"after": "10000"},
        {"filterGroups": [{"filters": [row("email", "HAS_PROPERTY")]}] * 6},
        {"filterGroups": [{"filters": [row("email", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [row("nothing", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [row("email", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [row("email", "EQ")]}]},
        {"query": "x" * 3001},
        {"sorts": ["email", "-city"]},
    ],
)  # fmt: skip
def test_what_a_search_refuses(call: Call, wrong: dict[str, Any]) -> None:
    assert call(PATH, wrong).status_code == 400


def test_nobody_gets_past_ten_thousand_results(call: Call, store: Store) -> None:
    body = {"properties": {}, "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z"}
    with store.transaction():
        for number in range(1, 10_102):
            store.put("contacts", str(number), body | {"id": str(number)}, {})
    page = search(call, limit=200, after="9900")
    assert (page["total"], len(page["results"]), page["paging"]["next"]["after"]) == (10_101, 100, "10000")
    assert call(PATH, {"after": "10000"}).status_code == 400
    assert search(call, row("hs_object_id", "GT", "10000"))["total"] == 101
