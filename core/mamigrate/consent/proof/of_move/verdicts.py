"""What the facts say of every cell: the fold over a whole population, with the keys of all facts that each verdict rests on."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from mamigrate.consent.kinds import KINDS
from mamigrate.consent.proof.of_move.moved import Moved
from mamigrate.consent.proof.tables import SCHEMAS, SCOPE
from mamigrate.consent.proof.words import TARGET, beneath, said
from mamigrate.consent.scope import OWN
from mamigrate.once import once

EVERY_CLASS = tuple(sorted(name for name, rule in KINDS.items() if rule.every_class))
ASKED_FOR = ("grant", "reconfirmed")
"""Kinds of grants that a topic which asks for one takes."""
WHERE = ("person", "address", *SCOPE)
"""A cell, of the one population that there is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the verdicts are made from, as kept tables."""

    facts: ir.Table
    spots: ir.Table
    covers: ir.Table
    topics: ir.Table
    lifted: ir.Table
    times: ir.Table
    based: ir.Table


@once
def lifted(m: Moved, facts: ir.Table, topics: ir.Table, covers: ir.Table) -> ir.Table:
    """(denial, by, person, home, scope): denials of people that a later grant of theirs ended, cell by cell, at their ``home``."""
    at = m.times.at.as_scalar()
    lasting = (
        facts.filter((facts.polarity == "-") & (facts.until.isnull() | (facts.until > at))).select("key").distinct()
    )
    ended = m.lifted.semi_join(lasting, m.lifted.fact == lasting.key)
    named = topics.mutate(cell=topics.brand + "|" + topics.topic).select("cell", *SCOPE)
    homes = m.matched.select(winner="key", home="email_strict")
    return (
        ended.join(named, "cell")
        .join(homes, "winner")
        .select("home", denial="fact", by="grant", person="winner", **{name: name for name in SCOPE})
    )


@once
def denying(k: Kept) -> ir.Table:
    """(cell, key, until, ended): denials that reach a cell, over the person or the address; ``ended`` by a return."""
    wide = k.facts.filter(k.facts.polarity == "-")
    wide = wide.mutate(asset_class=wide.kind.isin(EVERY_CLASS).ifelse("*", wide.asset_class))
    wide = wide.select("key", "until", "holder", "person", "address_loose", *SCOPE)
    by_person = wide.filter(wide.holder == "person").join(k.spots.select("person", "address"), "person")
    by_address = wide.filter(wide.holder != "person").drop("person")
    by_address = by_address.join(k.spots.select("address_loose", "person", "address"), "address_loose")
    columns = ("key", "until", "person", "address")
    near = by_person.select(*columns, *SCOPE).union(by_address.select(*columns, *SCOPE))
    reaching = beneath(near, k.covers, *columns).semi_join(k.topics, list(SCOPE)).distinct()
    # A grant is one of its address: at another one, the denial stands.
    back = k.lifted.select("person", "home", *SCOPE, key="denial", by="by")
    spelled = reaching.mutate(home=reaching.address)
    joined = spelled.left_join(back, ["person", "home", *SCOPE, "key"])
    return joined.select(*columns, *SCOPE, "by")


@once
def granting(k: Kept) -> ir.Table:
    """(cell, key, kind, lo, until): grants of a person at the very address that reach a cell."""
    given = k.facts.filter((k.facts.polarity == "+") & said(k.facts))
    near = given.join(k.spots.select("person", address_strict="address"), ["person", "address_strict"])
    permits = k.covers.filter(k.covers.permits)
    spread = beneath(near, permits, "key", "kind", "lo", "until", "person", "address_strict")
    return spread.rename(address="address_strict").semi_join(k.topics, list(SCOPE)).distinct()


@once
def resting(k: Kept) -> ir.Table:
    """(cell, key): grants that a pack of law counts, for the cells that they permit, wherever the person stands."""
    counted = k.facts.join(k.based.select("person", key="fact").distinct(), ["person", "key"])
    near = counted.select("person", "key", *SCOPE).join(k.spots.select("person", "address"), "person")
    spread = beneath(near, k.covers.filter(k.covers.permits), "key", "person", "address")
    return spread.semi_join(k.topics, list(SCOPE)).distinct()


@once
def verdicts(k: Kept, denials: ir.Table, grants: ir.Table, bases: ir.Table, source: ir.Table) -> ir.Table:
    """The proof's ``verdicts``. ``bases`` are grants on which the law lets mail go out, ``source`` are cells that ask, and for which the source held every grant that it wanted."""
    at, later, snapshot = (k.times[name].as_scalar() for name in ("at", "later", "snapshot"))
    shut = denials.group_by(list(WHERE)).agg(
        now=(_lasting(denials, at) & denials.by.isnull()).any(),
        then=(_lasting(denials, later) & denials.by.isnull()).any(),
        said=(_lasting(denials, snapshot) & ~denials.key.startswith(TARGET)).any(),
        denied=denials.key.collect(distinct=True),
        ended=denials.by.collect(distinct=True),
    )
    asked = grants.kind.isin(ASKED_FOR)
    given = grants.group_by(list(WHERE)).agg(
        given_now=(_runs(grants, at) & asked).any(),
        given_then=(_runs(grants, later) & asked).any(),
        given=grants.key.collect(distinct=True),
    )
    base = k.spots.cross_join(k.topics.select(*SCOPE, "asks"))
    joined = base.left_join(shut, list(WHERE)).drop([f"{name}_right" for name in WHERE])
    joined = joined.left_join(given, list(WHERE)).drop([f"{name}_right" for name in WHERE])
    rests = bases.anti_join(grants, [*WHERE, "key"]).group_by(list(WHERE)).agg(based=ibis._.key.collect(distinct=True))
    joined = joined.left_join(rests, list(WHERE)).drop([f"{name}_right" for name in WHERE])
    joined = joined.left_join(source.mutate(agreed=True), ["person", *SCOPE])
    none = ibis.literal([], type="array<string>")
    named = [ibis.coalesce(joined[name], none) for name in ("denied", "ended", "given", "based")]
    told = {
        "allowed": ~_true(joined.now) & (~joined.asks | _true(joined.given_now)),
        "later": ~_true(joined.then) & (~joined.asks | _true(joined.given_then)),
        "source_mails": ~_true(joined.said) & (~joined.asks | _true(joined.agreed)),
        "derivation": named[0].concat(*named[1:]),
    }
    columns = {name: joined[name] for name in SCHEMAS["verdicts"].names if name in joined.columns and name not in told}
    return joined.select(**(columns | told))[SCHEMAS["verdicts"].names]


@once
def agreed(m: Moved, topics: ir.Table, facts: ir.Table, covers: ir.Table) -> ir.Table:
    """(person, scope): topics that ask, which every record of a person had a grant of, or that stood open on the target."""
    asking = topics.filter(topics.asks & ~topics.topic.startswith(OWN))
    told = m.matched.select(
        person="key", cell=ibis.coalesce(m.matched.granted, ibis.literal([], type="array<string>")).unnest()
    )
    brand, topic = told.cell.split("|")[0], told.cell.split("|")[1]
    wanted = told.select("person", brand_said=brand, topic_said=topic).cross_join(asking)
    reached = wanted.brand_said.isin([wanted.brand, "*"]) & wanted.topic_said.isin([wanted.topic, "*"])
    standing = facts.filter((facts.polarity == "+") & said(facts) & facts.key.startswith(TARGET))
    stood = standing.select("person", *SCOPE)
    return wanted.filter(reached).select("person", *SCOPE).union(stood).distinct()


@once
def exceptions(k: Kept, verdicts: ir.Table, denials: ir.Table, grants: ir.Table) -> ir.Table:
    """The proof's ``exceptions``: what makes a cell open that the source did not mail, named fact by fact."""
    at, snapshot = k.times.at.as_scalar(), k.times.snapshot.as_scalar()
    fresh = verdicts.filter(verdicts.allowed & ~verdicts.source_mails).select(*WHERE)
    back = denials.filter(denials.by.notnull()).select(*WHERE, why=ibis.literal("lifted"), reference="key")
    over = denials.filter((denials.until > snapshot) & (denials.until <= at))
    over = over.select(*WHERE, why=ibis.literal("time"), reference="key")
    given = grants.filter(grants.lo > snapshot).select(*WHERE, why=ibis.literal("grant"), reference="key")
    told = ibis.union(back, over, given, distinct=True).semi_join(fresh, list(WHERE))
    return told.mutate(population=ibis.literal(0, "int64"))[SCHEMAS["exceptions"].names]


def _lasting(denials: ir.Table, at: ir.TimestampScalar) -> ir.BooleanValue:
    return denials.until.isnull() | (denials.until > at)


def _runs(grants: ir.Table, at: ir.TimestampScalar) -> ir.BooleanValue:
    return (grants.lo.isnull() | (grants.lo <= at)) & (grants.until.isnull() | (grants.until > at))


def _true(column: ir.Value) -> ir.BooleanValue:
    return ibis.coalesce(column, False)
