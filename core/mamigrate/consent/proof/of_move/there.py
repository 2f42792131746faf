"""What stands on the target, as it was read back: records with the people whom each is one of, their cells, their denials."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.of_move.carried import DEPARTED, NOBODY
from mamigrate.consent.proof.of_move.moved import PERSON, Moved
from mamigrate.consent.proof.tables import SCHEMAS, SCOPE
from mamigrate.once import once

_FIELDS = ("target_key", "strict", "loose", "blocked", "marked")


@once
def records(m: Moved) -> ir.Table:
    """(target_key, strict, loose, blocked, marked) of every record that was read back, once."""
    return m.read_back.filter(m.read_back.found).select(*_FIELDS).distinct()


@once
def pairs(m: Moved, records: ir.Table) -> ir.Table:
    """Records with each person whom they are a record of: those of ``records``, and ``person``."""
    asked = m.read_back.filter(m.read_back.found)
    own = asked.filter(asked.kind == PERSON).select("target_key", person="key")
    left = asked.filter(asked.key.startswith(DEPARTED)).select("target_key", person="key")
    beside = m.bearing.select("target_key", person="winner")
    homes = m.matched.filter(m.matched.email_loose.notnull()).select(person="key", loose="email_loose")
    living = records.join(homes, "loose").select("target_key", "person")
    named = ibis.union(own, left, beside, living, distinct=True)
    alone = records.anti_join(named, "target_key").filter(lambda t: t.loose.notnull())
    alone = alone.select("target_key", person=ibis.literal(NOBODY) + alone.loose)
    return records.join(named.union(alone), "target_key")


@once
def unread(m: Moved) -> ir.Table:
    """(person, address, address_loose) of people whose own record could not be read."""
    missing = m.read_back.filter((m.read_back.kind == PERSON) & ~m.read_back.found).select(person="key")
    homes = m.matched.select("email_strict", "email_loose", person="key")
    return (
        missing.join(homes, "person").select("person", address="email_strict", address_loose="email_loose").distinct()
    )


@once
def spots(m: Moved, pairs: ir.Table) -> ir.Table:
    """(person, address, address_loose): everywhere that the proof looks."""
    there = pairs.filter(pairs.strict.notnull()).select("person", address="strict", address_loose="loose")
    homes = m.matched.filter(m.matched.email_strict.notnull())
    homes = homes.select(person="key", address="email_strict", address_loose="email_loose")
    every = there.union(homes, distinct=True)
    return every.mutate(population=ibis.literal(0, "int64"))


@once
def of_the_target(m: Moved, pairs: ir.Table, own: ir.Table, denials: ir.Table) -> ir.Table:
    """(target_key, person, scope): what stood open there before this move, of topics that only the target has.

    It is between the target and whoever it is, as long as no denial of theirs reaches it.
    """
    before = m.standing.select("key", "values").cross_join(own)
    stood = before.filter(before["values"].get(before.field, "") != "true").select(*SCOPE, target_key="key")
    spots = pairs.select("target_key", "person", address="strict").join(stood, "target_key")
    denied = denials.filter(denials.by.isnull()).select("person", "address", *SCOPE).distinct()
    return spots.anti_join(denied, ["person", "address", *SCOPE]).select("target_key", "person", *SCOPE)


@once
def cells(
    pairs: ir.Table, shapes: ir.Table, unread: ir.Table, topics: ir.Table, theirs: ir.Table, *, settled: bool
) -> ir.Table:
    """The proof's ``cells``. A record without an address is mailed nothing and has none; ``theirs`` are none of the move's."""
    there = pairs.filter(pairs.strict.notnull()).join(shapes, pairs.marked == shapes.shape)
    there = there.anti_join(theirs, ["target_key", "person", *SCOPE])
    nobody, opens = ibis.null("boolean"), there.is_open & ~there.blocked
    read = there.select(
        "person", *SCOPE, "enrolled", population=ibis.literal(0, "int64"), address="strict", address_loose="loose",
        allowed=opens, read=ibis.literal(True), settled=opens if settled else nobody,
    )  # fmt: skip
    dark = unread.filter(unread.address.notnull()).cross_join(topics.select(*SCOPE))
    dark = dark.mutate(population=ibis.literal(0, "int64"), allowed=nobody, enrolled=nobody, read=ibis.literal(False), settled=nobody)  # fmt: skip
    names = SCHEMAS["cells"].names
    return read[names].union(dark[names], distinct=True)


@once
def marked(m: Moved, pairs: ir.Table, unread: ir.Table) -> ir.Table:
    """The proof's ``records``. A record that stood there before this move came by itself, whoever was erased: no mark."""
    before = m.standing.select(target_key="key", before=ibis.literal(True))
    told = pairs.left_join(before, "target_key").drop("target_key_right")
    mark = told.before.isnull().ifelse(told.loose, ibis.null("string"))
    read = told.select(key="target_key", person="person", address_loose="loose", mark=mark, read=ibis.literal(True))
    dark = unread.select("person", "address_loose", key="person", mark=ibis.null("string"), read=ibis.literal(False))
    names = SCHEMAS["records"].names
    zero = ibis.literal(0, "int64")
    return read.mutate(population=zero)[names].union(dark.mutate(population=zero)[names])


@once
def held(pairs: ir.Table, shapes: ir.Table) -> ir.Table:
    """(person, address_loose, scope): denials of the target, everything or a topic.

    A record that is denied as a whole is in nobody's audience, of marketing or of a service: a denial grows, never shrinks.
    """
    everything = {"channel": "email", "brand": "*", "topic": "*", "asset_class": "*"}
    literals = {name: ibis.literal(text) for name, text in everything.items()}
    wide = pairs.filter(pairs.blocked).select("person", address_loose="loose", **literals)
    closed = pairs.join(shapes.filter(shapes.held), pairs.marked == shapes.shape)
    return wide.union(closed.select("person", *SCOPE, address_loose="loose")[wide.columns], distinct=True)
