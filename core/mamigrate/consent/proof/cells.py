"""Statements about cells: the target is never more permissive than the facts, the source and time make it."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.tables import CELL, PLACE, SCOPE, Asked, Tables
from mamigrate.consent.proof.words import MAIL, active, beneath, by_holder, found, instant, running, said, true
from mamigrate.consent.scope import OWN

_WHERE = CELL[1:]


def open_there(t: Tables) -> ir.Table:
    """Cells that the target would mail, as far as it was read."""
    return t.cells.filter(true(t.cells.read) & true(t.cells.allowed))


def unread(t: Tables, asked: Asked) -> ir.Table:
    """Cells about which the read-back says nothing."""
    return t.cells.filter(~true(t.cells.read) | t.cells.allowed.isnull())


def not_settled(t: Tables, asked: Asked) -> ir.Table:
    """Cells that were not read a second time."""
    return t.cells.filter(~true(t.cells.read) | t.cells.settled.isnull())


def _allowed(t: Tables) -> ir.Table:
    return t.verdicts.filter(true(t.verdicts.allowed))


def weakened(t: Tables, asked: Asked) -> ir.Table:
    return found(open_there(t).anti_join(_allowed(t), CELL), *_WHERE)


def baseless(t: Tables, asked: Asked) -> ir.Table:
    """Grants are held by a person at the very address, for a topic that has a place on the target."""
    enrolled = t.cells.filter(true(t.cells.read) & true(t.cells.enrolled))
    given = running(t.facts.filter((t.facts.polarity == "+") & said(t.facts)), asked)
    held = ("population", "person", "address_strict")
    spread = beneath(given, t.covers.filter(true(t.covers.permits)), *held).rename(address="address_strict")
    reached = spread.semi_join(t.topics, PLACE)
    return found(enrolled.anti_join(reached, CELL), *_WHERE)


def opened_by_time(t: Tables, asked: Asked) -> ir.Table:
    later = t.verdicts.filter(true(t.verdicts.later) & ~true(t.verdicts.allowed))
    facts, at, then = t.facts, instant(asked.at), instant(asked.later)
    ends = (facts.polarity == "-") & (facts.until > at) & (facts.until <= then)
    starts = (facts.polarity == "+") & said(facts) & (facts.lo > at) & (facts.lo <= then)
    return found(by_holder(later, facts.filter(ends | starts), ["population"]), *_WHERE)


def uncovered(t: Tables, asked: Asked) -> ir.Table:
    """People on the target who are allowed nowhere, and carry no denial of everything there."""
    nowhere = t.verdicts.anti_join(_allowed(t), ["population", "person"])
    nowhere = nowhere.select("population", "person", "address_loose").distinct()
    there = t.records.filter(true(t.records.read))
    nowhere = nowhere.semi_join(there, ["population", "person"]).filter(ibis.literal(asked.default_allows))
    held = t.held
    everything = held.channel.isin(MAIL) & held.asset_class.isin(("MKT", "*")) & (held.brand == "*")
    wide = held.filter(true(held.read) & everything & (held.topic == "*"))
    return found(by_holder(nowhere, wide, ["population"]), "person")


def undone(t: Tables, asked: Asked) -> ir.Table:
    """What the second reading shows: cells that opened since, denials that are gone."""
    opened = t.cells.filter(true(t.cells.settled)).anti_join(_allowed(t), CELL)
    gone = t.held.filter(true(t.held.read) & ~ibis.coalesce(t.held.settled, True))
    return found(opened, *_WHERE).union(found(gone, "person", "address_loose", *SCOPE))


def widened(t: Tables, asked: Asked) -> ir.Table:
    mailed = t.verdicts.filter(true(t.verdicts.source_mails))
    fresh = open_there(t).anti_join(mailed, CELL)
    return found(fresh.anti_join(_excepted(t, asked), CELL), *_WHERE)


def _excepted(t: Tables, asked: Asked) -> ir.Table:
    """Exceptions whose reason is there."""
    facts, snapshot = t.facts, instant(asked.snapshot)
    over = facts.filter((facts.kind == "time_hold") & (facts.until <= instant(asked.at)))
    fresh = facts.filter((facts.polarity == "+") & (facts.lo > snapshot) & said(facts))
    reasons = {
        "time": over.select("population", reference="key"),
        "grant": fresh.select("population", reference="key"),
        "lifted": t.lifted.filter(t.lifted.by.notnull()).select("population", reference="denial"),
        "wave": t.waves.filter(t.waves.signer.notnull()).select("population", reference="decision"),
    }
    told = [rows.mutate(why=ibis.literal(why)) for why, rows in reasons.items()]
    return t.exceptions.semi_join(ibis.union(*told), ["population", "why", "reference"])


def unexplained(t: Tables, asked: Asked) -> ir.Table:
    """Open cells whose derivation is missing, names what is not there, passes over a denial, or lacks a grant or a basis asked for."""
    there = open_there(t)
    told = t.verdicts.filter(t.verdicts.derivation.notnull())
    silent = there.anti_join(told, CELL)
    named = told.select(*CELL, key=told.derivation.unnest()).semi_join(there, CELL)
    invented = named.anti_join(t.facts, ["population", "key"])
    asking = t.topics.filter(ibis.coalesce(t.topics.asks, True)).select(*PLACE).distinct()
    asked_for = running(t.facts.filter((t.facts.polarity == "+") & said(t.facts)), asked)
    given = named.semi_join(asked_for, ["population", "key"])
    ungranted = there.semi_join(asking, PLACE).anti_join(given, CELL)
    every = (silent, invented, _passed_over(t, asked, there, named), ungranted)
    unfounded = _without_basis(t, asked, there, named)
    return found(ibis.union(*(rows.select(*CELL) for rows in (*every, unfounded))), *_WHERE).distinct()


def passed_over(t: Tables, asked: Asked) -> ir.Table:
    """Cells that the facts are said to allow, whatever stands on the target, and that a denial reaches which nothing ended."""
    allowed = _allowed(t)
    named = allowed.select(*CELL, key=allowed.derivation.unnest())
    return found(_passed_over(t, asked, allowed, named), *_WHERE).distinct()


def _without_basis(t: Tables, asked: Asked, there: ir.Table, named: ir.Table) -> ir.Table:
    """Open cells of marketing under a pack of law that asks for a basis, whose derivation names no running grant which the pack counts.

    Topics that only the target has are of no law of the source.
    """
    marketing = (there.asset_class == "MKT") & ~there.topic.startswith(OWN)
    bound = there.filter(marketing).join(t.bound, ["population", "person"])
    given = running(t.facts.filter(t.facts.polarity == "+"), asked).select("population", "key", *SCOPE)
    given = given.semi_join(t.based, [given.population == t.based.population, given.key == t.based.fact])
    reaching = beneath(given, t.covers.filter(true(t.covers.permits)), "population", "key")
    resting = named.semi_join(reaching, ["population", "key", *SCOPE])
    counted = t.based.select("population", "person", "pack", key="fact")
    resting = resting.join(counted, ["population", "person", "key"]).select(*CELL, "pack")
    return bound.select(*CELL, "pack").anti_join(resting, [*CELL, "pack"])


def _passed_over(t: Tables, asked: Asked, there: ir.Table, named: ir.Table) -> ir.Table:
    """Cells of ``there`` that a denial reaches which nothing that the derivation names ended."""
    reaching = beneath(active(t.facts, asked), t.covers, "population", "key", "holder", "person", "address_loose")
    by_person = reaching.filter(reaching.holder == "person").drop("address_loose", "holder")
    by_address = reaching.filter(reaching.holder != "person").drop("person", "holder")
    where = ["population", *SCOPE]
    hit = there.join(by_person, [*where, "person"]).select(*CELL, denial="key")
    hit = hit.union(there.join(by_address, [*where, "address_loose"]).select(*CELL, denial="key"))
    ended = named.rename(by="key").join(t.lifted, [*where, "by"]).select(*CELL, "denial")
    signed = t.waves.filter(t.waves.signer.notnull()).select("population", by="decision")
    released = t.lifted.semi_join(signed, ["population", "by"])
    return hit.anti_join(ended, [*CELL, "denial"]).anti_join(released, [*where, "denial"])
