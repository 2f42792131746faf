"""Denials that nobody could place on the other side: they stay in view until they are placed, or somebody signs for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from mamigrate import clock as clocks
from mamigrate.clock import aware
from mamigrate.findings import Severity
from mamigrate.ledger.late import SENT, WAITING
from mamigrate.ledger.tables import UnplacedDenial
from mamigrate.stages.delays import UNREAD, signed_until
from mamigrate.stages.move import Move
from mamigrate.stages.sync.way import Fate, Told, Way

CODES = {Fate.NOWHERE: "late_denial_nowhere", Fate.UNHELD: "late_denial_not_held"}
"""What is open, and how it is told."""
KEPT = (*CODES, Fate.ABSENT, Fate.WAITING)
PLACED = (Fate.CARRIED, Fate.STANDING, Fate.ECHO)
ENDED = "ended"
"""What became of a denial that waited until its own side did not say it any more."""


def waiting(move: Move, way: tuple[str, str]) -> list[UnplacedDenial]:
    """What is on its way yet from the first side to the second."""
    return [row for row in move.ledger.waited(*way) if row.settled_at is None]


def known_since(rows: Iterable[UnplacedDenial]) -> dict[str, datetime]:
    """The earliest that a pass could have known of these, by reference."""
    return {row.source: aware(row.observed_at or row.seen_at) for row in rows}


def note(move: Move, way: Way, due: Sequence[Told]) -> None:
    """Note what is about to be written, before it is: whatever stops the pass, the next one knows since when it was on its way."""
    rows = [_row(move, way, one, source, SENT) for one in due for source in one.sources]
    with move.ledger.together():
        move.ledger.rename_waiting(*way.names, sorted({row.source for row in rows}), SENT)
        move.ledger.keep_unplaced(rows)


def keep(move: Move, way: Way) -> None:
    """Note what this pass could not place, what it placed, and whether it could read all."""
    rows = [_row(move, way, one, source, one.fate) for one in way.told if one.fate in KEPT for source in one.sources]
    beyond = _beyond(move, way)
    rows += [_unread(move, way, beyond)] if way.unread or _broken_off(way) else []
    left = {row.source for row in rows}
    placed, carried = _sources(way, *PLACED) - left, _sources(way, Fate.CARRIED) - left
    ended = gone(way) | _replaced(way)
    _close_sent(move, way)
    move.ledger.rename_waiting(*way.names, sorted(carried), Fate.CARRIED)  # It has a row of its own from now on.
    move.ledger.rename_waiting(*way.names, sorted(ended), ENDED, clocks.now())
    over = {way.side.name} if _whole(way) and (beyond is None or way.census) else set()
    move.ledger.settle_unplaced(*way.names, sorted(placed | over), clocks.now())
    move.ledger.keep_unplaced(rows)


def _whole(way: Way) -> bool:
    return way.until is not None and not (way.unread or way.trouble)


def _beyond(move: Move, way: Way) -> datetime | None:
    """From when on a census could not read something: no shorter pass makes up for it, and the next census does."""
    known = next((row.observed_at for row in move.ledger.unplaced(*way.names) if row.fate == UNREAD), None)
    return aware(known) if known else None


def _broken_off(way: Way) -> bool:
    """Whether the pass ended before it had told what it read: what is told then waits."""
    return way.trouble is not None and not way.number(Fate.WAITING)


def _close_sent(move: Move, way: Way) -> None:
    """What was about to be written is looked at now: it waits, or it has a row of its own (``ending``)."""
    waiting = _sources(way, Fate.WAITING)
    move.ledger.rename_waiting(*way.names, sorted(waiting), WAITING, was=(SENT,))
    over = (_sources(way, *Fate) | gone(way)) - waiting
    move.ledger.rename_waiting(*way.names, sorted(over), Fate.CARRIED, clocks.now(), was=(SENT,))


def _sources(way: Way, *fates: Fate) -> set[str]:
    return {source for one in way.told if one.fate in fates for source in one.sources}


def gone(way: Way) -> set[str]:
    """What waited is read again as long as it is said: where all was read and it was not told, nobody says it any more. Of what
    is older than what was read, nobody knows.
    """
    told = _sources(way, *Fate)
    return {source for source, at in way.waited.items() if at >= way.since} - told if _whole(way) else set()


def _replaced(way: Way) -> set[str]:
    """What waited and has come to something else now, of which there is a row of its own."""
    return _sources(way, *KEPT) & set(way.waited) - _sources(way, Fate.WAITING)


def show(move: Move, way: Way) -> None:
    """Tell what earlier passes could not place, and nobody has settled since."""
    told = {source for one in way.told for source in one.sources}
    until = signed_until(move, "unplaced-denials")
    for row in move.ledger.unplaced(*way.names):
        fate = next((fate for fate in CODES if fate == row.fate), None)
        if fate and row.source not in told and (until is None or aware(row.seen_at) >= until):
            way.told.append(_told(row, fate))
            move.findings.add(CODES[fate], Severity.WARN, row.subject, field=row.source.rpartition("/")[2])


def _row(move: Move, way: Way, one: Told, source: str, fate: str) -> UnplacedDenial:
    side, other = way.names
    return UnplacedDenial(
        run_id=move.run_id, side=side, other=other, source=source, subject=one.subject, what=one.what, kind=one.kind,
        fate=str(fate), happened_at=one.happened, observed_at=one.observed, seen_at=clocks.now(),
    )  # fmt: skip


def _unread(move: Move, way: Way, beyond: datetime | None) -> UnplacedDenial:
    """Something that may hold denials was not read: nobody knows of whom."""
    side, other = way.names
    return UnplacedDenial(
        run_id=move.run_id, side=side, other=other, source=side, subject=other, what="", kind="", fate=UNREAD,
        observed_at=beyond or (way.since if way.census else None), seen_at=clocks.now(),
    )  # fmt: skip


def _told(row: UnplacedDenial, fate: Fate) -> Told:
    happened = aware(row.happened_at) if row.happened_at else None
    observed = aware(row.observed_at or row.seen_at)
    return Told(row.subject, row.what, row.kind, fate, happened, observed, aware(row.seen_at), None, (row.source,))
