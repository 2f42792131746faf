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
    found = engine.rows(standing.denied(target, [LEFT], {"unsubscribed": "reason"}, "hs", NOW))
    assert found == ([] if ours else [{"target_key": "t", "kind": "objection"}])


def people(engine: Engine, *rows: dict[str, Any]) -> ir.Table:
    return engine.rows_as_table(list(rows), Kind.PERSON)


def test_what_an_address_holds_alone_is_no_other_records() -> None:
    assert standing.of_people([LEFT, BOUNCED, QUIET]) == [LEFT, QUIET]


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
