"""Statements about denials and erasures: none is lost, none is late, nobody who was erased comes back."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.tables import PLACE, SCOPE, Asked, Tables
from mamigrate.consent.proof.words import active, beneath, found, instant, true
from mamigrate.consent.scope import ALL

HOLDERS = {"person": "person", "address": "address_loose"}
"""What a denial is looked for by, from who holds it."""


def lost(t: Tables, asked: Asked) -> ir.Table:
    """Denials that are held nowhere on the target, wait for nobody there, and were not lifted."""
    told = t.denials.anti_join(_not_read(t), ["population", "fact"])
    kept = _remaining(told.select("population", "fact", "holder", "person", "address_loose", *SCOPE), t)
    narrow = beneath(t.held.filter(true(t.held.read)), t.covers, "population", "person", "address_loose")
    rest = [_unheld(kept, narrow, t, holder, column) for holder, column in HOLDERS.items()]
    neither = kept.filter(~true(kept.holder.isin(tuple(HOLDERS))))
    return found(ibis.union(*rest, neither), "fact").distinct()


def _remaining(denials: ir.Table, t: Tables) -> ir.Table:
    """Denials without what was lifted. One of a topic or a brand, or that ended in places, stands place by place where it has any."""
    lifted = t.lifted.filter(t.lifted.by.notnull()).rename(fact="denial")
    touched = denials.semi_join(lifted, ["population", "fact"])
    narrow = denials.filter((denials.topic != ALL) | (denials.brand != ALL)).union(touched, distinct=True)
    parts = beneath(narrow, t.covers, "population", "fact", "holder", "person", "address_loose")
    parts = parts.semi_join(t.topics, PLACE).select(*denials.columns)
    split = touched.select("population", "fact").union(parts.select("population", "fact"), distinct=True)
    whole = denials.anti_join(split, ["population", "fact"])
    return whole.union(parts.anti_join(lifted, ["population", "fact", *SCOPE]))


def _unheld(denials: ir.Table, held: ir.Table, t: Tables, holder: str, column: str) -> ir.Table:
    mine = denials.filter(denials.holder == holder)
    mine = mine.anti_join(held, ["population", column, *SCOPE])
    there = t.records.select("population", column).distinct()
    absent = t.suppressed.anti_join(there, ["population", column])
    return mine.anti_join(absent, ["population", column])


def _not_read(t: Tables) -> ir.Table:
    """Denials whose holder stands on the target, where nobody read it."""
    unread = t.records.filter(~true(t.records.read))
    rows = [
        t.denials.filter(t.denials.holder == holder).semi_join(unread, ["population", column])
        for holder, column in HOLDERS.items()
    ]
    return ibis.union(*rows).select("population", "fact")


def not_read(t: Tables, asked: Asked) -> ir.Table:
    """Denials that nobody could look for."""
    return _not_read(t)


def unbalanced(t: Tables, asked: Asked) -> ir.Table:
    """Scopes whose denials on the source are not as many as those held, waiting, lifted and not read. Null scopes are one scope."""
    told = active(t.facts, asked)
    facts = told.select("population", *SCOPE, n=ibis.literal(1))
    ends = [t.held.fact, t.suppressed.fact, t.lifted.filter(t.lifted.by.notnull()).denial]
    tables = [t.held, t.suppressed, t.lifted.filter(t.lifted.by.notnull())]
    ended = [rows.select("population", fact=column) for rows, column in zip(tables, ends, strict=True)]
    fates = ibis.union(*ended, _not_read(t), distinct=True).join(t.facts.rename(fact="key"), ["population", "fact"])
    counted = facts.union(fates.select("population", *SCOPE, n=ibis.literal(-1)))
    sums = counted.group_by("population", *SCOPE).agg(left=counted.n.sum())
    return found(sums.filter(sums.left != 0), *SCOPE)


def late(t: Tables, asked: Asked) -> ir.Table:
    """Denials that took longer than the deadline, or are still not in effect after it; unknown when seen is long ago."""
    done = ibis.coalesce(t.denials.effective_at, instant(asked.at))
    due = t.denials.observed_at + ibis.interval(seconds=int(asked.deadline.total_seconds()))
    return found(t.denials.filter(ibis.coalesce(done > due, True)), "fact")


def resurrected(t: Tables, asked: Asked) -> ir.Table:
    return found(t.records.semi_join(t.tombstones, ["population", "mark"]), "key")


def unmarked(t: Tables, asked: Asked) -> ir.Table:
    """Records of the target that were not read."""
    return t.records.filter(~true(t.records.read))
