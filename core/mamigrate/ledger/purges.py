"""Purges: what they found and told; and how a ledger loses everybody in it, down to its free pages."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.engine import Connection as Link
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from mamigrate.chunks import chunks
from mamigrate.errors import LocalTrouble
from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of, trouble
from mamigrate.ledger.tables import (
    AccountTable,
    Evidence,
    IdMapTable,
    LateDenial,
    Meta,
    Purge,
    QuotaUse,
    Run,
    RunInput,
    Tally,
    UnplacedDenial,
)

SPARED: tuple[type[SQLModel], ...] = (Meta, Run, RunInput, QuotaUse, Tally, Purge, Evidence)
"""Tables whose rows name nobody: without ``Evidence`` nobody could tell a file of consent records that was cut off. Every other one is emptied, whoever added it."""
FACTS = "facts/"
"""How inputs are called that are files of facts: their hashes may be of a few people whom one can guess."""
FILE = "sqlite"
"""The dialect of a ledger that is a file of the project."""


class Purges(Access):
    """What destroys people, and what is kept of that."""

    def begin_purge(self, purge: Purge, run: Run) -> None:
        """Both or neither: from here on the project is closed."""
        with self._transaction() as link:
            link.execute(insert(Run).values(**run.model_dump()))
            link.execute(insert(Purge).values(**purge.model_dump()))

    def note_purge(self, run_id: str, **values: object) -> None:
        """Set columns of a purge: found, marked, ended_at, statement."""
        with self._transaction() as link:
            link.execute(update(table_of(Purge)).where(table_of(Purge).c.run_id == run_id).values(**values))

    def purges(self) -> list[Purge]:
        """Every purge, newest first."""
        table = table_of(Purge)
        with self._transaction() as link:
            rows = link.execute(select(table).order_by(table.c.began_at.desc())).mappings()
            return [Purge(**row) for row in rows]

    def abandon(self, run_id: str) -> None:
        """Note that nobody will go on with a run."""
        with self._transaction() as link:
            table = table_of(Run)
            link.execute(update(table).where(table.c.id == run_id).values(status="abandoned"))

    # --- who is in it ----------------------------------------------------------------------------------------------

    def people_rows(self) -> dict[str, int]:
        """Rows of the tables that a purge empties, by table; empty ones are left out."""
        with self._transaction() as link:
            counted = {
                str(table.name): int(link.execute(select(func.count()).select_from(table)).scalar_one())
                for table in _emptied()
            }
        return {name: n for name, n in counted.items() if n}

    def written(self) -> Iterator[tuple[str, str, str, str, int]]:
        """(source, target, kind, how made, objects) of everything that stands on a target and is not undone."""
        table = table_of(IdMapTable)
        columns = (table.c.source, table.c.target, table.c.kind, table.c.made)
        query = select(*columns, func.count()).where(~table.c.undone).group_by(*columns).order_by(*columns)
        with self._transaction() as link:
            yield from (tuple(row) for row in link.execute(query))

    def keys_of(self, kind: str) -> Iterator[str]:
        """Source keys of a kind, undone or not, in the id map and in the accounts; some come twice."""
        with self._transaction() as link:
            for model in (IdMapTable, AccountTable):
                table = table_of(model)
                query = select(table.c.source_key).where(table.c.kind == kind).distinct()
                yield from link.execute(query.execution_options(yield_per=5000)).scalars()

    def late_subjects(self) -> set[tuple[str, str]]:
        """(``connection/kind/key``, kinds of facts) of every denial that came after a move, placed or not."""
        found: set[tuple[str, str]] = set()
        with self._transaction() as link:
            for model in (LateDenial, UnplacedDenial):
                table = table_of(model)
                found |= {
                    (row.subject, row.kind) for row in link.execute(select(table.c.subject, table.c.kind).distinct())
                }
        return found

    def sources_of(self, target: str, kind: str, keys: Collection[str]) -> list[tuple[str, str, str]]:
        """(target key, source, source key) of records of a target, undone or not."""
        table = table_of(IdMapTable)
        columns, found = (table.c.target_key, table.c.source, table.c.source_key), []
        with self._transaction() as link:
            for part in chunks(sorted(keys), 500):
                wanted = (table.c.target == target) & (table.c.kind == kind) & table.c.target_key.in_(part)
                found += [tuple(row) for row in link.execute(select(*columns).where(wanted))]
        return found

    # --- destroying it ---------------------------------------------------------------------------------------------

    def forget_people(self) -> None:
        """Empty every table that may hold people, keep the sums of the accounts, in one transaction.

        Tables are dropped and made anew: what a server noted of their most frequent values goes with them.
        """
        with self._transaction() as link:
            if link.dialect.name == FILE:
                link.exec_driver_sql("pragma secure_delete=on")
            self._keep_tallies(link)
            _forget_inputs(link)
            for table in _emptied():
                table.drop(link)
                table.create(link)

    def _keep_tallies(self, link: Link) -> None:
        table = table_of(AccountTable)
        columns = (table.c.run_id, table.c.kind, table.c.bucket)
        found = link.execute(select(*columns, func.count()).group_by(*columns)).all()
        link.execute(delete(table_of(Tally)).where(table_of(Tally).c.run_id.in_({row[0] for row in found})))
        rows = [dict(zip(("run_id", "kind", "bucket", "objects"), row, strict=True)) for row in found]
        if rows:
            link.execute(insert(Tally), rows)

    def vacuum(self) -> None:
        """Give free pages back, so that nothing of what was deleted is left in the database's own files.

        Raises LocalTrouble while another process reads the ledger. What a PostgreSQL server holds elsewhere (its log, its
        copies, its catalogue) is beyond this.
        """
        self._database.dispose()
        try:
            with self._database.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                _vacuum_file(link) if link.dialect.name == FILE else _vacuum_server(link)
        except DBAPIError as error:
            raise trouble(error) from error
        self._database.dispose()

    def tallies(self, run_id: str) -> Mapping[str, Mapping[str, int]]:
        """Objects by kind and bucket of a run whose accounts were purged."""
        table, found = table_of(Tally), dict[str, Counter[str]]()
        with self._transaction() as link:
            for row in link.execute(select(table).where(table.c.run_id == run_id)).mappings():
                found.setdefault(row["kind"], Counter())[row["bucket"]] = row["objects"]
        return found

    @property
    def place(self) -> str:
        """Where the ledger is: ``sqlite``, or the kind of database and its host."""
        url = self._database.url
        kind = url.get_backend_name()
        return kind if kind == FILE else f"{kind} {url.host or url.query.get('host') or ''}".strip()


def purged(purges: list[Purge]) -> Purge | None:
    """The purge that closed the project: one that was not finished, else the newest. None: there was none."""
    open_ones = (one for one in purges if one.ended_at is None)
    return next(open_ones, purges[0] if purges else None)


def _emptied() -> list[Table]:
    spared = {str(model.__tablename__) for model in SPARED}
    return [table for name, table in sorted(SQLModel.metadata.tables.items()) if name not in spared]


def _forget_inputs(link: Link) -> None:
    """Hashes of files of facts, and whatever of the rest holds an address: a command may have named one."""
    table = table_of(RunInput)
    rows = [dict(row) for row in link.execute(select(table)).mappings()]
    kept = [row for row in rows if not row["name"].startswith(FACTS) and "@" not in row["name"]]
    table.drop(link)
    table.create(link)
    if kept:
        link.execute(insert(RunInput), [{**row, "value": "" if "@" in row["value"] else row["value"]} for row in kept])


def _vacuum_file(link: Link) -> None:
    link.exec_driver_sql("pragma secure_delete=on")
    link.exec_driver_sql("vacuum")
    busy = link.exec_driver_sql("pragma wal_checkpoint(truncate)").one()[0]
    if busy:
        raise LocalTrouble("another process reads the ledger", fix="again")


def _vacuum_server(link: Link) -> None:
    for name in SQLModel.metadata.tables:
        link.execute(text(f"vacuum full {link.dialect.identifier_preparer.quote(name)}"))
