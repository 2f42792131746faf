"""Begin a run, or go on with one that did not come to its end; and notice what is asked for differently now.

Denials hold in doubt: a file of facts that an interrupted run was given is read again, whether it is named again or not, and
what any run read of one is kept (``told``).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mamigrate import __version__, clock
from mamigrate.consent import files
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.handwritten.text import content_of
from mamigrate.ledger.tables import Run
from mamigrate.stages import halted, programs_file, pushes, told, tombs
from mamigrate.stages.move import Move

FACTS = "facts/"
"""How the names of inputs begin that are files of facts; the path follows."""
TWINS = "--keep-twins"
CONSENT = "[consent]"
"""The section of the project's file that says which law binds."""
CRM = "[crm_link]"
"""The section that says by what people are matched."""
HISTORY = "[history]"
"""The section that says what of the past goes along."""
TOMBS = "[facts] tombstones"
"""What purges of earlier projects left."""
DRY = "--dry-run"
"""The name of the input of a ``sync`` that only said what it would carry."""
COMMAND = "command"
"""The name of the input that holds what was typed."""
KILLED = "killed"
"""What is noted as running although nobody is at work."""
UNFINISHED = ("running", "stopped", "interrupted")
WRITING = ("run", "apply", "rollback")
"""Commands that change a target."""
MOVING = ("run", "apply")
"""Those of them that carry something there, with a plan of permission."""


@dataclass(frozen=True, slots=True)
class Begun:
    """``planned`` is what ``apply`` applies; ``resumed`` is the run that goes on, or whose place this one takes.

    ``read`` is a run that findings stopped; this one goes on with what it had of the source.
    ``changed`` are inputs that differ from then, ``given`` the words that name what was taken over from an earlier run.
    """

    run: Run
    planned: Run | None = None
    resumed: Run | None = None
    read: Run | None = None
    changed: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


def new_run(source: str, target: str, command: str) -> Run:
    """A run that begins now; its id sorts by time."""
    now = clock.now()
    id = now.strftime("%Y%m%d-%H%M%S-") + f"{now.microsecond // 1000:03d}"
    return Run(
        id=id, command=command, source=source, target=target, status="running", began_at=now, tool_version=__version__
    )


def begin(move: Move, command: str, *, fresh: bool) -> Begun:
    """Note in the ledger what begins or goes on, and give the move its id, its files of facts and its flags.

    Raises UsageError where there is nothing to apply, or a file of facts is not there or no table of facts.
    """
    runs, typed, twins = move.ledger.runs(), move.more_facts, move.keep_twins
    planned = last_plan(runs, *move.direction) if command == "apply" else None
    if planned is not None:
        _as_planned(move, planned)
    if not fresh:
        _unfinished_facts(move, runs)
    # A file that is not there, or that nobody understands, stops before anything is read or held against the run.
    asked(move)
    _understood(move, typed)
    unfinished = None if fresh or command == "plan" else resumable(runs, *move.direction, command)
    if planned is not None:
        unfinished = _of_plan(move, runs, planned, unfinished)
    changed = _changed(move, unfinished) if unfinished is not None and planned is None else ()
    run = unfinished if unfinished is not None and not changed else new_run(*move.direction, command)
    read = None if fresh or command != "run" else halted.halted(move, runs, WRITING)
    if read is not None:
        _facts_too(move, move.ledger.inputs(read.id), read)
    # First of all: a process that dies between these lines must not make its successor forget a file of denials.
    move.ledger.keep_inputs(run.id, asked(move) | ({"plan": planned.id} if planned is not None else {}))
    if run is unfinished:
        move.ledger.note_run(run.id, status="running", exit_code=None, ended_at=None)
    else:
        _replacing(move, run, unfinished or read)
        _pushes_too(move, run, runs)
    move.run_id = run.id
    for name in changed:
        move.findings.add("resumed_differently", Severity.WARN, unfinished.id if unfinished else "", what=name)
    given = [word for path in move.more_facts if path not in typed for word in ("--facts", str(path))]
    given += [TWINS] if move.keep_twins and not twins else []
    return Begun(run, planned, unfinished, read, changed, tuple(given))


def _of_plan(move: Move, runs: Sequence[Run], planned: Run, unfinished: Run | None) -> Run | None:
    """The unfinished run if it applies this plan. Raises UsageError where another one applied it to the end."""
    for run in runs:
        if run.command == "apply" and run.status == "done" and move.ledger.inputs(run.id).get("plan") == planned.id:
            raise UsageError(
                f"plan {planned.id} was applied by {run.id}: plan again to see what is left", where="apply"
            )
    own = unfinished is not None and move.ledger.inputs(unfinished.id).get("plan") == planned.id
    return unfinished if own else None


def _unfinished_facts(move: Move, runs: Sequence[Run]) -> None:
    """The denials of a command that came to no good end hold for the one after it, whichever either is.

    That is the newest of this direction, and the newest that could write.
    """
    own = [run for run in runs if (run.source, run.target) == move.direction and run.command != "sync"]
    writing = [run for run in own if run.command in WRITING]
    for latest in (*own[:1], *writing[:1]):
        if not _finished(latest):
            _facts_too(move, move.ledger.inputs(latest.id), latest)


def _finished(run: Run) -> bool:
    return (run.status, run.exit_code) == ("done", 0)


def _replacing(move: Move, run: Run, earlier: Run | None) -> None:
    """A new run, perhaps in the place of one that is not finished: what that read is kept, everything is planned anew."""
    if earlier is not None:
        run.source_snapshot = earlier.source_snapshot
    move.ledger.begin_run(run)
    if earlier is not None:
        move.ledger.note_run(earlier.id, status="replaced")


def _pushes_too(move: Move, run: Run, runs: Sequence[Run]) -> None:
    """What an unfinished run passed on to a CRM counts for the one after it, whether that goes on with it or begins anew."""
    own = (one for one in runs if (one.source, one.target) == move.direction and one.command in WRITING)
    latest = next(own, None)
    if latest is not None and latest.status in UNFINISHED:
        kept = move.ledger.inputs(latest.id).get(pushes.BEFORE)
        move.ledger.keep_inputs(run.id, {pushes.BEFORE: kept} if kept is not None else {})


def resumable(runs: Sequence[Run], source: str, target: str, command: str) -> Run | None:
    """The newest run of this direction that could write, when it is of this command and did not come to its end."""
    own = (run for run in runs if (run.source, run.target) == (source, target) and run.command in WRITING)
    latest = next(own, None)
    going = latest is not None and latest.command == command and latest.status in UNFINISHED
    return latest if going else None


def unfinished(runs: Sequence[Run]) -> list[Run]:
    """Of each direction the newest run that could write, where it did not come to its end."""
    found = (resumable(runs, *direction, command) for direction in _directions(runs) for command in WRITING)
    return [run for run in found if run is not None and run.status in UNFINISHED]


def ended_badly(runs: Sequence[Run]) -> list[Run]:
    """Of each direction the newest run that could write, where it came to no end or to no good one."""
    writing = [run for run in runs if run.command in WRITING]
    latest = [next(run for run in writing if (run.source, run.target) == one) for one in _directions(writing)]
    return [run for run in latest if not _finished(run) and run.status != "abandoned"]


def _directions(runs: Sequence[Run]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((run.source, run.target) for run in runs))


def last_plan(runs: Sequence[Run], source: str, target: str) -> Run:
    """The newest ``plan`` of this direction. Raises UsageError where there is none, or it came to no good end."""
    plans = (run for run in runs if (run.command, run.source, run.target) == ("plan", source, target))
    latest = next(plans, None)
    words = f"`mamigrate plan --source {source} --target {target}`"
    if latest is None:
        raise UsageError(f"no plan from {source} to {target} yet: run {words} first", where="apply")
    if latest.status in UNFINISHED:
        raise UsageError(f"the last plan ({latest.id}) was interrupted: run {words} again", where="apply")
    if latest.exit_code != 0 or not latest.plan_id:
        raise UsageError(
            f"the last plan ({latest.id}) was stopped: put right what its report names, then run {words} again",
            where="apply",
        )
    return latest


def overtaken(move: Move, planned: Run) -> bool:
    """Whether another run of this direction has written since a plan was made."""
    later = (run for run in move.ledger.runs() if run.began_at > planned.began_at and run.id != move.run_id)
    return any((run.source, run.target) == move.direction and move.ledger.wrote(run.id) for run in later)


# --- what was asked for --------------------------------------------------------------------------------------------


def asked(move: Move) -> dict[str, str]:
    """Flags and files of facts with their hashes, known when a run begins. Raises UsageError for a file that is not there."""
    paths = [path.resolve() for path in move.project.facts_files(move.more_facts)]
    file = move.project.file
    sections = {
        CONSENT: file.consent.model_dump_json(),
        CRM: file.crm_link.model_dump_json() if file.crm_link else "",
        HISTORY: file.history.model_dump_json() if file.history else "",
    }
    decided = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sections.items()}
    buried = hashlib.sha256(b"".join((one / tombs.FILE).read_bytes() for one in _buried(move))).hexdigest()
    decided |= {TOMBS: buried} if move.project.tombstones() else {}
    decided |= {f"{tombs.NOTED}{tombs.id_of(tombs.of_folder(one)[0])}": str(one) for one in move.project.tombstones()}
    flags = {TWINS: "yes" if move.keep_twins else "", **decided}
    return flags | {f"{FACTS}{path}": _digest(path) for path in paths}


def _buried(move: Move) -> Iterator[Path]:
    """Folders of tombstones that are whole. Raises UsageError for one that is not."""
    for folder in move.project.tombstones():
        tombs.of_folder(folder)
        yield folder


def _understood(move: Move, typed: Sequence[Path]) -> None:
    """Raises UsageError for a file that is no table of facts: one named now is forgotten, an earlier run's is not."""
    for path in move.project.facts_files(move.more_facts):
        try:
            files.read(path)
        except UsageError as error:
            if path in typed:
                error.fix = (
                    "put it right and name it again: nothing of it was kept, no later command reads it by itself"
                )
            elif path in move.more_facts:
                error.fix = (
                    "an earlier run read denials from this file: put back what it was, or begin anew with `run --fresh`"
                )
            raise


def facts_changed(move: Move) -> list[str]:
    """Files of facts that are not what they were when the run began: what was added since is in no plan."""
    began = move.ledger.inputs(move.run_id)
    paths = {path.resolve() for path in move.project.facts_files(move.more_facts)}
    return sorted(str(path) for path in paths if not path.exists() or _digest(path) != began.get(f"{FACTS}{path}"))


def derived(move: Move, mapping: str) -> dict[str, str]:
    """What a plan was derived from beside them, known when it is made."""
    recipes = {move.project.programs_path.name: programs_file.digest(move.project)}
    return {move.project.mapping_path.name: mapping, move.project.decisions_path.name: move.decisions.digest, **recipes}


def _as_planned(move: Move, planned: Run) -> None:
    """Flags and files of facts of a plan hold for its ``apply`` as well."""
    before = move.ledger.inputs(planned.id)
    move.keep_twins = move.keep_twins or before.get(TWINS) == "yes"
    _facts_too(move, before, planned)


def _facts_too(move: Move, before: Mapping[str, str], run: Run) -> None:
    """The files of facts of an earlier run, named now or not. What that run kept of one holds without the file.

    Raises UsageError for one that is gone and was not kept, or is a finished plan's.
    """
    kept = {name for key, name in before.items() if key.startswith(told.NOTED)}
    planned = run.command == "plan" and _finished(run)
    now = {path.resolve() for path in move.project.facts_files(move.more_facts)}
    for path in sorted(Path(name.removeprefix(FACTS)) for name in before if name.startswith(FACTS)):
        if not path.exists() and path.name in kept and not planned:
            continue
        if not path.exists():
            way = "plan again" if planned else "begin anew with --fresh"
            raise UsageError(f"{run.command} {run.id} read denials from this file, and it is gone: put it back, or {way}",
                             where=str(path))  # fmt: skip
        if path not in now:
            move.more_facts = (*move.more_facts, path)


def _changed(move: Move, unfinished: Run) -> tuple[str, ...]:
    """Names of inputs that are not what they were when the run was interrupted."""
    before = move.ledger.inputs(unfinished.id)
    _facts_too(move, before, unfinished)
    now = asked(move) | derived(move, _digest(move.project.mapping_path) if move.project.mapping_path.exists() else "")
    new = [name for name in now if name.startswith(FACTS) and name not in before]
    other = [name for name in now if name in before and now[name] != before[name]]
    return tuple(name.removeprefix(FACTS) for name in (*other, *(new if before else [])))


def _digest(path: Path) -> str:
    return hashlib.sha256(content_of(path, files.LARGEST)).hexdigest()
