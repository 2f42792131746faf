"""One verdict, re-evaluated without any platform: the cell, the facts that its derivation names, and the fold."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from mamigrate.consent.fold import Cell, Fact, Judgement, Rules, judge
from mamigrate.consent.scope import Scope


def derivation(judgement: Judgement) -> tuple[str, ...]:
    """Keys of all facts that a judgement rests on, each once, in order. A decision or the passage of time is no fact."""
    ended = {key for key, _ in judgement.ended}
    return tuple(sorted({*judgement.denials, *judgement.pending, *judgement.grants, *ended}))


def holds(named: Iterable[str] | None, facts: Iterable[Fact], cell: Cell, at: datetime, rules: Rules) -> bool:
    """Whether a cell is allowed by the named facts alone, and by all that are known. Nothing named is no derivation."""
    if named is None:
        return False
    every = {fact.key: fact for fact in facts}
    keys = set(named)
    if not keys <= every.keys():
        return False
    some = [fact for key, fact in every.items() if key in keys]
    return judge(some, cell, at, rules).allowed and judge(every.values(), cell, at, rules).allowed


def broken(
    verdicts: Iterable[Mapping[str, Any]], facts: Iterable[Fact], at: datetime, rules: Mapping[str, Rules]
) -> Iterator[Mapping[str, Any]]:
    """Rows of ``verdicts`` that say allowed, and do not re-evaluate to it. ``rules`` are by topic."""
    known = list(facts)
    for row in verdicts:
        if row["allowed"] and not holds(row["derivation"], known, as_cell(row), at, rules[row["topic"]]):
            yield row


def as_cell(row: Mapping[str, Any]) -> Cell:
    """The cell of a row of verdicts. Facts name the target person, so the person is one."""
    scope = Scope(row["channel"], row["brand"], row["topic"], row["asset_class"])
    return Cell(frozenset({row["person"]}), row["address"], row["address_loose"], scope)
