"""The census of a parallel period, on two vendors in memory: everybody is looked at, and what a log did not tell is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from in_step import change, fates, leaves, left, long_since, moved_once, statement, sync
from mamigrate import clock
from mamigrate.cli import sync as command
from mamigrate.cli import workspace
from mamigrate.errors import Blocked, Interrupted, LocalTrouble, QuotaExhausted
from mamigrate.ledger.tables import Run
from mamigrate.stages import consent, consent_report
from mamigrate.stages.sync import census
from mamigrate.testing.memory_state import OptOut
from pair import Pair, Said, mailable

pytestmark = pytest.mark.gate


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return moved_once(pair, tmp_path_factory)


def codes(said: Said) -> set[str]:
    return {one["code"] for one in said.report["findings"]}


def test_everybody_is_looked_at_after_the_pass_and_the_reports_say_when(moved: Pair) -> None:
    assert sync(moved).report["census"] is None
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    said = sync(moved, "--census")
    counted: dict[str, Any] = said.report["census"]
    assert counted["proven"]
    assert all(side["go"] for side in said.report["sides"])
    assert (moved.folder / "reports" / counted["run"] / "consent.html").exists()
    assert sync(moved).report["census"] == counted
    told = moved.say("consent", "old", "new", "--json")
    assert [(one["command"], one["proven"]) for one in told.report["censuses"]] == [("census", True), ("run", True)]
    page = (moved.folder / "reports" / told.report["run"] / "consent.html").read_text()
    assert f"census {counted['run']}" in page


def test_who_was_opened_on_the_target_by_somebody_else_is_found_and_nobody_may_send_there(moved: Pair) -> None:
    """No log of denials tells that one was taken back."""
    _reopened(moved)
    assert all(side["go"] for side in sync(moved).report["sides"])
    said = sync(moved, "--census", code=3)
    assert said.report["sides"][0]["because"] == ["unproven"]
    assert said.report["sides"][1]["go"]
    assert not said.report["census"]["proven"]
    assert "census_unproven" in codes(said)
    assert sync(moved, code=3).report["sides"][0]["because"] == ["unproven"]
    moved.moved()
    assert not mailable(moved.landed("ana@x.example"))
    assert all(side["go"] for side in sync(moved, "--census").report["sides"])


def test_what_a_log_told_days_late_is_read_again_and_carried_both_ways(moved: Pair) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    _as_if_moved_before(moved, timedelta(days=3))
    sync(moved)
    change(moved.landed("ben@x.example"), unsubscribed="true")
    moved.landed("ben@x.example").updated_at = yesterday
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=yesterday))
    assert "carried" not in {*fates(sync(moved), 0), *fates(sync(moved), 1)}
    said = sync(moved, "--census")
    assert [fates(said, at)["carried"] for at in (0, 1)] == [1, 1]
    assert not mailable(moved.landed("ana@x.example"))
    assert left(moved) == {("ana@x.example", "*"), ("ben@x.example", "*")}
    told = said.report["ways"][0]["latency"]
    assert 86_000 < told["max"] < 90_000


def test_while_something_waits_no_census_is_made_and_that_is_told(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    moved.target.quirks.lose_writes = 9
    said = sync(moved, "--census", code=5)
    assert "census_not_made" in codes(said)
    assert said.report["census"] is None


@pytest.mark.parametrize("words", [("--census",), ("--every", "2h", "--once")], ids=["census", "every"])
def test_what_a_long_reading_found_and_could_not_write_waits_for_the_short_ones_too(
    moved: Pair, words: tuple[str, ...]
) -> None:
    _as_if_moved_before(moved, timedelta(days=3))
    sync(moved)
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC) - timedelta(hours=2)))
    moved.target.quirks.lose_writes = 9
    sync(moved, *words, code=5)
    assert sync(moved, code=5).report["sides"][0]["because"] == ["backlog", "trouble"]
    moved.target.quirks.lose_writes = 0
    assert fates(sync(moved), 0)["carried"] == 1
    assert not mailable(moved.landed("ana@x.example"))


def test_what_a_census_could_not_read_stays_open_until_one_can(moved: Pair) -> None:
    _as_if_moved_before(moved, timedelta(days=3))
    sync(moved)
    moved.source.quirks.unread_denials = True
    sync(moved, "--census", code=3)
    moved.source.quirks.unread_denials = False
    sync(moved)
    assert statement(moved)[::3] == ("INCOMPLETE", "late_unread")
    long_since(moved, 200, table="unplaceddenial")  # No later census reads as far back as that one did.
    sync(moved, "--census")
    assert statement(moved) == ("NOT_APPLICABLE", 0, 0, "nothing_was_late")


def test_a_denial_that_took_too_long_is_no_reason_to_send_to_nobody(moved: Pair) -> None:
    """The statement about time is broken, and everybody stands as they must."""
    leaves(moved, "ana")
    sync(moved)
    long_since(moved, 49)
    said = sync(moved, "--census")
    assert statement(moved)[:3] == ("FAIL", 1, 1)
    assert said.report["census"]["proven"]


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Interrupted("sync"), 5, "interrupted"),
        (QuotaExhausted("new", "calls"), 5, "stopped"),
        (Blocked("mapping_invalid"), 3, "stopped"),
        (LocalTrouble("no space left", fix="make room"), 6, "stopped"),
    ],
    ids=["signal", "quota", "blocked", "disk"],
)
def test_a_census_that_does_not_come_to_its_end_is_told_and_what_was_carried_is_reported(
    moved: Pair, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, status: str
) -> None:
    def ends(*_: object) -> None:
        raise error

    leaves(moved, "ana")
    monkeypatch.setattr(consent, "verify", ends)
    said = moved.say("sync", "--source", "old", "--target", "new", "--census")
    assert said.code == code
    assert ("could not be made" in said.err) == (code != 6 and not isinstance(error, Interrupted))
    ledger, report = _runs(moved), next(moved.folder.glob("reports/*/sync.json"))
    assert [run.status for run in ledger if run.command == census.COMMAND] == [status]
    assert orjson.loads(report.read_bytes())["ways"][0]["fates"]["carried"] == 1


def test_what_a_census_found_holds_although_its_report_cannot_be_written(
    moved: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object, **__: object) -> None:
        raise LocalTrouble("no space left", fix="make room")

    _reopened(moved)
    with monkeypatch.context() as full:
        full.setattr(consent_report, "report", ends)
        assert moved.say("sync", "--source", "old", "--target", "new", "--census").code == 6
    assert sync(moved, code=3).report["sides"][0]["because"] == ["unproven"]


def test_trouble_beside_what_a_census_found_does_not_make_it_a_matter_of_time(moved: Pair) -> None:
    _reopened(moved)
    sync(moved, "--census", code=3)
    moved.target.quirks.offline = True
    assert moved.say("sync", "--source", "old", "--target", "new", "--json").code == 3


def test_a_census_that_cannot_be_made_is_not_tried_with_every_pass(
    moved: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object) -> None:
        raise QuotaExhausted("new", "calls")

    waited: list[object] = []

    def wait(*_: object) -> None:
        waited.append(None)
        if len(waited) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "_wait", wait)
    monkeypatch.setattr(consent, "verify", ends)
    _as_if_moved_before(moved, timedelta(hours=25))
    moved.say("sync", "--source", "old", "--target", "new", "--every", "5m", "--json")
    assert len(waited) == 3
    assert len([run for run in _runs(moved) if run.command == census.COMMAND]) == 1


def test_again_and_again_a_census_is_made_once_a_day(moved: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_wait", leave)
    line = ("sync", "--source", "old", "--target", "new", "--every", "5m", "--json")
    assert moved.say(*line).report["census"] is None
    _as_if_moved_before(moved, timedelta(hours=23))
    assert moved.say(*line).report["census"] is None
    _as_if_moved_before(moved, timedelta(hours=2))
    assert moved.say(*line).report["census"]["proven"]
    assert not _due(moved)
    _as_if_moved_before(moved, timedelta(hours=25))
    counted = len(_runs(moved))
    assert moved.say(*line, "--dry-run").code == 130
    assert [run.command for run in _runs(moved)[: len(_runs(moved)) - counted]] == ["sync"], "a rehearsal counts nobody"


def _reopened(pair: Pair) -> None:
    """Ana left before the move, and somebody opened her on the target after it."""
    pair.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC) - timedelta(hours=1)))
    pair.moved()
    change(pair.landed("ana@x.example"), unsubscribed="false")
    pair.target.unsubscribed.clear()


def _runs(pair: Pair) -> list[Run]:
    """Newest first."""
    with workspace.ledger_of(workspace.open_project(pair.folder)) as ledger:
        return ledger.runs()


def _due(pair: Pair) -> bool:
    project = workspace.open_project(pair.folder)
    quiet: Any = lambda *_: None
    with workspace.ledger_of(project) as ledger, workspace.move(project, "old", "new", "r", quiet, ledger) as move:
        return census.due(move)


def _as_if_moved_before(pair: Pair, span: timedelta) -> None:
    """Every run so much earlier; the ledger keeps moments in UTC."""
    project = workspace.open_project(pair.folder)
    with workspace.ledger_of(project) as ledger:
        for run in ledger.runs():
            ended = (run.ended_at or clock.now()).replace(tzinfo=UTC)
            ledger.note_run(run.id, ended_at=ended - span, began_at=run.began_at.replace(tzinfo=UTC) - span)
