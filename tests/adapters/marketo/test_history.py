"""Types of custom activities are made to the end, whichever reply is lost; activities go out in bodies that fit."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from mamigrate.clock import WallClock
from mamigrate.contract import Change, Connection, HistoryType, Secret, Status
from mamigrate.http.call import Reply
from mamigrate.http.transports import standing
from mamigrate.model.kinds import Kind
from mamigrate_marketo.adapter import Marketo, MarketoInstance
from mamigrate_marketo.api import Api
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.faults import Faults, Rule
from mamigrate_sandbox.marketo.app import create
from mamigrate_sandbox.marketo.defaults import install_defaults
from mamigrate_sandbox.serve import InProcess
from mamigrate_sandbox.store import Store

BASE, SPEED = "http://127.0.0.1:9", 36_000.0
TYPE = HistoryType("mmEmail", "Migrated email", "name", ("event", "source_key", "details"))


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(None)
    install_defaults(store)
    yield store
    store.close()


@pytest.fixture
def faults(store: Store) -> Iterator[Faults]:
    app = Faults(create(store, SandboxClock(store, SPEED)), "marketo", lambda seconds: None)
    with standing(BASE, InProcess(app)):
        yield app


@pytest.fixture
def marketo(store: Store, faults: Faults) -> MarketoInstance:
    options, secrets = (
        {"client_id": store.setting("client_id")},
        {"client_secret": Secret(store.setting("client_secret"))},
    )
    return Marketo().connect(
        Connection("dst", "marketo", BASE, options=options, secrets=secrets, speed=SPEED), WallClock(SPEED)
    )


@pytest.mark.parametrize("step", ["type", "attributes/create", "approve"])
@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_type_is_made_to_the_end_whichever_reply_is_lost(
    marketo: MarketoInstance, faults: Faults, step: str, kind: str
) -> None:
    faults.set([Rule(kind, rf"/{step}\.json$", "POST", next=1)], 1)  # type: ignore[arg-type]  # one of Kind
    first, second = marketo.define([TYPE])[0], marketo.define([TYPE])[0]
    assert first.status in (Status.MAYBE, Status.CREATED)
    assert second.status in (Status.CREATED, Status.EQUAL)
    assert marketo.define([TYPE])[0].status is Status.EQUAL
    assert set(marketo.history_room().standing["mmEmail"]) == set(TYPE.attributes)


def test_an_eleventh_type_is_refused_with_the_vendor_s_own_code(marketo: MarketoInstance) -> None:
    types = [HistoryType(f"mm{number}", f"Migrated {number}", "name", ("event",)) for number in range(11)]
    outcomes = marketo.define(types)
    assert [one.status for one in outcomes] == [Status.CREATED] * 10 + [Status.REJECTED]
    assert outcomes[-1].code == "1027"
    assert marketo.history_room().types == 0


def test_large_activities_go_out_in_bodies_that_fit(marketo: MarketoInstance, store: Store) -> None:
    marketo.define([TYPE])
    field = {"api_name": "mmSourceKey", "label": "k", "data_type": "text"}
    marketo.write(Kind.FIELD, [Change("k", None, field)])
    (made,) = marketo.write(Kind.PERSON, [Change("p", None, {"mmSourceKey": "p", "email": "ana@x.example"})])
    person = made.target_key
    values = {
        "type": "mmEmail",
        "at": "2026-06-01T00:00:00Z",
        "primary": "Spring",
        "event": "open",
        "details": Random(7).randbytes(14_500).hex(),
    }
    changes = [Change(f"a{n}", None, {**values, "source_key": f"a{n}"}, {"person": (str(person),)}) for n in range(70)]
    outcomes = marketo.write(Kind.ACTIVITY, changes)
    assert [one.status for one in outcomes] == [Status.CREATED] * 70, outcomes[0]
    sent = [key for key in store.counters() if "external.json" in key]
    assert 3 <= sum(store.counters()[key] for key in sent) <= 6  # the vendor may ask to wait
    assert len(marketo.find(Kind.ACTIVITY, "person", [str(person)], [])) == 70


@pytest.mark.parametrize("told", [b'"name":"source_key"', b'"apiName":"source_key","name":"Whose"'])
def test_an_instance_that_tells_api_names_is_understood(
    marketo: MarketoInstance, monkeypatch: pytest.MonkeyPatch, told: bytes
) -> None:
    """What is not found in the log would be written again."""
    marketo.define([TYPE])
    marketo.write(Kind.FIELD, [Change("k", None, {"api_name": "mmSourceKey", "label": "k", "data_type": "text"})])
    (made,) = marketo.write(Kind.PERSON, [Change("p", None, {"mmSourceKey": "p", "email": "ana@x.example"})])
    values = {"type": "mmEmail", "at": "2026-06-01T00:00:00Z", "primary": "Spring", "source_key": "src/activity/a"}
    marketo.write(Kind.ACTIVITY, [Change("a", None, values, {"person": (str(made.target_key),)})])
    asked = Api.activities

    def renamed(*words: Any) -> Reply:
        reply = asked(*words)
        assert b'"name":"Source key"' in reply.body
        return replace(reply, body=reply.body.replace(b'"name":"Source key"', told))

    monkeypatch.setattr(Api, "activities", renamed)
    (found,) = marketo.find(Kind.ACTIVITY, "person", [str(made.target_key)], ["mmEmail"])
    assert found["values"]["source_key"] == "src/activity/a"


def test_activities_of_a_type_that_is_not_there_are_refused_one_by_one(marketo: MarketoInstance) -> None:
    values = {"type": "mmOther", "at": "2026-06-01T00:00:00Z", "primary": "x", "source_key": "a"}
    marketo.define([TYPE])
    changes = [
        Change(name, None, {**values, "type": name}, {"person": ("1",)}) for name in ("mmOther", "mmEmail", "mmNew")
    ]
    outcomes = marketo.write(Kind.ACTIVITY, changes)
    assert [(one.source_key, one.code) for one in outcomes] == [
        ("mmOther", "type"),
        ("mmEmail", "1004"),
        ("mmNew", "type"),
    ]
