"""One person to one planned change, and what a verdict means on the target."""

from dataclasses import replace
from typing import Any

import pytest

from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.model import NewField, TopicRule
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.plan.consent import TopicCell, verdict
from mamigrate.plan.model import Bucket
from mamigrate.plan.people import PeoplePlanner
from mamigrate.plan.suppressed import suppression
from mamigrate.plan.topics import states
from rows import NOW, person, rule


def denial_values(facts: frozenset[str], cause: str) -> dict[str, str]:
    return {"unsubscribed": "true", "unsubscribedReason": cause} if facts else {}


def cell(key: str, brand: str = "0", polarity: str = "opt_out", *, placed: bool = True) -> TopicCell:
    place = (
        {"create": NewField(name=f"topic{key}", label=key, type=DataType.BOOLEAN)}
        if placed
        else {"deny_all": "no place"}
    )
    return TopicCell(key, brand, TopicRule.model_validate({"from": key, "polarity": polarity, **place}))


CELLS = [cell("8"), cell("9", "7")]


def judged(
    wide: list[str], topics: list[str], granted: list[str] | None = None, cells: list[TopicCell] | None = None
) -> dict[str, str]:
    return verdict(wide, topics, granted or [], cells or CELLS, denial_values, "hs").values


def test_nothing_said_writes_nothing() -> None:
    assert judged([], []) == {}


def test_a_wide_denial_denies_with_its_cause() -> None:
    assert judged(["objection"], [])["unsubscribedReason"] == "mamigrate: objection on hs"


def test_a_topic_that_was_left_closes_its_field_only() -> None:
    assert judged([], ["0|8"]) == {"topic8": "true"}


def test_a_topic_that_was_left_in_every_brand_is_closed_in_each() -> None:
    both = [cell("8"), TopicCell("8", "7", cell("x").rule), cell("9")]
    assert judged([], ["*|8"], cells=both) == {"topic8": "true", "topicx": "true"}


def test_leaving_a_brand_closes_its_topics_only() -> None:
    assert judged([], ["7|*"]) == {"topic9": "true"}


def test_whoever_left_every_topic_is_denied_as_a_whole() -> None:
    assert judged([], ["0|8", "7|9"])["unsubscribed"] == "true"


@pytest.mark.parametrize("topics", [["0|unknown"], ["5|*"], ["0|8"]])
def test_a_denial_without_a_place_is_widened(topics: list[str]) -> None:
    assert judged([], topics, cells=[cell("8", placed=False), cell("9")])["unsubscribed"] == "true"


def test_an_opt_in_topic_is_written_only_with_a_grant_and_lowered_by_any_denial() -> None:
    cells = [cell("8", polarity="opt_in"), cell("9")]
    assert judged([], [], [], cells) == {}
    assert judged([], [], ["0|8"], cells) == {"topic8": "true"}
    assert judged([], ["0|8"], ["0|8"], cells) == {"topic8": "false"}
    assert judged(["source_hold"], [], ["0|8"], cells)["topic8"] == "false"


def planner(*rules: Any, cells: list[TopicCell] | None = None) -> PeoplePlanner:
    return PeoplePlanner(
        "hs",
        Compiled(Kind.PERSON, rules),
        cells or CELLS,
        denial_values,
        "email",
        "mmSourceKey",
        frozenset({"unsubscribed"}),
        {},
        {},
    )


def joined(source: dict[str, Any], there: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    match = {"target_key": None, "target_values": None, "target_loose": None, "matched_by": "new", "made": None}
    if there is not None:
        match = {
            "target_key": there["key"],
            "target_values": there["values"],
            "target_loose": there["email_loose"],
            "matched_by": "address",
            "made": None,
        }
    return {
        **source,
        "older": None,
        "wide": [],
        "topics": [],
        "granted": None,
        "parked": "",
        "account_key": None,
        **match,
        **more,
    }


ANA = person("1", "ana@x.com", NOW, a="Ana")
FILL, OVERWRITE = rule(), rule(fill_only=False)


def test_somebody_new_is_created_with_key_address_and_denial_in_one_change() -> None:
    found = planner(FILL).plan(joined(ANA, wide=["objection"]))
    assert found.bucket is Bucket.CREATED
    assert dict(found.values) | {
        "mmSourceKey": "hs/person/1",
        "email": "ana@x.com",
        "b": "Ana",
        "unsubscribed": "true",
    } == dict(found.values)


def test_a_person_who_was_there_keeps_what_was_filled() -> None:
    there = person("t", "ANA@x.com", b="Anna", mmSourceKey="hs/person/1", mmSourceCreatedAt="2025-01-01T00:00:00Z")
    found = planner(FILL).plan(joined(ANA, there))
    assert (found.bucket, found.kept, dict(found.values)) == (Bucket.EQUAL, ("b",), {})


def test_a_person_we_created_follows_the_source() -> None:
    there = person("t", "ana@x.com", b="Old", mmSourceKey="hs/person/1", mmSourceCreatedAt="2025-01-01T00:00:00Z")
    found = planner(FILL).plan(joined(ANA, there, made="created"))
    assert (found.bucket, dict(found.values), dict(found.before)) == (Bucket.UPDATED, {"b": "Ana"}, {"b": "Old"})


def test_a_denial_of_the_target_itself_is_never_lifted_nor_its_cause_rewritten() -> None:
    there = person("t", "ana@x.com", b="Ana", mmSourceKey="hs/person/1", mmSourceCreatedAt="2025-01-01T00:00:00Z",
                   unsubscribed="true", unsubscribedReason="clicked")  # fmt: skip
    assert planner(FILL).plan(joined(ANA, there)).bucket is Bucket.EQUAL
    assert planner(FILL).plan(joined(ANA, there, wide=["objection"])).bucket is Bucket.EQUAL


def test_older_records_fill_what_the_newest_lacks() -> None:
    found = planner(FILL).plan(joined(person("2", "ana@x.com"), older=[[("a", "Older")]]))
    assert found.values["b"] == "Older"


def test_a_text_that_is_too_long_parks_the_person_and_keeps_the_value_in_the_account() -> None:
    found = planner(rule(max_chars=2)).plan(joined(ANA))
    assert (found.bucket, found.reason, found.detail, found.lost) == (
        Bucket.PARKED,
        "too_long",
        "a",
        (("a", "too_long", "Ana"),),
    )


def test_a_text_that_the_mapping_cuts_lands_in_part_and_is_told_as_lost() -> None:
    found = planner(rule(max_chars=2, too_long="cut")).plan(joined(ANA))
    assert (found.bucket, found.values["b"], found.lost) == (Bucket.CREATED, "An", (("a", "too_long_cut", "Ana"),))


NOBODY = {"wide": None, "topics": None, "granted": None}
"""Of an address that no person of the source has."""


def held(**more: Any) -> dict[str, Any]:
    return {
        "address": "zz@x.com",
        "address_loose": "zz@x.com",
        "wide": ["objection"],
        "held": True,
        "targets": None,
        "person": NOBODY,
        **more,
    }


def test_a_denied_address_without_a_record_becomes_a_denied_record() -> None:
    (found,) = suppression(held(), denial_values, planner())
    assert (found.bucket, found.values["unsubscribed"], found.denied) == (Bucket.CREATED, "true", True)


def test_every_record_that_holds_a_denied_address_is_denied() -> None:
    standing = {"t1": [], "t2": [("unsubscribed", "true")]}
    targets = [{"key": key, "values": values, "person": NOBODY} for key, values in standing.items()]
    found = suppression(held(targets=targets), denial_values, planner())
    assert [(one.target_key, one.bucket) for one in found] == [("t1", Bucket.UPDATED), ("t2", Bucket.EQUAL)]


def test_a_record_with_a_denied_address_closes_what_its_person_left() -> None:
    left = {"wide": [], "topics": ["0|8"], "granted": None}
    targets = [{"key": "t1", "values": [], "person": left}, {"key": "t2", "values": [], "person": NOBODY}]
    first, second = suppression(held(targets=targets), denial_values, planner())
    assert (first.values.get("topic8"), second.values.get("topic8")) == ("true", None)
    assert {one.values["unsubscribed"] for one in (first, second)} == {"true"}
    (made,) = suppression(held(person=left), denial_values, planner())
    assert (made.values["topic8"], made.values["unsubscribed"]) == ("true", "true")


def test_an_erased_address_is_not_created_and_an_unholdable_one_is_handed_over() -> None:
    (erased,) = suppression(held(wide=["erasure"]), denial_values, planner())
    (odd,) = suppression(held(address="jürgen@x.com", address_loose="jürgen@x.com"), denial_values, planner())
    assert (erased.bucket, odd.bucket) == (Bucket.EQUAL, Bucket.HANDED)


def test_where_nothing_is_open_without_a_grant_somebody_without_one_is_denied() -> None:
    closed = [TopicCell("8", "0", cell("8", polarity="opt_in").rule, default_allows=False)]
    assert judged([], [], [], closed)["unsubscribed"] == "true"
    assert judged([], [], ["0|8"], closed) == {"topic8": "true"}
    nowhere = [TopicCell("8", "0", None, default_allows=False)]
    assert judged([], [], ["0|8"], nowhere)["unsubscribed"] == "true"


def test_of_two_topics_in_one_field_any_denial_wins() -> None:
    both = [TopicCell(key, "0", cell("x", polarity="opt_in").rule) for key in ("8", "9")]
    assert judged([], ["0|8"], ["0|9"], both)["topicx"] == "false"
    assert judged([], ["0|9"], ["0|8"], both)["topicx"] == "false"


def test_a_shared_opt_in_field_opens_only_where_every_topic_in_it_is_granted() -> None:
    both = [TopicCell(key, "0", cell("x", polarity="opt_in").rule, default_allows=False) for key in ("8", "9")]
    both.append(cell("10"))
    assert judged([], [], ["0|8"], both) == {}
    assert judged([], [], ["0|8", "0|9"], both) == {"topicx": "true"}


def test_a_topic_of_service_mail_keeps_nobody_open_for_marketing() -> None:
    cells = [cell("8"), replace(cell("6"), asset_class="SVC")]
    assert judged([], ["0|8"], [], cells)["unsubscribed"] == "true"
    assert "unsubscribed" not in judged([], ["0|6"], [], cells)


@pytest.mark.parametrize("change", [{"untold": True}, {"former": True}])
def test_a_place_that_is_only_closed_is_never_opened(change: dict[str, Any]) -> None:
    cells = [replace(cell("8", polarity="opt_in"), **change), cell("9")]
    assert judged([], [], ["0|8"], cells) == {}
    assert judged([], ["0|8"], [], cells)["topic8"] == "false"


NEWS = [TopicCell("8", "0", cell("8", polarity="opt_in").rule, default_allows=False), cell("9")]
STAMPS: dict[str, Any] = {"b": "Ana", "mmSourceKey": "hs/person/1", "mmSourceCreatedAt": "2025-01-01T00:00:00Z"}


@pytest.mark.parametrize("made", ["created", "adopted", None])
def test_a_grant_never_opens_what_stands_closed_on_the_target(made: str | None) -> None:
    """Whoever closed it there may have been the person."""
    there = person("t", "ana@x.com", **STAMPS, topic8="false")
    found = planner(FILL, cells=NEWS).plan(joined(ANA, there, made=made, granted=["0|8"]))
    assert (dict(found.values), found.kept) == ({}, ("topic8",))


def test_a_grant_that_is_gone_is_taken_back_where_we_wrote_it() -> None:
    there = person("t", "ana@x.com", **STAMPS, topic8="true")
    found = planner(FILL, cells=NEWS).plan(joined(ANA, there, made="created"))
    assert (dict(found.values), dict(found.permission)) == ({"topic8": "false"}, {"topic8": "false"})
    adopted = planner(FILL, cells=NEWS).plan(joined(ANA, there, made="adopted"))
    assert dict(adopted.values) == {}


def test_a_record_on_the_target_keeps_its_address() -> None:
    there = person("t", "old@x.com", b="Ana", mmSourceKey="hs/person/1", mmSourceCreatedAt="2025-01-01T00:00:00Z")
    found = planner(FILL).plan(joined(ANA, there, made="created"))
    assert (found.bucket, found.kept) == (Bucket.EQUAL, ("email",))


# --- what became of each subscription type -----------------------------------------------------------------------------


def stand(
    wide: list[str], topics: list[str], granted: list[str], cells: list[TopicCell]
) -> dict[str, tuple[str, str | None]]:
    verdict_ = verdict(wide, topics, granted, cells, denial_values, "hs")
    return {one.topic: (one.word, one.value) for one in states(cells, verdict_, topics, granted)}


def test_a_type_is_open_by_default_or_by_a_grant_and_closed_by_leaving_it() -> None:
    asking = replace(cell("7", polarity="opt_in"), default_allows=False)
    told = stand([], ["0|8"], [], [cell("8"), cell("9", "7"), asking])
    assert told == {"8": ("left", "true"), "9": ("open_by_default", None), "7": ("not_granted", None)}
    told = stand([], [], ["0|7"], [cell("8"), cell("9", "7"), asking])
    assert told == {"8": ("open_by_default", None), "9": ("open_by_default", None), "7": ("granted", "true")}


def test_whoever_is_denied_everything_counts_as_denied_for_service_mail_too() -> None:
    service = replace(cell("6"), asset_class="SVC")
    told = stand(["objection"], ["7|9"], [], [cell("8"), cell("9", "7"), service])
    assert {topic: word for topic, (word, _) in told.items()} == {
        "8": "all_denied",
        "9": "left",
        "6": "all_denied",
    }


def test_a_place_that_nobody_was_told_of_is_not_open_and_a_former_one_is_no_type() -> None:
    told = stand([], [], ["0|8"], [replace(cell("8"), untold=True), replace(cell("9", "7"), former=True), cell("5")])
    assert told == {"8": ("not_granted", None), "5": ("open_by_default", None)}
