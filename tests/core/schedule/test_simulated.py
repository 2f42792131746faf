"""Eleven moves as events: as quick as the limits permit, as forecast, and nobody's limit or quota is touched."""

import pytest
from benchmarks.least_time import least

from mamigrate.schedule.timetable import timetable
from mixes import HUNDREDTH, MIXES, SOURCE, TARGET, WHOLE, Asked, Mix, moved

GOAL, NEAR = 1.05, 0.05


def held(asked: Asked) -> None:
    """Everything that is promised of one move."""
    world = moved(asked)
    floor = least(asked.phases(), asked.allowed(), asked.mix.began)
    forecast = timetable(asked.works(), asked.sides(), asked.mix.began).seconds
    vendors = {name: hand.vendor for name, hand in world.hands.items()}
    assert {name: dict(one.refused) for name, one in vendors.items()} == {SOURCE: {}, TARGET: {}}
    assert [one.robbed() for one in vendors.values()] == [[], []]
    assert world.calls == {name: sum(phase.get(name, 0) for phase in asked.phases()) for name in vendors}
    assert floor <= world.ended
    assert abs(forecast - world.ended) <= NEAR * world.ended, (forecast, world.ended)
    if asked.hands is None:
        assert world.ended <= GOAL * floor, (world.ended, floor)


@pytest.mark.gate
@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: mix.name)
def test_a_hundredth_is_moved_as_quickly_as_the_limits_permit(mix: Mix) -> None:
    held(Asked(mix.part(HUNDREDTH)))


@pytest.mark.gate
@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: mix.name)
def test_a_hundredth_with_a_hundredth_of_each_day_takes_as_many_days(mix: Mix) -> None:
    held(Asked(mix.part(HUNDREDTH), days=HUNDREDTH))


@pytest.mark.soak
@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: mix.name)
def test_the_whole_is_moved_as_quickly_as_the_limits_permit(mix: Mix) -> None:
    held(Asked(mix.part(WHOLE)))


@pytest.mark.gate
@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: mix.name)
def test_one_call_at_a_time_takes_as_long_as_forecast(mix: Mix) -> None:
    """So the program sends today."""
    held(Asked(mix.part(HUNDREDTH), hands=1))
