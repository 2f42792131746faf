"""What happened on HubSpot as activities, and who took part in marketing events; what was refused is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mamigrate.contract import NeutralRow, Page
from mamigrate.http.call import Rejected
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.adapter import HubSpotInstance
from mamigrate_hubspot.read.engagements import ENGAGEMENTS

EVENTS, CAMPAIGN = "/email/public/v1/events", "/email/public/v1/campaigns/(.*)"
EMAILS = "/marketing/v3/emails"
OBJECTS, FORMS = "/crm/v3/objects/(calls|emails|meetings|notes|tasks|communications|postal_mail)", "/marketing/v3/forms"
SUBMISSIONS = "/form-integrations/v1/submissions/forms/(.*)"
FAIR, PARTS = "/marketing/marketing-events/v3", "/marketing/v3/marketing-events/participations/(.*)/breakdown"
REFUSED = (403, {"category": "MISSING_SCOPES", "errors": []})
MILLIS = 1_767_225_600_000
AT = datetime(2026, 1, 1, tzinfo=UTC)


def quiet(vendor: Any) -> None:
    """Nothing ever happened."""
    vendor.on("GET", EVENTS, {"hasMore": False, "offset": "", "events": []})
    vendor.on("GET", OBJECTS, {"results": []})
    vendor.on("GET", FORMS, {"results": []})
    vendor.on("GET", EMAILS, {"results": []})
    vendor.on("GET", "/crm/v3/objects/contacts", {"results": []})


def whole(hubspot: HubSpotInstance, kind: Kind = Kind.ACTIVITY) -> list[Page]:
    pages, cursor = [], None
    while True:
        page = hubspot.read(kind, cursor)
        assert page.content == hubspot.normalise(kind, page.landed)
        pages.append(page)
        if page.next is None:
            return pages
        cursor = page.next


def rows(pages: list[Page], kind: Kind = Kind.ACTIVITY) -> list[NeutralRow]:
    return [row for page in pages for row in page.content.rows[kind]]


def problems(pages: list[Page]) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for page in pages for one in page.content.problems]


def event(number: int, **more: Any) -> dict[str, Any]:
    common = {
        "id": f"e{number}",
        "created": MILLIS + number,
        "type": "OPEN",
        "recipient": "Ana@X.example",
        "appId": 113,
    }
    return {**common, "emailCampaignId": 700, "filteredEvent": False, **more}


def test_events_of_emails_name_the_mail_and_the_address(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    click = event(
        1, type="CLICK", url="https://x.example/a", location={"country": "japan", "city": "unknown"}, filteredEvent=True
    )
    pages = {
        "": {"hasMore": True, "offset": "9", "events": [event(0), click]},
        "9": {"hasMore": False, "events": [event(2, recipient=None)]},
    }
    vendor.on("GET", EVENTS, lambda asked: pages[asked.query.get("offset", [""])[0]])
    vendor.on("GET", CAMPAIGN, lambda asked: {"id": 700, "name": "Spring", "subject": "Hi", "contentId": 50_001})
    found = rows(whole(hubspot))
    assert [one["key"] for one in found] == [f"email/{MILLIS + n}/e{n}" for n in range(3)]
    assert {one["subject_key"] for one in found} == {"email/50001"}
    assert [one["address_loose"] for one in found] == ["ana@x.example", "ana@x.example", None]
    assert [(one["activity_type"], one["bot"]) for one in found] == [
        ("email.open", False),
        ("email.click", True),
        ("email.open", False),
    ]
    assert found[0]["happened_at"] == AT
    assert found[1]["values"] == {
        "name": "Spring",
        "subject": "Hi",
        "campaign": "700",
        "url": "https://x.example/a",
        "country": "japan",
        "city": "unknown",
    }
    asked = [one for one in vendor.asked if one.path == EVENTS]
    assert [one.query["startTimestamp"] for one in asked] == [["0"], ["0"]]
    assert len({one.query["endTimestamp"][0] for one in asked}) == 1
    assert len([one for one in vendor.asked if "campaigns" in one.path]) == 1


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ({"results": [{"id": 50_001, "name": "Spring", "subject": "Hi", "allEmailCampaignIds": ["699", "700"]}]}, 0),
        ({"results": [{"id": 50_002, "allEmailCampaignIds": ["699"]}]}, 1),
        ({"results": [{"id": 50_002, "allEmailCampaignIds": "700"}]}, 1),
        (REFUSED, 1),
    ],
)
def test_a_campaign_is_asked_for_where_the_list_of_emails_does_not_tell_it(
    vendor: Any, hubspot: HubSpotInstance, listed: Any, asked: int
) -> None:
    quiet(vendor)
    vendor.on("GET", EMAILS, listed)
    vendor.on("GET", EVENTS, {"hasMore": False, "offset": "", "events": [event(0), event(1)]})
    vendor.on("GET", CAMPAIGN, {"id": 700, "name": "Spring", "subject": "Hi", "contentId": 50_001})
    found = rows(whole(hubspot))
    assert {one["subject_key"] for one in found} == {"email/50001"}
    assert sum(one.path.startswith("/email/public/v1/campaigns/") for one in vendor.asked) == asked


def test_a_mail_that_is_not_told_any_more_is_known_by_its_number(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    vendor.on("GET", EVENTS, {"hasMore": False, "events": [event(0)]})
    (found,) = rows(whole(hubspot))
    assert (found["values"]["name"], found["subject_key"]) == ("700", None)


def test_an_event_without_a_date_that_can_be_read_is_told(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    vendor.on("GET", EVENTS, {"hasMore": False, "events": [event(0, created="soon"), event(1, created=10**18)]})
    pages = whole(hubspot)
    assert [one["happened_at"] for one in rows(pages)] == [None, None]
    assert [code for code, _ in problems(pages)] == ["activity_undated"] * 2


def test_an_engagement_is_an_activity_of_each_of_its_people(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    both = {"contacts": {"results": [{"id": "7", "type": "call_to_contact"}, {"id": "8", "type": "call_to_contact"}]}}
    call = {
        "hs_timestamp": "2026-01-01T00:00:00Z",
        "hs_call_title": "Hello",
        "hs_call_direction": "INBOUND",
        "hubspot_owner_id": "3",
    }
    note = {"hs_timestamp": str(MILLIS), "hs_note_body": "met at the fair"}
    told = {
        "calls": [{"id": "1", "properties": call, "associations": both}],
        "notes": [{"id": "2", "properties": note}],
    }
    vendor.on("GET", OBJECTS, lambda asked: {"results": told.get(asked.names[0], [])})
    found = rows(whole(hubspot))
    assert [(one["key"], one["person_key"]) for one in found] == [
        ("calls/1/7", "7"),
        ("calls/1/8", "8"),
        ("notes/2", None),
    ]
    assert [one["activity_type"] for one in found] == ["sales.call", "sales.call", "sales.note"]
    assert {one["happened_at"] for one in found} == {AT}
    assert found[0]["values"] == {"name": "Hello", "hs_call_title": "Hello", "direction": "INBOUND", "owner": "3"}
    asked = [one for one in vendor.asked if one.path == "/crm/v3/objects/calls"]
    assert asked[0].query["properties"] == [",".join(ENGAGEMENTS["calls"])]
    assert asked[0].query["associations"] == ["contacts"]


def test_every_step_of_a_stage_is_a_change_with_what_was_before(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    steps = [("customer", "2026-02-01T00:00:00Z"), ("", "2026-02-01T00:00:00Z"), ("lead", "2026-01-01T00:00:00Z")]
    told = [{"value": value, "timestamp": at, "sourceType": "FORM"} for value, at in steps]
    contact = {"id": "7", "properties": {}, "propertiesWithHistory": {"lifecyclestage": told, "hubspotscore": []}}
    vendor.on("GET", "/crm/v3/objects/contacts", {"results": [contact, {"id": "8", "properties": {}}]})
    found = rows(whole(hubspot))
    assert [(one["values"].get("before"), one["values"].get("after")) for one in found] == [
        (None, "lead"),
        ("lead", None),
        (None, "customer"),
    ]
    assert {(one["activity_type"], one["person_key"]) for one in found} == {("change.stage", "7")}
    assert [one["happened_at"].month for one in found] == [1, 2, 2]
    assert len({one["key"] for one in found}) == 3
    (asked,) = [one for one in vendor.asked if one.path == "/crm/v3/objects/contacts"]
    assert (asked.query["limit"], asked.query["propertiesWithHistory"]) == (
        ["50"],
        ["lifecyclestage,hs_lead_status,hubspotscore"],
    )


def test_what_was_typed_into_a_form_stands_with_its_field(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    vendor.on("GET", FORMS, {"results": [{"id": "f1", "name": "Contact us"}, {"id": "f2", "name": "Demo"}]})
    typed = [{"name": "email", "value": "Ana@x.example"}, {"name": "message", "value": "Call me"}]
    sent = {"conversionId": "c1", "submittedAt": MILLIS, "values": typed, "pageUrl": "https://x.example/lp"}
    pages = {"": {"results": [sent], "paging": {"next": {"after": "5"}}}, "5": {"results": []}}
    vendor.on(
        "GET",
        SUBMISSIONS,
        lambda asked: pages[asked.query.get("after", [""])[0]] if asked.names[0] == "f1" else {"results": []},
    )
    (found,) = rows(whole(hubspot))
    assert (found["key"], found["activity_type"], found["subject_key"]) == ("form/f1/c1", "form.submitted", "form/f1")
    assert (found["address_loose"], found["happened_at"]) == ("ana@x.example", AT)
    assert found["values"]["field message"] == "Call me"
    assert found["values"]["name"] == "Contact us"
    assert [one.query["limit"] for one in vendor.asked if "submissions" in one.path] == [["50"]] * 3


def test_parts_that_are_refused_are_told_and_the_others_read(vendor: Any, hubspot: HubSpotInstance) -> None:
    quiet(vendor)
    vendor.on("GET", EVENTS, REFUSED)
    vendor.on("GET", "/crm/v3/objects/emails", REFUSED)
    vendor.on("GET", FORMS, {"results": [{"id": "f1", "name": "Gone"}]})
    pages = whole(hubspot)
    assert rows(pages) == []
    assert problems(pages) == [("history_unread", "src/activity/email"), ("history_unread", "src/activity/emails")]


def test_a_page_whose_token_is_over_is_no_part_that_was_refused(vendor: Any, hubspot: HubSpotInstance) -> None:
    """The core begins again; what was told is told again with the same keys."""
    quiet(vendor)
    first = {"hasMore": True, "offset": "9", "events": [event(0)]}
    over = (400, {"category": "VALIDATION_ERROR", "message": "the paging cursor is over"})
    vendor.on("GET", EVENTS, lambda asked: over if "offset" in asked.query else first)
    page = hubspot.read(Kind.ACTIVITY, None)
    with pytest.raises(Rejected, match="VALIDATION_ERROR"):
        hubspot.read(Kind.ACTIVITY, page.next)


def test_who_took_part_is_told_with_the_state_that_the_vendor_derives(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on(
        "GET",
        FAIR,
        {"results": [{"objectId": "6001", "eventName": "Fair"}, {"objectId": "6002", "eventName": "Other"}]},
    )
    took_part = {
        "associations": {"contact": {"contactId": "7", "email": "ana@x.example"}},
        "properties": {"attendanceState": "ATTENDED", "occurredAt": MILLIS},
    }
    vendor.on("GET", PARTS, lambda asked: {"results": [took_part]} if asked.names[0] == "6001" else REFUSED)
    pages = whole(hubspot, Kind.PROGRAM_MEMBERSHIP)
    (found,) = rows(pages, Kind.PROGRAM_MEMBERSHIP)
    assert (found["key"], found["status"], found["succeeded"], found["joined_at"]) == (
        "event/6001/7",
        "ATTENDED",
        True,
        AT,
    )
    assert problems(pages) == [("participations_unread", "src/program/event/6002")]


def test_without_events_nobody_took_part(vendor: Any, hubspot: HubSpotInstance) -> None:
    vendor.on("GET", FAIR, {"results": []})
    assert rows(whole(hubspot, Kind.PROGRAM_MEMBERSHIP), Kind.PROGRAM_MEMBERSHIP) == []


def test_a_form_or_an_event_that_is_gone_when_reading_goes_on_is_passed_over(
    vendor: Any, hubspot: HubSpotInstance
) -> None:
    vendor.on("GET", FORMS, {"results": [{"id": "f1", "name": "A"}, {"id": "f3", "name": "C"}]})
    vendor.on("GET", SUBMISSIONS, lambda asked: {"results": []} if asked.names[0] != "f2" else (404, {"message": "no"}))
    page = hubspot.read(Kind.ACTIVITY, "form:f2|later")
    assert (page.next, problems([page])) == ("form:f3|", [])
    vendor.on("GET", FAIR, {"results": [{"objectId": "6003"}, {"objectId": "6001"}]})
    vendor.on("GET", PARTS, {"results": []})
    assert hubspot.read(Kind.PROGRAM_MEMBERSHIP, "6002|later").next == "6003|"
