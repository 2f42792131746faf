"""How long a target must have had since the last write before its proof counts as settled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mamigrate import clock
from mamigrate.ledger.tables import Run
from mamigrate.stages.move import Move

LEAST = timedelta(hours=24)
"""What automation of the target gets to undo what was written; a linked CRM gets one full cycle of its sync, if that is longer."""
UNKNOWN = "crm_cycle_unknown"
"""The reason that no time heals: a CRM is linked, and nobody says how long a cycle of its sync takes."""


@dataclass(frozen=True, slots=True)
class Settling:
    """``least``: the span that is needed, ``asked`` the one that was asked for; ``due``: when both are over, None: nothing was
    asked for or written. ``why`` names the reason while it is not ``settled``.
    """

    least: timedelta
    asked: timedelta | None
    due: datetime | None
    settled: bool
    why: str


def settling(move: Move, last: Run | None, asked: timedelta | None) -> Settling:
    """``last``: the run that wrote last. What was asked for may be longer than what is needed, never shorter."""
    link = move.project.file.crm_link
    cycle = timedelta(hours=link.cycle_hours or 0) if link is not None else timedelta()
    least = max(LEAST, cycle)
    due = _ended(last) + max(asked, least) if last is not None and asked is not None else None
    if asked is not None and link is not None and link.cycle_hours is None:
        return Settling(least, asked, due, settled=False, why=UNKNOWN)
    if asked is not None and asked < least:
        return Settling(least, asked, due, settled=False, why="too_soon")
    over = asked is not None and (due is None or due <= clock.now())
    return Settling(least, asked, due, settled=over, why="settles_later")


def _ended(last: Run) -> datetime:
    ended = last.ended_at or last.began_at
    return ended if ended.tzinfo else ended.replace(tzinfo=UTC)
