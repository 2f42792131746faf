"""``purge``."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from mamigrate import clock
from mamigrate.cli import asked, words, workspace
from mamigrate.cli.failures import BLOCKED, BUG, DONE, left_as
from mamigrate.cli.progress import interruptible, progress, undisturbed
from mamigrate.cli.run import Json, Lang, ProjectDir
from mamigrate.consent import address, tombstones
from mamigrate.contract import Blocker
from mamigrate.errors import UsageError
from mamigrate.ledger.purges import purged
from mamigrate.ledger.store import Ledger
from mamigrate.registry import Registry
from mamigrate.reports import mask, render
from mamigrate.reports.messages import LANGUAGES, Messages
from mamigrate.settings.project import Project
from mamigrate.stages import places, report_files, tombs
from mamigrate.stages import purge as stage
from mamigrate.stages import statement as statements
from mamigrate.stages import transfers as sheets
from mamigrate.stages.purge import Found, Purging
from mamigrate.stages.resume import new_run

COMMAND = "purge"
ONE_OF = ("--yes", "--statement", "--transfers", "--check")


def purge(
    project: ProjectDir = Path("."),
    yes: Annotated[bool, typer.Option("--yes", help="Carry it out; without this only the preview is shown")] = False,
    abandon: Annotated[
        bool,
        typer.Option("--abandon", help="Also where a run did not come to a good end, or a snapshot cannot be read"),
    ] = False,
    facts: Annotated[bool, typer.Option("--facts", help="Destroy the project's files of facts too")] = False,
    by: Annotated[str, typer.Option("--by", help="Who orders it, for the statement; the login's name by default")] = "",
    statement: Annotated[bool, typer.Option("--statement", help="Write the statement of the last purge anew")] = False,
    transfers: Annotated[
        bool,
        typer.Option("--transfers", help="Write the transfer sheet: who holds which data, on which basis, until when"),
    ] = False,
    check: Annotated[
        str,
        typer.Option(
            "--check",
            help="Whether an address was denied, or whether a file or folder is a copy of what was destroyed; - reads it from standard input",
        ),
    ] = "",
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Destroy the personal data that a move staged in the project. Without --yes it only says what would go."""
    _one_wish(yes, statement, transfers, bool(check), lang=lang)
    opened = workspace.open_project(project.resolve())
    if check:
        raise typer.Exit(_check(opened, asked.word(check, "--check")))
    with workspace.a_ledger(opened, taken=yes or statement) as ledger:
        purging = Purging(opened, ledger, _titles(opened), _blockers(opened), by, facts, abandon, lang)
        purging.at_work = not (yes or statement) and bool(workspace.at_work(opened, ledger))
        if transfers:
            _write_sheet(purging, json=json)
        elif statement:
            _write_statement(purging, json=json)
        elif yes:
            raise typer.Exit(_carry_out(purging, json=json))
        else:
            raise typer.Exit(_preview(purging, json=json))


def _one_wish(*wishes: bool, lang: str | None) -> None:
    if sum(wishes) > 1:
        raise UsageError(f"take one of {', '.join(ONE_OF)}", where=COMMAND)
    if lang is not None and lang not in LANGUAGES:
        told = f"there are no texts in the language {lang!r}; there are {', '.join(LANGUAGES)}"
        raise UsageError(told, where="--lang")


def _titles(project: Project) -> dict[str, str]:
    return {name: entry.title for name, entry in Registry(project.file.project.block).adapters().items()}


def _blockers(project: Project) -> dict[str, Sequence[Blocker]]:
    """What denies on each connection whose adapter is installed."""
    registry = Registry(project.file.project.block)
    told = {name: one.adapter for name, one in project.file.connections.items() if one.adapter in registry.adapters()}
    return {name: registry.adapter(adapter).blockers for name, adapter in told.items()}


# --- the preview ---------------------------------------------------------------------------------------------------------


def _preview(purging: Purging, *, json: bool) -> int:
    """3 where something holds the purge up, else 0."""
    found = stage.look(purging)
    stage.hold_up(purging)
    if json:
        _print_json(_as_facts(purging, found))
    else:
        _tell_preview(purging, found)
    return BLOCKED if purging.findings.blocking else DONE


def _tell_preview(purging: Purging, found: Found) -> None:
    for line in _lines(found):
        sys.stdout.write(f"{line}\n")
    for one in statements.remaining(purging.project, purging.ledger, purging.facts_known()):
        if not one.get("going") and not (one["what"] == "facts" and purging.facts):
            sys.stdout.write(
                f"stays: {_word('kept', one['what'])} ({one['files']} files, {render.size(one['bytes'])})\n"
            )
    _tell(purging)


def _as_facts(purging: Purging, found: Found) -> dict[str, Any]:
    return {
        "report": COMMAND,
        "state": "preview",
        "places": found.places,
        "rows": found.rows,
        "remains": statements.remaining(purging.project, purging.ledger, purging.facts_known()),
        "findings": [sheets.as_fact(mask.finding(one)) for one in purging.findings],
    }


def _lines(found: Found) -> Iterator[str]:
    if found.empty:
        yield "nothing is left to destroy"
    for one in found.places:
        rows = ", ".join(f"{n:,} {kind}" for kind, n in one.objects.items() if kind in mask.PEOPLE)
        held = f": {rows}" if rows else ""
        yield f"to destroy: {one.path} ({_word('place', one.what)}, {one.files} files, {render.size(one.bytes)}){held}"
    for table, number in found.rows.items():
        yield f"to destroy: {number:,} rows of the ledger's table {table}"


def _word(group: str, name: str) -> str:
    return Messages.of().text(f"page_{group}_{name}", "en")


def _tell(purging: Purging) -> None:
    """The findings in words, on standard error."""
    for found in purging.findings:
        print(f"{found.severity}: {Messages.of().say(mask.finding(found), 'en')}", file=sys.stderr)


# --- doing it ------------------------------------------------------------------------------------------------------------


def _carry_out(purging: Purging, *, json: bool) -> int:
    """Destroy, note in the ledger how it ended, and tell it in a statement."""
    stage.hold_up(purging)
    found = stage.look(purging)
    if purging.findings.blocking:
        _tell(purging)
        return BLOCKED
    if found.empty and not stage.going(purging):
        _print_nothing(purging, found, json=json)
        return DONE
    with progress(quiet=json) as teller, interruptible(teller) as show:
        purging.progress = show
        run_id = stage.begin(purging, found)
        with _noted(purging.ledger, run_id) as ending:
            stage.carry_out(purging, run_id)
            code = BLOCKED if purging.findings.blocking else DONE
            path, facts = _state(purging, run_id, ended=not purging.findings.blocking)
            ending.update(status="done", exit_code=code)
    _tell(purging)
    _print_end(path, facts, json=json)
    return code


@contextmanager
def _noted(ledger: Ledger, run_id: str) -> Iterator[dict[str, Any]]:
    """What is put into it is noted as the run's end, however it ends."""
    ending: dict[str, Any] = {"status": "stopped", "exit_code": BUG}
    try:
        yield ending
    except BaseException as error:
        ending["status"], ending["exit_code"] = left_as(error)
        raise
    finally:
        with undisturbed():
            ledger.note_run(run_id, ended_at=clock.now(), **ending)


def _state(purging: Purging, run_id: str, *, ended: bool) -> tuple[Path, dict[str, Any]]:
    """Write the statement and note its hash; the purge has come to its end by that."""
    made = next(one for one in purging.ledger.purges() if one.run_id == run_id)
    if ended and made.ended_at is None:
        made.ended_at = clock.now()
    known = purging.facts_known()
    facts = statements.gather(purging.project, purging.ledger, made, words.typed(), purging.findings, known)
    path, digest = statements.write(purging.project, facts, purging.lang, tuple(purging.titles))
    purging.ledger.note_purge(run_id, ended_at=made.ended_at, statement=digest)
    return path, facts


def _print_nothing(purging: Purging, found: Found, *, json: bool) -> None:
    if json:
        _print_json(_as_facts(purging, found))
    else:
        sys.stdout.write("nothing is left to destroy\n")


def _print_end(path: Path, facts: dict[str, Any], *, json: bool) -> None:
    if json:
        _print_json(facts)
    else:
        sys.stdout.write(f"{path}\n")


def _print_json(facts: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2) + b"\n")


# --- papers --------------------------------------------------------------------------------------------------------------


def _write_statement(purging: Purging, *, json: bool) -> None:
    last = purged(purging.ledger.purges())
    if last is None:
        raise UsageError(
            "nothing was purged in this project yet", where="--statement", fix="mamigrate purge shows what would go"
        )
    if last.ended_at is None:
        raise UsageError(
            f"the purge {last.run_id} did not come to its end", where="--statement", fix="mamigrate purge --yes goes on"
        )
    path, facts = _state(purging, last.run_id, ended=True)
    _tell(purging)
    _print_end(path, facts, json=json)


def _write_sheet(purging: Purging, *, json: bool) -> None:
    project, ledger = purging.project, purging.ledger
    last = purged(ledger.purges())
    known = orjson.loads(last.found)["platforms"] if last else sheets.platforms(project, ledger, purging.titles)
    kept = statements.remaining(project, ledger, purging.facts_known())
    told = sheets.sheet(project, known, kept, ledger.place, purging.findings)
    facts = sheets.report(project, new_run("", "", COMMAND).id, told, purging.findings, words.typed())
    path = statements.save(project, facts, "transfers", render.transfers_page, purging.lang, tuple(purging.titles))
    _tell(purging)
    _print_end(path, facts, json=json)


def _check(project: Project, named: str) -> int:
    """3 where it is known, else 0."""
    key = tombs.key_of(project)
    if key is None:
        raise UsageError("no purge has left tombstones here", where="--check")
    if named and Path(named).exists():
        return _check_copy(project, key, Path(named))
    mark = tombstones.mark_of(key, named)
    kinds = tombs.known(project).get(mark or "", frozenset())
    if not kinds and not address.keys(named).valid:
        raise UsageError("neither an address nor a file or folder that is there", where="--check")
    words = sorted(Messages.of().text(f"page_fact_{kind}", "en") for kind in kinds)
    told = f"denied: {'; '.join(words)}" if words else "no denial of this address is known"
    sys.stdout.write(f"{told}\n")
    return BLOCKED if kinds else DONE


NO_COPY = (
    "no copy of a whole snapshot or plan that was destroyed; parts of one, reports and ledgers are not known again"
)


def _check_copy(project: Project, key: bytes, copy: Path) -> int:
    digest = places.digest(key, copy, list(report_files.walk(copy)))
    with workspace.a_ledger(project, taken=False) as ledger:
        noted = [one for purge in ledger.purges() for one in orjson.loads(purge.found)["places"]]
    same = [one["path"] for one in noted if one["digest"] == digest]
    told = f"a copy of {', '.join(same)}, which was destroyed" if same else NO_COPY
    sys.stdout.write(f"{told}\n")
    return BLOCKED if same else DONE
