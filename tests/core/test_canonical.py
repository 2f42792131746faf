"""One text for each value."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.model.canonical import NotCanonical, canonical, parse_datetime, render_datetime
from mamigrate.model.estate import DataType


@pytest.mark.parametrize(
    ("text", "data_type", "wanted"),
    [
        ("1e3", DataType.INTEGER, "1000"),
        ("007", DataType.INTEGER, "7"),
        ("1.50", DataType.DECIMAL, "1.5"),
        ("-0.0", DataType.DECIMAL, "0"),
        ("1E-7", DataType.DECIMAL, "0.0000001"),
        ("TRUE", DataType.BOOLEAN, "true"),
        ("0", DataType.BOOLEAN, "false"),
        ("1767225600000", DataType.DATETIME, "2026-01-01T00:00:00Z"),
        ("2026-01-01T09:00:00+09:00", DataType.DATETIME, "2026-01-01T00:00:00Z"),
        ("2026-01-15T10:30:00Z+0000", DataType.DATETIME, "2026-01-15T10:30:00Z"),
        ("2026-01-01T00:00:00.120Z", DataType.DATETIME, "2026-01-01T00:00:00.12Z"),
        ("1767225600000", DataType.DATE, "2026-01-01"),
        ("2024-02-29", DataType.DATE, "2024-02-29"),
        ("b;a;b; ", DataType.MULTI_CHOICE, "a;b"),
        ("  as it is ", DataType.TEXT, "  as it is "),
    ],
)
def test_values_have_one_text(text: str, data_type: DataType, wanted: str) -> None:
    assert canonical(text, data_type) == wanted


@pytest.mark.parametrize(
    ("text", "data_type"),
    [
        ("1.5", DataType.INTEGER),
        ("14c", DataType.DECIMAL),
        ("NaN", DataType.DECIMAL),
        ("1,5", DataType.DECIMAL),
        ("ja", DataType.BOOLEAN),
        ("", DataType.BOOLEAN),
        ("2023-02-29", DataType.DATE),
        ("2026-01-01T00:00:00", DataType.DATETIME),
        ("soon", DataType.DATETIME),
    ],
)
def test_what_is_not_of_its_type_is_refused_and_never_guessed(text: str, data_type: DataType) -> None:
    with pytest.raises(NotCanonical):
        canonical(text, data_type)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_datetime_survives_rendering_and_parsing(moment: datetime) -> None:
    assert parse_datetime(render_datetime(moment)) == moment
