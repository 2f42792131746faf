"""Everything that the program leaves on a disk: who may read it, where it lies, and that it is inert; over a whole life."""

import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hostile import PAYLOADS, UNSEEN
from mamigrate.handwritten import writers
from mamigrate.model.kinds import Kind
from mamigrate.plan.people import PeoplePlanner
from mamigrate.reports import render
from mamigrate.settings.model import ProjectFile
from mamigrate.testing.memory_state import Automation, ListDef, OptOut, OwnerDef, Record
from markup import elements
from odd_names import NAMES
from pair import Pair, everything, facts

Facts = dict[str, Any]
BOTH = ("--source", "old", "--target", "new")
HAND_MADE = ("mamigrate.toml", "facts.csv", "decisions.yaml")


def life(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that leaves something, a bug among them. Nothing is undone."""
    everything(pair)
    pair.source.topic("news")
    facts(pair, "cho@x.example,,objection,2026-01-01,by hand")
    os.chmod(pair.folder / "facts.csv", 0o600)
    with monkeypatch.context() as broken:
        broken.setattr(PeoplePlanner, "plan", lambda *_: 1 / 0)
        assert _said(pair, "plan", *BOTH) == 1
    assert _said(pair, "plan", *BOTH) == 0
    assert _said(pair, "run", *BOTH) == 0
    assert _said(pair, "run", *BOTH, "--who", "ben@x.example") == 0
    assert _said(pair, "consent", "old", "new") == 0
    pair.source.opt_outs.append(OptOut(address="ben@x.example", at=datetime.now(UTC)))
    assert _said(pair, "sync", *BOTH) == 0
    assert _said(pair, "purge", "--transfers") in (0, 3)
    assert _said(pair, "rollback", *BOTH, "--yes") == 0


def _said(pair: Pair, *words: str) -> int:
    pair.write()
    os.chmod(pair.folder / "mamigrate.toml", 0o600)
    pair.write = lambda: None  # type: ignore[method-assign]  # written, and by its owner alone
    said = pair.say(*words)
    return said.code


def made(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name not in HAND_MADE]


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.gate
def test_everything_is_private_and_inert_when_the_umask_hides_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    with umask(0o000):
        life(pair, monkeypatch)
        _is_private(pair.folder)
        assert _said(pair, "purge", "--yes") == 0
    assert others_read(pair.folder) == {}
    _is_inert(pair.folder / "reports")


@pytest.mark.soak
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_everything_is_private_under_any_other_umask(pair: Pair, monkeypatch: pytest.MonkeyPatch, mask: int) -> None:
    with umask(mask):
        life(pair, monkeypatch)
    _is_private(pair.folder)


def _is_private(folder: Path) -> None:
    found = made(folder)
    kinds = {path.suffix for path in found if path.is_file()}
    assert {".html", ".json", ".jsonl", ".csv", ".parquet", ".xlsx", ".sqlite", ".zst", ".yaml", ".txt"} <= kinds
    assert len(found) > 60
    assert others_read(folder) == {}


def others_read(folder: Path) -> dict[str, str]:
    """What is not its owner's alone, with its mode."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in made(folder)
        if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }


@pytest.mark.parametrize("place", [".mamigrate", ".mamigrate/snapshots", ".mamigrate/plans", ".mamigrate/evidence"])  # fmt: skip
def test_a_link_in_place_of_a_folder_ends_with_six_and_nothing_is_written_there(
    pair: Pair, tmp_path: Path, place: str
) -> None:
    everything(pair)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (pair.folder / place).parent.mkdir(exist_ok=True)
    (pair.folder / place).symlink_to(elsewhere)
    said = pair.run()
    assert said.code == 6
    assert "link" in said.err
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("place", [".mamigrate/lock", ".mamigrate/ledger.sqlite", "mapping.yaml"])
@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symlink", "link"])
def test_a_link_in_place_of_a_file_is_never_written_through(
    pair: Pair, tmp_path: Path, place: str, link: Callable[[Path, Path], None]
) -> None:
    everything(pair)
    victim = tmp_path / "victim"
    victim.write_bytes(b"somebody else's")
    victim.chmod(0o644)
    (pair.folder / place).parent.mkdir(exist_ok=True)
    link(victim, pair.folder / place)
    assert pair.run().code != 0
    assert victim.read_bytes() == b"somebody else's"
    assert stat.S_IMODE(victim.stat().st_mode) == 0o644


@pytest.mark.gate
def test_a_file_that_decides_and_that_others_may_write_is_refused(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)
    monkeypatch.setattr(writers, "_alone", lambda user, group: False)
    assert pair.run("--dry-run").code == 0
    for name in ("mamigrate.toml", "decisions.yaml", "mapping.yaml"):
        path = pair.folder / name
        path.touch()
        for mode in (0o664, 0o646):
            path.chmod(mode)
            said = pair.run("--dry-run")
            assert (said.code, "chmod go-w" in said.err) == (2, True), (name, said.err)
        path.chmod(0o644)
    assert not any(what.startswith("write") for what in pair.target.calls)


# --- pages -------------------------------------------------------------------------------------------------------------

PAGES: dict[str, Callable[[Facts, str, Any], str]] = {
    "consent": render.consent_page,
    "sync": render.sync_page,
    "rollback": render.rollback_page,
    "transfers": render.transfers_page,
    "purge": render.purge_page,
    "run": render.run_page,
}
OURS = frozenset(
    [
        "state",
        "severity",
        "verdict",
        "consent",
        "role",
        "status",
        "go",
        "kind",
        "code",
        "what",
        "where",
        "cause",
        "side",
        "bucket",
        "fate",
        "told",
        "way",
        "time_zone",
        "name_of",
        "personal",
        "limits",
    ]
)
"""Keys of what the program itself words, and that its pages choose by."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?")


def filled(tree: Any, text: str, key: str = "") -> Any:
    """``tree`` with every text in it replaced, but for instants and what the program words."""
    if isinstance(tree, dict):
        return {name: filled(inner, text, name) for name, inner in tree.items()}
    if isinstance(tree, list):
        return [filled(inner, text, key) for inner in tree]
    if not isinstance(tree, str) or key in OURS or _INSTANT.fullmatch(tree):
        return tree
    return text


def _is_inert(reports: Path) -> None:
    """Each payload in every text of every page: a parser finds the elements that it finds with harmless text."""
    seen = set()
    for path in sorted(reports.rglob("*.json")):
        draw = PAGES.get(path.stem)
        if draw is None or path.stem in seen:
            continue
        seen.add(path.stem)
        told = json.loads(path.read_bytes())
        plain = elements(draw(filled(told, "plain text"), "en", ())).found
        for payload in PAYLOADS:
            page = draw(filled(told, payload), "en", ())
            assert elements(page).found == plain, (path.stem, payload)
            assert not any(char in page for char in UNSEEN), (path.stem, payload)
    assert seen == set(PAGES)


# --- names -------------------------------------------------------------------------------------------------------------


def named(pair: Pair, names: list[str]) -> None:
    """Records, lists, topics, owners and workflows with these names, and keys that hold them."""
    for number, name in enumerate(names):
        pair.source.lists[f"{name}-{number}"] = ListDef(id=f"{name}-{number}", name=name, dynamic=bool(number % 2))
        pair.source.put(Kind.ACCOUNT, Record(id=f"{name}#{number}", values={"name": name}))
        pair.source.automations[f"{name}-{number}"] = Automation(id=f"{name}-{number}", name=name, active=False)
        pair.source.owners[f"{name}-{number}"] = OwnerDef(id=f"{name}-{number}", name=name)
        pair.source.person(f"p{number}@x.example", id=f"{name}!{number}", first_name=name)


def places(folder: Path) -> set[str]:
    """Where files lie, without the numbers of runs and snapshots."""
    return {
        re.sub(r"\d{8}-\d{6}-\d+(-\d+)?|[0-9a-f]{16,}", "N", str(path.relative_to(folder))) for path in made(folder)
    }


@pytest.mark.gate
def test_no_name_chooses_where_something_is_written(pair: Pair, tmp_path: Path) -> None:
    assert len(set(NAMES)) >= 80
    before = {path for path in tmp_path.rglob("*") if pair.folder not in (path, *path.parents)}
    named(pair, ["plain"])
    assert pair.run().code == 0
    plain = places(pair.folder)
    named(pair, NAMES)
    said = pair.run("--unmask")
    assert said.code in (0, 3), said.err
    kinds = ("person", "account", "list", "owner", "workflow")
    assert {kind: said.report["read"][kind] for kind in kinds} == dict.fromkeys(kinds, len(NAMES) + 1)
    assert {path for path in tmp_path.rglob("*") if pair.folder not in (path, *path.parents)} == before
    assert {place for place in places(pair.folder) if "buildsheets" not in place} <= plain | places_of_kinds(plain)


def places_of_kinds(plain: set[str]) -> set[str]:
    """Tables of kinds that only the second run has rows of."""
    return {re.sub("landed/[a-z_]+", f"landed/{kind.value}", place) for kind in Kind for place in plain} | {
        re.sub("snapshots/([^/]+)/[a-z_]+", rf"snapshots/\1/{kind.value}", place) for kind in Kind for place in plain
    }


def test_a_connection_is_called_by_a_plain_name(tmp_path: Path) -> None:
    """Folders of snapshots are called after it, and references begin with it."""
    taken = [name for name in NAMES if _is_taken(name)]
    assert taken == ["lock", "Name", "name", "NAME", "\ufb01le", "file", "\u00e9"]
    assert {(tmp_path / f"{name}-1").resolve().parent for name in taken} == {tmp_path.resolve()}


def _is_taken(name: str) -> bool:
    try:
        ProjectFile.model_validate({"connections": {name: {"adapter": "memory"}}})
    except ValueError:
        return False
    return True
