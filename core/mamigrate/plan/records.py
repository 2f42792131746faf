"""Accounts and opportunities: one source record to one planned record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mamigrate.mapping.compile import Compiled
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.people import source_key
from mamigrate.plan.values import difference, losses


@dataclass(frozen=True, slots=True)
class RecordPlanner:
    """``name_field`` gets the display name; records are found again by their source key alone, never by name."""

    source: str
    kind: Kind
    rules: Compiled
    name_field: str

    def plan(self, row: Mapping[str, Any]) -> Planned:
        """``row`` is a record joined with what the target holds under its source key (``target_key``, ``target_values``)."""
        if row["archived"]:
            return Planned(self.kind, row["key"], Bucket.LEFT, "archived")
        wanted, failed = self.rules.apply(dict(row["values"] or ()))
        if row["name"] and self.name_field:
            wanted.setdefault(self.name_field, row["name"][:255])
        blocked = next(((rule.source, problem.value) for rule, problem in failed if problem.code == "too_long"), None)
        if blocked:
            lost = losses(failed)
            return Planned(self.kind, row["key"], Bucket.PARKED, "too_long", blocked[0], lost=lost, cause=blocked)
        return self._compare(row, wanted, self._links(row), losses(failed))

    def _compare(
        self,
        row: Mapping[str, Any],
        wanted: dict[str, str],
        links: dict[str, tuple[str, ...]],
        lost: tuple[tuple[str, str, str], ...],
    ) -> Planned:
        if row["target_key"] is None:
            return Planned(self.kind, row["key"], Bucket.CREATED, "new", values=wanted, links=links, lost=lost)
        there = dict(row["target_values"] or ())
        found = difference(wanted, there, frozenset())
        bucket = Bucket.UPDATED if found.send else Bucket.EQUAL
        return Planned(
            self.kind,
            row["key"],
            bucket,
            "source_key",
            target_key=row["target_key"],
            values=found.send,
            links=links if found.send else {},
            lost=lost,
            before=found.before,
        )

    def _links(self, row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        links: dict[str, tuple[str, ...]] = {}
        if row.get("account_keys"):
            links["account"] = _source_keys(self.source, Kind.ACCOUNT, row["account_keys"])
        if row.get("target_people"):
            links["person"] = tuple(row["target_people"])
        return links


def _source_keys(source: str, kind: Kind, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(source_key(source, kind, key) for key in keys)
