"""Emails, campaigns, forms, files, pages, marketing events, email events."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
Make = Callable[..., str]
EMAILS, CAMPAIGNS, FORMS = "/marketing/v3/emails", "/marketing/v3/campaigns", "/marketing/v3/forms"
EVENTS = "/marketing/v3/marketing-events"


def body(answer: TestResponse) -> Any:
    return answer.json


# --- emails -----------------------------------------------------------------------------------------------------------


def test_an_email_needs_only_a_name(call: Call) -> None:
    made = body(call(f"POST {EMAILS}", {"name": "Hello", "businessUnitId": 0}))
    assert (made["state"], made["type"], made["businessUnitId"]) == ("DRAFT", "BATCH_EMAIL", "0")
    changed = body(call(f"PATCH {EMAILS}/{made['id']}", {"subject": "Hi"}))
    assert changed["subject"] == "Hi"
    page = body(call(f"GET {EMAILS}?limit=1&type=BATCH_EMAIL&isPublished=false"))
    assert (page["total"], page["results"][0]["id"]) == (1, made["id"])
    assert call(f"POST {EMAILS}", {}).status_code == 400
    assert call(f"DELETE {EMAILS}/{made['id']}").status_code == 204


def test_publishing_a_batch_email_sends_to_its_lists_but_not_to_the_opted_out(
    call: Call, contact: Make, store: Store
) -> None:
    ids = [contact(f"p{n}@example.com") for n in range(3)]
    call("POST /communication-preferences/v4/statuses/p0@example.com/unsubscribe-all?channel=EMAIL")
    made = call("POST /crm/v3/lists", {"name": "L", "objectTypeId": "0-1", "processingType": "MANUAL"})
    list_id = body(made)["list"]["listId"]
    call(f"PUT /crm/v3/lists/{list_id}/memberships/add", ids)
    to = {"contactIlsLists": {"include": [list_id], "exclude": []}}
    id = body(call(f"POST {EMAILS}", {"name": "Hello", "to": to}))["id"]
    assert call(f"POST {EMAILS}/{id}/publish").status_code == 204
    assert store.counters()["sends"] == 2


def test_statistics_want_iso_times(call: Call, store: Store) -> None:
    stats = {"counters": {"sent": 10, "open": 4}}
    store.put(
        "emails", "1", {"id": "1", "name": "A", "isAb": False, "publishDate": "2026-01-05T00:00:00Z", "stats": stats}
    )
    path = f"GET {EMAILS}/statistics/list?startTimestamp=2026-01-01T00:00:00Z&endTimestamp=2026-02-01T00:00:00Z"
    assert body(call(path))["aggregate"]["counters"] == {"sent": 10, "open": 4}
    assert call(path.replace("2026-01-01T00:00:00Z", "1767225600000")).status_code == 400
    assert "stats" not in body(call(f"GET {EMAILS}/1"))


def test_single_sends_are_counted_unless_the_address_opted_out(call: Call, store: Store) -> None:
    id = body(call(f"POST {EMAILS}", {"name": "Hello"}))["id"]
    wanted = {"emailId": int(id), "message": {"to": "a@example.com"}}
    assert body(call("POST /marketing/v4/email/single-send", wanted))["sendResult"] == "SENT"
    call("POST /communication-preferences/v4/statuses/a@example.com/unsubscribe-all?channel=EMAIL")
    refused = body(call("POST /marketing/v3/transactional/single-email/send", wanted))
    assert refused["sendResult"] == "PREVIOUSLY_UNSUBSCRIBED_PORTAL"
    assert store.counters()["sends"] == 1


# --- campaigns --------------------------------------------------------------------------------------------------------


def test_campaigns_show_properties_only_when_asked(call: Call, store: Store) -> None:
    made = body(call(f"POST {CAMPAIGNS}", {"properties": {"hs_name": "Spring", "hs_goal": "more"}}))
    assert body(call(f"GET {CAMPAIGNS}/{made['id']}"))["properties"] == {}
    asked = body(call(f"GET {CAMPAIGNS}?properties=hs_name"))["results"][0]["properties"]
    assert asked == {"hs_name": "Spring"}
    store.set("switches", {"campaign_properties_must_be_asked": False})
    assert body(call(f"GET {CAMPAIGNS}/{made['id']}"))["properties"]["hs_goal"] == "more"


def test_campaigns_hold_assets(call: Call) -> None:
    first = body(call(f"POST {CAMPAIGNS}", {"properties": {"hs_name": "A"}}))["id"]
    second = body(call(f"POST {CAMPAIGNS}", {"properties": {"hs_name": "B"}}))["id"]
    for id in (first, second):
        assert call(f"PUT {CAMPAIGNS}/{id}/assets/FORM/f1").status_code == 204
    assert body(call(f"GET {CAMPAIGNS}/{first}/assets/FORM"))["results"] == []
    assert body(call(f"GET {CAMPAIGNS}/{second}"))["assets"]["FORM"]["results"] == [{"id": "f1"}]
    assert call(f"PUT {CAMPAIGNS}/{first}/assets/NOTHING/f1").status_code == 400


@pytest.mark.parametrize("wrong", [{}, {"hs_name": "A", "nope": "1"}, {"hs_name": "A", "hs_object_id": "1"}])
def test_campaigns_that_are_refused(call: Call, wrong: dict[str, str]) -> None:
    assert call(f"POST {CAMPAIGNS}", {"properties": wrong}).status_code == 400


def test_campaign_names_are_unique(call: Call) -> None:
    codes = [call(f"POST {CAMPAIGNS}", {"properties": {"hs_name": "A"}}).status_code for _ in range(2)]
    assert codes == [201, 409]


# --- forms, files, pages ------------------------------------------------------------------------------------------------


def form(name: str) -> dict[str, Any]:
    field = {
        "fieldType": "email", "objectTypeId": "0-1", "name": "email", "label": "Email", "required": True,
        "hidden": False, "validation": {"blockedEmailDomains": [], "useDefaultBlockList": False}, "dependentFields": [],
    }  # fmt: skip
    style = ("fontFamily", "backgroundWidth", "labelTextColor", "labelTextSize", "helpTextColor", "helpTextSize", "legalConsentTextColor", "legalConsentTextSize", "submitColor", "submitAlignment", "submitFontColor", "submitSize")  # fmt: skip
    return {
        "formType": "hubspot", "name": name, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
        "archived": False, "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": [field]}],
        "configuration": {
            "language": "en", "cloneable": True, "editable": True, "archivable": True, "recaptchaEnabled": False,
            "notifyContactOwner": False, "notifyRecipients": [], "createNewContactForNewEmail": False,
            "prePopulateKnownValues": True, "allowLinkToResetKnownValues": False, "lifecycleStages": [],
            "postSubmitAction": {"type": "thank_you", "value": "Thanks"},
        },
        "displayOptions": {
            "renderRawHtml": False, "theme": "default_style", "submitButtonText": "Send",
            "style": {part: "left" if part == "submitAlignment" else "1" for part in style},
        },
        "legalConsentOptions": {"type": "none"},
    }  # fmt: skip


def test_forms_live_and_submissions_come_newest_first(call: Call, store: Store) -> None:
    made = call(f"POST {FORMS}", form("Contact us"))
    assert made.status_code == 201, made.text
    id = body(made)["id"]
    assert body(made)["fieldGroups"][0]["fields"][0]["validation"]["blockedEmailDomains"] == [""]
    for n in range(1, 4):
        row = {"conversionId": str(n), "submittedAt": n, "values": [], "pageUrl": "https://example.com"}
        store.put(f"submissions/{id}", str(n), row)
    path = f"GET /form-integrations/v1/submissions/forms/{id}?limit=2"
    page = body(call(path))
    assert [row["submittedAt"] for row in page["results"]] == [3, 2]
    rest = body(call(f"{path}&after={page['paging']['next']['after']}"))
    assert [row["submittedAt"] for row in rest["results"]] == [1]
    assert body(call(f"PATCH {FORMS}/{id}", {"name": "New"}))["name"] == "New"
    assert call(f"DELETE {FORMS}/{id}").status_code == 204
    assert body(call(f"GET {FORMS}"))["results"] == []
    assert [row["id"] for row in body(call(f"GET {FORMS}?archived=true"))["results"]] == [id]
    assert call(f"POST {FORMS}", {"name": "x"}).status_code == 400


def test_files_are_uploaded_into_folders(call: Call) -> None:
    def upload(strategy: str) -> TestResponse:
        options = f'{{"access": "PUBLIC_NOT_INDEXABLE", "duplicateValidationStrategy": "{strategy}"}}'
        data = {"file": (io.BytesIO(b"abc"), "logo.png"), "folderPath": "/a/b", "options": options}
        return call("POST /files/v3/files", data=data, content_type="multipart/form-data")

    made = upload("NONE")
    assert (made.status_code, body(made)["type"], body(made)["path"]) == (201, "IMG", "/a/b/logo.png")
    assert upload("REJECT").status_code == 409
    assert body(upload("RETURN_EXISTING"))["id"] == body(made)["id"]
    found = body(call("GET /files/v3/files/search?name=logo&limit=100"))["results"]
    assert [row["id"] for row in found] == [body(made)["id"]]
    assert body(call("GET /files/v3/files/stat/a/b/logo.png"))["file"]["size"] == 3
    folders = body(call("GET /files/v3/folders/search"))["results"]
    assert [row["path"] for row in folders] == ["/a", "/a/b"]


def test_pages_are_listed_under_both_spellings(call: Call, store: Store) -> None:
    page = {"id": "1", "name": "P", "slug": "p"}
    store.put("landing-pages", "1", page)
    for path in ("/cms/v3/pages/landing-pages", "/cms/pages/v3/landing-pages"):
        assert [row["id"] for row in body(call(f"GET {path}"))["results"]] == ["1"]
    made = body(call("POST /cms/v3/pages/site-pages", {"name": "S", "slug": "s"}))
    assert body(call(f"PATCH /cms/v3/pages/site-pages/{made['id']}", {"slug": "t"}))["slug"] == "t"


# --- events -----------------------------------------------------------------------------------------------------------


def test_marketing_events_have_participants(call: Call, contact: Make) -> None:
    contact("a@example.com")
    wanted = {"externalAccountId": "mk", "externalEventId": "P1", "eventName": "Webinar", "eventOrganizer": "Acme"}
    id = body(call(f"POST {EVENTS}/events", wanted | {"eventCompleted": True}))["objectId"]
    people: list[dict[str, Any]] = [
        {"email": who, "interactionDateTime": 1735725600000, "contactProperties": {}, "properties": {}}
        for who in ("a@example.com", "new@example.com")
    ]
    call(f"POST {EVENTS}/attendance/P1/register/email-create?externalAccountId=mk", {"inputs": people})
    call(f"POST {EVENTS}/{id}/attendance/attend/email-create", {"inputs": people[:1]})
    counted = body(call(f"GET {EVENTS}/participations/{id}"))
    assert counted == {"attended": 1, "cancelled": 0, "noShows": 1, "registered": 2}
    assert body(call(f"GET {EVENTS}/participations/mk/P1")) == counted
    rows = body(call(f"GET {EVENTS}/participations/{id}/breakdown?state=NO_SHOW"))["results"]
    assert [row["associations"]["contact"]["email"] for row in rows] == ["new@example.com"]
    assert rows[0]["properties"]["occurredAt"] == 1735725600000
    listed = body(call("GET /marketing/marketing-events/v3"))["results"]
    assert [(row["objectId"], row["attendees"]) for row in listed] == [(id, 1)]
    of_one = body(call(f"GET {EVENTS}/participations/contacts/a@example.com/breakdown"))
    assert of_one["total"] == 1


def test_email_events_come_in_pages_and_can_be_filtered(call: Call, store: Store) -> None:
    for n in range(5):
        row = {"id": f"e{n}", "created": 1_000 + n, "type": "OPEN" if n % 2 else "SENT", "recipient": "a@example.com"}
        store.put("email-events", str(n + 1), row | {"filteredEvent": n == 3, "emailCampaignId": 7})
    first = body(call("GET /email/public/v1/events?limit=2"))
    assert (first["hasMore"], [row["id"] for row in first["events"]]) == (True, ["e0", "e1"])
    rest = body(call(f"GET /email/public/v1/events?limit=10&offset={first['offset']}"))
    assert (rest["hasMore"], len(rest["events"])) == (False, 3)
    opens = body(call("GET /email/public/v1/events?eventType=OPEN&excludeFilteredEvents=true&campaignId=7"))["events"]
    assert [row["id"] for row in opens] == ["e1"]
    some = body(call("GET /email/public/v1/events?startTimestamp=1001&endTimestamp=1003"))["events"]
    assert [row["id"] for row in some] == ["e1", "e2"]
    assert body(call("GET /email/public/v1/events/1004/e4"))["type"] == "SENT"
    assert call("GET /email/public/v1/events?eventType=NONSENSE").status_code == 400
