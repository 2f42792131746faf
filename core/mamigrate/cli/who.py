"""``--who``: the page about one person, after a run or about the last one. Nothing of the person is said on the screen."""

import sys
from typing import Annotated

import typer

from mamigrate.cli import workspace
from mamigrate.cli.progress import interruptible, progress
from mamigrate.errors import UsageError
from mamigrate.settings.project import Project
from mamigrate.stages import who as stage
from mamigrate.stages.move import Move
from mamigrate.stages.reopen import last, reopened
from mamigrate.stages.run import Done

Who = Annotated[
    str | None,
    typer.Option("--who", metavar="ADDRESS", help="Also write a page about one person, in clear, beside the report"),
]


def check(address: str | None) -> None:
    """Raises UsageError for what is no address at all, before anything else is done."""
    if address is not None:
        stage.loose(address)


def after(move: Move, done: Done | None, address: str, lang: str | None, *, json: bool) -> None:
    """The page after a run; where nobody was judged there is none."""
    if done is None:
        print("no page about the person: the run stopped before people were judged", file=sys.stderr)
        return
    try:
        written = stage.page(stage.of_thought(move, done.thought), address, move.findings, lang)
    except UsageError as error:  # The run has its own end by now.
        print(f"no page about the person: {error.problem}", file=sys.stderr)
        return
    _tell(written, json=json)


def about_last(project: Project, address: str, *, json: bool) -> None:
    """The page from what the last run left; the target is asked how the person stands there now.

    Raises UsageError where something that the run rests on is gone, ProjectInUse where a run is under way.
    """
    if not workspace.has_ledger(project):
        last([])
    with (
        workspace.alone(project.folder),
        workspace.owned_ledger(project) as ledger,
        progress(quiet=True) as teller,
        interruptible(teller) as show,
    ):
        run = last(ledger.runs())
        with workspace.move(project, run.source, run.target, run.id, show, ledger) as move:
            written = stage.page(reopened(move, run), address, ledger.findings(run.id), None)
    _tell(written, json=json)


def _tell(written: stage.Written, *, json: bool) -> None:
    """The path comes last on standard output, unless that holds JSON alone."""
    if written.trouble:
        told = f"{written.target} could not be asked ({written.trouble}): the page shows only how it was before"
        print(told, file=sys.stderr)
    print(written.path, file=sys.stderr if json else sys.stdout)
