"""What every test may use, and the rule that a skip is a failure where everything must be there."""

import os
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test may fail because the machine is slow.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
pytest.register_assert_rewrite("mamigrate.testing")

REFERENCE = "reference data"
"""How the reason of a skip begins when it is the reference data that is missing; that alone may be missing anywhere."""


TURNS = 3
"""So many commits run each test that takes turns once, as a rule."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a number in MAMIGRATE_TURN, of the tests that take turns only those whose turn it is."""
    turn = os.environ.get("MAMIGRATE_TURN")
    if turn:
        waits = [one for one in items if not _has_its_turn(one, int(turn))]
        items[:] = [one for one in items if _has_its_turn(one, int(turn))]
        config.hook.pytest_deselected(items=waits)


def _has_its_turn(item: pytest.Item, turn: int) -> bool:
    takes_turns = item.get_closest_marker("turns") is not None
    return not takes_turns or zlib.crc32(item.nodeid.encode()) % TURNS == turn % TURNS


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]  # pluggy's generator
    """With MAMIGRATE_CI set, a test that skips fails with its reason."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("MAMIGRATE_CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if REFERENCE not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be skipped: {reason}"


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of real-shaped vendor data, beside the checkout or named by MAMIGRATE_SHARED."""
    named = os.environ.get("MAMIGRATE_SHARED")
    folder = Path(named) if named else Path(__file__).parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{REFERENCE} is not beside this checkout")
    return folder
