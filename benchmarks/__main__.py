"""``python -m benchmarks [name ...]``: measure, print, and keep the tables of docs/benchmarks.md."""

import argparse
import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import orjson

from benchmarks import page
from benchmarks.figures import table

NAMES = ("startup", "ledger", "snapshot", "pipeline", "census", "calls", "memory")
"""In the order of their duration."""


def main() -> int:
    """Exit code 0 also where a goal is missed: the page says so."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; all of them by default")
    parser.add_argument("--work", type=Path, help="folder for what is measured; kept, and used again")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.side:
        return _side(wish.side, wish.work)
    if unknown := set(wish.names) - set(NAMES):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="mamigrate-bench-") as made:
        for name in wish.names or NAMES:
            _measure(name, wish.work or Path(made))
    return 0


def _measure(name: str, work: Path) -> None:
    began, before = time.perf_counter(), os.getloadavg()[0]
    figures = import_module(f"benchmarks.{name}").measure(work)
    conditions = page.conditions(name, (before, os.getloadavg()[0]))
    page.keep(name, figures, conditions)
    print(f"## {name} ({time.perf_counter() - began:.0f} s)\n\n{table(figures)}\n\n{conditions}\n", flush=True)


def _side(wish: str, folder: Path) -> int:
    """Measure one side in this process and print its numbers."""
    benchmark, _, side = wish.partition(":")
    sys.stdout.buffer.write(orjson.dumps(import_module(f"benchmarks.{benchmark}").SIDES[side](folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
