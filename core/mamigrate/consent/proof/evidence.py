"""Statements about what can be shown: doubt denies, facts are kept as read, brands stay apart, numbers recompute."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.tables import CELL, Asked, Tables
from mamigrate.consent.proof.words import found, true


def believed(t: Tables, asked: Asked) -> ir.Table:
    """Values that were not understood and did not become a denial."""
    doubtful = t.readings.filter(~true(t.readings.understood))
    denied = t.facts.filter((t.facts.kind == "unparsed") & (t.facts.polarity == "-"))
    return found(doubtful.anti_join(denied, ["population", "source_ref"]), "source_ref")


def not_exported(t: Tables, asked: Asked) -> ir.Table:
    """Facts that the evidence does not hold with the same hash, which covers the key, and the same time."""
    f, e = t.facts, t.evidence
    same = [f.population == e.population, f.key == e.key, f.hash == e.hash]
    return found(f.anti_join(e, [*same, f.lo.identical_to(e.lo), f.hi.identical_to(e.hi)]), "key")


def foreign_brand(t: Tables, asked: Asked) -> ir.Table:
    """Cells whose verdict rests on a fact of a brand that does not reach theirs."""
    named = t.verdicts.select(*CELL, key=t.verdicts.derivation.unnest())
    facts = t.facts.select("population", "key", of="brand")
    resting = named.join(facts, ["population", "key"])
    above = t.covers.select(of="brand", brand="under_brand").distinct()
    declared = t.brand_rules.select("population", of="brand", brand="into")
    left = resting.anti_join(above, ["of", "brand"]).anti_join(declared, ["population", "of", "brand"])
    return found(left, *CELL[1:], "key")


def dishonest(t: Tables, asked: Asked) -> ir.Table:
    """Numbers that the evidence does not come to, and a PASS over something unread."""
    n = t.numbers
    same = ibis.coalesce(n.said == n.counted, False)
    return found(n.filter(~same | ((n.verdict == "PASS") & (ibis.coalesce(n.unread, 1) > 0))), "name")
