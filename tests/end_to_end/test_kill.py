"""Kill the process anywhere, start it again: nobody is lost, nothing doubled, nobody denied is mailable at any instant."""

import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
import pytest

from disturbed import Watch, copied, end_as, seeded, undisturbed
from forked import Forked
from rig import Rig

PEOPLE = 250


class Killer:
    """Kills the process that works on a rig, once: when the target has made fields, and before it can say so."""

    def __init__(self, rig: Rig) -> None:
        self.victim: subprocess.Popen[bytes] | None = None
        self.made: list[str] = []
        app: flask.Flask = rig.target.faults._app  # type: ignore[assignment]  # the application behind the faults
        app.after_request(self._look)

    def _look(self, response: flask.Response) -> flask.Response:
        if flask.request.method == "POST" and flask.request.path == "/rest/v1/leads/schema/fields.json":
            answer: Any = response.get_json(silent=True) or {}
            self.made += [one["name"] for one in answer.get("result") or [] if one.get("status") == "created"]
            if self.victim is not None:
                self.victim.kill()
                self.victim = None
        return response


@pytest.mark.gate
def test_fields_that_a_killed_process_made_are_known_as_ours(tmp_path: Path) -> None:
    """By the run that goes on, by its report and by the rollback: fields cannot be deleted, so all must be named."""
    rig = Rig(tmp_path, people=200)
    try:
        killer = Killer(rig)
        killer.victim = rig.start("run", "--source", "hubspot", "--target", "marketo", "--json")
        killer.victim.communicate(timeout=120)
        assert killer.made, "nothing was made before the kill"
        shown = rig.command("rollback", "--source", "hubspot", "--target", "marketo")
        assert f"stays: {len(killer.made)} · custom fields that we created" in shown.stdout.decode()
        report = rig.run()
        assert {one["name"] for one in report["created_fields"]} == set(killer.made)
        shown = rig.command("rollback", "--source", "hubspot", "--target", "marketo")
        assert f"stays: {len(killer.made)} · custom fields that we created" in shown.stdout.decode()
    finally:
        rig.stop()


@dataclass(frozen=True)
class Begun:
    """Both platforms before a move, what stands there after one that nobody disturbed, and how many seconds that takes here."""

    folder: Path
    expected: dict[str, dict[str, Any]]
    whole: float


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    folder = tmp_path_factory.mktemp("kills")
    before = seeded(folder / "seeded", PEOPLE)
    expected = undisturbed(copied(before, folder / "undisturbed"), PEOPLE)
    # The first one waited for the process that all are forked from.
    began = time.monotonic()
    undisturbed(copied(before, folder / "once-more"), PEOPLE)
    return Begun(before, expected, time.monotonic() - began)


@pytest.mark.gate
@pytest.mark.parametrize("seed", range(5))
def test_fifty_random_kills_lose_nobody_and_open_nobody(begun: Begun, tmp_path: Path, seed: int) -> None:
    _kills(begun, tmp_path, 10, random.Random(seed))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5, 55))
def test_five_hundred_random_kills_lose_nobody_and_open_nobody(begun: Begun, tmp_path: Path, seed: int) -> None:
    _kills(begun, tmp_path, 10, random.Random(seed))


def _kills(begun: Begun, folder: Path, number: int, dice: random.Random) -> None:
    """SIGKILL at uniformly random times; each move is started again until it comes to its end, then a new one begins."""
    kills, moves = 0, 0
    while kills < number:
        moves += 1
        rig = Rig(copied(begun.folder, folder / f"move-{moves}"), people=PEOPLE)
        try:
            kills += _kill_until_done(rig, dice, begun.whole)
            end_as(rig, begun.expected, again=kills >= number)
        finally:
            rig.stop()
            shutil.rmtree(rig.folder)
    print(f"{kills} kills over {moves} moves")


def _kill_until_done(rig: Rig, dice: random.Random, whole: float) -> int:
    """``whole`` is how long an undisturbed run takes here: kills fall anywhere in it, later with each, so that it ends."""
    watch, kills = Watch(rig), 0
    while True:
        process = rig.forked("run", "--source", "hubspot", "--target", "marketo", "--json")
        killed, complained = _kill_within(process, dice.uniform(0.05, 1) * whole * (1 + kills / 5))
        kills += killed
        if not killed:
            assert process.returncode == 0, complained.decode()[-3000:]
            assert watch.calls > 0
            assert watch.seen == []
            return kills


def _kill_within(process: Forked, seconds: float) -> tuple[bool, bytes]:
    """Whether it had to be killed, and what it complained."""
    try:
        return False, process.communicate(timeout=seconds)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return True, process.communicate(60)[1]
