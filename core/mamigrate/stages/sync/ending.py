"""The end of one way of a pass: what it did is kept all at once, or is looked at again by the next."""

from collections.abc import Iterator

from mamigrate.ledger.tables import LateDenial, UnplacedDenial, Watermark
from mamigrate.stages.move import Move
from mamigrate.stages.sync import unplaced
from mamigrate.stages.sync.way import Fate, Told, Way


def finish(move: Move, way: Way) -> None:
    """Keep what became of every denial, and advance the watermark where all that was read is confirmed on the other side."""
    with move.ledger.together():
        move.ledger.keep_late([*_carried(move, way), *_carried_before(move, way), *_gone(move, way)])
        unplaced.keep(move, way)
        _advance(move, way)


def _advance(move: Move, way: Way) -> None:
    side, other = way.names
    if way.until is not None and not (way.unread or way.backlog or way.trouble):
        move.ledger.advance(Watermark(side=side, other=other, until=way.until, seen_at=way.seen_at, run_id=move.run_id))
        way.mark = move.ledger.watermark(side, other)
        if way.mark is not None and way.mark.until >= way.until:
            way.mark.seen_at = way.seen_at


# --- how long it took ----------------------------------------------------------------------------------------------------


def _carried(move: Move, way: Way) -> Iterator[LateDenial]:
    for one in way.told:
        if one.fate is Fate.CARRIED:
            yield _row(move, way, one, one.what)


def _carried_before(move: Move, way: Way) -> Iterator[LateDenial]:
    """What a pass that was stopped was about to write, and what need not be written now: it holds since now at the latest.

    A reference that says several things counts for each of them, although some may have stood there before.
    """
    for one in way.told:
        sent = [row for row in way.sent if row.source in one.sources]
        if sent and one.fate not in (Fate.CARRIED, Fate.WAITING):
            yield _row(move, way, one, one.what or ", ".join(sorted({row.what for row in sent})))


def _gone(move: Move, way: Way) -> Iterator[LateDenial]:
    """The same of what its own side does not say any more."""
    gone = unplaced.gone(way)
    for row in {(row.subject, row.what): row for row in way.sent if row.source in gone}.values():
        yield _again(move, way, row)


def _row(move: Move, way: Way, one: Told, what: str) -> LateDenial:
    side, other = way.names
    return LateDenial(
        run_id=move.run_id, side=side, other=other, subject=one.subject, what=what, kind=one.kind,
        happened_at=one.happened, observed_at=one.observed, seen_at=one.seen, effective_at=one.effective or way.now(),
    )  # fmt: skip


def _again(move: Move, way: Way, row: UnplacedDenial) -> LateDenial:
    return LateDenial(
        run_id=move.run_id, side=row.side, other=row.other, subject=row.subject, what=row.what, kind=row.kind,
        happened_at=row.happened_at, observed_at=row.observed_at, seen_at=row.seen_at, effective_at=way.now(),
    )  # fmt: skip
