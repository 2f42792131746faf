"""Both adapters in bad weather: reads come through whole, no write is carried out twice."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, NeutralRow, Secret, Status
from mamigrate.errors import QuotaExhausted, Refused, Unreachable
from mamigrate.http.call import Unreadable
from mamigrate.http.transports import standing
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.faults import Faults, Rule
from mamigrate_sandbox.faults import Kind as FaultKind
from mamigrate_sandbox.hubspot.app import create as create_hubspot
from mamigrate_sandbox.hubspot.describe import install_defaults as hubspot_defaults
from mamigrate_sandbox.marketo.app import create as create_marketo
from mamigrate_sandbox.marketo.defaults import install_defaults as marketo_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE, SPEED = "http://127.0.0.1:9", 36_000.0
WEATHER = (
    Rule("throttle", share=0.06),
    Rule("status", status=503, share=0.03),
    Rule("status", status=502, share=0.01, body="<html>bad gateway</html>"),
    Rule("reset", share=0.03),
    Rule("lost", share=0.03),
)
"""Shares well above what a bad day brings."""


def test_hubspot_is_read_whole_in_bad_weather() -> None:
    store = Store(None)
    hubspot_defaults(store)
    fill(store, "hubspot", "clean", 40, 3, datetime(2026, 6, 1, tzinfo=UTC))
    app = Faults(create_hubspot(store, SandboxClock(store, SPEED)), "hubspot", lambda seconds: None)
    app.set(WEATHER, 5)
    secrets = {"access_token": Secret(store.setting("access_token"))}
    with standing(BASE, InProcess(app)):
        instance = HubSpot().connect(
            Connection("src", "hubspot", BASE, "UTC", {"explicit_consent": "false"}, secrets, SPEED), WallClock(SPEED)
        )
        people: list[NeutralRow] = []
        for kind in instance.reads():
            cursor: str | None = None
            while True:
                page = instance.read(kind, cursor)
                people += page.content.rows[kind] if kind is Kind.PERSON else []
                if (cursor := page.next) is None:
                    break
        pages = list(instance.read_for(Kind.CONSENT_FACT, people))
    assert len(people) == store.count("contacts")
    assert all(not page.content.problems for page in pages)
    assert sum(app.hits.values()) > 10
    store.close()


@pytest.fixture
def marketo() -> Iterator[tuple[MarketoInstance, Faults, Store]]:
    store = Store(None)
    marketo_defaults(store)
    app = Faults(create_marketo(store, SandboxClock(store, SPEED)), "marketo", lambda seconds: None)
    connection = Connection(
        "dst",
        "marketo",
        BASE,
        options={"client_id": store.setting("client_id")},
        secrets={"client_secret": Secret(store.setting("client_secret"))},
        speed=SPEED,
    )
    with standing(BASE, InProcess(app)):
        instance = Marketo().connect(connection, WallClock(SPEED))
        instance.write(Kind.FIELD, [Change("f", None, {"api_name": "mmSourceKey", "data_type": "text"})])
        yield instance, app, store
    store.close()


def test_marketo_gets_everybody_once_in_bad_weather(marketo: tuple[MarketoInstance, Faults, Store]) -> None:
    """A doubtful write is settled by looking, then sent again only if it is not there: as the core does."""
    instance, app, store = marketo
    app.set(WEATHER, 11)
    doubtful = 0
    for number in range(120):
        key = f"s/{number}"
        change = Change(key, None, {"mmSourceKey": key, "email": f"p{number}@x.example", "unsubscribed": "true"})
        (outcome,) = instance.write(Kind.PERSON, [change])
        while outcome.status is Status.MAYBE:
            doubtful += 1
            if instance.find(Kind.PERSON, "mmSourceKey", [key], []):
                break
            (outcome,) = instance.write(Kind.PERSON, [change])
        assert outcome.status is not Status.REJECTED
    app.set((), 0)
    found = instance.find(Kind.PERSON, "mmSourceKey", [f"s/{number}" for number in range(120)], [])
    assert sorted(row["values"]["mmSourceKey"] for row in found) == sorted(f"s/{number}" for number in range(120))
    assert all(row["values"]["unsubscribed"] == "true" for row in found)
    assert doubtful > 3
    assert store.count("leads") == 120


@pytest.mark.parametrize(
    ("rule", "maybe"),
    [
        (Rule("applied", "/rest/v1/leads.json", "POST", next=1, status=504), ["s/0", "s/1", "s/2"]),
        (Rule("missing", "/rest/v1/leads.json", "POST", next=1), ["s/0", "s/1", "s/2"]),
        (Rule("twice", "/rest/v1/leads.json", "POST", next=1), ["s/0", "s/1", "s/2"]),
    ],
    ids=["a status after the deed", "a row that is missing", "a row that stands there twice"],
)
def test_whatever_a_reply_to_a_batch_lacks_is_asked_for(
    marketo: tuple[MarketoInstance, Faults, Store], rule: Rule, maybe: list[str]
) -> None:
    """Rows name nobody: where their number is another, nobody knows whose they are."""
    instance, app, store = marketo
    people = [Change(f"s/{n}", None, {"mmSourceKey": f"s/{n}", "email": f"p{n}@x.example"}) for n in range(3)]
    app.set([rule], 1)
    outcomes = instance.write(Kind.PERSON, people)
    assert [one.source_key for one in outcomes if one.status is Status.MAYBE] == maybe
    found = instance.find(Kind.PERSON, "mmSourceKey", [one.source_key for one in people], [])
    assert (len(found), store.count("leads")) == (3, 3)


def test_a_daily_quota_that_is_used_up_is_not_stormed(marketo: tuple[MarketoInstance, Faults, Store]) -> None:
    instance, app, _ = marketo
    app.set([Rule("refuse", code="607", message="Daily quota reached")], 0)
    for _ in range(20):
        with pytest.raises(QuotaExhausted):
            instance.find(Kind.PERSON, "id", ["1"], [])
    assert sum(app.hits.values()) == 1


# --- pages and records -------------------------------------------------------------------------------------------------


@pytest.fixture
def hubspot() -> Iterator[tuple[HubSpotInstance, Faults, Store]]:
    store = Store(None)
    hubspot_defaults(store)
    fill(store, "hubspot", "clean", 250, 3, datetime(2026, 6, 1, tzinfo=UTC))
    app = Faults(create_hubspot(store, SandboxClock(store, SPEED)), "hubspot", lambda seconds: None)
    secrets = {"access_token": Secret(store.setting("access_token"))}
    with standing(BASE, InProcess(app)):
        connection = Connection("src", "hubspot", BASE, "UTC", {"explicit_consent": "false"}, secrets, SPEED)
        yield HubSpot().connect(connection, WallClock(SPEED)), app, store
    store.close()


def people_of(instance: HubSpotInstance) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = instance.read(Kind.PERSON, cursor)
        found += [row["key"] for row in page.content.rows[Kind.PERSON]]
        if (cursor := page.next) is None:
            return found


@pytest.mark.parametrize("kind", ["shrunk", "looped", "texted", "torn", "garbled", "marked", "trickle"])
def test_people_are_read_whole_whatever_becomes_of_a_page(
    hubspot: tuple[HubSpotInstance, Faults, Store], kind: FaultKind
) -> None:
    instance, app, store = hubspot
    app.set([Rule(kind, "^/crm/v3/objects/contacts", paged=kind == "looped", next=1)], 1)
    assert sorted(people_of(instance)) == sorted(id for id, _ in store.all("contacts"))
    assert app.hits == {kind: 1}


def test_pages_that_go_in_a_circle_are_no_page(hubspot: tuple[HubSpotInstance, Faults, Store]) -> None:
    instance, app, _ = hubspot
    app.set([Rule("looped", "^/crm/v3/objects/contacts", paged=True)], 1)
    with pytest.raises(Unreadable, match="circle"):
        people_of(instance)


def test_null_for_the_rows_of_a_page_is_no_empty_page(hubspot: tuple[HubSpotInstance, Faults, Store]) -> None:
    instance, app, _ = hubspot
    app.set([Rule("nulled", "^/crm/v3/objects/contacts")], 1)
    with pytest.raises(Unreadable):
        instance.read(Kind.PERSON, None)


def test_a_permission_that_is_gone_stops_at_once(hubspot: tuple[HubSpotInstance, Faults, Store]) -> None:
    instance, app, _ = hubspot
    kinds: tuple[FaultKind, ...] = ("scope", "expired")
    for kind in kinds:
        app.set([Rule(kind, "^/crm/v3/objects/contacts")], 1)
        with pytest.raises(Refused):
            instance.read(Kind.PERSON, None)
    assert app.hits == {"scope": 1, "expired": 1}


@pytest.mark.parametrize("kind", ["missing", "shuffled", "twice"])
def test_statuses_are_matched_by_address_and_not_by_place(
    hubspot: tuple[HubSpotInstance, Faults, Store], kind: FaultKind
) -> None:
    instance, app, _ = hubspot
    people = instance.read(Kind.PERSON, None).content.rows[Kind.PERSON]

    def told() -> set[tuple[str, str, str]]:
        pages = instance.read_for(Kind.CONSENT_FACT, people)
        rows = [row for page in pages for row in page.content.rows[Kind.CONSENT_FACT]]
        return {(row["address_loose"] or "", row["topic"], row["kind"]) for row in rows}

    quiet = told()
    app.set([Rule(kind, "/statuses/batch/", next=1)], 1)
    assert told() == quiet
    assert app.hits == {kind: 1}


def test_a_status_in_a_word_that_is_new_permits_nothing(hubspot: tuple[HubSpotInstance, Faults, Store]) -> None:
    instance, app, _ = hubspot
    people = instance.read(Kind.PERSON, None).content.rows[Kind.PERSON]
    app.set([Rule("renamed", "/communication-preferences/")], 1)
    pages = list(instance.read_for(Kind.CONSENT_FACT, people))
    kinds = {row["kind"] for page in pages for row in page.content.rows[Kind.CONSENT_FACT]}
    assert kinds <= {"unparsed", "objection", "topic_opt_out"} and "unparsed" in kinds


def test_a_record_that_is_gone_between_a_list_and_a_batch_is_told(
    hubspot: tuple[HubSpotInstance, Faults, Store],
) -> None:
    instance, app, store = hubspot
    ids = [id for id, _ in store.all("flows")]
    app.set([Rule("gone", "^/automation/v4/flows/batch/read$", next=1)], 1)
    page = instance.read(Kind.WORKFLOW, None)
    assert len(page.content.rows[Kind.WORKFLOW]) == len(ids) - 1
    assert [one.code for one in page.content.problems if one.code == "gone_meanwhile"] == ["gone_meanwhile"]


def test_a_record_that_is_skipped_for_now_is_sent_again_alone(marketo: tuple[MarketoInstance, Faults, Store]) -> None:
    instance, app, store = marketo
    people = [Change(f"s/{n}", None, {"mmSourceKey": f"s/{n}", "email": f"p{n}@x.example"}) for n in range(3)]
    app.set([Rule("skipped", r"^/rest/v1/leads\.json$", "POST", next=2, code="1022", message="Object in use")], 1)
    assert [one.status for one in instance.write(Kind.PERSON, people)] == [Status.CREATED] * 3
    assert (app.hits, store.count("leads")) == ({"skipped": 2}, 3)


def test_reads_that_are_behind_find_nobody_and_nobody_is_made_twice(
    marketo: tuple[MarketoInstance, Faults, Store],
) -> None:
    instance, app, store = marketo
    made = [Change("s/1", None, {"mmSourceKey": "s/1", "email": "p@x.example"})]
    instance.write(Kind.PERSON, made)
    app.set([Rule("stale", r"^/rest/v1/leads\.json$", "GET", seconds=100_000)], 1)
    assert instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], []) == []
    assert [one.status for one in instance.write(Kind.PERSON, made)] == [Status.UPDATED]
    app.set((), 0)
    assert len(instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], [])) == store.count("leads") == 1


def test_a_listing_of_short_pages_is_read_to_its_end(marketo: tuple[MarketoInstance, Faults, Store]) -> None:
    instance, app, _ = marketo
    instance.write(Kind.LIST, [Change(f"l/{n}", None, {"name": f"List {n}"}) for n in range(5)])
    app.set([Rule("shrunk", "/staticLists", seconds=0)], 1)
    rows, cursor = set[str](), None
    while True:
        page = instance.read(Kind.LIST, cursor)
        rows |= {row["name"] for row in page.content.rows[Kind.LIST]}
        if (cursor := page.next) is None:
            break
    assert {f"List {n}" for n in range(5)} <= rows
    assert app.hits["shrunk"] > 0


def test_a_token_that_is_over_is_fetched_once_and_a_storm_ends_in_words(
    marketo: tuple[MarketoInstance, Faults, Store],
) -> None:
    instance, app, _ = marketo
    app.set([Rule("expired", "^/rest/", next=1)], 1)
    assert instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], []) == []
    app.set([Rule("expired", "^/rest/")], 1)
    with pytest.raises(Refused, match="access token"):
        instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], [])


@pytest.mark.parametrize(
    ("kind", "said"), [("unsafe", "certificate"), ("unnamed", "no host is called"), ("down", "no connection to")]
)
def test_a_host_that_is_not_reached_is_named_with_what_to_look_at(
    marketo: tuple[MarketoInstance, Faults, Store], kind: FaultKind, said: str
) -> None:
    instance, app, _ = marketo
    app.set([Rule(kind, "^/rest/")], 1)
    with pytest.raises(Unreachable, match=said):
        instance.find(Kind.PERSON, "mmSourceKey", ["s/1"], [])
    assert app.hits[kind] == (1 if kind == "unsafe" else 8)
