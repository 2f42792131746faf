"""The proof finds every planted violation, by one query a statement, and nothing where everything holds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mamigrate.consent.proof.invariants import INVARIANTS, LAWS, Count, by_number, counts, verdict
from mamigrate.consent.proof.tables import SCHEMAS, Tables
from mamigrate.snapshot.engine import Engine
from planted import WAYS, Way
from populations import ASKED, Population, clean, stacked

Counts = dict[int, dict[int, Count]]
"""By population and statement."""


def judged(folder: Path, populations: Sequence[Population]) -> Counts:
    engine = Engine(folder / "spill", memory_mb=1000)
    tables = Tables(**{name: engine.memory(table) for name, table in stacked(list(populations)).items()})
    found: Counts = defaultdict(dict)
    for one in INVARIANTS:
        for row in engine.rows(counts(one, tables, ASKED)):
            population = row.pop("population")
            found[population][one.number] = Count(**row)
    return found


def broken(found: Counts, number: int) -> set[int]:
    return {statement for statement, count in found[number].items() if count.violations}


def planted(number: int, way: Way) -> Population:
    made = clean(number)
    way.plant(made)
    return made


CLEAN = 1_000_000
"""Where the numbers of populations begin in which nothing was planted."""


def test_every_statement_is_one_of_populations_or_a_law() -> None:
    assert [one.number for one in INVARIANTS] == list(range(1, 22))
    assert set(LAWS) == {7, 8}  # which are laws of functions besides


def test_every_table_has_its_schema() -> None:
    assert set(Tables.__dataclass_fields__) == set(SCHEMAS) >= {one.over for one in INVARIANTS}


def test_every_statement_alone_notices_some_way_and_one_with_a_null() -> None:
    alone = {way.number for way in WAYS if not way.also}
    null = {way.number for way in WAYS if "null" in way.name or "nobody" in way.name}
    assert alone == null == {one.number for one in INVARIANTS}


@pytest.fixture(scope="module")
def every_way(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Tables]:
    """A population for each way, numbered as the ways are, and twenty in which everything holds."""
    engine = Engine(tmp_path_factory.mktemp("ways"), memory_mb=1000)
    worlds = [planted(number, way) for number, way in enumerate(WAYS)]
    made = stacked([*worlds, *(clean(CLEAN + n) for n in range(20))])
    return engine, Tables(**{name: engine.memory(table) for name, table in made.items()})


@pytest.mark.parametrize("number", [one.number for one in INVARIANTS])
def test_a_statement_notices_the_ways_that_break_it_and_nothing_else(
    every_way: tuple[Engine, Tables], number: int
) -> None:
    engine, tables = every_way
    rows = engine.rows(counts(by_number(number), tables, ASKED))
    said = {
        WAYS[row["population"]].name if row["population"] < CLEAN else "nothing" for row in rows if row["violations"]
    }
    assert said == {way.name for way in WAYS if number in {way.number, *way.also}}
    assert len(rows) == len(WAYS) + 20


@pytest.mark.gate
def test_three_hundred_planted_violations_are_found_and_three_hundred_clean_populations_are_clean(
    tmp_path: Path,
) -> None:
    ways = [WAYS[n % len(WAYS)] for n in range(300)]
    worlds = [planted(10_000 + number, way) for number, way in enumerate(ways)]
    found = judged(tmp_path, [*worlds, *(clean(CLEAN + n) for n in range(300))])
    assert [broken(found, 10_000 + n) for n in range(300)] == [{way.number, *way.also} for way in ways]
    assert not any(broken(found, CLEAN + n) for n in range(300))
    assert {verdict(*found[CLEAN + n].values()) for n in range(300)} == {"PASS"}


# --- what was not read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unread", [False, None])
@pytest.mark.parametrize(
    ("table", "column", "statements"),
    [("cells", "read", {1, 2, 8, 16, 20, 21}), ("records", "read", {3, 4, 13, 19})],
)
def test_what_was_not_read_is_unverified_and_never_a_pass(
    tmp_path: Path, table: str, column: str, statements: set[int], unread: bool | None
) -> None:
    world = clean(7)
    record = world.some(table, person=world.some("denials", kind="objection", topic="*", holder="person")["person"])
    record[column] = unread
    found = judged(tmp_path, [world])[7]
    assert {number for number, count in found.items() if count.unverified} == statements
    assert not any(count.violations for count in found.values())
    assert verdict(*found.values()) == "INCOMPLETE"


@pytest.mark.parametrize("column", ["allowed", "settled"])
def test_a_cell_that_says_nothing_is_unverified(tmp_path: Path, column: str) -> None:
    world = clean(7)
    world.some("cells")[column] = None
    found = judged(tmp_path, [world])[7]
    assert verdict(*found.values()) == "INCOMPLETE"


def test_what_was_not_read_breaks_nothing(tmp_path: Path) -> None:
    """An open cell of somebody denied would: but nobody read it."""
    world = clean(7)
    denied = world.some("denials", kind="unparsed")["person"]
    world.some("cells", person=denied).update(allowed=True, enrolled=True, read=False, settled=False)
    found = judged(tmp_path, [world])[7]
    assert broken({7: found}, 7) == set()
    assert verdict(*found.values()) == "INCOMPLETE"


def test_a_denial_that_nobody_could_look_for_is_not_called_lost(tmp_path: Path) -> None:
    world = clean(7)
    denial = world.some("denials", kind="unparsed")
    world.some("records", person=denial["person"])["read"] = False
    world.tables["held"] = [row for row in world.tables["held"] if row["fact"] != denial["fact"]]
    count = judged(tmp_path, [world])[7][3]
    assert (count.violations, count.unverified) == (0, 1)


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ([Count(3, 0, 0)], "PASS"),
        ([Count(3, 0, 0), Count(0, 0, 0)], "PASS"),
        ([Count(3, 0, 1)], "INCOMPLETE"),
        ([Count(3, 1, 0)], "FAIL"),
        ([Count(3, 1, 1), Count(3, 0, 0)], "FAIL"),
        ([Count(0, 0, 0)], "INCOMPLETE"),
        ([], "INCOMPLETE"),
    ],
)
def test_a_verdict_follows_from_counts_alone(counted: list[Count], said: str) -> None:
    assert verdict(*counted) == said


# --- where a statement has nothing to say ----------------------------------------------------------------------------


def test_a_target_that_mails_nobody_by_default_needs_no_wide_denial(tmp_path: Path) -> None:
    way = next(one for one in WAYS if one.number == 19 and not one.also)
    engine = Engine(tmp_path / "spill", memory_mb=1000)
    tables = Tables(**{name: engine.memory(table) for name, table in stacked([planted(7, way)]).items()})
    statement = next(one for one in INVARIANTS if one.number == 19)
    assert engine.rows(statement.broken(tables, ASKED))
    assert engine.rows(statement.broken(tables, replace(ASKED, default_allows=False))) == []


def test_a_declared_rule_takes_a_brands_facts_to_another_brand(tmp_path: Path) -> None:
    world = planted(7, next(one for one in WAYS if one.name == "a_verdict_rests_on_another_brand"))
    world.add("brand_rules", brand="south", into="north")
    assert broken(judged(tmp_path, [world]), 7) == set()


def test_a_statement_is_found_by_its_number() -> None:
    assert [by_number(one.number) for one in INVARIANTS] == list(INVARIANTS)
