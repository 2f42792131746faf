"""Records of people who came back, at another address than the one they came back with: there everything stands that was said.

A grant is one of its very address, capitals included (``consent.fold``), so what it ended is ended at that address alone.
"""

import ibis
import ibis.expr.types as ir

from mamigrate.consent import verdict
from mamigrate.once import once

LISTS = ("wide", "topics")


@once
def said(clusters: ir.Table, against: ir.Table, law: ir.Table, lifted: ir.Table) -> ir.Table:
    """(winner, wide, topics): all that denies the people of ``lifted``, as if nobody had come back. ``against`` has (winner, kind,
    topic, brand), and so has ``law``, what packs deny.
    """
    back = lifted.select("winner").distinct()
    every = against.select("winner", "kind", "topic", "brand").union(law.select("winner", "kind", "topic", "brand"))
    return verdict.of_clusters(clusters.semi_join(back, "winner"), every.semi_join(back, "winner"))


@once
def kept(matched: ir.Table, target: ir.Table, said: ir.Table) -> ir.Table:
    """(winner, wide, topics) of those in ``said`` whose own record keeps another address."""
    own = matched.select("target_key", winner="key").filter(lambda t: t.target_key.notnull())
    return _apart(own.join(said, "winner"), matched, target).select("winner", *LISTS)


@once
def grown(matched: ir.Table, kept: ir.Table) -> ir.Table:
    """``matched`` (before anything of the target grew it) with what is ``kept`` in place of what returns left."""
    more = kept.select(back="winner", **{f"more_{name}": name for name in LISTS})
    joined = matched.left_join(more, matched.key == more.back)
    told = {name: ibis.coalesce(joined[f"more_{name}"], joined[name]) for name in LISTS}
    return joined.mutate(**told).drop("back", *(f"more_{name}" for name in LISTS))


@once
def beside(bearing: ir.Table, matched: ir.Table, target: ir.Table, said: ir.Table) -> ir.Table:
    """``bearing`` (``bearers.bearing``) with what is ``said`` of people at records that have another address."""
    apart = _apart(bearing.select("target_key", "winner").join(said, "winner"), matched, target)
    more = apart.select("target_key", "winner", **{f"more_{name}": name for name in LISTS})
    joined = bearing.left_join(more, ["target_key", "winner"])
    none = ibis.literal([], type="array<string>")
    told = {name: joined[name].concat(ibis.coalesce(joined[f"more_{name}"], none)).sort() for name in LISTS}
    return joined.mutate(**told).drop("target_key_right", "winner_right", *(f"more_{name}" for name in LISTS))


def _apart(records: ir.Table, matched: ir.Table, target: ir.Table) -> ir.Table:
    """Of ``records`` (target_key, winner) those that have an address, and not that of the person."""
    home = matched.select(winner="key", home="email_strict")
    there = target.filter(target.email_strict.notnull()).select(target_key="key", at="email_strict")
    joined = records.join(there, "target_key").join(home, "winner")
    return joined.filter(~joined["at"].identical_to(joined.home))
