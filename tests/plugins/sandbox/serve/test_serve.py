import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import flask
import pytest
import requests

from mamigrate_sandbox import control
from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.faults import Faults, Kind, Rule
from mamigrate_sandbox.running import Sandbox, Wish
from mamigrate_sandbox.serve import Listening
from mamigrate_sandbox.store import Store


@pytest.fixture
def listening(faults: Faults) -> Iterator[Listening]:
    server = Listening(faults)
    yield server
    server.stop()


@pytest.fixture
def left() -> list[tuple[str, str]]:
    """Who was asked to leave what."""
    return []


@pytest.fixture
def control_url(store: Store, clock: SandboxClock, faults: Faults, left: list[tuple[str, str]]) -> Iterator[str]:
    server = Listening(
        control.create(store, clock, faults, lambda address, topic: left.append((address, topic))).wsgi_app, threads=2
    )
    yield server.url
    server.stop()


def test_many_threads_are_served_at_once(listening: Listening, store: Store) -> None:
    with requests.Session() as session, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: session.post(f"{listening.url}/things", json={"n": n}), range(80)))
        assert all(answer.ok for answer in answers)
    assert store.count("things") == 80


def test_it_listens_on_the_loopback_interface_only(listening: Listening) -> None:
    assert listening.url == f"http://127.0.0.1:{listening.port}"


def test_a_cut_connection_is_a_reset_for_the_client(listening: Listening, faults: Faults, store: Store) -> None:
    faults.set([Rule("lost", method="POST", next=1), Rule("reset", method="GET", next=1)], 1)
    with requests.Session() as session:
        with pytest.raises(requests.ConnectionError):
            session.post(f"{listening.url}/things", json={})
        assert store.count("things") == 1
        with pytest.raises(requests.ConnectionError):
            session.get(f"{listening.url}/things")
        assert session.get(f"{listening.url}/things").json() == {"things": 1}


def test_the_control_api_shows_state_as_lines(control_url: str, store: Store) -> None:
    store.put("things", "1", {"name": "水本"})
    store.link("tie", "1", "2", {"at": "now"})
    assert requests.get(f"{control_url}/state/things", timeout=5).text == '{"id":"1","body":{"name":"水本"}}\n'
    assert requests.get(f"{control_url}/state/tie?links=1", timeout=5).json() == {
        "a": "1",
        "b": "2",
        "body": {"at": "now"},
    }
    assert requests.get(f"{control_url}/state", timeout=5).json() == {"documents": {"things": 1}, "links": {"tie": 1}}
    assert requests.get(f"{control_url}/state/nothing", timeout=5).text == ""


def test_counters_tell_calls_apart_from_what_must_not_happen(
    control_url: str, listening: Listening, store: Store
) -> None:
    requests.get(f"{listening.url}/things", timeout=5)
    store.add("sends", 2)
    told = requests.get(f"{control_url}/counters", timeout=5).json()
    assert told["calls"] == {"GET /things": 1}
    assert (told["sends"], told["enrolments"], told["crm_pushes"]) == (2, 0, 0)


def test_the_clock_is_pushed_ahead(control_url: str, clock: SandboxClock) -> None:
    before = clock.now()
    requests.post(f"{control_url}/clock", json={"advance_s": 86_400}, timeout=5).raise_for_status()
    assert (clock.now() - before).total_seconds() >= 86_400
    assert requests.post(f"{control_url}/clock", json={}, timeout=5).status_code == 400


def test_clocks_of_sandboxes_that_run_together_are_moved_together(tmp_path: Path) -> None:
    made = [
        Sandbox(Wish(name, name, "empty", 0, 7, 60.0), tmp_path / f"{name}.sqlite") for name in ("hubspot", "marketo")
    ]
    made[1].join(made[0])
    before = [one.clock.now() for one in made]
    for one in made:
        requests.post(
            f"{one.described()['control_url']}/clock", json={"advance_s": 86_400}, timeout=5
        ).raise_for_status()
    after = [one.clock.now() for one in made]
    for one in made:
        one.stop()
    assert all(
        2 * 86_400 <= (late - early).total_seconds() < 2 * 86_400 + 3_600
        for early, late in zip(before, after, strict=True)
    )


def test_faults_come_and_go_on_request(control_url: str, listening: Listening) -> None:
    rules = {"rules": [{"kind": "status", "status": 500}], "seed": 3}
    requests.post(f"{control_url}/faults", json=rules, timeout=5).raise_for_status()
    assert requests.get(f"{listening.url}/things", timeout=5).status_code == 500
    requests.delete(f"{control_url}/faults", timeout=5).raise_for_status()
    assert requests.get(f"{listening.url}/things", timeout=5).status_code == 200
    assert requests.post(f"{control_url}/faults", json={"rules": [{"kind": "?"}]}, timeout=5).status_code == 400


def test_switches_are_set_one_by_one_and_null_takes_one_back(control_url: str, store: Store) -> None:
    requests.post(f"{control_url}/switches", json={"privacy_required": True, "crm": {"attached": True}}, timeout=5)
    requests.post(f"{control_url}/switches", json={"hidden_fields": ["email"]}, timeout=5)
    assert store.setting("switches") == {"privacy_required": True, "hidden_fields": ["email"]}
    assert store.setting("crm") == {"attached": True}
    told = requests.post(f"{control_url}/switches", json={"privacy_required": None}, timeout=5).json()
    assert told["switches"] == {"hidden_fields": ["email"]}


@pytest.mark.parametrize("asked", [{"crm_attached": True}, {"crm": {"attached": True}}])
def test_a_crm_that_is_attached_by_either_name_reads_attached(control_url: str, asked: dict[str, Any]) -> None:
    told = requests.post(f"{control_url}/switches", json=asked, timeout=5).json()
    assert (told["crm"]["attached"], told["switches"]) == (True, {})
    gone = requests.post(f"{control_url}/switches", json={"crm_attached": None}, timeout=5).json()
    assert (gone["crm"]["attached"], gone["switches"]) == (False, {})


@pytest.mark.parametrize("wish", ["sync", None, ["attached"], {"atached": True}, {"attached": "yes"}, {"sync": "off"}])
def test_a_crm_link_that_is_none_is_refused_in_words_and_nothing_is_set(
    control_url: str, store: Store, wish: Any
) -> None:
    answer = requests.post(f"{control_url}/switches", json={"crm": wish, "privacy_required": True}, timeout=5)
    assert answer.status_code == 400
    assert "true or false" in answer.json()["error"]
    assert "Error" not in answer.json()["error"]
    assert store.setting("switches", {}) == {}


def test_what_a_wish_lacks_is_told_by_name(control_url: str) -> None:
    assert requests.post(f"{control_url}/clock", json={}, timeout=5).json() == {"error": "advance_s is missing"}


def test_somebody_leaves_on_request(control_url: str, left: list[tuple[str, str]]) -> None:
    for wish in ({"address": "a@x.example"}, {"address": "b@x.example", "topic": "9001"}):
        requests.post(f"{control_url}/optouts", json=wish, timeout=5).raise_for_status()
    assert left == [("a@x.example", ""), ("b@x.example", "9001")]
    assert requests.post(f"{control_url}/optouts", json={}, timeout=5).status_code == 400


def test_drops_come_one_by_one_over_a_socket(vendor: flask.Flask) -> None:
    faults = Faults(vendor, "hubspot", lambda seconds: time.sleep(seconds / 50))
    faults.set([Rule("trickle", seconds=10)], 1)
    server = Listening(faults)
    try:
        with requests.get(f"{server.url}/things", stream=True, timeout=5) as answer:
            assert answer.raw.read1(100) == b"{"
            assert b"{" + answer.raw.read() == b'{"things":0}\n'
    finally:
        server.stop()


@pytest.mark.parametrize("kind", ["down", "unnamed", "unsafe"])
def test_what_never_connects_is_cut_over_a_socket(vendor: flask.Flask, kind: Kind) -> None:
    faults = Faults(vendor, "hubspot", lambda seconds: None)
    faults.outage([Rule(kind)])
    server = Listening(faults)
    try:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/things", timeout=5)
    finally:
        server.stop()
