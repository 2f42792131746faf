"""Everything that reads what others wrote, fed with what nobody wrote: no error but the program's own, within a second each."""

import re
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

import fuzzed
from mamigrate.errors import MamigrateError

INPUTS, FEW, SLOWEST = 300, 60, 1.0
SLOW = ("ledger_file", "html_report", "mapping_file", "decisions_file")
"""Targets that take milliseconds an input: fewer of them here."""
SECONDS = 60
SUPPORT = Path(fuzzed.__file__).parent


@pytest.mark.parametrize("name", fuzzed.TARGETS)
def test_changed_seeds_end_as_an_answer_or_as_an_error_of_ours(name: str) -> None:
    for data in islice(fuzzed.inputs(name, 1), FEW if name in SLOW else INPUTS):
        begun = time.perf_counter()
        try:
            fuzzed.fed(name, data)
        except Exception as error:
            raise AssertionError(f"{name}: {data!r}") from error
        assert time.perf_counter() - begun < SLOWEST, data


@pytest.mark.soak
@pytest.mark.parametrize("name", fuzzed.TARGETS)
def test_a_minute_of_anything_ends_as_an_answer_or_as_an_error_of_ours(name: str, tmp_path: Path) -> None:
    """At most 512 MiB, and a second an input. What ended it is printed, and belongs into the corpus."""
    line = [sys.executable, "fuzzing.py", name, str(SECONDS), str(tmp_path)]
    done = subprocess.run(
        line, cwd=SUPPORT, capture_output=True, check=False, text=True, errors="replace", timeout=3 * SECONDS
    )
    ended = [path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith(("crash-", "timeout-", "oom-"))]
    assert (done.returncode, ended) == (0, []), done.stderr[-4000:]
    (executed,) = re.findall(r"number_of_executed_units: (\d+)", done.stderr)
    print(f"{name}: {executed} inputs")
    assert int(executed) > 500


def test_every_target_has_seeds_and_there_are_no_others() -> None:
    folders = {path.name for path in fuzzed.CORPUS.iterdir() if path.is_dir()}
    assert folders == set(fuzzed.TARGETS)
    assert all(fuzzed.seeds(name) for name in fuzzed.TARGETS)


def test_a_seed_in_order_is_read_to_its_end() -> None:
    """Otherwise every input would end at the first door."""
    for name, target in fuzzed.TARGETS.items():
        assert any(_is_read(target, data) for data in fuzzed.seeds(name)), name


def _is_read(target: fuzzed.Target, data: bytes) -> bool:
    try:
        target(data)
    except MamigrateError:
        return False
    return True


def test_what_flies_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes) -> None:
        if b"{" not in data:
            raise ZeroDivisionError

    monkeypatch.setattr(fuzzed, "TARGETS", {**fuzzed.TARGETS, "hubspot_page": broken})
    with pytest.raises(AssertionError):
        test_changed_seeds_end_as_an_answer_or_as_an_error_of_ours("hubspot_page")
