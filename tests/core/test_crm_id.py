"""Ids of a CRM's people in the one form by which they are compared."""

import random
import string
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.plan.crm_id import PREFIXES, Object, canonical, canonicals, spellings
from mamigrate.snapshot.engine import Engine

WORKED_OUT = [
    ("003RO0000016PIA", "YA2"),  # R and O: 8 + 16; none; P, I and A: 4 + 8 + 16
    ("003000000000001", "AAA"),
    ("003ABCDEFGHIJKL", "Y55"),
    ("003abcdefghijkl", "AAA"),
    ("003aaAaaaaAaaaa", "ABB"),
]
"""Ids with their endings, reckoned by hand."""

LETTERS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=12)
SMUDGES = ("", " ", "\n", "AAA", "aaa", "55", "ｱ", "0031")


@pytest.mark.parametrize(("short", "ending"), WORKED_OUT)
def test_an_id_of_15_characters_and_its_whole_one_are_the_same(short: str, ending: str) -> None:
    assert canonical(short, "contact") == canonical(short + ending, "contact") == short + ending
    assert spellings(short + ending) == (short + ending, short)


@pytest.mark.parametrize(
    "text",
    [
        "003RO0000016PIAYA3",  # an ending that belongs to another id
        "003ro0000016piaya2",  # lower case all through
        "003RO0000016PIAYA",
        "003RO0000016PI",
        "003RO0000016PIAYA2 ",
        " 003RO0000016PIAYA2",
        "003RO0000016PIAYA2\n",
        "003RO-00016PIA0",
        "００３RO0000016PIA",
        "n/a",
        "",
    ],
)
def test_what_is_no_id_is_none(text: str) -> None:
    assert canonical(text, "contact") is None


def test_case_tells_two_people_apart() -> None:
    assert canonical("00300000000000A", "contact") != canonical("00300000000000a", "contact")


@pytest.mark.parametrize(
    ("text", "own", "other"), [("003RO0000016PIA", "contact", "lead"), ("00QRO0000016PIA", "lead", "contact")]
)
def test_a_contacts_id_is_no_leads_and_the_other_way_round(text: str, own: Object, other: Object) -> None:
    assert canonical(text, own)
    assert canonical(text, other) is None


@given(LETTERS, st.sampled_from([("003", "contact"), ("00Q", "lead")]), st.integers(0, 14))
def test_the_whole_id_is_told_from_one_whose_case_was_changed(letters: str, of: tuple[str, Object], at: int) -> None:
    whole = canonical(of[0] + letters, of[1])
    assert whole is not None and canonical(whole, of[1]) == whole
    changed = whole[:at] + whole[at].swapcase() + whole[at + 1 :]
    assert changed == whole or canonical(changed, of[1]) is None


def test_the_engine_reads_ids_as_the_function_does(tmp_path: Path) -> None:
    dice = random.Random(7)
    shorts = ["".join(dice.choices(string.ascii_letters + string.digits, k=12)) for _ in range(200)]
    texts = [dice.choice(("003", "00Q", "00q", "001")) + short + dice.choice(SMUDGES) for short in shorts]
    texts += [whole for one in texts for kind in PREFIXES if (whole := canonical(one, kind))]
    table = Engine(tmp_path / "spill")
    held = table.memory(pa.table({"text": pa.array(texts), "at": range(len(texts))}))
    for object in PREFIXES:
        rows = table.rows(held.select("at", whole=canonicals(held.text, object)).order_by("at"))
        assert [row["whole"] for row in rows] == [canonical(text, object) for text in texts]
        assert any(row["whole"] for row in rows)
