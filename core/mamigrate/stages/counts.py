"""What was read, beside what the source counts by another endpoint before and after: what is missing is told.

On a living platform records come and go while they are read. A number between the two counts is explained by that. One
below both is short: somebody was there all the time and was not read. One above both is over: nobody is lost.
"""

from collections.abc import Mapping

import ibis

from mamigrate.contract import Counter
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.reports.standing import outside
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.account import number
from mamigrate.stages.move import Move, Side

COUNTED = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)


def ask(side: Side, kind: Kind) -> int | None:
    """Living records as the platform counts them; None where it does not tell."""
    return side.instance.count(kind) if kind in COUNTED and isinstance(side.instance, Counter) else None


def tell(move: Move, source: Snapshot) -> None:
    """Findings where what was read lies outside both counts. People who were not read may have left: that blocks."""
    for kind, n in living(move, source).items():
        state = source.manifest.of(kind)
        apart = outside(n, state.counted_before, state.counted_after)
        subject = f"{move.source.name}/{kind}"
        if apart > 0:
            move.findings.add("count_over", Severity.WARN, subject, n=str(apart))
        elif apart < 0 and (kind is not Kind.PERSON or move.decisions.choice(f"count-short/{kind}") == "accept"):
            move.findings.add("count_short", Severity.WARN, subject, n=str(-apart), kind=kind.value)
        elif apart < 0:
            move.findings.add("count_short", Severity.BLOCK, subject, n=str(-apart), kind=kind.value)


def living(move: Move, source: Snapshot) -> Mapping[Kind, int]:
    """Records that were read, each once, without those that the source keeps as archived."""
    gone = archived(move, source)
    return {kind: number(move, source, kind) - gone.get(kind, 0) for kind in COUNTED}


def archived(move: Move, source: Snapshot) -> Mapping[Kind, int]:
    """Records that the source keeps as archived: they are read, but its counts leave them out."""
    tables = {kind: move.engine.table(source, kind) for kind in COUNTED if source.has(kind)}
    return {
        kind: int(move.engine.one(table.filter(table.archived).agg(n=ibis._.count()))["n"])
        for kind, table in tables.items()
    }
