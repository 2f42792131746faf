"""Limits and routes of our adapters, held against what else they say of themselves."""

from collections import Counter

import pytest

from mamigrate.capabilities import Power
from mamigrate.contract.routes import Bounded, Route
from mamigrate.model.kinds import POPULATION
from mamigrate.registry import Registry
from mamigrate_hubspot.adapter import HubSpot
from mamigrate_marketo.adapter import Marketo

ADAPTERS: list[HubSpot | Marketo] = [HubSpot(), Marketo()]
TAKEN = [(one, route) for one in ADAPTERS for route in one.routes if not (route.unwritten or route.unfit)]
NAMES = [f"{one.name} {route.power} {route.kind} {route.part}" for one, route in TAKEN]


def test_every_installed_adapter_states_its_limits() -> None:
    registry = Registry()
    found = [registry.adapter(name) for name in registry.adapters()]
    assert found and all(isinstance(one, Bounded) for one in found)


@pytest.mark.parametrize(("adapter", "route"), TAKEN, ids=NAMES)
def test_a_route_that_may_be_taken_is_what_the_capability_row_says(adapter: HubSpot | Marketo, route: Route) -> None:
    row = adapter.capabilities.of(route.kind, route.power)
    assert adapter.capabilities.can(route.kind, route.power)
    assert set(route.needs) <= set(row.scopes)
    if not route.part and row.batch > 1 and route.batch > 1:
        assert route.batch == row.batch


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda one: one.name)
def test_every_kind_of_the_population_that_is_moved_has_a_route(adapter: HubSpot | Marketo) -> None:
    taken = {(route.kind, route.power) for one, route in TAKEN if one is adapter}
    able = [
        (kind, power)
        for kind in POPULATION
        for power in (Power.READ, Power.WRITE)
        if adapter.capabilities.can(kind, power)
    ]
    assert [one for one in able if one not in taken] == []


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda one: one.name)
def test_limits_and_routes_have_names_of_their_own_and_say_where_they_stand(adapter: HubSpot | Marketo) -> None:
    routes = Counter((one.kind, one.power, one.part, one.name) for one in adapter.routes)
    assert max(routes.values()) == 1
    assert all(one.source for one in adapter.routes)
    assert all(one.source for one in adapter.retention)
