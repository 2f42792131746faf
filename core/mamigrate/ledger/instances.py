"""Which instance stood behind a connection's name when something was written under it."""

from sqlalchemy import delete, insert, select

from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import Meta

PREFIX = "instance/"
"""How the names of these notes begin; the connection's follows."""


class Instances(Access):
    """One instance a connection. Ids and keys that the ledger holds are of that one."""

    def instance(self, connection: str) -> str:
        """Empty: nothing was written under this name yet."""
        table = table_of(Meta)
        with self._transaction() as link:
            found = link.execute(select(table.c.value).where(table.c.name == PREFIX + connection)).scalar()
        return str(found or "")

    def keep_instance(self, connection: str, id: str) -> None:
        table, name = table_of(Meta), PREFIX + connection
        with self._transaction() as link:
            link.execute(delete(table).where(table.c.name == name))
            link.execute(insert(Meta).values(name=name, value=id))
