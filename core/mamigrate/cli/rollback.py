"""``rollback``."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from mamigrate import clock
from mamigrate.cli import words, workspace
from mamigrate.cli.failures import BLOCKED, BUG, DONE, left_as
from mamigrate.cli.progress import interruptible, progress, undisturbed
from mamigrate.cli.run import Json, Lang, ProjectDir, Source, Target
from mamigrate.reports import mask
from mamigrate.reports.messages import Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.undone import stays
from mamigrate.stages import instances, undone
from mamigrate.stages import rollback as stage
from mamigrate.stages.move import Move
from mamigrate.stages.resume import COMMAND, new_run
from mamigrate.stages.settle import settle

SHOWN = 20
"""Findings of a preview that the console shows."""


def rollback(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    yes: Annotated[bool, typer.Option("--yes", help="Carry it out; without this only the preview is shown")] = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Undo what runs of this direction made. Without --yes it only says what would happen."""
    opened = workspace.open_project(project.resolve())
    with (
        workspace.alone(opened.folder, source, target),
        workspace.owned_ledger(opened) as ledger,
        progress(quiet=json) as teller,
        interruptible(teller) as show,
        workspace.move(opened, source, target, new_run(source, target, "rollback").id, show, ledger) as move,
    ):
        move.command = words.typed()
        instances.require(move)
        settle(move)
        found = stage.preview(move)
        if not json:
            _tell(move, found)
        unfinished = undone.whole(move, new_run(source, target, "rollback")).parts
        if yes and (unfinished or not found.empty):
            code = _carry_out(move, found, json=json, lang=lang)
            raise typer.Exit(code)
        if json:
            run = new_run(source, target, "rollback")
            sys.stdout.buffer.write(undone.as_json(undone.gather(move, run, found, None, "preview")) + b"\n")


def _carry_out(move: Move, found: stage.Preview, *, json: bool, lang: str | None) -> int:
    """Undo, and leave a record of what was undone however it ends."""
    run = new_run(*move.direction, "rollback")
    move.run_id, done = run.id, Counter[tuple[str, str]]()
    move.ledger.begin_run(run)
    move.ledger.keep_inputs(run.id, {COMMAND: move.command})
    undone.note(move, run, found)
    status, state, code = "stopped", "stopped", BUG
    try:
        stage.rollback(move, found, done)
        status = "done"
        state, code = ("partly", BLOCKED) if any(what == "not_undone" for what, _ in done) else ("done", DONE)
    except BaseException as error:
        status, code = left_as(error)
        raise
    finally:
        with undisturbed():
            move.ledger.keep_findings(run.id, move.findings)
            move.ledger.note_run(run.id, status=status, exit_code=code, ended_at=clock.now())
            facts = undone.gather(move, run, found, done, state)
            path = undone.write(move, facts, lang)
    _tell_done(facts, path, json=json)
    return code


def _tell_done(facts: dict[str, Any], path: Path, *, json: bool) -> None:
    if json:
        sys.stdout.buffer.write(undone.as_json(facts) + b"\n")
        return
    for one in facts["done"]:
        sys.stdout.write(f"{one['what'].replace('_', ' ')}: {one['objects']} {_kind(one['kind'])}\n")
    sys.stdout.write(f"{path}\n")


def _tell(move: Move, found: stage.Preview) -> None:
    """The preview, in the sentences of the record."""
    for kind, rows in found.delete.items():
        sys.stdout.write(f"to delete: {len(rows)} {_kind(kind)}\n")
    if found.restore:
        sys.stdout.write(f"to restore: {len(found.restore)} people who were there before\n")
    messages = Messages.of(move.source.adapter.name, move.target.adapter.name)
    for one in list(move.findings)[:SHOWN]:
        sys.stdout.write(f"{messages.say(mask.finding(one), 'en')}\n")
    if len(move.findings) > SHOWN:
        sys.stdout.write(f"and {len(move.findings) - SHOWN} more: with --json all of them\n")
    if found.empty:
        sys.stdout.write(f"nothing to undo from {move.source.name} to {move.target.name}\n")
    for number, says in stays([(one.code, one.kind, one.number, one.reason) for one in found.stays], _book()):
        sys.stdout.write(f"stays: {number} · {says.in_('en')}\n")


def _kind(name: str) -> str:
    return _book().word("kind", name).in_("en").lower()


def _book() -> Phrasebook:
    return Phrasebook(Messages.of())
