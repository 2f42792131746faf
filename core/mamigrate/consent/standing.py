"""Denials that stand on the target and are nobody's of ours: people left there, or somebody there held them.

A record on the target may be that of a person who is written to another one now: merged on the source since, or under
another address. What was said there holds for the person, so it goes along.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from mamigrate.consent.cause import OURS, naming, replaces
from mamigrate.consent.facts import SUSPENSION
from mamigrate.contract import Blocker
from mamigrate.once import once

INSTANT = "timestamp('UTC', 6)"
REFUSED = (
    "target_key", "field", "kind", "holder", "brand", "topic", "asset_class", "until", "address_strict", "address_loose", "raw",
)  # fmt: skip
"""What stands against mail on a record of the target, as a fact tells it."""


def of_people(blockers: Sequence[Blocker]) -> list[Blocker]:
    """Without what is held by an address alone: at another address it is no other record's."""
    return [one for one in blockers if "person" in one.holders]


def denied(
    target: ir.Table, held: Sequence[Blocker], causes: Mapping[str, str], source: str, now: datetime
) -> ir.Table:
    """(target_key, kind): what of ``held`` denies records of the target, and was not carried there from ``source``.

    ``causes`` has the field beside a blocking field that says why.
    """
    none = target.filter(ibis.literal(False)).select(target_key="key", kind=ibis.literal(""))
    return ibis.union(
        none, *(_denied(target, one, causes.get(one.field, ""), source, now) for one in held), distinct=True
    )


def flagged(people: ir.Table, blockers: Sequence[Blocker], now: datetime) -> ir.Table:
    """(target_key, kind): what denies records by any flag of theirs, whoever raised it."""
    none = people.filter(ibis.literal(False)).select(target_key="key", kind=ibis.literal(""))
    return ibis.union(none, *(_denied(people, one, "", "", now) for one in blockers), distinct=True)


def _denied(target: ir.Table, blocker: Blocker, cause: str, source: str, now: datetime) -> ir.Table:
    return _kinds(target.filter(_hit(target, blocker, cause, source, now)), blocker)


def _kinds(hit: ir.Table, blocker: Blocker) -> ir.Table:
    """As ``cause.told``."""
    why = _text(hit, blocker.cause) if blocker.cause else ibis.literal("")
    others = [(kind, why.re_search(naming(kind))) for kind in blocker.kinds if kind != blocker.fact]
    instead = ibis.or_(ibis.literal(False), *(said for kind, said in others if replaces(kind, blocker.fact)))
    instead &= ~why.re_search(naming(blocker.fact))
    own = hit.filter(~instead).select(target_key="key", kind=ibis.literal(blocker.fact))
    told = [hit.filter(said).select(target_key="key", kind=ibis.literal(kind)) for kind, said in others]
    return ibis.union(own, *told) if told else own


def _hit(target: ir.Table, blocker: Blocker, cause: str, source: str, now: datetime) -> ir.BooleanValue:
    text = _text(target, blocker.field)
    hit = {
        "true": ~text.isin(("", "false")),
        "set": text != "",
        "not_true": text != "true",
    }[blocker.when]
    if blocker.hours_from:
        hit &= (_until(target, blocker) > ibis.literal(now)).fill_null(True)
    if cause:
        hit &= ~(_text(target, cause).re_search(OURS) & _text(target, cause).endswith(f" on {source}"))
    return hit


def _until(target: ir.Table, blocker: Blocker) -> ir.TimestampValue:
    if not blocker.hours_from:
        return ibis.null(INSTANT)
    since = _text(target, blocker.hours_from).try_cast(INSTANT)
    return since + ibis.interval(seconds=int(SUSPENSION.total_seconds()))


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
def refused(
    target: ir.Table,
    held: Sequence[Blocker],
    causes: Mapping[str, str],
    topics: ir.Table,
    source: str,
    now: datetime,
) -> ir.Table:
    """REFUSED of every record: its flags by each of their holders, and the topics that all of its fields close.

    ``topics`` has (field, places, brand, topic, asset_class): how many fields a topic has, and each of them.
    """
    flags = [
        _flag(target, one, holder, causes.get(one.field, ""), source, now) for one in held for holder in one.holders
    ]
    return ibis.union(_left(target, topics), *flags)


def _flag(target: ir.Table, one: Blocker, holder: str, cause: str, source: str, now: datetime) -> ir.Table:
    hit = target.filter(_hit(target, one, cause, source, now))
    told = {"field": one.field, "holder": holder, "brand": "*", "topic": "*", "asset_class": one.asset_class}
    columns: dict[str, ir.Value] = {name: ibis.literal(text) for name, text in told.items()}
    columns |= {"target_key": hit.key, "until": _until(hit, one).cast(INSTANT), "raw": _text(hit, one.field)}
    rows = hit.select(**columns, address_strict="email_strict", address_loose="email_loose")
    return rows.join(_kinds(hit, one), "target_key")[REFUSED]


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


def echoes(linked: ir.Table, known: ir.Table, said: ir.Table) -> ir.Table:
    """(target_key, word): what the source says of the people of records that an earlier run wrote to. What stands there and says
    the same may be what that run wrote: it is no fact of the target. ``said`` has (winner, wide, topics).
    """
    mine = linked.semi_join(known, "target_key").join(said, "winner")
    kinds, cells = (mine.select("target_key", word=mine[name].unnest()) for name in ("wide", "topics"))
    whole = mine.filter(mine.wide.length() > 0).select("target_key", word=ibis.literal(ANYTHING))
    return ibis.union(kinds, cells, whole, distinct=True)


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


def at_address(matched: ir.Table, target: ir.Table) -> ir.Table:
    """(winner, target_key): every record with the address at which a person is written."""
    written = matched.filter(matched.parked == "")
    at = written.select(winner="key", at=ibis.coalesce(written.target_loose, written.email_loose))
    there = target.filter(target.email_loose.notnull()).select("email_loose", target_key="key")
    return at.join(there, [("at", "email_loose")]).select("winner", "target_key")


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
