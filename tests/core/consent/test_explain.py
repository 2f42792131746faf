"""Derivations re-evaluate offline: from the facts that they name alone, and from all."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mamigrate.consent.proof import explain
from populations import CELLS, NOW, Population, clean, rules


def broken(world: Population) -> list[Mapping[str, Any]]:
    asked = {scope.topic: rules(world, scope.topic) for scope in CELLS}
    return list(explain.broken(world.tables["verdicts"], world.facts, NOW, asked))


@pytest.mark.parametrize("number", range(20))
def test_every_open_cell_of_a_population_re_evaluates(number: int) -> None:
    assert broken(clean(number)) == []


def _spoiled() -> Iterator[tuple[str, Population, dict[str, Any]]]:
    for name in ("no derivation", "a fact that is not there", "without the grant", "without what was lifted", "closed"):
        world = clean(5)
        returned = next(row for row in world.tables["lifted"] if not row["by"].startswith("wave"))
        person = next(fact.person for fact in world.facts if fact.key == returned["by"])
        cells = {
            "without the grant": {"allowed": True, "topic": "club"},
            "without what was lifted": {"allowed": True, "topic": "news", "person": person},
            "closed": {"allowed": False, "topic": "news", "source_mails": False},
        }
        yield name, world, world.some("verdicts", **cells.get(name, {"allowed": True}))


@pytest.mark.parametrize(
    ("name", "world", "cell"), list(_spoiled()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_derivation_that_does_not_lead_there_is_found(name: str, world: Population, cell: dict[str, Any]) -> None:
    match name:
        case "no derivation":
            cell["derivation"] = None
        case "a fact that is not there":
            cell["derivation"] = ["f999"]
        case "closed":
            cell["allowed"] = True
        case _:
            grants = {fact.key for fact in world.facts if fact.kind == "grant"}
            cell["derivation"] = [key for key in cell["derivation"] if key not in grants]
    assert broken(world) == [cell]


def test_a_denial_that_the_derivation_passes_over_is_found() -> None:
    """The named facts alone would allow it: all that are known do not."""
    world = clean(5)
    cell = world.some("verdicts", allowed=True, derivation=[])
    closed = next(fact for fact in world.facts if fact.kind == "unparsed")
    world.facts.append(closed._replace(key="late", person=cell["person"]))
    assert {id(row) for row in broken(world)} >= {id(cell)}


def test_a_cell_that_is_closed_needs_no_derivation() -> None:
    world = clean(5)
    world.some("verdicts", allowed=False)["derivation"] = None
    assert broken(world) == []


def test_a_derivation_names_each_fact_once_and_in_order() -> None:
    world = clean(5)
    for row in world.tables["verdicts"]:
        assert row["derivation"] == sorted(set(row["derivation"]))
