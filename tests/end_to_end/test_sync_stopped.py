"""A pass of ``sync`` that is stopped anywhere: how long its denials took is known all the same, on two vendors in memory."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from in_step import fates, leaves, left, moved_once, statement, sync
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import LateDenial
from mamigrate.model.kinds import Kind
from mamigrate.stages.sync import into_fields, into_topics
from mamigrate.testing import memory_state
from mamigrate.testing.memory_state import State
from pair import Pair, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

WAYS = [("old", "new"), ("new", "old")]
DAYS_AGO = timedelta(days=3)
READ_AGO = timedelta(days=4)
CALLS = ("keep_late", "rename_waiting", "settle_unplaced", "keep_unplaced", "advance")
"""What the end of a way tells the ledger."""


class Stop(Exception):
    """Somebody pulls the plug."""


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Both sides were read four days ago; three days ago Ana left the source, and Ben the target."""
    pair = moved_once(pair, tmp_path_factory)
    sync(pair)
    ago = (datetime.now(UTC) - READ_AGO).replace(tzinfo=None).isoformat(" ")
    ledger = sqlite3.connect(pair.folder / ".mamigrate" / "ledger.sqlite")
    with ledger:
        ledger.execute("update watermark set until = ?, seen_at = ?", (ago, ago))
    ledger.close()
    leaves(pair, "ana", hours_ago=DAYS_AGO / timedelta(hours=1))
    ben = pair.landed("ben@x.example")
    ben.values["unsubscribed"], ben.updated_at = "true", datetime.now(UTC) - DAYS_AGO
    return pair


def late(pair: Pair, way: tuple[str, str]) -> list[LateDenial]:
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    try:
        return ledger.late(*way)
    finally:
        ledger.close()


def as_undisturbed(pair: Pair) -> None:
    """Both were carried after days, each is told once, and no proof says that nothing was late."""
    (ana,), (ben,) = late(pair, WAYS[0]), late(pair, WAYS[1])
    now = datetime.now(UTC)
    assert ana.happened_at == ana.observed_at == pair.source.opt_outs[0].at
    assert ben.happened_at is None, "no field says when"
    assert now - READ_AGO - timedelta(minutes=20) < ben.observed_at < now - DAYS_AGO  # type: ignore[operator]  # it is kept
    assert all(now - timedelta(minutes=5) < row.effective_at <= now for row in (ana, ben))
    assert [(row.subject.split("/")[1], row.what) for row in (ana, ben)] == [
        ("person", "unsubscribed, unsubscribed_why"),
        ("address", "*"),
    ]
    assert not mailable(pair.landed("ana@x.example"))
    assert ("ben@x.example", "*") in left(pair)
    assert statement(pair) == ("FAIL", 2, 2, "")


def test_nobody_stops_it(moved: Pair) -> None:
    sync(moved)
    as_undisturbed(moved)


def stopping(monkeypatch: pytest.MonkeyPatch, name: str, way: int, *, after: bool) -> None:
    """Once the end of this way has begun, the first call of this name does not come back, or is not even made."""
    ends = 0
    real = {one: getattr(Ledger, one) for one in CALLS}

    def wrapped(one: str) -> Callable[..., None]:
        def call(*given: Any, **named: Any) -> None:
            nonlocal ends
            ends += one == "keep_late"
            hit = one == name and ends == way + 1
            if hit and not after:
                raise Stop
            real[one](*given, **named)
            if hit:
                raise Stop

        return call

    for one in CALLS:
        monkeypatch.setattr(Ledger, one, wrapped(one))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("way", [0, 1], ids=["there", "back"])
def test_a_pass_that_is_stopped_at_its_end_hides_no_delay(
    moved: Pair, monkeypatch: pytest.MonkeyPatch, name: str, way: int, *, after: bool
) -> None:
    with monkeypatch.context() as patch:
        stopping(patch, name, way, after=after)
        assert moved.say("sync", "--source", "old", "--target", "new", "--json").code == 1
    said = sync(moved)
    assert fates(said, way)["standing"] == 1, "it had been written"
    assert said.report["ways"][way]["latency"]["carried"] == 1
    as_undisturbed(moved)
    sync(moved)
    as_undisturbed(moved)


@pytest.mark.parametrize("module", [into_fields, into_topics], ids=["there", "back"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_pass_that_is_stopped_at_its_writes_is_no_proof_of_anything(
    moved: Pair, monkeypatch: pytest.MonkeyPatch, module: Any, *, after: bool
) -> None:
    write = module._write

    def stops(*given: Any) -> None:
        if after:
            write(*given)
        raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write", stops)
        assert moved.say("sync", "--source", "old", "--target", "new", "--json").code == 1
    assert statement(moved)[0] == "FAIL", "it is on its way for three days"
    sync(moved)
    as_undisturbed(moved)


def test_what_was_about_to_be_written_counts_although_nobody_says_it_any_more(
    moved: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ana's opt-out is taken back, and Ben is deleted: both had been carried, and late."""
    at = moved.source.opt_outs[0].at
    for way in (0, 1):
        with monkeypatch.context() as patch:
            stopping(patch, "keep_late", way, after=False)
            assert moved.say("sync", "--source", "old", "--target", "new", "--json").code == 1
        if way == 0:
            moved.source.opt_outs = [out for out in moved.source.opt_outs if out.address != "ana@x.example"]
        else:
            del moved.target.records[Kind.PERSON][moved.landed("ben@x.example").id]
    sync(moved)
    assert [row.happened_at for row in late(moved, WAYS[0])] == [at]
    assert len(late(moved, WAYS[1])) == 1
    assert statement(moved)[:3] == ("FAIL", 2, 2)


# --- a real end ----------------------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from mamigrate.cli import app
from mamigrate.ledger.store import Ledger
real, ends = Ledger.keep_late, []
def keep_late(*given):
    ends.append(1)
    if len(ends) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    real(*given)
Ledger.keep_late = keep_late
app.run(["sync", "--source", "old", "--target", "new", "--json", "--project", sys.argv[2]])
"""


def test_a_process_that_is_killed_on_either_way_hides_no_delay(moved: Pair, tmp_path: Path) -> None:
    """On its first way, then again on its second."""
    inside = moved.names
    moved.names = [str(tmp_path / f"{name}.json") for name in inside]
    for name, state in zip(moved.names, (moved.source, moved.target), strict=True):
        memory_state.keep(name, state)
    moved.write()
    plugins = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for end in ("1", "2"):
        line = [sys.executable, "-c", KILLED, end, str(moved.folder)]
        done = subprocess.run(line, capture_output=True, timeout=120, check=False, env=plugins)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    moved.source, moved.target = (State.model_validate_json(Path(name).read_text()) for name in moved.names)
    assert not mailable(moved.landed("ana@x.example"))
    assert ("ben@x.example", "*") in left(moved), "the second one was killed after it had written"
    assert late(moved, WAYS[1]) == []
    assert fates(sync(moved), 1)["standing"] == 1
    as_undisturbed(moved)
    moved.names = inside
