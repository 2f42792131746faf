"""The statements that make the proof, as data: number, sentence, what breaks it, what it is counted over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof import cells, denials, evidence, writes
from mamigrate.consent.proof.tables import Asked, Tables
from mamigrate.once import once

Rows = Callable[[Tables, Asked], ir.Table]


@dataclass(frozen=True, slots=True)
class Invariant:
    """``broken`` gives (population, subject); ``over`` names the table whose rows are checked. ``unread`` gives those of
    them that nobody could check; None: there are none.
    """

    number: int
    sentence: str
    over: str
    broken: Rows
    unread: Rows | None = None


INVARIANTS = (
    Invariant(1, "What the target would mail, the facts allow.", "cells", cells.weakened, cells.unread),
    Invariant(2, "Who is enrolled on the target gave a grant that runs.", "cells", cells.baseless, cells.unread),
    Invariant(3, "No denial is lost.", "denials", denials.lost, denials.not_read),
    Invariant(4, "Denials add up, scope by scope.", "facts", denials.unbalanced, denials.not_read),
    Invariant(5, "Cut off anywhere, nobody is mailable who may not be.", "journal", writes.unsafe_prefix),
    Invariant(6, "What raises a cell names what permits it.", "journal", writes.unpermitted),
    Invariant(
        7, "Merging is a union: no denial of anybody who was joined is passed over.", "verdicts", cells.passed_over
    ),
    Invariant(8, "What was written as a no does not read back as a yes.", "cells", writes.read_as_more, cells.unread),
    Invariant(9, "Doubt denies.", "readings", evidence.believed),
    Invariant(10, "Time alone opens nothing.", "verdicts", cells.opened_by_time),
    Invariant(11, "A denial is in effect on the other side in time.", "denials", denials.late),
    Invariant(12, "Every fact is in the evidence, as it was read.", "facts", evidence.not_exported),
    Invariant(13, "Nobody who was erased stands there again.", "records", denials.resurrected, denials.unmarked),
    Invariant(14, "A brand's facts change that brand's cells only.", "verdicts", evidence.foreign_brand),
    Invariant(15, "Numbers of the report recompute, and unread is no pass.", "numbers", evidence.dishonest),
    Invariant(16, "Every open cell is derived from facts.", "cells", cells.unexplained, cells.unread),
    Invariant(17, "A second run writes no consent.", "planned", writes.repeated),
    Invariant(18, "No marketing asset becomes anything else unsigned.", "assets", writes.declassed),
    Invariant(19, "Who is allowed nowhere is denied everything there.", "records", cells.uncovered, denials.unmarked),
    Invariant(20, "Nothing on the target undid what was written.", "cells", cells.undone, cells.not_settled),
    Invariant(21, "Nobody is mailable whom the source did not mail.", "cells", cells.widened, cells.unread),
)


def by_number(number: int) -> Invariant:
    return next(one for one in INVARIANTS if one.number == number)


LAWS = {
    7: "Merging is a union: order, repetition and one more denial never open anything.",
    8: "Writing and reading back never yields more.",
}
"""What two of the statements say of functions, whatever the population: property tests of the fold, and the suite of every adapter."""


@dataclass(frozen=True, slots=True)
class Count:
    """Of one statement in one population: rows that were looked at, that break it, that nobody could check."""

    checked: int
    violations: int
    unverified: int


def verdict(*counts: Count) -> str:
    """FAIL where anything is broken, INCOMPLETE where anything is unread or nothing was there to look at, else PASS."""
    if any(one.violations for one in counts):
        return "FAIL"
    return "PASS" if any(one.checked for one in counts) and not any(one.unverified for one in counts) else "INCOMPLETE"


@once
def counts(invariant: Invariant, tables: Tables, asked: Asked) -> ir.Table:
    """(population, checked, violations, unverified) of one statement, one query for all populations."""
    parts = dict(_parts(invariant, tables, asked))
    rows = [
        table.group_by("population").agg(
            **{name: (ibis._.count() if name == part else ibis.literal(0, "int64")) for name in parts}
        )
        for part, table in parts.items()
    ]
    every = ibis.union(*rows)
    return every.group_by("population").agg(**{name: every[name].sum() for name in parts})


def _parts(invariant: Invariant, tables: Tables, asked: Asked) -> Iterator[tuple[str, ir.Table]]:
    over: ir.Table = getattr(tables, invariant.over)
    nothing = over.filter(ibis.literal(False))
    yield "checked", over.select("population")
    yield "violations", invariant.broken(tables, asked).select("population")
    yield "unverified", (invariant.unread(tables, asked) if invariant.unread else nothing).select("population")
