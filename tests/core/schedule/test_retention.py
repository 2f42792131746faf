"""What the source will delete, by the day on which it does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mamigrate.contract.limits import Retention
from mamigrate.schedule.retention import EVERYTHING, Gone, begin_by, calendar
from mamigrate_marketo.limits import RETENTION

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
END = NOW + timedelta(days=60)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Click Link", "Delete Lead", "Fill Out Form", "New Lead"]),
        st.integers(0, 1_000).map(lambda days: NOW - timedelta(days=days, hours=3)),
        st.integers(0, 50),
    )
)


@given(ROWS)
def test_each_record_is_told_once_on_the_day_on_which_it_goes(rows: list[tuple[str, datetime, int]]) -> None:
    keeps = {one.what: one.keeps for one in RETENTION}
    told = calendar(rows, RETENTION, NOW, END)
    due = [(what, at + keeps.get(what, keeps[EVERYTHING]), n) for what, at, n in rows]
    assert sum(one.n for one in told) == sum(n for _, gone, n in due if gone <= END)
    assert all(NOW.date() <= one.on <= END.date() for one in told)
    for one in told:
        same = [n for what, gone, n in due if what == one.what and gone <= END and max(gone, NOW).date() == one.on]
        assert one.n == sum(same) > 0
    assert [one.on for one in told] == sorted(one.on for one in told)


def test_the_sheets_own_facts() -> None:
    """Clicks ninety days, deletions fourteen, forms 25 months. (Marketo sheet 9)"""
    rows = [("Click Link", NOW - timedelta(days=85), 7), ("Delete Lead", NOW - timedelta(days=13), 2)]
    rows.append(("Fill Out Form", NOW - timedelta(days=85), 9))
    found = calendar(rows, RETENTION, NOW, END)
    assert found == [
        Gone((NOW + timedelta(days=1)).date(), "Delete Lead", 2),
        Gone((NOW + timedelta(days=5)).date(), "Click Link", 7),
    ]


def test_what_no_rule_is_about_stays() -> None:
    assert calendar([("note", NOW - timedelta(days=5_000), 1)], [Retention("x", timedelta(1))], NOW, END) == []


def test_reading_begins_before_the_first_deletion_and_now_where_that_is_past() -> None:
    deletions = [Gone((NOW + timedelta(days=9)).date(), "x", 1)]
    assert begin_by(deletions, timedelta(days=2), NOW) == datetime(2026, 12, 8, tzinfo=UTC)
    assert begin_by(deletions, timedelta(days=20), NOW) == NOW
    assert begin_by([], timedelta(days=2), NOW) is None
