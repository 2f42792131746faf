"""Denials that nobody could place on the other side: they stay in view until they are placed, or somebody signs for them."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from mamigrate import clock as clocks
from mamigrate.findings import Severity
from mamigrate.ledger.tables import UnplacedDenial
from mamigrate.stages.move import Move
from mamigrate.stages.sync.way import Fate, Told, Way
from mamigrate.stages.sync.written import aware

CODES = {Fate.NOWHERE: "late_denial_nowhere", Fate.UNHELD: "late_denial_not_held"}
"""What is open, and how it is told."""
KEPT = (*CODES, Fate.ABSENT)
PLACED = (Fate.CARRIED, Fate.STANDING, Fate.ECHO)


def keep(move: Move, way: Way) -> None:
    """Note what this pass could not place, and that what it placed is open no more."""
    rows = [_row(move, way, one, source) for one in way.told if one.fate in KEPT for source in one.sources]
    left = {row.source for row in rows}
    placed = {source for one in way.told if one.fate in PLACED for source in one.sources} - left
    move.ledger.settle_unplaced(*way.names, sorted(placed), clocks.now())
    move.ledger.keep_unplaced(rows)


def show(move: Move, way: Way) -> None:
    """Tell what earlier passes could not place, and nobody has settled since."""
    told = {source for one in way.told for source in one.sources}
    until = _signed_until(move)
    for row in move.ledger.unplaced(*way.names):
        fate = Fate(row.fate)
        if fate in CODES and row.source not in told and (until is None or aware(row.seen_at) >= until):
            way.told.append(_told(row, fate))
            move.findings.add(CODES[fate], Severity.WARN, row.subject, field=row.source.rpartition("/")[2])


def _signed_until(move: Move) -> datetime | None:
    """The day of the decision, from its beginning: whoever signs has seen what came before."""
    made = move.decisions.get("unplaced-denials")
    if made is None or move.decisions.choice("unplaced-denials") != "accept":
        return None
    return datetime.combine(made.when, time(), ZoneInfo(move.project.file.project.time_zone))


def _row(move: Move, way: Way, one: Told, source: str) -> UnplacedDenial:
    side, other = way.names
    return UnplacedDenial(
        run_id=move.run_id, side=side, other=other, source=source, subject=one.subject, what=one.what, kind=one.kind,
        fate=one.fate.value, happened_at=one.happened, seen_at=clocks.now(),
    )  # fmt: skip


def _told(row: UnplacedDenial, fate: Fate) -> Told:
    happened = aware(row.happened_at) if row.happened_at else None
    return Told(row.subject, row.what, row.kind, fate, happened, aware(row.seen_at), None, (row.source,))
