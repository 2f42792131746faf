"""Laws of every timetable, whatever the work and the limits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from benchmarks.least_time import Allowed, least
from hypothesis import given, settings
from hypothesis import strategies as st

from mamigrate.capabilities import Power
from mamigrate.contract.limits import AtOnce, Bounds, Daily, Limit, Queue, Rolling
from mamigrate.contract.routes import Job, Route
from mamigrate.model.kinds import Kind
from mamigrate.schedule.room import Side, Use, midnight
from mamigrate.schedule.timetable import Endless, binding, critical_path, timetable
from mamigrate.schedule.work import Work, in_order, units, work

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONES = ("UTC", "America/Chicago", "Asia/Tokyo", "Europe/Berlin", "Australia/Lord_Howe")
WRITE = Route(Kind.PERSON, Power.WRITE, "batches", 100)


def side(*limits: Limit, share: float = 1.0, seconds: float = 0.0, **uses: Use) -> Side:
    return Side("s", Bounds(limits, share, seconds), {"a day": uses["day"]} if uses else {})


@st.composite
def sides(draw: st.DrawFn) -> Side:
    window = Rolling("window", draw(st.integers(1, 300)), draw(st.sampled_from([1.0, 10.0, 20.0])))
    most = draw(st.integers(20, 5_000))
    others = draw(st.integers(0, most // 2))
    day = Daily("a day", most, draw(st.sampled_from(ZONES)), others=others)
    share = draw(st.sampled_from([0.5, 0.9, 1.0]))
    use = Use(most, draw(st.integers(0, most)))
    return Side(
        "s", Bounds((window, day, AtOnce("hands", 5)), share, draw(st.sampled_from([0.1, 0.5, 2.0]))), {"a day": use}
    )


@st.composite
def chains(draw: st.DrawFn) -> list[Work]:
    """Up to five pieces of work, each after some of those before it."""
    found: list[Work] = []
    for n in range(draw(st.integers(1, 5))):
        before = frozenset(draw(st.sets(st.sampled_from([one.name for one in found])))) if found else frozenset()
        found.append(Work(f"w{n}", "s", WRITE, 0, draw(st.integers(1, 3_000)), before))
    return found


STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))


@settings(max_examples=60)
@given(chains(), sides(), STARTS)
def test_every_law(works: list[Work], one: Side, begins: datetime) -> None:
    made = timetable(works, {"s": one}, begins)
    calls = sum(piece.units for piece in works)
    _, day, _ = one.bounds.limits
    assert isinstance(day, Daily)
    ours = one.ours(day.most)
    assert set(made.ends) == {piece.name for piece in works}
    assert sum(made.days.values()) == pytest.approx(calls, abs=0.01)
    assert all(n <= min(ours, day.most - day.others) + 0.01 for n in list(made.days.values())[1:])
    for piece in works:
        mine = [span for span in made.spans if span.work == piece.name]
        assert sum(span.calls for span in mine) == pytest.approx(piece.units, abs=0.01)
        assert all(first.until <= second.begins for first, second in pairwise(mine))
        assert all(made.ends[name] <= mine[0].begins for name in piece.after)
    path = critical_path(made, works)
    assert path[-1].until == made.until
    assert sum(binding(path).values()) == pytest.approx(made.seconds, abs=0.01)


@settings(max_examples=60)
@given(st.integers(1, 20_000), sides(), STARTS)
def test_nothing_is_sooner_than_the_least(calls: int, one: Side, begins: datetime) -> None:
    """Within the one place that a flow cannot see."""
    window, day, _ = one.bounds.limits
    assert isinstance(window, Rolling) and isinstance(day, Daily)
    used = one.uses["a day"].used
    may = Allowed(one.ours(window.most), window.seconds, day.most, one.bounds.share, day.zone, used, day.others)
    made = timetable([Work("w", "s", WRITE, 0, calls)], {"s": one}, begins)
    assert made.seconds >= least([{"s": calls}], {"s": may}, begins) - 2 * window.seconds


@given(sides(), STARTS, st.integers(1, 3_000), st.integers(1, 3_000))
@settings(max_examples=40)
def test_more_work_is_never_done_sooner(one: Side, begins: datetime, few: int, more: int) -> None:
    made = [timetable([Work("w", "s", WRITE, 0, n)], {"s": one}, begins) for n in sorted((few, few + more))]
    assert made[0].seconds <= made[1].seconds + 0.001


@given(STARTS, st.sampled_from(ZONES))
def test_a_midnight_is_the_first_instant_of_another_date(now: datetime, zone: str) -> None:
    found, there = midnight(Daily("a day", 1, zone), now), now.astimezone(ZoneInfo(zone)).date()
    assert found.date() == there + timedelta(days=1)
    assert (found.astimezone(UTC) - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == there
    assert found > now


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_a_window_fills_and_waits() -> None:
    """Ten at once, ten a window later, five another one later."""
    made = timetable([Work("w", "s", WRITE, 0, 25)], {"s": side(Rolling("window", 10, 20.0))}, NOON)
    assert made.seconds == pytest.approx(40, abs=0.1)


def test_a_share_leaves_the_rest_to_others() -> None:
    half = side(Rolling("window", 10, 20.0), share=0.5)
    assert timetable([Work("w", "s", WRITE, 0, 25)], {"s": half}, NOON).seconds == pytest.approx(80, abs=0.1)


def test_what_is_used_today_is_gone_and_the_vendors_midnight_renews_it() -> None:
    limits = Rolling("window", 1_000, 1.0), Daily("a day", 100, "America/Chicago")
    made = timetable([Work("w", "s", WRITE, 0, 60)], {"s": side(*limits, day=Use(100, 50))}, NOON)
    assert made.days == {("s", "2026-06-01"): pytest.approx(50), ("s", "2026-06-02"): pytest.approx(10)}
    assert made.until.astimezone(ZoneInfo("America/Chicago")).hour == 0
    assert next(iter(binding(critical_path(made, [Work("w", "s", WRITE, 0, 60)])))) == "a day"


def test_jobs_wait_for_their_queue_and_their_bytes() -> None:
    """Two of five jobs at a time; of a second day's bytes only what is over."""
    route = Route(Kind.PERSON, Power.READ, "jobs", job=Job(4, 100.0, bytes=1_000), record_bytes=10, counts_as=("bulk",))
    queue, volume = Queue("queue", 2, 10, "bulk"), Daily("bytes", 4_000, unit="bytes", scope="bulk")
    five = work("s", route, 500)
    assert (five.units, five.calls) == (5, 20)
    assert timetable([five], {"s": side(queue)}, NOON).seconds == pytest.approx(250)
    assert timetable([five], {"s": side(queue, volume)}, NOON).seconds == pytest.approx(12 * 3_600 + 50)


def test_a_job_has_so_many_days_of_dates_at_most() -> None:
    months = Route(Kind.ACTIVITY, Power.READ, "windows", job=Job(8, 300.0, days=31))
    assert [units(months, 10, days) for days in (1, 31, 32, 365)] == [1, 1, 2, 12]


def test_work_of_another_scope_fills_what_a_narrow_limit_leaves() -> None:
    search = replace(WRITE, counts_as=("search",))
    limits = Rolling("all", 100, 10.0), Rolling("searches", 10, 10.0, "search")
    works = [Work("narrow", "s", search, 0, 100), Work("wide", "s", WRITE, 0, 900)]
    assert timetable(works, {"s": side(*limits)}, NOON).seconds == pytest.approx(90, abs=1)


def test_a_limit_that_leaves_nothing_is_named() -> None:
    with pytest.raises(Endless, match="a day"):
        timetable([Work("w", "s", WRITE, 0, 60)], {"s": side(Daily("a day", 100, others=100))}, NOON)


def test_work_that_waits_for_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="itself"):
        timetable([Work("w", "s", WRITE, 0, 1, frozenset({"w"}))], {"s": side(Rolling("window", 1, 1.0))}, NOON)


def test_everything_is_read_before_anything_is_written_and_people_before_what_names_them() -> None:
    kinds = (
        (Kind.PERSON, Power.READ),
        (Kind.PERSON, Power.WRITE),
        (Kind.ACTIVITY, Power.WRITE),
        (Kind.PERSON, Power.READ_BACK),
    )
    placed = in_order(work("s", Route(kind, power, "r", 10), 5) for kind, power in kinds)
    read, people, past, back = (one.name for one in placed)
    assert [one.after for one in placed] == [set(), {read}, {read, people}, {read, people, past}]
    assert back == "s read back person"
