"""The tables of the proof: verdicts by expressions say what the fold says, and fields of the target mean what they mean."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from mamigrate.consent.fold import Cell, Fact, judge
from mamigrate.consent.proof import explain
from mamigrate.consent.proof.judged import FAIL, INCOMPLETE, NOT_APPLICABLE, PASS, Exported, Judged, Proof, worst
from mamigrate.consent.proof.judged import judge as judged
from mamigrate.consent.proof.of_move import fill, places
from mamigrate.consent.proof.of_move.places import GLUE, Place, Wrote
from mamigrate.consent.proof.tables import SCHEMAS
from mamigrate.consent.scope import Scope
from mamigrate.snapshot.engine import Engine
from worlds import CLUB, LOOSE, NEWS, NOW, PLACES, RULES, STRICT, moved, worlds


def verdicts(folder: Path, sets: Sequence[Sequence[Fact]]) -> list[dict[str, object]]:
    engine = Engine(folder, memory_mb=1000)
    numbers = engine.memory(SCHEMAS["numbers"].empty_table())
    filled = fill.fill(moved(engine, sets), [], numbers, fill.Engine(engine.keep, engine.memory, engine.rows))
    return engine.rows(filled.tables.verdicts)


def differing(said: Sequence[dict[str, object]], sets: Sequence[Sequence[Fact]]) -> Iterator[tuple[object, ...]]:
    for one in said:
        world, scope = str(one["person"]), NEWS if one["topic"] == "news" else CLUB
        cell = Cell(frozenset({world}), f"{world}-{STRICT}", f"{world}-{LOOSE}", scope)
        found = judge(sets[int(world)], cell, NOW, RULES[scope.topic])
        if found.allowed != one["allowed"]:
            yield found, one, sets[int(world)]


def test_verdicts_of_whole_populations_are_those_of_the_fold(tmp_path: Path) -> None:
    sets = worlds(7, 5_000)
    said = verdicts(tmp_path, sets)
    assert len(said) == 2 * len(sets)
    assert {one["topic"] for one in said if one["allowed"]} == {"news", "club"}
    assert list(differing(said, sets)) == []


def test_every_derivation_of_an_open_cell_can_be_evaluated_again(tmp_path: Path) -> None:
    sets = worlds(8, 1_000)
    facts = [fact for world in sets for fact in world]
    said = [one for one in verdicts(tmp_path, sets) if one["allowed"]]
    by_world = {str(n): sets[n] for n in range(len(sets))}
    broken = [one for one in said if list(explain.broken([one], by_world[str(one["person"])], NOW, RULES))]
    assert said
    assert broken == []
    assert {key for one in said for key in one["derivation"]} <= {fact.key for fact in facts}  # type: ignore[attr-defined]  # a list of texts


# --- places ------------------------------------------------------------------------------------------------------------


def test_a_topic_that_asks_and_has_no_place_is_no_cell_and_marketing_always_has_one() -> None:
    assert places.cells([Place("0", "club", "MKT", True, None)]) == {Scope(): [places.EVERYTHING]}
    assert list(places.cells(PLACES)) == [NEWS, CLUB]
    assert list(places.fields(places.cells(PLACES))) == ["no_news", "club"]


def test_brands_of_one_field_reach_each_other_where_somebody_signed_it() -> None:
    """The one cell of everything, and types that only the target has, are of no brand."""
    shared = [Place(brand, "news", "MKT", False, "no_news") for brand in ("a", "b")]
    alone = [Place("c", "tips", "MKT", False, "no_tips"), Place("*", "target:x", "MKT", True, "no_news")]
    cells = places.cells(
        [*shared, *alone, Place("c", "silent", "MKT", False, None), Place("a", "silent", "MKT", False, None)]
    )
    rules = [(one["brand"], one["into"]) for one in places.brand_rules(cells, signed=True).to_pylist()]
    assert rules == [("a", "b"), ("b", "a")]
    assert places.brand_rules(cells, signed=False).num_rows == 0


@pytest.mark.parametrize(
    ("marked", "opens", "enrolled"),
    [("", (True, False), False), ("no_news", (False, False), False), (f"club{GLUE}no_news", (False, True), True)],
)
def test_fields_that_read_true_open_and_close_topics(marked: str, opens: tuple[bool, bool], enrolled: bool) -> None:
    rows = places.shapes([marked], places.cells(PLACES)).to_pylist()
    assert tuple(one["is_open"] for one in rows) == opens
    assert [one["held"] for one in rows] == [not one for one in opens]
    assert [one["enrolled"] for one in rows] == [False, enrolled]


def test_a_topic_of_several_places_is_open_where_one_of_them_is() -> None:
    cells = places.cells([*PLACES[:1], PLACES[0]._replace(field="no_other")])
    assert [one["is_open"] for one in places.shapes(["no_news", f"no_news{GLUE}no_other"], cells).to_pylist()] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("wrote", "denied", "enrolled"),
    [
        (Wrote(True, True, (), ()), (True, True), (None, None)),
        (Wrote(True, False, (), ()), (None, True), (None, None)),
        (Wrote(True, False, ("no_news",), ("club",)), (True, None), (None, True)),
        (Wrote(False, False, ("club",), ()), (None, True), (None, None)),
        (Wrote(False, False, (), ()), (None, None), (None, None)),
    ],
)
def test_what_was_written_denies_or_enrols(
    wrote: Wrote, denied: tuple[bool | None, ...], enrolled: tuple[bool | None, ...]
) -> None:
    rows = places.written([wrote], places.cells(PLACES)).to_pylist()
    assert tuple(one["denied"] for one in rows) == denied
    assert tuple(one["enrolled"] for one in rows) == enrolled


# --- verdicts of statements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counted", "reason", "verdict", "told"),
    [
        ({"checked": 5}, "", PASS, ""),
        ({"checked": 5, "violations": 1}, "", FAIL, ""),
        ({"checked": 5, "unverified": 1}, "", INCOMPLETE, "not_read"),
        ({"checked": 5}, "journal_open", INCOMPLETE, "journal_open"),
        ({"checked": 5, "violations": 1, "unverified": 1}, "journal_open", FAIL, "journal_open"),
        ({}, "", NOT_APPLICABLE, "nothing_to_look_at"),
    ],
)
def test_a_statement_is_only_passed_where_everything_was_looked_at(
    counted: dict[str, int], reason: str, verdict: str, told: str
) -> None:
    one = judged(1, "", counted, reason)
    assert (one.verdict, one.reason) == (verdict, told)


def test_waiting_for_the_target_to_settle_leaves_the_rest_as_it_is() -> None:
    evidence = Exported("", 0, "")
    passed, waits = Judged(1, "", PASS), Judged(20, "", INCOMPLETE)
    assert Proof((passed, waits), evidence).verdict == PASS
    assert Proof((passed, waits), evidence).settled == INCOMPLETE
    assert Proof((passed, Judged(20, "", FAIL)), evidence).verdict == FAIL
    assert Proof((Judged(3, "", INCOMPLETE), waits), evidence).open == [Judged(3, "", INCOMPLETE)]
    assert Proof((passed, Judged(3, "", FAIL)), evidence).broken == [Judged(3, "", FAIL)]
    assert worst([NOT_APPLICABLE]) == worst([]) == INCOMPLETE
