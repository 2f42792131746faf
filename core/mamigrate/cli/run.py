"""``run``, ``plan`` and ``apply``."""

import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer

from mamigrate import clock
from mamigrate.cli import blocks, words, workspace
from mamigrate.cli import who as who_page
from mamigrate.cli.ending import ending
from mamigrate.cli.failures import BLOCKED, BUG, DONE, left_as
from mamigrate.cli.progress import QuotaLeft, interruptible, progress, undisturbed
from mamigrate.cli.who import Who
from mamigrate.consent.proof.judged import PASS
from mamigrate.errors import Blocked, QuotaExhausted, UsageError
from mamigrate.hookspecs import RehearsalRequest
from mamigrate.registry import Registry
from mamigrate.reports.messages import LANGUAGES
from mamigrate.stages import forecast, gate, report, resume, settle
from mamigrate.stages import run as stages
from mamigrate.stages.move import Move, require_direction, require_roles
from mamigrate.stages.resume import Begun

Source = Annotated[str, typer.Option("--source", help="Connection or adapter to move from")]
Target = Annotated[str, typer.Option("--target", help="Connection or adapter to move to")]
ProjectDir = Annotated[Path, typer.Option("--project", help="Folder of mamigrate.toml")]
Facts = Annotated[list[Path] | None, typer.Option("--facts", help="CSV of denials that no API lists; may be repeated")]
Json = Annotated[bool, typer.Option("--json", help="The report as JSON alone on standard output")]


Lang = Annotated[str | None, typer.Option("--lang", help="Language of the report: en, ja, ko")]
Unmask = Annotated[bool, typer.Option("--unmask", help="Show people in the report in clear")]
Twins = Annotated[bool, typer.Option("--keep-twins", help="Park people with equal addresses instead of merging them")]


TOLD_TOO = ("decision_unknown", "mapping_proposed", "mapping_unsigned")
"""Findings that stop nothing, and that the next command would fail for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One move as asked for. ``names`` are its connections.

    Raises UsageError for a language that is not there, and where ``who`` names no address.
    """

    command: str
    names: tuple[str, str]
    facts: Sequence[Path] | None
    keep_twins: bool
    json: bool
    lang: str | None
    unmask: bool
    who: str | None = None
    fresh: bool = False

    def __post_init__(self) -> None:
        who_page.check(self.who)
        if self.lang is not None and self.lang not in LANGUAGES:
            raise UsageError(
                f"there are no texts in the language {self.lang!r}; there are {', '.join(LANGUAGES)}", where="--lang"
            )


def run(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop before the first write")] = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Give both sides local sandboxes")] = False,
    people: Annotated[
        int, typer.Option("--people", help="People of the sandbox estate; messy needs 200 or more", min=1)
    ] = 1000,
    estate: Annotated[str, typer.Option("--estate", help="Sandbox estate: messy or clean")] = "messy",
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sandbox estate")] = 7,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of finishing an interrupted run")] = False,
    facts: Facts = None,
    keep_twins: Twins = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
    who: Who = None,
) -> None:
    """Move everything from one platform to another, and prove it. Run again to finish an interrupted move."""
    command, names = "plan" if dry_run else "run", (source, target)
    asked = Asked(command, names, facts, keep_twins, json, lang, unmask, who, fresh)
    if not sandbox:
        _run(project, asked)
    names = (source, target) if source != target else ("A", "B-2")
    vendors = ((source, names[0]), (target, names[1]))
    request = RehearsalRequest(vendors, estate, people, seed, project.resolve(), fresh)
    _check_rehearsal(request)
    # The project is taken before anything is started in it: a second process must not touch the first one's sandboxes.
    with workspace.alone(project.resolve(), make=True), ExitStack() as stack:
        _rehearse(stack, request)
        _move(project, replace(asked, names=names))


def plan(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    facts: Facts = None,
    keep_twins: Twins = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
    who: Who = None,
) -> None:
    """Derive the plan; write nothing to the target."""
    _run(project, Asked("plan", (source, target), facts, keep_twins, json, lang, unmask, who))


def apply(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    facts: Facts = None,
    keep_twins: Twins = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
    who: Who = None,
) -> None:
    """Write the last plan of this direction, if nothing it was derived from has changed. Its flags hold here too."""
    _run(project, Asked("apply", (source, target), facts, keep_twins, json, lang, unmask, who))


def _check_rehearsal(request: RehearsalRequest) -> None:
    """Nothing is made for a move that cannot be. Raises UsageError."""
    registry = Registry()
    source, target = (registry.adapter(vendor) for vendor, _ in request.vendors)
    require_roles(source, target, " to ".join(vendor for vendor, _ in request.vendors))
    registry.manager.hook.mamigrate_check_rehearsal(request=request)


def _rehearse(stack: ExitStack, request: RehearsalRequest) -> None:
    """Start sandboxes for both sides."""
    running = Registry().manager.hook.mamigrate_rehearse(request=request)
    if running is None:
        raise UsageError("no installed plug-in runs sandboxes: install mamigrate with its own", where="--sandbox")
    stack.callback(running.stop)


def _run(folder: Path, asked: Asked) -> NoReturn:
    """Take the project, move, and leave with the exit code."""
    with workspace.alone(folder.resolve(), *asked.names):
        _move(folder, asked)


def _move(folder: Path, asked: Asked) -> NoReturn:
    """Open everything and begin or go on. The caller has taken the project."""
    project = workspace.open_project(folder.resolve())
    with (
        workspace.owned_ledger(project) as ledger,
        progress(quiet=asked.json) as teller,
        interruptible(teller) as show,
        workspace.move(project, *asked.names, "", show, ledger) as move,
    ):
        require_direction(move.source, move.target)
        teller.left = QuotaLeft(move)
        move.more_facts, move.keep_twins = tuple(asked.facts or ()), asked.keep_twins
        begun = resume.begin(move, asked.command, fresh=asked.fresh)
        move.command = words.typed(begun.given)
        ledger.keep_inputs(move.run_id, {resume.COMMAND: move.command})
        _tell_resumed(begun)
        code = _carry_out(move, begun, asked)
    raise typer.Exit(code)


def _tell_resumed(begun: Begun) -> None:
    if begun.resumed is not None:
        print(f"going on with {begun.resumed.id}, which was interrupted (--fresh begins anew)", file=sys.stderr)
    if begun.read is not None:
        print(f"going on with what {begun.read.id} had read (--fresh reads anew)", file=sys.stderr)
    if begun.given:
        print(f"taken over from an earlier run: {shlex.join(begun.given)}", file=sys.stderr)
    for name in begun.changed:
        print(f"changed since then, so everything is planned anew: {name}", file=sys.stderr)


def _settle(move: Move) -> None:
    settled = settle.settle(move)
    if settled:
        batches = "1 batch" if settled == 1 else f"{settled} batches"
        print(f"settled {batches} whose end was unknown", file=sys.stderr)


def _carry_out(move: Move, begun: Begun, asked: Asked) -> int:
    """Move, report, and note the end of both in the ledger: a run whose report is not written has not come to its end."""
    status, code = "stopped", BUG
    try:
        _settle(move)
        done, blocked = _moved(move, begun, asked)
        path, content = report.report(move, done, asked.lang, unmask=asked.unmask)
        verdict = orjson.loads(content)["consent"] if done is not None and done.verdict else PASS
        unproven = verdict != PASS
        status = "blocked" if blocked else "done"
        code = BLOCKED if blocked or unproven or move.findings.blocking else DONE
    except BaseException as error:
        status, code = left_as(error)
        raise
    finally:
        with undisturbed():
            move.ledger.keep_findings(move.run_id, move.findings)
            move.ledger.note_run(move.run_id, status=status, exit_code=code, ended_at=clock.now())
    _tell(move, [one["id"] for one in orjson.loads(content)["decisions_open"] if one["stops"]], unmask=asked.unmask)
    if done is not None and done.census is not None and not move.ledger.sent(move.run_id):
        print(f"nothing was written: {move.target.name} already held everything", file=sys.stderr)
    if unproven and not move.findings.blocking:
        print(f"consent is not proven ({verdict}): the report says what is missing", file=sys.stderr)
    if not asked.json:
        content = "\n".join([*ending(orjson.loads(content), asked.command, words.said()), f"{path}\n"]).encode()
    sys.stdout.write(content.decode())
    if asked.who is not None:
        who_page.after(move, done, asked.who, asked.lang, json=asked.json)
    return code


def _moved(move: Move, begun: Begun, asked: Asked) -> tuple[stages.Done | None, bool]:
    """How far it went, and whether findings ended it."""
    done = None
    try:
        thought = stages.think(move) if begun.planned is None else stages.as_planned(move, begun.planned)
        done = stages.Done(thought)
        if asked.command != "plan":
            gate.close(move)
            done = stages.write(move, thought)
    except Blocked:
        return done, True
    except QuotaExhausted as gone:
        forecast.come_back(move, gone)
        raise
    return done, False


def _tell(move: Move, undecided: Sequence[str], *, unmask: bool) -> None:
    """The blocking findings, in words, and the decisions that would let the run go on, on standard error."""
    from mamigrate.reports.messages import Messages

    blocks.tell(move, unmask=unmask)
    messages = Messages.of(move.source.adapter.name, move.target.adapter.name)
    unclear = sum(found.subject.startswith(resume.FACTS) for found in move.findings)
    if unclear:
        told = f"in files of facts, not understood: {unclear}; the report names each, and which of them deny nobody"
        print(told, file=sys.stderr)
    for found in move.findings:
        if found.code in TOLD_TOO:
            print(f"{found.severity}: {messages.say(found, 'en')}", file=sys.stderr)
    for id in undecided[:20]:
        print(f'decide in decisions.yaml: id "{id}", choice "accept" to go on or "refuse", who, when', file=sys.stderr)
