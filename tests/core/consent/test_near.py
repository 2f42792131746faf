"""What concerns one address: records, and facts about them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mamigrate.consent import cluster, near
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import day, fact, person

PEOPLE = [
    person("1", "ana@x.example", day(1)),
    person("2", "ANA@X.example", day(2)),
    person("3", "other@x.example") | {"other_emails": ["Ana@X.example", "third@x.example"]},
    person("4", "ana@x.example", archived=True),
    person("5", "new@x.example") | {"merged_keys": ["4"]},
    person("6", "new@x.example"),
    person("7", "ana@y.example"),
    person("8", None) | {"merged_keys": ["1"]},
    person("9", "xana@x.example") | {"merged_keys": ["90"]},
]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


def found(engine: Engine, loose: str, people: Sequence[dict[str, Any]] = PEOPLE) -> dict[str, set[str]]:
    table = engine.rows_as_table(list(people), Kind.PERSON)
    by: dict[str, set[str]] = {}
    for row in engine.rows(near.records(table, cluster.clusters(table), loose)):
        by.setdefault(row["key"], set()).add(row["how"])
    return by


def test_records_are_near_by_address_by_a_further_one_by_merging_and_by_becoming_one(engine: Engine) -> None:
    assert found(engine, "ana@x.example") == {
        "1": {"address", "merged"},
        "2": {"address"},
        "3": {"further_address"},
        "4": {"address", "merged"},
        "5": {"heir"},
        "6": {"together"},
        "8": {"heir"},
    }


def test_what_was_merged_into_a_record_is_near_though_nothing_was_read_of_it(engine: Engine) -> None:
    assert found(engine, "xana@x.example") == {"9": {"address"}, "90": {"merged"}}


def test_nobody_is_near_an_address_that_nobody_has(engine: Engine) -> None:
    assert found(engine, "zoe@x.example") == {}
    assert found(engine, "ana@x.example", [person("1", None)]) == {}


def test_facts_are_near_by_person_or_by_address(engine: Engine) -> None:
    rows = [
        fact("by-person", holder="person", person_key="1"),
        fact("by-address", address_loose="ana@x.example"),
        fact("elsewhere", person_key="2", address_loose="ben@x.example"),
        fact("nobody"),
    ]
    table = engine.rows_as_table(rows, Kind.CONSENT_FACT)

    def keys(*given: list[str]) -> list[str]:
        return [row["key"] for row in engine.rows(near.facts(table, *given).order_by("key"))]

    assert keys(["1"], ["ana@x.example"]) == ["by-address", "by-person"]
    assert keys([], ["ana@x.example"]) == ["by-address"]
    assert keys(["1"], ["zoe@x.example"]) == ["by-person"]
