"""Accounts and opportunities: one source record to one planned record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.convert import cut
from mamigrate.mapping.owners import OwnerPlace
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.origins import LONGEST_TEXT, source_key
from mamigrate.plan.values import difference, losses


@dataclass(frozen=True, slots=True)
class RecordPlanner:
    """``name_field`` gets the display name, ``owner_place`` says whose a record is; records are found again by their source key alone, never by name."""

    source: str
    kind: Kind
    rules: Compiled
    name_field: str
    owner_place: OwnerPlace | None = None

    def plan(self, row: Mapping[str, Any]) -> Planned:
        """``row`` is a record joined with what the target holds under its source key (``target_key``, ``target_values``)."""
        if row["archived"]:
            return Planned(self.kind, row["key"], Bucket.LEFT, "archived")
        wanted, failed = self.rules.apply(dict(row["values"] or ()))
        short: tuple[tuple[str, str, str], ...] = ()
        if row["name"] and self.name_field and self.name_field not in wanted:
            wanted[self.name_field] = cut(row["name"], LONGEST_TEXT)
            fits = wanted[self.name_field] == row["name"]
            short = () if fits else ((self.name_field, "origin_cut", row["name"]),)
        if self.owner_place and (owner := self.owner_place.of(row["owner_key"])):
            wanted[self.owner_place.field] = owner
        blocked = next(((rule.source, problem.value) for rule, problem in failed if problem.code == "too_long"), None)
        if blocked:
            lost = losses(failed)
            return Planned(self.kind, row["key"], Bucket.PARKED, "too_long", blocked[0], lost=lost, cause=blocked)
        return self._compare(row, wanted, self._links(row), (*losses(failed), *short, *self._not_linked(row)))

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
        changed = bool(found.send) or _untied(links, row)
        bucket = Bucket.UPDATED if changed else Bucket.EQUAL
        return Planned(
            self.kind,
            row["key"],
            bucket,
            "source_key",
            target_key=row["target_key"],
            values=found.send,
            links=links if changed else {},
            lost=lost,
            before=found.before,
        )

    def _not_linked(self, row: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
        """The target keeps one company of an opportunity: the others are told."""
        others = (row.get("account_keys") or [])[1:]
        return (("company", "account_not_linked", ";".join(others)),) if others else ()

    def _links(self, row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
        links: dict[str, tuple[str, ...]] = {}
        if row.get("account_keys"):
            links["account"] = _source_keys(self.source, Kind.ACCOUNT, row["account_keys"])
        if row.get("target_people"):
            links["person"] = tuple(row["target_people"])
        return links


def _source_keys(source: str, kind: Kind, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(source_key(source, kind, key) for key in keys)


def _untied(links: Mapping[str, tuple[str, ...]], row: Mapping[str, Any]) -> bool:
    """A tie is missing on the target: it is new, or a run was stopped between a record and its ties."""
    people = set(links.get("person", ())) - set(row.get("standing_people") or ())
    accounts = set(links.get("account", ())[:1]) - set(row.get("standing_accounts") or ())
    return bool(people or accounts)
