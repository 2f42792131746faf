"""Workflows: their graphs, and what they do when they are on."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
Make = Callable[..., str]
FLOWS = "/automation/v4/flows"


def body(answer: TestResponse) -> Any:
    return answer.json


def action(id: str, type_id: str, to: str = "", **fields: Any) -> dict[str, Any]:
    row = {
        "type": "SINGLE_CONNECTION",
        "actionId": id,
        "actionTypeVersion": 0,
        "actionTypeId": type_id,
        "fields": fields,
    }
    return row | ({"connection": {"edgeType": "STANDARD", "nextActionId": to}} if to else {})


def flow(**more: Any) -> dict[str, Any]:
    return {
        "type": "CONTACT_FLOW", "flowType": "WORKFLOW", "name": "F", "objectTypeId": "0-1", "isEnabled": False,
        "startActionId": "1", "actions": [action("1", "0-4", content_id="1")], "timeWindows": [], "blockedDates": [],
        "customProperties": {}, "dataSources": [], "canEnrollFromSalesforce": False, "suppressionListIds": [],
    } | more  # fmt: skip


def japan() -> dict[str, Any]:
    known = {
        "operationType": "STRING",
        "operator": "IS_EQUAL_TO",
        "value": "Japan",
        "includeObjectsWithNoValueSet": False,
    }
    inner = {"filterType": "PROPERTY", "property": "country", "operation": known}
    child = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filters": [inner], "filterBranches": []}
    root = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [child]}
    more = {"unEnrollObjectsNotMeetingCriteria": False, "reEnrollmentTriggersFilterBranches": []}
    return {"type": "LIST_BASED", "shouldReEnroll": False, "listFilterBranch": root, **more}


def test_a_flow_lives_in_revisions(call: Call) -> None:
    made = body(call(f"POST {FLOWS}", flow()))
    assert (made["revisionId"], made["nextAvailableActionId"], made["isEnabled"]) == ("1", "2", False)
    assert [row["id"] for row in body(call(f"GET {FLOWS}"))["results"]] == [made["id"]]
    changed = flow(name="G", revisionId="1")
    assert body(call(f"PUT {FLOWS}/{made['id']}", changed))["revisionId"] == "2"
    assert call(f"PUT {FLOWS}/{made['id']}", changed).status_code == 409
    read = call(f"POST {FLOWS}/batch/read", {"inputs": [{"flowId": i, "type": "FLOW_ID"} for i in (made["id"], "9")]})
    assert (read.status_code, body(read)["results"][0]["name"]) == (207, "G")
    assert call(f"DELETE {FLOWS}/{made['id']}").status_code == 204
    assert call(f"GET {FLOWS}/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"startActionId": "7"}, 400),
        ({"actions": [action("1", "0-4"), action("2", "0-4")]}, 400),
        ({"actions": [action("1", "0-4", "5")]}, 400),
        ({"actions": [action("1", "0-4") | {"connection": {}}]}, 400),
        ({"actions": [action("1", "0-18")]}, 400),
        ({"actions": [{"type": "STATIC_BRANCH", "actionId": "1", "actionTypeId": "0-6", "staticBranches": []}]}, 400),
        ({"actions": [{"type": "STATIC_BRANCH", "actionId": "1", "staticBranches": [], "defaultBranch": {}}]}, 500),
        ({"suppressionListIds": None}, 400),
        ({"objectTypeId": "0-3"}, 400),
    ],
)
def test_flows_that_are_refused(call: Call, wrong: dict[str, Any], status: int) -> None:
    assert call(f"POST {FLOWS}", flow(**wrong)).status_code == status


def test_one_contact_is_put_into_a_workflow_by_its_old_id(call: Call, contact: Make, store: Store) -> None:
    who, id = contact("a@example.com"), body(call(f"POST {FLOWS}", flow()))["id"]
    wanted = {"inputs": [{"flowId": id, "type": "FLOW_ID"}]}
    pair = body(call("POST /automation/v4/workflow-id-mappings/batch/read", wanted))["results"][0]
    assert pair["flowId"] == int(id)
    old = f"/automation/v2/workflows/{pair['workflowId']}/enrollments/contacts/a@example.com"
    assert call(f"POST {old}").status_code == 204
    assert store.counters()["enrolments"] == 1
    where = body(call(f"GET /automation/v2/workflows/enrollments/contacts/{who}"))
    assert [row["id"] for row in where] == [pair["workflowId"]]
    assert call(f"DELETE {old}").status_code == 204
    assert body(call(f"GET /automation/v2/workflows/enrollments/contacts/{who}")) == []
    assert call(f"POST {old.replace('a@', 'nobody@')}").status_code == 404


def test_switching_a_flow_on_enrols_who_is_there_already_and_mails_them(
    call: Call, contact: Make, store: Store
) -> None:
    contact("a@example.com", country="Japan")
    id = body(call(f"POST {FLOWS}", flow(enrollmentCriteria=japan())))["id"]
    assert "enrolments" not in store.counters()
    call(f"PUT {FLOWS}/{id}", flow(enrollmentCriteria=japan(), isEnabled=True, revisionId="1"))
    assert (store.counters()["enrolments"], store.counters()["sends"]) == (1, 1)


def test_a_flow_that_is_on_reacts_to_what_is_loaded(call: Call, contact: Make, store: Store) -> None:
    actions = [action("1", "0-1", "2", delta="5", time_unit="DAYS"), action("2", "0-4", content_id="1")]
    call(f"POST {FLOWS}", flow(enrollmentCriteria=japan(), isEnabled=True, actions=actions))
    contact("a@example.com", country="France")
    assert "enrolments" not in store.counters()
    id = contact("b@example.com", country="Japan")
    call(f"PATCH /crm/v3/objects/contacts/{id}", {"properties": {"phone": "1"}})
    assert store.counters()["enrolments"] == 1
    assert store.counters().get("sends", 0) == 0


def test_a_flow_on_a_property_change_reacts_to_that_value(call: Call, contact: Make, store: Store) -> None:
    def is_(name: str, value: str) -> dict[str, Any]:
        operation = {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": value}
        inner = {"filterType": "PROPERTY", "property": name}
        return inner | {"operation": operation | {"includeObjectsWithNoValueSet": False}}

    event: dict[str, Any] = {"filterBranchType": "UNIFIED_EVENTS", "filterBranchOperator": "AND", "filterBranches": []}
    event |= {"eventTypeId": "4-655002", "operator": "HAS_COMPLETED"}
    event |= {"filters": [is_("hs_name", "lifecyclestage"), is_("hs_value", "customer")]}
    criteria = {"type": "EVENT_BASED", "shouldReEnroll": True, "eventFilterBranches": [event]}
    criteria |= {"listMembershipFilterBranches": []}
    call(f"POST {FLOWS}", flow(enrollmentCriteria=criteria, isEnabled=True))
    id = contact("a@example.com")
    assert "enrolments" not in store.counters()
    call(f"PATCH /crm/v3/objects/contacts/{id}", {"properties": {"lifecyclestage": "customer"}})
    assert store.counters()["enrolments"] == 1
