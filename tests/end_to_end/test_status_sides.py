"""Which side may send now, as ``status`` says it without asking a platform, on two vendors in memory."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from in_step import change, leaves, moved_once, sync
from mamigrate.ledger.lock import ProjectLock
from pair import Pair

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return moved_once(pair, tmp_path_factory)


def sides(pair: Pair, code: int) -> list[dict[str, Any]]:
    said = pair.say("status", "--json", "--last", "1")
    assert said.code == code, said.err
    runs: Any = said.report
    return [side for run in runs for side in run["sides"]]


def go(pair: Pair, code: int) -> list[tuple[str, bool, list[str]]]:
    return [(side["side"], side["go"], side["because"]) for side in sides(pair, code)]


def read_ago(pair: Pair, minutes: float) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=minutes)).replace(tzinfo=None).isoformat(" ")
    ledger = sqlite3.connect(pair.folder / ".mamigrate" / "ledger.sqlite")
    with ledger:
        ledger.execute("update watermark set seen_at = ?", (at,))
    ledger.close()


def test_of_what_was_never_kept_in_step_nothing_is_said(moved: Pair) -> None:
    assert sides(moved, 0) == []


def test_a_preview_keeps_nobody_in_step_and_hides_no_pass(moved: Pair) -> None:
    leaves(moved, "ana")
    sync(moved, "--dry-run", code=3)
    assert sides(moved, 0) == []
    sync(moved)
    sync(moved, "--dry-run")
    read_ago(moved, 16)
    assert go(moved, 3) == [("new", False, ["stale"]), ("old", False, ["stale"])]


def test_it_says_what_the_pass_said_and_until_when(moved: Pair) -> None:
    said = sync(moved).report["sides"]
    now = sides(moved, 0)
    for key in ("side", "go", "because", "go_until", "denials_of", "watermark", "backlog"):
        assert [side[key] for side in now] == [side[key] for side in said]
    left = [datetime.fromisoformat(side["go_until"]) - datetime.now(UTC) for side in now]
    assert all(timedelta(minutes=14) < one <= timedelta(minutes=15) for one in left)
    assert "  new: GO until " in moved.say("status").out
    (page,) = moved.folder.glob("reports/*/sync.html")
    assert "GO until" in page.read_text()


@pytest.mark.parametrize(("minutes", "code", "because"), [(14, 0, []), (16, 3, ["stale"])])
def test_of_a_poller_that_has_stopped_nothing_is_left(moved: Pair, minutes: int, code: int, because: list[str]) -> None:
    sync(moved)
    read_ago(moved, minutes)
    assert go(moved, code) == [("new", not because, because), ("old", not because, because)]
    assert all((side["go_until"] is None) is bool(because) for side in sides(moved, code))
    assert all(minutes * 60 <= side["age_s"] < minutes * 60 + 60 for side in sides(moved, code))
    assert ("NO-GO (stale)" in moved.say("status").out) is bool(because)


def test_a_clock_that_was_set_back_gives_no_go_for_a_day(moved: Pair) -> None:
    sync(moved)
    read_ago(moved, -24 * 60)
    assert go(moved, 3) == [("new", False, ["stale"]), ("old", False, ["stale"])]
    sync(moved)
    assert go(moved, 0) == [("new", True, []), ("old", True, [])]


def test_it_answers_while_a_pass_holds_the_project(moved: Pair) -> None:
    sync(moved)
    with ProjectLock(moved.folder / ".mamigrate" / "lock"):
        assert moved.say("sync", "--source", "old", "--target", "new").code == 6
        assert go(moved, 0) == [("new", True, []), ("old", True, [])]


def test_what_waits_or_is_unread_is_no_go_as_the_pass_said(moved: Pair) -> None:
    sync(moved)
    leaves(moved, "ana")
    change(moved.landed("ben@x.example"), unsubscribed="true")
    moved.target.quirks.lose_writes = 9
    sync(moved, code=5)
    (new, _) = sides(moved, 3)
    assert (new["go"], "backlog" in new["because"], new["backlog"]) == (False, True, 1)
    moved.target.quirks.lose_writes = 0
    moved.target.quirks.unread_denials = True
    sync(moved, code=3)
    assert [code for side in sides(moved, 3) for code in side["because"]] == ["unread"]
    moved.target.quirks.unread_denials = False
    sync(moved)
    assert go(moved, 0) == [("new", True, []), ("old", True, [])]


def test_after_a_rollback_and_in_a_newer_run_that_is_not_proven_nobody_may_send(moved: Pair) -> None:
    sync(moved)
    assert moved.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert [side["because"] for side in sides(moved, 3)] == [["unmoved"], ["unmoved"]]
    moved.moved()
    assert [side["because"] for side in sides(moved, 0)] == [[], []]


def test_once_a_purge_began_nobody_is_kept_in_step(moved: Pair) -> None:
    sync(moved)
    read_ago(moved, 60)
    assert moved.say("purge", "--yes").code == 0
    assert sides(moved, 0) == []
