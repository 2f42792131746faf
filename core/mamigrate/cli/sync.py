"""``sync``."""

import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from mamigrate import clock
from mamigrate.cli import blocks, words, workspace
from mamigrate.cli.consent import judge
from mamigrate.cli.failures import BLOCKED, BUG, DONE, LATER, left_as, sentence
from mamigrate.cli.progress import interruptible, progress, undisturbed
from mamigrate.cli.run import Json, Lang, ProjectDir, Source, Target, Unmask
from mamigrate.errors import Blocked, Interrupted, Later, Left, UsageError
from mamigrate.findings import Findings, Severity
from mamigrate.reports.messages import LANGUAGES
from mamigrate.stages import moves
from mamigrate.stages.move import Move
from mamigrate.stages.operand import Operand
from mamigrate.stages.resume import COMMAND, DRY, new_run
from mamigrate.stages.settle import settle
from mamigrate.stages.sync import census as censuses
from mamigrate.stages.sync import passing, telling
from mamigrate.stages.sync.reading import since
from mamigrate.stages.sync.way import Way

Fresh = Callable[[], AbstractContextManager[Move]]
"""Opens the same move once more: a census leaves nothing behind in the one that goes on passing."""

SHORTEST = timedelta(seconds=30)
TICK = 0.5
"""Seconds of the wall between looks whether somebody wants us to leave."""
CENSUSES = ("census_not_made", "census_unproven")
_SPAN = re.compile(r"(\d+)([smh])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How the report is given. ``lines``: as one line of JSON a pass."""

    json: bool
    lines: bool
    lang: str | None
    unmask: bool


def sync(
    source: Source,
    target: Target,
    project: ProjectDir = Path("."),
    every: Annotated[
        str | None,
        typer.Option("--every", help="Again and again, with this pause: 5m, 1h, 30s at least; one pass without it"),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One pass, with the overlap that --every asks for")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be carried; write nothing")] = False,
    most: Annotated[
        int, typer.Option("--most", help="Denials written each way in a pass; the rest waits for the next", min=1)
    ] = 2000,
    census: Annotated[
        bool,
        typer.Option(
            "--census", help="Read both sides whole and judge everybody; --every does it by itself once a day"
        ),
    ] = False,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
) -> None:
    """Carry denials that came after a move to the other side, both ways, and say which side may send."""
    if lang is not None and lang not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise UsageError(f"there are no texts in the language {lang!r}; there are {known}", where="--lang")
    asked = passing.Asked(_span(every), dry_run, most, census)
    opened = workspace.open_project(project.resolve())
    with (
        workspace.alone(opened.folder, source, target),
        workspace.owned_ledger(opened) as ledger,
        progress(quiet=json) as teller,
        interruptible(teller) as show,
        workspace.move(opened, source, target, "", show, ledger) as move,
    ):
        passing.require(move.source, move.target)
        move.command = words.typed()
        again = asked.every is not None and not once

        def fresh() -> AbstractContextManager[Move]:
            return workspace.move(opened, source, target, "", show, ledger)

        code = _carry_out(move, asked, Shown(json, again, lang, unmask), fresh, again=again)
    raise typer.Exit(code)


def _span(text: str | None) -> timedelta | None:
    """Raises UsageError for what is no span of time, or too short a one."""
    if text is None:
        return None
    found = _SPAN.fullmatch(text.strip())
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if span < SHORTEST:
        raise UsageError("a span of at least 30s is wanted, such as 5m", where="--every")
    return span


def _carry_out(move: Move, asked: passing.Asked, shown: Shown, fresh: Fresh, *, again: bool) -> int:
    """Pass until told to leave, and leave a record however it ends."""
    run = new_run(*move.direction, "sync")
    move.run_id = run.id
    since(move, move.source, move.target, asked.every)  # before anything is noted: there must have been a move
    move.ledger.begin_run(run)
    move.ledger.keep_inputs(run.id, {COMMAND: move.command, DRY: "yes" if asked.dry else ""})
    status, code, passes = "stopped", BUG, 0
    found, tried = Findings(), None
    try:
        settle(move)
        while True:
            counts = asked.census and not passes or (again and not asked.dry and censuses.due(move, tried))
            tried = clock.now() if counts else tried
            code, passes = _pass(move, replace(asked, census=counts), shown, fresh, passes + 1), passes + 1
            found.extend(one for one in move.findings if one.severity is not Severity.BLOCK)
            if not again:
                break
            _wait(move, asked.every or SHORTEST)
        status = "done"
    except BaseException as error:
        status, code = left_as(error)
        if again and isinstance(error, Interrupted):
            raise Left(f"Stopped as you asked, after {_passes(passes)}: nothing is left to finish.") from error
        raise
    finally:
        with undisturbed():
            if again:
                move.ledger.note_run(run.id, stage=_passes(passes))
            found.extend(move.findings)  # What blocked an earlier pass is over, or among these.
            move.ledger.keep_findings(run.id, found)
            move.ledger.note_run(run.id, status=status, exit_code=code, ended_at=clock.now())
    return code


def _passes(number: int) -> str:
    return "1 pass" if number == 1 else f"{number:,} passes"


def _pass(move: Move, asked: passing.Asked, shown: Shown, fresh: Fresh, number: int) -> int:
    """One pass with its report. What an earlier pass found is over, or found again."""
    move.findings = Findings()
    ways = passing.one_pass(move, asked)
    facts, path = _report(move, ways, number, asked, shown)
    counted = DONE
    if asked.census:
        counted = _count(move, ways, shown, fresh)
        facts, path = _report(move, ways, number, asked, shown)
    _tell_trouble(ways)
    _tell(move, facts, path, shown)
    return _code(move, ways) or counted


def _report(
    move: Move, ways: Sequence[Way], number: int, asked: passing.Asked, shown: Shown
) -> tuple[dict[str, Any], Path]:
    """Written as soon as something was carried: what comes after it may fail."""
    facts = telling.gather(move, ways, number, dry=asked.dry, unmask=shown.unmask)
    return facts, telling.write(move, facts, shown.lang)


def _count(move: Move, ways: Sequence[Way], shown: Shown, fresh: Fresh) -> int:
    """The census after a pass, with a report of its own, and the exit code of one that ends before it has judged.

    Before everything is carried it would find what the pass knows.
    """
    forth = ways[0]
    if any(way.unread or way.backlog or way.trouble for way in ways) or moves.undone_by(move):
        reason = ", ".join(dict.fromkeys(code for way in ways for code in way.blocked()))
        move.findings.add("census_not_made", Severity.WARN, move.target.name, reason=reason)
        return DONE
    try:
        with fresh() as other:
            other.command = move.command
            sides = Operand(move.source.name), Operand(move.target.name)
            judge(other, sides, None, shown.lang, unmask=shown.unmask, named=censuses.COMMAND)
    except Interrupted:
        raise
    except (Later, Blocked) as error:
        move.findings.add("census_not_made", Severity.WARN, move.target.name, reason=sentence(error)[0][0])
        return left_as(error)[1]
    forth.unproven = censuses.unproven(move)
    if forth.unproven:
        run = (censuses.told(move) or {}).get("run", "")
        move.findings.add("census_unproven", Severity.WARN, move.target.name, run=run)
    return DONE


def _code(move: Move, ways: Sequence[Way]) -> int:
    if move.findings.blocking:
        return BLOCKED
    why = {code for way in ways for code in way.blocked()}
    if not why:
        return DONE
    held = [way for way in ways if way.blocked()]
    hopeless = any(way.unread or way.unmoved or way.unproven for way in held)
    return LATER if all(way.trouble for way in held) and not hopeless else BLOCKED


def _wait(move: Move, span: timedelta) -> None:
    """Sleep on the connections' clock, and leave at a signal."""
    left = span.total_seconds()
    step = TICK * max(1.0, move.source.connection.speed)
    while left > 0:
        move.progress("wait", 0, None)
        move.source.clock.sleep(min(step, left))
        left -= step


def _tell_trouble(ways: Sequence[Way]) -> None:
    """Which side did not answer and why, once where both ways ended by it."""
    lines = [line for way in ways if way.trouble is not None for line in sentence(way.trouble)[0]]
    for line in dict.fromkeys(lines):
        print(line, file=sys.stderr)


def _tell(move: Move, facts: dict[str, Any], path: Path, how: Shown) -> None:
    """What blocks, and what became of a census, on standard error; then the sides and the page; or the JSON alone."""
    blocks.tell(move, unmask=how.unmask, also=CENSUSES)
    if how.json:
        sys.stdout.buffer.write(telling.as_json(facts, lines=how.lines) + b"\n")
        sys.stdout.flush()
        return
    for way in facts["ways"]:
        fates = ", ".join(f"{n} {name}" for name, n in way["fates"].items() if n) or "none"
        sys.stdout.write(f"denials of {way['from']} for {way['to']}: {fates}\n")
    for side in facts["sides"]:
        sys.stdout.write(_standing(side))
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()


def _standing(side: dict[str, Any]) -> str:
    word = "GO" if side["go"] else "NO-GO"
    because = f" ({', '.join(side['because'])})" if side["because"] else ""
    read = f"denials of {side['denials_of']} until {side['watermark'] or 'never'}, backlog {side['backlog']}"
    return f"{side['side']}: {word}{because}; {read}\n"
