"""A rig for a whole move, made once for the tests that only look at its result."""

from collections.abc import Iterator

import pytest

from rig import Rig


@pytest.fixture
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(tmp_path_factory.mktemp("project"))
    yield made
    made.stop()
