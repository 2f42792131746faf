"""The tables of docs/benchmarks.md: each benchmark owns what stands between its two marks."""

import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, table
from benchmarks.process import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


def keep(benchmark: str, figures: Sequence[Figure], conditions: str, path: Path = PAGE) -> None:
    """Put a benchmark's table in its place on the page. Raises ValueError where the page has no place for it."""
    text = path.read_text(encoding="utf-8")
    begin, end = f"<!-- begin {benchmark} -->", f"<!-- end {benchmark} -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{path} has no place for {benchmark}")
    path.write_text(f"{head}{begin}\n{table(figures)}\n\n{conditions}\n{end}{tail}", encoding="utf-8")


def conditions(benchmark: str, loads: tuple[float, float]) -> str:
    """When, where, on what and under which other load a figure was taken."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    before, after = loads
    return (
        f"{when}; {machine()}; commit {commit()}; load {before:.1f} before and {after:.1f} after; "
        f"`.venv/bin/python -m benchmarks {benchmark}`."
    )


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    processor = models[0] if models else platform.machine()
    return f"{len(models)} cores of {processor}, {memory:.0f} GiB, Python {platform.python_version()}"


def commit() -> str:
    """The short hash, with ``+`` when the program's files differ from it."""
    words = ["git", "rev-parse", "--short", "HEAD"], ["git", "status", "--porcelain", "core", "adapters", "plugins"]
    hash, changed = (
        subprocess.run(line, check=False, cwd=ROOT, capture_output=True, text=True).stdout.strip() for line in words
    )
    return f"{hash}+" if changed else hash
