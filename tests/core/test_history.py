"""Families packed into types, activities planned one by one, policies forecast: laws and examples."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mamigrate.contract import HistoryRoom, HistoryType
from mamigrate.model.activities import Family, event, family
from mamigrate.plan.choices import Choice, Fate, Group, choices, of_totals
from mamigrate.plan.history import HistoryPlanner, Since
from mamigrate.plan.model import Bucket
from mamigrate.plan.packing import COMMON, REST, own_name, packed
from mamigrate.plan.policy import HistorySection

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OURS = [own_name(one) for one in Family] + [REST]
counts = st.dictionaries(st.sampled_from(list(Family)), st.integers(0, 10**9))
rooms = st.builds(
    HistoryRoom,
    types=st.integers(0, 10),
    attributes=st.integers(len(COMMON), 20),
    standing=st.dictionaries(st.sampled_from([*OURS, "webinarSeen"]), st.just(())),
    text=st.just(255),
    whole=st.just(60_000),
)


# --- packing ---------------------------------------------------------------------------------------------------------


@given(counts, rooms)
def test_every_family_that_occurs_has_one_type_and_no_more_are_made_than_there_is_room_for(
    counts: dict[Family, int], room: HistoryRoom
) -> None:
    occurring = {one for one, n in counts.items() if n}
    standing = {one for one in occurring if own_name(one) in room.standing}
    types = packed(counts, room)
    assert types.keys() == (occurring if room.types or REST in room.standing else standing)
    assert len({one.name for one in types.values()} - room.standing.keys()) <= room.types
    assert all(len(one.attributes) <= room.attributes and set(COMMON) <= set(one.attributes) for one in types.values())
    by_name = [(one.name, one) for one in types.values()]
    assert all(len({one for other, one in by_name if other == name}) == 1 for name, _ in by_name)


@given(counts, rooms)
def test_who_has_a_type_of_its_own_keeps_it(counts: dict[Family, int], room: HistoryRoom) -> None:
    """A family whose type stands is not moved by others that grow."""
    standing = {one for one in Family if own_name(one) in room.standing and counts.get(one)}
    types = packed(counts, room)
    assert {one for one in standing if types[one].name != own_name(one)} == set()


def test_the_rarest_share_one_where_room_is_short() -> None:
    room = HistoryRoom(3, 20, {}, 255, 60_000)
    types = packed({Family.EMAIL: 900, Family.FORM: 80, Family.SALES: 7, Family.WEB: 6}, room)
    assert {one: type.name for one, type in types.items()} == {
        Family.EMAIL: "mmEmail",
        Family.FORM: "mmForm",
        Family.SALES: REST,
        Family.WEB: REST,
    }
    assert {"direction", "url", *COMMON} <= set(types[Family.WEB].attributes)


@pytest.mark.parametrize(
    ("type", "expected"),
    [("email.open", (Family.EMAIL, "open")), ("sales.call", (Family.SALES, "call")), ("odd", (Family.OTHER, "odd"))],
)
def test_a_type_says_its_family_and_its_event(type: str, expected: tuple[Family, str]) -> None:
    assert (family(type), event(type)) == expected


# --- one activity ----------------------------------------------------------------------------------------------------


TYPE = HistoryType("mmEmail", "Migrated email", "name", (*COMMON, "subject", "url"))


def planner(section: HistorySection | None = None, *, whole: int = 60_000, **more: Any) -> HistoryPlanner:
    room = HistoryRoom(10, 20, {}, 20, whole)
    types = more.get("types", dict.fromkeys(Family, TYPE))
    made = section or HistorySection(policy="full", signed="Kei")
    since = Since(more.get("oldest", {}), more.get("kept"))
    return HistoryPlanner(made, types, room, since, "src/activity/")


def row(**more: Any) -> dict[str, Any]:
    whole = {"key": "a1", "activity_type": "email.open", "happened_at": NOW, "bot": False, "values": {"name": "Spring"}}
    placed = {"person_target": "7", "person_known": True, "ambiguous": False, "done": None}
    return {**whole, **placed, **more}


def test_an_activity_says_what_happened_whose_it_is_and_when() -> None:
    told = {"name": "Spring", "subject": "Hi", "url": "https://x.example/" + "a" * 40, "browser": "Lynx"}
    planned = planner().plan(row(values=told, bot=True))
    assert (planned.bucket, planned.links) == (Bucket.CREATED, {"person": ("7",)})
    values = dict(planned.values)
    details = orjson.loads(values.pop("details") or "")
    assert values == {
        "type": "mmEmail",
        "at": "2026-06-01T00:00:00Z",
        "primary": "Spring",
        "event": "open",
        "source_key": "src/activity/a1",
        "bot": "true",
        "subject": "Hi",
        "url": "https://x.example/aa",
    }
    assert details == {"browser": "Lynx", "url": told["url"]}
    assert planned.lost == ()


def test_what_has_the_name_of_an_attribute_of_ours_and_a_name_that_is_too_long_stand_in_the_details() -> None:
    name = "Spring news of " + "a" * 40
    values = planner().plan(row(values={"name": name, "event": "theirs", "bot": "no", "details": "more"})).values
    assert (values["event"], values["bot"], values["primary"]) == ("open", "false", name[:20])
    assert orjson.loads(values["details"] or "") == {"name": name, "event": "theirs", "bot": "no", "details": "more"}


@pytest.mark.parametrize(
    ("more", "fate"),
    [
        ({"done": "7/1"}, (Bucket.EQUAL, "ledger")),
        ({"activity_type": "web.visit"}, (Bucket.LEFT, "history_policy")),
        ({"bot": True}, (Bucket.LEFT, "machine")),
        ({"happened_at": None}, (Bucket.PARKED, "undated")),
        ({"happened_at": NOW - timedelta(800)}, (Bucket.LEFT, "older_than_wanted")),
        (
            {"activity_type": "sales.note", "happened_at": NOW - timedelta(800)},
            (Bucket.LEFT, "older_than_target_keeps"),
        ),
        ({"ambiguous": True}, (Bucket.PARKED, "address_shared")),
        ({"person_target": None}, (Bucket.LEFT, "person_not_on_target")),
        ({"person_target": None, "person_known": False}, (Bucket.LEFT, "nobody_of_source")),
        ({}, (Bucket.CREATED, "new")),
    ],
)
def test_each_ends_in_one_place_for_one_reason(more: dict[str, Any], fate: tuple[Bucket, str]) -> None:
    section = HistorySection.model_validate(
        {"policy": "full", "bots": False, "families": {"web": {"carry": False}}, "signed": "Kei"}
    )
    made = planner(section, oldest={Family.EMAIL: NOW - timedelta(100)}, kept=NOW - timedelta(700))
    planned = made.plan(row(**more))
    assert (planned.bucket, planned.reason) == fate


def test_a_key_is_never_cut() -> None:
    """By half of one an activity would not be found again after a lost reply."""
    key = "k" * 300
    assert planner().plan(row(key=key)).values["source_key"] == f"src/activity/{key}"


def test_without_a_type_left_it_is_parked() -> None:
    planned = planner(types={}).plan(row())
    assert (planned.bucket, planned.reason) == (Bucket.PARKED, "no_type_left")


def test_what_was_written_once_stays_written_whatever_was_decided_since() -> None:
    made = planner(HistorySection(policy="none", signed="Kei"))
    assert made.plan(row(done="7/1")).bucket is Bucket.EQUAL


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=400), max_size=8), st.integers(1_100, 2_500))
def test_no_activity_is_larger_than_the_target_takes_and_every_cut_is_told(told: dict[str, str], whole: int) -> None:
    planned = planner(whole=whole).plan(row(values=told))
    attributes = {name: value or "" for name, value in planned.values.items() if name not in ("type", "at", "primary")}
    assert sum(len(value.encode()) for value in attributes.values()) <= max(whole, 200)
    details = orjson.loads(attributes.get("details") or "{}")
    kept = {**details, "name": told.get("name", "")}
    gone = {name for name, value in told.items() if name not in ("subject", "url", "event", "bot", "source_key", "details", "name")
            and kept.get(name) != value}  # fmt: skip
    assert gone <= {name for name, _, _ in planned.lost}


# --- the choice ------------------------------------------------------------------------------------------------------


groups = st.lists(
    st.builds(Group, st.sampled_from(list(Family)), st.sampled_from(get_args(Fate)), st.integers(0, 10**6))
)


@given(groups, st.integers(1, 500))
def test_what_goes_stays_and_is_done_is_everything(every: list[Group], batch: int) -> None:
    total = sum(one.n for one in every)
    found = choices(every, batch, 50_000)
    assert [one.policy for one in found] == ["none", "minimum", "full"]
    for one in found:
        assert one.activities + one.done + one.stay == total
        assert (one.calls - 1) * batch < one.activities <= one.calls * batch or one.activities == one.calls == 0
        assert one.swallowed <= one.stay
    assert [one.activities for one in found] == sorted(one.activities for one in found)


def test_a_choice_says_its_share_of_a_day() -> None:
    found = choices(
        [Group(Family.EMAIL, "open", 900), Group(Family.FORM, "open", 300), Group(Family.FORM, "swallowed", 5)],
        300,
        100,
    )
    assert found[1] == Choice("minimum", 300, 0, 1, 0.01, 905, 5)
    assert found[2].calls == 4


def test_what_was_decided_counts_with_its_exceptions() -> None:
    decided = HistorySection.model_validate(
        {"policy": "none", "families": {"email": {"months": 12}, "sales": {}}, "bots": False, "signed": "Kei"}
    )
    told = [
        Group(Family.EMAIL, "open", 900),
        Group(Family.EMAIL, "open", 80, barred=True),
        Group(Family.SALES, "open", 7),
    ]
    found = choices(told, 300, None, decided)
    assert [(one.policy, one.activities, one.calls, one.stay) for one in found] == [
        ("none", 907, 4, 80),
        ("minimum", 0, 0, 987),
        ("full", 987, 4, 0),
    ]


def test_totals_are_told_by_family_before_anything_was_read() -> None:
    told = {"email_open": 5, "engagement_calls": 2, "form_submissions": None, "odd": 1}
    assert of_totals(told) == [
        Group(Family.EMAIL, "open", 5),
        Group(Family.SALES, "open", 2),
        Group(Family.OTHER, "open", 1),
    ]


# --- what people decide ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "carried"),
    [
        ({"policy": "none"}, set()),
        ({"policy": "minimum"}, {Family.FORM, Family.EVENT, Family.CHANGE}),
        ({"policy": "full"}, set(Family)),
        (
            {"policy": "minimum", "families": {"email": {}, "form": {"carry": False}}},
            {Family.EMAIL, Family.EVENT, Family.CHANGE},
        ),
    ],
)
def test_a_policy_and_its_exceptions(section: dict[str, Any], carried: set[Family]) -> None:
    decided = HistorySection.model_validate({**section, "signed": "Kei"})
    assert {one for one in Family if decided.carries(one)} == carried


def test_a_family_s_own_age_wins() -> None:
    decided = HistorySection.model_validate(
        {"policy": "full", "months": 24, "families": {"web": {"months": 3}}, "signed": "Kei"}
    )
    assert (decided.oldest(Family.EMAIL), decided.oldest(Family.WEB)) == (24, 3)


@pytest.mark.parametrize(
    "wrong", [{"policy": "some"}, {"policy": "full", "months": "12"}, {"policy": "full", "families": {"mail": {}}}]
)
def test_what_is_no_decision_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HistorySection.model_validate({**wrong, "signed": "Kei"})
    for unsigned in ({}, {"signed": " "}):
        with pytest.raises(ValidationError):
            HistorySection.model_validate({"policy": "full", **unsigned})
