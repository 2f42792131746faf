"""The tables of the proof: verdicts by expressions say what the fold says, and fields of the target mean what they mean."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from mamigrate.consent import cluster, lifting, verdict
from mamigrate.consent.fold import Cell, Fact, Rules, judge
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.proof import explain
from mamigrate.consent.proof.judged import FAIL, INCOMPLETE, NOT_APPLICABLE, PASS, Exported, Judged, Proof, worst
from mamigrate.consent.proof.judged import judge as judged
from mamigrate.consent.proof.of_move import fill, places
from mamigrate.consent.proof.of_move.moved import JOURNAL, READ_BACK, Moved
from mamigrate.consent.proof.of_move.places import GLUE, Place, Wrote
from mamigrate.consent.proof.tables import SCHEMAS
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.tables import schema

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STRICT, LOOSE = "Ana@x.example", "ana@x.example"
NEWS, CLUB = Scope("email", "0", "news"), Scope("email", "0", "club")
PLACES = [Place("0", "news", "MKT", False, "no_news"), Place("0", "club", "MKT", True, "club", "opt_in")]
RULES = {"news": Rules(), "club": Rules(need=Grant.EXPRESS)}


def any_fact(dice: random.Random, key: str, world: str) -> Fact:
    """A fact of any kind at any time, about the person of a world and its address, or about nobody there."""
    lo, hi = sorted((dice.randint(-3, 20), dice.randint(-3, 20)), reverse=True)
    return Fact(
        key, dice.choice(list(KINDS)), dice.choice(("person", "address")), dice.choice((world, world, None)),
        dice.choice((f"{world}-{STRICT}", f"{world}-{STRICT}", f"{world}-{LOOSE}", None)),
        dice.choice((f"{world}-{LOOSE}", f"{world}-{LOOSE}", "ben@x.example", None)),
        Scope(dice.choice(("email", "email", "*", "sms")), dice.choice(("*", "0", "7")), dice.choice(("*", "news", "club"))),
        dice.choice((None, NOW - timedelta(lo))), dice.choice((None, NOW - timedelta(hi))),
        dice.choice((None, None, NOW - timedelta(dice.randint(-3, 3)))),
        dice.choice(("subject", "subject", "agent", "operator", "system", "import")), dice.randint(0, 4),
    )  # fmt: skip


def worlds(seed: int, number: int) -> list[list[Fact]]:
    dice = random.Random(seed)
    return [[any_fact(dice, f"{n}/{k}", str(n)) for k in range(dice.randint(1, 5))] for n in range(number)]


def table(kind: Kind, rows: Sequence[dict[str, object]]) -> pa.Table:
    blank: dict[str, object] = {field.name: [] if pa.types.is_list(field.type) else None for field in schema(kind)}
    return pa.Table.from_pylist([{**blank, **row} for row in rows], schema=schema(kind))


def person(number: int) -> dict[str, object]:
    key = str(number)
    return {"key": key, "email_strict": f"{key}-{STRICT}", "email_loose": f"{key}-{LOOSE}", "archived": False}


def row(fact: Fact) -> dict[str, object]:
    named = {"address_strict": fact.strict, "address_loose": fact.loose, "person_key": fact.person}
    times = {name: getattr(fact, name) for name in ("key", "kind", "holder", "lo", "hi", "until", "actor", "proof")}
    return {
        **named,
        **times,
        **fact.scope._asdict(),
        "polarity": KINDS[fact.kind].polarity,
        "source_ref": fact.key,
        "raw": "",
    }


def moved(engine: Engine, sets: Sequence[Sequence[Fact]]) -> Moved:
    people = engine.memory(table(Kind.PERSON, [person(n) for n in range(len(sets))]))
    facts = engine.memory(table(Kind.CONSENT_FACT, [row(fact) for world in sets for fact in world]))
    clusters = engine.keep(cluster.clusters(people))
    denials = engine.keep(verdict.active_denials(facts, NOW))
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), [NEWS, CLUB], FLAT))
    lifted = engine.keep(lifting.lifted(facts, denials, people, clusters, covering, NOW))
    granted = verdict.granted_topics(clusters, people, facts, NOW)
    winners = people.select("key", "email_strict", "email_loose").left_join(granted, people.key == granted.winner)
    nobody = engine.memory(pa.table({name: pa.array([], pa.string()) for name in ("target_key", "made")}))
    matched = engine.keep(winners.drop("winner").left_join(nobody, winners.key == nobody.target_key))
    texts = ("person_key", "list_key", "denial", "source_ref", "winner", "kind", "topic", "brand", "target_key")
    none = engine.memory(pa.table({name: pa.array([], pa.string()) for name in texts}))
    times = pa.table(
        {
            name: pa.array([at], pa.timestamp("us", "UTC"))
            for name, at in (("snapshot", NOW), ("at", NOW), ("later", NOW))
        }
    )
    return Moved(
        facts, people, clusters, matched, none, none, none, lifted, none,
        engine.memory(schema(Kind.PERSON).empty_table()), engine.memory(READ_BACK.empty_table()),
        engine.memory(JOURNAL.empty_table()), engine.memory(times), places.cells(PLACES),
    )  # fmt: skip


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
    assert worst([NOT_APPLICABLE]) == INCOMPLETE
