"""Interrupted again and again, by all kinds of signals, with other settings each time: the end is that of an undisturbed run."""

import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from disturbed import Watch, copied, end_as, seeded, undisturbed
from forked import Forked
from rig import Rig

PEOPLE = 200
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP)
LEAVING = 5.0
"""Seconds within which a process that is asked to leave is gone."""
SETTINGS = {
    "lang": ('"en"', '"ja"', '"ko"'),
    "time_zone": ('"Asia/Tokyo"', '"UTC"', '"America/New_York"'),
    "share": ("0.9", "0.5", "1"),
}
"""What somebody may change before a run goes on, without another end of it."""


@pytest.mark.gate
def test_a_chain_of_interruptions_ends_as_an_undisturbed_run(tmp_path: Path) -> None:
    _chains(tmp_path, 1, 10, random.Random(1))


@pytest.mark.soak
def test_fifty_chains_of_twenty_five_interruptions_end_as_an_undisturbed_run(tmp_path: Path) -> None:
    _chains(tmp_path, 50, 25, random.Random(20261130))


def _chains(folder: Path, number: int, links: int, dice: random.Random) -> None:
    begun = seeded(folder / "seeded", PEOPLE)
    expected = undisturbed(copied(begun, folder / "undisturbed"), PEOPLE)
    for chain in range(number):
        rig = Rig(copied(begun, folder / f"chain-{chain}"), people=PEOPLE)
        watch = Watch(rig)
        try:
            for _ in range(links):
                _link(rig, dice)
            end_as(rig, expected)
            assert watch.seen == []
        finally:
            rig.stop()
            shutil.rmtree(rig.folder)


def _link(rig: Rig, dice: random.Random) -> None:
    """Change a setting, go on with the run, disturb it. It may have come to its end before."""
    _change(rig, dice)
    process = rig.forked(
        "run", "--source", "hubspot", "--target", "marketo", "--json", *dice.choice(((), ("--unmask",)))
    )
    try:
        _, complained = process.communicate(dice.uniform(0.1, 6))
    except subprocess.TimeoutExpired:
        _, complained = _disturb(process, dice.choice(SIGNALS), dice)
    assert process.returncode in (0, 5, -signal.SIGKILL), (process.returncode, complained.decode()[-3000:])


def _disturb(process: Forked, number: signal.Signals, dice: random.Random) -> tuple[bytes, bytes]:
    process.send_signal(number)
    if number == signal.SIGSTOP:
        time.sleep(dice.uniform(0.1, 1))
        process.send_signal(signal.SIGCONT)
    return process.end(60 if number == signal.SIGSTOP else LEAVING)


def _change(rig: Rig, dice: random.Random) -> None:
    """One setting gets another value, wherever it stands; one that does not stand there is added to the project's."""
    name = dice.choice(list(SETTINGS))
    value, path = dice.choice(SETTINGS[name]), rig.folder / "mamigrate.toml"
    text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", path.read_text(), count=1)
    if not found:
        below = "[project]" if name == "lang" else "[connections.hubspot]"
        text = text.replace(below, f"{below}\n{name} = {value}", 1)
    path.write_text(text)
