"""The estate as any client sees it: through the vendor's own routes."""

from collections.abc import Callable
from typing import Any

import pytest

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.hubspot import app
from mamigrate_sandbox.store import Store

Get = Callable[[str], Any]


@pytest.fixture(scope="module")
def get(hubspot: Store) -> Get:
    hubspot.set("limits", {"ten_seconds": 100_000, "search": 1_000})
    client = app.create(hubspot, SandboxClock(hubspot)).test_client()
    headers = {"Authorization": f"Bearer {hubspot.setting('access_token')}"}

    def fetch(path: str) -> Any:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.get_json())
        return answer.get_json()

    return fetch


def _walk(get: Get, path: str) -> list[Any]:
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = get(f"{path}{'&' if '?' in path else '?'}limit=100{f'&after={after}' if after else ''}")
        found += page["results"]
        after = page.get("paging", {}).get("next", {}).get("after")
    return found


def test_all_people_are_paged_through_and_archived_ones_apart(get: Get) -> None:
    assert len(_walk(get, "/crm/v3/objects/contacts")) == 400
    assert len(_walk(get, "/crm/v3/objects/contacts?archived=true")) == 5


def test_everything_that_marketers_built_is_listed(get: Get) -> None:
    wanted = {
        "/automation/v4/flows": 74,
        "/marketing/v3/emails": 240,
        "/marketing/v3/forms": 28,
        "/marketing/v3/campaigns": 36,
    }
    assert {path: len(_walk(get, path)) for path in wanted} == wanted
    assert get("/crm/v3/lists/11?includeFilters=true")["list"]["name"] == "競合他社"


def test_a_flow_and_an_email_show_whole(get: Get) -> None:
    flow = get("/automation/v4/flows/3001")
    assert flow["suppressionListIds"] and flow["actions"][0]["actionTypeId"] == "0-4"
    mail = get(f"/marketing/v3/emails/{flow['actions'][0]['fields']['content_id']}")
    assert "{{ unsubscribe_link }}" in mail["content"]["widgets"]["module-0-0-0"]["body"]["html"]


def test_forms_show_what_was_sent_through_them(get: Get) -> None:
    sent = get(f"/form-integrations/v1/submissions/forms/{names.guid('form', 1)}?limit=50")["results"]
    assert len(sent) == 20
    assert sent[0]["submittedAt"] > sent[-1]["submittedAt"]


def test_a_person_in_flight_can_be_found(get: Get, hubspot: Store) -> None:
    workflow, contact, _ = next(iter(hubspot.all_links("enrolment")))
    assert any(
        str(row.get("id")) == workflow for row in get(f"/automation/v2/workflows/enrollments/contacts/{contact}")
    )


def test_the_status_of_an_address_is_what_the_estate_says(get: Get, hubspot: Store) -> None:
    address = next(body["subscriberIdString"] for id, body in hubspot.all("optouts") if id.endswith("|portal"))
    wide = get(f"/communication-preferences/v4/statuses/{address}/unsubscribe-all?channel=EMAIL")["results"]
    assert [row["wideStatusType"] for row in wide] == ["PORTAL_WIDE"]
    single = get(f"/communication-preferences/v4/statuses/{address}?channel=EMAIL")["results"]
    assert {row["status"] for row in single} <= {"UNSUBSCRIBED", "SUBSCRIBED"}


def test_the_log_reaches_addresses_without_a_contact(get: Get) -> None:
    found: list[str] = []
    offset: str | None = ""
    while offset is not None:
        page = get(f"/email/public/v1/subscriptions/timeline?limit=500{f'&offset={offset}' if offset else ''}")
        found += [row["recipient"] for row in page["timeline"]]
        offset = page["offset"] if page["hasMore"] else None
    assert any(address.startswith("gone0") for address in found)


def test_members_of_a_list_are_paged(get: Get, hubspot: Store) -> None:
    size = get("/crm/v3/lists/201?includeFilters=true")["list"]
    members = _walk(get, "/crm/v3/lists/202/memberships")
    assert len(members) == len(hubspot.links("membership", "202")) > 0
    assert size["processingType"] == "DYNAMIC"


def test_programs_show_their_assets_and_participants(get: Get) -> None:
    assert get(f"/marketing/v3/campaigns/{names.guid('campaign', 1)}/assets/MARKETING_EMAIL")["results"]
    events = get("/marketing/marketing-events/v3")["results"]
    assert len(events) == 9 and all(event["registrants"] + event["noShows"] > 0 for event in events)
