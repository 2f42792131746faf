"""Which side may send by what stands in the ledger: nobody is asked anything, and a ``sync`` may be at work meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mamigrate import clock as clocks
from mamigrate.clock import aware
from mamigrate.ledger.late import HELD
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import UnplacedDenial, Watermark
from mamigrate.stages import moves
from mamigrate.stages.delays import UNREAD
from mamigrate.stages.sync import census
from mamigrate.stages.sync.way import FRESH, stale


@dataclass(frozen=True, slots=True)
class Kept:
    """A direction in a ledger."""

    ledger: Ledger
    direction: tuple[str, str]


def go_until(mark: Watermark | None) -> datetime | None:
    """When what was read is too old to send on; None: it was never read."""
    return aware(mark.seen_at) + FRESH if mark is not None else None


def sides(ledger: Ledger, source: str, target: str) -> list[dict[str, Any]]:
    """The target, then the source, in the terms of ``sync.json``. A denial that is on its way right now is backlog."""
    kept = Kept(ledger, (source, target))
    undone, unproven = bool(moves.undone_by(kept)), census.unproven(kept)
    forth, back = ledger.unplaced(source, target), ledger.unplaced(target, source)
    # What the target's people hold at their other addresses is carried to the target itself.
    beside = [row for row in back if row.subject.startswith(f"{target}/")]
    unmoved = [("unmoved", undone or moves.unproven(kept)), ("unproven", unproven)]
    return [
        _side(ledger, (source, target), forth, [*forth, *beside], unmoved),
        _side(ledger, (target, source), back, back, [("unmoved", undone)]),
    ]


def _side(
    ledger: Ledger,
    way: tuple[str, str],
    rows: list[UnplacedDenial],
    waiting: list[UnplacedDenial],
    more: list[tuple[str, bool]],
) -> dict[str, Any]:
    mark, backlog = ledger.watermark(*way), len({(row.subject, row.what) for row in waiting if row.fate in HELD})
    age = clocks.now() - aware(mark.seen_at) if mark is not None else None
    why = list(_blocked(any(row.fate == UNREAD for row in rows), backlog, more, age))
    until = go_until(mark)
    return {
        "side": way[1],
        "go": not why,
        "because": why,
        "go_until": until.isoformat(timespec="seconds") if until and not why else None,
        "denials_of": way[0],
        "watermark": aware(mark.until).isoformat(timespec="seconds") if mark is not None else None,
        "age_s": round(age.total_seconds()) if age is not None else None,
        "backlog": backlog,
    }


def _blocked(unread: bool, backlog: int, more: list[tuple[str, bool]], age: timedelta | None) -> Iterator[str]:
    found = [("unread", unread), ("backlog", backlog > 0), *more, ("stale", stale(age))]
    return (code for code, holds in found if holds)
