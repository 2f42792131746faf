"""Denials of people whom a rollback deletes: kept with the files of facts, so that a later run denies them again."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from mamigrate.consent import files
from mamigrate.mapping import model
from mamigrate.stages import former, told
from mamigrate.stages.move import Move

NAME = "rollback of "
"""How the names of such kept facts begin; the rollback's run follows."""
REFERENCE = f"facts/{NAME}"
"""How references to such facts begin."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Somebody whom we created and denied, by every key that stood for the record. ``facts`` are words of files of facts;
    ``durable``: the target keeps one for good."""

    source_keys: tuple[str, ...]
    address: str
    facts: tuple[str, ...]
    durable: bool

    def at(self, address: str) -> "Denied":
        return replace(self, address=address)

    def also(self, kinds: Iterable[str]) -> "Denied":
        """With kinds of facts that no field tells, as far as files of facts have words for them."""
        return replace(self, facts=tuple(sorted({*self.facts, *(set(kinds) & set(files.WHAT) - {"topic_opt_out"})})))


@dataclass(frozen=True, slots=True)
class Names:
    """What fields of the target deny: ``blockers`` are kinds of facts, ``topics`` types of the source, both by field."""

    blockers: Mapping[str, str]
    topics: Mapping[str, Collection[str]]
    lasting: frozenset[str]

    def facts(self, fields: Iterable[str]) -> tuple[str, ...]:
        """Words for denials in these fields. A field that nobody knows any more denies everything; a cause says nothing itself."""
        found: set[str] = set()
        for name in fields:
            if name in self.blockers:
                kind = self.blockers[name]
                found.add(kind if kind in files.WHAT else "org_hold")
            elif name in self.topics:
                found |= {f"topic_opt_out:{topic}" for topic in self.topics[name]}
            elif not name.startswith(tuple(self.blockers)):
                found.add("objection")
        return tuple(sorted(found))

    def durable(self, fields: Iterable[str]) -> bool:
        return not self.lasting.isdisjoint(fields)


def names(move: Move, mapping: model.Mapping | None) -> Names:
    """What the target's fields deny: by the adapter, the ledger and the mapping of now."""
    blockers = move.target.adapter.blockers
    topics: dict[str, set[str]] = {}
    for field, _, topic in former.noted(move, move.source.name):
        topics.setdefault(field, set()).add(topic)
    for rule in mapping.topics if mapping else ():
        if rule.target:
            topics.setdefault(rule.target, set()).add(rule.source)
    lasting = frozenset(blocker.field for blocker in blockers if blocker.durable)
    return Names({blocker.field: blocker.fact for blocker in blockers}, topics, lasting)


def keep(move: Move, people: Collection[Denied]) -> None:
    """Keep these denials, each by address and by id. On disk before anybody is deleted."""
    if not people:
        return
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(files.COLUMNS)
    for one in people:
        for key, what in product(one.source_keys, one.facts):
            rows.writerow((one.address, key, what, "", "rollback"))
    told.keep(move, Path(f"{NAME}{move.run_id}"), out.getvalue())
