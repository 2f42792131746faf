"""HubSpot's lists, read."""

from typing import Any

import orjson
import pytest

from mamigrate.contract import Content, Landed, NeutralRow
from mamigrate.findings import Finding
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan import estate
from mamigrate.plan.model import Bucket
from mamigrate_hubspot.adapter import HubSpotInstance
from mamigrate_hubspot.read.estate import lists

HOLDERS: list[tuple[dict[str, Any], Kind | None]] = [
    ({}, Kind.PERSON),
    ({"objectTypeId": "0-1"}, Kind.PERSON),
    ({"objectTypeId": "0-2"}, Kind.ACCOUNT),
    ({"objectTypeId": "0-5"}, None),
    ({"objectTypeId": "2-4815162"}, None),
]


@pytest.mark.parametrize(("typed", "holder"), HOLDERS)
def test_only_lists_of_people_become_lists_of_people(typed: dict[str, Any], holder: Kind | None) -> None:
    """Tickets and custom objects have ids of their own: on the target they would be other people."""
    one = {"listId": "9", "name": "VIP", "processingType": "MANUAL", **typed}
    landed = Landed(orjson.dumps({"lists": [one]}), {})
    (row,) = lists("hs", orjson.loads(landed.body), landed.context).rows[Kind.LIST]
    assert row["holder"] == holder
    (planned,) = estate.lists([List.model_validate(row)], {}, can_write=True)
    assert planned.bucket is (Bucket.CREATED if holder is Kind.PERSON else Bucket.HANDED)


# --- lists whose members some email leaves out -------------------------------------------------------------------------

LISTS = "/crm/v3/lists"
LEAVES_OUT = {"id": "4", "name": "News", "to": {"contactLists": {"include": [], "exclude": [9]}}}


def read(hubspot: HubSpotInstance, kind: Kind) -> Content:
    """All pages of a kind together."""
    rows: list[NeutralRow] = []
    problems: list[Finding] = []
    cursor: str | None = None
    while True:
        page = hubspot.read(kind, cursor)
        rows.extend(page.content.rows[kind])
        problems.extend(page.content.problems)
        cursor = page.next
        if cursor is None:
            return Content({kind: rows}, problems)


@pytest.fixture
def one_list(vendor: Any) -> Any:
    """A portal with a list, an email that leaves out old list 9, and nothing else."""
    for path in (
        "/automation/v4/flows",
        "/marketing/v3/(forms|campaigns)",
        "/cms/v3/.*",
        "/files/v3/.*",
        "/marketing/v3/.*",
    ):
        vendor.on("GET", path, {"results": []})
    vendor.on("POST", f"{LISTS}/search", {"lists": [{"listId": "12"}], "hasMore": False})
    vendor.on("GET", LISTS, {"lists": [{"listId": "12", "name": "Never mail", "processingType": "MANUAL"}]})
    vendor.on("GET", "/marketing/v3/emails", {"results": [LEAVES_OUT]})
    return vendor


def test_a_list_that_an_email_leaves_out_is_known_by_its_old_id(hubspot: HubSpotInstance, one_list: Any) -> None:
    known = {"legacyListIdsToIdsMapping": [{"legacyListId": "9", "listId": "12"}]}
    one_list.on("POST", f"{LISTS}/idmapping", known)
    found = read(hubspot, Kind.LIST)
    assert [row["used_as_exclusion"] for row in found.rows[Kind.LIST]] == [True]
    assert found.problems == []


def test_a_list_that_an_email_leaves_out_and_nobody_knows_is_told(hubspot: HubSpotInstance, one_list: Any) -> None:
    one_list.on("POST", f"{LISTS}/idmapping", (403, {"category": "MISSING_SCOPES"}))
    told = [(one.code, one.subject, one.params) for one in read(hubspot, Kind.ASSET).problems]
    assert told == [("exclusion_list_unresolved", "src/asset/email/4", {"list": "9"})]


def test_emails_that_may_not_be_read_leave_it_open_whom_they_leave_out(hubspot: HubSpotInstance, one_list: Any) -> None:
    one_list.on("GET", "/marketing/v3/emails", (403, {"category": "MISSING_SCOPES"}))
    assert [one.code for one in read(hubspot, Kind.LIST).problems] == ["exclusions_unread"]


def test_a_scoring_tool_that_the_account_does_not_show_is_told_and_score_properties_are_read(
    vendor: Any, hubspot: HubSpotInstance
) -> None:
    vendor.on("GET", "/marketing/lead-scoring/.*", {"results": []})
    assert read(hubspot, Kind.RULESET).problems == []
    vendor.on("GET", "/marketing/lead-scoring/.*", (404, {"category": "OBJECT_NOT_FOUND"}))
    told = [(one.code, one.params) for one in read(hubspot, Kind.RULESET).problems]
    assert told == [("scores_unread", {"reason": "OBJECT_NOT_FOUND"})]


def in_list(id: str, operator: str = "NOT_IN_LIST", **more: Any) -> dict[str, Any]:
    return {"filterType": "IN_LIST", "listId": id, "operator": operator, **more}


def branch(*filters: dict[str, Any], kind: str = "AND") -> dict[str, Any]:
    inner = {"filterBranchType": kind, "filters": list(filters), "filterBranches": []}
    return {"filterBranchType": "OR", "filters": [], "filterBranches": [inner]}


@pytest.fixture
def several(one_list: Any) -> Any:
    """Lists by id, each with what its filter asks; ``audience`` is whom an email is sent to, ``enrolment`` a workflow."""

    def portal(asked: dict[str, Any], *, audience: list[str] | None = None, enrolment: Any = None) -> None:
        known = {id: {"listId": id, "name": id, "processingType": "DYNAMIC", "filterBranch": asked[id]} for id in asked}
        one_list.on("POST", f"{LISTS}/search", {"lists": [{"listId": id} for id in known], "hasMore": False})
        one_list.on("GET", LISTS, lambda call: {"lists": [known[id] for id in call.query["listIds"] if id in known]})
        email = {"id": "4", "name": "News", "to": {"contactIlsLists": {"include": audience or [], "exclude": []}}}
        one_list.on("GET", "/marketing/v3/emails", {"results": [email]})
        flow = {"id": "7", "name": "Nurture", "objectTypeId": "0-1", "enrollmentCriteria": enrolment or {}}
        one_list.on("GET", "/automation/v4/flows", {"results": [flow] if enrolment else []})
        one_list.on("POST", "/automation/v4/flows/batch/read", {"results": [flow]})

    return portal


def excluded(hubspot: HubSpotInstance) -> set[str]:
    return {row["key"] for row in read(hubspot, Kind.LIST).rows[Kind.LIST] if row["used_as_exclusion"]}


ASKED: list[tuple[Any, set[str]]] = [
    (branch(in_list("12")), {"12"}),
    (branch(in_list("12", "IN_LIST")), set()),
    (branch(in_list("12", "IN_LIST"), kind="NOT_ANY"), {"12"}),
    (branch(in_list("12"), kind="NOT_ALL"), set()),
    (branch(in_list("12", metadata={"id": "3", "inListType": "WORKFLOWS_ACTIVE"})), set()),
]


@pytest.mark.parametrize(("asked", "found"), ASKED)
def test_a_list_that_an_enrolment_leaves_out_is_held(
    hubspot: HubSpotInstance, several: Any, asked: Any, found: set[str]
) -> None:
    several({"12": None}, enrolment={"type": "LIST_BASED", "listFilterBranch": asked})
    assert excluded(hubspot) == found


@pytest.mark.parametrize(("asked", "found"), ASKED)
def test_a_list_that_an_audience_leaves_out_is_held(
    hubspot: HubSpotInstance, several: Any, asked: Any, found: set[str]
) -> None:
    several({"12": None, "20": asked}, audience=["20"])
    assert excluded(hubspot) == found


def test_what_a_list_inside_an_audience_leaves_out_is_held_too(hubspot: HubSpotInstance, several: Any) -> None:
    several(
        {"12": None, "20": branch(in_list("21", "IN_LIST")), "21": branch(in_list("12"), in_list("20", "IN_LIST"))},
        audience=["20"],
    )
    assert excluded(hubspot) == {"12"}


def test_what_a_list_of_nobodys_audience_leaves_out_is_mailed(hubspot: HubSpotInstance, several: Any) -> None:
    several({"12": None, "20": branch(in_list("12"))})
    assert excluded(hubspot) == set()
