"""The door to the ledger. SQLite in the project by default (WAL; intents are on disk before a batch is sent), PostgreSQL by URL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import Connection as Link
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from mamigrate import clock, private
from mamigrate.chunks import chunks
from mamigrate.findings import Finding, Severity
from mamigrate.ledger import lock
from mamigrate.ledger.database import open_database, table_of, trouble, upsert_of
from mamigrate.ledger.tables import (
    Account,
    AccountTable,
    Batch,
    FindingRow,
    IdMap,
    IdMapTable,
    QuotaUse,
    Run,
    RunInput,
)

Item = dict[str, Any]


class Ledger:
    """All methods commit before they return. Raises LocalTrouble where the database cannot be used.

    What is committed outlives the process at once, and a power cut too: but for the end of a batch, which is on disk with
    the next commit of another kind. Until then the batch counts as open, as if its reply had been lost.
    """

    def __init__(self, url: str) -> None:
        self._database = open_database(url)
        self._owner: Link | None = None

    @classmethod
    def at(cls, path: Path) -> "Ledger":
        """The SQLite ledger at ``path``, private."""
        private.append(path).close()
        return cls(f"sqlite:///{path}")

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Own a PostgreSQL ledger, whoever else knows its URL; a file is owned with its project. Raises ProjectInUse."""
        if self._database.dialect.name != "postgresql":
            yield
            return
        try:
            with lock.database_lock(self._database) as self._owner:
                yield
        finally:
            self._owner = None

    def owner(self) -> str:
        """Who owns a PostgreSQL ledger now; empty: nobody, or it is a file."""
        if self._database.dialect.name != "postgresql":
            return ""
        with self._transaction() as link:
            return lock.database_holder(link)

    # --- runs ----------------------------------------------------------------------------------------------------

    def begin_run(self, run: Run) -> None:
        with self._transaction() as link:
            link.execute(insert(Run).values(**run.model_dump()))

    def note_run(self, id: str, **values: object) -> None:
        """Set columns of a run: stage, plan_id, snapshots, status ..."""
        with self._transaction() as link:
            link.execute(update(table_of(Run)).where(table_of(Run).c.id == id).values(**values))

    def run(self, id: str) -> Run | None:
        return next((run for run in self.runs() if run.id == id), None)

    def runs(self) -> list[Run]:
        """Every run, newest first."""
        with self._transaction() as link:
            rows = link.execute(select(table_of(Run)).order_by(table_of(Run).c.began_at.desc())).mappings()
            return [Run(**row) for row in rows]

    def keep_inputs(self, run_id: str, inputs: Mapping[str, str]) -> None:
        """Note what a run was asked for and derived from; what is known under the same names is replaced."""
        table = table_of(RunInput)
        rows = [{"run_id": run_id, "name": name, "value": value} for name, value in inputs.items()]
        with self._transaction() as link:
            link.execute(delete(table).where((table.c.run_id == run_id) & table.c.name.in_(list(inputs))))
            if rows:
                link.execute(insert(RunInput), rows)

    def inputs(self, run_id: str) -> dict[str, str]:
        table = table_of(RunInput)
        with self._transaction() as link:
            rows = link.execute(select(table.c.name, table.c.value).where(table.c.run_id == run_id))
            return {name: value for name, value in rows}

    def wrote(self, run_id: str) -> bool:
        """Whether a batch was ever noted for a run: it may have changed its target."""
        table = table_of(Batch)
        with self._transaction() as link:
            return link.execute(select(table.c.id).where(table.c.run_id == run_id).limit(1)).first() is not None

    # --- intents and outcomes ------------------------------------------------------------------------------------

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

    # --- ids -----------------------------------------------------------------------------------------------------

    def ids(self, source: str, target: str, kind: str) -> dict[str, IdMap]:
        """The id map of a kind, by source key. For kinds of the estate: thousands at most."""
        return {row.source_key: row for row in self.iter_ids(source, target, kind)}

    def iter_ids(self, source: str, target: str, kind: str) -> Iterator[IdMap]:
        table = table_of(IdMapTable)
        wanted = (table.c.source == source) & (table.c.target == target) & (table.c.kind == kind) & ~table.c.undone
        with self._transaction() as link:
            for row in link.execute(select(table).where(wanted).execution_options(yield_per=5000)):
                yield IdMap(*row)

    def keep_ids(self, rows: Sequence[IdMap], *, fresh_only: bool = False) -> None:
        """Keep ids. ``fresh_only``: an id that is known stays as it is, unless a rollback undid it."""
        with self._transaction() as link:
            self._upsert(link, IdMapTable, rows, fresh_only=fresh_only)

    # --- accounts and findings -------------------------------------------------------------------------------------

    def account(self, rows: Iterable[Account], *, fresh_only: bool = False) -> None:
        """Keep accounts. ``fresh_only``: what the same run already wrote stays as it is (a resumed run finds it equal)."""
        with self._transaction() as link:
            self._upsert(link, AccountTable, list(rows), fresh_only=fresh_only)

    def sums(self, run_id: str) -> dict[str, dict[str, int]]:
        """Objects by kind and bucket."""
        table = table_of(AccountTable)
        query = select(table.c.kind, table.c.bucket, func.count()).where(table.c.run_id == run_id)
        sums: dict[str, dict[str, int]] = {}
        with self._transaction() as link:
            for kind, bucket, n in link.execute(query.group_by(table.c.kind, table.c.bucket)):
                sums.setdefault(kind, {})[bucket] = n
        return sums

    def accounts(self, run_id: str, kind: str | None = None) -> Iterator[Account]:
        table = table_of(AccountTable)
        wanted = table.c.run_id == run_id if kind is None else (table.c.run_id == run_id) & (table.c.kind == kind)
        with self._transaction() as link:
            for row in link.execute(select(table).where(wanted).execution_options(yield_per=5000)):
                yield Account(*row)

    def reasons(self, run_id: str) -> list[tuple[str, str, str, int]]:
        """(kind, bucket, reason, objects), most first."""
        table = table_of(AccountTable)
        columns = (table.c.kind, table.c.bucket, table.c.reason)
        query = select(*columns, func.count().label("n")).where(table.c.run_id == run_id).group_by(*columns)
        with self._transaction() as link:
            return [tuple(row) for row in link.execute(query.order_by(text("n desc")))]

    def keep_findings(self, run_id: str, found: Iterable[Finding]) -> None:
        rows = (
            {
                "run_id": run_id,
                "code": one.code,
                "severity": one.severity.value,
                "subject": one.subject,
                "params": orjson.dumps(one.params).decode(),
            }
            for one in found
        )
        with self._transaction() as link:
            for part in chunks(rows, 5000):
                link.execute(insert(FindingRow), part)

    def findings(self, run_id: str) -> list[Finding]:
        table = table_of(FindingRow)
        with self._transaction() as link:
            rows = link.execute(select(table).where(table.c.run_id == run_id).order_by(table.c.id)).mappings()
            return [Finding(r["code"], Severity(r["severity"]), r["subject"], orjson.loads(r["params"])) for r in rows]

    def keep_quotas(self, rows: Sequence[QuotaUse]) -> None:
        with self._transaction() as link:
            if rows:
                link.execute(insert(QuotaUse), [row.model_dump(exclude={"id"}) for row in rows])

    def quotas(self, run_id: str) -> list[QuotaUse]:
        table = table_of(QuotaUse)
        with self._transaction() as link:
            rows = link.execute(select(table).where(table.c.run_id == run_id).order_by(table.c.id)).mappings()
            return [QuotaUse(**row) for row in rows]

    # --- inside --------------------------------------------------------------------------------------------------

    def _upsert(
        self, link: Link, model: type[SQLModel], rows: Sequence[IdMap] | Sequence[Account], *, fresh_only: bool = False
    ) -> None:
        if rows:
            sql, positional = upsert_of(link.dialect, model, fresh_only)
            link.exec_driver_sql(sql, list(rows) if positional else [row._asdict() for row in rows])

    @contextmanager
    def _transaction(self, *, wait: bool = True) -> Iterator[Link]:
        """``wait`` False: commit without waiting for the disk. One that waits takes all before it to disk."""
        try:
            with self._database.begin() as link:
                if link.dialect.name == "sqlite":
                    # In WAL mode either is safe for the file; NORMAL may only lose the last commits to a power cut.
                    link.exec_driver_sql(f"pragma synchronous={'full' if wait else 'normal'}")
                yield link
        except DBAPIError as error:
            raise trouble(error) from error

    def close(self) -> None:
        self._database.dispose()


@cache
def _closing() -> Update:
    """Set ``state`` and ``outcomes`` of one ``batch``. Made once: SQLAlchemy takes longer over it than SQLite."""
    return update(table_of(Batch)).where(table_of(Batch).c.id == bindparam("batch"))
