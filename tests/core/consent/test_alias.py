"""Spellings of one mailbox: by the rules of providers, and by nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.consent import alias, lifting
from mamigrate.consent.address import keys
from mamigrate.consent.regimes.population import topics
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import fact, person

SPELLINGS = [
    ("user+news@gmail.com", "user@gmail.com"),
    ("u.s.er@googlemail.com", "user@gmail.com"),
    ("first.last+a+b@outlook.com", "first.last@outlook.com"),
    ("user+news@company.example", "user+news@company.example"),
    ("u.ser@company.example", "u.ser@company.example"),
    ("user@gmail.com.example", "user@gmail.com.example"),
    ("no address", "no address"),
    ('"a@b"+x@gmail.com', '"a@b"@gmail.com'),
]


@pytest.mark.parametrize(("address", "one"), SPELLINGS)
def test_a_mailbox_has_one_spelling(address: str, one: str) -> None:
    assert alias.mailbox(address) == one


def left(engine: Engine, people: ir.Table, denials: Sequence[dict[str, Any]], cells: Sequence[Scope] = ()) -> ir.Table:
    told = engine.rows_as_table(list(denials), Kind.CONSENT_FACT)
    reach = engine.memory(lifting.reach(engine.rows(alias.scopes(told)), cells, FLAT))
    return alias.left(people, told, reach, engine.memory(topics(cells)))


def held(
    engine: Engine, people: ir.Table, denials: Sequence[dict[str, Any]], cells: Sequence[Scope] = ()
) -> list[dict[str, Any]]:
    return engine.rows(alias.holds(people, left(engine, people, denials, cells)).order_by("person_key"))


LOCAL = st.text('ab.+"@', min_size=1, max_size=8)
DOMAIN = st.sampled_from([*alias.TAGGED, *alias.SAME, "x.example", "gmail.com.example"])


@given(LOCAL, DOMAIN)
def test_a_mailbox_s_spelling_is_its_own(local: str, domain: str) -> None:
    once = alias.mailbox(f"{local}@{domain}")
    assert alias.mailbox(once) == once


def test_the_engine_spells_as_python_does(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    texts = [address for address, _ in SPELLINGS] + [
        f"{a}{b}@{d}" for a in ("a.b", "+", ".") for b in ("", "+t.u") for d in alias.TAGGED
    ]
    table = engine.memory(pa.table({"text": texts}))
    for row in engine.rows(table.mutate(found=alias.mailboxes(table.text))):
        known = row["text"].rpartition("@")[2] in {*alias.TAGGED, *alias.SAME}
        assert row["found"] == (alias.mailbox(row["text"]) if known else None)


def test_12_who_left_at_another_spelling_of_the_mailbox_is_held(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    rows = [
        person("1", "user@gmail.com"), person("2", "us.er@googlemail.com"), person("3", "user+x@gmail.com"), person("4", "other@gmail.com"),
        person("5", "user+x@company.example"), person("6", "user@company.example"), person("7", "gone@gmail.com"),
    ]  # fmt: skip
    known = keys("user+x@gmail.com")
    bounced = keys("other+y@gmail.com")
    denials = [
        fact("no", address_loose=known.loose, address_strict=known.strict, source_ref="old/opt_out/1"),
        fact("bounce", "undeliverable", address_loose=bounced.loose, address_strict=bounced.strict),
        fact("company", address_loose="user+x@company.example"),
        fact("own", holder="person", person_key="7", source_ref="old/person/7/flag"),
    ]
    people = engine.rows_as_table(rows, Kind.PERSON)
    found = held(engine, people, denials)
    assert [(row["person_key"], row["denial"]) for row in found] == [("1", "no"), ("2", "no")]


def test_a_hold_of_an_alias_is_a_denial_of_everything_until_somebody_has_looked(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    holds = engine.memory(pa.table({"person_key": ["1"], "denial": ["no"], "source_ref": ["hs/status/no"]}))
    (row,) = engine.rows(alias.as_denials(holds))
    assert row == {"person_key": "1", "fact": "alias/no", "kind": "org_hold", "topic": "*", "brand": "*"}


@pytest.mark.parametrize("kind", ["complaint", "erasure"])
def test_every_wish_of_who_reads_a_mailbox_holds_its_other_spellings(tmp_path: Path, kind: str) -> None:
    engine = Engine(tmp_path / "spill")
    people = engine.rows_as_table([person("1", "user@gmail.com"), person("2", "u.ser@gmail.com")], Kind.PERSON)
    wide = [
        fact("no", kind, address_loose="user+x@gmail.com"),
        fact("topic", kind, address_loose="user+y@gmail.com", topic="8"),
    ]
    said = held(engine, people, wide)
    assert [(row["person_key"], row["denial"]) for row in said] == [("1", "no"), ("2", "no")]
    narrow = [fact("topic", kind, address_loose="user+y@gmail.com", topic="8")]
    assert held(engine, people, narrow) == []


def test_what_a_person_holds_is_held_at_the_other_spellings_of_the_person_s_mailbox(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    people = engine.rows_as_table([person("1", "user@gmail.com"), person("2", "u.ser@gmail.com")], Kind.PERSON)
    own = [fact("own", holder="person", person_key="1")]
    assert [row["person_key"] for row in held(engine, people, own)] == ["2"]


NEWS, EVENTS = Scope("email", "0", "news"), Scope("email", "0", "events")


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ([("topic_opt_out", "0", "news")], False),
        ([("topic_opt_out", "0", "news"), ("topic_opt_out", "0", "news")], False),
        ([("topic_opt_out", "0", "news"), ("topic_opt_out", "*", "events")], True),
        ([("topic_opt_out", "0", "news"), ("complaint", "0", "events")], True),
        ([("topic_opt_out", "0", "news"), ("undeliverable", "0", "events")], False),
        ([("topic_opt_out", "0", "news"), ("topic_opt_out", "1", "events")], False),
        ([("objection", "0", "*")], True),
        ([("objection", "1", "*")], False),
        ([("objection", "*", "*")], True),
    ],
)
@pytest.mark.parametrize("shared", [False, True])
def test_who_left_every_type_one_by_one_left_everything(
    tmp_path: Path, said: list[tuple[str, str, str]], holds: bool, shared: bool
) -> None:
    """``shared``: the person says the last of it, and the address the rest."""
    engine = Engine(tmp_path / "spill")
    people = engine.rows_as_table([person("1", "user@gmail.com"), person("2", "u.ser@gmail.com")], Kind.PERSON)
    denials = [
        fact(str(at), kind, address_loose="user@gmail.com", brand=brand, topic=topic)
        for at, (kind, brand, topic) in enumerate(said)
    ]
    if shared:
        denials[-1] |= {"holder": "person", "person_key": "1", "address_loose": None}
    assert [row["person_key"] for row in held(engine, people, denials, [NEWS, EVENTS])] == (["2"] if holds else [])


def test_without_types_of_marketing_nobody_left_them_all(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    people = engine.rows_as_table([person("1", "user@gmail.com"), person("2", "u.ser@gmail.com")], Kind.PERSON)
    assert held(engine, people, [fact("1", "topic_opt_out", address_loose="user@gmail.com", topic="gone")]) == []


def test_a_tag_at_a_provider_whose_rules_nobody_knows_is_told(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    addresses = [
        "user+news@x.example",
        "user@x.example",
        "us.er@x.example",
        "user+x@gmail.com",
        "user@gmail.com",
        "+only@x.example",
        "user@y.example",
    ]
    people = engine.rows_as_table([person(str(at), one) for at, one in enumerate(addresses)], Kind.PERSON)
    gone = [
        fact("no", address_loose="user+news@x.example", source_ref="old/1"),
        fact("known", address_loose="user+x@gmail.com"),
        fact("bare", address_loose="@x.example"),
    ]
    found = engine.rows(alias.near(people, left(engine, people, gone)))
    assert [(row["person_key"], row["denial"], row["source_ref"]) for row in found] == [("1", "no", "old/1")]
