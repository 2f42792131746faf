"""The capability rows say what the adapters do."""

from typing import Any

import pytest

from mamigrate.capabilities import Level, Power
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.adapter import HubSpot, HubSpotInstance
from mamigrate_marketo.adapter import Marketo, MarketoInstance


@pytest.mark.parametrize("adapter", [HubSpot(), Marketo()], ids=lambda adapter: adapter.name)
def test_every_row_that_is_not_full_says_why(adapter: Any) -> None:
    for row in adapter.capabilities.rows:
        assert row.reason or row.level is Level.FULL, row
    cells = [(row.kind, row.power) for row in adapter.capabilities.rows]
    assert len(cells) == len(set(cells))


@pytest.mark.parametrize("adapter", [HubSpot(), Marketo()], ids=lambda adapter: adapter.name)
def test_every_kind_has_a_row_for_reading(adapter: Any) -> None:
    told = {row.kind for row in adapter.capabilities.rows if row.power is Power.READ}
    assert {kind for kind in Kind if kind not in told} <= {Kind.PROGRAM_MEMBERSHIP, Kind.ACTIVITY}


def test_what_is_read_is_what_the_rows_say(hubspot: HubSpotInstance, marketo: MarketoInstance) -> None:
    for instance, adapter in ((hubspot, HubSpot()), (marketo, Marketo())):
        said = {kind for kind in Kind if adapter.capabilities.can(kind, Power.READ)}
        assert said == {kind for kind in instance.reads() if kind is not Kind.TOPIC or adapter.name == "hubspot"}
