"""Denials that came after a move: how far each side was read, and what became of each denial."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import LateDenial, Watermark


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
