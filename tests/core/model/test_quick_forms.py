"""The quick ways through canonical texts end where the careful way ends."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.model.canonical import NotCanonical, canonical, parse_datetime, render_datetime
from mamigrate.model.estate import DataType

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.sampled_from(["{0}.000Z", "{0}Z", "{0}+00:00", "{0}.120Z"]))
def test_a_datetime_reads_alike_in_every_usual_form(moment: datetime, form: str) -> None:
    text = form.format(moment.strftime("%Y-%m-%dT%H:%M:%S"))
    assert canonical(text, DataType.DATETIME) == render_datetime(parse_datetime(text))


@given(MOMENTS)
def test_a_rendered_datetime_is_the_same_moment(moment: datetime) -> None:
    text = render_datetime(moment)
    assert parse_datetime(text) == moment
    assert text.endswith("Z") and "+" not in text and not text.endswith("0Z" if "." in text else "\0")


@pytest.mark.parametrize("text", ["2024-13-01T00:00:00.000Z", "2024-W01-1T00:00:00.000Z", "yyyy-mm-ddThh:mm:ssZ", "Z"])
def test_what_only_looks_like_a_datetime_is_refused_or_read_whole(text: str) -> None:
    try:
        found = canonical(text, DataType.DATETIME)
    except NotCanonical:
        return
    assert found == render_datetime(parse_datetime(text))


@given(st.text("0123456789", min_size=1, max_size=30))
def test_plain_digits_are_the_number_that_they_say(text: str) -> None:
    assert canonical(text, DataType.DECIMAL) == str(int(text)) == format(Decimal(text), "f").lstrip("0").rjust(1, "0")


@given(st.from_regex(r"-?[0-9]{0,12}\.?[0-9]{0,12}", fullmatch=True))
def test_a_plain_decimal_keeps_every_digit_that_counts(text: str) -> None:
    try:
        wanted = Decimal(text)
    except InvalidOperation:
        with pytest.raises(NotCanonical):
            canonical(text, DataType.DECIMAL)
        return
    found = canonical(text, DataType.DECIMAL)
    assert Decimal(found) == wanted
    assert canonical(found, DataType.DECIMAL) == found
    assert not found.endswith(".") and not ("." in found and found.endswith("0"))
    assert not found.startswith(("00", "."))


@given(st.dates())
def test_a_date_is_its_own_canonical_text(day: date) -> None:
    assert canonical(day.isoformat(), DataType.DATE) == day.isoformat()


@pytest.mark.parametrize("text", ["2023-02-29", "2023-1-001", "2023-aa-01", "٢٠٢٣-01-01", "2023-W01-1"])
def test_ten_characters_with_dashes_are_no_date_yet(text: str) -> None:
    try:
        found = canonical(text, DataType.DATE)
    except NotCanonical:
        return
    assert found == date.fromisoformat(text).isoformat()
