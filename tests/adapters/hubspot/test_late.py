"""HubSpot's denials after a move: read from a sandbox where people leave, written so that only a confirmed reply counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import flask
import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import EVERYTHING, Connection, Denial, NeutralRow, Outcome, Secret, Status
from mamigrate.http.transports import standing
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.hubspot import consent, leaving, mirrors
from mamigrate_sandbox.hubspot.app import create
from mamigrate_sandbox.hubspot.describe import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE = "http://127.0.0.1:9"
SPEED = 600
MEMBERS = "/crm/v3/lists/900/memberships"
STATUSES = "/communication-preferences/v4/statuses"


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    fill(store, "hubspot", "clean", 60, 7, datetime(2026, 6, 1, tzinfo=UTC))
    yield store
    store.close()


@pytest.fixture
def app(store: Store) -> flask.Flask:
    return create(store, SandboxClock(store, SPEED))


@pytest.fixture
def instance(store: Store, app: flask.Flask) -> Iterator[HubSpotInstance]:
    secrets = {"access_token": Secret(store.setting("access_token"))}
    connection = Connection("src", "hubspot", BASE, "Asia/Tokyo", {"explicit_consent": "false"}, secrets, SPEED)
    with standing(BASE, InProcess(app)):
        yield HubSpot().connect(connection, WallClock(SPEED))


@pytest.fixture
def began(instance: HubSpotInstance) -> datetime:
    """Shortly before the test, as the vendor counts."""
    page = instance.denials_since(datetime(2090, 1, 1, tzinfo=UTC), None, {})
    return page.until - timedelta(minutes=1)


@pytest.fixture
def topic(store: Store) -> str:
    return next(id for id, body in store.all("definitions") if body.get("isActive", True))


def addresses(store: Store) -> list[str]:
    """Of contacts that nobody has opted out of anything."""
    left = {id.partition("|")[0] for id, _ in store.all("optouts")}
    touched = left | {id.partition("|")[0] for id, body in store.all("statuses") if body["status"] == "UNSUBSCRIBED"}
    all_ = [str(body["properties"].get("email") or "") for _, body in store.all("contacts")]
    return [one for one in sorted(all_) if one and one.lower() not in touched]


def told(instance: HubSpotInstance, since: datetime) -> tuple[list[NeutralRow], set[str], list[str]]:
    """Facts, keys of native ones, and codes of problems."""
    facts: dict[str, NeutralRow] = {}
    native: set[str] = set()
    problems: list[str] = []
    cursor: str | None = None
    while True:
        page = instance.denials_since(since, cursor, {})
        facts |= {fact["key"]: fact for fact in page.facts}
        native |= page.native
        problems += [one.code for one in page.problems]
        if page.next is None:
            return list(facts.values()), native, problems
        cursor = page.next


def said(facts: list[NeutralRow], address: str) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["topic"], one["holder"]) for one in facts if one["address_loose"] == address}


def test_who_left_a_type_is_told_for_person_and_address_with_the_instant(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    who = addresses(store)[0]
    leaving.leave(app, who, topic)
    facts, native, _ = told(instance, began)
    assert said(facts, who) == {("topic_opt_out", topic, "person"), ("topic_opt_out", topic, "address")}
    assert all(fact["lo"] == fact["hi"] and fact["lo"] >= began for fact in facts)
    assert {fact["key"] for fact in facts} == native


def test_what_an_api_wrote_may_be_an_echo(instance: HubSpotInstance, store: Store, topic: str, began: datetime) -> None:
    who = addresses(store)[0]
    assert done(instance.deny([Denial(who, topic)])) == [Status.UPDATED]
    facts, native, _ = told(instance, began)
    assert said(facts, who)
    assert native == set()


def test_an_address_without_a_contact_is_told_by_the_timeline(
    instance: HubSpotInstance, app: flask.Flask, began: datetime
) -> None:
    leaving.leave(app, "nobody@old.example")
    facts, _, _ = told(instance, began)
    assert ("objection", "*", "address") in said(facts, "nobody@old.example")
    assert {fact["person_key"] for fact in facts} == {None}


def test_what_was_left_before_is_not_told_again(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    leaving.leave(app, addresses(store)[0], topic)
    (fact, *_), _, _ = told(instance, began)
    assert told(instance, fact["lo"] + timedelta(seconds=1))[0] == []


def test_who_came_back_meanwhile_has_not_left(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    who = addresses(store)[0]
    leaving.leave(app, who, topic)
    back = consent.Wish(who, topic, "SUBSCRIBED", "CONSENT_WITH_NOTICE", source="Self Service Resubscription")
    consent.change(app.extensions["portal"], back)
    assert told(instance, began)[0] == []


def test_a_complaint_is_told_of_which_no_status_knows(
    instance: HubSpotInstance, app: flask.Flask, store: Store, began: datetime
) -> None:
    portal, who = app.extensions["portal"], addresses(store)[0]
    row = {"portalId": 1, "subscriptionId": None, "causedByEvent": None, "changeType": "PORTAL_SPAMREPORT"}
    entry = {"timestamp": portal.millis(), "portalId": 1, "recipient": who}
    change = {**row, "change": "REPORTED_SPAM", "source": "SOURCE_RECIPIENT"}
    store.put("timeline", str(store.next_id("timeline")), {**entry, "changes": [change]})
    facts, _, _ = told(instance, began)
    assert ("complaint", "*", "address") in said(facts, who)


def test_a_contact_that_is_quarantined_is_told_and_what_follows_an_opt_out_is_not(
    instance: HubSpotInstance, app: flask.Flask, store: Store, began: datetime
) -> None:
    portal, (one, two, *_) = app.extensions["portal"], addresses(store)
    touch(store, portal, one, hs_email_quarantined="true")
    touch(store, portal, two, hs_email_is_ineligible="false", hs_marketable_status="true")
    leaving.leave(app, two)
    mirrors.refresh(portal, two)
    wait(instance)
    facts, _, _ = told(instance, began)
    assert ("source_hold", "*", "address") in said(facts, one)
    assert {kind for kind, _, _ in said(facts, two)} == {"objection", "topic_opt_out"}


def test_a_contact_that_is_ineligible_is_told_although_it_left_a_type(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    portal, who = app.extensions["portal"], addresses(store)[0]
    leaving.leave(app, who, topic)
    mirrors.refresh(portal, who)
    touch(store, portal, who, hs_email_is_ineligible="true")
    wait(instance)
    assert ("source_hold", "*", "person") in said(told(instance, began)[0], who)


def test_who_has_got_an_address_since_that_left_long_ago_is_told(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    """A status is older than the reading, and the contact that has it now is not."""
    portal, (one, two, *_) = app.extensions["portal"], addresses(store)
    leaving.leave(app, "old@left.example", topic)
    leaving.leave(app, two, topic)
    wait(instance)
    since = instance.denials_since(datetime(2090, 1, 1, tzinfo=UTC), None, {}).until + timedelta(seconds=1)
    wait(instance)
    (id,) = store.find("contacts", "email", one)
    batch = {"inputs": [{"id": id, "properties": {"email": "old@left.example"}}]}
    token = {"Authorization": f"Bearer {store.setting('access_token')}"}
    assert app.test_client().post("/crm/v3/objects/contacts/batch/update", json=batch, headers=token).status_code == 200
    mirrors.refresh(portal, "old@left.example")
    touch(store, portal, two, firstname="Ben")
    wait(instance)
    facts, _, _ = told(instance, since)
    assert said(facts, "old@left.example") == {("topic_opt_out", topic, "person"), ("topic_opt_out", topic, "address")}
    assert said(facts, two) == set()


def touch(store: Store, portal: Any, address: str, **properties: str) -> None:
    """Somebody changes a contact."""
    (id,) = store.find("contacts", "email", address)
    body = store.get("contacts", id) or {}
    values = {**body["properties"], **properties, "lastmodifieddate": portal.stamp()}
    store.put("contacts", id, {**body, "properties": values, "updatedAt": portal.stamp()})


def wait(instance: HubSpotInstance) -> None:
    """Until the search knows."""
    WallClock(SPEED).sleep(10)


def test_a_timeline_that_is_refused_is_a_problem_and_contacts_are_told_all_the_same(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    who = addresses(store)[0]
    leaving.leave(app, who, topic)
    wait(instance)
    app.view_functions["consent_legacy.timeline"] = partial(flask.abort, 404)
    facts, _, problems = told(instance, began)
    assert problems == ["denials_without_contact_unread"]
    assert said(facts, who)


# --- what is not told ------------------------------------------------------------------------------------------------------


def test_an_address_of_which_no_status_is_told_is_denied_by_what_the_timeline_says(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    """HubSpot may answer 404 for whoever is no contact; nobody could ever read more of them."""
    store.set("switches", {"unknown_address_not_found": True})
    leaving.leave(app, "nobody@old.example")
    leaving.leave(app, "somebody@old.example", topic)
    facts, native, problems = told(instance, began)
    assert said(facts, "nobody@old.example") >= {("objection", "*", "address")}
    assert said(facts, "somebody@old.example") == {("topic_opt_out", topic, "address")}
    assert {fact["key"] for fact in facts if fact["address_loose"] == "somebody@old.example"} <= native
    assert problems == []


def test_a_contact_with_an_opt_out_of_which_no_status_is_told_has_left_everything(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    """As a run takes it. The timeline is refused, so that nothing but the contact tells."""
    who = addresses(store)[0]
    leaving.leave(app, who, topic)
    mirrors.refresh(app.extensions["portal"], who)
    wait(instance)
    app.view_functions["consent_legacy.timeline"] = partial(flask.abort, 404)
    app.after_request_funcs.setdefault(None, []).append(unfinished)
    facts, _, problems = told(instance, began)
    assert said(facts, who) == {("unparsed", "*", "person"), ("unparsed", "*", "address")}
    assert problems == ["denials_without_contact_unread"]
    assert "consent_unread" in noted(instance, began)


def test_a_contact_is_denied_by_the_timeline_where_no_status_is_told(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    who = addresses(store)[0]
    leaving.leave(app, who, topic)
    app.after_request_funcs.setdefault(None, []).append(unfinished)
    facts, _, _ = told(instance, began)
    assert said(facts, who) >= {("topic_opt_out", topic, "person"), ("topic_opt_out", topic, "address")}


def test_whoever_has_an_address_and_is_not_told_is_a_problem_and_the_address_is_denied(
    instance: HubSpotInstance, app: flask.Flask, store: Store, topic: str, began: datetime
) -> None:
    who = addresses(store)[0]

    def broken(response: flask.Response) -> flask.Response:
        if flask.request.path.endswith("/contacts/batch/read") and (flask.request.json or {}).get("idProperty"):
            response.status_code = 207
            response.set_data(
                '{"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [{"category": "INTERNAL"}]}'
            )
        return response

    leaving.leave(app, who, topic)
    app.after_request_funcs.setdefault(None, []).append(broken)
    facts, _, problems = told(instance, began)
    assert said(facts, who) >= {("topic_opt_out", topic, "address")}
    assert problems == ["left_unread"]


def test_an_address_that_no_contact_has_is_no_problem(
    instance: HubSpotInstance, app: flask.Flask, began: datetime
) -> None:
    leaving.leave(app, "nobody@old.example")
    assert told(instance, began)[2] == []


def unfinished(response: flask.Response) -> flask.Response:
    """Every question for statuses is answered before it was worked on."""
    if flask.request.path.startswith(STATUSES):
        response.set_data('{"status": "PENDING", "results": []}')
    return response


def noted(instance: HubSpotInstance, since: datetime) -> set[str]:
    """Codes of what somebody should look at, and nothing is missing for it."""
    codes: set[str] = set()
    cursor: str | None = None
    while True:
        page = instance.denials_since(since, cursor, {})
        codes |= {one.code for one in page.noted}
        if page.next is None:
            return codes
        cursor = page.next


# --- writing ---------------------------------------------------------------------------------------------------------------


def done(outcomes: Any) -> list[Status]:
    found: list[Outcome] = list(outcomes)
    return [one.status for one in found]


def test_without_the_scope_for_batches_every_denial_has_a_call(
    instance: HubSpotInstance, store: Store, topic: str
) -> None:
    store.set("scopes", ["communication_preferences.read_write", "communication_preferences.read"])
    asked = [Denial(f"n{number}@x.example", topic if number % 2 else EVERYTHING) for number in range(6)]
    assert set(done(instance.deny(asked))) == {Status.UPDATED}
    there = instance.denied([one.address for one in asked])
    assert [one.key for one in asked if one.topic not in there[one.address]] == []


def test_one_address_that_is_refused_harms_no_other(instance: HubSpotInstance) -> None:
    asked = [Denial(who, EVERYTHING) for who in ("a@x.example", "no address", "b@x.example")]
    assert done(instance.deny(asked)) == [Status.UPDATED, Status.REJECTED, Status.UPDATED]


def test_an_address_that_is_not_known_before_is_proven_by_its_wide_status(
    instance: HubSpotInstance, store: Store
) -> None:
    store.set("switches", {"unknown_address_not_found": True})
    assert instance.denied(["nobody@x.example"]) == {}
    assert done(instance.deny([Denial("nobody@x.example", EVERYTHING)])) == [Status.UPDATED]
    assert instance.denied(["nobody@x.example"]) == {"nobody@x.example": {EVERYTHING}}


def shown(who: str, status: str = "UNSUBSCRIBED") -> dict[str, Any]:
    statuses = [{"subscriberIdString": who, "subscriptionId": 9001, "status": status}]
    return {"subscriberIdString": who, "statuses": statuses}


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "PENDING", "results": [shown("a@x.example"), shown("b@x.example")]},
        {"status": "PROCESSING", "results": []},
        {"status": "CANCELED", "results": [shown("a@x.example"), shown("b@x.example")]},
        (207, {"status": "COMPLETE", "numErrors": 1, "results": [shown("a@x.example"), shown("b@x.example")]}),
        {"status": "COMPLETE", "results": [shown("c@x.example")]},
        {"status": "COMPLETE", "results": [shown("a@x.example", "SUBSCRIBED"), shown("b@x.example", "NOT_SPECIFIED")]},
        {"results": [shown("a@x.example"), shown("b@x.example")]},
    ],
)
def test_a_reply_that_does_not_show_it_is_no_success(hubspot: HubSpotInstance, vendor: Any, answer: Any) -> None:
    vendor.on("POST", f"{STATUSES}/batch/unsubscribe-all", answer)
    asked = [Denial(who, EVERYTHING) for who in ("a@x.example", "b@x.example")]
    assert done(hubspot.deny(asked)) == [Status.MAYBE, Status.MAYBE]


@pytest.mark.parametrize(
    "one, other", [("straße@x.example", "strasse@x.example"), ("strasse@x.example", "straße@x.example")]
)
def test_the_denial_of_an_address_that_only_folds_alike_is_no_proof(
    instance: HubSpotInstance, hubspot: HubSpotInstance, vendor: Any, one: str, other: str
) -> None:
    assert done(instance.deny([Denial(one, EVERYTHING)])) == [Status.UPDATED]
    there = instance.denied([one, other])
    assert EVERYTHING in there[one] and there[other] == set()
    vendor.on("POST", f"{STATUSES}/batch/unsubscribe-all", {"status": "COMPLETE", "results": [shown(other)]})
    assert done(hubspot.deny([Denial(who, EVERYTHING) for who in (one, other)])) == [Status.MAYBE, Status.UPDATED]


def test_nothing_that_is_written_can_subscribe_anybody(hubspot: HubSpotInstance, vendor: Any) -> None:
    def write(asked: Any) -> dict[str, Any]:
        inputs = (asked.json or {}).get("inputs") or [] if asked.body else []
        assert {one["statusState"] for one in inputs if isinstance(one, dict)} <= {"UNSUBSCRIBED"}
        return {"status": "COMPLETE", "results": []}

    vendor.on("POST", f"{STATUSES}/.*", write)
    hubspot.deny([Denial(f"n{n}@x.example", topic) for n in range(3) for topic in (EVERYTHING, "9001")])
    assert vendor.paths() == [f"POST {STATUSES}/batch/unsubscribe-all", f"POST {STATUSES}/batch/write"]
    assert [path for path in vendor.paths() if "resubscribe" in path] == []


# --- lists that are left out -------------------------------------------------------------------------------------------


@pytest.fixture
def excluded(store: Store) -> str:
    """A list without filters that an email leaves out, with one member since January."""
    listed = {"listId": "900", "name": "Never", "objectTypeId": "0-1", "processingType": "MANUAL", "size": 1}
    store.put("lists", "900", listed)
    store.link("membership", "900", member(store, 0), {"at": "2026-01-02T03:04:05.000Z"})
    id, email = next(store.all("emails"))
    to = {**email["to"], "contactIlsLists": {"include": [], "exclude": ["900"]}}
    store.put("emails", id, {**email, "to": to})
    return "900"


def member(store: Store, at: int) -> str:
    return sorted(id for id, _ in store.all("contacts"))[at]


def left_out(instance: HubSpotInstance, since: datetime, *known: str) -> tuple[list[NeutralRow], list[str]]:
    facts: list[NeutralRow] = []
    problems: list[str] = []
    cursor: str | None = None
    while True:
        page = instance.left_out_since(since, cursor, frozenset(known))
        facts += page.facts
        problems += [one.code for one in page.problems]
        cursor = page.next
        if cursor is None:
            return [one for one in facts if one["source_ref"].endswith("list:900")], problems


def test_who_comes_onto_a_list_that_is_left_out_is_told_with_the_instant(
    instance: HubSpotInstance, store: Store, began: datetime, excluded: str
) -> None:
    assert left_out(instance, began, excluded) == ([], [])
    came = (began + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    store.link("membership", excluded, member(store, 1), {"at": came})
    ((fact,), problems) = left_out(instance, began, excluded)
    assert (fact["kind"], fact["holder"], fact["person_key"]) == ("source_hold", "person", member(store, 1))
    assert fact["lo"] == fact["hi"] >= began
    assert problems == []


def test_everybody_on_a_list_that_was_not_left_out_before_is_told(
    instance: HubSpotInstance, store: Store, began: datetime, excluded: str
) -> None:
    facts, _ = left_out(instance, began)
    assert [fact["person_key"] for fact in facts] == [member(store, 0)]


def test_a_list_becomes_left_out_between_two_readings_of_one_process(
    instance: HubSpotInstance, store: Store, began: datetime
) -> None:
    assert left_out(instance, began) == ([], [])
    excluded_now = {**next(store.all("emails"))[1], "id": "77", "contactLists": {}}
    store.put("lists", "900", {"listId": "900", "name": "Now", "objectTypeId": "0-1", "processingType": "MANUAL"})
    store.link("membership", "900", member(store, 0), {"at": "2026-01-02T03:04:05.000Z"})
    excluded_now["to"] = {**excluded_now["to"], "contactIlsLists": {"include": [], "exclude": ["900"]}}
    store.put("emails", "77", excluded_now)
    assert [fact["person_key"] for fact in left_out(instance, began)[0]] == [member(store, 0)]


@pytest.mark.parametrize(
    ("path", "status", "category", "told"),
    [
        (MEMBERS, 404, "OBJECT_NOT_FOUND", []),
        (MEMBERS, 403, "FORBIDDEN", ["exclusion_members_unread"]),
        (MEMBERS, 403, "MISSING_SCOPES", ["exclusion_members_unread"]),
        ("/marketing/v3/emails", 403, "MISSING_SCOPES", ["exclusions_unread"]),
    ],
)
def test_what_of_lists_cannot_be_read_is_told(
    instance: HubSpotInstance,
    app: flask.Flask,
    began: datetime,
    excluded: str,
    path: str,
    status: int,
    category: str,
    told: list[str],
) -> None:
    def refuse() -> Any:
        if flask.request.path == path:
            return {"status": "error", "message": "no", "category": category}, status
        return None

    app.before_request_funcs.setdefault(None, []).insert(0, refuse)
    facts, problems = left_out(instance, began)
    assert (facts, sorted(set(problems))) == ([], told)


def test_an_old_list_that_an_email_leaves_out_and_nobody_can_name_is_told(
    instance: HubSpotInstance, store: Store, began: datetime
) -> None:
    id, email = next(store.all("emails"))
    store.put("emails", id, {**email, "to": {**email["to"], "contactLists": {"include": [], "exclude": ["31337"]}}})
    assert left_out(instance, began)[1] == ["exclusion_list_unresolved"]
