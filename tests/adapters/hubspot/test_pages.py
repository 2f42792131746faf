"""Pages of records: the quick way through names that are known tells the same as the careful one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.http.call import Unreadable
from mamigrate.model.canonical import FAULTS, parse_datetime
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.read.pages import Pages, Renderers

NAMES = st.text("abcdefgh_1", min_size=1, max_size=3)
TYPES = {"a": DataType.BOOLEAN, "b": DataType.DATETIME, "c": DataType.DECIMAL}
INSTANTS = (
    "2026-01-05T10:00:00Z",
    "2026-01-05T10:00:00.120Z",
    "2026-01-05T10:00:00.000+09:00",
    "2026-01-05T10:00:00",
    "2026-01-05 10:00:00z",
    "2026-02-30T10:00:00Z",
    "1767607200000",
)
VALUES = st.one_of(
    st.none(),
    st.just(""),
    st.text(max_size=4),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(("true", "false", "TRUE", "maybe", "007", "1.50", *INSTANTS)),
)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"id": st.text("0123", min_size=1)},
        optional={
            "properties": st.one_of(st.none(), st.dictionaries(NAMES, VALUES, max_size=6)),
            "createdAt": st.one_of(st.none(), st.sampled_from(INSTANTS)),
            "archived": st.one_of(st.none(), st.booleans()),
            "url": st.text(max_size=3),
        },
    ),
    max_size=4,
)


def body(records: Any) -> bytes:
    return orjson.dumps({"results": records, "paging": {"next": {"after": "7"}}})


def told(pages: Pages, page: bytes) -> list[Any]:
    found = pages.read(Kind.PERSON, page, TYPES)
    return [
        (one.id, settled(one.properties, found.left), moment(one.created_at), bool(one.archived), one.associations)
        for one in found.records
    ]


def settled(properties: dict[str, Any], left: Renderers) -> dict[str, Any]:
    return {name: rendered(left[name], value) if name in left else value for name, value in properties.items()}


def rendered(render: Callable[[str], str], value: Any) -> Any:
    """What is no text, or does not parse, stays as it is."""
    try:
        return render(value) if isinstance(value, str) else value
    except FAULTS:
        return value


def moment(value: str | datetime | None) -> Any:
    """A moment is told as one, or as a text of the same moment."""
    try:
        return parse_datetime(value) if isinstance(value, str) and value else value or None
    except ValueError:
        return value


@given(st.lists(RECORDS, min_size=1, max_size=4))
def test_pages_tell_the_same_whatever_was_met_before(pages: list[Any]) -> None:
    knowing = Pages()
    for page in [*pages, *pages]:
        assert told(knowing, body(page)) == told(Pages(), body(page))


def test_a_page_of_known_names_takes_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"email": None, "city": "Kyoto"}}]), TYPES)
    monkeypatch.delattr(wire, "parse")
    assert told(pages, body([{"id": "2", "properties": {"email": "a@b.example", "city": ""}}])) == [
        ("2", {"email": "a@b.example"}, None, False, None)
    ]


def test_a_value_in_an_unusual_form_still_takes_a_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"a": None, "b": None}}]), TYPES)
    monkeypatch.delattr(wire, "parse")
    assert told(pages, body([{"id": "2", "properties": {"a": "TRUE", "b": "1767607200000"}}])) == [
        ("2", {"a": "true", "b": "2026-01-05T10:00:00Z"}, None, False, None)
    ]


def test_what_is_no_text_by_type_may_change_between_pages() -> None:
    pages = Pages()
    page = body([{"id": "1", "properties": {"a": "1"}}])
    pages.read(Kind.PERSON, page, {})
    pages.read(Kind.PERSON, page, TYPES)
    assert told(pages, page) == [("1", {"a": "true"}, None, False, None)]


def test_a_property_that_was_not_met_before_is_told_and_named() -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"email": None}}]), TYPES)
    page = pages.read(Kind.PERSON, body([{"id": "2", "properties": {"hs_email_optout_7": "true"}}]), TYPES)
    assert [one.properties for one in page.records] == [{"hs_email_optout_7": "true"}]
    assert set(page.names) == {"email", "hs_email_optout_7"}


@pytest.mark.parametrize(
    "broken", [b"", b"<html>", b"[]", b'{"results": {}}', b'{"results": [1]}', b'{"results": [{"id": "\xff"}]}']
)
def test_a_page_that_is_none_is_unreadable_whatever_was_met_before(broken: bytes) -> None:
    pages = Pages()
    pages.read(Kind.PERSON, body([{"id": "1", "properties": {"email": "a@b.example"}}]), TYPES)
    with pytest.raises(Unreadable):
        pages.read(Kind.PERSON, broken, TYPES)
