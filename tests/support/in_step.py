"""A pair of vendors in memory after one move, and what tests of ``sync`` say and look at."""

import shutil
from datetime import UTC, datetime
from typing import Any

import pytest

from mamigrate.testing.memory_state import OptOut, Record, State
from pair import Pair, Said

_MADE: dict[str, Any] = {}
"""The folder and both states after one move, for every test that begins there."""


def moved_once(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Ana, Ben and Cho stand on both sides, and may be mailed there; two topics."""
    if not _MADE:
        pair.source.topic("news")
        pair.source.topic("events")
        for number, name in enumerate(("ana", "ben", "cho"), 5):
            pair.source.person(f"{name}@x.example", id=str(number))
        pair.moved()
        kept = tmp_path_factory.mktemp("moved") / "project"
        shutil.copytree(pair.folder, kept)
        _MADE.update(folder=kept, source=pair.source.model_dump_json(), target=pair.target.model_dump_json())
    shutil.copytree(_MADE["folder"], pair.folder, dirs_exist_ok=True)
    pair.source, pair.target = (State.model_validate_json(_MADE[side]) for side in ("source", "target"))
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
