"""Consent records: their chain shows every edit, and they say what the standards ask for."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mamigrate.consent.kinds import KINDS
from mamigrate.consent.proof.record import (
    Chain,
    Context,
    exported,
    last,
    of,
    principal,
    record,
    sealed,
    status,
    trouble,
)
from mamigrate.consent.proof.record import people as names

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ABOUT = Context(b"k" * 32, "Minamo", "hubspot", "hubspot", NOW, "1.0", {"7": "News"}, {"7": "mmNoTopic7"})
RECORDS = 40


def fact(number: int, **more: Any) -> dict[str, Any]:
    blank = {
        "key": f"hubspot/person/{number}/unsubscribed/person", "polarity": "-", "kind": "objection", "holder": "person",
        "person": str(number), "address_strict": f"P{number}@x.example", "address_loose": f"p{number}@x.example",
        "channel": "email", "brand": "*", "topic": "7", "asset_class": "MKT", "lo": NOW, "hi": NOW, "until": None,
        "actor": "subject", "proof": 2, "source_ref": f"hubspot/person/{number}/unsubscribed", "hash": f"h{number}",
        "raw": "true", "superseded_by": [],
    }  # fmt: skip
    return {**blank, **more}


def written() -> tuple[list[bytes], Chain]:
    chain = Chain()
    return [chain.line(record(fact(number), ABOUT)) for number in range(RECORDS)], chain


LINES, CHAIN = written()

Change = Callable[[random.Random, list[bytes]], list[bytes]]


def edited(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    """One byte of one line is another one."""
    at = dice.randrange(len(lines))
    place = dice.randrange(len(lines[at]) - 1)
    other = dice.choice([byte for byte in b'0aZ "}' if byte != lines[at][place]])
    return [*lines[:at], lines[at][:place] + bytes([other]) + lines[at][place + 1 :], *lines[at + 1 :]]


def resaid(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    """A record says something else, and its own hash is made to fit."""
    at = dice.randrange(len(lines) - 1)
    one = orjson.loads(lines[at])
    one["event"]["kind"] = "grant"
    chain = Chain()
    chain.head = one.pop("previous_hash")
    del one["row_hash"]
    return [*lines[:at], chain.line(one), *lines[at + 1 :]]


def deleted(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    at = dice.randrange(len(lines))
    return [*lines[:at], *lines[at + 1 :]]


def swapped(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    one, other = sorted(dice.sample(range(len(lines)), 2))
    return [*lines[:one], lines[other], *lines[one + 1 : other], lines[one], *lines[other + 1 :]]


def cut_off(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    return lines[: dice.randrange(len(lines))]


def repeated(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    at = dice.randrange(len(lines))
    return [*lines[: at + 1], *lines[at:]]


def made_anew(dice: random.Random, lines: list[bytes]) -> list[bytes]:
    """The whole file again, with one record less and every hash right."""
    chain, gone = Chain(), dice.randrange(len(lines))
    return [chain.line(record(fact(number), ABOUT)) for number in range(len(lines)) if number != gone]


WAYS: Sequence[Change] = (edited, resaid, deleted, swapped, cut_off, repeated, made_anew)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_five_hundred_changes_are_all_found(way: Change) -> None:
    dice = random.Random(way.__name__)
    for _ in range(500):
        changed = way(dice, list(LINES))
        assert changed != LINES
        assert trouble(changed, CHAIN.rows, CHAIN.head)


def test_what_was_written_is_whole() -> None:
    assert trouble(LINES, CHAIN.rows, CHAIN.head) == ""
    assert trouble(LINES) == ""
    assert last(LINES) == (CHAIN.head, RECORDS)


def test_an_end_that_was_cut_off_is_seen_only_by_the_head_that_was_kept_apart() -> None:
    assert trouble(LINES[:-1]) == ""
    assert "39 lines" in trouble(LINES[:-1], CHAIN.rows, CHAIN.head)


def test_the_place_of_the_trouble_is_told() -> None:
    assert trouble([*LINES[:3], b"no json\n", *LINES[3:]]) == "line 4 is not what was written there"


def test_a_record_says_where_it_comes_from_and_what_it_means() -> None:
    told = record(fact(5, source_ref="hubspot/status/a/b@x.example/BRAND/0"), ABOUT)
    assert told["source"]["object"] == "status"
    assert told["source"]["id"] == f"a/hmac:{principal(ABOUT.key, 'b@x.example')}/BRAND"
    assert told["source"]["field"] == "0"
    assert told["processing"]["topic_source_name"] == "News"
    assert told["processing"]["topic_target_name"] == "mmNoTopic7"
    assert told["event"]["state"] == "dpv:ConsentWithdrawn"
    assert told["party"]["controller"] == "Minamo"


def test_a_person_is_named_by_a_key_that_others_do_not_have() -> None:
    assert principal(b"one", "ana@x.example") != principal(b"two", "ana@x.example")
    told = record(fact(5), ABOUT)["header"]
    assert told["principal"] == principal(ABOUT.key, "p5@x.example")
    assert record(fact(5, address_loose=None, address_strict=None), ABOUT)["header"]["principal"] == told["cluster"]


@pytest.mark.parametrize("kind", [*KINDS, "no_basis"])
def test_every_kind_of_fact_has_a_status_of_the_vocabulary(kind: str) -> None:
    assert status(kind, "subject", ended=False).startswith("dpv:")


def test_who_ended_a_consent_makes_the_difference() -> None:
    assert status("objection", "subject", ended=False) == "dpv:ConsentWithdrawn"
    assert status("org_hold", "operator", ended=False) == "dpv:ConsentRevoked"
    assert status("grant", "subject", ended=True) == "dpv:ConsentExpired"


def test_what_the_proof_compares_is_read_back_as_it_was() -> None:
    (one,) = exported(LINES[:1])
    assert one == {"sealed": sealed(ABOUT.key, "h0"), "lo": NOW, "hi": NOW}


@pytest.mark.parametrize(
    "entered", ["P5@x.example", "p5@X.example", "p5＠x.example", '"p 5"@x.example', "P5 at x", "someone.else@y.example"]
)
def test_no_address_is_left_in_a_record_whatever_it_looks_like(entered: str) -> None:
    """Neither plainly nor so that it can be tried out: the hash of a fact is one under the key."""
    known = {"address_strict": entered, "address_loose": entered.casefold()}
    texts = {"key": f"a/status/{entered}/7", "source_ref": f"a/status/{entered}/7", "raw": f"said {entered}"}
    line = Chain().line(record(fact(5, **known, **texts, superseded_by=[f"a/yes/{entered}"], hash="deadbeef"), ABOUT))
    text = line.decode().casefold()
    assert [part for part in (entered.casefold(), "@", "p5", "deadbeef") if part in text] == []
    told = orjson.loads(line)
    assert (told["source"]["object"], told["source"]["field"]) == ("status", "7")


def test_records_of_an_address_are_found_by_it_and_by_whoever_has_it() -> None:
    chain = Chain()
    held = fact(5, address_loose=None, address_strict=None)
    lines = [chain.line(record(one, ABOUT)) for one in (fact(4), fact(5), held)]
    people = names(ABOUT.key, "p5@x.example", lines)
    assert list(of(ABOUT.key, "p5@x.example", lines, people)) == lines[1:]
    assert names(ABOUT.key, "nobody@x.example", lines) == set()


def test_a_file_of_as_many_lines_that_was_made_anew_is_seen_by_its_head() -> None:
    chain, other = Chain(), Chain()
    lines, anew = [chain.line({"n": n}) for n in range(3)], [other.line({"n": -n}) for n in range(3)]
    assert trouble(lines, chain.rows, chain.head) == ""
    assert trouble(anew, other.rows) == ""
    assert trouble(anew, chain.rows, chain.head) == "the last line is not the one that was written"


def test_no_address_is_left_in_what_a_notice_is_called() -> None:
    """Nor the part before an apostrophe of one."""
    told = record(fact(5, notice="told o'brien@x.example, 'eve@x.example'", notice_version="1"), ABOUT)["notice"]
    assert [part for part in ("@", "brien", "o'", "eve") if part in told["id"]] == []
    assert told["version"] == "1"


def test_a_fact_of_a_declared_column_names_the_decision_that_says_what_it_means() -> None:
    told = {"key": "a/person/5/c12/declared/person", "source_ref": "a/person/5/c12"}
    made = record(fact(5, **told), replace(ABOUT, declared_by="consent-column/"))
    assert made["header"]["decisions"] == ["consent-column/c12"]


def test_an_interest_that_a_company_claims_is_no_given_consent() -> None:
    card = {"kind": "implied_grant", "polarity": "+", "actor": "operator", "basis": "card", "regimes": ["japan"]}
    made = record(fact(5, **card), replace(ABOUT, signed="Ana Ito", mapping="m1", adapter="hubspot 1.0"))
    assert made["event"]["state"] == status("implied_grant", "operator", ended=True) == "dpv:ConsentUnknown"
    told = {name: made["processing"][name] for name in ("legal_basis", "basis", "regimes", "mapping_hash")}
    assert told == {
        "legal_basis": "dpv:LegitimateInterest",
        "basis": "card",
        "regimes": ["japan"],
        "mapping_hash": "m1",
    }
    assert (made["header"]["decisions"], made["header"]["adapter_version"]) == (
        ["consent.basis/card: Ana Ito"],
        "hubspot 1.0",
    )


def test_a_given_consent_is_one_and_a_denial_rests_on_no_basis() -> None:
    given = record(fact(5, kind="grant", polarity="+"), ABOUT)
    assert (given["event"]["state"], given["processing"]["legal_basis"]) == ("dpv:ConsentGiven", "dpv:Consent")
    denied = record(fact(5), ABOUT)["processing"]
    assert (denied["legal_basis"], denied["basis"], denied["regimes"]) == (None, None, [])


def test_records_of_the_form_before_are_whole_and_found_still() -> None:
    chain, lines = Chain(), []
    for number in range(3):
        made = record(fact(number), ABOUT)
        made["header"] = made["header"] | {"schema_version": "mamigrate-consent-record/2"}
        del made["header"]["adapter_version"]
        made["processing"] = {name: made["processing"][name] for name in ("purpose", "channel", "topic")}
        lines.append(chain.line(made))
    assert trouble(lines, chain.rows, chain.head) == ""
    assert [one["sealed"] for one in exported(lines)] == [sealed(ABOUT.key, f"h{number}") for number in range(3)]
    assert list(of(ABOUT.key, "p1@x.example", lines, ())) == lines[1:2]
