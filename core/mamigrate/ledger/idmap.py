"""Which target record a source object became."""

from collections.abc import Iterator, Sequence
from typing import Literal

from sqlalchemy import select

from mamigrate.chunks import chunks
from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import IdMap, IdMapTable


class Ids(Access):
    """The id map of each direction."""

    def ids(self, source: str, target: str, kind: str) -> dict[str, IdMap]:
        """The id map of a kind, by source key. For kinds of the estate: thousands at most."""
        return {row.source_key: row for row in self.iter_ids(source, target, kind)}

    def iter_ids(self, source: str, target: str, kind: str) -> Iterator[IdMap]:
        table = table_of(IdMapTable)
        wanted = (table.c.source == source) & (table.c.target == target) & (table.c.kind == kind) & ~table.c.undone
        with self._transaction() as link:
            for row in link.execute(select(table).where(wanted).execution_options(yield_per=5000)):
                yield IdMap(*row)

    def ids_of(self, source: str, target: str, kind: str, keys: Sequence[str]) -> list[IdMap]:
        """The rows of these source objects, undone ones too: some hundred at most."""
        table = table_of(IdMapTable)
        wanted = (table.c.source == source) & (table.c.target == target) & (table.c.kind == kind)
        wanted &= table.c.source_key.in_(list(keys))
        with self._transaction() as link:
            return [IdMap(*row) for row in link.execute(select(table).where(wanted).order_by(table.c.source_key))]

    def keep_ids(self, rows: Sequence[IdMap], *, fresh_only: bool = False) -> None:
        """Keep ids. ``fresh_only``: an id that is known stays as it is, unless a rollback undid it."""
        with self._transaction() as link:
            self._upsert(link, IdMapTable, rows, fresh_only=fresh_only)

    def ids_among(
        self,
        source: str,
        target: str,
        kinds: Sequence[str],
        column: Literal["source_key", "target_key"],
        keys: Sequence[str],
    ) -> list[IdMap]:
        """The rows of these kinds whose ``column`` is one of ``keys``: for a few keys of many."""
        table = table_of(IdMapTable)
        wanted = (
            (table.c.source == source) & (table.c.target == target) & table.c.kind.in_(list(kinds)) & ~table.c.undone
        )
        found: list[IdMap] = []
        with self._transaction() as link:
            for part in chunks(keys, 500):
                found += [IdMap(*row) for row in link.execute(select(table).where(wanted & table.c[column].in_(part)))]
        return found
