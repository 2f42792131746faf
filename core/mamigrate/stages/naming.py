"""Names of the objects that a report's page shows by key: a newcomer knows lists and people, not ids."""

from collections import defaultdict
from collections.abc import Iterable

from mamigrate.ledger.tables import Account
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.reports import mask
from mamigrate.reports.account_rows import Rows
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move

NAMED_BY = {Kind.PERSON: "email", Kind.ACCOUNT: "name", Kind.OPPORTUNITY: "name"}
"""The column of a record that people know it by."""


def name(move: Move, source: Snapshot, rows: Rows, *, unmask: bool) -> None:
    """Put a ``name`` into each row that the page shows; empty where the source tells none. People's are masked."""
    known = _estate(source) | _records(move, source, (one for one, _ in rows.named))
    for one, row in rows.named:
        found = known.get((one.kind, one.source_key), "")
        if one.kind == Kind.LIST_MEMBERSHIP:
            found = known.get((Kind.LIST.value, one.source_key.partition("/")[0]), "")
        personal = one.kind in mask.PEOPLE and one.kind != Kind.LIST_MEMBERSHIP
        shown = found if unmask else mask.value(found) if personal else mask.addresses(found)
        row["name"] = shown.encode(errors="backslashreplace").decode()


def _estate(source: Snapshot) -> dict[tuple[str, str], str]:
    return {(kind.value, one.key): one.name for kind in ESTATE for one in source.estate(kind)}


def _records(move: Move, source: Snapshot, shown: Iterable[Account]) -> dict[tuple[str, str], str]:
    keys: dict[str, set[str]] = defaultdict(set)
    for one in shown:
        keys[one.kind].add(one.source_key)
    found: dict[tuple[str, str], str] = {}
    for kind, column in NAMED_BY.items():
        if keys[kind.value] and source.has(kind):
            table = move.engine.table(source, kind)
            rows = table.filter(table.key.isin(sorted(keys[kind.value]))).select("key", text=table[column])
            found |= {(kind.value, row["key"]): row["text"] or "" for row in move.engine.rows(rows)}
    return found
