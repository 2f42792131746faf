"""How every part of the ledger reaches the database: in transactions that commit before they end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.engine import Connection as Link
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from mamigrate.ledger.database import open_database, trouble, upsert_of
from mamigrate.ledger.tables import Account, IdMap


class Access:
    """A database by URL. Raises LocalTrouble where it cannot be used."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url)
        self._owner: Link | None = None
        self._joint: Link | None = None

    def _upsert(
        self, link: Link, model: type[SQLModel], rows: Sequence[IdMap] | Sequence[Account], *, fresh_only: bool = False
    ) -> None:
        if rows:
            sql, positional = upsert_of(link.dialect, model, fresh_only)
            link.exec_driver_sql(sql, list(rows) if positional else [row._asdict() for row in rows])

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is kept within commits at once when it ends, or nothing of it does. For one thread at a time, and not nested."""
        with self._transaction() as self._joint:
            try:
                yield
            finally:
                self._joint = None

    @contextmanager
    def _transaction(self, *, wait: bool = True) -> Iterator[Link]:
        """``wait`` False: commit without waiting for the disk. One that waits takes all before it to disk."""
        if self._joint is not None:
            yield self._joint
            return
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
