"""Worlds and stores that the tests of the estates share."""

from datetime import UTC, datetime

import pytest

from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.catalogue import fill
from mamigrate_sandbox.estates.messy import Messy
from mamigrate_sandbox.estates.world import Person
from mamigrate_sandbox.hubspot import describe
from mamigrate_sandbox.marketo import defaults
from mamigrate_sandbox.store import Store

TODAY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def minamo() -> Messy:
    """The messy estate as it is described: 5,000 people."""
    return Messy(5_000, 7, TODAY)


@pytest.fixture(scope="session")
def everybody(minamo: Messy) -> list[Person]:
    """All its people, archived ones too."""
    return list(minamo.people())


@pytest.fixture(scope="session")
def judged(minamo: Messy) -> dict[str, truth.Verdict]:
    """The judgement of each loose address."""
    return truth.verdicts(minamo)


@pytest.fixture(scope="session")
def hubspot() -> Store:
    """A HubSpot store with 400 people. Tests only read it."""
    store = Store(None)
    describe.install_defaults(store)
    fill(store, "hubspot", "messy", 400, 7, TODAY)
    return store


@pytest.fixture(scope="session")
def marketo() -> Store:
    """A Marketo store with 400 people. Tests only read it."""
    store = Store(None)
    defaults.install_defaults(store)
    fill(store, "marketo", "messy", 400, 7, TODAY)
    return store
