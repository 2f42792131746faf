"""What ``status`` says, whatever happened before; between two vendors in memory."""

import json
import os
import signal
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mamigrate.contract import Change, Outcome
from mamigrate.findings import Finding
from mamigrate.ledger.lock import ProjectLock
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from pair import Pair


def noted(pair: Pair, *runs: tuple[str, str, int | None]) -> None:
    """Runs as a ledger keeps them, oldest first: (command, status, exit code)."""
    (pair.folder / ".mamigrate").mkdir()
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    for at, (command, status, code) in enumerate(runs):
        began = datetime(2026, 1, 1, 9, at, tzinfo=UTC)
        row = Run(id=f"r{at}", command=command, source="old", target="new", status=status, began_at=began)
        row.exit_code = code
        ledger.begin_run(row)
    ledger.close()


def told(pair: Pair, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(pair.say("status", "--json", *words).out)
    return found


def test_an_unfinished_run_is_not_hidden_by_newer_plans(pair: Pair) -> None:
    noted(pair, ("run", "stopped", 5), ("plan", "done", 0), ("plan", "stopped", 5))
    said = pair.say("status", "--last", "1")
    assert said.out.count("go on with") == 1
    assert "go on with: mamigrate run --source old --target new" in said.out
    assert [(one["id"], bool(one["go_on"])) for one in told(pair)] == [("r2", False), ("r1", False), ("r0", True)]


def test_a_run_whose_place_was_taken_is_not_to_be_gone_on_with(pair: Pair) -> None:
    noted(pair, ("run", "stopped", 5), ("apply", "done", 0))
    assert "go on with" not in pair.say("status").out


def test_a_killed_run_says_so_and_has_no_exit_code(pair: Pair) -> None:
    noted(pair, ("run", "running", None))
    assert "killed at start\n" in pair.say("status").out


def test_what_came_to_its_end_and_found_what_blocks_is_not_just_done(pair: Pair) -> None:
    noted(pair, ("run", "done", 0), ("plan", "done", 3), ("consent", "done", 3))
    said = pair.say("status").out
    assert "run old -> new: done, exit code 0\n" in said
    assert "done, exit code 3" not in said
    assert said.count("came to its end, but what it found blocks or is not proven, exit code 3\n") == 2


def test_whoever_interrupts_a_run_is_told_so_and_how_to_go_on(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while people are written, and once more while the end is noted: it is noted all the same."""
    pair.source.person("ana@x.example")
    write, keep = MemoryInstance.write, Ledger.keep_findings

    def writes(instance: MemoryInstance, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        if kind is Kind.PERSON:
            os.kill(os.getpid(), signal.SIGINT)
        return write(instance, kind, changes)

    def keeps(ledger: Ledger, run_id: str, found: Iterable[Finding]) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        keep(ledger, run_id, found)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryInstance, "write", writes)
        patch.setattr(Ledger, "keep_findings", keeps)
        assert pair.run().code == 5
    said = pair.say("status").out
    assert "run old -> new: interrupted by the user at apply, exit code 5" in said
    assert "go on with: mamigrate run --source old --target new" in said
    pair.moved()
    assert "run old -> new: done, exit code 0\n" in pair.say("status").out


def test_a_run_that_cannot_settle_what_an_earlier_one_left_is_not_shown_as_killed(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.source.person("ana@x.example")
    pair.target.quirks.lose_writes = 9
    assert pair.run().code == 5
    pair.target.quirks.calls_left = 1
    assert pair.run().code == 5
    assert told(pair)[0]["status"] == "stopped"


def test_a_run_at_work_is_running(pair: Pair) -> None:
    noted(pair, ("run", "running", None))
    with ProjectLock(pair.folder / ".mamigrate" / "lock"):
        (one,) = told(pair)
        assert (one["status"], one["go_on"]) == ("running", "")


def test_a_resumed_run_forgets_how_it_ended_before(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it goes on: the exit code of its first end must not stand."""
    pair.source.person("ana@x.example")
    pair.target.quirks.lose_replies = 4
    assert pair.run().code == 5
    with monkeypatch.context() as patch:
        patch.setattr("mamigrate.cli.run._carry_out", lambda *given: 0)
        pair.run()
    (one,) = told(pair)
    assert (one["status"], one["exit_code"]) == ("killed", None)
    assert one["go_on"].startswith("mamigrate run --source old --target new --json --project ")


def test_a_folder_that_is_not_there_is_named_and_not_made(pair: Pair, tmp_path: Path) -> None:
    for command in (("status",), ("doctor",), ("run", "--source", "old", "--target", "new")):
        said = pair.say(*command, "--project", str(tmp_path / "nowhere"), project=False)
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert said.err.startswith(f"{tmp_path / 'nowhere'}: there is no such folder")
    assert not (tmp_path / "nowhere").exists()


def test_looking_at_a_project_makes_nothing_in_it(pair: Pair) -> None:
    pair.write()
    said = pair.say("status")
    assert (said.code, said.out) == (0, f"{pair.folder}: no run yet in this project\n")
    assert [path.name for path in pair.folder.iterdir()] == ["mamigrate.toml"]


SIDES = ("--source", "old", "--target", "new")


@pytest.mark.parametrize(
    "command",
    [
        ("run", *SIDES),
        ("run", *SIDES, "--dry-run"),
        ("plan", "--source", "hubspot", "--target", "marketo"),
        ("apply", *SIDES),
        ("rollback", *SIDES),
        ("sync", *SIDES),
        ("consent", "old", "new"),
        ("consent", "old@last", "plan:7"),
        ("consent", "old@7", "new"),
        ("status",),
        ("status", "--who", "ana@x.example"),
        ("doctor",),
        ("purge",),
    ],
)
def test_a_folder_without_a_project_stays_as_it_is(pair: Pair, tmp_path: Path, command: Sequence[str]) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    said = pair.say(*command, "--project", str(folder), project=False)
    assert (said.code, list(folder.iterdir())) == (2, [])
    assert "holds no mamigrate.toml" in said.err or "a plan says what will be written" in said.err


def test_a_folder_whose_connections_come_from_the_environment_is_a_project(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.write()
    monkeypatch.setenv("MAMIGRATE_MEMORY_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MAMIGRATE_MEMORY_STORE", pair.names[0])
    said = pair.say("rollback", "--source", "memory", "--target", "memory", "--project", str(tmp_path), project=False)
    assert (tmp_path / ".mamigrate").is_dir(), said.err


@pytest.mark.parametrize(
    ("command", "status", "shown"),
    [
        ("run", "interrupted", "run old -> new: interrupted by the user at start, exit code 5"),
        ("sync", "interrupted", "sync old -> new: interrupted by the user, exit code 5"),
        ("rollback", "stopped", "rollback old -> new: stopped, exit code 5"),
    ],
)
def test_a_stage_is_told_of_commands_that_have_some(pair: Pair, command: str, status: str, shown: str) -> None:
    noted(pair, (command, status, 5))
    assert shown in pair.say("status").out
