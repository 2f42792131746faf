"""The census of a parallel period: both sides are read whole and judged once a day, since a log does not tell everything."""

from datetime import datetime, timedelta
from typing import Any

from mamigrate import clock as clocks
from mamigrate.clock import aware
from mamigrate.ledger.tables import Run
from mamigrate.stages.move import Move
from mamigrate.stages.moves import Kept
from mamigrate.stages.resume import MOVING

COMMAND = "census"
"""How its runs stand in the ledger."""
DAY = timedelta(hours=24)
AGAIN = timedelta(hours=1)
PROVEN = (0, 5)
"""How a run ends whose consent was proven; 5: it settles later."""


def due(move: Move, tried: datetime | None = None) -> bool:
    """Whether a day is over since everybody was looked at last, by a census or by a move that was proven.

    ``tried``: when this command last began a census; one that could not be made is not tried again with every pass, since it
    reads both sides whole.
    """
    if tried is not None and clocks.now() - tried < AGAIN:
        return False
    last = next((run for run in _ended(move) if run.command == COMMAND or run.exit_code == 0), None)
    return last is None or clocks.now() - _at(last) >= DAY


def unproven(move: Kept) -> bool:
    """Whether the last that looked at everybody was a census, and found somebody whom the target may not mail."""
    last = next(iter(_ended(move)), None)
    return last is not None and last.command == COMMAND and last.exit_code not in PROVEN


def told(move: Move) -> dict[str, Any] | None:
    """The last census for the report of a pass; None: there was none."""
    last = next((run for run in _ended(move) if run.command == COMMAND), None)
    if last is None:
        return None
    return {"run": last.id, "at": _at(last).isoformat(timespec="seconds"), "proven": last.exit_code in PROVEN}


def _ended(move: Kept) -> list[Run]:
    """Those that looked at everybody and came to their end, newest first."""
    own = [run for run in move.ledger.runs() if (run.source, run.target) == move.direction and run.status == "done"]
    return [run for run in own if run.command in (*MOVING, COMMAND)]


def _at(run: Run) -> datetime:
    return aware(run.ended_at or run.began_at)
