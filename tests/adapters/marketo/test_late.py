"""Marketo's denials after a move, read from a sandbox where people leave and staff and integrations change flags."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, NeutralRow, Secret
from mamigrate.http.transports import standing
from mamigrate.model.kinds import Kind
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.marketo import leads, leaving, writing
from mamigrate_sandbox.marketo.app import create
from mamigrate_sandbox.marketo.defaults import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE = "http://127.0.0.1:9"
TOPICS = {"noNews": "true", "yesEvents": "false"}


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    yield store
    store.close()


@pytest.fixture
def app(store: Store) -> flask.Flask:
    return create(store, SandboxClock(store, 600))


@pytest.fixture
def instance(store: Store, app: flask.Flask) -> Iterator[MarketoInstance]:
    options = {"client_id": store.setting("client_id")}
    secrets = {"client_secret": Secret(store.setting("client_secret"))}
    with standing(BASE, InProcess(app)):
        made = Marketo().connect(Connection("dst", "marketo", BASE, "UTC", options, secrets, 600), WallClock(600))
        fields = [("mmSourceKey", "text"), ("noNews", "boolean"), ("yesEvents", "boolean")]
        made.write(
            Kind.FIELD, [Change(n, None, {"api_name": n, "label": n.title(), "data_type": kind}) for n, kind in fields]
        )
        yield made


def well(result: Any, **more: Any) -> dict[str, Any]:
    return {"requestId": "1#1", "success": True, "result": result, **more}


def person(instance: MarketoInstance, name: str, **values: str) -> str:
    change = Change(name, None, {"mmSourceKey": name, "email": f"{name}@x.example", **values})
    return str(instance.write(Kind.PERSON, [change])[0].target_key)


def now(instance: MarketoInstance) -> datetime:
    """As the vendor counts, a little later than what happened before."""
    WallClock(600).sleep(5)
    return instance.denials_since(datetime(2026, 1, 1, tzinfo=UTC), None, {}).until


def told(
    instance: MarketoInstance, since: datetime, topics: Mapping[str, str] = TOPICS
) -> tuple[list[NeutralRow], set[str], list[str]]:
    facts: dict[str, NeutralRow] = {}
    native: set[str] = set()
    problems: list[str] = []
    cursor: str | None = None
    while True:
        page = instance.denials_since(since, cursor, topics)
        facts |= {fact["key"]: fact for fact in page.facts}
        native |= page.native
        problems += [one.code for one in page.problems]
        if page.next is None:
            return list(facts.values()), native, problems
        cursor = page.next


def said(facts: list[NeutralRow]) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["topic"], one["holder"]) for one in facts}


def write(instance: MarketoInstance, key: str, **values: str) -> None:
    instance.write(Kind.PERSON, [Change("x", key, values)])


def as_staff(app: flask.Flask, key: str, **values: Any) -> None:
    """A change in the user interface, which may also lower a flag."""
    instance = app.extensions["instance"]
    desk = writing.desk(instance, "updateOnly", "id", source="Lead Detail page")
    writing.change(desk, leads.need(instance, int(key)), values)


def test_a_click_on_an_unsubscribe_link_is_the_persons_own(instance: MarketoInstance, app: flask.Flask) -> None:
    key, since = person(instance, "ana"), now(instance)
    leaving.leave(app, "ana@x.example")
    facts, native, _ = told(instance, since)
    assert said(facts) == {("objection", "*", "person"), ("objection", "*", "address")}
    assert {fact["source_ref"] for fact in facts} == {f"dst/person/{key}/unsubscribed"}
    assert {fact["key"] for fact in facts} == native
    assert all(fact["lo"] == fact["hi"] and fact["lo"] >= since for fact in facts)


def test_a_flag_that_an_api_raised_may_be_an_echo_and_one_that_staff_raised_is_none(
    instance: MarketoInstance, app: flask.Flask
) -> None:
    one, two, since = person(instance, "ana"), person(instance, "ben"), now(instance)
    write(instance, one, marketingSuspended="true")
    as_staff(app, two, blackListed=True)
    facts, native, _ = told(instance, since)
    by_person = {fact["person_key"]: fact for fact in facts}
    assert (by_person[one]["kind"], by_person[two]["kind"]) == ("org_hold", "block")
    assert native == {by_person[two]["key"]}


def test_a_flag_that_was_lowered_and_raised_again_is_no_echo(instance: MarketoInstance, app: flask.Flask) -> None:
    key, since = person(instance, "ana", marketingSuspended="true"), now(instance)
    as_staff(app, key, marketingSuspended=False)
    write(instance, key, marketingSuspended="true")
    assert told(instance, since)[1] == {f"dst/person/{key}/marketingSuspended/person"}


def test_a_flag_that_was_lowered_on_an_earlier_page_is_no_echo_either(marketo: MarketoInstance, vendor: Any) -> None:
    def change(value: str) -> dict[str, Any]:
        told = {"name": "marketingSuspended", "oldValue": None, "newValue": value}
        source = [{"name": "Source", "value": "Web service API"}]
        row = {"id": 1, "leadId": 7, "activityDate": "2026-01-01T00:00:00Z", "activityTypeId": 13}
        return {**row, "fields": [told], "attributes": source}

    rows = {"first": [change("false")], "second": [change("true")]}

    def page(asked: Any) -> dict[str, Any]:
        token = asked.query["nextPageToken"][0]
        answer: dict[str, Any] = well(rows.get(token), nextPageToken="second", moreResult=token == "first")
        return answer

    vendor.on("GET", "/rest/v1/activities/pagingtoken.json", well(None, nextPageToken="first"))
    vendor.on("GET", "/rest/v1/activities(/deletedleads)?.json", well([], moreResult=False))
    vendor.on("GET", "/rest/v1/activities/leadchanges.json", page)
    vendor.on("POST", "/rest/v1/leads.json", well([{"id": 7, "email": "ana@x.example", "marketingSuspended": True}]))
    facts, native, _ = told(marketo, datetime(2025, 12, 31, tzinfo=UTC), {})
    assert {fact["key"] for fact in facts} == native != set()


def changed(name: str, value: str, second: int = 0, source: str = "Web service API") -> dict[str, Any]:
    row = {"id": 1, "leadId": 7, "activityDate": f"2026-01-01T00:00:{second:02}Z", "activityTypeId": 13}
    made = [{"name": "Source", "value": source}]
    return {**row, "fields": [{"name": name, "oldValue": None, "newValue": value}], "attributes": made}


RAISED, CAUSED = ("marketingSuspended", "true"), ("marketingSuspendedCause", "source hold: mamigrate: objection on old")
NEW = {"id": 1, "leadId": 7, "activityDate": "2026-01-01T00:00:00Z", "activityTypeId": 12, "fields": []}


@pytest.mark.parametrize(
    ("first", "second", "cause", "ours"),
    [
        ([changed(*RAISED), changed(*CAUSED, 1)], [], CAUSED[1], True),
        ([changed(*CAUSED), changed(*RAISED, 1)], [], CAUSED[1], True),
        ([changed(*RAISED)], [changed(*CAUSED, 1)], CAUSED[1], True),
        ([NEW], [], CAUSED[1], True),
        ([NEW], [], "said so on the phone", False),
        ([changed(*RAISED)], [], CAUSED[1], False),
        ([changed(*CAUSED), changed(*RAISED, 1)], [changed(*RAISED, 59)], CAUSED[1], False),
        ([changed(*CAUSED), changed(*RAISED)], [changed(RAISED[0], "false", 1), changed(*RAISED, 2)], CAUSED[1], False),
        ([changed(*RAISED), changed(*CAUSED)], [], "said so on the phone", False),
        ([changed(*RAISED, 0, "Web form fillout"), changed(*CAUSED)], [], CAUSED[1], False),
        ([changed(*RAISED), changed(CAUSED[0], "said so on the phone")], [], CAUSED[1], False),
    ],
)
def test_a_flag_is_ours_where_one_call_raised_it_and_wrote_our_cause(
    marketo: MarketoInstance, vendor: Any, first: Any, second: Any, cause: str, ours: bool
) -> None:
    def page(asked: Any) -> dict[str, Any]:
        token = asked.query["nextPageToken"][0]
        rows = {"first": first, "second": second}[token]
        answer: dict[str, Any] = well(rows, nextPageToken="second", moreResult=token == "first")
        return answer

    lead = {"id": 7, "email": "ana@x.example", "marketingSuspended": True, "marketingSuspendedCause": cause}
    vendor.on("GET", "/rest/v1/activities/pagingtoken.json", well(None, nextPageToken="first"))
    vendor.on("GET", "/rest/v1/activities(/deletedleads)?.json", well([], moreResult=False))
    vendor.on("GET", "/rest/v1/activities/leadchanges.json", page)
    vendor.on("POST", "/rest/v1/leads.json", well([lead]))
    found, others, cursor = set[str](), set[str](), None
    while True:
        read = marketo.denials_since(datetime(2025, 12, 31, tzinfo=UTC), cursor, {})
        found |= read.ours
        others |= {fact["key"] for fact in read.facts} - read.ours
        cursor = read.next
        if cursor is None:
            break
    assert bool(found - others) == ours


def test_a_flag_that_does_not_stand_any_more_is_not_told(instance: MarketoInstance, app: flask.Flask) -> None:
    key, since = person(instance, "ana"), now(instance)
    as_staff(app, key, blackListed=True)
    as_staff(app, key, blackListed=False)
    assert told(instance, since)[0] == []


def test_fields_of_topics_say_no_in_their_own_way(instance: MarketoInstance) -> None:
    key, since = person(instance, "ana", noNews="false", yesEvents="true"), now(instance)
    write(instance, key, noNews="true", yesEvents="false")
    facts, _, _ = told(instance, since)
    assert said(facts) == {
        ("topic_opt_out", topic, holder) for topic in ("noNews", "yesEvents") for holder in ("person", "address")
    }
    write(instance, key, noNews="false", yesEvents="true")
    assert told(instance, since)[0] == []


def test_a_yes_that_was_emptied_is_a_no(instance: MarketoInstance, app: flask.Flask) -> None:
    key, since = person(instance, "ana", yesEvents="true", noNews="true"), now(instance)
    as_staff(app, key, yesEvents=None, noNews=None)
    assert said(told(instance, since)[0]) == {
        ("topic_opt_out", "yesEvents", holder) for holder in ("person", "address")
    }


def test_somebody_new_who_is_unsubscribed_at_once_is_told(instance: MarketoInstance, app: flask.Flask) -> None:
    since = now(instance)
    leaving.leave(app, "ana@x.example")
    key = person(instance, "ana")
    facts, _, _ = told(instance, since)
    assert {fact["person_key"] for fact in facts if fact["kind"] == "objection"} == {key}


def test_somebody_new_who_never_said_yes_has_not_left(instance: MarketoInstance) -> None:
    since = now(instance)
    person(instance, "ana")
    assert told(instance, since)[0] == []


def test_what_somebody_left_who_was_deleted_since_is_told_by_id(instance: MarketoInstance, app: flask.Flask) -> None:
    key, other, since = person(instance, "ana"), person(instance, "ben", unsubscribed="true"), now(instance)
    leaving.leave(app, "ana@x.example")
    instance.delete(Kind.PERSON, [key, other])
    facts, _, _ = told(instance, since)
    assert [(fact["person_key"], fact["kind"], fact["address_loose"]) for fact in facts] == [(key, "objection", None)]


def test_a_suspension_of_a_day_is_nothing_to_carry(instance: MarketoInstance, app: flask.Flask) -> None:
    key, since = person(instance, "ana"), now(instance)
    as_staff(app, key, emailSuspended=True)
    assert told(instance, since)[0] == []


def test_what_happened_before_the_log_begins_is_a_problem(instance: MarketoInstance) -> None:
    assert told(instance, now(instance) - timedelta(days=91))[2] == ["denials_beyond_log", "deletions_beyond_log"]
    assert told(instance, now(instance) - timedelta(days=80))[2] == ["deletions_beyond_log"]
    assert told(instance, now(instance) - timedelta(days=13))[2] == []


def test_pages_are_read_while_there_are_more_also_empty_ones(marketo: MarketoInstance, vendor: Any) -> None:
    """Marketo answers with a token always, and with short or empty pages in between."""
    since = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=1)
    rows = {"second": [{"id": 1, "leadId": 7, "activityDate": "2026-01-01T00:00:00Z", "activityTypeId": 9}]}

    def page(asked: Any) -> dict[str, Any]:
        token = asked.query["nextPageToken"][0]
        following = {"first": "second", "second": "end"}.get(token, "end")
        found = [] if "deleted" in asked.path else rows.get(token, [])
        answer: dict[str, Any] = well(found, nextPageToken=following, moreResult=token == "first")
        return answer

    vendor.on("GET", "/rest/v1/activities/pagingtoken.json", well(None, nextPageToken="first"))
    vendor.on("GET", "/rest/v1/activities(/leadchanges|/deletedleads)?.json", page)
    lead = {"id": 7, "email": "ana@x.example", "unsubscribed": True}
    vendor.on("POST", "/rest/v1/leads.json", well([lead]))
    facts, _, _ = told(marketo, since, {})
    assert said(facts) == {("objection", "*", "person"), ("objection", "*", "address")}
    asked = [one for one in vendor.asked if one.path.startswith("/rest/v1/activities")]
    assert {one.query["sinceDatetime"][0] for one in asked if "pagingtoken" in one.path} == {"2025-12-31T00:00:00Z"}
    assert sum("leadchanges" in one.path for one in asked) == 2
