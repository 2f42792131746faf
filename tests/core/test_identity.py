"""Whose record is whose where an earlier run, a merge or another platform stands behind it."""

from pathlib import Path
from typing import Any

import pytest

from both_sides import Population
from mamigrate.snapshot.engine import Engine
from rows import day, fact, person

BORN = "2025-01-01T00:00:00Z"
"""When the people of ``rows`` were made."""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


def match(population: Population, key: str = "1") -> tuple[Any, str, str]:
    row = population.rows()[key]
    return row["target_key"], row["matched_by"], row["parked"]


@pytest.mark.parametrize("there", [{"mmSourceCreatedAt": BORN}, {"email": "a@x.com"}])
def test_a_record_with_the_key_is_the_persons_where_address_or_birth_say_so(engine: Engine, there: Any) -> None:
    target = [person("t1", there.pop("email", "other@x.com"), mmSourceKey="hs/person/1", **there)]
    assert match(Population(engine, [person("1", "a@x.com")], target=target)) == ("t1", "source_key", "")


@pytest.mark.parametrize("born", [{}, {"mmSourceCreatedAt": "2019-05-05T00:00:00Z"}])
def test_a_record_with_the_key_under_another_address_and_birth_may_be_another_platforms(
    engine: Engine, born: Any
) -> None:
    target = [person("t1", "other@x.com", mmSourceKey="hs/person/1", **born)]
    assert match(Population(engine, [person("1", "a@x.com")], target=target)) == ("t1", "source_key", "key_elsewhere")


def test_two_records_with_one_key_are_not_guessed(engine: Engine) -> None:
    target = [person(key, "a@x.com", mmSourceKey="hs/person/1") for key in ("t1", "t2")]
    population = Population(engine, [person("1", "a@x.com")], target=target)
    assert match(population) == (None, "source_key", "several_by_key")
    assert {row["target_key"] for row in engine.rows(population.borne())} == {"t1", "t2"}


# --- one person that became two --------------------------------------------------------------------------------------------


def test_of_two_who_were_one_whoever_has_the_address_keeps_the_record(engine: Engine) -> None:
    people = [person("1", "a@x.com"), person("2", "new@x.com")]
    target = [person("t1", "a@x.com", mmSourceKey="hs/person/1")]
    population = Population(engine, people, target=target, ids={"1": "t1", "2": "t1"})
    assert match(population, "1") == ("t1", "ledger", "")
    assert match(population, "2") == (None, "new", "")


def test_whose_key_stands_there_waits_until_the_other_has_put_another_there(engine: Engine) -> None:
    people = [person("1", "a@x.com"), person("2", "new@x.com")]
    target = [person("t1", "a@x.com", mmSourceKey="hs/person/2")]
    population = Population(engine, people, target=target, ids={"1": "t1", "2": "t1"})
    assert match(population, "1") == ("t1", "ledger", "")
    assert population.rows()["1"]["rekey"]
    assert match(population, "2") == ("t1", "ledger", "shares_target")


def test_where_nobody_has_the_address_both_wait(engine: Engine) -> None:
    people = [person("1", "new@x.com"), person("2", "newer@x.com")]
    population = Population(engine, people, target=[person("t1", "a@x.com")], ids={"1": "t1", "2": "t1"})
    assert {row["parked"] for row in population.rows().values()} == {"shares_target"}


# --- further addresses -------------------------------------------------------------------------------------------------------


def test_records_at_a_further_address_are_closed_with_the_person(engine: Engine) -> None:
    someone = {**person("1", "a@x.com", day(2)), "other_emails": [" Second@x.com "]}
    target = [person("t2", "second@x.com"), person("t3", "third@x.com")]
    no = fact("no", holder="person", person_key="1")
    population = Population(engine, [someone], [no], target=target)
    assert [(row["target_key"], row["wide"]) for row in population.stranded()] == [("t2", ["objection"])]


def test_a_denied_further_address_is_granted_no_topic_before_it_stands_on_the_target_and_after(engine: Engine) -> None:
    someone = {**person("1", "a@x.com", day(2)), "other_emails": ["old@x.com"]}
    no = fact("no", address_loose="old@x.com", address_strict="old@x.com", lo=day(1), hi=day(1))
    said = {"holder": "person", "person_key": "1", "address_strict": "a@x.com", "brand": "0", "topic": "8"}
    yes = fact("yes", "grant", polarity="+", **said)
    for target in ([], [person("t2", "old@x.com")]):
        population = Population(engine, [someone], [no, yes], target=target)
        assert population.rows()["1"]["granted"] == ["0|8"]
        held = population.suppressed()["old@x.com"]
        people = [hit["person"] for hit in held["targets"] or []] or [held["person"]]
        assert [one["granted"] for one in people] == [None]


def test_a_return_at_the_own_address_ends_nothing_at_a_denied_older_one(engine: Engine) -> None:
    someone = {**person("1", "a@x.com", day(2)), "other_emails": ["old@x.com"]}
    told: dict[str, Any] = {"address_loose": "old@x.com", "address_strict": "old@x.com", "lo": day(1), "hi": day(1)}
    said: dict[str, Any] = {
        "person_key": "1",
        "address_strict": "a@x.com",
        "brand": "0",
        "topic": "8",
        "lo": day(2),
        "hi": day(2),
    }
    no, held = fact("no", holder="person", person_key="1", **told), fact("held", **told)
    yes = fact("yes", "grant", polarity="+", holder="person", **said, proof=2)
    found = []
    for target in ([], [person("t2", "old@x.com")]):
        population = Population(engine, [someone], [no, yes, held], target=target)
        row = population.suppressed()["old@x.com"]
        people = [hit["person"] for hit in row["targets"] or []] or [row["person"]]
        found += [(set(one["wide"]), set(one["topics"]), one["granted"]) for one in people]
    assert found == [({"objection"}, found[0][1], None)] * 2
