"""The door to the ledger. SQLite in the project by default (WAL; intents are on disk before a batch is sent), PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mamigrate import private
from mamigrate.ledger import lock
from mamigrate.ledger.accounts import Accounts
from mamigrate.ledger.batches import Batches, Item
from mamigrate.ledger.evidence import EvidenceHeads
from mamigrate.ledger.idmap import Ids
from mamigrate.ledger.instances import Instances
from mamigrate.ledger.late import Late
from mamigrate.ledger.purges import Purges
from mamigrate.ledger.runs import Runs

__all__ = ["Item", "Ledger"]


class Ledger(Runs, Batches, Ids, Accounts, Purges, Late, EvidenceHeads, Instances):
    """All methods commit before they return. Raises LocalTrouble where the database cannot be used.

    What is committed outlives the process at once, and a power cut too: but for the end of a batch, which is on disk with
    the next commit of another kind. Until then the batch counts as open, as if its reply had been lost.
    """

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
