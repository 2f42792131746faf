"""Denials that came after a move: how far each side was read, and what became of each denial."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from mamigrate.chunks import chunks
from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import LateDenial, UnplacedDenial, Watermark

WAITING = "waiting"
"""The fate of what is known, and not confirmed on the other side yet."""
SENT = "sent"
"""The fate of what a pass was about to write: as long as it stands, nobody knows what the other side has got."""
HELD = (WAITING, SENT)
"""Fates of what is on its way."""


class Late(Access):
    """Watermarks by the side that was read, and the denials that were carried from it."""

    def watermark(self, side: str, other: str) -> Watermark | None:
        """How far ``side`` was read for ``other``; None: never."""
        table = table_of(Watermark)
        wanted = (table.c.side == side) & (table.c.other == other)
        with self._transaction() as link:
            row = link.execute(select(table).where(wanted)).mappings().first()
            return Watermark(**row) if row else None

    def advance(self, mark: Watermark) -> None:
        """Keep a watermark in the place of the one before. It may never go back; on disk when this returns."""
        before = self.watermark(mark.side, mark.other)
        if before is not None and before.until > mark.until:
            return
        table = table_of(Watermark)
        with self._transaction() as link:
            link.execute(delete(table).where((table.c.side == mark.side) & (table.c.other == mark.other)))
            link.execute(insert(table).values(**mark.model_dump()))

    def keep_late(self, rows: Sequence[LateDenial]) -> None:
        """Keep what was carried."""
        if rows:
            with self._transaction() as link:
                link.execute(insert(LateDenial), [row.model_dump(exclude={"id"}) for row in rows])

    def late(self, side: str, other: str) -> list[LateDenial]:
        """Every denial that was carried from ``side`` to ``other``, oldest first."""
        table = table_of(LateDenial)
        wanted = (table.c.side == side) & (table.c.other == other)
        with self._transaction() as link:
            rows = link.execute(select(table).where(wanted).order_by(table.c.id)).mappings()
            return [LateDenial(**row) for row in rows]

    # --- what was not placed -----------------------------------------------------------------------------------------

    def keep_unplaced(self, rows: Sequence[UnplacedDenial]) -> None:
        """Keep what was not placed. What is known with the same instant stays as it is; else it has happened anew."""
        table = table_of(UnplacedDenial)
        fresh = [row for row in {_key(row): row for row in rows}.values() if not _is_known(row, self._known(row))]
        with self._transaction() as link:
            for row in fresh:
                link.execute(delete(table).where(_same(row)))
                link.execute(insert(table).values(**row.model_dump()))

    def settle_unplaced(self, side: str, other: str, sources: Sequence[str], at: datetime) -> None:
        """Note that what these references tell was placed."""
        table = table_of(UnplacedDenial)
        way = (table.c.side == side) & (table.c.other == other) & table.c.settled_at.is_(None)
        for part in chunks(sources, 500):
            with self._transaction() as link:
                link.execute(update(table).where(way & table.c.source.in_(part)).values(settled_at=at))

    def rename_waiting(
        self,
        side: str,
        other: str,
        sources: Sequence[str],
        fate: str,
        at: datetime | None = None,
        was: Collection[str] = HELD,
    ) -> None:
        """Note what became of denials that were on their way until now; ``at``: it is settled with that."""
        table = table_of(UnplacedDenial)
        way = (table.c.side == side) & (table.c.other == other) & table.c.settled_at.is_(None)
        for part in chunks(sources, 500):
            wanted = way & table.c.fate.in_(was) & table.c.source.in_(part)
            with self._transaction() as link:
                link.execute(update(table).where(wanted).values(fate=fate, settled_at=at))

    def waited(self, side: str, other: str) -> list[UnplacedDenial]:
        """What of ``side`` is on its way to ``other``, or was until it stood there, oldest first."""
        table = table_of(UnplacedDenial)
        wanted = (table.c.side == side) & (table.c.other == other) & table.c.fate.in_(HELD)
        with self._transaction() as link:
            rows = link.execute(select(table).where(wanted).order_by(table.c.seen_at, table.c.source)).mappings()
            return [UnplacedDenial(**row) for row in rows]

    def unplaced(self, side: str, other: str) -> list[UnplacedDenial]:
        """What of ``side`` was not placed on ``other`` until now, oldest first."""
        table = table_of(UnplacedDenial)
        wanted = (table.c.side == side) & (table.c.other == other) & table.c.settled_at.is_(None)
        with self._transaction() as link:
            rows = link.execute(select(table).where(wanted).order_by(table.c.seen_at, table.c.source)).mappings()
            return [UnplacedDenial(**row) for row in rows]

    def _known(self, row: UnplacedDenial) -> UnplacedDenial | None:
        with self._transaction(wait=False) as link:
            known = link.execute(select(table_of(UnplacedDenial)).where(_same(row))).mappings().first()
            return UnplacedDenial(**known) if known else None


def _key(row: UnplacedDenial) -> tuple[str, ...]:
    return row.side, row.other, row.source, row.what


def _is_known(row: UnplacedDenial, known: UnplacedDenial | None) -> bool:
    """Without an instant nobody knows whether it is the same once more: it counts as seen now, unless it waits all the time."""
    if known is None or known.settled_at is not None:
        return False
    if row.fate in HELD and known.fate in HELD:
        return True
    if row.fate != known.fate:
        return False
    return row.happened_at is not None and row.happened_at == known.happened_at


def _same(row: UnplacedDenial) -> ColumnElement[bool]:
    table = table_of(UnplacedDenial)
    way = (table.c.side == row.side) & (table.c.other == row.other)
    return way & (table.c.source == row.source) & (table.c.what == row.what)
