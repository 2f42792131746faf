"""What says yes on the target names whose yes it is; without that nothing is sent."""

import ast
from pathlib import Path

import pytest

import mamigrate
from mamigrate.contract import Blocker, Change, Permit
from mamigrate.mapping.model import TopicRule
from mamigrate.plan.consent import TopicCell, closing, denying, verdict
from mamigrate.stages.journal import _permits
from mamigrate.stages.permitted import raises

NEWS = TopicRule.model_validate({"from": "news", "to": "yes", "polarity": "opt_in"})
CLUB = TopicRule.model_validate({"from": "club", "to": "yes", "polarity": "opt_in"})
TIPS = TopicRule.model_validate({"from": "tips", "to": "no_tips", "polarity": "opt_out"})
CELLS = (
    TopicCell("news", "b", NEWS, default_allows=False),
    TopicCell("club", "b", CLUB, default_allows=False),
    TopicCell("tips", "b", TIPS),
)
DENYING = {"yes": "false", "no_tips": "true"}
BLOCKERS = (
    Blocker("held", "true", "org_hold"),
    Blocker("reachable", "not_true", "org_hold"),
    Blocker("bounced", "set", "undeliverable"),
)


def judged(
    denied: tuple[str, ...] = (), granted: tuple[str, ...] = (), wide: tuple[str, ...] = ()
) -> tuple[Permit, ...]:
    found = verdict(wide, denied, granted, CELLS, lambda reasons, cause: {"held": "true"}, "old")
    assert {one.field for one in found.permits} == {n for n, v in found.values.items() if (n, v) == ("yes", "true")}
    return found.permits


@pytest.mark.parametrize(
    ("granted", "cells"),
    [
        (("b|news", "b|club"), ("b|news", "b|club")),
        (("*|*",), ("b|news", "b|club")),
        (("b|news", "*|club", "other|tips"), ("b|news", "b|club")),
    ],
)
def test_a_yes_names_the_topics_that_were_granted(granted: tuple[str, ...], cells: tuple[str, ...]) -> None:
    assert judged(granted=granted) == (Permit("yes", cells),)


@pytest.mark.parametrize(
    "facts",
    [
        {"granted": ()},
        {"granted": ("b|news",)},  # The other topic of the field asks for a yes of its own.
        {"granted": ("b|news", "b|club"), "denied": ("b|club",)},
        {"granted": ("b|news", "b|club"), "wide": ("objection",)},
    ],
)
def test_where_nothing_says_yes_there_is_no_permit(facts: dict[str, tuple[str, ...]]) -> None:
    assert judged(**facts) == ()


def test_a_topic_that_nobody_granted_is_not_named_beside_one_of_the_same_field() -> None:
    """The source sends it without asking, so it does not close the field."""
    cells = (CELLS[0], TopicCell("club", "b", CLUB))
    found = verdict((), (), ("b|news",), cells, lambda reasons, cause: {"held": "true"}, "old")
    assert (found.values, found.permits) == ({"yes": "true"}, (Permit("yes", ("b|news",)),))


def test_closing_mints_none() -> None:
    assert closing((), ("b|tips",), {}, CELLS, lambda reasons, cause: {"held": "true"}, "old").permits == ()


@pytest.mark.parametrize(
    ("values", "raised"),
    [
        ({"yes": "true"}, ["yes"]),
        ({"yes": "false", "no_tips": "true", "held": "true", "reachable": "false", "bounced": "hard"}, []),
        ({"yes": None}, ["yes"]),
        ({"no_tips": "false"}, ["no_tips"]),
        ({"no_tips": None}, ["no_tips"]),
        ({"held": "false"}, ["held"]),
        ({"held": None}, ["held"]),
        ({"reachable": "true"}, ["reachable"]),
        ({"bounced": ""}, ["bounced"]),
        ({"bounced": None, "city": "Oslo"}, ["bounced"]),
    ],
)
def test_what_would_raise_without_a_permit(values: dict[str, str | None], raised: list[str]) -> None:
    assert list(raises(Change("k", "1", values), DENYING, BLOCKERS)) == raised


def test_a_permit_covers_its_own_yes_and_no_flag() -> None:
    permits = (Permit("yes", ("b|news",)), Permit("held", ("b|news",)))
    assert list(raises(Change("k", "1", {"yes": "true", "held": "false"}, permits=permits), DENYING, BLOCKERS)) == [
        "held"
    ]
    assert list(raises(Change("k", "1", {"yes": "true"}, permits=(Permit("yes", ()),)), DENYING, BLOCKERS)) == ["yes"]


def test_the_fields_of_topics_are_those_of_their_rules() -> None:
    assert denying([NEWS, CLUB, TIPS]) == DENYING


def test_a_ledger_of_before_told_fields_only() -> None:
    assert _permits(["yes"]) == (("yes", "*|*"),)
    assert _permits({"yes": ["b|news", "b|club"]}) == (("yes", "b|club"), ("yes", "b|news"))


def test_the_evaluator_alone_mints() -> None:
    root = Path(mamigrate.__file__).parent
    minting = {str(path.relative_to(root)) for path in root.rglob("*.py") if _mints(path)}
    assert minting == {"plan/consent.py"}


def _mints(path: Path) -> bool:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    return any("Permit" in (getattr(call, "id", ""), getattr(call, "attr", "")) for call in calls)
