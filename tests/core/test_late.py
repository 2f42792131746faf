"""What a denial that comes after a move means on the other side: never more open, and no more closed than it must be."""

from typing import Any

import pytest

from mamigrate.contract import EVERYTHING
from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.model import TopicRule
from mamigrate.model.kinds import Kind
from mamigrate.plan import late
from mamigrate.plan.consent import TopicCell
from mamigrate.plan.model import Bucket
from mamigrate.plan.people import PeoplePlanner
from rows import NOW, person


def cell(key: str, target: str | None, polarity: str = "opt_out", **more: Any) -> TopicCell:
    place = {"deny_all": "no place"} if target is None else {"to": target, "polarity": polarity}
    return TopicCell(key, "0", TopicRule.model_validate({"from": key, **place}), **more)


CELLS = [cell("8", "noNews"), cell("9", "yesEvents", "opt_in", default_allows=False), cell("10", None)]


def planner(cells: list[TopicCell] | None = None) -> PeoplePlanner:
    return PeoplePlanner(
        source="hs",
        rules=Compiled(Kind.PERSON, ()),
        cells=CELLS if cells is None else cells,
        denial_values=lambda facts, cause: {"unsubscribed": "true", "unsubscribedReason": cause} if facts else {},
        email_field="email",
        key_field="mmSourceKey",
        blocking_fields=frozenset({"unsubscribed"}),
        meanings={},
        owners={},
    )


def fact(kind: str = "objection", topic: str = "*", brand: str = "*", **more: Any) -> dict[str, Any]:
    own = {"key": f"{kind}/{topic}", "kind": kind, "topic": topic, "brand": brand, "lo": None, "hi": None}
    held = {"person_key": "5", "address_strict": "ana@x.example", "address_loose": "ana@x.example"}
    return {**own, **held, "source_ref": f"hs/status/ana@x.example/{topic}", "holder": "address", **more}


def closed(*facts: dict[str, Any], there: dict[str, str] | None = None) -> dict[str, str]:
    return late.closing(facts, there or {}, planner()).values


def test_leaving_everything_closes_every_field_and_never_opens_one() -> None:
    assert closed(fact()).keys() == {"unsubscribed", "unsubscribedReason", "yesEvents"}
    assert closed(fact())["yesEvents"] == "false"


def test_leaving_a_topic_closes_its_field_and_grants_nothing() -> None:
    assert closed(fact("topic_opt_out", "8", "0")) == {"noNews": "true"}
    assert closed(fact("topic_opt_out", "9", "0")) == {"yesEvents": "false"}


@pytest.mark.parametrize("topic", ["10", "unknown"])
def test_a_topic_without_a_place_closes_everything(topic: str) -> None:
    assert closed(fact("topic_opt_out", topic, "0"))["unsubscribed"] == "true"


def test_whoever_leaves_the_last_open_topic_is_denied_as_a_whole() -> None:
    cells = [cell("8", "noNews"), cell("9", "noEvents")]
    left = late.closing([fact("topic_opt_out", "8", "0")], {"noEvents": "true"}, planner(cells))
    assert left.values["unsubscribed"] == "true"
    assert "unsubscribed" not in late.closing([fact("topic_opt_out", "8", "0")], {}, planner(cells)).values


def test_a_record_that_stands_closed_is_not_written_again() -> None:
    there = {"unsubscribed": "true", "yesEvents": "false"}
    planned = late.lowered(person("7", "ana@x.example") | {"values": there}, "person", "5", [fact()], planner())
    assert (planned.bucket, planned.values) == (Bucket.EQUAL, {})


def test_what_is_written_tells_which_fields_deny() -> None:
    planned = late.lowered(person("7", "ana@x.example"), "person", "5", [fact()], planner())
    assert planned.bucket is Bucket.UPDATED
    assert planned.values["unsubscribed"] == "true"
    assert planned.denied


def test_an_address_that_nobody_has_is_held_for_what_outlives_a_record() -> None:
    planned = late.held("ana@x.example", [fact("topic_opt_out", "8", "0")], planner())
    assert planned is not None
    assert (planned.bucket, planned.values["unsubscribed"]) == (Bucket.CREATED, "true")
    assert late.held("ana@x.example", [fact("source_hold"), fact("undeliverable")], planner()) is None


@pytest.mark.parametrize("kind", ["objection", "topic_opt_out", "complaint", "block", "unparsed", "erasure"])
def test_every_wish_and_every_doubt_outlives_a_record(kind: str) -> None:
    planned = late.held("ana@x.example", [fact(kind)], planner())
    assert planned is not None
    assert planned.denied


def test_an_address_that_the_target_cannot_hold_is_handed_to_a_person() -> None:
    odd = fact(address_strict="jürgen@x.example", address_loose="jürgen@x.example")
    planned = late.held("jürgen@x.example", [odd], planner())
    assert planned is not None
    assert planned.bucket is Bucket.HANDED


# --- the other way ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (fact(), {EVERYTHING}),
        (fact("block"), {EVERYTHING}),
        (fact("org_hold"), {EVERYTHING}),
        (fact("from_the_future"), {EVERYTHING}),
        (fact("topic_opt_out", "noNews"), {"8"}),
        (fact("topic_opt_out", "noMore"), {EVERYTHING}),
        (fact("undeliverable"), set()),
        (fact("time_hold"), set()),
    ],
)
def test_a_field_closes_every_type_that_it_keeps(told: dict[str, Any], left: set[str]) -> None:
    assert late.topics_left(told, CELLS) == left


def test_a_field_of_joined_types_closes_them_all() -> None:
    cells = [cell("8", "noNews"), cell("9", "noNews"), cell("10", "noEvents")]
    assert late.topics_left(fact("topic_opt_out", "noNews"), cells) == {"8", "9"}


def test_what_is_denied_as_a_whole_needs_no_topic() -> None:
    assert late.open_still({"8", "9"}, {EVERYTHING}) == set()
    assert late.open_still({"8", "9"}, {"9"}) == {"8"}
    assert late.open_still({"8", EVERYTHING}, {"8"}) == {EVERYTHING}


# --- echoes ------------------------------------------------------------------------------------------------------------------


def test_a_field_that_we_closed_is_an_echo_and_another_one_is_none() -> None:
    told = fact(source_ref="mk/person/5/unsubscribed")
    assert late.echoes_field(told, {("5", "unsubscribed"): NOW}) == NOW
    assert late.echoes_field(told, {("5", "blackListed"): NOW, ("6", "unsubscribed"): NOW}) is None


def test_what_follows_from_everything_is_an_echo_and_a_hold_is_none() -> None:
    ours = {("ana@x.example", EVERYTHING): NOW}
    assert late.echoes_topic(fact(), ours) == NOW
    assert late.echoes_topic(fact("topic_opt_out", "8", "0"), ours) == NOW
    assert late.echoes_topic(fact("source_hold"), ours) is None
    assert late.echoes_topic(fact(), {("ana@x.example", "8"): NOW}) is None
    assert late.echoes_topic(fact(address_strict="ben@x.example"), ours) is None
    assert late.echoes_topic(fact(address_strict="Ana@x.example"), ours) == NOW
    assert late.echoes_topic(fact(address_strict=None), ours) == NOW


@pytest.mark.parametrize("other", ["strasse@x.example", "straße@x.example"])
def test_an_echo_is_of_the_very_address_and_not_of_one_that_only_folds_alike(other: str) -> None:
    (one,) = {"strasse@x.example", "straße@x.example"} - {other}
    told = fact(address_strict=one, address_loose="strasse@x.example")
    assert late.echoes_topic(told, {(one, EVERYTHING): NOW}) == NOW
    assert late.echoes_topic(told, {(other, EVERYTHING): NOW}) is None


def test_it_happened_at_the_newest_instant_that_is_known() -> None:
    assert late.happened([fact(lo=NOW, hi=NOW), fact()]) == NOW
    assert late.happened([fact()]) is None
