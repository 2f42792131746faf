"""A clock that jumps, a process that stands still while another wants its project, a quota that ends and comes back."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from forked import Forked
from in_step import fates, of_one_move, sync
from mamigrate import clock
from mamigrate.cli import app
from mamigrate.cli import sync as command
from mamigrate.ledger.lock import at_work
from mamigrate.testing import memory_state
from mamigrate.testing.memory_state import OptOut
from pair import Pair, everything, mailable

pytestmark = pytest.mark.gate

NOW = datetime(2026, 3, 28, 9, tzinfo=UTC)
DAY = 86_400.0
WAY = ("--source", "old", "--target", "new")


@pytest.fixture
def hand() -> Iterator[clock.HandClock]:
    made = clock.HandClock(NOW)
    with clock.standing(made):
        yield made


def leaves(pair: Pair, name: str) -> None:
    pair.source.opt_outs.append(OptOut(address=f"{name}@x.example", at=clock.now()))


def go(pair: Pair, code: int) -> list[tuple[str, list[str]]]:
    said = pair.say("status", "--json")
    assert said.code == code, said.err
    runs: list[dict[str, list[dict[str, list[str]]]]] = said.report  # type: ignore[assignment]  # a list here
    return [(str(side["side"]), side["because"]) for run in runs for side in run["sides"]]


# --- clocks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [DAY, 12 * 365.25 * DAY], ids=["ahead", "2038"])
def test_a_clock_that_jumps_loses_no_denial_and_opens_nobody(pair: Pair, hand: clock.HandClock, jump: float) -> None:
    everything(pair)
    for name in ("cho", "dan"):
        pair.source.person(f"{name}@x.example")
    pair.moved()
    hand.advance(60)
    leaves(pair, "cho")
    sync(pair)
    hand.advance(jump)
    leaves(pair, "dan")
    said = pair.say("sync", *WAY, "--json")
    assert said.code in (0, 3), said.err
    assert fates(said, 0).get("carried") == 1
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]
    assert go(pair, 0) == [("new", []), ("old", [])]
    hand.advance(60)
    assert pair.run().code in (0, 3)
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]


# --- two processes ---------------------------------------------------------------------------------------------------------


def test_a_process_that_stands_still_owns_its_project_and_ends_as_if_it_had_not(
    pair: Pair, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Stopped at ten moments; whoever comes meanwhile is refused within a second and writes nothing."""
    of_one_move(pair, tmp_path_factory, "everything", lambda: everything(pair))
    pair.source.opt_outs.append(OptOut(address="ben@x.example", at=datetime.now(UTC)))
    inside, pair.names = pair.names, [str(tmp_path / f"{side}.json") for side in ("old", "new")]
    for name, state in zip(pair.names, (pair.source, pair.target), strict=True):
        memory_state.keep(name, state)
    refused = 0
    for trial in range(10):
        pair.write()
        held = Forked(app.run, ["sync", *WAY, "--project", str(pair.folder)])
        time.sleep(0.05 + 0.04 * trial)
        held.send_signal(signal.SIGSTOP)
        before = [Path(name).read_bytes() for name in pair.names]
        began = time.monotonic()
        if at_work(pair.folder / ".mamigrate" / "lock"):
            code = pair.say("sync", *WAY).code
            took = time.monotonic() - began
            assert (code, [Path(name).read_bytes() for name in pair.names]) == (6, before)
            assert took < 1
            refused += 1
        held.send_signal(signal.SIGCONT)
        assert held.done(60).returncode == 0
        held.forget()
    assert refused >= 3
    assert [one for one in memory_state.find(pair.names[1]).people.values() if mailable(one)] == []
    pair.names = inside


# --- quotas ----------------------------------------------------------------------------------------------------------------


def test_while_a_quota_is_used_up_a_poller_asks_once_a_pass_and_goes_on_by_itself(
    pair: Pair, hand: clock.HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(pair)
    pair.moved()
    hand.advance(60)
    passes: list[int] = []

    def waits(*_: object) -> None:
        passes.append(sum(pair.target.calls.values()))
        if len(passes) == 1:
            leaves(pair, "ben")
            pair.target.quirks.calls_left = 0
        if len(passes) == 6:
            assert mailable(pair.landed("ben@x.example"))
            pair.target.quirks.calls_left = None
        if len(passes) == 7:
            raise KeyboardInterrupt
        hand.advance(60)

    monkeypatch.setattr(command, "_wait", waits)
    pair.say("sync", *WAY, "--every", "1m")
    assert len(passes) == 7
    each = [after - before for before, after in pairwise(passes[:6])]
    assert all(calls <= 2 for calls in each), each
    assert not mailable(pair.landed("ben@x.example"))
