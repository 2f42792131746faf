"""What became of each denial of the source: held on the target, ended by a return, or waiting for whoever is not there."""

from functools import reduce

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.denials import HOLDERS
from mamigrate.consent.proof.of_move.moved import PERSON, Moved
from mamigrate.consent.proof.tables import SCHEMAS, SCOPE
from mamigrate.consent.proof.words import beneath
from mamigrate.once import once


@once
def denials(facts: ir.Table, times: ir.Table) -> ir.Table:
    """The proof's ``denials``: those that hold for somebody. What names nobody is told as unattributed, and decided about."""
    told = _holding(facts, times)
    told = told.filter(~_of_nobody(told))
    moment = ibis.null("timestamp('UTC', 6)")
    named = told.mutate(fact=told.key, observed_at=moment, effective_at=moment)
    return named[SCHEMAS["denials"].names].distinct()


def _holding(facts: ir.Table, times: ir.Table) -> ir.Table:
    at = times.at.as_scalar()
    return facts.filter((facts.polarity == "-") & (facts.until.isnull() | (facts.until > at)))


def _of_nobody(facts: ir.Table) -> ir.BooleanValue:
    return (facts.holder == "person").ifelse(facts.person.isnull(), facts.address_loose.isnull())


@once
def waiting(m: Moved, facts: ir.Table, denials: ir.Table, records: ir.Table) -> ir.Table:
    """The proof's ``suppressed``: denials of people and addresses for whom no record of the target was made or found.

    Whoever was expected there and is gone waits nowhere.
    """
    asked = m.read_back
    people = asked.filter(asked.kind == PERSON).select(person="key")
    expected = people.union(records.select("person"), distinct=True)
    by_person = denials.filter(denials.holder == "person").anti_join(expected, "person")
    gone = asked.filter((asked.kind == PERSON) & ~asked.found).select(person="key")
    homes = m.matched.select("email_loose", person="key").join(gone, "person").select(address_loose="email_loose")
    named = asked.filter(asked.address.notnull()).select(address_loose="address")
    there = ibis.union(homes, named, records.select("address_loose"), distinct=True)
    by_address = denials.filter(denials.holder == "address").anti_join(there, "address_loose")
    nobody = ibis.null("string")
    by_person = by_person.select("population", "fact", person="person", address_loose=nobody)
    by_address = by_address.select("population", "fact", person=nobody, address_loose="address_loose")
    told = _holding(facts, m.times)
    of_nobody = told.filter(_of_nobody(told)).select("population", "person", "address_loose", fact="key")
    return ibis.union(by_person, by_address, of_nobody[by_person.columns], distinct=True)


@once
def carried_out(held: ir.Table, denials: ir.Table, covers: ir.Table, topics: ir.Table) -> ir.Table:
    """The proof's ``held``: denials of the target, each once more for every denial of the source that it carries out."""
    places = topics.select(*SCOPE).union(denials.select(*SCOPE), distinct=True)
    wanted = beneath(denials, covers, "fact", "holder", "person", "address_loose").semi_join(places, list(SCOPE))
    narrow = beneath(held.select(*held.columns, **{f"at_{name}": held[name] for name in SCOPE}), covers, "person", "address_loose", *(f"at_{name}" for name in SCOPE))  # fmt: skip
    found = [_same(wanted, narrow, holder, column) for holder, column in HOLDERS.items()]
    told = reduce(lambda one, other: one.union(other, distinct=True), found)
    bare = held.mutate(fact=ibis.null("string"))
    every = bare[told.columns].union(told)
    return every.mutate(population=ibis.literal(0, "int64"), read=ibis.literal(True), settled=ibis.null("boolean"))[
        SCHEMAS["held"].names
    ]


def _same(wanted: ir.Table, narrow: ir.Table, holder: str, column: str) -> ir.Table:
    mine = wanted.filter(wanted.holder == holder).select(column, "fact", *SCOPE)
    hit = narrow.join(mine, [column, *SCOPE])
    scope = {name: hit[f"at_{name}"] for name in SCOPE}
    return hit.select("person", "address_loose", "fact", **scope)


@once
def erased(facts: ir.Table) -> ir.Table:
    """The proof's ``tombstones``."""
    gone = facts.filter((facts.kind == "erasure") & facts.address_loose.notnull())
    return gone.select("population", mark="address_loose").distinct()


@once
def readings(facts: ir.Table) -> ir.Table:
    """The proof's ``readings``: every statement that was read, and whether it was understood."""
    told = facts.select("population", "person", "source_ref", understood=facts.kind != "unparsed")
    return told.distinct()


@once
def journal(m: Moved, pairs: ir.Table, written: ir.Table, grants: ir.Table) -> ir.Table:
    """The proof's ``journal``: what each write set of each cell, and for what it opened with a permit the grant behind it."""
    asked = m.read_back.filter(m.read_back.found).select("kind", "key", "target_key").distinct()
    wrote = m.journal.join(asked, ["kind", "key"]).select("seq", "target_key", "made", "shape")
    there = pairs.filter(pairs.strict.notnull()).select("target_key", "person", address="strict")
    cells = wrote.join(there, "target_key").join(written, "shape")
    permits = grants.group_by(["person", "address", *SCOPE]).agg(permit=grants.key.min())
    told = cells.left_join(permits, ["person", "address", *SCOPE])
    exists = told.made.ifelse(True, ibis.null("boolean"))
    sent = ibis.coalesce(told.enrolled & told.permitted, False)
    permit = sent.ifelse(told.permit, ibis.null("string"))
    return told.select(
        "seq", "person", "address", *SCOPE, "denied", "enrolled", population=ibis.literal(0, "int64"), exists=exists,
        permit=permit, decision=ibis.null("string"),
    )[SCHEMAS["journal"].names]  # fmt: skip


@once
def planned(m: Moved) -> ir.Table:
    """The proof's ``planned``: what this run wanted of each record, and what a second one would still have to write."""
    asked = m.read_back.filter(m.read_back.found)
    first = asked.select(person="key", run=ibis.literal(1, "int64"), field=asked.wanted.unnest())
    again = asked.select(person="key", run=ibis.literal(2, "int64"), field=asked.again.unnest())
    return first.union(again).mutate(population=ibis.literal(0, "int64"))[SCHEMAS["planned"].names]
