"""A move needs little of the engine: no query may join so much at once that a small memory does not hold it."""

import pytest

from mamigrate.snapshot.engine import Engine
from rig import Rig

pytestmark = pytest.mark.gate

SMALL_MB = 96
"""Three fifths of what the engine has. One query of all joins of the plan, or of the proof, needs more, however few people."""


def test_a_move_fits_into_three_fifths_of_the_engine_s_memory(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mamigrate.cli import app

    monkeypatch.setattr(Engine.__init__, "__kwdefaults__", {"memory_mb": SMALL_MB, "threads": 2})
    with pytest.raises(SystemExit) as left:
        app.run(["run", "--source", "hubspot", "--target", "marketo", "--project", str(rig.folder)])
    assert left.value.code == 0, capsys.readouterr().err[-2000:]
