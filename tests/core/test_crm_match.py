"""Who is whom by the id of a CRM that is linked to both sides, and where the denials of the doubtful go."""

import random
from pathlib import Path
from typing import Any

import pytest

from both_sides import Population
from mamigrate.plan.crm_id import canonical
from mamigrate.snapshot.engine import Engine
from rows import day, fact, person

LINKED = {"linked": True}
C1, C2, C3 = ("0035g000000001AAAQ", "0035g000000002AAAQ", "0035g000000003AAAQ")
L1, L2 = ("00Q5g000000001AEAQ", "00Q5g000000002AEAQ")
BORN = "2025-01-01T00:00:00Z"
"""When the people of ``rows`` were made."""
NO = fact("no", holder="person", person_key="1")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


def match(population: Population, key: str = "1") -> tuple[Any, str, str]:
    row = population.rows()[key]
    return row["target_key"], row["matched_by"], row["parked"]


def closed(population: Population) -> dict[str, list[str]]:
    """Records beside those that people are written to, with the kinds of facts that close them."""
    return {
        row["target_key"]: sorted(set(row["wide"])) for row in population.engine.rows(population.borne()) if row["wide"]
    }


def test_the_ids_are_ids() -> None:
    assert {canonical(one, "contact") for one in (C1, C2, C3)} == {C1, C2, C3}
    assert {canonical(one, "lead") for one in (L1, L2)} == {L1, L2}


# --- the match -----------------------------------------------------------------------------------------------------------


def numbered(n: int) -> tuple[str, str]:
    """Whole ids of a contact and of a lead."""
    found = canonical(f"0035g0000001{n:03}", "contact"), canonical(f"00Q5g0000001{n:03}", "lead")
    assert found[0] and found[1]
    return found[0], found[1]


def pairs(ids: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """One person of each side for each pair of ids, at addresses of their own."""
    people = [person(f"{n}", f"{n}@x.com", **ours) for n, (ours, _) in enumerate(ids)]
    return people, [person(f"t{n}", f"{n}@old.com", **theirs) for n, (_, theirs) in enumerate(ids)]


def test_a_person_is_found_by_the_id_under_another_address(engine: Engine) -> None:
    (c0, _), (c1, _), (c2, _), (_, l3), (c4, l4), (c5, l5), (c6, l6), (_, l7) = map(numbered, range(8))
    people, there = pairs(
        [
            ({"contact": c0}, {"contact": c0}),
            ({"contact": c1[:15]}, {"contact": c1}),
            ({"contact": c2}, {"contact": c2[:15]}),
            ({"lead": l3}, {"lead": l3}),
            ({"lead": l4}, {"lead": l4, "contact": c4}),  # converted, and only the target knows
            ({"lead": l5, "contact": c5}, {"lead": l5}),  # converted, and only the source knows
            ({"lead": l6, "contact": c6}, {"lead": l7, "contact": c6}),  # both leads became one contact
        ]
    )
    population = Population(engine, people, target=there, crm=LINKED)
    found = {key: match(population, key) for key in population.rows()}
    assert found == {f"{n}": (f"t{n}", "crm_id", "") for n in range(7)}


def test_what_is_another_id_or_none_finds_nobody(engine: Engine) -> None:
    (c0, _), (c1, _), (c2, _), (c3, l4), (c5, _) = map(numbered, range(5))
    people, there = pairs(
        [
            ({"contact": c0}, {"contact": c1}),
            ({"contact": c2}, {"contact": c2.lower()}),
            ({"contact": c3}, {"lead": c3}),
            ({"contact": l4}, {"contact": l4}),
            ({"contact": f"{c5[:15]}AAB"}, {"contact": f"{c5[:15]}AAB"}),
            ({"contact": "unknown"}, {"contact": "unknown"}),
            ({"contact": ""}, {"contact": ""}),
        ]
    )
    population = Population(engine, people, target=there, crm=LINKED)
    assert {match(population, key) for key in population.rows()} == {(None, "new", "")}


def test_ids_match_nobody_where_no_crm_is_linked_to_both_sides(engine: Engine) -> None:
    people, there = [person("1", "a@x.com", contact=C1)], [person("t1", "old@x.com", contact=C1)]
    assert match(Population(engine, people, target=there)) == (None, "new", "")


def test_the_id_comes_after_ledger_and_key_and_before_the_address(engine: Engine) -> None:
    people = [person(key, f"{key}@x.com", contact=id) for key, id in zip("123", (C1, C2, C3), strict=True)]
    there = [person("t1", "one@x.com"), person("t2", "two@x.com", mmSourceKey="hs/person/2", mmSourceCreatedAt=BORN)]
    there += [
        person("by1", "3@x.com"),
        person("by2", "3@x.com", contact=C3),
        person("id1", contact=C1),
        person("id2", contact=C2),
    ]
    rows = Population(engine, people, target=there, ids={"1": "t1"}, crm=LINKED).rows()
    found = {key: (row["target_key"], row["matched_by"], row["parked"]) for key, row in rows.items()}
    assert found == {"1": ("t1", "ledger", ""), "2": ("t2", "source_key", ""), "3": ("by2", "crm_id", "")}


def test_records_that_become_one_person_bring_their_ids_along(engine: Engine) -> None:
    people = [person("1", "a@x.com", day(1), contact=C1), person("2", "A@x.com", day(5))]
    there = [person("t1", "old@x.com", contact=C1)]
    assert match(Population(engine, people, target=there, crm=LINKED), "2") == ("t1", "crm_id", "")
    both = [person("1", "a@x.com", day(1), contact=C1), person("2", "A@x.com", day(5), contact=C1)]
    assert match(Population(engine, both, target=there, crm=LINKED), "2") == ("t1", "crm_id", "")


# --- what is not guessed ---------------------------------------------------------------------------------------------------


def test_several_records_with_the_id_are_parked_and_all_of_them_are_closed(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1)]
    there = [person("t1", "one@x.com", contact=C1), person("t2", "two@x.com", contact=C1[:15])]
    population = Population(engine, people, [NO], target=there, crm=LINKED)
    assert match(population) == (None, "crm_id", "several_by_crm_id")
    assert closed(population) == {"t1": ["objection"], "t2": ["objection"]}


def test_records_of_one_person_whose_ids_lead_to_several_are_parked(engine: Engine) -> None:
    people = [person("1", "a@x.com", day(1), contact=C1), person("2", "A@x.com", day(5), contact=C2)]
    there = [person("t1", "one@x.com", contact=C1), person("t2", "two@x.com", contact=C2)]
    assert match(Population(engine, people, target=there, crm=LINKED), "2") == (None, "crm_id", "several_by_crm_id")


def test_two_people_with_one_id_are_parked_and_what_either_denies_closes_the_record(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1), person("2", "b@x.com", contact=C1[:15])]
    population = Population(engine, people, [NO], target=[person("t1", "b@x.com", contact=C1)], crm=LINKED)
    assert {row["parked"] for row in population.rows().values()} == {"crm_id_shared"}
    assert closed(population) == {"t1": ["objection"]}


def test_two_people_with_one_id_are_left_alone_where_it_leads_nowhere(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1), person("2", "b@x.com", contact=C1)]
    rows = Population(engine, people, target=[person("t1", "z@x.com", contact=C2)], crm=LINKED).rows()
    assert [(row["matched_by"], row["parked"]) for row in rows.values()] == [("new", "")] * 2


def test_the_record_of_the_contact_is_the_persons_and_that_of_the_lead_is_closed_with_it(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1, lead=L1)]
    there = [person("t1", "one@x.com", contact=C1), person("t2", "two@x.com", lead=L1)]
    population = Population(engine, people, [NO], target=there, crm=LINKED)
    assert match(population) == ("t1", "crm_id", "")
    assert closed(population) == {"t2": ["objection"]}


# --- contradictions --------------------------------------------------------------------------------------------------------

APART = [person("t1", "old@x.com", contact=C1), person("t2", "A@x.com")]
"""The record with the id of person 1, and the one with the address."""


def test_an_id_and_an_address_of_different_records_are_parked_and_both_are_held(engine: Engine) -> None:
    population = Population(engine, [person("1", "a@x.com", contact=C1)], target=APART, crm=LINKED)
    assert match(population) == ("t1", "crm_id", "crm_id_conflict")
    assert closed(population) == {"t1": ["org_hold"], "t2": ["org_hold"]}
    assert {row["target_key"] for row in population.stranded()} == {"t1", "t2"}


def test_what_somebody_with_a_contradiction_denies_closes_both(engine: Engine) -> None:
    held = [NO, fact("block", "block", address_loose="a@x.com", address_strict="a@x.com")]
    population = Population(engine, [person("1", "a@x.com", contact=C1)], held, target=APART, crm=LINKED)
    assert closed(population) == {key: ["block", "objection", "org_hold"] for key in ("t1", "t2")}
    assert [hit["key"] for hit in population.suppressed()["a@x.com"]["targets"]] == ["t2"]


def test_whoever_declares_the_id_right_writes_its_record_and_closes_the_other_with_it(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1)]
    population = Population(engine, people, [NO], target=APART, crm={**LINKED, "accept": ["1"]})
    assert match(population) == ("t1", "crm_id", "")
    assert closed(population) == {"t2": ["objection"]}


def test_whoever_declares_the_id_wrong_goes_by_the_address_and_leaves_the_other_alone(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1)]
    population = Population(engine, people, [NO], target=APART, crm={**LINKED, "refuse": ["1"]})
    assert match(population) == ("t2", "address", "")
    assert closed(population) == {}


def test_a_decision_about_any_record_of_a_person_counts(engine: Engine) -> None:
    people = [person("1", "a@x.com", day(1), contact=C1), person("2", "A@x.com", day(5))]
    assert match(Population(engine, people, target=APART, crm={**LINKED, "refuse": ["1"]}), "2") == (
        "t2",
        "address",
        "",
    )
    assert match(Population(engine, people, target=APART, crm={**LINKED, "accept": ["1"]}), "2") == ("t1", "crm_id", "")


@pytest.mark.parametrize("crm", [LINKED, {**LINKED, "accept": ["1"]}, {**LINKED, "email": False}])
def test_a_record_without_an_address_never_gets_one_that_others_have(engine: Engine, crm: Any) -> None:
    """They may refuse mail there, and it would not."""
    there = [person("t1", contact=C1), person("t2", "a@x.com", unsubscribed="true")]
    population = Population(engine, [person("1", "a@x.com", contact=C1)], target=there, crm=crm)
    assert match(population) == ("t1", "crm_id", "crm_id_conflict")


def test_a_lead_that_became_another_contact_on_each_side_is_a_contradiction(engine: Engine) -> None:
    people, there = [person("1", "a@x.com", contact=C1, lead=L1)], [person("t1", "old@x.com", contact=C2, lead=L1)]
    population = Population(engine, people, target=there, crm=LINKED)
    assert match(population) == ("t1", "crm_id", "crm_id_conflict")
    assert closed(population) == {"t1": ["org_hold"]}


def test_an_id_and_an_address_of_two_people_are_parked(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1), person("2", "old@x.com")]
    population = Population(engine, people, [NO], target=[person("t1", "old@x.com", contact=C1)], crm=LINKED)
    assert {row["parked"] for row in population.rows().values()} == {"shares_target"}
    assert closed(population) == {"t1": ["objection"]}


# --- without addresses -----------------------------------------------------------------------------------------------------


def test_an_address_matches_nobody_where_only_ids_may(engine: Engine) -> None:
    people = [person("1", "a@x.com", contact=C1), person("2", "b@x.com"), person("3", "c@x.com")]
    there = [person("t1", "old@x.com", contact=C1), person("t2", "a@x.com"), person("t3", "b@x.com")]
    population = Population(engine, people, [NO], target=there, crm={**LINKED, "email": False})
    assert match(population) == ("t1", "crm_id", "")
    assert match(population, "2") == (None, "new", "address_not_matched")
    assert match(population, "3") == (None, "new", "")
    assert closed(population) == {"t2": ["objection"]}


# --- denials ---------------------------------------------------------------------------------------------------------------


def test_a_denial_of_the_sources_address_is_placed_though_the_record_has_another(engine: Engine) -> None:
    held = [fact("no", address_loose="a@x.com", address_strict="a@x.com")]
    there = [person("t1", "old@x.com", contact=C1)]
    population = Population(engine, [person("1", "a@x.com", contact=C1)], held, target=there, crm=LINKED)
    assert (match(population), population.rows()["1"]["wide"]) == (("t1", "crm_id", ""), ["objection"])
    assert population.suppressed()["a@x.com"]["targets"] is None


def test_a_denial_of_the_records_own_address_closes_it(engine: Engine) -> None:
    held = [fact("no", address_loose="old@x.com", address_strict="old@x.com")]
    there = [person("t1", "old@x.com", contact=C1)]
    population = Population(engine, [person("1", "a@x.com", contact=C1)], held, target=there, crm=LINKED)
    assert match(population) == ("t1", "crm_id", "")
    assert [hit["key"] for hit in population.suppressed()["old@x.com"]["targets"]] == ["t1"]


@pytest.mark.parametrize("seed", range(3))
def test_a_denial_reaches_every_record_with_the_persons_address_or_id(engine: Engine, seed: int) -> None:
    """Whoever is parked, whoever is written where: few addresses and ids for many, so that everything collides."""
    dice, email = random.Random(seed), seed != 2

    def drawn(name: str, number: int) -> dict[str, Any]:
        ids = {"contact": dice.choice(CONTACTS), "lead": dice.choice(LEADS)}
        return person(
            f"{name}{number}",
            dice.choice(ADDRESSES),
            day(1 + number % 28),
            archived=False,
            **{k: v for k, v in ids.items() if v},
        )

    people = [drawn("p", number) for number in range(120)]
    there = [drawn("t", number) for number in range(120)]
    held = [fact(f"f{n}", holder="person", person_key=f"p{n}") for n in range(0, 120, 4)]
    decided = [f"p{n}" for n in range(0, 120, 7)]
    population = Population(engine, people, held, target=there, crm={**LINKED, "accept": decided, "email": email})
    rows = population.rows()
    covered = {row["target_key"] for row in rows.values() if row["wide"] and not row["parked"]} | set(
        closed(population)
    )
    covered |= {hit["key"] for one in population.suppressed().values() for hit in one["targets"] or ()}
    members = {row["person_key"]: row["winner"] for row in engine.rows(population.clusters)}
    denied = [one for one in people if rows[members[one["key"]]]["wide"]]
    reached = {one["key"] for one in there for other in denied if _alike(one, other)}
    assert reached and reached <= covered
    doubts = {"several_by_crm_id", "crm_id_shared", "crm_id_conflict" if email else "address_not_matched"}
    assert {row["parked"] for row in rows.values()} > doubts


CONTACTS = [*(f"0035g0000000{n:02}A" for n in range(90)), *[""] * 90]
LEADS = [*(f"00Q5g0000000{n:02}A" for n in range(60)), *[""] * 120]
ADDRESSES = [*(f"{n}@x.com" for n in range(150)), None, None]


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    pairs = [(row["email"], row["values"].get("contact"), row["values"].get("lead")) for row in (one, other)]
    return any(ours is not None and ours == theirs for ours, theirs in zip(*pairs, strict=True))
