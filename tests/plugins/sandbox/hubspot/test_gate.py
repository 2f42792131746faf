"""Tokens, scopes, rate limits, headers, counters."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.hubspot.aliases import canonical
from mamigrate_sandbox.store import Store

Call = Callable[..., TestResponse]
OWNERS = "GET /crm/v3/owners"
SEARCH = "POST /crm/v3/objects/contacts/search"


def body(answer: TestResponse) -> Any:
    return answer.json


def limits(answer: TestResponse) -> list[str]:
    return [name for name, _ in answer.headers if "RateLimit" in name]


def test_a_wrong_token_is_refused(call: Call, app: Any) -> None:
    answer = call(OWNERS, token="nonsense")
    assert (answer.status_code, body(answer)["category"]) == (401, "INVALID_AUTHENTICATION")
    bare = app.test_client().get("/crm/v3/owners")
    assert (bare.status_code, bare.json["category"]) == (401, "INVALID_AUTHENTICATION")


def test_an_oauth_token_lives_for_half_an_hour(call: Call, store: Store, clock: SandboxClock) -> None:
    form = {"grant_type": "refresh_token"}
    form |= {name: store.setting(name) for name in ("client_id", "client_secret", "refresh_token")}
    issued = body(call("POST /oauth/v1/token", data=form))
    assert issued["expires_in"] == 1800
    answer = call(OWNERS, token=issued["access_token"])
    assert answer.status_code == 200
    assert "X-HubSpot-RateLimit-Daily" not in answer.headers
    assert answer.headers["X-HubSpot-RateLimit-Max"] == "110"
    info = body(call(f"GET /oauth/v1/access-tokens/{issued['access_token']}"))
    assert info["hub_id"] == store.setting("portal")["portalId"]
    clock.advance(1801)
    late = call(OWNERS, token=issued["access_token"])
    assert (late.status_code, body(late)["category"]) == (401, "EXPIRED_AUTHENTICATION")


def test_wrong_client_credentials_give_no_token(call: Call, store: Store) -> None:
    form = {"grant_type": "refresh_token", "client_id": "x", "client_secret": "y", "refresh_token": "z"}
    assert call("POST /oauth/v1/token", data=form).status_code == 400


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        ("GET /crm/v3/objects/contacts", "crm.objects.contacts.read"),
        ("PUT /crm/v3/lists/1/memberships/add", "crm.lists.write"),
        (OWNERS, "crm.objects.owners.read"),
        ("GET /automation/v4/flows", "automation"),
        ("POST /communication-preferences/v4/statuses/batch/read", "communication_preferences.statuses.batch.read"),
        ("GET /marketing/v3/campaigns", "marketing.campaigns.read"),
        ("GET /marketing/v3/forms", "forms"),
        ("GET /marketing/v3/marketing-events", "crm.objects.marketing_events.read"),
    ],
)
def test_a_missing_scope_is_named(call: Call, store: Store, what: str, scope: str) -> None:
    store.set("scopes", ["oauth"])
    answer = call(what, [] if what.startswith("PUT") else None)
    assert (answer.status_code, body(answer)["category"]) == (403, "MISSING_SCOPES")
    assert scope in body(answer)["errors"][0]["context"]["requiredScopes"]
    store.set("scopes", ["oauth", scope])
    assert call(what, [] if what.startswith("PUT") else None).status_code != 403


def test_headers_count_down_and_tell_the_correlation(call: Call) -> None:
    first, second = call(OWNERS), call("GET /crm/v3/owners/1")
    assert first.headers["X-HubSpot-RateLimit-Daily"] == "650000"
    assert first.headers["X-HubSpot-RateLimit-Max"] == "190"
    assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    remaining = [int(answer.headers["X-HubSpot-RateLimit-Remaining"]) for answer in (first, second)]
    assert remaining == [189, 188]
    assert uuid.UUID(second.headers["X-HubSpot-Correlation-Id"]) == uuid.UUID(body(second)["correlationId"])


def test_the_window_of_ten_seconds_rolls(call: Call, store: Store, clock: SandboxClock) -> None:
    store.set("limits", {"ten_seconds": 3})
    assert [call(OWNERS).status_code for _ in range(4)] == [200, 200, 200, 429]
    clock.advance(9.9)
    refused = call(OWNERS)
    assert body(refused)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert body(refused)["message"] == "You have reached your ten_secondly_rolling limit."
    assert body(refused)["errorType"] == "RATE_LIMIT"
    assert "Retry-After" not in refused.headers
    clock.advance(0.2)
    assert call(OWNERS).status_code == 200


def test_the_day_ends_at_midnight_of_the_accounts_zone(call: Call, store: Store, clock: SandboxClock) -> None:
    store.set("limits", {"daily": 2})
    usage = body(call("GET /account-info/v3/api-usage/daily/private-apps"))["results"][0]
    assert (usage["usageLimit"], usage["currentUsage"]) == (2, 1)
    assert usage["resetsAt"].endswith("T15:00:00.000Z")  # midnight in Tokyo
    assert [call(OWNERS).status_code for _ in range(2)] == [200, 429]
    assert body(call(OWNERS))["policyName"] == "DAILY"
    clock.advance(86_400)
    assert call(OWNERS).status_code == 200


def test_searches_have_a_limit_of_their_own_and_no_headers(call: Call, store: Store, clock: SandboxClock) -> None:
    answers = [call(SEARCH, {}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert body(answers[-1])["message"] == "You have reached your secondly limit."
    assert body(answers[-1])["category"] == "RATE_LIMITS"
    assert limits(answers[0]) == []
    clock.advance(1.1)
    store.set("switches", {"search_headers": "daily"})
    again = call(SEARCH, {})
    assert limits(again) == ["X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining"]


def test_every_call_is_counted_under_its_route(call: Call, store: Store) -> None:
    call(OWNERS)
    call("GET /crm/v3/objects/contacts/7")
    call("GET /crm/objects/2026-03/contacts/8")
    call("GET /nowhere")
    counters = store.counters()
    assert counters["call/GET /crm/v3/owners"] == 1
    assert counters["call/GET /crm/v3/objects/<type>/<id>"] == 2
    assert counters["call/GET unknown"] == 1


def test_an_overlong_url_is_refused(call: Call) -> None:
    assert call(f"GET /crm/v3/objects/contacts?properties={'x' * 17_000}").status_code == 414


def test_a_refused_write_leaves_no_trace(call: Call, store: Store) -> None:
    rows = [{"properties": {"email": f"{n}@example.com"}} for n in range(3)] + [{"properties": {"nope": "1"}}]
    assert call("POST /crm/v3/objects/contacts/batch/create", {"inputs": rows}).status_code == 400
    assert store.count("contacts") == 0
    assert store.counters()["call/POST /crm/v3/objects/<type>/batch/create"] == 1


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/crm/lists/2026-09/5/memberships", "/crm/v3/lists/5/memberships"),
        ("/automation/2026-09-beta/flows", "/automation/v4/flows"),
        ("/crm/associations/v4/contacts/companies/labels", "/crm/v4/associations/contacts/companies/labels"),
        ("/cms/pages/v3/site-pages", "/cms/v3/pages/site-pages"),
        ("/marketing/marketing-events/v3", "/marketing/v3/marketing-events"),
        ("/marketing/v3/forms/", "/marketing/v3/forms"),
    ],
)
def test_other_spellings_of_paths(path: str, route: str) -> None:
    assert canonical(path) == route
