"""Tombstones of a project: whoever a denial names, by address or by id, and nothing that is known is weakened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mamigrate.consent import tombstones
from mamigrate.model.kinds import Kind
from mamigrate.settings.model import ProjectFile
from mamigrate.settings.project import Project
from mamigrate.snapshot.engine import Engine
from mamigrate.stages import tombs
from rows import fact, person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = NOW - timedelta(400)


def test_denials_of_a_snapshot_are_those_of_addresses_and_of_people(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    tables = {
        Kind.PERSON: engine.rows_as_table([person("1", "Ana@x.example"), person("2", "ben@x.example"), person("3")], Kind.PERSON),
        Kind.CONSENT_FACT: engine.rows_as_table(
            [
                fact("by id", "block", holder="person", person_key="1"),
                fact("of nobody", holder="person", person_key="3"),
                fact("by address", address_loose="zed@x.example"),
                fact("asked", "pending", polarity="0", address_loose="gone@x.example", lo=LONG_AGO, hi=LONG_AGO),
                fact("waits", "pending", polarity="0", address_loose="new@x.example", lo=NOW, hi=NOW),
                fact("yes", "grant", polarity="+", person_key="2", address_loose="ben@x.example"),
            ],
            Kind.CONSENT_FACT,
        ),
    }  # fmt: skip
    known: Any = SimpleNamespace(table=lambda _, kind: tables[kind], batches=engine.batches, instant=engine.instant)
    snapshot: Any = SimpleNamespace(manifest=SimpleNamespace(began_at=NOW))
    found = set(tombs.of_snapshot(known, snapshot, timedelta(30)))
    assert found == {("gone@x.example", "refused"), ("ana@x.example", "block"), ("zed@x.example", "objection")}


def test_what_is_known_of_an_address_stays_and_an_unknown_one_is_denied_all_the_same(tmp_path: Path) -> None:
    project = Project(tmp_path, ProjectFile())
    tombs.add(project, [("ana@x.example", "block")])
    tombs.add(project, [("ana@x.example", "objection")], [("ana@x.example", "denied"), ("ben@x.example", "denied")])
    key = tombs.key_of(project)
    assert key is not None
    assert tombs.known(project) == {
        tombstones.mark(key, "ana@x.example"): frozenset({"block", "objection"}),
        tombstones.mark(key, "ben@x.example"): frozenset({"denied"}),
    }
    assert tombs.counted(project) == {"": 2, "block": 1, "denied": 1, "objection": 1}
