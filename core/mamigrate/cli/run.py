"""``run``, ``plan`` and ``apply``."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from mamigrate.cli import workspace
from mamigrate.cli.failures import sentence
from mamigrate.cli.progress import interruptible, progress
from mamigrate.errors import Blocked, Later, MamigrateError
from mamigrate.hookspecs import RehearsalRequest
from mamigrate.ledger.tables import Run
from mamigrate.registry import Registry
from mamigrate.stages import gate, report, settle
from mamigrate.stages import run as stages
from mamigrate.stages.move import Move, require_direction

Source = Annotated[str, typer.Option("--source", help="Connection or adapter to move from")]
Target = Annotated[str, typer.Option("--target", help="Connection or adapter to move to")]
ProjectDir = Annotated[Path, typer.Option("--project", help="Folder of mamigrate.toml")]
Facts = Annotated[list[Path] | None, typer.Option("--facts", help="CSV of denials that no API lists; may be repeated")]
Json = Annotated[bool, typer.Option("--json", help="The report as JSON alone on standard output")]
Lang = Annotated[str | None, typer.Option("--lang", help="Language of the report: en, ja, ko")]
Unmask = Annotated[bool, typer.Option("--unmask", help="Show people in the report in clear")]
Twins = Annotated[bool, typer.Option("--keep-twins", help="Park people with equal addresses instead of merging them")]


def run(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop before the first write")] = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Give both sides local sandboxes")] = False,
    people: Annotated[int, typer.Option("--people", help="People of the sandbox estate", min=1)] = 1000,
    estate: Annotated[str, typer.Option("--estate", help="Sandbox estate: messy or clean")] = "messy",
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sandbox estate")] = 7,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of finishing an interrupted run")] = False,
    facts: Facts = None,
    keep_twins: Twins = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
) -> None:
    """Move everything from one platform to another, and prove it. Run again to finish an interrupted move."""
    with ExitStack() as stack:
        names = (source, target)
        if sandbox:
            names = _rehearse(stack, source, target, RehearsalRequest((), estate, people, seed, project.resolve()))
        code = _run(
            project,
            names,
            tuple(facts or ()),
            dry_run=dry_run,
            fresh=fresh,
            keep_twins=keep_twins,
            json=json,
            lang=lang,
            unmask=unmask,
        )
    raise typer.Exit(code)


def plan(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    facts: Facts = None,
    keep_twins: Twins = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
) -> None:
    """Derive the plan; write nothing to the target."""
    code = _run(
        project,
        (source, target),
        tuple(facts or ()),
        dry_run=True,
        fresh=True,
        keep_twins=keep_twins,
        json=json,
        lang=lang,
        unmask=unmask,
    )
    raise typer.Exit(code)


def apply(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    facts: Facts = None,
    keep_twins: Twins = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
) -> None:
    """Write the last plan of this direction, if nothing it was derived from has changed."""
    code = _run(
        project,
        (source, target),
        tuple(facts or ()),
        dry_run=False,
        fresh=True,
        keep_twins=keep_twins,
        json=json,
        lang=lang,
        unmask=unmask,
        command="apply",
    )
    raise typer.Exit(code)


def _rehearse(stack: ExitStack, source: str, target: str, request: RehearsalRequest) -> tuple[str, str]:
    """Start sandboxes for both sides and name their connections."""
    from dataclasses import replace

    names = (source, target) if source != target else ("A", "B-2")
    request = replace(request, vendors=((source, names[0]), (target, names[1])))
    running = Registry().manager.hook.mamigrate_rehearse(request=request)
    if running is None:
        raise typer.BadParameter("no installed plug-in runs sandboxes")
    stack.callback(running.stop)
    return names


def _run(
    folder: Path,
    names: tuple[str, str],
    facts: tuple[Path, ...],
    *,
    dry_run: bool,
    fresh: bool,
    keep_twins: bool,
    json: bool,
    lang: str | None,
    unmask: bool,
    command: str = "run",
) -> int:
    project = workspace.open_project(folder.resolve())
    with (
        workspace.lock(project),
        workspace.ledger_of(project) as ledger,
        progress(quiet=json) as show,
        interruptible(show) as show,
    ):
        planned = stages.last_plan(ledger.runs(), *names) if command == "apply" else None
        unfinished = None if fresh or dry_run else stages.resumable(ledger.runs(), *names)
        run = unfinished or stages.new_run(*names, "plan" if dry_run else command)
        with workspace.move(project, *names, run.id, show, ledger) as move:
            require_direction(move.source, move.target)
            if unfinished is None:
                ledger.begin_run(run)
            move.more_facts, move.keep_twins = facts, keep_twins
            settled = settle.settle(move)
            if settled:
                print(f"settled {settled} batches whose end was unknown", file=sys.stderr)
            return _carry_out(move, planned, json=json, lang=lang, unmask=unmask, dry_run=dry_run)


def _carry_out(move: Move, planned: Run | None, *, json: bool, lang: str | None, unmask: bool, dry_run: bool) -> int:
    status, code, done = "stopped", 1, None
    try:
        thought = stages.think(move) if planned is None else stages.rethink(move, planned)
        done = stages.Done(thought, None)
        if not dry_run:
            gate.close(move)
            done = stages.Done(thought, stages.write(move, thought))
        status, code = ("done", 3) if move.findings.blocking else ("done", 0)
        if done.census is not None and done.census.verdict != "PASS":
            code = 3
    except Blocked:
        status, code = "blocked", 3
    except Later:
        status, code = "stopped", 5
        raise
    except MamigrateError as error:
        code = sentence(error)[1]
        raise
    finally:
        move.ledger.keep_findings(move.run_id, move.findings)
        from datetime import UTC, datetime

        move.ledger.note_run(move.run_id, status=status, exit_code=code, ended_at=datetime.now(UTC))
    path, content = report.report(move, done, lang, unmask=unmask)
    _tell(move, unmask=unmask)
    sys.stdout.write(content.decode() if json else f"{path}\n")
    return code


def _tell(move: Move, *, unmask: bool) -> None:
    """The blocking findings, in words, on standard error."""
    from mamigrate.reports import mask
    from mamigrate.reports.messages import Messages

    messages = Messages.of(move.source.adapter.name, move.target.adapter.name)
    for found in move.findings.blocking[:20]:
        shown = found if unmask else mask.finding(found)
        print(f"{found.severity}: {messages.say(shown, 'en')}", file=sys.stderr)
    for id, choice in move.asked.items():
        if not move.project.signer:
            print(f'decide in decisions.yaml: id "{id}", choice "{choice}" (or another), who, when', file=sys.stderr)
