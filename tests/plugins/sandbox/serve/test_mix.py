"""Every row of the fault mix has something that plays it, or a reason; and every kind of fault has its row."""

from pathlib import Path
from typing import get_args

import pytest

from bad_days import ALONE, IN_WORLDS, MIX, Row
from mamigrate_sandbox.faults import Kind
from mamigrate_sandbox.simulation.outages import SCRIPTS

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", MIX)
def test_a_row_is_played_or_has_its_reason(name: str) -> None:
    row: Row = MIX[name]
    assert bool(row.kinds or row.scripts or row.tests) != bool(row.why)
    assert set(row.kinds) <= set(get_args(Kind)) and set(row.scripts) <= set(SCRIPTS)
    assert all((ROOT / test).exists() for test in row.tests)


def test_every_kind_and_every_outage_has_its_row() -> None:
    assert {kind for row in MIX.values() for kind in row.kinds} == set(get_args(Kind))
    assert {script for row in MIX.values() for script in row.scripts} == set(SCRIPTS)


def test_worlds_meet_every_kind_that_leaves_their_truth_alone() -> None:
    assert set(get_args(Kind)) - ALONE == IN_WORLDS
