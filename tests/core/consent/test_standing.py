"""Denials that stand on the target and are not ours go along with whoever is written to another record."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from mamigrate.consent import standing
from mamigrate.consent.cause import is_ours
from mamigrate.contract import Blocker
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import NOW, person

LEFT = Blocker("unsubscribed", "true", "objection", holders=("person", "address"))
BOUNCED = Blocker("bounced", "set", "undeliverable", holders=("address",))
QUIET = Blocker("marketing", "not_true", "source_hold", holders=("person",))
PAUSED = Blocker("suspended", "true", "time_hold", holders=("person",), hours_from="suspended_at")
OURS = "mamigrate: objection on hs"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


@pytest.mark.parametrize(
    ("cause", "ours"),
    [
        (OURS, True),
        (f"source hold: {OURS}", True),
        ("mamigrate: objection on other", False),
        ("clicked", False),
        ("somebody said mamigrate: objection on hs", False),
        ("", False),
    ],
)
def test_a_denial_of_ours_is_known_by_its_cause(engine: Engine, cause: str, ours: bool) -> None:
    assert is_ours(cause, "hs") is ours
    target = people(engine, person("t", unsubscribed="true", reason=cause))
    flags = standing.flags(target, [LEFT], {"unsubscribed": "reason"}, "hs", NOW)
    found = engine.rows(standing.at_addresses(flags))
    assert found == ([] if ours else [{"target_key": "t", "kind": "objection"}])


def people(engine: Engine, *rows: dict[str, Any]) -> ir.Table:
    return engine.rows_as_table(list(rows), Kind.PERSON)


def test_what_an_address_holds_alone_is_no_other_records(engine: Engine) -> None:
    target = people(engine, person("t", unsubscribed="true", bounced="hard"))
    flags = engine.keep(standing.flags(target, [LEFT, BOUNCED, QUIET], {}, "hs", NOW))
    told = {row["kind"] for row in engine.rows(standing.of_people(flags))}
    assert told == {"objection", "source_hold"}
    assert {row["kind"] for row in engine.rows(standing.at_addresses(flags))} == told | {"undeliverable"}


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ({"marketing": "true"}, []),
        ({}, ["source_hold"]),
        ({"marketing": "true", "unsubscribed": "false", "bounced": ""}, []),
        ({"marketing": "true", "unsubscribed": "maybe"}, ["objection"]),
        ({"marketing": "true", "bounced": "hard"}, ["undeliverable"]),
        ({"marketing": "true", "suspended": "true"}, ["time_hold"]),
        ({"marketing": "true", "suspended": "true", "suspended_at": "soon"}, ["time_hold"]),
        ({"marketing": "true", "suspended": "true", "suspended_at": "2025-12-31T12:00:00Z"}, ["time_hold"]),
        ({"marketing": "true", "suspended": "true", "suspended_at": "2025-12-31T00:00:00Z"}, []),
    ],
)
def test_a_flag_denies_unless_it_certainly_does_not(engine: Engine, values: dict[str, str], kinds: list[str]) -> None:
    found = standing.flagged(people(engine, person("t") | {"values": values}), [LEFT, BOUNCED, QUIET, PAUSED], NOW)
    assert [row["kind"] for row in engine.rows(found)] == kinds


def test_without_flags_to_look_at_nothing_is_denied(engine: Engine) -> None:
    someone = people(engine, person("t", unsubscribed="true"))
    assert engine.rows(standing.flagged(someone, [], NOW + timedelta(1))) == []
    assert engine.rows(standing.closed(someone, {}, {})) == []


def test_topics_that_a_record_closes_are_all_that_its_field_stands_for(engine: Engine) -> None:
    target = people(engine, person("t1", noNews="true"), person("t2", noNews="false", yesClub="false"), person("t3"))
    cells = {"noNews": ["0|8", "0|9"], "yesClub": ["0|7"]}
    found = engine.rows(standing.closed(target, {"noNews": "true", "yesClub": "false"}, cells))
    told = sorted((row["target_key"], row["cell"]) for row in found)
    assert told == [("t1", "0|8"), ("t1", "0|9"), ("t2", "0|7")]


def matched(engine: Engine, *rows: dict[str, Any]) -> ir.Table:
    texts, lists = pa.string(), pa.list_(pa.string())
    columns = dict.fromkeys(("key", "winner", "parked", "target_key", "target_loose", "email_loose"), texts)
    blank: dict[str, Any] = {"parked": "", "target_key": None, "target_loose": None, "wide": [], "topics": []}
    wanted = pa.schema([*columns.items(), ("wide", lists), ("topics", lists)])
    return engine.memory(pa.Table.from_pylist([blank | {"winner": row["key"]} | row for row in rows], schema=wanted))


def test_a_person_is_bound_by_every_record_with_the_address_but_for_the_own_one(engine: Engine) -> None:
    written = matched(
        engine,
        {"key": "1", "target_key": "t1", "email_loose": "a@x.com"},
        {"key": "2", "target_key": "t3", "target_loose": "old@x.com", "email_loose": "b@x.com"},
        {"key": "3", "parked": "doubtful_address", "email_loose": "c@x.com"},
    )
    emails = {"t1": "a@x.com", "t2": "A@x.com", "t3": "old@x.com", "t4": "b@x.com", "t5": "c@x.com", "t6": None}
    links = standing.at_address(written, people(engine, *(person(key, email) for key, email in emails.items())))
    pairs = {(row["winner"], row["target_key"]) for row in engine.rows(links)}
    assert pairs == {("1", "t1"), ("1", "t2"), ("2", "t3")}
    others = engine.rows(standing.elsewhere(links, written))
    assert [(row["winner"], row["target_key"]) for row in others] == [("1", "t2")]


def test_what_other_records_say_is_added_and_nothing_is_taken_away(engine: Engine) -> None:
    written = matched(
        engine,
        {"key": "1", "target_key": "t1", "email_loose": "a@x.com", "wide": ["objection"], "topics": ["0|8"]},
        {"key": "2", "target_key": "t2", "email_loose": "b@x.com"},
    )
    links = engine.memory(pa.table({"winner": ["1", "1", "1", "2"], "target_key": ["t1", "t8", "t9", "t2"]}))
    denied = engine.memory(
        pa.table({"target_key": ["t8", "t9", "t1", "t2"], "kind": ["block", "objection", "org_hold", "block"]})
    )
    closed = engine.memory(pa.table({"target_key": ["t8", "t9"], "cell": ["0|9", "0|8"]}))
    rows = {row["key"]: row for row in engine.rows(standing.with_standing(written, links, denied, closed))}
    assert (rows["1"]["wide"], rows["1"]["topics"]) == (["block", "objection"], ["0|8", "0|9"])
    assert (rows["2"]["wide"], rows["2"]["topics"]) == ([], [])


# --- what stands there as facts ------------------------------------------------------------------------------------------

TOLD = Blocker("blocked", "true", "block", holders=("person", "address"), cause="why", kinds=("block", "objection"))
"""A field with a text beside it that names kinds."""


def refused(engine: Engine, *rows: dict[str, Any]) -> ir.Table:
    """As of a target with two flags and two topics, one of which has two fields."""
    target = people(engine, *rows)
    flags = engine.keep(standing.flags(target, [LEFT, TOLD], {}, "hs", NOW))
    topics = [("noNews", 1, "8"), ("noClub", 2, "9"), ("noClubToo", 2, "9")]
    cells = [
        {"field": field, "places": places, "brand": "0", "topic": topic, "asset_class": "MKT"}
        for field, places, topic in topics
    ]
    return engine.keep(standing.refused(target, flags, engine.memory(pa.Table.from_pylist(cells))))


def texts(engine: Engine, table: ir.Table, *names: str) -> set[tuple[str, ...]]:
    return {tuple(str(row[name]) for name in names) for row in engine.rows(table)}


def test_a_flag_is_a_fact_of_each_of_its_holders_and_a_topic_one_of_the_person(engine: Engine) -> None:
    someone = person("t1", "Ana@x.com", unsubscribed="true", noNews="true", noClub="true")
    found = refused(engine, someone, person("t2", noClub="true", noClubToo="true"))
    told = texts(engine, found, "target_key", "field", "kind", "holder", "brand", "topic")
    assert told == {
        ("t1", "unsubscribed", "objection", "person", "*", "*"),
        ("t1", "unsubscribed", "objection", "address", "*", "*"),
        ("t1", "noNews", "topic_opt_out", "person", "0", "8"),
        ("t2", "noClub", "topic_opt_out", "person", "0", "9"),
    }
    addresses = texts(engine, found.filter(found.target_key == "t1"), "address_strict", "address_loose")
    assert addresses == {("Ana@x.com", "ana@x.com")}


@pytest.mark.parametrize(
    ("why", "kinds"),
    [
        ("clicked", {"block"}),
        ("mamigrate: objection on other", {"block", "objection"}),
        ("mamigrate: block, objection on other", {"block", "objection"}),
    ],
)
def test_a_text_of_ours_beside_a_flag_names_further_kinds(engine: Engine, why: str, kinds: set[str]) -> None:
    found = refused(engine, person("t", blocked="true", why=why))
    both = {(kind, holder) for kind in kinds for holder in TOLD.holders}
    assert texts(engine, found, "kind", "holder") == both


@pytest.mark.parametrize(
    ("wide", "topics", "left"),
    [
        (["objection"], [], set()),
        (["block"], [], {("objection", "*")}),
        ([], ["0|8"], {("objection", "*")}),
        ([], ["0|*"], {("objection", "*")}),
        ([], ["*|8"], {("objection", "*")}),
        ([], ["0|9"], {("objection", "*"), ("topic_opt_out", "8")}),
    ],
)
def test_what_the_source_says_itself_of_a_record_of_an_earlier_run_is_its_echo(
    engine: Engine, wide: list[str], topics: list[str], left: set[tuple[str, str]]
) -> None:
    found = refused(engine, person("t1", unsubscribed="true", noNews="true"))
    linked = engine.memory(pa.table({"winner": ["1"], "target_key": ["t1"]}))
    lists = {name: pa.array([value], pa.list_(pa.string())) for name, value in (("wide", wide), ("topics", topics))}
    said = engine.memory(pa.table({"winner": ["1"], **lists}))
    heard = engine.keep(standing.echoes(linked, linked, said))
    assert texts(engine, standing.without_echoes(found, heard), "kind", "topic") == left
    nobody = engine.memory(pa.table({"target_key": ["t9"]}))
    assert engine.rows(standing.echoes(linked, nobody, said)) == []


def test_another_record_of_the_person_or_the_address_says_what_it_says_here_too(engine: Engine) -> None:
    target = people(engine, person("t1", "a@x.com"), person("t2", "b@x.com"), person("t3", "A@x.com"))
    links = engine.memory(pa.table({"winner": ["1", "1"], "target_key": ["t1", "t2"]}))
    there = [
        ("t2", "person", "block", "b@x.com", "*"),
        ("t3", "address", "undeliverable", "a@x.com", "*"),
        ("t3", "person", "objection", "a@x.com", "*"),
        ("t1", "person", "source_hold", "a@x.com", "*"),
        ("t2", "person", "topic_opt_out", "b@x.com", "8"),
    ]
    names = ("target_key", "holder", "kind", "address_loose", "topic")
    told = engine.memory(pa.Table.from_pylist([{**dict(zip(names, row, strict=True)), "brand": "0"} for row in there]))
    lists = {name: pa.array([own], pa.list_(pa.string())) for name, own in (("wide", ["org_hold"]), ("topics", None))}
    bearing = engine.memory(pa.table({"target_key": ["t1"], "winner": ["1"], **lists}))
    more = engine.keep(standing.said_beside(bearing, target, links, told))
    assert texts(engine, more, "kind", "cell") == {("block", ""), ("undeliverable", ""), ("topic_opt_out", "0|8")}
    (row,) = engine.rows(standing.with_beside(bearing, more))
    assert (row["wide"], row["topics"]) == (["block", "org_hold", "undeliverable"], ["0|8"])
