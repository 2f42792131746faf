"""What packs forbid, over the whole population: expressions that the engine runs. ``permit`` is the reference for them."""

from collections.abc import Iterable, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import lifting
from mamigrate.consent.kinds import KINDS, NO_BASIS, Grant
from mamigrate.consent.moment import Moment
from mamigrate.consent.regimes.choice import Regime
from mamigrate.consent.regimes.pack import Pack
from mamigrate.consent.scope import Scope, Trees
from mamigrate.once import once

MAIL = ("email", "MKT")
_SCOPE = ("channel", "brand", "topic", "asset_class")
_GRANTS = sorted(name for name, rule in KINDS.items() if rule.polarity == "+")


def asking(regime: Regime) -> list[Pack]:
    """Packs that ask for a grant before marketing mail."""
    return [pack for pack in regime.all if pack.needs(*MAIL) is not Grant.NONE]


@once
def countries(people: ir.Table, field: str) -> ir.Table:
    """Every text of a country: (country). ``field`` empty: nobody's country is known."""
    return people.select(country=_country(people, field)).distinct()


@once
def bound(people: ir.Table, clusters: ir.Table, field: str, packs: ir.Table) -> ir.Table:
    """(winner, pack): the packs that bind any record of a cluster. ``packs`` has (country, pack)."""
    own = people.select(person_key=people.key, country=_country(people, field))
    return clusters.join(own, "person_key").join(packs, "country").select("winner", "pack").distinct()


def _country(people: ir.Table, field: str) -> ir.StringValue:
    return people["values"].get(field, "").fill_null("") if field else ibis.literal("")


@once
def scopes(facts: ir.Table) -> ir.Table:
    """The scopes of all grants: few, whatever the population."""
    return facts.filter(facts.kind.isin(_GRANTS)).select(*_SCOPE).distinct()


def topics(cells: Iterable[Scope]) -> pa.Table:
    """The topics that are asked about: (cell) as ``brand|topic``."""
    return pa.table({"cell": pa.array([f"{cell.brand}|{cell.topic}" for cell in cells], pa.string())})


def reach(found: Iterable[dict[str, str]], cells: Sequence[Scope], trees: Trees) -> pa.Table:
    """Which scope of a grant permits which cell, the whole of marketing among them."""
    return lifting.reach(found, [Scope(), *cells], trees)


@once
def counting(facts: ir.Table, packs: Sequence[Pack], now: Moment) -> ir.Table:
    """(key, pack): the running grants that each pack counts. ``facts`` has ``basis`` beside the columns of a fact."""
    begun = facts.lo.isnull() | (facts.lo <= now)
    running = facts.filter(begun & (facts.until.isnull() | (facts.until > now)) & facts.kind.isin(_GRANTS))
    return ibis.union(*(_counted(running, pack, now) for pack in packs))


def _counted(grants: ir.Table, pack: Pack, now: Moment) -> ir.Table:
    """As ``permit.counts``."""
    implied = grants.kind == "implied_grant"
    known = ~implied & _within(grants, pack.reconfirm_months, now) & _proven(grants, pack, Grant.EXPRESS)
    soft = implied & _proven(grants, pack, Grant.IMPLIED)
    for basis in pack.soft:
        known |= soft & (grants.basis == basis) & _within(grants, pack.lasts(Grant.IMPLIED, basis), now)
    return grants.filter(known).select("key", pack=ibis.literal(pack.name))


def _within(grants: ir.Table, months: int | None, now: Moment) -> ir.BooleanValue:
    if months is None:
        return ibis.literal(True)
    return (grants.lo + ibis.interval(months=months) > now).fill_null(False)


def _proven(grants: ir.Table, pack: Pack, kind: Grant) -> ir.BooleanValue:
    return grants.proof >= pack.proof(kind, pack.needs(*MAIL))


@once
def based(facts: ir.Table, counted: ir.Table, people: ir.Table, clusters: ir.Table) -> ir.Table:
    """(winner, pack, key, scope): grants that packs count, of whoever is written with the address that each is held at."""
    near = facts.mutate(strict=facts.address_strict).join(counted, "key")
    near = near.join(lifting.members(people, clusters), "person_key")
    near = near.join(lifting.winners(people, clusters), ["winner", "strict"])
    return near.select("winner", "pack", "key", *_SCOPE).distinct()


@once
def relapsed(ends: ir.Table, counted: ir.Table, bound: ir.Table, topics: ir.Table) -> ir.Table:
    """(winner, kind, topic, brand): cells where a denial ended (``lifting.ends``) by no grant that a pack counts: to that pack
    it stands.
    """
    ended = ends.select("winner", "fact", "cell").distinct().semi_join(topics, "cell").join(bound, "winner")
    proven = ends.join(counted.select(grant="key", pack="pack"), "grant").select("winner", "pack", "fact", "cell")
    ended = ended.select("winner", "pack", "fact", "cell")
    return _denied(ended.anti_join(proven, ["winner", "pack", "fact", "cell"]))


@once
def against(near: ir.Table, bound: ir.Table, reach: ir.Table, topics: ir.Table) -> ir.Table:
    """(winner, kind, topic, brand): what packs deny. Everything, where somebody holds no grant at all; else topic by topic.

    ``near`` are the grants that packs count (``based``).
    """
    held = near.join(reach.filter(reach.permits), list(_SCOPE)).select("winner", "pack", "cell").distinct()
    some = held.select("winner", "pack").distinct()
    nothing = bound.anti_join(some, ["winner", "pack"]).mutate(cell=ibis.literal("*|*"))
    lacking = bound.semi_join(some, ["winner", "pack"]).cross_join(topics).anti_join(held, ["winner", "pack", "cell"])
    return _denied(nothing.union(lacking.select("winner", "pack", "cell")))


def _denied(denied: ir.Table) -> ir.Table:
    brand, topic = denied.cell.split("|")[0], denied.cell.split("|")[1]
    return denied.select("winner", kind=ibis.literal(NO_BASIS), topic=topic, brand=brand).distinct()
