"""Both adapters in bad weather: reads come through whole, no write is carried out twice."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, NeutralRow, Secret, Status
from mamigrate.errors import QuotaExhausted
from mamigrate.http.transports import standing
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.faults import Faults, Rule
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
