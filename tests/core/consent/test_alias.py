"""Spellings of one mailbox: by the rules of providers, and by nothing else."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.consent import alias
from mamigrate.consent.address import keys
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
    found = engine.rows(alias.holds(people, engine.rows_as_table(denials, Kind.CONSENT_FACT)).order_by("person_key"))
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
    said = engine.rows(alias.holds(people, engine.rows_as_table(wide, Kind.CONSENT_FACT)).order_by("person_key"))
    assert [(row["person_key"], row["denial"]) for row in said] == [("1", "no"), ("2", "no")]
    narrow = [fact("topic", kind, address_loose="user+y@gmail.com", topic="8")]
    assert engine.rows(alias.holds(people, engine.rows_as_table(narrow, Kind.CONSENT_FACT))) == []


def test_what_a_person_holds_is_held_at_the_other_spellings_of_the_person_s_mailbox(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    people = engine.rows_as_table([person("1", "user@gmail.com"), person("2", "u.ser@gmail.com")], Kind.PERSON)
    own = engine.rows_as_table([fact("own", holder="person", person_key="1")], Kind.CONSENT_FACT)
    assert [row["person_key"] for row in engine.rows(alias.holds(people, own))] == ["2"]
