"""The numbers of the tutorial are those of the program."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "first-move.md"
TEXT = TUTORIAL.read_text(encoding="utf-8")
SUMS = re.compile(r"^(?:every account closed|people: |everything: |  \w+: ).*$", re.MULTILINE)


def say(*words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "mamigrate", *words], capture_output=True, text=True, check=True, timeout=600
    )
    return ran.stdout


def command(begins: str) -> list[str]:
    """A command of the tutorial by its beginning."""
    (line,) = set(re.findall(rf"^    mamigrate ({re.escape(begins)}.*)$", TEXT, re.MULTILINE))
    return str(line).split()


@pytest.mark.gate
def test_the_sums_of_the_tutorial_are_those_of_its_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = SUMS.findall(TEXT)
    found = SUMS.findall(say(*command("run ")) + say("status", "--project", "first-move"))
    assert len(found) > 10
    assert [line for line in found if line not in told] == []
