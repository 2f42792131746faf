"""How soon ``mamigrate --help`` answers, against the import of typer alone."""

import sys
from pathlib import Path

from benchmarks import process
from benchmarks.figures import Figure, at_most

ROUNDS = 15
LONGEST_S = 0.3
PROGRAM = [str(Path(sys.executable).with_name("mamigrate")), "--help"]
PEER = [sys.executable, "-c", "import typer"]


def measure(work: Path) -> list[Figure]:
    runs: dict[str, list[dict[str, float]]] = {"program": [], "peer": []}
    for _ in range(ROUNDS):
        runs["program"].append({"seconds": process.run(PROGRAM).seconds})
        runs["peer"].append({"seconds": process.run(PEER).seconds})
    program, peer = (process.medians(runs[name])["seconds"] for name in ("program", "peer"))
    return [
        at_most("`mamigrate --help`", program, "s", '`python -c "import typer"`', peer, 1.5),
        at_most("`mamigrate --help`", program, "s", "limit", LONGEST_S, 1.0),
    ]
