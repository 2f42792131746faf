"""The moves of a direction, by the ledger: which of them changed the target, what they were made from, whether they stand."""

from datetime import datetime
from typing import Protocol

from mamigrate.clock import aware
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Run
from mamigrate.snapshot import manifest
from mamigrate.stages.move import Move
from mamigrate.stages.resume import MOVING


class Kept(Protocol):
    """What of a move stands in a ledger."""

    @property
    def ledger(self) -> Ledger: ...

    @property
    def direction(self) -> tuple[str, str]: ...


def all_of(move: Kept) -> list[Run]:
    """Newest first."""
    return [run for run in _own(move) if run.command in MOVING]


def carried(move: Kept) -> list[Run]:
    """Those that changed the target, or had nothing to change; one in whose place another began is not told."""
    return [
        run for run in all_of(move) if run.status == "done" or (run.status != "replaced" and move.ledger.wrote(run.id))
    ]


def first(move: Kept) -> datetime:
    """When the first of them began."""
    return aware(min(run.began_at for run in all_of(move)))


def proven(run: Run) -> bool:
    """Whether a move came to its end, and its proof with it."""
    return run.command in MOVING and (run.status, run.exit_code) == ("done", 0)


def unproven(move: Kept) -> bool:
    """Whether the last move that changed the target did not come to its end, or was not proven."""
    return not all(proven(run) for run in carried(move)[:1])


def undone_by(move: Kept) -> str:
    """The rollback after which nothing was moved again and proven; empty where the move stands."""
    for run in _own(move):
        if proven(run):
            return ""
        if run.command == "rollback" and (run.status == "done" or move.ledger.wrote(run.id)):
            return run.id
    return ""


def snapshot(move: Move) -> str:
    """The snapshot of the source that the last move was made from; empty where there is none."""
    return next((run.source_snapshot for run in carried(move)), "")


def read_at(move: Move, run: Run) -> datetime:
    """When reading began of the source that a run wrote from: a run may go on with what an earlier one had read."""
    folder = move.project.snapshots / run.source_snapshot
    if not run.source_snapshot or not (folder / "manifest.json").exists():
        return first(move)
    readers = [one.began_at for one in _own(move) if one.source_snapshot == run.source_snapshot]
    return min(aware(moment) for moment in (manifest.load(folder).began_at, run.began_at, *readers))


def _own(move: Kept) -> list[Run]:
    return [run for run in move.ledger.runs() if (run.source, run.target) == move.direction]
