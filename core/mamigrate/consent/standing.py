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
    text = _text(target, blocker.field)
    hit = {
        "true": ~text.isin(("", "false")),
        "set": text != "",
        "not_true": text != "true",
    }[blocker.when]
    if blocker.hours_from:
        until = _text(target, blocker.hours_from).try_cast("timestamp('UTC')") + ibis.interval(
            seconds=int(SUSPENSION.total_seconds())
        )
        hit &= (until > ibis.literal(now)).fill_null(True)
    if cause:
        hit &= ~(_text(target, cause).re_search(OURS) & _text(target, cause).endswith(f" on {source}"))
    return _kinds(target.filter(hit), blocker)


def _kinds(hit: ir.Table, blocker: Blocker) -> ir.Table:
    """As ``cause.told``."""
    why = _text(hit, blocker.cause) if blocker.cause else ibis.literal("")
    others = [(kind, why.re_search(naming(kind))) for kind in blocker.kinds if kind != blocker.fact]
    instead = ibis.or_(ibis.literal(False), *(said for kind, said in others if replaces(kind, blocker.fact)))
    instead &= ~why.re_search(naming(blocker.fact))
    own = hit.filter(~instead).select(target_key="key", kind=ibis.literal(blocker.fact))
    told = [hit.filter(said).select(target_key="key", kind=ibis.literal(kind)) for kind, said in others]
    return ibis.union(own, *told) if told else own


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
