"""``consent``."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer

from mamigrate import clock
from mamigrate.cli import asked, blocks, words, workspace
from mamigrate.cli.failures import BLOCKED, BUG, DONE, LATER, left_as
from mamigrate.cli.progress import interruptible, progress, undisturbed
from mamigrate.cli.run import Facts, Json, Lang, ProjectDir, Unmask
from mamigrate.consent.proof.judged import FAIL, IN_TIME, PASS, worst
from mamigrate.consent.proof.record import trouble
from mamigrate.errors import UsageError
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Derivations, Evidence
from mamigrate.settings.project import Project
from mamigrate.stages import consent as stage
from mamigrate.stages import consent_report, derivations, evidence
from mamigrate.stages.derivations import SUFFIX
from mamigrate.stages.move import Move
from mamigrate.stages.operand import PLAN, Operand, is_folder, operand, require_last
from mamigrate.stages.resume import COMMAND, new_run
from mamigrate.stages.settling import UNKNOWN
from mamigrate.stages.who import require

UNKNOWN_HEAD = "its lines fit each other, but no head of it was kept here: compare the last hash with the report's"
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Old = Annotated[str | None, typer.Argument(help="The old side: a connection, NAME@last, a snapshot or plan:ID")]
New = Annotated[
    str | None,
    typer.Argument(help="The new side: a connection, a snapshot, or NAME@last where nothing was written since"),
]
Settle = Annotated[
    str | None, typer.Option("--settle", help="Judge as settled so long after the last write: 24h, or longer")
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify-evidence",
        help="Only look whether consent records are whole, and judge every open cell again from them: all, or the file named",
    ),
]

Who = Annotated[
    str | None,
    typer.Option(
        "--who",
        metavar="ADDRESS",
        help="Only print the consent records about an address; - reads it from standard input",
    ),
]


def consent(
    old: Old = None,
    new: New = None,
    project: ProjectDir = Path("."),
    settle: Settle = None,
    verify_evidence: Verify = False,
    who: Who = None,
    facts: Facts = None,
    json: Json = False,
    lang: Lang = None,
    unmask: Unmask = False,
) -> None:
    """Prove that nobody on the new side may be mailed whom the facts of the old side do not allow. Writes to neither."""
    opened = workspace.open_project(project.resolve())
    if verify_evidence:
        raise typer.Exit(_verify(opened, old))
    if who is not None:
        raise typer.Exit(_recall(opened, asked.word(who, "--who")))
    if old is None or new is None:
        raise UsageError("name both sides: mamigrate consent OLD NEW", where="consent")
    after = _span(settle)
    names = [text.partition("@")[0] for text in (old, new) if not is_folder(text)]
    with workspace.alone(opened.folder, *names), ExitStack() as stack:
        ours, theirs = _sides(opened, old, new)
        move = stack.enter_context(_opened(opened, ours.name, theirs.name, quiet=json))
        require_last(move.ledger, new, theirs)
        move.more_facts, move.command = tuple(facts or ()), words.typed()
        code, content, path = judge(move, (ours, theirs), after, lang, unmask=unmask)
        _tell(move, code, content, unmask=unmask)
    sys.stdout.write(content.decode() if json else f"{_told(content)}\n{path}\n")
    raise typer.Exit(code)


def _sides(project: Project, a: str, b: str) -> tuple[Operand, Operand]:
    if b.startswith(PLAN):
        raise UsageError("a plan says what will be written, not what stands there: name the new side itself", where=b)
    return operand(project, a), operand(project, b)


@contextmanager
def _opened(project: Project, source: str, target: str, *, quiet: bool) -> Iterator[Move]:
    with (
        workspace.owned_ledger(project) as ledger,
        progress(quiet=quiet) as teller,
        interruptible(teller) as show,
        workspace.move(project, source, target, new_run(source, target, "consent").id, show, ledger) as move,
    ):
        yield move


def judge(
    move: Move,
    sides: tuple[Operand, Operand],
    after: timedelta | None,
    lang: str | None,
    *,
    unmask: bool,
    named: str = "consent",
) -> tuple[int, bytes, Path]:
    """Judge, report, and note the end of both in the ledger, as a run of the command ``named``."""
    begun = new_run(*move.direction, named)
    move.run_id = begun.id
    move.ledger.begin_run(begun)
    move.ledger.keep_inputs(begun.id, {COMMAND: move.command})
    status, code, asked = "stopped", BUG, after is not None
    try:
        judged = stage.judge(move, *sides, after)
        # What was found holds, and is in the ledger, whether or not its report can be written.
        status, code = "done", _found(move, judged, named, asked=asked)
        path, content = consent_report.report(move, judged, lang, asked_settled=asked, unmask=unmask)
        code = _found(move, judged, named, asked=asked)
        return code, content, path
    except BaseException as error:
        status, code = (status, code) if status == "done" else left_as(error)
        raise
    finally:
        with undisturbed():
            move.ledger.keep_findings(begun.id, move.findings)
            move.ledger.note_run(begun.id, status=status, exit_code=code, ended_at=clock.now())


def _found(move: Move, judged: stage.Judged, named: str, *, asked: bool) -> int:
    return _code(move, judged, asked=asked) if named == "consent" else _standing(move, judged)


def _code(move: Move, judged: stage.Judged, *, asked: bool) -> int:
    """5 where nothing is missing but time; 3 where no time heals what is missing."""
    if judged.now != PASS or move.findings.blocking:
        return BLOCKED
    if stage.verdict(judged, asked_settled=asked) == PASS:
        return DONE
    return BLOCKED if judged.settled or judged.settling.why == UNKNOWN else LATER


def _standing(move: Move, judged: stage.Judged) -> int:
    """Whether nobody is open who must not be: how long denials took decides nothing of who may be mailed now."""
    blocking = [one for one in move.findings.blocking if one.params.get("invariant") != str(IN_TIME)]
    told = worst([judged.census.verdict, judged.proven.proof.standing])
    return DONE if told == PASS and not blocking else BLOCKED


def _tell(move: Move, code: int, content: bytes, *, unmask: bool) -> None:
    """Why it is not proven, on standard error."""
    blocks.tell(move, unmask=unmask)
    if code == BLOCKED and not move.findings.blocking:
        verdict = orjson.loads(content)["verdict"]
        print(f"consent is not proven ({verdict}): the report says what is missing", file=sys.stderr)


def _told(content: bytes) -> str:
    facts = orjson.loads(content)
    new = sum(one["new"] for one in facts["heat"])
    line = f"consent: {facts['verdict']}; {new:,} cells newly open, {facts['unread']:,} people not read"
    broken = sum(one["verdict"] == FAIL for one in facts["proof"]["statements"])
    line += f", {broken} statement{'s' * (broken != 1)} broken" if broken else ""
    return f"{line}; settled from {facts['settled_due']}" if facts["settled_due"] else line


def _span(text: str | None) -> timedelta | None:
    """``24h``, ``90m``, ``2d``. Raises UsageError."""
    if text is None:
        return None
    if not text[:-1].isdigit() or text[-1] not in UNITS:
        raise UsageError(f"{text!r} is no span of time: write 24h, 90m or 2d", where="--settle")
    return timedelta(**{UNITS[text[-1]]: int(text[:-1])})


# --- --verify-evidence -------------------------------------------------------------------------------------------------


def _verify(project: Project, file: str | None) -> int:
    """Say of each file whether it is what was written. 3 where one is not, or nothing is known of it."""
    with workspace.ledger_of(project) as ledger:
        known, derived = _known(ledger), {one.file: one for one in ledger.derivations()}
    paths = [Path(file)] if file else [project.evidence / name for name in known]
    if not paths:
        raise UsageError("no run has written consent records here yet", where="--verify-evidence")
    wrong = [path for path in paths if not path.name.endswith(SUFFIX) and not _whole(path, known.get(path.name))]
    return BLOCKED if wrong + [path for path in _deriving(paths, derived) if not _derived(path, derived)] else DONE


def _deriving(paths: Iterable[Path], known: Mapping[str, Derivations]) -> Iterator[Path]:
    """The files that say what follows from the records of ``paths``, beside them."""
    for path in paths:
        names = [one.file for one in known.values() if one.evidence == path.name]
        yield from [path] if path.name.endswith(SUFFIX) else map(path.with_name, dict.fromkeys(names))


def _derived(path: Path, known: Mapping[str, Derivations]) -> bool:
    kept = known.get(path.name)
    found = derivations.trouble(path, path.parent, kept) if path.is_file() else "it is not there"
    if not found and kept is None:
        found = UNKNOWN_HEAD
    sys.stdout.write(f"{path}: {found or f'{kept.cells if kept else 0:,} open cells derived again from the records'}\n")
    return not found


def _recall(project: Project, text: str) -> int:
    """Print the records about an address, JSON a line, and say on standard error which files they are from. 0 where there are none, too.

    3 where a file that the ledger knows is not there: what it said of the address nobody knows. Raises UsageError for what is
    no address, and what no record is about either.
    """
    with workspace.ledger_of(project) as ledger:
        known = list(_known(ledger))
    files = [name for name in known if (project.evidence / name).is_file()]
    gone = [name for name in known if name not in files]
    for name in gone:
        print(f"{project.evidence / name}: it is not there, so what it says of the address is missing", file=sys.stderr)
    told = Counter[str]()
    for file, line in evidence.of_address(project, files, text):
        sys.stdout.write(line.decode())
        told[file] += 1
    if not told:
        require(text)
    for file, number in told.items() or [("no file", 0)]:
        print(f"{number:,} consent records in {file}", file=sys.stderr)
    return BLOCKED if gone else DONE


def _known(ledger: Ledger) -> dict[str, Evidence]:
    return {one.file: one for one in ledger.evidence()}


def _whole(path: Path, kept: Evidence | None) -> bool:
    if not path.is_file():
        sys.stdout.write(f"{path}: it is not there\n")
        return False
    with path.open("rb") as lines:
        found = trouble(lines, kept.rows if kept else None, kept.head if kept else None)
    if not found and kept is None:
        found = UNKNOWN_HEAD
    sys.stdout.write(
        f"{path}: {found or f'whole, {kept.rows if kept else 0:,} records, head {kept.head if kept else str()}'}\n"
    )
    return not found
