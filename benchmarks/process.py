"""Fresh processes: their wall time, and the peak memory of each with all its children."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

ROOT = Path(__file__).parent.parent
EVERY_S = 0.05
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Finished:
    """``peak`` is bytes of resident memory, summed over the process tree at one instant."""

    code: int
    said: bytes
    complained: bytes
    seconds: float
    peak: int


class Watch:
    """Samples the resident memory of a process tree every 50 ms, from construction until ``stop``. Linux only."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid, self._ended = pid, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self.peak

    def _sample(self) -> None:
        while not self._ended.is_set():
            self.peak = max(self.peak, sum(map(resident, tree(self._pid))))
            self._ended.wait(EVERY_S)


def resident(pid: int) -> int:
    """Bytes of resident memory; 0 for a process that is gone."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    return 0


def tree(pid: int) -> list[int]:
    """A process and everything that it started, directly or not."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += tree(int(child))
    return found


def run(line: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Finished:
    """A command in a process of its own, watched until its end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        list(line), cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    watch = Watch(process.pid)
    said, complained = process.communicate()
    seconds = time.perf_counter() - began
    return Finished(process.returncode, said, complained, seconds, watch.stop())


def side(benchmark: str, name: str, folder: Path) -> dict[str, float]:
    """One side of a benchmark, measured in a fresh process: the numbers that it prints as JSON."""
    done = run([sys.executable, "-m", "benchmarks", "--side", f"{benchmark}:{name}", "--work", str(folder)])
    if done.code != 0:
        raise RuntimeError(f"{benchmark}:{name} failed: {done.complained.decode(errors='replace')[-2000:]}")
    numbers: dict[str, float] = orjson.loads(done.said)
    return {**numbers, "peak": float(done.peak)}


def interleaved(benchmark: str, names: Sequence[str], folder: Path, rounds: int = 3) -> dict[str, dict[str, float]]:
    """Sides in turn, A B A B A B, and the median of each of their numbers: other load then hits all alike."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            runs[name].append(side(benchmark, name, folder))
    return {name: medians(found) for name, found in runs.items()}


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0]}
