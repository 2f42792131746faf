"""A pair of vendors in memory after one move, and what tests of ``sync`` say and look at."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mamigrate.cli import workspace
from mamigrate.consent.proof.tables import SCHEMAS, Asked, Tables
from mamigrate.stages.proof import in_time
from mamigrate.stages.tally import Tally
from mamigrate.testing.memory_state import OptOut, Record, State
from pair import Pair, Said

_MADE: dict[str, tuple[Path, str, str]] = {}
"""The folder and both states after one move, for every test that begins there, by what was moved."""


def moved_once(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Ana, Ben and Cho stand on both sides, and may be mailed there; two topics."""

    def three() -> None:
        pair.source.topic("news")
        pair.source.topic("events")
        for number, name in enumerate(("ana", "ben", "cho"), 5):
            pair.source.person(f"{name}@x.example", id=str(number))

    return of_one_move(pair, tmp_path_factory, "three", three)


def of_one_move(pair: Pair, tmp_path_factory: pytest.TempPathFactory, name: str, fill: Callable[[], None]) -> Pair:
    """The pair as it is after the move of what ``fill`` puts into its source: made once, and copied from then on."""
    if name not in _MADE:
        fill()
        pair.moved()
        kept = tmp_path_factory.mktemp("moved") / "project"
        shutil.copytree(pair.folder, kept)
        _MADE[name] = kept, pair.source.model_dump_json(), pair.target.model_dump_json()
    folder, *states = _MADE[name]
    shutil.copytree(folder, pair.folder, dirs_exist_ok=True)
    pair.source, pair.target = (State.model_validate_json(one) for one in states)
    pair.__post_init__()
    return pair


def sync(pair: Pair, *words: str, code: int = 0) -> Said:
    said = pair.say("sync", "--source", "old", "--target", "new", "--json", *words)
    assert said.code == code, said.err
    return said


def change(person: Record, **values: str) -> None:
    """As somebody on that side does it: the record's last change is now."""
    person.values |= values
    person.updated_at = datetime.now(UTC)


def left_topic(address: str, topic: str) -> OptOut:
    return OptOut(address=address, topic=topic, brand="main", kind="topic_opt_out", at=datetime.now(UTC))


def fates(said: Said, at: int) -> dict[str, int]:
    """What became of denials: ``at`` 0 of the source, 1 of the target."""
    return {fate: n for fate, n in said.report["ways"][at]["fates"].items() if n}


def left(pair: Pair) -> set[tuple[str, str]]:
    """Opt-outs by address on the source."""
    return {(out.address, out.topic) for out in pair.source.opt_outs}


def field(pair: Pair, topic: str) -> str:
    """The target's field of a topic."""
    names = [name for name in pair.target.fields["person"] if topic in name]  # type: ignore[index]  # a kind is its text
    return names[0]


def leaves(pair: Pair, name: str, *, hours_ago: float = 0) -> None:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    pair.source.opt_outs.append(OptOut(address=f"{name}@x.example", at=at))


# --- in time -----------------------------------------------------------------------------------------------------------

IN_TIME = 11
"""The statement about denials that came after a move."""
Told = tuple[str, int, int, str]
"""Verdict, how many were looked at, how many break it, and the reason."""


def statement(pair: Pair) -> Told:
    """The statement alone, as every proof judges it."""
    pair.write()
    project = workspace.open_project(pair.folder)
    quiet: Any = lambda *_: None
    with workspace.ledger_of(project) as ledger, workspace.move(project, "old", "new", "r", quiet, ledger) as move:
        tables = Tables(**{name: move.engine.memory(schema.empty_table()) for name, schema in SCHEMAS.items()})
        now = datetime.now(UTC)
        one = in_time(move, Tally(move), tables, Asked(now, now, now))
    return one.verdict, one.checked, one.violations, one.reason


def long_since(pair: Pair, hours: float, *, table: str = "latedenial") -> None:
    """As if a pass had known of every late denial so much earlier."""
    ledger = sqlite3.connect(pair.folder / ".mamigrate" / "ledger.sqlite")
    earlier = (datetime.now(UTC) - timedelta(hours=hours)).replace(tzinfo=None).isoformat(" ")
    with ledger:
        ledger.execute(f"update {table} set observed_at = ?, happened_at = ?", (earlier, earlier))
    ledger.close()
