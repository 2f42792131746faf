"""``rollback``."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mamigrate.cli import workspace
from mamigrate.cli.progress import progress
from mamigrate.cli.run import ProjectDir, Source, Target
from mamigrate.stages import rollback as stage
from mamigrate.stages.resume import new_run
from mamigrate.stages.settle import settle

STAYS = {
    "fields": "custom fields that we created (they cannot be deleted)",
    "suppressed_addresses": "denied addresses that we entered (a denial is never taken back)",
    "denials": "people whom we denied and who were there before (a denial is never taken back)",
}


def rollback(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    yes: Annotated[bool, typer.Option("--yes", help="Carry it out; without this only the preview is shown")] = False,
) -> None:
    """Undo what runs of this direction made. Without --yes it only says what would happen."""
    opened = workspace.open_project(project.resolve())
    with workspace.owned_ledger(opened) as ledger, progress(quiet=False) as show:
        run = new_run(source, target, "rollback")
        with workspace.move(opened, source, target, run.id, show, ledger) as move:
            settle(move)
            found = stage.preview(move)
            _tell(found)
            if not yes or found.empty:
                return
            ledger.begin_run(run)
            done = stage.rollback(move, found)
            ledger.keep_findings(run.id, move.findings)
            code = 3 if any(word.startswith("not undone") for word in done) else 0
            ledger.note_run(run.id, status="done", exit_code=code, ended_at=datetime.now(UTC))
    for word, n in sorted(done.items()):
        sys.stdout.write(f"{word}: {n}\n")
    raise typer.Exit(code)


def _tell(found: stage.Preview) -> None:
    for kind, rows in found.delete.items():
        sys.stdout.write(f"to delete: {len(rows)} {kind}\n")
    sys.stdout.write(f"to restore: {len(found.restore)} people who were there before\n")
    for reason, n in found.stays.items():
        if n:
            sys.stdout.write(f"stays: {n} {STAYS.get(reason, reason)}\n")
