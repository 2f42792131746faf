"""``python -m mutants [word ...]``: make every mistake of the catalogue, one at a time, and tell which one no test notices."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from mutants.catalogue import MUTANTS
from mutants.mutant import Mutant, planted
from mutants.trial import SECONDS_OF_ALL, Copy, Ended, Tried, Verdict

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 2
NOTHING = Ended(0, "", frozenset())


def main() -> int:
    """Exit code 1 where a mistake survives or its tests say nothing."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="word", help="only mistakes whose name or file holds one of these")
    words = parser.parse_args().words
    wanted = [one for one in MUTANTS if not words or any(word in one.mistake or word in one.file for word in words)]
    for one in wanted:
        planted(one, (ROOT / one.file).read_text(encoding="utf-8"))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mamigrate-mutants-") as made:
        copies = [Copy(ROOT, Path(made) / str(number)) for number in range(PROCESSES)]
        if said := sound(copies, wanted):
            print(said)
            return 1
        tried = [_told(one) for one in campaign(copies, wanted)]
    killed = sum(one.verdict is Verdict.KILLED for one in tried)
    print(f"{killed} of {len(tried)} killed in {time.perf_counter() - began:.0f} s")
    return 0 if killed == len(tried) else 1


def sound(copies: Sequence[Copy], wanted: Sequence[Mutant]) -> str:
    """What is wrong with the tests themselves: without a mistake they pass, and see nothing but the copy."""
    tests = sorted({test for one in wanted for test in one.tests})
    shares = [tests[number :: len(copies)] for number in range(len(copies))]
    with ThreadPoolExecutor(len(copies)) as pool:
        return next(filter(None, pool.map(_sound, copies, shares)), "")


def _sound(copy: Copy, tests: Sequence[str]) -> str:
    ended = copy.run(tests, SECONDS_OF_ALL) if tests else NOTHING
    if ended.code != 0:
        return f"the tests fail without any mistake:\n{ended.said[-4000:]}"
    return f"imported from the tree itself: {strange[0]}" if (strange := copy.foreign(ended)) else ""


def campaign(copies: Sequence[Copy], wanted: Sequence[Mutant]) -> Iterator[Tried]:
    """Every mistake in one of the copies, as many at a time as there are."""
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def attempt(mutant: Mutant) -> Tried:
        copy = free.get()
        try:
            return copy.attempt(mutant)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(attempt, wanted)


def _told(one: Tried) -> Tried:
    print(f"{one.verdict:<10} {one.seconds:4.0f} s  {one.mutant.file}: {one.mutant.mistake}\n    {one.why}", flush=True)
    return one


if __name__ == "__main__":
    sys.exit(main())
