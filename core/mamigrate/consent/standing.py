"""Denials that stand on the target and are nobody's of ours: people left there, or somebody there held them.

A record on the target may be that of a person who is written to another one now: merged on the source since, or under
another address. What was said there holds for the person, so it goes along.
"""

from collections.abc import Iterable, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from mamigrate.consent.cause import OURS, naming, replaces
from mamigrate.consent.facts import SUSPENSION
from mamigrate.consent.moment import Moment
from mamigrate.contract import Blocker
from mamigrate.once import once

INSTANT = "timestamp('UTC', 6)"
REFUSED = (
    "target_key", "field", "kind", "holder", "brand", "topic", "asset_class", "until", "address_strict", "address_loose", "raw",
)  # fmt: skip
"""What stands against mail on a record of the target, as a fact tells it."""
FLAGS = tuple(name for name in REFUSED if name not in ("brand", "topic"))
"""What a flag on a record closes: everything of a class of mail."""


@once
def flags(target: ir.Table, held: Sequence[Blocker], causes: Mapping[str, str], source: str, now: Moment) -> ir.Table:
    """FLAGS of every record: what its fields deny, and was not carried there from ``source``, for each holder.

    ``causes`` has the field beside a blocking field that says why.
    """
    none = target.filter(ibis.literal(False)).select(**dict.fromkeys(FLAGS, ibis.literal("")))
    none = none.mutate(until=ibis.null(INSTANT))
    return ibis.union(none, *(_flag(target, one, causes.get(one.field, ""), source, now) for one in held))


@once
def flagged(people: ir.Table, blockers: Sequence[Blocker], now: Moment) -> ir.Table:
    """(target_key, kind): what denies records by any flag of theirs, whoever raised it."""
    return flags(people, blockers, {}, "", now).select("target_key", "kind").distinct()


@once
def of_people(flags: ir.Table) -> ir.Table:
    """(target_key, kind) without what is held by an address alone: at another address it is no other record's."""
    return at_addresses(flags.filter(flags.holder == "person"))


@once
def at_addresses(flags: ir.Table) -> ir.Table:
    """(target_key, kind) of all holders."""
    return flags.select("target_key", "kind").distinct()


def _flag(target: ir.Table, one: Blocker, cause: str, source: str, now: Moment) -> ir.Table:
    hit = target.filter(_hit(target, one, cause, source, now))
    rows = hit.select(
        "email_strict", "email_loose", target_key="key", kind=_kinds(hit, one).unnest(), raw=_text(hit, one.field),
        until=_until(hit, one).cast(INSTANT),
    )  # fmt: skip
    rows = rows.filter(rows.kind.notnull())
    holders = ibis.literal(sorted(one.holders), type="array<string>")
    told = {"field": ibis.literal(one.field), "asset_class": ibis.literal(one.asset_class), "holder": holders.unnest()}
    return rows.mutate(**told, address_strict="email_strict", address_loose="email_loose").select(*FLAGS)


def _kinds(hit: ir.Table, blocker: Blocker) -> ir.ArrayValue:
    """As ``cause.told``, and nulls."""
    why = _text(hit, blocker.cause) if blocker.cause else ibis.literal("")
    others = [(kind, why.re_search(naming(kind))) for kind in blocker.kinds if kind != blocker.fact]
    instead = ibis.or_(ibis.literal(False), *(said for kind, said in others if replaces(kind, blocker.fact)))
    instead &= ~why.re_search(naming(blocker.fact))
    nothing = ibis.null("string")
    told = [instead.ifelse(nothing, blocker.fact), *(said.ifelse(kind, nothing) for kind, said in others)]
    return ibis.array(told)


def _hit(target: ir.Table, blocker: Blocker, cause: str, source: str, now: Moment) -> ir.BooleanValue:
    text = _text(target, blocker.field)
    hit = {
        "true": ~text.isin(("", "false")),
        "set": text != "",
        "not_true": text != "true",
    }[blocker.when]
    if blocker.hours_from:
        hit &= (_until(target, blocker) > now).fill_null(True)
    if cause:
        hit &= ~(_text(target, cause).re_search(OURS) & _text(target, cause).endswith(f" on {source}"))
    return hit


def _until(target: ir.Table, blocker: Blocker) -> ir.TimestampValue:
    if not blocker.hours_from:
        return ibis.null(INSTANT)
    since = _text(target, blocker.hours_from).try_cast(INSTANT)
    return since + ibis.interval(seconds=int(SUSPENSION.total_seconds()))


@once
def closed(target: ir.Table, denying: Mapping[str, str], cells: Mapping[str, Iterable[str]]) -> ir.Table:
    """(target_key, cell): topics of the source, ``brand|topic``, whose field on a record denies. ``denying`` has the value
    of each field that does, ``cells`` the topics that it stands for.
    """
    none = target.filter(ibis.literal(False)).select(target_key="key", cell=ibis.literal(""))
    said = [
        target.filter(_text(target, field) == value).select(target_key="key", cell=ibis.literal(cell))
        for field, value in sorted(denying.items())
        for cell in sorted(cells[field])
    ]
    return ibis.union(none, *said)


def _text(target: ir.Table, field: str) -> ir.StringValue:
    return target["values"].get(field).fill_null("")


@once
def refused(target: ir.Table, flags: ir.Table, topics: ir.Table) -> ir.Table:
    """REFUSED of every record: its flags, and the topics that all of its fields close.

    ``topics`` has (field, places, brand, topic, asset_class): how many fields a topic has, and each of them.
    """
    everything = ibis.literal("*")
    return ibis.union(_left(target, topics), flags.mutate(brand=everything, topic=everything)[REFUSED])


def _left(target: ir.Table, topics: ir.Table) -> ir.Table:
    spread = target.select("key", "email_strict", "email_loose", said=target["values"]).cross_join(topics)
    shut = spread.filter(spread.said.get(spread.field, "") == "true")
    scope = ("brand", "topic", "asset_class")
    every = shut.group_by("key", "email_strict", "email_loose", "places", *scope).agg(
        field=shut.field.min(), n=shut.field.nunique()
    )
    every = every.filter(every.n == every.places)
    told = {"kind": ibis.literal("topic_opt_out"), "holder": ibis.literal("person"), "raw": ibis.literal("true")}
    where = {"target_key": every.key, "until": ibis.null(INSTANT), "field": every.field}
    return every.select(**told, **where, **{name: every[name] for name in scope}, address_strict="email_strict", address_loose="email_loose")[REFUSED]  # fmt: skip


ANYTHING = "*"
"""What ``echoes`` have where a person is denied as a whole."""


@once
def echoes(linked: ir.Table, known: ir.Table, said: ir.Table) -> ir.Table:
    """(target_key, word): what the source says of the people of records that an earlier run wrote to. What stands there and says
    the same may be what that run wrote: it is no fact of the target. ``said`` has (winner, wide, topics).
    """
    mine = linked.semi_join(known, "target_key").join(said, "winner")
    kinds, cells = (mine.select("target_key", word=mine[name].unnest()) for name in ("wide", "topics"))
    whole = mine.filter(mine.wide.length() > 0).select("target_key", word=ibis.literal(ANYTHING))
    return ibis.union(kinds, cells, whole, distinct=True)


@once
def without_echoes(refused: ir.Table, echoes: ir.Table) -> ir.Table:
    """REFUSED of the target's own."""
    cells = (
        refused.brand + "|" + refused.topic,
        refused.brand + "|*",
        ibis.literal("*|") + refused.topic,
        ibis.literal(ANYTHING),
    )
    words = {f"word{n}": (refused.topic == "*").ifelse(refused.kind, cell) for n, cell in enumerate(cells)}
    left = refused.mutate(**words)
    for name in words:
        left = left.anti_join(echoes, ["target_key", (name, "word")])
    return left.drop(*words)


@once
def said_beside(bearing: ir.Table, target: ir.Table, links: ir.Table, refused: ir.Table) -> ir.Table:
    """(target_key, winner, kind, cell) for ``bearing``: what another record of the same person says, and another record of
    the same address. ``links`` has (winner, target_key), ``cell`` is empty for what closes everything.
    """
    cell = (refused.topic == "*").ifelse("", refused.brand + "|" + refused.topic)
    told = refused.select("holder", "kind", "address_loose", cell=cell, other="target_key")
    of_person = told.filter(told.holder == "person").drop("holder", "address_loose")
    mine = links.select("winner", other="target_key").join(of_person, "other").distinct()
    by_person = bearing.select("target_key", "winner").join(mine, "winner")
    of_address = told.filter((told.holder == "address") & told.address_loose.notnull()).drop("holder")
    there = target.select(target_key="key", address_loose="email_loose")
    by_address = bearing.select("target_key", "winner").join(there, "target_key").join(of_address, "address_loose")
    names = ("target_key", "winner", "kind", "cell", "other")
    every = by_person.select(*names).union(by_address.select(*names), distinct=True)
    return every.filter(every.other != every.target_key).drop("other").distinct()


@once
def with_beside(bearing: ir.Table, more: ir.Table) -> ir.Table:
    """``bearing`` with ``more`` (``said_beside``): ``wide`` and ``topics`` only grow."""
    joined = bearing
    for column, said in (
        ("wide", more.filter(more.cell == "").select("target_key", "winner", text="kind")),
        ("topics", more.filter(more.cell != "").select("target_key", "winner", text="cell")),
    ):
        grown = said.group_by("target_key", "winner").agg(more=said.text.collect(distinct=True))
        joined = joined.left_join(grown, ["target_key", "winner"]).drop("target_key_right", "winner_right")
        none = ibis.literal([], type="array<string>")
        every = ibis.coalesce(joined[column], none).concat(ibis.coalesce(joined.more, none)).sort()
        joined = joined.mutate(**{column: every}).drop("more")
    return joined


@once
def at_address(matched: ir.Table, target: ir.Table) -> ir.Table:
    """(winner, target_key): every record with the address at which a person is written."""
    written = matched.filter(matched.parked == "")
    at = written.select(winner="key", at=ibis.coalesce(written.target_loose, written.email_loose))
    there = target.filter(target.email_loose.notnull()).select("email_loose", target_key="key")
    return at.join(there, [("at", "email_loose")]).select("winner", "target_key")


@once
def elsewhere(links: ir.Table, matched: ir.Table) -> ir.Table:
    """(winner, target_key) of ``links`` that are not the record which the person is written to."""
    written = matched.filter(matched.parked == "").select("target_key", winner="key")
    return links.anti_join(written, ["winner", "target_key"])


@once
def with_standing(matched: ir.Table, links: ir.Table, denied: ir.Table, closed: ir.Table) -> ir.Table:
    """``matched`` with what other records of a person say: ``wide`` and ``topics`` only grow."""
    other = elsewhere(links, matched)
    joined = matched
    for column, said in (("wide", denied.rename(text="kind")), ("topics", closed.rename(text="cell"))):
        known = matched.filter(matched[column].length() > 0).select(winner="key", text=matched[column].unnest())
        fresh = other.join(said, "target_key").select("winner", "text").distinct().anti_join(known, ["winner", "text"])
        more = fresh.group_by("winner").agg(more=fresh.text.collect())
        joined = joined.left_join(more, joined.key == more.winner).drop("winner_right")
        grown = joined[column].concat(ibis.coalesce(joined.more, ibis.literal([], type="array<string>"))).sort()
        joined = joined.mutate(**{column: grown}).drop("more")
    return joined
