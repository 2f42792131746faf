"""Denials after a move over the wire: people leave on either platform, and the other one knows before anything is sent."""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask
import orjson
import pytest

from mamigrate.consent.address import loose
from mamigrate_sandbox.hubspot import status
from mamigrate_sandbox.marketo import leads, writing
from rig import Rig, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MINUTES = 60.0
DAYS = 86_400.0
PEOPLE = 200


@pytest.fixture(scope="module")
def moved_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project and both platforms after one move."""
    folder = tmp_path_factory.mktemp("once") / "project"
    folder.mkdir()
    rig = Rig(folder, people=PEOPLE)
    try:
        rig.run()
    finally:
        rig.stop()
    return folder


@pytest.fixture
def both(moved_once: Path, tmp_path: Path) -> Iterator[Rig]:
    """The same anew for each test, on clocks that let a pass take its time."""
    folder = tmp_path / "project"
    shutil.copytree(moved_once, folder)
    rig = Rig(folder, people=PEOPLE, speed=30.0)
    yield rig
    rig.stop()


def sync(rig: Rig, *words: str, code: int = 0) -> dict[str, Any]:
    done = rig.command("sync", "--source", "hubspot", "--target", "marketo", "--json", *words)
    assert done.returncode == code, done.stderr.decode()[-3000:]
    report: dict[str, Any] = orjson.loads(done.stdout)
    return report


def fates(report: dict[str, Any], at: int) -> dict[str, int]:
    return {fate: n for fate, n in report["ways"][at]["fates"].items() if n}


def decide(rig: Rig, id: str) -> None:
    """Sign one more decision."""
    path = rig.folder / "decisions.yaml"
    known = path.read_text() if path.exists() else ""
    path.write_text(f'{known}- id: "{id}"\n  choice: "accept"\n  who: "tester"\n  when: 2026-01-01\n')


def open_leads(rig: Rig) -> list[dict[str, Any]]:
    """Leads that may be mailed, alone at their address, of people of the source."""
    addresses = [lead["email"].lower() for lead in rig.leads() if lead.get("email")]
    ours = [lead for lead in rig.leads() if mailable(lead) and "/person/" in str(lead.get("mmSourceKey"))]
    return [lead for lead in ours if addresses.count(lead["email"].lower()) == 1 and lead["email"].isascii()]


def lead_of(rig: Rig, address: str) -> dict[str, Any]:
    (found,) = (lead for lead in rig.leads() if loose(lead.get("email")) == loose(address))
    return found


def topic(rig: Rig) -> str:
    """A subscription type that has a field on the target."""
    fields = {name for lead in rig.leads() for name in lead if name.startswith("mmNoTopic")}
    return next(key for key, _ in rig.source.store.all("definitions") if f"mmNoTopic{key}" in fields)


def left(rig: Rig, address: str) -> set[str]:
    """What an address has left on the source: types, and ``*`` for everything."""
    store, who = rig.source.store, address.lower()
    types = [key for key, _ in store.all("definitions")]
    own = {key for key in types if status.effective(store, who, key)["status"] == "UNSUBSCRIBED"}
    return own | ({"*"} if status.wide(store, who) else set())


def writes(rig: Rig) -> int:
    """Calls that write, on either platform."""
    reading = ("search", "batch/read", "batch/unsubscribe-all/read", "identity/oauth/token")
    told = [(name, n) for side in (rig.source, rig.target) for name, n in side.store.counters().items()]
    own = [(name, n) for name, n in told if name.startswith(("call/POST", "call/PUT", "call/PATCH"))]
    return sum(n for name, n in own if not name.endswith(reading) and "_method" not in name)


def in_step(report: dict[str, Any]) -> bool:
    return all(side["go"] and side["backlog"] == 0 for side in report["sides"])


def test_47_who_leaves_the_source_ten_minutes_after_the_move_is_denied_on_the_target(both: Rig) -> None:
    address = open_leads(both)[0]["email"]
    both.source.clock.advance(10 * MINUTES)
    both.source.leave(address, "")
    report = sync(both)
    assert fates(report, 0) == {"carried": 1}
    assert not mailable(lead_of(both, address))
    assert report["ways"][0]["latency"]["max"] < 60 * MINUTES
    assert in_step(report)


def test_48_who_leaves_the_target_is_denied_on_the_source_that_still_sends(both: Rig) -> None:
    address = open_leads(both)[0]["email"]
    both.target.clock.advance(10 * MINUTES)
    both.target.leave(address, "")
    report = sync(both)
    assert fates(report, 1)["carried"] == 1
    assert "*" in left(both, address)
    assert in_step(report)


def test_49_the_unsubscribe_link_of_an_old_mail_denies_fifty_days_later(both: Rig) -> None:
    """An address that no contact has any more: the link outlives the people."""
    for side in (both.source, both.target):
        side.clock.advance(50 * DAYS)
    both.source.leave("long.gone@old.example", "")
    assert "deletions_beyond_log" in {one["code"] for one in sync(both, "--dry-run", code=3)["findings"]}
    decide(both, "unread-denials")
    report = sync(both)
    assert fates(report, 0)["carried"] == 1
    assert not mailable(lead_of(both, "long.gone@old.example"))


def test_a_topic_is_left_on_either_side_and_nothing_else(both: Rig) -> None:
    key = topic(both)
    here, there = (lead["email"] for lead in open_leads(both)[:2])
    both.source.leave(here, key)
    both.target.leave(there, f"mmNoTopic{key}")
    sync(both)
    assert lead_of(both, here)[f"mmNoTopic{key}"] is True
    assert mailable(lead_of(both, here))
    assert key in left(both, there)
    assert "*" not in left(both, there)


def test_five_passes_come_to_rest_and_nobody_is_denied_more_than_asked(both: Rig) -> None:
    key = topic(both)
    one, two, three = (lead["email"] for lead in open_leads(both)[:3])
    both.source.leave(one, key)
    both.target.leave(two, f"mmNoTopic{key}")
    sync(both)
    both.target.leave(three, "")
    sync(both)
    sent = []
    for _ in range(3):
        before = writes(both)
        assert in_step(sync(both))
        sent.append(writes(both) - before)
    assert sent == [0, 0, 0]
    assert ["*" in left(both, address) for address in (one, two, three)] == [False, False, True]
    assert [mailable(lead_of(both, address)) for address in (one, two, three)] == [True, True, False]


def test_a_flag_that_another_integration_raises_later_than_we_did_is_carried(both: Rig) -> None:
    """We raised it; the person came back on both sides; hours later it is raised through an API, as ours was."""
    address = open_leads(both)[0]["email"]
    both.source.leave(address, "")
    sync(both)
    advance(both, 60)
    raised(both, address, "Lead Detail page", value=False)
    for table in ("optouts", "statuses"):
        for id, _ in list(both.source.store.all(table)):
            if id.startswith(address.lower()):
                both.source.store.remove(table, id)
    assert left(both, address) == set()
    sync(both)
    advance(both, 60)
    raised(both, address, "Web service API", value=True)
    assert in_step(sync(both))
    assert "*" in left(both, address)


def advance(rig: Rig, minutes: int) -> None:
    for side in (rig.source, rig.target):
        side.clock.advance(minutes * MINUTES)


def raised(rig: Rig, address: str, by: str, *, value: bool) -> None:
    """Somebody on Marketo sets ``unsubscribed``; ``by`` is the source of the change."""
    target: Any = rig.target
    instance = target.faults._app.extensions["instance"]
    desk = writing.desk(instance, "updateOnly", "id", source=by)
    writing.change(desk, leads.need(instance, lead_of(rig, address)["id"]), {"unsubscribed": value})


class Once:
    """Does something when a call of a vendor is answered, once."""

    def __init__(self, side: Any, path: str, what: Callable[[], None]) -> None:
        self._path, self._what, self.done = path, what, False
        app: flask.Flask = side.faults._app
        app.after_request(self._look)

    def _look(self, response: flask.Response) -> flask.Response:
        if not self.done and flask.request.method == "POST" and flask.request.path.endswith(self._path):
            self.done = True
            self._what()
        return response


def test_a_denial_that_arrives_during_a_pass_is_carried_by_the_next(both: Rig) -> None:
    first, second = (lead["email"] for lead in open_leads(both)[:2])
    both.source.leave(first, "")
    seen = Once(both.target, "/rest/v1/leads.json", lambda: both.source.leave(second, ""))
    sync(both)
    assert seen.done
    assert mailable(lead_of(both, second))
    sync(both)
    assert [mailable(lead_of(both, address)) for address in (first, second)] == [False, False]


@pytest.mark.parametrize("place", ["source", "target"])
def test_a_killed_process_is_finished_by_the_next(both: Rig, place: str) -> None:
    """Killed when a vendor has denied, and before it could say so."""
    here, there = (lead["email"] for lead in open_leads(both)[:2])
    both.source.leave(here, "")
    both.target.leave(there, "")
    side, path = (both.source, "unsubscribe-all") if place == "source" else (both.target, "/rest/v1/leads.json")
    process = both.start("sync", "--source", "hubspot", "--target", "marketo", "--json")
    seen = Once(side, path, process.kill)
    process.communicate(timeout=120)
    assert seen.done
    report = sync(both)
    assert in_step(report)
    assert not mailable(lead_of(both, here))
    assert "*" in left(both, there)
    before = writes(both)
    sync(both)
    assert writes(both) == before


def test_again_and_again_until_a_signal_asks_to_leave(both: Rig) -> None:
    process = both.start("sync", "--source", "hubspot", "--target", "marketo", "--every", "30m")
    time.sleep(0.1)
    assert process.stdout is not None
    said = [process.stdout.readline().decode() for _ in range(5)]
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    _, complained = process.communicate(timeout=30)
    assert time.monotonic() - began < timedelta(seconds=5).total_seconds()
    assert process.returncode == 5, complained.decode()
    assert [line.split(";")[0] for line in said[2:4]] == ["marketo: GO", "hubspot: GO"]
    assert complained.decode().splitlines()[-1] == "Stopped as you asked, after 1 pass: nothing is left to finish."
    told = both.command("status").stdout.decode().splitlines()[0]
    assert told.endswith("sync hubspot -> marketo: stopped by the user after 1 pass, exit code 5")


def test_a_second_process_is_refused(both: Rig) -> None:
    process = both.start("sync", "--source", "hubspot", "--target", "marketo", "--every", "1h", "--json")
    try:
        assert process.stdout is not None
        assert orjson.loads(process.stdout.readline())["passes"] == 1
        assert both.command("sync", "--source", "hubspot", "--target", "marketo").returncode == 6
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_nobody_holds_it_against_a_pass_that_the_source_denies_more_than_the_target_said(both: Rig) -> None:
    """The source knows no narrower denial than everything, type by type; a run would write all of it back."""
    address = open_leads(both)[0]["email"]
    both.target.leave(address, "")
    report = sync(both, "--census")
    assert report["census"]["proven"] and in_step(report)
    before = writes(both)
    assert "carried" not in fates(sync(both, "--census"), 0)
    assert writes(both) == before
    done = both.command("consent", "hubspot", "marketo", "--json")
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    (again,) = (one for one in orjson.loads(done.stdout)["proof"]["statements"] if one["number"] == 17)
    assert (again["verdict"], again["reason"]) == ("NOT_APPLICABLE", "denials_came_since")


def test_an_address_of_nobody_is_carried_once(both: Rig) -> None:
    both.source.leave("nobody@x.example", "")
    assert fates(sync(both), 0) == {"carried": 1}
    report = sync(both)
    assert "carried" not in fates(report, 0)
    assert report["ways"][0]["latency"]["carried"] == 1


def test_what_an_earlier_project_wrote_is_no_news_to_the_next_one(both: Rig) -> None:
    """Else people whom the source only holds would be opted out there, which nobody can undo."""
    shutil.rmtree(both.folder / ".mamigrate")
    (both.folder / "mapping.yaml").unlink()
    before = sorted(id for id, _ in both.source.store.all("optouts"))
    both.run()
    report = sync(both)
    assert "carried" not in fates(report, 1) and in_step(report)
    assert sorted(id for id, _ in both.source.store.all("optouts")) == before
