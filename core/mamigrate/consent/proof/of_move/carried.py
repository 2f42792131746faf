"""Facts with the target person that carries each: those read, those of basis rules, and what a plan derived from lists, mailboxes and packs."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import verdict
from mamigrate.consent.kinds import NO_BASIS
from mamigrate.consent.proof.of_move.moved import PERSON, Moved
from mamigrate.consent.proof.tables import SCHEMAS, SCOPE
from mamigrate.consent.proof.words import TARGET
from mamigrate.model.made import OPENED_BY_US
from mamigrate.once import once

NOBODY = "address/"
"""How a person begins who is nobody of the source: an address that a record of the target has."""
DEPARTED = "departed/"
"""How a person begins who left the source, and whose record an earlier run made."""

MAIL = ("email", "*")
_COLUMNS = tuple(SCHEMAS["facts"].names)
BESIDE = ("raw", "notice", "notice_version", "notice_hash")
"""What evidence tells of a fact, and no statement asks for."""
HASHED = ("key", "polarity", "kind", "holder", "person", "address_strict", "address_loose", *SCOPE, "actor", "proof", "source_ref", "basis", *BESIDE)  # fmt: skip
SEPARATOR = "\x1f"


@once
def carriers(m: Moved) -> ir.Table:
    """(person, person_key): everything that a target person stands for, merged and archived records included."""
    living = m.clusters.select("person_key", person="winner")
    heirs = verdict.heirs(m.people).select(person_key="heir", gone="gone")
    absorbed = living.join(heirs, "person_key").select("person", person_key="gone")
    homes = m.matched.filter(m.matched.email_loose.notnull()).select(person="key", loose="email_loose")
    left = m.people.filter(m.people.archived & m.people.email_loose.notnull())
    left = left.select(person_key="key", loose="email_loose").join(homes, "loose").select("person", "person_key")
    own = living.select("person", "person_key")
    return ibis.union(own, absorbed, left, distinct=True)


@once
def facts(m: Moved, carriers: ir.Table, topics: ir.Table, opt_ins: ir.Table) -> ir.Table:
    """The proof's ``facts`` with BESIDE: whatever speaks of mail, and of a topic of which the target is asked.

    ``opt_ins`` are fields of the target that only allow with ``true``: (field, brand, topic, asset_class).
    """
    every = ibis.union(
        _read(m.facts, carriers), _read(m.made, carriers), _lists(m), _aliases(m), _lawless(m), _departed(m),
        _standing(m, opt_ins), _refused(m),
    )  # fmt: skip
    mail = _as_the_topic_is(every.filter(every.channel.isin(MAIL)), topics)
    marketing = mail.asset_class.isin(("MKT", "*"))
    asked = mail.filter(~marketing).semi_join(topics, ["topic", "asset_class"])
    told = mail.filter(marketing).union(asked)
    return told.mutate(hash=hashed(told)).distinct()


def _as_the_topic_is(facts: ir.Table, topics: ir.Table) -> ir.Table:
    """Who leaves a topic leaves its mail, of whichever class it is."""
    known = topics.group_by("topic").agg(its=topics.asset_class.min())
    joined = facts.left_join(known, "topic").drop("topic_right")
    its = (joined.topic == "*").ifelse(joined.asset_class, ibis.coalesce(joined.its, joined.asset_class))
    return joined.mutate(asset_class=its).drop("its")


def hashed(told: ir.Table) -> ir.StringValue:
    """What evidence is compared by: every column but times, which are compared themselves."""
    texts = [ibis.coalesce(told[name].cast("string"), "") for name in HASHED]
    return ibis.literal(SEPARATOR).join(texts).hexdigest("sha256")


def _read(rows: ir.Table, carriers: ir.Table) -> ir.Table:
    told = rows.left_join(carriers, "person_key").drop("person_key_right")
    person = ibis.coalesce(told.person, told.person_key)
    return _made(told.mutate(person=person), **{name: name for name in (*_COLUMNS, *BESIDE) if name in told.columns})


def _lists(m: Moved) -> ir.Table:
    held = m.holds.join(m.clusters.select("person_key", person="winner"), "person_key")
    key = ibis.literal("list/") + held.list_key + "/" + held.person_key
    return _made(held, key=key, kind="source_hold", person=held.person, source_ref=key, raw=held.list_key)


def _aliases(m: Moved) -> ir.Table:
    held = m.aliases.join(m.clusters.select("person_key", person="winner"), "person_key")
    key = ibis.literal("alias/") + held.denial + "/" + held.person_key
    return _made(held, key=key, kind="org_hold", person=held.person, source_ref=held.source_ref, raw=held.denial)


def _lawless(m: Moved) -> ir.Table:
    rows = m.lawless
    key = ibis.literal(f"{NO_BASIS}/") + rows.winner + "/" + rows.brand + "|" + rows.topic
    return _made(rows, key=key, kind=NO_BASIS, person=rows.winner, source_ref=key, brand=rows.brand, topic=rows.topic)


def _departed(m: Moved) -> ir.Table:
    gone = m.read_back.filter(m.read_back.key.startswith(DEPARTED))
    return _made(gone, key=gone.key, kind="source_hold", person=gone.key, source_ref=gone.key)


def _standing(m: Moved, opt_ins: ir.Table) -> ir.Table:
    """Opt-ins that stood on the target before, on records that are not ours: facts of the target."""
    own = m.matched.filter(m.matched.target_key.notnull() & ~ibis.coalesce(m.matched.made, "").isin(OPENED_BY_US))
    there = m.standing.select(at="email_strict", values_there="values", target_key="key")
    # A denied address that nobody of the source has is looked at too, wherever a record has it.
    beside = m.read_back.filter(m.read_back.found & (m.read_back.kind != PERSON) & m.read_back.loose.notnull())
    beside = beside.select("target_key", person=ibis.literal(NOBODY) + beside.loose)
    found = own.select("target_key", person="key").union(beside, distinct=True)
    found = found.join(there, "target_key").cross_join(opt_ins)
    found = found.filter(found.values_there.get(found.field, "") == "true")
    key = ibis.literal(TARGET) + found.target_key + "/" + found.field
    scope = {name: found[name] for name in ("brand", "topic", "asset_class")}
    return _made(
        found, key=key, polarity="+", kind="grant", person=found.person, address_strict=found["at"],
        source_ref=_reference(m, found), raw="true", **scope,
    )  # fmt: skip


def _refused(m: Moved) -> ir.Table:
    """Denials that stood on the target: of the address there, and of whomever a record is known to be of. Nobody knows since when."""
    gone = m.read_back.filter(m.read_back.found & m.read_back.key.startswith(DEPARTED))
    known = m.linked.select("target_key", whose="winner").union(gone.select("target_key", whose="key"), distinct=True)
    told = m.refused.left_join(known, "target_key").drop("target_key_right")
    told = told.filter((told.holder == "address").ifelse(told.address_loose.notnull(), told.whose.notnull()))
    scope = {name: name for name in ("brand", "topic", "asset_class")}
    same = {name: name for name in ("kind", "holder", "until", "address_strict", "address_loose", "raw")}
    cell = told.brand + "|" + told.topic
    key = ibis.literal(TARGET) + told.target_key + "/" + told.field + "/" + told.holder + "/" + cell
    return _made(told, key=key, person=told.whose, source_ref=_reference(m, told), **same, **scope)


def _reference(m: Moved, rows: ir.Table) -> ir.StringValue:
    """As those of the source's facts: ``connection/object/id/field``."""
    return ibis.literal(f"{m.target}/{PERSON}/") + rows.target_key + "/" + rows.field


_BLANK = {"population": 0, "polarity": "-", "holder": "person", "channel": "email", "brand": "*", "topic": "*", "asset_class": "MKT", "actor": "system", "proof": 0, **dict.fromkeys(BESIDE, "")}  # fmt: skip
_TYPES = {"population": "int64", "proof": "int64"} | dict.fromkeys(("lo", "hi", "until"), "timestamp('UTC', 6)")


def _made(rows: ir.Table, **columns: Any) -> ir.Table:
    """Rows of ``facts``: values, columns, or the names of columns; what is not said is blank."""
    found = {}
    for name in (*_COLUMNS, *BESIDE):
        if name == "hash":
            continue
        kind = _TYPES.get(name, "string")
        value = columns.get(name, _BLANK.get(name))
        if isinstance(value, str) and value == name:
            value = rows[name]
        found[name] = (ibis.null(kind) if value is None else value if isinstance(value, ir.Value) else ibis.literal(value)).cast(kind)  # fmt: skip
    return rows.select(**found)


def schema() -> pa.Schema:
    return pa.schema([*SCHEMAS["facts"], *(pa.field(name, pa.string()) for name in BESIDE)])
