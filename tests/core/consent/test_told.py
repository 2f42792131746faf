"""The word that says whether a fact counts, and why not."""

from datetime import timedelta
from typing import Any

import pytest

from mamigrate.consent.told import COUNTING, Known, by_grant, word
from rows import NOW, day, fact

DAY = timedelta(days=1)
ANA: dict[str, Any] = {"person_key": "1", "address_strict": "ana@x.example", "address_loose": "ana@x.example"}
DENIAL = fact("no", **ANA)
GRANT = fact("yes", "grant", polarity="+", brand="b", topic="t", lo=day(1), **ANA)
KNOWN = Known(NOW, denied={"no": ["1"]}, strict={"1": "ana@x.example"}, granted={"1": ["b|t"]})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "denies"),
        ({"key": "other"}, "denies_address"),
        ({"key": "other", "holder": "person"}, "of_nobody"),
        ({"key": "other", "address_loose": None}, "of_nobody"),
        ({"until": NOW}, "over"),
        ({"until": NOW + DAY}, "denies"),
        ({"lo": NOW + DAY}, "denies"),
        ({"channel": "sms"}, "other_channel"),
        ({"channel": "*"}, "denies"),
        ({"polarity": "0", "kind": "pending"}, "waits"),
    ],
)
def test_a_denial_counts_unless_something_ended_it(change: dict[str, Any], expected: str) -> None:
    assert word(DENIAL | change, KNOWN) == expected


def test_a_denial_that_a_grant_ended_counts_where_it_is_left() -> None:
    lifted = Known(NOW, denied={"no": ["1"]}, lifted={"no": {"b|t": "yes"}})
    assert word(DENIAL, lifted) == "lifted"
    assert word(DENIAL, Known(NOW, lifted=lifted.lifted, left={"no"})) == "lifted_in_part"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "grants"),
        ({"lo": None}, "grants"),
        ({"kind": "reconfirmed"}, "grants"),
        ({"kind": "implied_grant"}, "claimed"),
        ({"lo": NOW + DAY}, "not_yet"),
        ({"until": NOW}, "over"),
        ({"channel": "sms"}, "other_channel"),
        ({"address_strict": "Ana@x.example"}, "other_address"),
        ({"address_strict": None}, "other_address"),
        ({"topic": "u"}, "not_every_record"),
        ({"person_key": "2"}, "of_nobody"),
        ({"person_key": None}, "address_alone"),
        ({"person_key": None, "address_strict": None}, "of_nobody"),
    ],
)
def test_a_grant_counts_only_where_everything_agrees(change: dict[str, Any], expected: str) -> None:
    assert word(GRANT | change, KNOWN) == expected


def test_words_that_count_are_few() -> None:
    assert sorted(COUNTING) == ["denies", "denies_address", "grants", "lifted_in_part"]


def test_a_grant_names_each_denial_that_it_ended_once() -> None:
    rows = [{"fact": "a", "grant": "g"}, {"fact": "b", "grant": "g"}, {"fact": "a", "grant": "g"}]
    assert by_grant(rows) == {"g": ["a", "b"]}
