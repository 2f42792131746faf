"""What concerns one address: records that have it, that were merged with one that has it, and facts about any of them.

Expressions that the engine runs; they keep a few rows of a population of any size.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from mamigrate.consent import verdict
from mamigrate.once import once

ADDRESS, FURTHER, MERGED, HEIR, TOGETHER = "address", "further_address", "merged", "heir", "together"
"""How a record is near: it has the address, has it beside another one, was merged into such a record, carries one on, or
becomes one person with one."""


@once
def records(people: ir.Table, clusters: ir.Table, loose: str) -> ir.Table:
    """(key, how), several rows a record where it is near in several ways. A merged record may be none that was read."""
    own = people.filter(people.email_loose == loose).select("key", how=ibis.literal(ADDRESS))
    others = people.select("key", other=people.other_emails.unnest())
    own = own.union(
        others.filter(others.other.lower() == loose).select("key", how=ibis.literal(FURTHER)), distinct=True
    )
    pairs = verdict.heirs(people)
    heirs = pairs.semi_join(own, [("gone", "key")]).select(key="heir", how=ibis.literal(HEIR))
    carrying = own.union(heirs, distinct=True)
    merged = pairs.semi_join(carrying, [("heir", "key")]).select(key="gone", how=ibis.literal(MERGED))
    known = carrying.union(merged, distinct=True)
    winners = clusters.semi_join(known, [("person_key", "key")]).select("winner").distinct()
    mates = clusters.semi_join(winners, "winner").anti_join(known, [("person_key", "key")])
    return known.union(mates.select(key="person_key", how=ibis.literal(TOGETHER)))


@once
def facts(facts: ir.Table, keys: Sequence[str], addresses: Sequence[str]) -> ir.Table:
    """Facts that one of these people, or one of these addresses in their loose form, bears."""
    named = facts.person_key.isin(list(keys)) if keys else ibis.literal(False)
    return facts.filter(named | facts.address_loose.isin(list(addresses)))
