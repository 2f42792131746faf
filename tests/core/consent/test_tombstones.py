"""Denied addresses that are known again and cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.consent import tombstones

KEY = bytes(range(32))
MARKS = st.dictionaries(
    st.text("0123456789abcdef", min_size=4, max_size=8), st.frozensets(st.sampled_from("abc"), min_size=1)
)


@pytest.mark.parametrize("typed", ["Ana@X.example", " ana@x.example ", "ANA@x.EXAMPLE", "ana@x\u200b.example"])
def test_an_address_is_known_again_however_it_is_typed(typed: str) -> None:
    assert tombstones.mark_of(KEY, typed) == tombstones.mark_of(KEY, "ana@x.example")


def test_a_mark_says_nothing_without_its_key() -> None:
    other = tombstones.mark_of(bytes(32), "ana@x.example")
    assert tombstones.mark_of(KEY, "ana@x.example") != other
    assert tombstones.mark_of(KEY, "ben@x.example") != tombstones.mark_of(KEY, "ana@x.example")
    assert tombstones.mark_of(KEY, "  ") is None


@given(MARKS)
def test_what_is_written_reads_back(found: dict[str, frozenset[str]]) -> None:
    assert tombstones.parse(tombstones.lines(found)) == found


@given(MARKS, st.lists(st.tuples(st.text("0123456789abcdef", min_size=4, max_size=4), st.sampled_from("abcd"))))
def test_nothing_that_is_known_is_ever_taken_away(
    known: dict[str, frozenset[str]], more: list[tuple[str, str]]
) -> None:
    found = tombstones.united(known, more)
    assert all(found[one] >= kinds for one, kinds in known.items())
    assert all(kind in found[one] for one, kind in more)
    assert tombstones.united(found, more) == found


@pytest.mark.parametrize("line", [b"x\n", b"[1]\n", b'{"mark": "a"}\n', b'{"mark": "a", "kinds": 3}\n'])
def test_a_damaged_line_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="no line of tombstones"):
        tombstones.parse([line])
