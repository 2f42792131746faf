"""Batches of writes: noted before they are sent, closed after."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Update, bindparam, func, insert, select, update

from mamigrate import clock
from mamigrate.ledger import lock
from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import Account, AccountTable, Batch, IdMap, IdMapTable

Item = dict[str, Any]


class Batches(Access):
    """Intents and outcomes."""

    def intend(self, run_id: str, plan_id: str, phase: str, kind: str, items: Sequence[Item]) -> int:
        """Note a batch before it is sent. On disk when this returns."""
        if self._owner is not None:
            lock.require(self._owner)
        values = {
            "run_id": run_id,
            "plan_id": plan_id,
            "phase": phase,
            "kind": kind,
            "state": "intent",
            "began_at": clock.now(),
            "items": orjson.dumps(items),
        }
        with self._transaction() as link:
            return int(link.execute(insert(table_of(Batch)), values).inserted_primary_key[0])  # type: ignore[index]  # one row

    def close_batch(
        self, id: int, state: str, outcomes: Sequence[Item], ids: Sequence[IdMap], accounts: Sequence[Account]
    ) -> None:
        """Keep what became of a batch, its ids and its accounts, in one transaction. It does not wait for the disk."""
        with self._transaction(wait=False) as link:
            link.execute(_closing(), {"batch": id, "state": state, "outcomes": orjson.dumps(outcomes)})
            self._upsert(link, IdMapTable, ids)
            self._upsert(link, AccountTable, accounts)

    def open_batches(self) -> list[Batch]:
        """Batches that were noted but never closed, or whose outcome is unknown: to be settled by asking the target."""
        table = table_of(Batch)
        with self._transaction() as link:
            rows = link.execute(select(table).where(table.c.state.in_(("intent", "maybe"))).order_by(table.c.id))
            return [Batch(**row) for row in rows.mappings()]

    def batches_of(self, run_ids: Sequence[str], kind: str) -> Iterator[Batch]:
        """Batches of these runs and this kind, newest first."""
        table = table_of(Batch)
        wanted = table.c.run_id.in_(run_ids) & (table.c.kind == kind)
        with self._transaction() as link:
            newest_first = select(table).where(wanted).order_by(table.c.id.desc())
            for row in link.execute(newest_first.execution_options(yield_per=20)).mappings():
                yield Batch(**row)

    def newest_batch(self, run_id: str) -> int:
        """The last batch that was noted for a run; 0: none was."""
        table = table_of(Batch)
        with self._transaction() as link:
            return int(link.execute(select(func.max(table.c.id)).where(table.c.run_id == run_id)).scalar() or 0)

    def sent(self, run_id: str) -> dict[str, tuple[int, int]]:
        """Batches and records of a run that were noted, by kind."""
        table = table_of(Batch)
        query = select(table.c.kind, table.c["items"]).where(table.c.run_id == run_id)
        sent: dict[str, tuple[int, int]] = {}
        with self._transaction() as link:
            for kind, items in link.execute(query.execution_options(yield_per=20)):
                batches, records = sent.get(kind, (0, 0))
                sent[kind] = (batches + 1, records + len(orjson.loads(items)))
        return sent


@cache
def _closing() -> Update:
    """Set ``state`` and ``outcomes`` of one ``batch``. Made once: SQLAlchemy takes longer over it than SQLite."""
    return update(table_of(Batch)).where(table_of(Batch).c.id == bindparam("batch"))
