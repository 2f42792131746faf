"""Where objects ended, and what was found and used on the way."""

from collections.abc import Iterable, Iterator, Sequence

import orjson
from sqlalchemy import delete, func, insert, select, text

from mamigrate.chunks import chunks
from mamigrate.findings import Finding, Severity
from mamigrate.ledger.access import Access
from mamigrate.ledger.database import table_of
from mamigrate.ledger.tables import Account, AccountTable, FindingRow, QuotaUse


class Accounts(Access):
    """Accounts, findings and quotas of each run."""

    def account(self, rows: Iterable[Account], *, fresh_only: bool = False) -> None:
        """Keep accounts. ``fresh_only``: what the same run already wrote stays as it is (a resumed run finds it equal)."""
        with self._transaction() as link:
            self._upsert(link, AccountTable, list(rows), fresh_only=fresh_only)

    def drop_accounts(self, run_id: str, but: Sequence[str] = (), but_kind: str = "") -> None:
        """Forget where a run's objects ended, but for those in these buckets or of this kind: they are accounted for anew."""
        table = table_of(AccountTable)
        dropped = (table.c.run_id == run_id) & table.c.bucket.not_in(list(but)) & (table.c.kind != but_kind)
        with self._transaction() as link:
            link.execute(delete(table).where(dropped))

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

    def keys_in(self, run_id: str, kind: str, bucket: str) -> set[str]:
        """Source keys of what ended in one bucket: one that few end in."""
        table = table_of(AccountTable)
        wanted = (table.c.run_id == run_id) & (table.c.kind == kind) & (table.c.bucket == bucket)
        with self._transaction() as link:
            return set(link.execute(select(table.c.source_key).where(wanted)).scalars())

    def accounts_of(self, run_id: str, kind: str, keys: Sequence[str]) -> list[Account]:
        """The accounts of these objects, as far as there are any: some hundred at most."""
        table = table_of(AccountTable)
        wanted = (table.c.run_id == run_id) & (table.c.kind == kind) & table.c.source_key.in_(list(keys))
        with self._transaction() as link:
            return [Account(*row) for row in link.execute(select(table).where(wanted).order_by(table.c.source_key))]

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
