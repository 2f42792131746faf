"""The two vendors of a measured move, each a sandbox in a process of its own with its state on disk."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import requests

from benchmarks import population
from benchmarks.process import ROOT, Watch
from mamigrate_sandbox import project
from mamigrate_sandbox.running import Sandbox, Wish

SPEED = 600.0
"""Ten minutes a second: no limit of the vendors then costs time of the wall."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Vendor:
    """A running sandbox."""

    wish: Wish
    described: dict[str, str]
    watch: Watch

    def counters(self) -> dict[str, Any]:
        """``calls`` by endpoint, sends, enrolments, pushes."""
        return self._control("/counters")

    def state(self, kind: str, *, links: bool = False) -> Iterator[dict[str, Any]]:
        """Documents (``id``, ``body``) or links (``a``, ``b``, ``body``) of a kind."""
        url = f"{self.described['control_url']}/state/{kind}"
        with requests.get(url, params={"links": "1"} if links else {}, stream=True, timeout=600) as reply:
            yield from (orjson.loads(line) for line in reply.iter_lines() if line)

    def _control(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(self.described["control_url"] + path, timeout=60).json()
        return found


@dataclass(frozen=True, slots=True)
class Pair:
    """Source and target with the project that joins them."""

    folder: Path
    source: Vendor
    target: Vendor

    def command(self, *words: str) -> list[str]:
        directions = ["--source", "hubspot", "--target", "marketo", "--project", str(self.folder)]
        return [sys.executable, "-m", "mamigrate", *words, *directions]


@contextmanager
def pair(folder: Path, people: int, estate: str = population.FORTY, others: str = "lived") -> Iterator[Pair]:
    """Both vendors, filled when their state does not stand in ``folder`` yet, and the project's file."""
    folder.mkdir(parents=True, exist_ok=True)
    wishes = [
        Wish("hubspot", "hubspot", estate, people, SEED, SPEED),
        Wish("marketo", "marketo", others, people, SEED, SPEED),
    ]
    population.install()
    with ExitStack() as stack:
        source, target = (stack.enter_context(_vendor(wish, folder / f"{wish.name}.sqlite")) for wish in wishes)
        project.write(folder, [(each.wish, each.described) for each in (source, target)])
        yield Pair(folder, source, target)


@contextmanager
def _vendor(wish: Wish, file: Path) -> Iterator[Vendor]:
    words = [wish.vendor, wish.estate, str(wish.people), str(wish.seed), str(file)]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.vendors", *words], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        described: dict[str, str] = orjson.loads(process.stdout.readline())
        watch = Watch(process.pid)
        yield Vendor(wish, described, watch)
        watch.stop()
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def serve(vendor: str, estate: str, people: str, seed: str, file: str) -> None:
    """Serve one vendor until standard input ends; its description is the first line of output."""
    population.install()
    sandbox = Sandbox(Wish(vendor, vendor, estate, int(people), int(seed), SPEED), Path(file))
    sys.stdout.write(orjson.dumps(sandbox.described()).decode() + "\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    sandbox.stop()


if __name__ == "__main__":
    serve(*sys.argv[1:])
