"""Program recipes: read, held against both sides, proposed. Every slip has its place and the nearest word."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.contract import ProgramRoom, TagRule
from mamigrate.findings import Severity
from mamigrate.mapping.load import Places
from mamigrate.mapping.recipes import Recipes, load
from mamigrate.mapping.recipes_check import Known, check, reachable
from mamigrate.mapping.recipes_propose import Sides, propose
from mamigrate.model.base import Origin, Reference
from mamigrate.model.estate import Channel, Program
from mamigrate.model.kinds import Kind

WHERE = Origin(connection="hs", vendor_type="campaign", vendor_id="x")


def channel(name: str, ladder: Mapping[str, int], *success: str, types: tuple[str, ...] = ("Event",)) -> Channel:
    content = {"key": name, "name": name, "origin": WHERE, "statuses": tuple(ladder), "steps": tuple(ladder.values())}
    return Channel.model_validate({**content, "success_statuses": success, "program_types": types})


def program(key: str, name: str, **more: Any) -> Program:
    return Program.model_validate({"key": key, "name": name, "origin": WHERE, "program_type": "campaign", **more})


FAIR = channel("Tradeshow", {"Not in Program": 0, "Invited": 10, "Registered": 20, "Visited": 30}, "Visited")
PAPER = channel("Content", {"Not in Program": 0, "Member": 10, "Downloaded": 20}, "Downloaded", types=("Default",))
TAGS = {"Region": TagRule(frozenset({"Event"}), ("EMEA", "APAC"))}
ROOM = ProgramRoom(("/A/Programs",), frozenset({"Event"}), TAGS, 30, False, frozenset(), 20)
SPRING = program("campaign/1", "Spring fair", currency="EUR")
RECIPE = {
    "from": ["campaign/1"],
    "name": "Spring",
    "type": "Event",
    "channel": "Tradeshow",
    "folder": "/A/Programs",
    "tags": {"Region": "EMEA"},
    "members": [{"list": "9", "status": "Visited"}],
}


def known(**more: Any) -> Known:
    evidence = {"list": frozenset({"9"}), "form": frozenset({"form/7"}), "email": frozenset({"email/3"})}
    content = {"programs": {"campaign/1": SPRING}, "evidence": evidence, "channels": {"Tradeshow": FAIR}}
    rest = {"standing": (), "marks": {}, "room": ROOM, "stages": frozenset({"won"}), "amounts": frozenset({"amount"})}
    return Known(**{**content, **rest, **more})


def recipes(*programs: dict[str, Any], **more: Any) -> Recipes:
    signed = {"who": "Kei", "when": "2026-01-01"}
    return Recipes.model_validate({"source": "a", "target": "b", "signed": signed, "programs": programs, **more})


def codes(made: Recipes, by: Known | None = None) -> list[str]:
    return [one.code for one in check(made, by or known(), Places("programs.yaml", {}))]


def test_a_recipe_that_fits_is_no_finding() -> None:
    assert codes(recipes(RECIPE)) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"from": ["campaign/2"]}, "recipe_source_unknown"),
        ({"channel": "Tradeshw"}, "recipe_channel_unknown"),
        ({"type": "Default", "tags": {}}, "recipe_type_not_of_channel"),
        ({"folder": "/A/Program"}, "recipe_folder_unknown"),
        ({"name": "x" * 31}, "recipe_name_long"),
        ({"tags": {}}, "recipe_tag_missing"),
        ({"tags": {"Region": "EMAE"}}, "recipe_tag_unknown"),
        ({"tags": {"Region": "EMEA", "Regon": "EMEA"}}, "recipe_tag_unknown"),
        ({"members": [{"list": "8", "status": "Visited"}]}, "recipe_evidence_unknown"),
        ({"members": [{"click": "email/4", "status": "Visited"}]}, "recipe_evidence_unknown"),
        ({"members": [{"list": "9", "status": "Not in Program"}, *RECIPE["members"]]}, "recipe_status_unknown"),
        ({"members": [{"list": "9", "status": "Invited"}]}, "recipe_without_success"),
        ({"costs": [{"on": "2025-01-01", "amount": "5"}]}, "recipe_currency_differs"),
    ],
)
def test_each_slip_is_told(changed: dict[str, Any], code: str) -> None:
    assert codes(recipes({**RECIPE, **changed})) == [code]


def test_costs_are_whole_where_the_target_takes_no_fractions() -> None:
    costs = [{"on": "2025-01-01", "amount": "5.50"}]
    assert codes(recipes({**RECIPE, "costs": costs}, currency="EUR")) == ["recipe_cost_in_fractions"]
    costs = [{"on": "2025-01-01", "amount": "5.00"}]
    assert codes(recipes({**RECIPE, "costs": costs}, currency="EUR")) == []
    assert codes(recipes({**RECIPE, "costs": costs}, currency="JPY")) == ["recipe_currency_differs"]


def test_won_stages_and_amounts_exist() -> None:
    told = {"won_stages": ["wonn"], "amount": "amont"}
    assert codes(recipes(RECIPE, attribution=told)) == ["recipe_stage_unknown", "recipe_amount_unknown"]
    assert codes(recipes(RECIPE, attribution={"won_stages": ["won"], "amount": "amount"})) == []


def test_a_name_is_free_but_for_our_own_program_and_no_two_recipes_share_one() -> None:
    there = program("77", " SPRING ")
    assert codes(recipes(RECIPE), known(standing=[there])) == ["recipe_name_taken"]
    assert codes(recipes(RECIPE), known(standing=[there], marks={"campaign/1": "77"})) == []
    other = program("campaign/2", "Other")
    both = recipes(RECIPE, {**RECIPE, "from": ["campaign/2"], "name": "spring"})
    two = known(programs={"campaign/1": SPRING, "campaign/2": other})
    assert codes(both, two) == ["recipe_name_taken"] * 2


def test_an_unsigned_file_warns_and_a_signed_one_blocks() -> None:
    wrong = recipes({**RECIPE, "channel": "Fare"})
    draft = wrong.model_copy(update={"signed": None})
    told = [check(one, known(), Places("p", {}))[0].severity for one in (wrong, draft)]
    assert told == [Severity.BLOCK, Severity.WARN]


# --- the file ------------------------------------------------------------------------------------------------------------


TEXT = """version: 1
source: a
target: b
programs:
  - from: [campaign/1]
    name: Spring
    type: Event
    channel: Tradeshow
    folder: /A
    members:
      - {list: "9", status: Invited}
"""


@pytest.mark.parametrize(
    ("before", "after", "place", "said"),
    [
        ("folder:", "foldr:", "p:9:5", 'did you mean "folder"?'),
        ("    channel: Tradeshow\n", "", "p:5:5", 'the key "channel" is missing'),
        ('{list: "9", status', '{lst: "9", status', "p:11:10", 'did you mean "list"?'),
        ('{list: "9", status', '{list: "9", form: form/7, status', "p:11:9", "give exactly one of list, form"),
        ("folder: /A", "folder: /A\n    ends: 2025-02-30", "p:10:5", "no calendar has this day"),
        (
            "folder: /A",
            "folder: /A\n    starts: 2025-02-02\n    ends: 2025-02-01",
            "p:11:5",
            '"ends" is before "starts"',
        ),
        ("[campaign/1]", "[campaign/1, campaign/1]", "p:5:5", "stands here twice"),
        ("programs:", "leave: {campaign/1: tried}\nprograms:", "p:6:5", "stands here twice"),
        ("version: 1", "version: 2", "p:1:1", "must be 1"),
        ("programs:", "acquisition: frist_success\nprograms:", "p:4:1", 'did you mean "first_success"?'),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_place(before: str, after: str, place: str, said: str) -> None:
    written = load(TEXT.replace(before, after, 1), "p")
    assert written.recipes is None
    told = [f"{one.where} {one.problem}" for one in written.mistakes]
    assert any(one.startswith(place) and said in one for one in told), told


def test_what_is_needed_of_the_past_follows_from_the_rules() -> None:
    assert recipes(RECIPE).needs() == ()
    form = {**RECIPE, "members": [{"form": "form/7", "status": "Visited"}]}
    took_part = {**RECIPE, "members": [{"participation": "ATTENDED", "status": "Visited"}]}
    assert recipes(form).needs() == (Kind.ACTIVITY,)
    assert recipes(form, {**took_part, "from": ["x"]}).needs() == (Kind.PROGRAM_MEMBERSHIP, Kind.ACTIVITY)


# --- proposals -----------------------------------------------------------------------------------------------------------


def sides(*programs: Program, taken: tuple[str, ...] = ()) -> Sides:
    return Sides("a", "b", programs, (FAIR, PAPER), ROOM, taken)


def test_words_of_a_name_lead_to_a_channel_and_assets_to_rules() -> None:
    held = [("list", "9"), ("asset", "form/7"), ("asset", "email/3"), ("asset", "page/1")]
    references = tuple(Reference(kind=Kind(kind), key=key, role="asset") for kind, key in held)
    fair = program(
        "campaign/1", "2025 展示会", references=references, starts_on="2025-05-01", cost="500", currency="EUR"
    )
    made, left = propose(sides(fair, program("campaign/2", "Something")))
    assert [one.key for one in left] == ["campaign/2"]
    (recipe,) = made.programs
    assert (recipe.channel, recipe.type, recipe.folder) == ("Tradeshow", "Event", "/A/Programs")
    assert [rule.evidence for rule in recipe.members] == [("list", "9"), ("form", "form/7")]
    assert [rule.status for rule in recipe.members] == ["Invited", "Registered"]
    assert (made.signed, made.currency, str(recipe.costs[0].amount)) == (None, "EUR", "500.00")
    assert recipe.tags == {"Region": "EMEA"}


def test_states_of_taking_part_map_directly() -> None:
    event = program("event/1", "Messe", program_type="marketing event")
    made, _ = propose(sides(event))
    rules = {rule.evidence[1]: rule.status for rule in made.programs[0].members}
    assert rules == {"REGISTERED": "Registered", "ATTENDED": "Visited"}


@given(st.lists(st.sampled_from(["Fair", "fair ", "White paper", "FAIR", "Ⓕair", "展示会"]), max_size=6), st.booleans())
def test_whatever_is_proposed_is_right(names: list[str], taken: bool) -> None:
    programs = [program(f"campaign/{at}", name) for at, name in enumerate(names)]
    standing = [program("t", "Fair")] if taken else []
    made, left = propose(sides(*programs, taken=tuple(one.name for one in standing)))
    assert len(made.programs) + len(left) == len(programs)
    channels = {one.name: one for one in (FAIR, PAPER)}
    by = known(programs={one.key: one for one in programs}, channels=channels, standing=standing)
    assert codes(made, by) == []


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 50), max_size=6))
def test_nobody_is_ever_given_a_status_outside_of_the_program(ladder: dict[str, int]) -> None:
    assert reachable(channel("x", ladder)) == {name: step for name, step in ladder.items() if step}
