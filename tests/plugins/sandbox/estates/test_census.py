from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.census import Census, Part
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.scatter import Scatter
from mamigrate_sandbox.estates.world import Person

# The demo estate at 5,000 people.
EXPECTED = {
    "people": 5_000,
    "marketing": 2_940,
    "non-marketing": 2_060,
    "without address": 210,
    "archived": 60,
    "erased": 12,
    "opted out of everything": 410,
    "denied topic or brand": 620,
    "addresses without a contact": 180,
    "known only to the crm": 95,
    "hard bounce": 265,
    "complaint": 8,
    "crm lead": 1_900,
    "crm contact": 1_150,
    "accounts": 900,
    "opportunities": 640,
    "stage/MCL": 1_870,
    "stage/MEL": 1_240,
    "stage/MQL": 260,
    "stage/SAL": 140,
    "stage/SQL": 180,
    "stage/CUSTOMER": 520,
    "stage/RECYCLE": 560,
    "stage/TRASH": 230,
    "events": 60_000,
    "bot events": 6_200,
}


@pytest.fixture(scope="module")
def counted(minamo: Messy) -> Counter[str]:
    return truth.census(minamo)


def test_the_messy_estate_has_the_numbers_it_is_described_with(counted: Counter[str]) -> None:
    assert {name: counted[name] for name in EXPECTED} == EXPECTED
    assert counted["stage/NEW"] == 0
    assert 0.68 < counted["country blank"] / 5_000 < 0.72


def test_every_trap_stands_inside_the_numbers(counted: Counter[str]) -> None:
    quirks = {name.removeprefix("quirk/") for name in counted if name.startswith("quirk/")}
    assert quirks >= {"emoji", "formula", "script", "one_field", "swapped", "kana_as_kanji", "no_family", "no_company"}
    assert quirks >= {
        "long_note",
        "unmapped_choice",
        "bad_date",
        "bad_number",
        "wide_digits",
        "many_choices",
        "control",
    }
    assert counted["quarantined"] == 30 and counted["graymail"] == 80 and counted["exclusion list"] == 107
    assert counted["merged records"] > 0 and counted["opted out of a brand"] == 50


def test_old_events_are_nineteen_thousand(minamo: Messy) -> None:
    old = sum(1 for event in minamo.events() if (minamo.today - event.at).days > 761)
    assert old == 19_000


def test_scores_and_still_standing_people_lie_around_their_thresholds(minamo: Messy, everybody: list[Person]) -> None:
    people = [person for person in everybody if person.archived is None]
    scores = Counter(int(p.values["minamo_score"]) for p in people if p.stage in ("MEL", "MQL"))
    assert (scores[49], scores[50], scores[51]) == (12, 12, 12)
    days = Counter((minamo.today - p.moves[-1][0]).days for p in people if p.stage == "SAL")
    assert days[89] >= 8 and days[90] >= 8 and days[91] >= 8
    assert {p.stage for p in people if int(p.values["minamo_score"]) >= 50} >= {"MQL"}
    assert not [p for p in people if p.stage == "MEL" and int(p.values["minamo_score"]) >= 50]


@settings(max_examples=30, deadline=None)
@given(people=st.integers(200, 3_000), seed=st.integers(0, 50))
def test_the_parts_sum_up_at_any_size(people: int, seed: int) -> None:
    census = Census(people, seed)
    assert census.roles.size == people == census.stages.size
    assert all(census.roles.count(name) > 0 for name in census.roles.names)
    for number in (0, 1, people // 2, people - 1):
        part = census.part(number)
        assert census.number(part.role, part.ordinal) == number


@given(size=st.integers(1, 5_000), salt=st.integers(0, 10_000))
def test_scattering_is_a_permutation_that_can_be_undone(size: int, salt: int) -> None:
    order = Scatter.over(size, salt)
    assert all(order.back(order(slot)) == slot for slot in range(0, size, 1 + size // 50))
    if size < 300:
        assert {order(slot) for slot in range(size)} == set(range(size))


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 200"):
        Census(199, 7)


def test_who_is_in_the_crm_adds_up_and_includes_all_silent_opt_outs() -> None:
    census = Census(5_000, 7)
    kinds = Counter(census.crm_kind(number) for number in range(5_000))
    assert kinds == {"lead": 1_900, "contact": 1_150, None: 1_950}
    silent = [census.crm_kind(census.number("crm_optout", at)) for at in range(95)]
    assert Counter(silent) == {"lead": 40, "contact": 55}
    assert census.part(census.number("wide", 0)) == Part("wide", 0)
