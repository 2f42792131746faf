"""Flags that repeat a dated state: explained by it, or denials of their own."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mamigrate.consent import mirrors
from mamigrate.contract import Blocker
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import NOW, day, fact

BLOCKERS = (Blocker("optout", "true", "objection", holders=("person", "address"), mirrors="status"), Blocker("cold", "true", "source_hold"))  # fmt: skip
ANA = {"person_key": "1", "address_strict": "Ana@x.example", "address_loose": "ana@x.example"}
FLAG = fact("flag", source_ref="hs/person/1/optout", raw="true", lo=day(1), hi=NOW, **ANA)
STATE = fact("state", source_ref="hs/status/Ana@x.example/WIDE", lo=day(5), hi=day(5), **ANA)
PERSON = {"holder": "person"}


def since(engine: Engine, *facts: dict[str, Any]) -> tuple[Any, Any, str]:
    """Bounds and kind of the flag after its explanation."""
    table = engine.rows_as_table(facts, Kind.CONSENT_FACT)
    found = mirrors.resolved(table, mirrors.explained(table, BLOCKERS, "hs"))
    rows = {row["key"]: row for row in engine.rows(found)}
    assert len(rows) == len(facts)
    assert {key: row for key, row in rows.items() if key != "flag"}.keys() == {one["key"] for one in facts} - {"flag"}
    return rows["flag"]["lo"], rows["flag"]["hi"], rows["flag"]["kind"]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


EXPLAINED, ALONE = (day(5), day(5), "objection"), (day(1), NOW, "objection")


def test_a_flag_is_as_old_as_the_state_that_it_repeats(engine: Engine) -> None:
    assert since(engine, FLAG, STATE) == EXPLAINED
    assert since(engine, FLAG | PERSON, STATE | PERSON) == EXPLAINED


def test_a_flag_that_sums_up_other_states_is_that_state(engine: Engine) -> None:
    assert since(engine, FLAG | {"kind": "source_hold"}, STATE) == EXPLAINED


def test_the_latest_state_counts(engine: Engine) -> None:
    later = STATE | {"key": "later", "lo": day(9), "hi": day(9)}
    assert since(engine, STATE, later, FLAG) == (day(9), day(9), "objection")


def test_a_flag_without_a_state_denies_as_before(engine: Engine) -> None:
    assert since(engine, FLAG) == ALONE


@pytest.mark.parametrize(
    "change",
    [
        {"lo": None, "hi": None},
        {"lo": day(4)},
        {"hi": None},
        {"until": NOW + timedelta(1)},
        {"polarity": "+", "kind": "grant"},
        {"topic": "8"},
        {"brand": "7"},
        {"channel": "*"},
        {"asset_class": "SVC"},
        {"holder": "person"},
        {"address_loose": "ben@x.example"},
        {"address_loose": None},
        {"source_ref": "hs/timeline/Ana@x.example/1"},
        {"source_ref": "other/status/Ana@x.example/WIDE"},
    ],
)
def test_only_the_exact_state_of_the_same_scope_and_address_explains(engine: Engine, change: dict[str, Any]) -> None:
    assert since(engine, FLAG, STATE | change) == ALONE


@pytest.mark.parametrize(
    "change",
    [
        {"source_ref": "hs/person/1/cold"},
        {"source_ref": "hs/person/1/optout_8"},
        {"source_ref": "hs/contact/1/optout"},
        {"raw": "maybe"},
        {"raw": "true;sent=24"},
    ],
)
def test_only_a_field_that_is_known_to_repeat_is_explained(engine: Engine, change: dict[str, Any]) -> None:
    assert since(engine, FLAG | change, STATE) == ALONE


def test_a_state_that_could_not_be_read_or_says_something_else_too_explains_nothing(engine: Engine) -> None:
    unread = STATE | {"key": "unread", "kind": "unparsed", "lo": None, "hi": None}
    complaint = STATE | {"key": "spam", "kind": "complaint"}
    assert since(engine, FLAG, STATE, unread) == ALONE
    assert since(engine, FLAG, STATE, complaint) == ALONE


def test_what_another_person_holds_explains_nothing_of_this_one(engine: Engine) -> None:
    assert since(engine, FLAG | PERSON, STATE | PERSON | {"person_key": "2"}) == ALONE
    assert since(engine, FLAG, STATE | {"person_key": "2"}) == EXPLAINED


LOG = (Blocker("optout", "true", "objection", mirrors="status", log="timeline"),)
CHANGE = fact("change", source_ref="hs/timeline/ana@x.example/1", lo=day(5), hi=day(5), address_strict="ana@x.example", address_loose="ana@x.example")  # fmt: skip
LEFT = STATE | {"key": "left", "source_ref": "hs/status/ana@x.example/UNIT/7", "brand": "7"}


def brand(engine: Engine, *facts: dict[str, Any]) -> str:
    """Of the change, after its explanation. Nothing else of any fact is touched."""
    table = engine.rows_as_table(facts, Kind.CONSENT_FACT)
    before = {row["key"]: row for row in engine.rows(table)}
    after = {row["key"]: row for row in engine.rows(mirrors.branded(table, mirrors.changes(table, LOG, "hs")))}
    assert {key: row for key, row in after.items() if key != "change"} == {
        k: before[k] for k in before if k != "change"
    }
    assert after["change"] | {"brand": ""} == before["change"] | {"brand": ""}
    return str(after["change"]["brand"])


def test_a_change_without_a_brand_is_of_the_brand_whose_state_it_made(engine: Engine) -> None:
    assert brand(engine, CHANGE, LEFT) == "7"
    later = LEFT | {"key": "later", "brand": "8", "lo": day(9), "hi": day(9)}
    assert brand(engine, later, CHANGE, LEFT) == "7"
    assert brand(engine, CHANGE, LEFT, LEFT | {"key": "topic", "kind": "topic_opt_out", "topic": "9001"}) == "7"


def test_a_change_without_a_state_is_of_all_brands(engine: Engine) -> None:
    assert brand(engine, CHANGE) == "*"


@pytest.mark.parametrize(
    "change",
    [
        {"lo": day(6), "hi": day(6)},
        {"lo": None, "hi": None},
        {"lo": day(4)},
        {"until": NOW + timedelta(1)},
        {"polarity": "+", "kind": "grant"},
        {"kind": "complaint"},
        {"topic": "8"},
        {"channel": "*"},
        {"asset_class": "SVC"},
        {"holder": "person"},
        {"address_strict": "ben@x.example", "address_loose": "ben@x.example"},
        {"address_strict": "ａna@x.example"},
        {"address_strict": None, "address_loose": None},
        {"source_ref": "hs/status_in_part/ana@x.example/UNIT/7"},
        {"source_ref": "hs/timeline/ana@x.example/2"},
        {"source_ref": "other/status/ana@x.example/UNIT/7"},
    ],
)
def test_only_a_brands_exact_state_of_the_same_address_and_instant_tells_it(
    engine: Engine, change: dict[str, Any]
) -> None:
    assert brand(engine, CHANGE, LEFT | change) == "*"


@pytest.mark.parametrize(
    "change",
    [
        {"key": "all", "brand": "*"},
        {"key": "all", "brand": "*", "lo": day(1), "hi": day(1), "address_strict": "ＡNA@x.example"},
        {"key": "unread", "brand": "*", "kind": "unparsed", "lo": None, "hi": None},
    ],
)
def test_where_all_brands_were_left_or_a_state_is_unread_a_change_stays_wide(
    engine: Engine, change: dict[str, Any]
) -> None:
    assert brand(engine, CHANGE, LEFT, LEFT | change) == "*"


@pytest.mark.parametrize("change", [{"source_ref": "hs/person/1/optout"}, {"kind": "complaint"}, {"lo": None}])
def test_only_an_entry_of_the_log_with_its_instant_is_explained(engine: Engine, change: dict[str, Any]) -> None:
    assert brand(engine, CHANGE | change, LEFT) == "*"


@pytest.mark.parametrize(
    ("change", "wide"),
    [
        ({}, True),
        ({"topic": "9"}, False),
        ({"brand": "7"}, False),
        ({"kind": "complaint"}, False),
        ({"source_ref": "hs/person/1/optout"}, False),
    ],
)
def test_an_entry_of_a_log_is_of_all_brands_because_the_log_tells_none(
    engine: Engine, change: dict[str, Any], wide: bool
) -> None:
    table = engine.rows_as_table([CHANGE | change], Kind.CONSENT_FACT)
    assert bool(engine.rows(table.filter(mirrors.unbranded(table, LOG, "hs")))) is wide
    assert engine.rows(table.filter(mirrors.unbranded(table, BLOCKERS, "hs"))) == []


@pytest.mark.parametrize("change", [{"lo": None, "hi": None}, {"lo": day(1)}, {"until": NOW}])
def test_where_one_of_several_states_has_no_instant_none_explains(engine: Engine, change: dict[str, Any]) -> None:
    assert since(engine, FLAG, STATE, STATE | {"key": "other"} | change) == ALONE
