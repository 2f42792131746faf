"""``status``."""

import json as text
import sys
from pathlib import Path
from typing import Annotated

import typer

from mamigrate.cli import workspace
from mamigrate.cli.run import ProjectDir
from mamigrate.ledger.tables import Run


def status(
    project: ProjectDir = Path("."),
    json: Annotated[bool, typer.Option("--json", help="As JSON")] = False,
    last: Annotated[int, typer.Option("--last", help="How many runs")] = 10,
) -> None:
    """Where the runs stand: newest first, with their buckets."""
    opened = workspace.open_project(project.resolve())
    with workspace.ledger_of(opened) as ledger:
        runs = [(run, ledger.sums(run.id)) for run in ledger.runs()[:last]]
    if json:
        sys.stdout.write(
            text.dumps([run.model_dump(mode="json") | {"accounts": sums} for run, sums in runs], indent=2) + "\n"
        )
        return
    if not runs:
        sys.stdout.write("no run yet in this project\n")
    for run, sums in runs:
        _tell(run, sums)


def _tell(run: Run, sums: dict[str, dict[str, int]]) -> None:
    code = "" if run.exit_code is None else f", exit code {run.exit_code}"
    sys.stdout.write(
        f"{run.id}  {run.command} {run.source} -> {run.target}: {run.status} at {run.stage or 'start'}{code}\n"
    )
    for kind, buckets in sorted(sums.items()):
        sys.stdout.write(f"  {kind}: {', '.join(f'{bucket} {n}' for bucket, n in sorted(buckets.items()))}\n")
    if run.status in ("running", "stopped"):
        sys.stdout.write(f"  go on with: mamigrate run --source {run.source} --target {run.target}\n")
