"""Pages of records: the quick way through names that are known tells the same as the careful one."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.http.call import Unreadable
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.read.pages import Pages

NAMES = st.text("abcdefgh_1", min_size=1, max_size=3)
VALUES = st.one_of(st.none(), st.just(""), st.text(max_size=4), st.integers(0, 3), st.booleans())
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"id": st.text("0123", min_size=1)},
        optional={
            "properties": st.one_of(st.none(), st.dictionaries(NAMES, VALUES, max_size=6)),
            "createdAt": st.one_of(st.none(), st.just("2026-01-05T10:00:00Z")),
            "archived": st.one_of(st.none(), st.booleans()),
            "url": st.text(max_size=3),
        },
    ),
    max_size=4,
)


def body(records: Any) -> bytes:
    return orjson.dumps({"results": records, "paging": {"next": {"after": "7"}}})


def told(pages: Pages, page: bytes) -> list[Any]:
    found = pages.read(Kind.PERSON, page).records
    return [(one.id, one.properties, one.created_at or "", bool(one.archived), one.associations) for one in found]


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_pages_tell_the_same_whatever_was_met_before(pages: list[Any]) -> None:
    knowing = Pages()
    for page in [*pages, *pages]:
        assert told(knowing, body(page)) == told(Pages(), body(page))


def test_a_page_of_known_names_takes_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"email": None, "city": "Kyoto"}}]))
    monkeypatch.delattr(wire, "parse")
    assert told(pages, body([{"id": "2", "properties": {"email": "a@b.example", "city": ""}}])) == [
        ("2", {"email": "a@b.example"}, "", False, None)
    ]


def test_a_property_that_was_not_met_before_is_told_and_named() -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"email": None}}]))
    page = pages.read(Kind.PERSON, body([{"id": "2", "properties": {"hs_email_optout_7": "true"}}]))
    assert page.records[0].properties == {"hs_email_optout_7": "true"}
    assert set(page.names) == {"email", "hs_email_optout_7"}


@pytest.mark.parametrize(
    "broken", [b"", b"<html>", b"[]", b'{"results": {}}', b'{"results": [1]}', b'{"results": [{"id": "\xff"}]}']
)
def test_a_page_that_is_none_is_unreadable_whatever_was_met_before(broken: bytes) -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"email": "a@b.example"}}]))
    with pytest.raises(Unreadable):
        pages.read(Kind.PERSON, broken)
