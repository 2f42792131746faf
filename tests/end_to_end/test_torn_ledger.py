"""A ledger that was cut off or written over: it is said with the way back, and nobody is opened; two vendors in memory."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from in_step import of_one_move, sync
from pair import Pair, everything, mailable

pytestmark = pytest.mark.gate

PAGE = 4096
Damage = Callable[[bytes, random.Random], bytes]


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def emptied(content: bytes, dice: random.Random) -> bytes:
    """One page of zeros, as a disk leaves it that lost a write."""
    at = dice.randrange(len(content) // PAGE) * PAGE
    return content[:at] + bytes(PAGE) + content[at + PAGE :]


def torn(content: bytes, dice: random.Random) -> bytes:
    """The second half of the last page is of something else."""
    return content[: -PAGE // 2] + dice.randbytes(PAGE // 2)


def flipped(content: bytes, dice: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(8):
        found[dice.randrange(len(found))] ^= 1 << dice.randrange(8)
    return bytes(found)


DAMAGES: dict[str, Damage] = {"cut": cut, "emptied": emptied, "torn": torn, "flipped": flipped}


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return of_one_move(pair, tmp_path_factory, "everything", lambda: everything(pair))


def ledger(pair: Pair) -> Path:
    return pair.folder / ".mamigrate" / "ledger.sqlite"


def closed(pair: Pair) -> bytes:
    """The whole ledger in one file, as a process leaves it that ended."""
    link = sqlite3.connect(ledger(pair))
    link.execute("pragma wal_checkpoint(truncate)")
    link.close()
    for end in ("-wal", "-shm"):
        ledger(pair).with_name(f"ledger.sqlite{end}").unlink(missing_ok=True)
    return ledger(pair).read_bytes()


def open_people(pair: Pair) -> list[str]:
    return [one.values["email"] for one in pair.target.people.values() if mailable(one)]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_ends_with_six_and_the_way_back_or_is_read(moved: Pair, damage: str) -> None:
    dice, whole = random.Random(damage), closed(moved)
    codes = []
    for _ in range(12):
        ledger(moved).write_bytes(DAMAGES[damage](whole, dice))
        said = moved.say("status")
        codes.append(said.code)
        assert said.code in (0, 6), said.err
        assert "Traceback" not in said.err
        if said.code == 6:
            assert "move the ledger file away and run again" in said.err
        for end in ("-wal", "-shm"):
            ledger(moved).with_name(f"ledger.sqlite{end}").unlink(missing_ok=True)
    assert 6 in codes or damage in ("torn", "flipped")


@pytest.mark.parametrize("damage", ["cut", "emptied"])
def test_the_way_back_leads_to_the_same_target(moved: Pair, damage: str) -> None:
    whole, before, there = closed(moved), moved.writes(), sorted(moved.target.people)
    ledger(moved).write_bytes(whole[: len(whole) // 2] if damage == "cut" else bytes(PAGE) + whole[PAGE:])
    for words in (("run",), ("sync",)):
        said = moved.say(*words, "--source", "old", "--target", "new")
        assert (said.code, moved.writes()) == (6, before), said.err
        assert "Traceback" not in said.err
    shutil.move(ledger(moved), moved.folder / "damaged.sqlite")
    moved.moved()
    assert (sorted(moved.target.people), open_people(moved)) == (there, ["ben@x.example"])
    sync(moved)


def test_whatever_a_flipped_bit_says_nobody_is_opened(moved: Pair) -> None:
    """What a value says can be another one without the file being damaged: then the target still denies all that it denied."""
    dice, whole = random.Random(9), closed(moved)
    denied = {one.values["email"] for one in moved.target.people.values() if not mailable(one)}
    for _ in range(2):
        ledger(moved).write_bytes(flipped(whole, dice))
        said = moved.run()
        assert said.code in (0, 3, 6), said.err
        assert "Traceback" not in said.err
        assert denied.isdisjoint(open_people(moved))
        for end in ("-wal", "-shm"):
            ledger(moved).with_name(f"ledger.sqlite{end}").unlink(missing_ok=True)
