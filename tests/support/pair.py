"""Two vendors in memory and a project for them: the command line is tried against estates of a few people."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mamigrate.cli import app
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_state
from mamigrate.testing.memory_schema import fresh
from mamigrate.testing.memory_state import ListDef, OptOut, Record, State

Install = Callable[[Mapping[str, str]], Path]
"""Installs plug-ins: entry points by name."""

PLUGIN = {"memory": "mamigrate.testing.memory:plugin"}


@dataclass(frozen=True)
class Said:
    """What a command left behind. ``report`` is its JSON, empty where it wrote none."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def blocking(self) -> set[str]:
        return {one["code"] for one in self.report["findings"] if one["severity"] == "block"}

    def buckets(self, kind: str = "person") -> dict[str, int]:
        found: dict[str, int] = self.report["accounts"][kind]["buckets"]
        return found

    def reasons(self, kind: str = "person") -> dict[tuple[str, str], int]:
        rows = self.report["reasons"]
        return {(one["bucket"], one["reason"]): one["objects"] for one in rows if one["kind"] == kind}


@dataclass
class Pair:
    """``source`` and ``target`` are filled before ``run`` and looked at after it. ``toml`` is more of the project file."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    source: State = field(default_factory=lambda: fresh("old"))
    target: State = field(default_factory=lambda: fresh("new"))
    toml: dict[str, str] = field(default_factory=dict)
    signed: bool = True

    def __post_init__(self) -> None:
        self.names = [f"{side}-{uuid4().hex}" for side in ("old", "new")]
        for name, state in zip(self.names, (self.source, self.target), strict=True):
            memory_state.keep(name, state)

    def close(self) -> None:
        for name in self.names:
            memory_state.forget(name)

    def run(self, *words: str) -> Said:
        return self.say("run", "--source", "old", "--target", "new", "--json", *words)

    def moved(self, *words: str) -> Said:
        """A run that must succeed with every account closed and nobody opened."""
        said = self.run(*words)
        assert said.code == 0, said.err
        assert {kind for kind, one in said.report["accounts"].items() if not one["closed"]} == set()
        assert said.report["consent"] == "PASS"
        return said

    def say(self, *words: str, project: bool = True) -> Said:
        """Any command in this process, through the same door as ``mamigrate``."""
        self.write()
        self.capture.readouterr()
        line = [*words, "--project", str(self.folder)] if project else list(words)
        with pytest.raises(SystemExit) as left:
            app.run(line)
        out, err = self.capture.readouterr()
        code = left.value.code
        return Said(code if isinstance(code, int) else int(code is not None), out, err)

    def write(self) -> None:
        """The project file; ``toml`` adds sections, or replaces ``connections.old`` and others."""
        signed = 'signed = "sandbox"' if self.signed else ""
        sections = {"project": f'time_zone = "UTC"\n{signed}'}
        for side, name in zip(("old", "new"), self.names, strict=True):
            sections[f"connections.{side}"] = f'adapter = "memory"\nbase_url = "http://127.0.0.1:9"\nstore = "{name}"'
        text = [f"[{title}]\n{body}\n" for title, body in {**sections, **self.toml}.items()]
        (self.folder / "mamigrate.toml").write_text("\n".join(text), encoding="utf-8")

    def connection(self, side: str, *lines: str) -> None:
        """More lines of a connection."""
        name = self.names[("old", "new").index(side)]
        here = () if any(line.startswith("base_url") for line in lines) else ('base_url = "http://127.0.0.1:9"',)
        self.toml[f"connections.{side}"] = "\n".join(('adapter = "memory"', f'store = "{name}"', *here, *lines))

    # --- looking at the target -----------------------------------------------------------------------------------------

    def landed(self, email: str) -> Record:
        """The only person of the target with this address."""
        (found,) = self.target.by_address(email)
        return found

    def writes(self) -> int:
        return sum(n for what, n in self.target.calls.items() if what.startswith(("write", "delete")))


FLAGS = ("unsubscribed", "blocked", "invalid", "held", "suspended")


def mailable(person: Record) -> bool:
    """Whether the vendor in memory would send marketing mail; said here once more on purpose."""
    return bool(person.values.get("email")) and not any(person.values.get(flag) == "true" for flag in FLAGS)


def everything(pair: Pair) -> None:
    """A source with one record of each kind that is written, a denied person and a denied address."""
    pair.source.put(Kind.ACCOUNT, Record(id="a1", values={"name": "Minamo"}))
    pair.source.person("ana@x.example", id="5", unsubscribed="true").accounts.append("a1")
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"]))
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5", "6"])


def everything_is_there_once(pair: Pair) -> None:
    """``everything`` stands on the target, once, and only Ben may be mailed."""
    assert sorted(one.values["email"] for one in pair.target.people.values()) == [
        "ana@x.example",
        "ben@x.example",
        "nobody@x.example",
    ]
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]
    assert len(pair.target.records[Kind.ACCOUNT]) == len(pair.target.records[Kind.OPPORTUNITY]) == 1
    (listed,) = pair.target.lists.values()
    assert len(listed.members) == 2


def facts(pair: Pair, *lines: str) -> None:
    """A file of facts for the project."""
    (pair.folder / "facts.csv").write_text("\n".join(("address,id,what,when,source", *lines)) + "\n", encoding="utf-8")
    pair.toml["facts"] = 'files = ["facts.csv"]'


def decide(pair: Pair, id: str) -> None:
    """Sign one decision with ``accept``."""
    path = pair.folder / "decisions.yaml"
    known = path.read_text() if path.exists() else ""
    path.write_text(f'{known}- id: "{id}"\n  choice: "accept"\n  who: "tester"\n  when: 2026-01-01\n')


def install(folder: Path, plugins: Mapping[str, str]) -> Path:
    """A distribution with these entry points, as an installer would leave it. ``folder`` must be on the path."""
    home = folder / f"kit_{uuid4().hex}-1.dist-info"
    home.mkdir(parents=True)
    (home / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {home.name[:-12]}\nVersion: 1\n")
    points = "\n".join(f"{name} = {value}" for name, value in plugins.items())
    (home / "entry_points.txt").write_text(f"[mamigrate]\n{points}\n")
    return home


@contextmanager
def installed(folder: Path, plugins: Mapping[str, str]) -> Iterator[Install]:
    """These plug-ins are there for the length of a test; what is yielded installs more of them."""
    folder.mkdir(parents=True, exist_ok=True)
    install(folder, plugins)
    sys.path.insert(0, str(folder))
    try:
        yield lambda more: install(folder, more)
    finally:
        sys.path.remove(str(folder))
