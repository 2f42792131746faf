"""What goes wrong on the way: outages, a quota that somebody else burns, the change of the clocks. It is ridden out."""

from datetime import UTC, datetime

import pytest

from call_events import World
from mamigrate.schedule.timetable import timetable
from mixes import HUNDREDTH, MIXES, SOURCE, TARGET, Asked, Mix, moved

pytestmark = pytest.mark.gate

HOUR, DAY = 3_600.0, 86_400.0
LONG = MIXES[0].part(HUNDREDTH)
"""Of fifty million activities a hundredth: four of Marketo's days, if each is a hundredth as well."""


def asked(mix: Mix = LONG, days: float = HUNDREDTH) -> Asked:
    return Asked(mix, days=days)


def whole(world: World, of: Asked) -> bool:
    """Whether every call was answered, each once."""
    return world.calls == {name: sum(phase.get(name, 0) for phase in of.phases()) for name in (SOURCE, TARGET)}


@pytest.mark.parametrize("at", [0.0, 60.0, 400.0, 0.9 * HOUR, 20 * HOUR, 21.1 * HOUR, 2 * DAY])
def test_two_hours_without_an_answer_cost_two_hours_at_most(at: float) -> None:
    calm, of = moved(asked()), asked()
    world = moved(of, down=((at, at + 2 * HOUR),))
    assert whole(world, of)
    assert calm.ended - 60 <= world.ended <= calm.ended + 2 * HOUR + 120, (calm.ended, world.ended)
    assert not world.hands[TARGET].vendor.refused


@pytest.mark.parametrize("at", [1.0, 300.0, 500.0, 20.5 * HOUR, 21.02 * HOUR, 45.03 * HOUR])
def test_a_quota_that_others_burn_at_any_moment_costs_that_day_and_is_asked_for_once_a_hand(at: float) -> None:
    of = asked()
    world = moved(of, burnt=(at,))
    target = world.hands[TARGET]
    assert whole(world, of)
    assert set(target.vendor.refused) <= {"day"}
    assert target.vendor.refused["day"] <= 5, "as many as may be under way"
    assert world.ended <= moved(asked()).ended + DAY + 60, world.ended


def test_who_is_told_to_come_back_comes_at_the_vendors_midnight() -> None:
    """Central time: six hours after that of Greenwich in winter."""
    world = moved(asked())
    ends = [one for one in world.hands[TARGET].stops]
    assert len(ends) == 3
    assert set(world.hands[TARGET].vendor.made) == {"2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"}


@pytest.mark.parametrize(
    ("began", "hours"),
    [(datetime(2026, 11, 1, 0, tzinfo=UTC), 30), (datetime(2026, 3, 7, 22, tzinfo=UTC), 31)],
    ids=["a day of 25 hours", "a day of 23 hours"],
)
def test_a_day_is_as_long_as_the_vendors_zone_makes_it(began: datetime, hours: int) -> None:
    """A quota that ends on the eve of the change is renewed a day later there, whatever 24 hours are."""
    mix = Mix("clocks", 100, {"email": 300_000}, began=began)
    of = Asked(mix, days=HUNDREDTH)
    world, forecast = moved(of), timetable(of.works(), of.sides(), began)
    assert abs(forecast.seconds - world.ended) <= 60
    assert world.ended // HOUR == hours
    assert not world.hands[TARGET].vendor.refused


def test_a_world_of_one_seed_is_one_world() -> None:
    assert moved(asked(), seed=3).ended == moved(asked(), seed=3).ended != moved(asked(), seed=4).ended
