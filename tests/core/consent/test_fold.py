"""The reference verdict: laws over sets of facts, and the ways up."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brute import may
from drawn import CELL, CELLS, DAYS, NEEDS, NOW, SETS, TREES, facts
from mamigrate.consent.fold import Cell, Fact, Rules, derivation_holds, judge
from mamigrate.consent.kinds import KINDS, Grant, Lift
from mamigrate.consent.lattice import BOTTOM, TOP, Permission, allows
from mamigrate.consent.scope import Scope, Trees


@given(SETS, CELLS, NEEDS)
@settings(max_examples=500)
def test_plain_loops_come_to_the_same_verdict(held: list[Fact], cell: Cell, need: Grant) -> None:
    found = judge(held, cell, NOW, Rules(TREES, need)).allowed
    assert found == may(held, cell, NOW, need.value, dict(TREES.topics), dict(TREES.brands))


@given(SETS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_facts_never_matter(held: list[Fact], dice: Any) -> None:
    mixed = [*held, *held[:2]]
    dice.shuffle(mixed)
    assert judge(mixed, CELL, NOW) == judge(held, CELL, NOW)


@given(SETS, facts())
def test_one_more_denial_never_opens_and_one_more_grant_never_closes(held: list[Fact], more: Fact) -> None:
    before, after = judge(held, CELL, NOW).permission, judge([*held, more], CELL, NOW).permission
    match KINDS[more.kind].polarity:
        case "-":
            assert after <= before
        case "+":
            assert before.denied >= after.denied


@given(SETS, CELLS)
def test_a_class_that_is_allowed_has_a_derivation_that_can_be_re_evaluated(held: list[Fact], cell: Cell) -> None:
    assert derivation_holds(judge(held, cell, NOW), held, cell, NOW, Rules())


@given(SETS, DAYS)
def test_time_alone_never_opens_but_for_the_end_of_a_hold_and_a_grant_that_starts(
    held: list[Fact], later: datetime
) -> None:
    later = max(later, NOW)
    ends = [f for f in held if KINDS[f.kind].polarity == "-" and f.until and NOW < f.until <= later]
    starts = [f for f in held if KINDS[f.kind].polarity == "+" and f.lo and NOW < f.lo <= later]
    if not ends and not starts:
        assert judge(held, CELL, later).allowed <= judge(held, CELL, NOW).allowed


PERMISSIONS = st.builds(lambda held: judge(held, CELL, NOW).permission, SETS)


@given(PERMISSIONS, PERMISSIONS, PERMISSIONS)
def test_permissions_are_a_lattice(a: Permission, b: Permission, c: Permission) -> None:
    assert BOTTOM <= a <= TOP
    assert (a & b) == (b & a)
    assert (a & (b & c)) == ((a & b) & c)
    assert a & b <= a
    assert (a <= b) == (a & b == a)


@given(PERMISSIONS, PERMISSIONS, NEEDS, st.sampled_from(["MKT", "SLS", "SVC", "TXN"]))
def test_verdicts_are_monotone(a: Permission, b: Permission, need: Grant, kind: str) -> None:
    assert allows(a & b, kind, need, NOW) <= allows(a, kind, need, NOW)


LEFT = Fact(
    "left",
    "objection",
    "address",
    "p1",
    "Ana@x.example",
    "ana@x.example",
    Scope(),
    NOW - timedelta(9),
    NOW - timedelta(9),
    proof=2,
)
BACK = Fact("back", "grant", "address", "p1", "Ana@x.example", "ana@x.example", Scope(topic="news"), NOW - timedelta(5), NOW - timedelta(5), proof=2)  # fmt: skip


def allowed(*held: Fact, **rules: Any) -> bool:
    return judge(held, CELL, NOW, Rules(TREES, **rules)).allowed


def test_a_proven_later_return_by_the_person_lifts_on_its_topic_only() -> None:
    assert allowed(LEFT, BACK)
    events = replace(CELL, scope=Scope(topic="events"))
    assert not judge([LEFT, BACK], events, NOW, Rules(TREES)).allowed
    assert judge([LEFT, BACK], CELL, NOW).ended == (("left", "back"),)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "implied_grant"},
        {"actor": "operator"},
        {"actor": "agent"},
        {"actor": "import"},
        {"proof": 1},
        {"lo": None},
        {"lo": LEFT.hi},
        {"person": "p2"},
        {"strict": "ana@x.example"},
        {"scope": Scope(topic="events")},
        {"scope": Scope(channel="sms")},
        {"scope": Scope(brand="south")},
        {"until": NOW},
        {"lo": NOW + timedelta(1)},
    ],
)
def test_nothing_less_lifts(change: dict[str, Any]) -> None:
    assert not allowed(LEFT, BACK._replace(**change))


@pytest.mark.parametrize("change", [{"hi": None}, {"hi": BACK.lo}, {"strict": None}, {"strict": "ana@x.example"}])
def test_a_denial_without_a_certain_end_or_of_another_spelling_is_not_lifted(change: dict[str, Any]) -> None:
    assert not allowed(LEFT._replace(**change), BACK)


@pytest.mark.parametrize("kind", sorted(name for name, rule in KINDS.items() if rule.polarity == "-"))
def test_which_kinds_a_return_lifts(kind: str) -> None:
    assert allowed(LEFT._replace(kind=kind), BACK) == (kind in ("objection", "topic_opt_out", "refused"))


@pytest.mark.parametrize("kind", sorted(name for name, rule in KINDS.items() if rule.polarity == "-"))
def test_which_kinds_an_operator_releases(kind: str) -> None:
    held = LEFT._replace(kind=kind)
    by_operator = ("block", "org_hold", "source_hold", "unparsed", "undeliverable")
    assert allowed(held, releases={"left": "wave-1"}) == (kind in by_operator)


def test_a_hold_ends_with_its_time() -> None:
    hold = LEFT._replace(kind="time_hold", until=NOW)
    assert allowed(hold)
    assert not allowed(hold._replace(until=NOW + timedelta(seconds=1)))


def test_denials_spread_one_hop_and_grants_not_at_all() -> None:
    other = replace(CELL, persons=frozenset({"p2"}))
    held = LEFT._replace(holder="person")
    assert not judge([LEFT], other, NOW).allowed
    assert judge([held], other, NOW).allowed
    assert judge([BACK], other, NOW, Rules(TREES, Grant.IMPLIED)).grants == ()
    elsewhere = replace(CELL, strict="old@x.example", loose="old@x.example")
    assert judge([LEFT], elsewhere, NOW).allowed
    assert not judge([held], elsewhere, NOW).allowed
    capitals = BACK._replace(strict=BACK.loose)
    assert judge([capitals], CELL, NOW).grants == ()


def test_a_pending_double_opt_in_is_no_grant() -> None:
    asked = BACK._replace(kind="pending")
    assert judge([asked], CELL, NOW).permission.grant is Grant.PENDING
    assert not allowed(asked, need=Grant.IMPLIED)


def test_a_circle_of_topics_ends() -> None:
    circle = Trees(topics={"news": "events", "events": "news"})
    assert not judge([LEFT], CELL, NOW, Rules(circle)).allowed


def test_every_kind_of_denial_denies() -> None:
    """Said here once more: what is not in this list says nothing against mail."""
    denials = {name for name, rule in KINDS.items() if rule.polarity == "-"}
    assert denials == {
        "erasure", "complaint", "objection", "topic_opt_out", "ads_objection", "block", "org_hold", "source_hold", "time_hold",
        "unparsed", "undeliverable", "refused",
    }  # fmt: skip
    assert not any(allowed(LEFT._replace(kind=kind)) for kind in denials)


@pytest.mark.parametrize("kind", ["erasure", "undeliverable", "time_hold", "objection"])
def test_some_denials_are_of_every_class_of_mail(kind: str) -> None:
    service = replace(CELL, scope=Scope(topic="news", asset_class="SVC"))
    assert judge([LEFT._replace(kind=kind)], service, NOW).allowed is (kind == "objection")


@pytest.mark.parametrize(
    ("kind", "proof", "enough"), [("grant", 4, True), ("grant", 3, False), ("implied_grant", 4, False)]
)
def test_only_a_double_opt_in_confirms(kind: str, proof: int, enough: bool) -> None:
    assert allowed(BACK._replace(kind=kind, proof=proof), need=Grant.CONFIRMED) is enough


def test_of_several_denials_the_hardest_way_up_is_told() -> None:
    held = [LEFT, LEFT._replace(key="block", kind="block"), LEFT._replace(key="spam", kind="complaint")]
    ways = [judge(held[:number], CELL, NOW).permission.lift for number in range(4)]
    assert ways == [Lift.NONE_NEEDED, Lift.SUBJECT, Lift.SUBJECT, Lift.NEVER]
    assert judge(held[1:2], CELL, NOW).permission.lift is Lift.OPERATOR
