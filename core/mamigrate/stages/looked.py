"""Who looked at everybody since the last move, for the consent report: when, by which reading of the source, and was it proven."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from mamigrate.clock import aware
from mamigrate.errors import DamagedSnapshot
from mamigrate.ledger.tables import Run
from mamigrate.snapshot import manifest
from mamigrate.stages.move import Move
from mamigrate.stages.resume import MOVING
from mamigrate.stages.sync.census import COMMAND as CENSUS
from mamigrate.stages.sync.census import PROVEN

CONSENT = "consent"
COUNTED = 30
"""Censuses that are told; a parallel period has one a day."""


def censuses(move: Move) -> list[dict[str, Any]]:
    """Newest first. ``at``: when the target was looked at; ``read``: until when the source was read, empty where nobody knows."""
    return [
        {
            "run": one.id,
            "command": one.command,
            "at": _told(one.ended_at or one.began_at),
            "read": _told(_read(move, one.source_snapshot)),
            "proven": one.exit_code in PROVEN,
        }
        for one in islice(_looked(move), COUNTED)
    ]


def _looked(move: Move) -> Iterator[Run]:
    """Those that came to their end. One that judged what was kept of a side looked at nobody."""
    own = [one for one in move.ledger.runs() if (one.source, one.target) == move.direction and one.status == "done"]
    for one in own:
        if one.command in (*MOVING, CENSUS) or (one.command == CONSENT and _read_both(move, one)):
            yield one
        if one.command in MOVING and move.ledger.wrote(one.id):
            return


def _read_both(move: Move, run: Run) -> bool:
    """Whether a run read both sides itself."""
    read = [_read(move, id) for id in (run.source_snapshot, run.target_snapshot)]
    return all(at is not None and at >= aware(run.began_at) for at in read)


def _read(move: Move, snapshot: str) -> datetime | None:
    """When a side was read to its end, by our clock; None where what was kept of it is not there any more."""
    try:
        return manifest.load(move.project.snapshots / snapshot).landed_at
    except DamagedSnapshot:
        return None


def _told(moment: datetime | None) -> str:
    return aware(moment).isoformat(timespec="seconds") if moment is not None else ""
