"""Runs, and what they were asked for and derived from."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select, update

from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import Batch, Run, RunInput


class Runs(Access):
    """Every command that moved something, or tried to."""

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
