"""Peak memory of a whole move of 100,000 people with 40 fields, and how little it grows with the number of people."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks import process, vendors
from benchmarks.figures import MIB, Figure, at_most, only

PEOPLE = (10_000, 100_000)
LIMIT_MIB = 512.0
SANDBOX_MIB = 2048.0


@dataclass(frozen=True, slots=True)
class Moved:
    """One whole run: MiB of the program and of the larger sandbox, seconds of the wall."""

    people: int
    program: float
    sandbox: float
    seconds: float


def measure(work: Path) -> list[Figure]:
    small, large = (moved(work / f"memory-{people}", people) for people in PEOPLE)
    return [
        at_most(f"{_name(large)}: peak of the program", large.program, "MiB", "limit", LIMIT_MIB, 1.0),
        only(f"{_name(small)}: peak of the program", small.program, "MiB", "limit", LIMIT_MIB),
        only("growth from 10,000 to 100,000 people", large.program, "MiB", f"{small.people:,} people", small.program),
        at_most(f"{_name(large)}: peak of the larger sandbox", large.sandbox, "MiB", "limit", SANDBOX_MIB, 1.0),
        only("wall time of the larger run", large.seconds, "s", "the smaller run", small.seconds),
    ]


def moved(folder: Path, people: int) -> Moved:
    """Move everybody once, with the sandboxes in other processes. Raises RuntimeError when the run fails."""
    with vendors.pair(folder, people) as pair:
        done = process.run(pair.command("run", "--json"))
        if done.code != 0:
            raise RuntimeError(f"the run ended with {done.code}: {done.complained.decode(errors='replace')[-2000:]}")
        sandbox = max(pair.source.watch.peak, pair.target.watch.peak)
    return Moved(people, done.peak / MIB, sandbox / MIB, done.seconds)


def _name(run: Moved) -> str:
    return f"run of {run.people:,} people x 40 fields"
