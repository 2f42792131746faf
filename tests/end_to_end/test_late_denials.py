"""Denials in time: what the proof says of denials that came after a move, on two vendors in memory, and what a person signs."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from in_step import IN_TIME, Told, change, leaves, long_since, moved_once, statement, sync
from mamigrate.cli import workspace
from mamigrate.model.kinds import Kind
from mamigrate.stages.sync import unplaced
from mamigrate.stages.sync.way import Fate, Way
from mamigrate.testing.memory_state import Automation, FieldDef, OptOut
from pair import Pair, Said, decide, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return moved_once(pair, tmp_path_factory)


def judged(pair: Pair, code: int) -> Said:
    said = pair.say("consent", "old", "new", "--json")
    assert said.code == code, said.err
    return said


def of_report(said: Said) -> Told:
    (one,) = (one for one in said.report["proof"]["statements"] if one["number"] == IN_TIME)
    return one["verdict"], one["checked"], one["violations"], one["reason"]


def late(said: Said) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said.report["late"]
    return found


def test_where_no_sync_ran_or_nobody_was_late_the_statement_does_not_apply(moved: Pair) -> None:
    assert statement(moved) == ("NOT_APPLICABLE", 0, 0, "nothing_is_synced")
    sync(moved)
    assert statement(moved) == ("NOT_APPLICABLE", 0, 0, "nothing_was_late")


def test_what_was_carried_in_time_either_way_is_proven(moved: Pair) -> None:
    leaves(moved, "ana")
    change(moved.landed("ben@x.example"), unsubscribed="true")
    sync(moved)
    said = judged(moved, 0)
    assert of_report(said) == statement(moved) == ("PASS", 2, 0, "")
    assert [(way["from"], way["carried"], way["dated"]) for way in late(said)] == [("old", 1, 1), ("new", 1, 0)]
    page = (moved.folder / "reports" / said.report["run"] / "consent.html").read_text()
    assert "Denials of new, carried to old" in page
    assert 0 <= late(said)[0]["p50"] <= late(said)[0]["p99"] <= late(said)[0]["max"] < 60


def test_what_was_carried_too_late_is_broken_until_somebody_signs_for_it(moved: Pair) -> None:
    leaves(moved, "ana")
    leaves(moved, "ben")
    sync(moved)
    long_since(moved, 47)
    assert statement(moved) == ("PASS", 2, 0, "")
    long_since(moved, 49)
    said = judged(moved, 3)
    assert of_report(said) == ("FAIL", 2, 2, "")
    assert {"denials_late", "invariant_broken"} <= {one["code"] for one in said.report["findings"]}
    assert late(said)[0]["max"] > 48 * 3600
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    decide(moved, "late-denials")
    assert statement(moved)[0] == "FAIL", "signed before they took effect"
    path = moved.folder / "decisions.yaml"
    path.write_text(path.read_text().replace("2026-01-01", tomorrow.isoformat()))
    assert statement(moved) == ("PASS", 2, 0, "")


def test_a_law_that_wants_it_at_once_leaves_an_hour(moved: Pair) -> None:
    leaves(moved, "ana")
    sync(moved)
    long_since(moved, 2)
    assert statement(moved)[0] == "PASS"
    moved.toml["consent"] = 'packs = ["can_spam"]\nsigned = "Sato"'
    assert statement(moved)[0] == "PASS"
    moved.toml["consent"] = 'packs = ["can_spam", "korea"]\nsigned = "Sato"'
    assert statement(moved)[0] == "FAIL"


def test_what_waits_is_undecided_then_broken_and_a_run_that_carries_it_ends_that(moved: Pair) -> None:
    leaves(moved, "ana")
    moved.target.quirks.lose_writes = 9
    sync(moved, code=5)
    moved.target.quirks.lose_writes = 0
    assert statement(moved) == ("INCOMPLETE", 1, 0, "late_waiting")
    long_since(moved, 49, table="unplaceddenial")
    assert statement(moved)[:3] == ("FAIL", 1, 1)
    long_since(moved, 1, table="unplaceddenial")
    moved.moved()
    sync(moved)
    assert statement(moved) == ("PASS", 1, 0, "")


def test_what_waits_is_counted_from_when_it_was_first_known(moved: Pair) -> None:
    leaves(moved, "ana")
    moved.target.quirks.lose_writes = 9
    sync(moved, code=5)
    long_since(moved, 49, table="unplaceddenial")
    sync(moved, code=5)
    moved.target.quirks.lose_writes = 0
    sync(moved)
    assert statement(moved)[:3] == ("FAIL", 1, 1)


def test_what_waited_and_is_not_said_any_more_is_no_denial_that_is_late(moved: Pair) -> None:
    leaves(moved, "ana")
    moved.target.quirks.lose_writes = 9
    sync(moved, code=5)
    moved.source.opt_outs.clear()
    moved.target.quirks.lose_writes = 0
    sync(moved)
    assert statement(moved) == ("NOT_APPLICABLE", 0, 0, "nothing_was_late")


def test_a_pass_that_left_something_unread_leaves_the_statement_undecided(moved: Pair) -> None:
    leaves(moved, "ana")
    sync(moved)
    moved.target.quirks.unread_denials = True
    sync(moved, code=3)
    assert statement(moved) == ("INCOMPLETE", 1, 0, "late_unread")
    moved.target.quirks.unread_denials = False
    sync(moved)
    assert statement(moved)[0] == "PASS"


def test_a_denial_of_nobody_known_is_undecided_until_somebody_has_looked(moved: Pair) -> None:
    change(moved.target.person(), unsubscribed="true")
    sync(moved)
    assert statement(moved) == ("INCOMPLETE", 0, 0, "late_unplaced")
    decide(moved, "unplaced-denials")
    path = moved.folder / "decisions.yaml"
    path.write_text(path.read_text().replace("2026-01-01", (datetime.now(UTC).date() + timedelta(days=1)).isoformat()))
    assert statement(moved)[0] == "NOT_APPLICABLE"


def test_a_denial_that_is_older_than_the_last_reading_counts_from_there(moved: Pair) -> None:
    """It says nothing of how long we took: an address that somebody got since brings what it left years ago."""
    sync(moved)
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=None))
    sync(moved)
    assert statement(moved)[0] == "PASS"


def test_what_waits_leaves_a_run_as_it_is_and_is_told_in_it(moved: Pair) -> None:
    change(moved.landed("ben@x.example"), unsubscribed="true")
    moved.source.quirks.lose_writes = 9
    sync(moved, code=5)
    moved.source.quirks.lose_writes = 0
    said = moved.moved()
    assert of_report(said) == ("INCOMPLETE", 1, 0, "late_waiting")
    assert "invariant_unverified" in {one["code"] for one in said.report["findings"]}


def test_what_waited_too_long_stays_late_although_a_run_has_carried_it(moved: Pair) -> None:
    leaves(moved, "ana")
    moved.target.quirks.lose_writes = 9
    sync(moved, code=5)
    moved.target.quirks.lose_writes = 0
    long_since(moved, 49, table="unplaceddenial")
    moved.source.opt_outs[-1].at = datetime.now(UTC) - timedelta(hours=49)
    moved.run()
    moved.say("sync", "--source", "old", "--target", "new", "--json")
    assert statement(moved)[:3] == ("FAIL", 1, 1)


def test_a_pass_that_ended_in_the_middle_settles_nothing(moved: Pair) -> None:
    moved.target.quirks.unread_denials = True
    sync(moved, code=3)
    moved.target.quirks.unread_denials = False
    moved.target.quirks.calls_left = 12
    assert moved.say("sync", "--source", "old", "--target", "new", "--json").code != 0
    moved.target.quirks.calls_left = None
    assert statement(moved)[::3] == ("INCOMPLETE", "late_unread")


def test_what_waited_and_then_has_nobody_stays_in_view(moved: Pair) -> None:
    told = [_kept(moved, "7", fates) for fates in ([(Fate.WAITING, "*")], [(Fate.NOWHERE, "unsubscribed")], [])]
    assert told == [[("waiting", "*")], [("nowhere", "unsubscribed")], [("nowhere", "unsubscribed")]]
    told = [_kept(moved, "8", fates) for fates in ([(Fate.ABSENT, "")], [(Fate.WAITING, "")])]
    assert told == [[("absent", "")], [("waiting", "")]]


def _kept(pair: Pair, person: str, fates: list[tuple[Fate, str]]) -> list[tuple[str, str]]:
    """A pass over what the target says of one person, with these ends of it; what of them is open after it."""
    pair.write()
    project, when = workspace.open_project(pair.folder), datetime(2026, 11, 1, tzinfo=UTC)
    quiet: Any = lambda *_: None
    source = f"new/person/{person}/unsubscribed"
    with workspace.ledger_of(project) as ledger, workspace.move(project, "old", "new", "r", quiet, ledger) as move:
        way = Way(move.target, move.source, when - timedelta(minutes=15), 10)
        way.until, way.waited = datetime.now(UTC), unplaced.known_since(unplaced.waiting(move, way.names))
        for fate, what in fates:
            fact = {"kind": "objection", "source_ref": source, "lo": when, "hi": when}
            way.tell(fate, f"new/person/{person}", what, [fact])
        unplaced.keep(move, way)
        return [(row.fate, row.what) for row in ledger.unplaced("new", "old") if row.source == source]


def test_a_declared_column_is_not_read_by_a_pass_and_nobody_may_send_until_somebody_signs(pair: Pair) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="mail_ok", custom=True))
    head = "- {id: consent-column/mail_ok, choice: declare, who: tester, when: 2026-01-01, "
    (pair.folder / "decisions.yaml").write_text(
        f"{head}column: {{values: {{x: denies, o: allows}}, empty: nothing}}}}\n"
    )
    pair.source.person("ana@x.example", id="1").values["mail_ok"] = "o"
    pair.moved()
    said = sync(pair, code=3)
    assert [(one["code"], one["subject"]) for one in said.report["findings"]] == [
        ("late_column_unread", "old/field/mail_ok")
    ]
    assert [(one["side"], one["go"], one["because"]) for one in said.report["sides"]] == [
        ("new", False, ["unread", "stale"]), ("old", True, [])
    ]  # fmt: skip
    decide(pair, "unread-denials")
    assert sync(pair, code=3).report["sides"][0]["because"] == ["unread", "stale"], "it is about something else"
    decide(pair, "unread-columns")
    assert [one["go"] for one in sync(pair).report["sides"]] == [True, True]


@pytest.mark.parametrize(
    "as_if",
    ["update watermark set seen_at = '2026-01-01 00:00:00'", "delete from watermark"],
    ids=["long ago", "never"],
)
def test_a_side_that_was_not_read_in_time_leaves_the_statement_undecided(moved: Pair, as_if: str) -> None:
    leaves(moved, "ana")
    sync(moved)
    assert statement(moved) == ("PASS", 1, 0, "")
    ledger = sqlite3.connect(moved.folder / ".mamigrate" / "ledger.sqlite")
    with ledger:
        ledger.execute(f"{as_if} where side = 'new'")
    ledger.close()
    assert statement(moved)[::3] == ("INCOMPLETE", "late_unread")
    sync(moved)
    assert statement(moved) == ("PASS", 1, 0, "")


def test_a_run_that_goes_on_with_what_an_earlier_one_read_settles_nothing_that_was_said_since(moved: Pair) -> None:
    sync(moved)
    moved.target.automations["170"] = Automation(id="170", name="Welcome", active=True)
    assert moved.run().code == 3
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=None))
    moved.target.quirks.lose_writes = 9
    sync(moved, code=5)
    moved.target.quirks.lose_writes = 0
    decide(moved, "live/170")
    assert of_report(moved.run()) == statement(moved) == ("INCOMPLETE", 1, 0, "late_waiting")
    sync(moved)
    assert statement(moved) == ("PASS", 1, 0, "")


def test_what_was_moved_from_an_old_reading_of_the_source_is_no_reading_of_now(moved: Pair) -> None:
    leaves(moved, "ana")
    sync(moved)
    decide(moved, "old-source")
    moved.say("plan", "--source", "old", "--target", "new", "--json")
    path = moved.folder / ".mamigrate" / "ledger.sqlite"
    ledger, long_ago = sqlite3.connect(path), (datetime.now(UTC) - timedelta(hours=100)).replace(tzinfo=None)
    with ledger:
        (planned,) = ledger.execute("select source_snapshot from run where command = 'plan'").fetchone()
        ledger.execute("update watermark set seen_at = ?, until = ? where side = 'old'", (long_ago.isoformat(" "),) * 2)
        ledger.execute("update run set began_at = ?, ended_at = ?", (long_ago.isoformat(" "),) * 2)
    ledger.close()
    leaves(moved, "ben", hours_ago=60)
    moved.say("apply", "--source", "old", "--target", "new", "--json")
    assert planned and mailable(moved.landed("ben@x.example"))
    assert statement(moved) == ("INCOMPLETE", 1, 0, "late_unread")
