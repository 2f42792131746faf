"""Files of facts in every wrong shape: each case of ``facts.cases`` is denied, or stops with its line; none passes in silence."""

import re
from pathlib import Path

from cases import ANA, SLOWEST, Case, Watch, counted, each, load, permission
from mamigrate.consent import files
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind

CASES = Path(__file__).parent / "facts.cases"
LEAST = 40


@each(CASES)
def test_each_case_has_its_outcome(tmp_path: Path, case: Case) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(case.raw)
    watch = Watch()
    assert watch.outcome(lambda case: _read(path), case) == case.outcome
    assert watch.seconds < SLOWEST


def test_there_are_enough_cases() -> None:
    assert sum(counted(CASES).values()) >= LEAST


def test_whoever_is_named_is_denied_or_the_file_is_refused() -> None:
    assert [case.number for case in load(CASES) if ANA in case.payload and "open" in case.outcome] == []


def _read(path: Path) -> str:
    """How many denials, whether she is denied, and what is told; or the line of a refusal."""
    try:
        content = files.read(path)
    except UsageError as error:
        line = re.search(r":(\d+)$", error.where)
        return f"stops at line {line[1]}" if line else "stops"
    rows = content.rows[Kind.CONSENT_FACT]
    assert all(row["polarity"] == "-" for row in rows)
    told = sorted({problem.code for problem in content.problems})
    return ", ".join([f"{len(rows)} denials", permission(rows), *told])
