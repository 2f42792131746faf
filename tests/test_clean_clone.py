"""What a newcomer does first, on a machine with nothing but Python, pip, make and git."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.gate, pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no clone")]
LONGEST_S = 900
"""The demo takes two minutes on an idle machine; a gate that shares its machine waits longer."""


def test_the_demo_works_alone_on_a_clean_clone(tmp_path: Path) -> None:
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAMIGRATE_", "PYTHON", "VIRTUAL"))
    }
    environment = {**kept, "HOME": str(home)}
    line = ["make", "-s", "demo", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        line, cwd=clone, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = Path(done.stdout.splitlines()[-1])
    assert report.name == "run.html"
    assert (report if report.is_absolute() else clone / report).exists()
    assert "Traceback" not in done.stderr
