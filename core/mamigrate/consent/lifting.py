"""Denials that a later grant of the person ended, over the whole population: expressions that the engine runs.

The same rule as ``fold.lifts``, which is the reference for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import cluster
from mamigrate.consent.kinds import LIFTABLE, LIFTING, LIFTING_PROOF
from mamigrate.consent.moment import Moment
from mamigrate.consent.scope import Scope, Trees
from mamigrate.once import once

_SCOPE = ("channel", "brand", "topic", "asset_class")


@once
def members(people: ir.Table, clusters: ir.Table) -> ir.Table:
    """Every record that a target person carries on, merged ones included: (winner, person_key)."""
    living = clusters.select("winner", "person_key")
    absorbed = people.select(person_key=people.key, old=people.merged_keys.unnest())
    older = living.join(absorbed, "person_key").select("winner", person_key="old")
    return living.union(older).distinct()


@once
def winners(people: ir.Table, clusters: ir.Table) -> ir.Table:
    """The address that each target person is written with: (winner, strict)."""
    written = cluster.spelled(people, clusters)
    return written.filter(written.email_strict.notnull()).select("winner", strict="email_strict")


@once
def scopes(facts: ir.Table) -> ir.Table:
    """The scopes of denials and grants of which one may lift the other: few, whatever the population."""
    wanted = facts.kind.isin(sorted(LIFTABLE | LIFTING))
    return facts.filter(wanted).select(*_SCOPE).distinct()


def reach(scopes: Iterable[Mapping[str, Any]], cells: Iterable[Scope], trees: Trees) -> pa.Table:
    """Which scope covers which cell: the scope's columns, ``cell`` as ``brand|topic``, and whether a grant ``permits``."""
    wanted = [Scope(*(str(row[name]) for name in _SCOPE)) for row in scopes]
    pairs = [(wide, cell) for cell in cells for wide in wanted if trees.covers(wide, cell)]
    columns = {name: [getattr(wide, name) for wide, _ in pairs] for name in _SCOPE}
    columns["cell"] = [f"{cell.brand}|{cell.topic}" for _, cell in pairs]
    permits = pa.array([trees.permits(*pair) for pair in pairs], pa.bool_())
    return pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()} | {"permits": permits})


@once
def lifted(
    facts: ir.Table, denials: ir.Table, people: ir.Table, clusters: ir.Table, reach: ir.Table, now: Moment
) -> ir.Table:
    """(winner, fact, cell, grant): the denials that ended, for each cell, and a grant that ended each."""
    return one_each(ends(facts, denials, people, clusters, reach, now))


@once
def one_each(ends: ir.Table) -> ir.Table:
    """``ends`` with one of the grants that ended a denial."""
    return ends.group_by(["winner", "fact", "cell"]).agg(grant=ends.grant.min())


@once
def ends(
    facts: ir.Table, denials: ir.Table, people: ir.Table, clusters: ir.Table, reach: ir.Table, now: Moment
) -> ir.Table:
    """As ``lifted``, with every grant that ended a denial. In a doubtful cluster nobody's grant ends what another one said."""
    known, at = members(people, clusters), winners(people, clusters.filter(~clusters.doubtful))
    per_denial = _near(denials, known, at).join(reach, list(_SCOPE)).select("winner", "fact", "holder", "hi", "cell")
    permitting = reach.filter(reach.permits)
    per_grant = (
        _grants(facts, known, at, now).join(permitting, list(_SCOPE)).select("winner", "cell", "lo", grant="fact")
    )
    pairs = per_denial.join(per_grant, ["winner", "cell"]).filter(lambda t: t.lo > t.hi)
    return pairs.select("winner", "fact", "cell", "grant").distinct()


def _near(denials: ir.Table, known: ir.Table, at: ir.Table) -> ir.Table:
    """Liftable denials of a person of the cluster, or of its address in the very same spelling."""
    liftable = denials.filter(denials.kind.isin(sorted(LIFTABLE)) & denials.hi.notnull())
    columns = ("winner", "fact", "holder", "hi", *_SCOPE)
    named = liftable.mutate(fact=liftable.key, strict=liftable.address_strict)
    held = named.filter(named.holder == "person").join(known, "person_key").select(*columns)
    there = named.filter(named.holder == "address").join(at, "strict").select(*columns)
    return held.union(there)


def _grants(facts: ir.Table, known: ir.Table, at: ir.Table, now: Moment) -> ir.Table:
    """Running grants that the person gave, proven and dated, at the very address."""
    proven = (facts.actor == "subject") & (facts.proof >= LIFTING_PROOF)
    running = (facts.lo <= now) & (facts.until.isnull() | (facts.until > now))
    own = facts.filter(facts.kind.isin(sorted(LIFTING)) & proven & running)
    near = own.mutate(fact=own.key, strict=own.address_strict).join(known, "person_key").join(at, ["winner", "strict"])
    return near.select("winner", "fact", "lo", *_SCOPE)


@once
def remaining(per_person: ir.Table, lifted: ir.Table, reach: ir.Table, denials: ir.Table) -> ir.Table:
    """Denials of target people without what was lifted: (winner, kind, topic, brand), a partly lifted one cell by cell.

    ``per_person`` has (winner, fact, kind, topic, brand).
    """
    touched = lifted.select("winner", "fact").distinct().semi_join(per_person, ["winner", "fact"])
    whole = per_person.anti_join(touched, ["winner", "fact"]).select("winner", "kind", "topic", "brand")
    scopes = denials.select("channel", "brand", "topic", "asset_class", fact="key")
    parts = touched.join(scopes, "fact").join(reach, list(_SCOPE)).select("winner", "fact", "cell")
    left = parts.anti_join(lifted, ["winner", "fact", "cell"])
    kinds = denials.select("kind", fact="key")
    rest = left.join(kinds, "fact").mutate(brand=lambda t: t.cell.split("|")[0], topic=lambda t: t.cell.split("|")[1])
    return whole.union(rest.select("winner", "kind", "topic", "brand")).distinct()
