from typing import TYPE_CHECKING

import pytest
import requests

from mamigrate_sandbox.faults import Faults, Kind, Rule
from mamigrate_sandbox.serve import mount
from mamigrate_sandbox.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "http://vendor.test"


@pytest.fixture
def session(faults: Faults) -> requests.Session:
    made = requests.Session()
    mount(made, BASE, faults)
    return made


def test_without_rules_every_call_passes(session: requests.Session) -> None:
    answer = session.get(f"{BASE}/things")
    assert answer.ok and answer.json() == {"things": 0}
    assert session.post(f"{BASE}/things", json={"name": "水本"}).json() == {"id": 1}
    assert session.get(f"{BASE}/nothing").status_code == 404


def test_a_status_answers_before_anything_is_processed(faults: Faults, session: requests.Session, store: Store) -> None:
    faults.set([Rule("status", status=503, headers=(("Retry-After", "2"),), body={"message": "later"})], 1)
    answer = session.post(f"{BASE}/things", json={})
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (503, "2", {"message": "later"})
    assert store.count("things") == 0


def test_a_reset_comes_before_and_a_lost_answer_after_the_deed(
    faults: Faults, session: requests.Session, store: Store
) -> None:
    faults.set([Rule("reset", next=1)], 1)
    with pytest.raises(requests.ConnectionError):
        session.post(f"{BASE}/things", json={})
    assert store.count("things") == 0
    faults.set([Rule("lost", next=1)], 1)
    with pytest.raises(requests.ConnectionError):
        session.post(f"{BASE}/things", json={})
    assert store.count("things") == 1
    assert session.get(f"{BASE}/things").ok
    assert faults.hits == {"reset": 1, "lost": 1}


def test_a_status_can_come_after_the_deed(faults: Faults, session: requests.Session, store: Store) -> None:
    faults.set([Rule("applied", next=1, status=504)], 1)
    assert session.post(f"{BASE}/things", json={}).status_code == 504
    assert store.count("things") == 1


@pytest.mark.parametrize(("kind", "rows"), [("missing", [1]), ("twice", [1, 2, 2])])
def test_a_row_of_an_answer_is_left_out_or_stands_there_twice(kind: Kind, rows: list[int]) -> None:
    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        text = {"/rows": b'{"success": true, "result": [1, 2]}', "/none": b'{"results": []}', "/page": b"<p>"}
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "35")])
        return [text[environ["PATH_INFO"]]]

    made, faults = requests.Session(), Faults(app, "marketo", lambda seconds: None)
    mount(made, BASE, faults)
    faults.set([Rule(kind)], 1)
    assert made.get(f"{BASE}/rows").json() == {"success": True, "result": rows}
    assert (made.get(f"{BASE}/none").json(), made.get(f"{BASE}/page").text) == ({"results": []}, "<p>")
    assert faults.hits == {kind: 3}


def test_the_vendors_own_words_refuse_too_many_calls(faults: Faults, session: requests.Session) -> None:
    faults.set([Rule("throttle", next=2)], 1)
    answers = [session.get(f"{BASE}/things") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].json()["policyName"] == "TEN_SECONDLY_ROLLING"


def test_a_failure_can_hide_in_a_good_status(faults: Faults, session: requests.Session) -> None:
    faults.set([Rule("refuse", code="602", message="Access token expired")], 1)
    answer = session.get(f"{BASE}/things")
    assert answer.status_code == 200
    assert answer.json() == {
        "requestId": "f#0",
        "success": False,
        "errors": [{"code": "602", "message": "Access token expired"}],
    }


def test_latency_is_slept_and_then_the_call_passes(
    faults: Faults, session: requests.Session, slept: list[float]
) -> None:
    faults.set([Rule("latency", seconds=1.5, method="get")], 1)
    assert session.get(f"{BASE}/things").ok and session.post(f"{BASE}/things", json={}).ok
    assert slept == [1.5]


def test_a_share_and_a_seed_always_hit_the_same_calls(faults: Faults, session: requests.Session) -> None:
    def answers(seed: int) -> list[int]:
        faults.set([Rule("status", share=0.3, path="^/things$")], seed)
        return [session.get(f"{BASE}/things").status_code for _ in range(60)]

    first = answers(7)
    assert first == answers(7) != answers(8)
    assert 8 <= first.count(503) <= 30


def test_a_rule_only_meets_its_path(faults: Faults, session: requests.Session) -> None:
    faults.set([Rule("status", path="/other")], 1)
    assert session.get(f"{BASE}/things").ok


@pytest.mark.parametrize(
    "wish", [{"kind": "earthquake"}, {"kind": "status", "surprise": 1}, {}, {"kind": "reset", "path": "("}]
)
def test_what_is_no_rule_is_refused(wish: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Rule.of(wish)


ROWS = b'{"status": "COMPLETE", "results": [{"id": 1, "status": "A"}, {"id": 2, "status": "B"}], "paging": {"next": {"after": "9"}}}'


@pytest.fixture
def rows() -> tuple[requests.Session, Faults]:
    """A vendor that answers everything with two rows."""

    def app(environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ROWS)))])
        return [ROWS]

    made, faults = requests.Session(), Faults(app, "hubspot", lambda seconds: None)
    mount(made, BASE, faults)
    return made, faults


@pytest.mark.parametrize(
    ("kind", "key", "shown"),
    [
        ("shuffled", "results", [{"id": 2, "status": "B"}, {"id": 1, "status": "A"}]),
        ("nulled", "results", None),
        ("texted", "results", [{"id": "1", "status": "A"}, {"id": "2", "status": "B"}]),
        ("renamed", "results", [{"id": 1, "status": "A_NEWER_WORD"}, {"id": 2, "status": "A_NEWER_WORD"}]),
        ("looped", "paging", {"next": {"after": "5"}}),
    ],
)
def test_rows_of_an_answer_are_changed(
    rows: tuple[requests.Session, Faults], kind: Kind, key: str, shown: object
) -> None:
    session, faults = rows
    faults.set([Rule(kind)], 1)
    assert session.get(f"{BASE}/rows?after=5").json()[key] == shown


def test_a_body_breaks_off_or_begins_with_a_mark(rows: tuple[requests.Session, Faults]) -> None:
    session, faults = rows
    faults.set([Rule("torn", next=1), Rule("marked", next=1), Rule("garbled", next=1)], 1)
    assert session.get(f"{BASE}/rows").content == ROWS[: len(ROWS) * 3 // 4]
    assert session.get(f"{BASE}/rows").content == b"\xef\xbb\xbf" + ROWS
    with pytest.raises((requests.RequestException, ValueError)):
        session.get(f"{BASE}/rows").json()


def test_a_rule_for_further_pages_spares_the_first(rows: tuple[requests.Session, Faults]) -> None:
    session, faults = rows
    faults.set([Rule("lapsed", paged=True)], 1)
    assert session.get(f"{BASE}/rows").ok
    assert session.get(f"{BASE}/rows?after=5").json()["message"] == "Invalid value for after"


def test_the_method_that_is_meant_counts(rows: tuple[requests.Session, Faults]) -> None:
    session, faults = rows
    faults.set([Rule("status", method="GET")], 1)
    assert session.post(f"{BASE}/rows").ok
    assert session.post(f"{BASE}/rows?_method=GET").status_code == 503


def test_drops_take_their_time_and_nothing_is_missing(faults: Faults, slept: list[float]) -> None:
    made = requests.Session()
    mount(made, BASE, faults)
    faults.set([Rule("trickle", seconds=5)], 1)
    assert made.get(f"{BASE}/things").json() == {"things": 0}
    assert slept == [1.0] * 5


def test_the_last_record_of_a_batch_is_refused_and_the_others_are_carried_out(
    faults: Faults, session: requests.Session, store: Store
) -> None:
    faults.set([Rule("gone")], 1)
    answer = session.post(f"{BASE}/things", json={"inputs": [{"id": "7"}]})
    assert (answer.json()["numErrors"], answer.json()["errors"][0]["context"]) == (1, {"ids": ["7"]})
    assert store.count("things") == 0
    session.post(f"{BASE}/things", json={"inputs": [{"id": "7"}, {"id": "8"}]})
    assert [body for _, body in store.all("things")] == [{"inputs": [{"id": "7"}]}]


def test_an_outage_comes_before_all_rules_until_it_is_over(faults: Faults, session: requests.Session) -> None:
    faults.outage([Rule("down")])
    with pytest.raises(requests.ConnectionError):
        session.get(f"{BASE}/things")
    faults.outage()
    assert session.get(f"{BASE}/things").ok
