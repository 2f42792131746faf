"""Situations that have gone wrong in real moves, each with its number in the consent design, as whole runs.

The vendors are in memory; the pure core's words on the same numbers stand in ``tests/core/consent/test_scenarios.py``.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, ListDef, OptOut, Record, Yes
from pair import Pair, facts, mailable

pytestmark = pytest.mark.gate

LEFT, BACK = datetime(2021, 5, 1, 9, tzinfo=UTC), datetime(2023, 5, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def topics(pair: Pair) -> None:
    """Everybody may be sent both, unless they left."""
    pair.source.topic("news")
    pair.source.topic("events")


def open_topics(person: Record) -> set[str]:
    closed = {topic for topic in ("news", "events") if person.values.get(f"mmNoTopic{topic}") == "true"}
    return {"news", "events"} - closed if mailable(person) else set()


def returned(pair: Pair, left: dict[str, Any], back: dict[str, Any]) -> Record:
    """Where Ana stands on the target, who left everything and said yes to the news."""
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(**{"address": "ana@x.example", "at": LEFT, **left}))
    pair.source.yeses.append(Yes(**{"address": "ana@x.example", "person": "5", "topic": "news", "at": BACK, **back}))
    pair.moved()
    return pair.landed("ana@x.example")


def test_01_of_two_records_with_one_address_the_opt_out_counts(pair: Pair) -> None:
    pair.source.person("ana@x.example", unsubscribed="true")
    pair.source.person("ana@x.example")
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_02_a_proven_return_opens_its_topic_only_and_is_listed(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", at=LEFT))
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=BACK))
    said = pair.moved()
    assert open_topics(pair.landed("ana@x.example")) == {"news"}
    told = [one for one in said.report["findings"] if one["code"] == "denial_lifted"]
    assert {(one["subject"], one["params"]["topic"]) for one in told} == {("old/person/5", "news")}
    assert {one["params"]["proof"] for one in told} == {"old/opt_out/yes-0/5"}


NOT_BACK = [
    pytest.param({"at": None}, {}, id="03-left-undated"),
    pytest.param({}, {"at": None}, id="04-back-undated"),
    pytest.param({"at": BACK}, {}, id="05-at-once"),
    pytest.param({"at": BACK + timedelta(days=1)}, {}, id="left-again"),
    pytest.param({}, {"actor": "import"}, id="06-import"),
    pytest.param({}, {"actor": "operator"}, id="07-colleague"),
    pytest.param({}, {"proof": 1}, id="07-unproven"),
    pytest.param({}, {"actor": "agent", "proof": 4}, id="07-for-the-person"),
    pytest.param({}, {"kind": "implied_grant"}, id="claimed-interest"),
    pytest.param({}, {"address": "Ana@x.example"}, id="11-other-spelling"),
    pytest.param({}, {"person": "6"}, id="other-person"),
    pytest.param({"kind": "complaint"}, {"proof": 4}, id="51-complaint"),
    pytest.param({"kind": "block"}, {}, id="block"),
    pytest.param({"kind": "undeliverable"}, {}, id="bounce"),
]


@pytest.mark.parametrize(("left", "back"), NOT_BACK)
def test_nothing_less_brings_anybody_back(pair: Pair, left: dict[str, Any], back: dict[str, Any]) -> None:
    assert open_topics(returned(pair, left, back)) == set()


def test_08_a_denial_without_an_address_waits_for_one(pair: Pair) -> None:
    ana = pair.source.person(None, phone="+81 3 0000 0000", unsubscribed="true")
    pair.moved()
    ana.values["email"] = "ana@x.example"
    pair.moved()
    (landed,) = pair.target.people.values()
    assert not mailable(landed)


def test_09_a_denial_follows_the_person_to_a_new_address(pair: Pair) -> None:
    ana = pair.source.person("old@x.example", unsubscribed="true")
    ana.values["email"] = "new@x.example"
    pair.moved()
    assert not mailable(pair.landed("new@x.example"))


def test_13_what_nobody_sees_hides_no_denial(pair: Pair) -> None:
    pair.source.person("us\u200ber@x.example", unsubscribed="true")
    pair.source.person("user@x.example")
    pair.moved()
    assert [one for one in pair.target.people.values() if mailable(one)] == []


def test_15_a_domain_in_both_its_forms_is_one_person(pair: Pair) -> None:
    pair.source.person("ana@b\u00fccher.example", unsubscribed="true")
    pair.source.person("ana@xn--bcher-kva.example")
    pair.moved()
    (landed,) = pair.target.people.values()
    assert not mailable(landed)


def test_16_a_bounce_is_no_opt_out(pair: Pair) -> None:
    pair.source.person("ana@x.example", invalid="true")
    pair.moved()
    ana = pair.landed("ana@x.example")
    assert not mailable(ana)
    assert (ana.values["invalid"], ana.values.get("unsubscribed")) == ("true", None)


@pytest.mark.parametrize(("hours", "open_now"), [(24 * 90, True), (2, False)], ids=["18", "19"])
def test_a_suspension_lasts_a_day(pair: Pair, hours: int, open_now: bool) -> None:
    since = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    pair.source.person("ana@x.example", suspended="true", suspended_at=since)
    pair.moved()
    assert mailable(pair.landed("ana@x.example")) is open_now


def test_22_a_list_of_addresses_without_contacts_is_denied_on_the_target(pair: Pair) -> None:
    pair.source.person("ben@x.example")
    facts(pair, *(f"nobody{n}@x.example,,objection,2024-01-01,list" for n in range(40)))
    said = pair.moved()
    assert said.buckets("suppressed_address") == {"created": 40}
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]


def test_31_leaving_everything_leaves_each_brand(pair: Pair) -> None:
    for unit in ("north", "south"):
        pair.source.topic(unit, brand=unit)
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", at=LEFT))
    for unit in ("north", "south"):
        active = {"topic": unit, "brand": unit, "at": BACK, "actor": "system", "proof": 1}
        pair.source.yeses.append(Yes(address="ana@x.example", person="5", **active))
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert "denial_lifted" not in {one["code"] for one in said.report["findings"]}


@pytest.mark.parametrize("says", ["allows", "nothing"])
def test_37_a_default_state_that_is_called_subscribed_enrols_nobody(pair: Pair, says: str) -> None:
    """Some platforms call whoever said nothing "subscribed"; whoever maps it by its name makes no yes of it either."""
    pair.source.topic("club", default_allows=False)
    pair.source.field(Kind.PERSON, FieldDef(name="state", label="Email subscribe", type=DataType.TEXT, custom=True))
    values = f'values: {{"subscribed": {says}, "unsubscribed": denies}}'
    lines = ("- id: consent-column/state", "  choice: declare", "  who: tester", "  when: 2026-01-01", "  column:", f"    {values}", "    empty: nothing", "    topic: club")  # fmt: skip
    (pair.folder / "decisions.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pair.source.person("ana@x.example", id="5").values["state"] = "subscribed"
    pair.source.person("ben@x.example", id="6").values["state"] = "unsubscribed"
    pair.source.person("eva@x.example", id="7").values["state"] = "subscribed"
    pair.source.yeses.append(Yes(address="eva@x.example", person="7", topic="club", at=BACK))
    pair.moved()
    (club,) = [name for name in pair.target.fields[Kind.PERSON] if "club" in name]
    enrolled = {one.values["email"] for one in pair.target.people.values() if one.values.get(club) == "true"}
    assert enrolled == {"eva@x.example"}


def test_44_who_left_the_target_is_not_subscribed_there_by_a_grant(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=BACK))
    pair.target.person("ana@x.example", unsubscribed="true")
    pair.moved()
    assert pair.landed("ana@x.example").values["unsubscribed"] == "true"


def test_45_a_clean_row_never_says_false(pair: Pair) -> None:
    """A false would subscribe everybody of that address again."""
    pair.source.person("ana@x.example", unsubscribed="false", opt_out_news="false")
    pair.moved()
    assert [name for name, value in pair.landed("ana@x.example").values.items() if value == "false"] == []


def test_a_hold_of_the_source_outlasts_a_return(pair: Pair) -> None:
    pair.source.lists["9"] = ListDef(id="9", name="never", exclusion=True, members=["5"])
    assert open_topics(returned(pair, {}, {})) == set()


def test_an_opt_out_that_only_a_file_knows_outlasts_a_return(pair: Pair) -> None:
    facts(pair, "ana@x.example,,objection,2020-01-01,CRM")
    assert open_topics(returned(pair, {}, {})) == set()


def test_a_flag_without_a_dated_state_outlasts_a_return(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true").updated_at = datetime(2026, 1, 1, tzinfo=UTC)
    pair.source.yeses.append(
        Yes(address="ana@x.example", person="5", topic="news", at=datetime(2025, 6, 1, tzinfo=UTC))
    )
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_12_who_left_at_another_spelling_of_the_mailbox_is_held_for_review(pair: Pair) -> None:
    pair.source.person("u.ser+news@gmail.com", id="1", unsubscribed="true")
    pair.source.person("user@gmail.com", id="2")
    pair.source.person("u.ser@company.example", id="3", unsubscribed="true")
    pair.source.person("user@company.example", id="4")
    pair.source.person("tag+news@company.example", id="5", unsubscribed="true")
    pair.source.person("tag@company.example", id="6")
    said = pair.moved()
    assert mailable(pair.landed("tag@company.example"))
    assert not mailable(pair.landed("user@gmail.com"))
    assert pair.landed("user@gmail.com").values["held"] == "true"
    assert mailable(pair.landed("user@company.example"))
    told = [one for one in said.report["findings"] if one["code"] == "alias_of_denied"]
    assert [(one["subject"], one["params"]["denial"]) for one in told] == [
        ("old/person/2", "old/person/1/unsubscribed")
    ]
    reach = said.report["reach"]
    assert {step["cause"]: step["people"] for step in reach["steps"]}["denied_by_alias"] == -1
    assert [one["subject"] for one in said.report["findings"] if one["code"] == "near_denied"] == ["old/person/6"]
    assert reach["unexplained"] == 0


def test_what_the_source_would_mail_is_counted_as_it_spells_addresses(pair: Pair) -> None:
    """To the source "Ａｎａ" and "ana" are two people; capitals are nothing to it."""
    pair.source.person("ana@x.example", id="1")
    pair.source.person("ａｎａ@x.example", id="2", unsubscribed="true")
    pair.source.person("ben@x.example", id="3")
    pair.source.person("Ben@x.example", id="4")
    pair.source.person("carl@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="Carl@x.example"))
    said = pair.moved()
    reach = said.report["reach"]
    steps = {step["cause"]: step["people"] for step in reach["steps"] if step["people"]}
    assert (reach["before"], reach["after"], reach["unexplained"]) == (3, 1, 0)
    assert steps == {"denied_at_other_spelling": -1, "merged": -1}


def topics_become(pair: Pair, *rules: str) -> None:
    """The mapping's rules for subscription types, with a field for each name they use; both types need consent here."""
    pair.source.topics.clear()
    for topic in ("news", "events"):
        pair.source.topic(topic, default_allows=False)
    for name in ("weekly", "offers"):
        if name not in pair.target.fields[Kind.PERSON]:
            pair.target.field(Kind.PERSON, FieldDef(name=name, type=DataType.BOOLEAN))
    lines = ["source: old", "target: new", "topics:", *(f"- {rule}" for rule in rules)]
    (pair.folder / "mapping.yaml").write_text("\n".join(lines) + "\n")


def said_yes(pair: Pair, name: str, *topics: str) -> None:
    person = pair.source.person(f"{name}@x.example")
    for topic in topics:
        pair.source.yeses.append(Yes(address=f"{name}@x.example", person=person.id, topic=topic, at=BACK))


def in_fields(pair: Pair, name: str) -> tuple[str | None, ...]:
    values = pair.landed(f"{name}@x.example").values
    return tuple(values.get(field) for field in ("weekly", "offers"))


SPLIT = ("{from: news, to: weekly, polarity: opt_in}", "{from: news, to: offers, polarity: opt_in, purpose: %s}")


@pytest.mark.parametrize(("purpose", "offers"), [("same", "true"), ("other", None)])
def test_32_a_type_that_becomes_two_opens_only_what_people_were_told_of(
    pair: Pair, purpose: str, offers: str | None
) -> None:
    topics_become(pair, *(rule.replace("%s", purpose) for rule in SPLIT), "{from: events, deny_all: gone}")
    said_yes(pair, "ana", "news")
    said_yes(pair, "ben", "news")
    pair.source.opt_outs.append(OptOut(address="ben@x.example", topic="news", at=BACK + timedelta(days=9)))
    pair.source.person("eva@x.example")
    pair.moved()
    assert in_fields(pair, "ana") == ("true", offers)
    assert set(in_fields(pair, "ben")) <= {"false"}
    assert "true" not in in_fields(pair, "eva")


def test_32_a_purpose_that_turns_out_to_be_another_is_closed_again(pair: Pair) -> None:
    topics_become(pair, *(rule.replace("%s", "same") for rule in SPLIT), "{from: events, deny_all: gone}")
    said_yes(pair, "ana", "news")
    pair.moved()
    assert in_fields(pair, "ana") == ("true", "true")
    topics_become(pair, *(rule.replace("%s", "other") for rule in SPLIT), "{from: events, deny_all: gone}")
    pair.moved()
    assert in_fields(pair, "ana") == ("true", "false")


def test_33_types_that_become_one_are_open_only_with_a_yes_to_all(pair: Pair) -> None:
    topics_become(pair, *(f"{{from: {topic}, to: weekly, polarity: opt_in}}" for topic in ("news", "events")))
    said_yes(pair, "both", "news", "events")
    said_yes(pair, "one", "news")
    said_yes(pair, "left", "news", "events")
    pair.source.opt_outs.append(OptOut(address="left@x.example", topic="events", at=BACK + timedelta(days=9)))
    pair.moved()
    assert in_fields(pair, "both")[0] == "true"
    assert in_fields(pair, "one")[0] is None
    assert in_fields(pair, "left")[0] != "true"
