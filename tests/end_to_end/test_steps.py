"""``sync``, ``rollback`` and what a ``run`` notes: killed before and after each step and started again, they end as undisturbed."""

import json
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import failing
from failing import OF_A_NOTE, OF_THE_LEDGER, RENAMES
from forked import Forked
from in_step import change, leaves, of_one_move
from mamigrate.testing import memory_state
from mamigrate.testing.memory_state import OptOut, State
from pair import Pair, everything

pytestmark = pytest.mark.gate

COMMANDS = {"sync": (), "rollback": ("--yes",), "run": ()}
SITES = (*OF_A_NOTE, *RENAMES)
WRITES = ("write", "delete", "deny", *RENAMES)
"""What changes something outside the ledger. After a note of the ledger nothing is different until the next step begins."""
NOTES = ("keep_inputs", "keep_findings", "keep_evidence", "evidence")
"""Steps of a ``run`` that its own campaign over the wire does not know."""
Ends = dict[str, Any]


@dataclass
class Bench:
    """A command with both sides as they are before it, what stands there after it, and how often it passes each site."""

    command: str
    folder: Path
    hits: dict[str, int] = field(default_factory=dict)
    ends: Ends = field(default_factory=dict)
    _trials: int = 0

    def sites(self) -> Iterator[tuple[str, int]]:
        """The first, a middle and the last pass of each."""
        for site, passes in sorted(self.hits.items()):
            step = site.partition(" ")[2]
            if site.startswith("before") or step in WRITES:
                yield from ((site, hit) for hit in sorted({1, (passes + 1) // 2, passes}))

    def passes(self, *steps: str) -> Iterator[tuple[str, int]]:
        """The first, a middle and the last pass before and after these steps."""
        sites = [f"{when} {step}" for step in steps for when in ("before", "after")]
        yield from ((site, hit) for site in sites for hit in sorted({1, (self.hits[site] + 1) // 2, self.hits[site]}))

    def fresh(self) -> Path:
        """Both sides and the project once more as they were."""
        self._trials += 1
        folder = self.folder.with_name(f"{self.command}-{self._trials}")
        shutil.copytree(self.folder, folder)
        settings = folder / "project" / "mamigrate.toml"
        settings.write_text(settings.read_text().replace(str(self.folder), str(folder)))
        return folder

    def start(self, folder: Path, site: str = "", hit: int = 0) -> int:
        words = [self.command, "--source", "old", "--target", "new", "--json", *COMMANDS[self.command]]
        told = str(folder / "hits.json")
        line = [*words, "--project", str(folder / "project")]
        done = Forked(failing.step, site, hit, line, MAMIGRATE_TEST_HITS=told).done()
        assert done.returncode in (0, -signal.SIGKILL), (site, hit, done.stderr.decode()[-2000:])
        return done.returncode


def bench(pair: Pair, command: str, folder: Path) -> Bench:
    """``pair`` as it is now, in files, after one undisturbed try of the command on a copy."""
    made = Bench(command, folder / command)
    pair.names = [str(made.folder / f"{side}.json") for side in ("old", "new")]
    made.folder.mkdir()
    for name, state in zip(pair.names, (pair.source, pair.target), strict=True):
        memory_state.keep(name, state)
    pair.write()
    shutil.copytree(pair.folder, made.folder / "project")
    there = made.fresh()
    assert made.start(there) == 0
    made.hits, made.ends = json.loads((there / "hits.json").read_text()), ends(there)
    return made


def ends(folder: Path) -> Ends:
    """What stands on both sides, and what the ledger knows of it, without times and numbers."""
    sides = {side: State.model_validate_json((folder / f"{side}.json").read_text()) for side in ("old", "new")}
    ledger = sqlite3.connect(folder / "project" / ".mamigrate" / "ledger.sqlite")
    try:
        late = sorted(ledger.execute("select side, what, kind from latedenial"))
        waits = sorted(ledger.execute("select side, source, what, fate, settled_at is null from unplaceddenial"))
        ids = sorted(ledger.execute("select kind, source_key, made, undone from idmap"))
        unsettled = list(ledger.execute("select count(*) from batch where state in ('intent', 'maybe')"))
    finally:
        ledger.close()
    return {
        **{name: list(of(state)) for name, state in sides.items()},
        "late": late,
        "ids": ids,
        "open": unsettled,
        "waits": waits,
    }


def of(state: State) -> Iterator[str]:
    """Records with their values, lists with their members, opt-outs: without keys, which depend on what was made first."""
    people = {id: str(one.values.get("email")) for id, one in state.people.items()}
    yield from (f"{kind} {sorted(one.values.items())}" for kind, rows in state.records.items() for one in rows.values())
    yield from (f"list {one.name}: {sorted(people[id] for id in one.members)}" for one in state.lists.values())
    yield from (f"left {one.address} {one.brand} {one.topic}" for one in state.opt_outs)


def killed_everywhere(made: Bench, sites: list[tuple[str, int]]) -> None:
    for site, hit in sites:
        folder = made.fresh()
        assert made.start(folder, site, hit) == -signal.SIGKILL, (site, hit)
        assert made.start(folder) == 0, (site, hit)
        assert differences(ends(folder), made.ends) == {}, (site, hit)
        shutil.rmtree(folder)


def differences(found: Ends, expected: Ends) -> Ends:
    """What is only here, and what is only there."""
    one, other = ([f"{part}: {row}" for part, rows in told.items() for row in rows] for told in (found, expected))
    here, there = Counter(one), Counter(other)
    return {
        **{row: f"+{n}" for row, n in (here - there).items()},
        **{row: f"-{n}" for row, n in (there - here).items()},
    }


@pytest.fixture
def in_sync(pair: Pair, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Bench:
    """Denials on both sides after a move: of everything, of a type, of nobody's address, and a bounce."""

    def fill() -> None:
        pair.source.topic("news")
        for number, name in enumerate(("ana", "ben", "cho", "dan"), 5):
            pair.source.person(f"{name}@x.example", id=str(number))

    of_one_move(pair, tmp_path_factory, "steps", fill)
    leaves(pair, "ana")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example", at=datetime.now(UTC)))
    change(pair.landed("ben@x.example"), unsubscribed="true")
    change(pair.landed("cho@x.example"), mmNoTopicnews="true")
    change(pair.landed("dan@x.example"), invalid="true")
    return bench(pair, "sync", tmp_path)


def test_a_pass_of_sync_is_finished_by_the_next(in_sync: Bench) -> None:
    sites = list(in_sync.sites())
    passed = {site.partition(" ")[2] for site, _ in sites}
    assert {"begin_run", "note_run", "keep_inputs", "keep_findings", "intend", "write", "deny", "close_batch"} <= passed
    assert {"keep_late", "rename_waiting", "keep_unplaced", "advance", "rename"} <= passed
    assert len(in_sync.ends["late"]) == 4
    killed_everywhere(in_sync, sites)


@pytest.fixture
def moved(pair: Pair) -> Pair:
    """Somebody who was there before, and whom the move changed; somebody denied; one record of each kind."""
    everything(pair)
    pair.source.person("eva@x.example", id="7", first_name="Eva")
    pair.target.person("eva@x.example", id="70", city="Oslo")
    return pair


def test_a_rollback_is_finished_by_the_same_command(moved: Pair, tmp_path: Path) -> None:
    moved.moved()
    made = bench(moved, "rollback", tmp_path)
    sites = list(made.sites())
    passed = {site.partition(" ")[2] for site, _ in sites}
    assert {"begin_run", "note_run", "keep_findings", "intend", "write", "delete", "close_batch", "rename"} <= passed
    assert any("eva@x.example" in row for row in made.ends["new"])
    killed_everywhere(made, sites)


def test_a_run_is_finished_whatever_note_it_was_killed_at(moved: Pair, tmp_path: Path) -> None:
    made = bench(moved, "run", tmp_path)
    last = dict(made.sites())
    sites = [(site, hit) for site, hit in last.items() if site.partition(" ")[2] in NOTES]
    assert {site.partition(" ")[2] for site, _ in sites} == set(NOTES)
    killed_everywhere(made, sites)


def test_a_run_is_finished_wherever_its_ledger_was_left(moved: Pair, tmp_path: Path) -> None:
    made = bench(moved, "run", tmp_path)
    killed_everywhere(made, list(made.passes(*OF_THE_LEDGER.values())))
