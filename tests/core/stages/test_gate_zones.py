"""Zones that keep different time are told; names of one are not."""

import pytest

from mamigrate.stages.gate import zone_differs


@pytest.mark.parametrize(
    ("said", "told", "differs"),
    [
        ("Asia/Tokyo", "Asia/Tokyo", False),
        ("UTC", "Etc/UTC", False),
        ("Europe/Berlin", "Europe/Paris", False),
        ("Europe/Berlin", "Asia/Tokyo", True),
        ("Europe/London", "UTC", True),
        ("UTC", "US/Somewhere", True),
    ],
)
def test_zones_are_compared_by_the_time_they_keep(said: str, told: str, differs: bool) -> None:
    found = [(one.code, one.params) for one in zone_differs("old", said, told)]
    assert found == ([("time_zone_differs", {"said": said, "told": told})] if differs else [])
