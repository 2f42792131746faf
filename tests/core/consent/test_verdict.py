"""Clusters, verdicts and matches over a population, run on the engine."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from both_sides import Population
from mamigrate.consent import verdict
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import NOW, day, fact, member, person


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


def test_people_with_one_loose_address_become_the_one_modified_last(engine: Engine) -> None:
    population = Population(
        engine, [person("1", "a@x.com", day(1), a="b"), person("2", "A@X.com", day(5)), person("3")]
    )
    rows = population.rows()
    assert set(rows) == {"2", "3"}
    assert rows["2"]["members"] == 2
    assert [(one["key"], one["older_values"]) for one in population.older()] == [("2", [("a", "b")])]


def test_a_denial_of_any_merged_record_denies_the_person(engine: Engine) -> None:
    held = [fact("f", holder="person", person_key="1")]
    rows = Population(engine, [person("1", "a@x.com", day(1)), person("2", "A@X.com", day(5))], held).rows()
    assert rows["2"]["wide"] == ["objection"]


def test_a_denial_of_an_address_reaches_it_in_every_spelling_and_no_other_person(engine: Engine) -> None:
    people = [person("1", "us\u200ber@X.com"), person("2", "other@x.com")]
    rows = Population(engine, people, [fact("f", address_loose="user@x.com")]).rows()
    assert (rows["1"]["wide"], rows["2"]["wide"]) == (["objection"], [])


def test_a_topic_opt_out_stays_a_topic_and_a_brand_wide_one_stays_in_its_brand(engine: Engine) -> None:
    held = [
        fact("f", "topic_opt_out", holder="person", person_key="1", topic="9", brand="0"),
        fact("g", holder="person", person_key="1", brand="7"),
    ]
    row = Population(engine, [person("1", "a@x.com")], held).rows()["1"]
    assert (row["wide"], row["topics"]) == ([], ["0|9", "7|*"])


def test_a_time_hold_ends_and_one_without_an_end_lasts(engine: Engine) -> None:
    held = [
        fact("f", "time_hold", address_loose="a@x.com", until=day(2)),
        fact("g", "time_hold", address_loose="b@x.com"),
    ]
    rows = Population(engine, [person("1", "a@x.com"), person("2", "b@x.com")], held).rows()
    assert (rows["1"]["wide"], rows["2"]["wide"]) == ([], ["time_hold"])


def test_members_of_exclusion_lists_are_held(engine: Engine) -> None:
    members = [member("no", "1"), member("yes", "2")]
    rows = Population(
        engine, [person("1", "a@x.com"), person("2", "b@x.com")], members=members, exclusions=["no"]
    ).rows()
    assert (rows["1"]["wide"], rows["2"]["wide"]) == (["source_hold"], [])


def test_a_grant_counts_only_where_every_merged_record_holds_it(engine: Engine) -> None:
    def grant(key: str, address: str) -> dict[str, Any]:
        return fact(f"g{key}", "grant", polarity="+", person_key=key, address_strict=address, topic="8", brand="0")

    people = [person("1", "a@x.com", day(1)), person("2", "A@x.com", day(2)), person("3", "b@x.com")]
    rows = Population(engine, people, [grant("1", "a@x.com"), grant("3", "b@x.com"), grant("2", "old@x.com")]).rows()
    assert (rows["2"]["granted"], rows["3"]["granted"]) == (None, ["0|8"])


@pytest.mark.parametrize(
    ("change", "granted"),
    [
        ({}, ["0|8"]),
        ({"lo": NOW}, ["0|8"]),
        ({"lo": NOW + timedelta(1)}, None),
        ({"until": NOW}, None),
        ({"channel": "sms"}, None),
        ({"kind": "implied_grant"}, None),
    ],
)
def test_a_grant_counts_while_it_runs_and_for_mail(engine: Engine, change: dict[str, Any], granted: Any) -> None:
    yes: dict[str, Any] = {
        "kind": "grant",
        "polarity": "+",
        "person_key": "1",
        "address_strict": "a@x.com",
        "brand": "0",
        "topic": "8",
    }
    population = Population(engine, [person("1", "a@x.com")], [fact("g", **yes | change)])
    assert population.rows()["1"]["granted"] == granted


def test_doubtful_twins_are_parked_and_their_denials_shared(engine: Engine) -> None:
    people = [person("1", "straße@x.de"), person("2", "strasse@x.de")]
    population = Population(engine, people, [fact("f", address_loose="strasse@x.de", address_strict="strasse@x.de")])
    (row,) = population.rows().values()
    assert (row["parked"], row["wide"]) == ("doubtful_address", ["objection"])
    assert population.suppressed()["strasse@x.de"]["address"] == "strasse@x.de"


def test_a_person_gets_the_spelling_of_the_cluster_that_the_target_can_hold(engine: Engine) -> None:
    """The newest record is the winner all the same; of two spellings that can be held, the newest."""
    people = [person("1", "ａna@x.com", day(3)), person("2", "ana@x.com", day(1)), person("3", "Ana@x.com", day(2))]
    own = [person("4", "ben@x.com", day(2)), person("5", "Ben@x.com", day(1))]
    none = [person("6", "jürgen@x.com", day(2)), person("7", "Jürgen@x.com", day(1))]
    rows = Population(engine, people + own + none).rows()
    told = {key: (row["email_strict"], row["speller"], row["parked"]) for key, row in rows.items()}
    assert told == {
        "1": ("Ana@x.com", "3", ""),
        "4": ("ben@x.com", "4", ""),
        "6": ("jürgen@x.com", "6", "address_not_ascii"),
    }


def test_a_return_counts_at_the_spelling_that_is_written_only(engine: Engine) -> None:
    left: dict[str, Any] = {"address_loose": "ana@x.com", "hi": day(1), "lo": day(1), "topic": "8", "brand": "0"}
    back: dict[str, Any] = {"polarity": "+", "proof": 4, "lo": day(2), "topic": "8", "brand": "0", "person_key": "2"}
    people = [person("1", "ａna@x.com", day(3)), person("2", "ana@x.com", day(1))]

    def topics(denied: str, granted: str) -> list[str]:
        facts = [fact("f", address_strict=denied, **left), fact("g", "grant", address_strict=granted, **back)]
        found: list[str] = Population(engine, people, facts).rows()["1"]["topics"]
        return found

    assert topics("ana@x.com", "ana@x.com") == []
    assert topics("ａna@x.com", "ａna@x.com") == ["0|8"]
    assert topics("ａna@x.com", "ana@x.com") == ["0|8"]


def test_twins_can_be_kept_apart(engine: Engine) -> None:
    people = [person("1", "a@x.com"), person("2", "A@x.com")]
    (row,) = Population(engine, people, keep_twins=True).rows().values()
    assert row["parked"] == "doubtful_address"


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("a@b, c@d.com", "address_unusable"),
        ("jürgen@x.de", "address_not_ascii"),
        ("a" * 250 + "@x.com", "address_too_long"),
    ],
)
def test_an_address_that_the_target_cannot_hold_parks_the_person(engine: Engine, email: str, reason: str) -> None:
    assert Population(engine, [person("1", email)]).rows()["1"]["parked"] == reason


def test_an_erased_address_is_never_created_again(engine: Engine) -> None:
    rows = Population(engine, [person("1", "a@x.com")], [fact("f", "erasure", address_loose="a@x.com")]).rows()
    assert rows["1"]["parked"] == "erased_address"


def test_the_match_goes_by_ledger_then_source_key_then_address(engine: Engine) -> None:
    people = [person("1", "a@x.com"), person("2", "b@x.com"), person("3", "c@x.com"), person("4", "d@x.com")]
    there = [person("t1", "old@x.com"), person("t2", "B@x.com", mmSourceKey="hs/person/2"), person("t3", "C@x.com")]
    rows = Population(engine, people, target=there, ids={"1": "t1"}).rows()
    found = {key: (row["target_key"], row["matched_by"]) for key, row in rows.items()}
    assert found == {"1": ("t1", "ledger"), "2": ("t2", "source_key"), "3": ("t3", "address"), "4": (None, "new")}


def test_several_hits_are_parked_and_never_guessed(engine: Engine) -> None:
    there = [person("t1", "a@x.com"), person("t2", "A@x.com")]
    population = Population(engine, [person("1", "a@x.com")], [fact("f", address_loose="a@x.com")], target=there)
    assert population.rows()["1"]["parked"] == "several_on_target"
    assert {hit["key"] for hit in population.suppressed()["a@x.com"]["targets"]} == {"t1", "t2"}


def test_two_people_never_share_a_target_record(engine: Engine) -> None:
    there = [person("t1", "b@x.com")]
    rows = Population(engine, [person("1", "a@x.com"), person("2", "b@x.com")], target=there, ids={"1": "t1"}).rows()
    assert {row["parked"] for row in rows.values()} == {"shares_target"}


def test_somebody_deleted_on_the_target_is_not_resurrected(engine: Engine) -> None:
    assert Population(engine, [person("1", "a@x.com")], ids={"1": "gone"}).rows()["1"]["parked"] == "gone_on_target"


def test_a_denied_address_without_a_person_is_suppressed(engine: Engine) -> None:
    held = [fact("f", address_loose="zz@x.com", address_strict="ZZ@x.com")]
    found = Population(engine, [person("1", "a@x.com")], held).suppressed()
    assert found["zz@x.com"]["address"] == "ZZ@x.com"
    assert found["zz@x.com"]["wide"] == ["objection"]


def test_archived_people_are_nobody_but_their_addresses_stay_denied(engine: Engine) -> None:
    population = Population(engine, [person("1", "a@x.com", archived=True)], [fact("f", address_loose="a@x.com")])
    assert population.rows() == {}
    assert set(population.suppressed()) == {"a@x.com"}


def test_a_fact_of_a_merged_or_archived_record_reaches_whoever_carries_it_on(engine: Engine) -> None:
    winner = person("1", "a@x.com") | {"merged_keys": ["old"]}
    people = [winner, person("2", "b@x.com"), person("3", "B@x.com", archived=True)]
    held = [fact("f", holder="person", person_key="old"), fact("g", "block", holder="person", person_key="3")]
    rows = Population(engine, people, held).rows()
    assert (rows["1"]["wide"], rows["2"]["wide"]) == (["objection"], ["block"])


def test_somebody_erased_by_id_is_never_created(engine: Engine) -> None:
    rows = Population(engine, [person("1", "a@x.com")], [fact("f", "erasure", holder="person", person_key="1")]).rows()
    assert rows["1"]["parked"] == "erased_address"


def test_a_twin_of_our_record_on_the_target_is_denied_with_it(engine: Engine) -> None:
    there = [person("t1", "a@x.com"), person("t2", "A@x.com")]
    held = [fact("f", "source_hold", holder="person", person_key="1")]
    population = Population(engine, [person("1", "a@x.com")], held, target=there, ids={"1": "t1"})
    assert population.rows()["1"]["parked"] == ""
    assert {hit["key"] for hit in population.suppressed()["a@x.com"]["targets"]} == {"t1", "t2"}


def test_a_denied_address_that_our_record_does_not_carry_is_suppressed(engine: Engine) -> None:
    there = [person("t1", "old@x.com"), person("t2", "new@x.com")]
    held = [fact("f", address_loose="new@x.com")]
    population = Population(engine, [person("1", "new@x.com")], held, target=there, ids={"1": "t1"})
    assert {hit["key"] for hit in population.suppressed()["new@x.com"]["targets"]} == {"t2"}


def test_a_topic_reaches_every_record_with_the_address_of_somebody_parked_or_written(engine: Engine) -> None:
    people = [person("1", "a@x.com"), person("2", "b@x.com"), person("3", "c@x.com")]
    held = [fact(key, "topic_opt_out", holder="person", person_key=key, topic="8", brand="0") for key in "123"]
    there = [person(f"t{n}", email) for n, email in enumerate(["a@x.com", "A@x.com", "b@x.com", "B@x.com", "c@x.com"])]
    population = Population(engine, people, held, target=there, ids={"2": "t2"})
    assert population.rows()["1"]["parked"] == "several_on_target"
    found = {row["target_key"]: (row["key"], row["parked"], row["topics"]) for row in population.stranded()}
    assert found == {"t0": ("1", True, ["0|8"]), "t1": ("1", True, ["0|8"]), "t3": ("2", False, ["0|8"])}


def test_a_record_that_a_written_person_carries_is_left_to_that_person(engine: Engine) -> None:
    people = [person("1", "a@x.com"), person("2", "b@x.com")]
    there = [person("t1", "a@x.com"), person("t2", "b@x.com")]
    assert Population(engine, people, target=there).stranded() == []


def test_the_source_itself_compares_addresses_as_it_spells_them(engine: Engine) -> None:
    people = [person("1", "Ana@x.com"), person("2", "ａna@x.com"), person("3", "ana at x"), person("4")]
    held = [
        fact("address", address_strict="ana@x.com", address_loose="ana@x.com"),
        fact("text", "block", address_loose="ana at x"),
        fact("person", "org_hold", holder="person", person_key="4"),
        fact("nobody", holder="person"),
    ]
    table, denials = engine.rows_as_table(people, Kind.PERSON), engine.rows_as_table(held, Kind.CONSENT_FACT)
    found = engine.rows(verdict.of_records(table, denials))
    assert sorted((row["person_key"], row["fact"]) for row in found) == [
        ("1", "address"),
        ("3", "text"),
        ("4", "person"),
    ]
    wider = engine.rows(verdict.of_people(table, denials))
    assert {row["person_key"] for row in wider if row["fact"] == "address"} == {"1", "2"}


def test_a_record_that_was_merged_again_and_again_reaches_whoever_carries_it_on(engine: Engine) -> None:
    chain = [person(str(n), f"p{n}@x.com", archived=n > 0) | {"merged_keys": [str(n + 1)]} for n in range(6)]
    rows = Population(engine, chain, [fact("f", holder="person", person_key="6")]).rows()
    assert rows["0"]["wide"] == ["objection"]


def test_people_without_an_address_are_as_many_people(engine: Engine) -> None:
    rows = Population(engine, [person("1"), person("2")], [fact("f", holder="person", person_key="1")]).rows()
    assert {key: (row["members"], row["wide"], row["parked"]) for key, row in rows.items()} == {
        "1": (1, ["objection"], ""),
        "2": (1, [], ""),
    }


@pytest.mark.parametrize(("channel", "wide"), [("email", ["objection"]), ("*", ["objection"]), ("sms", [])])
def test_a_denial_of_every_channel_is_one_of_mail_and_one_of_another_is_none(
    engine: Engine, channel: str, wide: list[str]
) -> None:
    held = [fact("f", address_loose="a@x.com", channel=channel)]
    assert Population(engine, [person("1", "a@x.com")], held).rows()["1"]["wide"] == wide


@pytest.mark.parametrize("kind", ["complaint", "unparsed", "objection"])
def test_a_denial_of_everything_is_one_and_of_a_topic_is_one_of_that_topic(engine: Engine, kind: str) -> None:
    held = [fact("f", kind, address_loose="a@x.com"), fact("g", kind, address_loose="b@x.com", topic="9")]
    rows = Population(engine, [person("1", "a@x.com"), person("2", "b@x.com")], held).rows()
    assert {key: (row["wide"], row["topics"]) for key, row in rows.items()} == {"1": ([kind], []), "2": ([], ["*|9"])}
