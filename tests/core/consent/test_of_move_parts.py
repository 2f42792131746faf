"""Single tables of the proof of a move: what each row of what was read, written and read back becomes there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from mamigrate.consent.fold import Fact
from mamigrate.consent.proof.of_move import carried, fates, fill, places, there
from mamigrate.consent.proof.of_move.moved import READ_BACK, Moved
from mamigrate.consent.proof.of_move.places import Place
from mamigrate.consent.proof.tables import SCHEMAS, Tables
from mamigrate.consent.regimes import basis
from mamigrate.consent.scope import Scope
from mamigrate.snapshot.engine import Engine
from worlds import LOOSE, NEWS, NOW, PLACES, STRICT, moved

BOTH = places.cells([Place("0", "news", "MKT", False, "no_news"), Place("0", "news", "MKT", False, "no_other")])


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


def rows(engine: Engine, schema: pa.Schema, *told: dict[str, Any]) -> ir.Table:
    return engine.memory(pa.Table.from_pylist(list(told), schema=schema))


# --- several places of one topic -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("marked", "is_open"), [("", True), ("no_news", True), ("no_news\nno_other", False)])
def test_a_topic_of_several_places_is_denied_where_all_of_them_are(marked: str, is_open: bool) -> None:
    (one,) = places.shapes([marked], BOTH).to_pylist()
    assert (one["is_open"], one["held"]) == (is_open, not is_open)


@pytest.mark.parametrize(("closed", "denied"), [(("no_news",), None), (("no_news", "no_other"), True)])
def test_a_write_denies_a_topic_when_it_closes_all_its_places(closed: tuple[str, ...], denied: bool | None) -> None:
    (one,) = places.written([places.Wrote(False, False, closed, ())], BOTH).to_pylist()
    assert one["denied"] is denied


def test_a_topic_without_a_place_is_denied_with_everything_only() -> None:
    nowhere = places.cells([Place("0", "news", "MKT", False, None)])
    some = [places.Wrote(True, False, (), ()), places.Wrote(True, True, (), ())]
    assert [one["denied"] for one in places.written(some, nowhere).to_pylist()] == [None, True]
    assert list(places.fields(nowhere)) == []


@pytest.mark.parametrize(
    ("permits", "permitted"),
    [
        ((), False),
        ((("club", "0|club"),), True),
        ((("club", places.ANY),), True),
        ((("club", "0|news"),), False),
        ((("club", "1|club"),), False),
        ((("another", "0|club"),), False),
    ],
)
def test_a_yes_is_permitted_for_the_topic_that_its_permit_names(
    permits: tuple[tuple[str, str], ...], permitted: bool
) -> None:
    wrote = places.Wrote(True, False, (), ("club",), permits)
    rows = places.written([wrote], places.cells(PLACES)).to_pylist()
    assert {one["topic"]: one["permitted"] for one in rows}["club"] is permitted


def test_writes_with_other_permits_are_other_writes() -> None:
    plain, sent = (places.Wrote(True, False, (), ("club",), permits) for permits in ((), (("club", "0|club"),)))
    assert plain.shape != sent.shape


# --- who bears a denial ------------------------------------------------------------------------------------------------------


def test_a_denial_of_nobody_is_told_apart_and_waits(engine: Engine) -> None:
    said: dict[str, Any] = {"population": 0, "polarity": "-", "kind": "objection", **Scope()._asdict()}
    held: list[dict[str, Any]] = [
        {"key": "person", "holder": "person", "person": "1"},
        {"key": "nobody", "holder": "person", "person": None},
        {"key": "address", "holder": "address", "address_loose": "zed@x.example"},
        {"key": "nowhere", "holder": "address", "address_loose": None},
    ]
    facts = rows(engine, carried.schema(), *(said | one for one in held))
    m = moved(engine, [])
    denials = fates.denials(facts, m.times)
    assert {row["fact"] for row in engine.rows(denials)} == {"person", "address"}
    nothing = engine.memory(SCHEMAS["records"].empty_table())
    waiting = fates.waiting(m, facts, denials, nothing)
    assert {row["fact"] for row in engine.rows(waiting)} == {"person", "nobody", "address", "nowhere"}


# --- what stands on the target -----------------------------------------------------------------------------------------------


def read_back(engine: Engine, **told: Any) -> Moved:
    """A move after which one record was read back, as told."""
    blank = {"kind": "person", "key": "0", "target_key": "t1", "found": True, "strict": "a@x.example", "loose": "a@x.example",
             "blocked": False, "marked": "", "wanted": [], "again": []}  # fmt: skip
    return replace(moved(engine, [[]]), read_back=rows(engine, READ_BACK, blank | told))


def theirs(engine: Engine) -> ir.Table:
    """No type stood open there that only the target has."""
    return rows(engine, pa.schema([(name, pa.string()) for name in ("target_key", "person", *Scope._fields)]))


@pytest.mark.parametrize(("blocked", "allowed"), [(False, True), (True, False)])
def test_a_record_that_is_denied_as_a_whole_is_open_for_no_topic(engine: Engine, blocked: bool, allowed: bool) -> None:
    m = read_back(engine, blocked=blocked)
    pairs, shapes = there.pairs(m, there.records(m)), engine.memory(places.shapes([""], BOTH))
    topics = engine.memory(places.topics(BOTH))
    (cell,) = engine.rows(there.cells(pairs, shapes, there.unread(m), topics, theirs(engine), settled=True))
    assert (cell["allowed"], cell["settled"], cell["topic"]) == (allowed, allowed, NEWS.topic)
    held = engine.rows(there.held(pairs, shapes))
    assert [(row["topic"], row["asset_class"]) for row in held] == ([("*", "*")] if blocked else [])


@pytest.mark.parametrize(("before", "mark"), [(False, "a@x.example"), (True, None)])
def test_only_a_record_that_this_move_made_can_bring_somebody_back(
    engine: Engine, before: bool, mark: str | None
) -> None:
    m = read_back(engine)
    if before:
        old = pa.table({"key": ["t1"], "email_strict": ["a@x.example"]})
        m = replace(m, standing=engine.memory(old))
    (record,) = engine.rows(there.marked(m, there.pairs(m, there.records(m)), there.unread(m)))
    assert (record["key"], record["mark"], record["read"]) == ("t1", mark, True)


def test_somebody_who_was_not_found_was_not_read(engine: Engine) -> None:
    m = read_back(engine, found=False, target_key=None, strict=None, loose=None)
    assert engine.rows(there.records(m)) == []
    (dark,) = engine.rows(there.unread(m))
    assert (dark["person"], dark["address"]) == ("0", f"0-{STRICT}")
    nobody = there.pairs(m, there.records(m))
    shapes, topics = engine.memory(places.shapes([], BOTH)), engine.memory(places.topics(BOTH))
    (cell,) = engine.rows(there.cells(nobody, shapes, there.unread(m), topics, theirs(engine), settled=False))
    assert (cell["person"], cell["read"], cell["allowed"]) == ("0", False, None)


# --- what the facts say of a cell ----------------------------------------------------------------------------------------------


def verdict(engine: Engine, topic: str, **change: Any) -> bool:
    """Whether one fact about somebody's own address leaves a topic open: ``club`` asks for a grant, ``bills`` is service mail."""
    about = Fact("0/1", "grant", "address", "0", f"0-{STRICT}", f"0-{LOOSE}", Scope("email", "0", topic))
    m = moved(engine, [[about._replace(**change)]])
    m = replace(m, cells=places.cells([*PLACES, Place("0", "bills", "SVC", False, "no_bills")]))
    numbers = engine.memory(SCHEMAS["numbers"].empty_table())
    filled = fill.fill(m, [], numbers, fill.Engine(engine.keep, engine.memory, engine.rows))
    (found,) = [row["allowed"] for row in engine.rows(filled.tables.verdicts) if row["topic"] == topic]
    return bool(found)


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"lo": NOW}, True),
        ({"lo": NOW + timedelta(seconds=1)}, False),
        ({"until": NOW}, False),
        ({"kind": "implied_grant"}, False),
    ],
)
def test_a_grant_counts_for_the_proof_while_it_runs(engine: Engine, change: dict[str, Any], allowed: bool) -> None:
    assert verdict(engine, "club", **change) is allowed


@pytest.mark.parametrize(("kind", "allowed"), [("erasure", False), ("undeliverable", False), ("objection", True)])
def test_some_denials_close_service_mail_for_the_proof_too(engine: Engine, kind: str, allowed: bool) -> None:
    assert verdict(engine, "bills", kind=kind, scope=Scope(), holder="person") is allowed


@pytest.mark.parametrize(("at", "allowed"), [(f"0-{STRICT}", True), (f"0-{LOOSE}", False), ("ben@x.example", False)])
def test_a_return_opens_no_other_address_of_the_person_for_the_proof(engine: Engine, at: str, allowed: bool) -> None:
    """Somebody left and came back, and has a second record on the target."""
    then, back = NOW - timedelta(2), NOW - timedelta(1)
    left = Fact("0/1", "objection", "person", "0", None, None, Scope(), then, then)
    came = Fact("0/2", "grant", "person", "0", f"0-{STRICT}", f"0-{LOOSE}", NEWS, back, back, proof=2)
    second = {
        "kind": "suppressed_address",
        "key": "parked/0#t2",
        "target_key": "t2",
        "found": True,
        "strict": at,
        "loose": at,
    }
    m = replace(
        moved(engine, [[left, came]]),
        read_back=rows(engine, READ_BACK, {**second, "blocked": False, "marked": "", "wanted": [], "again": []}),
        bearing=rows(
            engine,
            pa.schema([("target_key", pa.string()), ("winner", pa.string())]),
            {"target_key": "t2", "winner": "0"},
        ),
    )
    own = fill.Engine(engine.keep, engine.memory, engine.rows)
    tables = fill.fill(m, [], engine.memory(SCHEMAS["numbers"].empty_table()), own).tables
    news = {row["address"]: row["allowed"] for row in engine.rows(tables.verdicts) if row["topic"] == "news"}
    assert news == {f"0-{STRICT}": True, at: allowed}


# --- what the law rests on -----------------------------------------------------------------------------------------------


def by_law(engine: Engine, kind: str) -> Tables:
    """One person at whose address a basis rule found a business card, in a country whose pack counts it."""
    key, at = "crm/person/0/how/0/*", f"0-{STRICT}"
    made = {"key": key, "kind": kind, "person_key": "0", "address_strict": at, **Scope()._asdict(), "proof": 1, "basis": "card",
            "polarity": "+", "holder": "address", "address_loose": f"0-{LOOSE}", "actor": "operator",
            "source_ref": "crm/person/0/how", "raw": "card"}  # fmt: skip
    pack, names = {"winner": "0", "pack": "japan"}, ("winner", "pack", "key")
    m = replace(
        moved(engine, [[]]),
        made=rows(engine, basis.SCHEMA, made),
        bound=rows(engine, pa.schema([(name, pa.string()) for name in names[:2]]), pack),
        based=rows(engine, pa.schema([(name, pa.string()) for name in names]), pack | {"key": key}),
    )
    own = fill.Engine(engine.keep, engine.memory, engine.rows)
    return fill.fill(m, [], engine.memory(SCHEMAS["numbers"].empty_table()), own).tables


@pytest.mark.parametrize("kind", ["implied_grant", "grant"])
def test_a_basis_is_a_fact_that_a_derivation_names_and_opens_no_topic_that_asks(engine: Engine, kind: str) -> None:
    tables = by_law(engine, kind)
    (fact,) = engine.rows(tables.facts)
    assert (fact["basis"], fact["person"], fact["source_ref"]) == ("card", "0", "crm/person/0/how")
    told = {row["topic"]: row for row in engine.rows(tables.verdicts)}
    assert {topic: row["allowed"] for topic, row in told.items()} == {"news": True, "club": False}
    assert told["news"]["derivation"] == [fact["key"]]
    assert engine.rows(tables.based) == [{"population": 0, "person": "0", "pack": "japan", "fact": fact["key"]}]
