"""What a token may not see of one list, address or campaign is told; what it may not see at all ends the run."""

from typing import Any

import pytest

from mamigrate.contract import Content
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.model.kinds import Kind
from mamigrate.settings.decisions import Decisions
from mamigrate.stages import gate
from mamigrate_hubspot.adapter import HubSpotInstance

HIDDEN = (403, {"status": "error", "message": "You do not have permissions to view this object"})
NO_SCOPE = (
    403,
    {
        "category": "MISSING_SCOPES",
        "errors": [{"message": "x", "context": {"requiredScopes": ["crm.lists.read"]}}],
    },
)
GONE = (404, {"category": "OBJECT_NOT_FOUND"})
LISTS = [{"listId": id, "name": id, "processingType": "MANUAL", "objectTypeId": "0-1"} for id in ("11", "12", "13")]
LEAVES_OUT = {"id": "4", "name": "News", "to": {"contactIlsLists": {"include": [], "exclude": ["12"]}}}
NONE: dict[str, Any] = {"results": []}


@pytest.fixture
def portal(vendor: Any) -> Any:
    """Three lists with a member each; an email leaves out the second one."""
    vendor.on("POST", "/crm/v3/lists/search", {"lists": LISTS, "hasMore": False})
    vendor.on("GET", "/crm/v3/lists", {"lists": LISTS})
    vendor.on("GET", "/automation/v4/flows", NONE)
    vendor.on("GET", "/marketing/v3/emails", {"results": [LEAVES_OUT]})
    vendor.on("GET", "/crm/v3/lists/(.*)/memberships", lambda asked: {"results": [{"recordId": f"9{asked.names[0]}"}]})
    return vendor


def read(hubspot: HubSpotInstance, kind: Kind) -> Content:
    rows, problems, cursor = list[Any](), list[Finding](), None
    while True:
        page = hubspot.read(kind, cursor)
        assert hubspot.normalise(kind, page.landed) == page.content
        rows += page.content.rows[kind]
        problems += page.content.problems
        if (cursor := page.next) is None:
            return Content({kind: rows}, problems)


@pytest.mark.parametrize(
    ("list_id", "answer", "code", "severity"),
    [
        ("11", HIDDEN, "members_unread", "warn"),
        ("12", HIDDEN, "exclusion_members_unread", "warn"),
        ("12", GONE, "exclusion_members_unread", "warn"),
        ("11", GONE, "gone_meanwhile", "note"),
    ],
)
def test_a_list_whose_members_are_not_shown_is_told_and_the_others_are_read(
    hubspot: HubSpotInstance, portal: Any, list_id: str, answer: Any, code: str, severity: str
) -> None:
    portal.on("GET", f"/crm/v3/lists/{list_id}/memberships", answer)
    content = read(hubspot, Kind.LIST_MEMBERSHIP)
    others = [f"9{one}" for one in ("11", "12", "13") if one != list_id]
    assert [row["person_key"] for row in content.rows[Kind.LIST_MEMBERSHIP]] == others
    assert [(one.code, one.severity, one.subject) for one in content.problems] == [
        (code, severity, f"src/list/{list_id}")
    ]


def test_a_missing_scope_ends_the_reading_and_is_named(hubspot: HubSpotInstance, portal: Any) -> None:
    portal.on("GET", "/crm/v3/lists/12/memberships", NO_SCOPE)
    with pytest.raises(Refused) as told:
        read(hubspot, Kind.LIST_MEMBERSHIP)
    assert told.value.missing == ("crm.lists.read",)


def test_a_whole_kind_that_is_not_shown_ends_the_reading(hubspot: HubSpotInstance, vendor: Any) -> None:
    vendor.on("GET", "/crm/v3/owners", HIDDEN)
    with pytest.raises(Rejected):
        hubspot.read(Kind.OWNER, None)


def test_an_address_whose_status_is_not_shown_is_denied_and_told(hubspot: HubSpotInstance, vendor: Any) -> None:
    route = "/communication-preferences/v4/statuses"
    vendor.on("POST", f"{route}/batch/.*", (403, {"category": "MISSING_SCOPES"}))
    vendor.on("GET", f"{route}/(.*)", lambda asked: HIDDEN if "ben" in asked.path else {"status": "COMPLETE", **NONE})
    vendor.on("GET", f"{route}/ana@x.example", lambda asked: {"status": "COMPLETE", "results": OPEN})
    people = [{"key": key, "email": f"{name}@x.example", "other_emails": []} for key, name in ((1, "ana"), (2, "ben"))]
    pages = [page.content for page in hubspot.read_for(Kind.CONSENT_FACT, [{**one, "key": str(one["key"])} for one in people])]  # fmt: skip
    problems = [(one.code, one.subject) for page in pages for one in page.problems]
    denied = {fact["person_key"] for page in pages for fact in page.rows[Kind.CONSENT_FACT] if fact["polarity"] == "-"}
    assert problems == [("consent_unread", "src/person/2")]
    assert denied == {"2"}


OPEN = [{"subscriberIdString": "ana@x.example", "subscriptionId": id, "status": "NOT_SPECIFIED"} for id in (9001, 9002)]


def test_members_of_an_exclusion_list_are_a_source_of_denials() -> None:
    found = Finding("exclusion_members_unread", Severity.WARN, "src/list/12", {"reason": "403"})
    (blocking,) = gate.unread_denials([found], Decisions([], ""))
    assert (blocking.code, blocking.severity) == ("denials_unread", "block")
    assert blocking.params == {"what": "exclusion_members_unread", "id": "unread-denials"}


def test_a_type_of_assets_that_campaigns_do_not_tell_is_told(hubspot: HubSpotInstance, vendor: Any) -> None:
    vendor.on("GET", "/marketing/(v3/campaigns|marketing-events/v3)", NONE)
    two = [{"id": id, "properties": {"hs_name": id}} for id in ("c1", "c2")]
    vendor.on("GET", "/marketing/v3/campaigns", {"results": two})
    vendor.on("GET", "/marketing/v3/campaigns/(.*)/assets/(.*)", NONE)
    vendor.on("GET", "/marketing/v3/campaigns/(.*)/assets/SITE_PAGE", HIDDEN)
    vendor.on("GET", "/marketing/v3/campaigns/(.*)/assets/FORM", {"results": [{"id": "7"}]})
    content = read(hubspot, Kind.PROGRAM)
    assert [(one.code, one.params) for one in content.problems] == [
        ("campaign_assets_unread", {"object": "SITE_PAGE", "reason": "403"})
    ]
    assert [[one["key"] for one in row["references"]] for row in content.rows[Kind.PROGRAM]] == [["form/7"]] * 2
