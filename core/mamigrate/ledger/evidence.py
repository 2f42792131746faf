"""Where the records of consent of each run are, and the head of their chain: kept apart from the file that it speaks for."""

from sqlalchemy import delete, insert, select

from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import Derivations, Evidence


class EvidenceHeads(Access):
    """One head a run. A run whose facts are those of an earlier one points to that one's file."""

    def keep_evidence(self, one: Evidence) -> None:
        table = table_of(Evidence)
        with self._transaction() as link:
            link.execute(delete(table).where(table.c.run_id == one.run_id))
            link.execute(insert(Evidence).values(**one.model_dump()))

    def evidence(self) -> list[Evidence]:
        """Of every run that wrote some, the last one first."""
        table = table_of(Evidence)
        with self._transaction() as link:
            rows = link.execute(select(table).order_by(table.c.run_id.desc())).mappings()
            return [Evidence(**row) for row in rows]

    def keep_derivations(self, one: Derivations) -> None:
        table = table_of(Derivations)
        with self._transaction() as link:
            link.execute(delete(table).where(table.c.run_id == one.run_id))
            link.execute(insert(Derivations).values(**one.model_dump()))

    def derivations(self) -> list[Derivations]:
        """Of every run that wrote some, the last one first."""
        table = table_of(Derivations)
        with self._transaction() as link:
            rows = link.execute(select(table).order_by(table.c.run_id.desc())).mappings()
            return [Derivations(**row) for row in rows]
