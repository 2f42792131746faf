"""Associations: both ways, primary companies, labels, batches of two generations."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

Call = Callable[..., TestResponse]
Make = Callable[..., str]
V4 = "/crm/v4/associations/contacts/companies"


def body(answer: TestResponse) -> Any:
    return answer.json


@pytest.fixture
def companies(call: Call) -> list[str]:
    rows = [{"properties": {"name": name}} for name in ("A", "B")]
    return [row["id"] for row in body(call("POST /crm/v3/objects/companies/batch/create", {"inputs": rows}))["results"]]


def types(call: Call, id: str) -> dict[int, list[int]]:
    rows = body(call(f"GET /crm/v4/objects/contacts/{id}/associations/companies"))["results"]
    return {row["toObjectId"]: [each["typeId"] for each in row["associationTypes"]] for row in rows}


def primary(call: Call, id: str) -> str | None:
    shown = body(call(f"GET /crm/v3/objects/contacts/{id}?properties=associatedcompanyid"))["properties"]
    return str(shown["associatedcompanyid"]) if shown["associatedcompanyid"] else None


def test_the_first_company_is_the_primary_one(call: Call, contact: Make, companies: list[str]) -> None:
    id, (a, b) = contact("a@example.com"), companies
    for company in companies:
        call(f"PUT /crm/v4/objects/contacts/{id}/associations/default/companies/{company}")
    assert types(call, id) == {int(a): [1, 279], int(b): [279]}
    assert primary(call, id) == a


def test_another_primary_company_takes_the_place_of_the_first(call: Call, contact: Make, companies: list[str]) -> None:
    id, (a, b) = contact("a@example.com", associatedcompanyid=companies[0]), companies
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    assert call(f"PUT /crm/v4/objects/contacts/{id}/associations/companies/{b}", spec).status_code == 201
    assert types(call, id) == {int(a): [279], int(b): [1, 279]}
    assert primary(call, id) == b
    assert call(f"DELETE /crm/v4/objects/contacts/{id}/associations/companies/{b}").status_code == 204
    assert primary(call, id) is None


def test_the_other_side_sees_the_way_back(call: Call, contact: Make, companies: list[str]) -> None:
    id = contact("a@example.com", associatedcompanyid=companies[0])
    rows = body(call(f"GET /crm/v4/objects/companies/{companies[0]}/associations/contacts"))["results"]
    assert [(row["toObjectId"], [each["typeId"] for each in row["associationTypes"]]) for row in rows] == [
        (int(id), [2, 280])
    ]


def test_batches_of_v4(call: Call, contact: Make, companies: list[str]) -> None:
    one, two = contact("a@example.com"), contact("b@example.com")
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    rows = [{"from": {"id": one}, "to": {"id": companies[0]}, "types": spec}]
    lost = [{"from": {"id": "999"}, "to": {"id": companies[0]}, "types": spec}]
    assert call(f"POST {V4}/batch/create", {"inputs": rows}).status_code == 201
    assert call(f"POST {V4}/batch/create", {"inputs": lost}).status_code == 207
    read = call(f"POST {V4}/batch/read", {"inputs": [{"id": one}, {"id": two}]})
    assert read.status_code == 207
    assert [row["from"]["id"] for row in body(read)["results"]] == [one]
    assert body(read)["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    pair = {"inputs": [{"from": {"id": two}, "to": {"id": companies[1]}}]}
    assert len(body(call(f"POST {V4}/batch/associate/default", pair))["results"]) == 2
    gone = {"inputs": [{"from": {"id": one}, "to": [{"id": companies[0]}]}]}
    assert call(f"POST {V4}/batch/archive", gone).status_code == 204
    assert types(call, one) == {}


def test_batches_of_v3(call: Call, contact: Make, companies: list[str]) -> None:
    id, old = contact("a@example.com"), "/crm/v3/associations/contacts/companies"
    pair = {"from": {"id": id}, "to": {"id": companies[0]}, "type": "contact_to_company"}
    assert call(f"POST {old}/batch/create", {"inputs": [pair]}).status_code == 201
    read = body(call(f"POST {old}/batch/read", {"inputs": [{"id": id}]}))["results"]
    assert [end["type"] for end in read[0]["to"]] == ["contact_to_company", "contact_to_company_unlabeled"]
    assert {row["id"] for row in body(call(f"GET {old}/types"))["results"]} == {"1", "279"}
    assert call(f"POST {old}/batch/archive", {"inputs": [pair]}).status_code == 204
    assert types(call, id) == {}


def test_labels_of_the_accounts_own(call: Call, contact: Make, companies: list[str]) -> None:
    id, company = contact("a@example.com"), companies[0]
    wanted = {"label": "Consultant of", "name": "consultant", "inverseLabel": "Consulted by"}
    made = body(call(f"POST {V4}/labels", wanted))["results"]
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}]
    put = body(call(f"PUT /crm/v4/objects/contacts/{id}/associations/companies/{company}", spec))
    assert put["labels"] == ["Consultant of"]
    back = body(call(f"GET /crm/v4/objects/companies/{company}/associations/contacts"))["results"][0]
    assert "Consulted by" in [each["label"] for each in back["associationTypes"]]
    assert "Consultant of" in [row["label"] for row in body(call(f"GET {V4}/labels"))["results"]]
    cut = {"inputs": [{"from": {"id": id}, "to": {"id": company}, "types": spec}]}
    assert call(f"POST {V4}/batch/labels/archive", cut).status_code == 204
    left = body(call(f"GET /crm/v4/objects/contacts/{id}/associations/companies"))["results"][0]["associationTypes"]
    assert [row["category"] for row in left] == ["HUBSPOT_DEFINED", "HUBSPOT_DEFINED"]


def test_types_and_pairs_that_do_not_exist_are_refused(call: Call, contact: Make, companies: list[str]) -> None:
    id = contact("a@example.com")
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    assert call(f"PUT /crm/v4/objects/contacts/{id}/associations/companies/{companies[0]}", spec).status_code == 400
    assert call(f"GET /crm/v4/objects/contacts/{id}/associations/products").status_code == 400
    assert call(f"PUT /crm/v4/objects/contacts/{id}/associations/default/companies/999").status_code == 404
