"""A timetable as plain values, and what is left of it planned again."""

from datetime import UTC, date, datetime

import orjson
import pytest

from mamigrate.capabilities import Power
from mamigrate.contract.limits import AtOnce, Bounds, Daily, Queue, Rolling
from mamigrate.contract.routes import Route
from mamigrate.model.kinds import Kind
from mamigrate.schedule import told
from mamigrate.schedule.room import Side, Use
from mamigrate.schedule.timetable import timetable
from mamigrate.schedule.work import in_order, work

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROUTES = [Route(kind, Power.WRITE, f"of {kind}", 10) for kind in (Kind.PERSON, Kind.ACTIVITY)]
WORKS = in_order(work("s", route, 900) for route in ROUTES)
LIMITS = (Rolling("window", 10, 20.0), AtOnce("hands", 5), Daily("a day", 100), Queue("jobs", 2, 10, "bulk"))
SIDE = Side("s", Bounds(LIMITS, 0.9), {"a day": Use(200, 20)})


def test_what_is_left_comes_back_as_it_was_told() -> None:
    assert told.again(orjson.loads(orjson.dumps(told.left(WORKS))), {"s": ROUTES}) == WORKS


def test_work_of_a_route_that_is_gone_is_left_out() -> None:
    assert told.again(told.left(WORKS), {"s": ROUTES[:1]}) == WORKS[:1]


def test_a_timetable_is_told_with_its_days_and_what_binds() -> None:
    facts = told.timetable(timetable(WORKS, {"s": SIDE}, NOON), WORKS)
    assert facts["calls"] == 180
    assert [(one["day"], one["calls"]) for one in facts["days"]] == [("2026-06-01", 160), ("2026-06-02", 20)]
    assert facts["binds"][0]["limit"] == "a day"
    assert [one["work"] for one in facts["path"]][:1] == ["s write person"]
    assert told.sentence(facts).startswith("180 calls in 12.0 h on 2 days, done by 2026-06-02 00:0")


def test_limits_are_told_with_what_is_ours_and_used() -> None:
    told_of = {one["name"]: one for one in told.limits(SIDE)}
    assert (told_of["window"]["most"], told_of["window"]["ours"]) == (10, 9)
    assert {name: told_of["a day"][name] for name in ("most", "ours", "used")} == {"most": 200, "ours": 180, "used": 20}
    assert (told_of["hands"]["ours"], told_of["jobs"]["ours"], told_of["jobs"]["queued"]) == (5, 2, 10)


@pytest.mark.parametrize(("ends", "margin"), [(date(2026, 6, 5), 4.0), (date(2026, 5, 30), -2.0)])
def test_a_margin_counts_to_the_end_of_the_licences_last_day_in_its_zone(ends: date, margin: float) -> None:
    made = timetable(WORKS[:1], {"s": SIDE}, NOON)
    facts = told.licence(ends, "Pacific/Kiritimati", made)
    assert facts is not None
    assert facts["margin_days"] == pytest.approx(margin - 0.1, abs=0.11)
    assert told.licence(None, "UTC", made) is None


def test_seconds_are_said_as_people_say_them() -> None:
    said = [told.lasting(one) for one in (5, 119, 120, 7_199, 7_200, 172_800)]
    assert said == ["5 s", "119 s", "2 min", "120 min", "2.0 h", "2.0 days"]
