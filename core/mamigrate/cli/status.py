"""``status``."""

import json as text
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from mamigrate.cli import who as who_page
from mamigrate.cli import workspace
from mamigrate.cli.failures import BLOCKED
from mamigrate.cli.run import ProjectDir
from mamigrate.cli.who import Who
from mamigrate.errors import UsageError
from mamigrate.ledger.purges import purged
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Run
from mamigrate.plan.model import everything
from mamigrate.schedule.told import sentence
from mamigrate.settings.project import Project
from mamigrate.stages import forecast
from mamigrate.stages.purge import COMMAND as PURGE
from mamigrate.stages.resume import COMMAND, DRY, KILLED, unfinished
from mamigrate.stages.sync.sides import sides

CLOSED = "personal data destroyed: no move can go on, be applied, be undone or be repeated from here"
HELD = "came to its end, but what it found blocks or is not proven"
"""What is noted as done, with 3."""
STAGED = ("run", "plan", "apply")
"""Commands that go through stages."""
SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Told:
    """A run with where its objects ended, and the command that goes on with it; empty: none does.

    ``sides``, of the newest ``sync`` of a direction: which of them may send now.
    """

    run: Run
    sums: Mapping[str, Mapping[str, int]]
    go_on: str
    sides: Sequence[Mapping[str, Any]] = ()

    @property
    def json(self) -> dict[str, Any]:
        told = {
            "accounts": self.sums,
            "everything": everything(self.sums),
            "go_on": self.go_on,
            "sides": list(self.sides),
        }
        return self.run.model_dump(mode="json") | told


def status(
    project: ProjectDir = Path("."),
    json: Annotated[bool, typer.Option("--json", help="As JSON")] = False,
    last: Annotated[
        int, typer.Option("--last", help="How many runs; one to go on with is shown in any case", min=1)
    ] = 10,
    who: Who = None,
) -> None:
    """Where the runs stand: newest first, with their buckets; what to go on with; and which side may send now."""
    who_page.check(who)
    opened = workspace.open_project(project.resolve())
    told: list[Told] = []
    if opened.nowhere and not workspace.has_ledger(opened):
        raise UsageError("no project here", where=str(opened.folder), fix=opened.nowhere)
    if workspace.has_ledger(opened):
        with workspace.ledger_of(opened) as ledger:
            told = _told(ledger, workspace.at_work(opened, ledger), last)
    _say(opened, told, json=json)
    if who is not None:
        who_page.about_last(opened, who, json=json)
    if not all(side["go"] for one in told for side in one.sides):
        raise typer.Exit(BLOCKED)


def _say(project: Project, told: Sequence[Told], *, json: bool) -> None:
    if json:
        plain = [one.json | {"forecast": _forecast(project, one)} for one in told]
        sys.stdout.write(text.dumps(plain, indent=2) + "\n")
        return
    if not told:
        sys.stdout.write(f"{project.folder}: no run yet in this project\n")
    for one in told:
        _tell(one)
        if facts := _forecast(project, one):
            sys.stdout.write(f"  {_from(facts)}: {sentence(facts)}\n")


def _forecast(project: Project, told: Told) -> dict[str, Any]:
    """Of a plan, and of a run that is under way or can be gone on with."""
    waiting = told.go_on or told.run.command == "plan" or told.run.status == "running"
    return forecast.kept(project, told.run.plan_id or "") if waiting else {}


def _from(facts: Mapping[str, Any]) -> str:
    begins = facts.get("come_back")
    return f"come back at {begins}, then" if begins else "forecast by its plan"


def _told(ledger: Ledger, holder: str, last: int) -> list[Told]:
    """The newest runs, and older ones that can be gone on with. Only the newest run can be at work."""
    runs, open_ones = ledger.runs(), _open(ledger)
    synced = _synced(ledger, runs)
    told = []
    for at, run in enumerate(runs):
        alive = bool(holder) and at == 0
        if run.status == "running" and not alive:
            run.status = KILLED
        if at < last or run.id in open_ones or run.id in synced:
            go_on = "" if alive or run.id not in open_ones else _command(ledger, run)
            may_send = sides(ledger, run.source, run.target) if run.id in synced else ()
            told.append(Told(run, ledger.sums(run.id) or ledger.tallies(run.id), go_on, may_send))
    return told


def _synced(ledger: Ledger, runs: Sequence[Run]) -> set[str]:
    """The newest ``sync`` of each direction that was no preview. Once a purge began nobody is kept in step from here."""
    if purged(ledger.purges()) is not None:
        return set()
    newest: dict[tuple[str, str], str] = {}
    for run in runs:
        way = run.source, run.target
        if run.command == SYNC and way not in newest and not ledger.inputs(run.id).get(DRY):
            newest[way] = run.id
    return set(newest.values())


def _open(ledger: Ledger) -> set[str]:
    """Runs that can be gone on with. Once a purge began that is the purge alone, and none when it has ended."""
    closed = purged(ledger.purges())
    if closed is None:
        return {run.id for run in unfinished(ledger.runs())}
    return set() if closed.ended_at else {closed.run_id}


def _command(ledger: Ledger, run: Run) -> str:
    if run.command == PURGE:
        return "mamigrate purge --yes"
    plain = f"mamigrate {run.command} --source {run.source} --target {run.target}"
    return ledger.inputs(run.id).get(COMMAND) or plain


def _ended(run: Run) -> str:
    """How a run ended, and at which of its stages; a ``sync`` that goes on notes its passes there."""
    if run.status == "done":
        return HELD if run.exit_code == BLOCKED else run.status
    if run.command == SYNC and run.stage:
        return f"{'stopped by the user' if run.status == 'interrupted' else run.status} after {run.stage}"
    stage = run.stage or ("start" if run.command in STAGED else "")
    ended = {"interrupted": "interrupted by the user"}.get(run.status, run.status)
    return f"{ended} at {stage}" if stage else ended


def _tell(told: Told) -> None:
    run = told.run
    code = "" if run.exit_code is None else f", exit code {run.exit_code}"
    sides = f" {run.source} -> {run.target}" if run.source else ""
    sys.stdout.write(f"{run.id}  {run.command}{sides}: {_ended(run)}{code}\n")
    if (run.command, run.status) == (PURGE, "done"):
        sys.stdout.write(f"  {CLOSED}; the statement: reports/{run.id}/purge.html\n")
    together = [("everything", everything(told.sums))] if told.sums else []
    for kind, buckets in [*sorted(told.sums.items()), *together]:
        sys.stdout.write(f"  {kind}: {', '.join(f'{bucket} {n}' for bucket, n in sorted(buckets.items()))}\n")
    for side in told.sides:
        sys.stdout.write(_may_send(side))
    if told.go_on:
        sys.stdout.write(f"  go on with: {told.go_on}\n")


def _may_send(side: Mapping[str, Any]) -> str:
    word = f"GO until {side['go_until']}" if side["go"] else f"NO-GO ({', '.join(side['because'])})"
    age = "" if side["age_s"] is None else f", {side['age_s']:,} s ago"
    read = f"denials of {side['denials_of']} until {side['watermark'] or 'never'}{age}, backlog {side['backlog']}"
    return f"  {side['side']}: {word}; {read}\n"
