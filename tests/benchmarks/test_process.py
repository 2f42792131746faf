"""Memory of process trees, medians, and the measured people."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from benchmarks import population, process
from benchmarks.figures import MIB

CHILD = "import sys; held = bytearray(b'x') * (64 << 20); print('ready', flush=True); sys.stdin.read()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


@pytest.fixture
def parent() -> Iterator["subprocess.Popen[bytes]"]:
    """A process whose child holds 64 MiB."""
    made = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert made.stdin is not None and made.stdout is not None
    assert made.stdout.readline() == b"ready\n"
    yield made
    made.stdin.close()
    made.wait(30)
    made.stdout.close()


def test_the_memory_of_children_counts(parent: "subprocess.Popen[bytes]") -> None:
    assert len(process.tree(parent.pid)) == 2
    assert sum(map(process.resident, process.tree(parent.pid))) > 64 * MIB > process.resident(parent.pid)


def test_a_process_that_is_gone_has_no_memory() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait(30)
    assert (process.tree(done.pid), process.resident(done.pid)) == ([done.pid], 0)


def test_a_run_tells_its_end_and_its_peak() -> None:
    done = process.run(
        [sys.executable, "-c", "held = bytearray(b'x') * (64 << 20); import time; time.sleep(0.3); print(1)"]
    )
    assert (done.code, done.said) == (0, b"1\n")
    assert done.peak > 64 * MIB and done.seconds > 0.3


def test_medians_are_taken_number_by_number() -> None:
    runs = [{"rate": 1.0, "peak": 9.0}, {"rate": 3.0, "peak": 7.0}, {"rate": 2.0, "peak": 8.0}]
    assert process.medians(runs) == {"rate": 2.0, "peak": 8.0}


def test_everybody_has_exactly_forty_fields_that_exist() -> None:
    world = population.Forty(300, 7, datetime(2026, 1, 1, tzinfo=UTC))
    known = {field.key for field in world.estate.fields}
    people = list(world.people())
    assert {len(person.values) for person in people} == {population.FIELDS}
    assert len(people) >= 300 and all(known.issuperset(person.values) for person in people)
