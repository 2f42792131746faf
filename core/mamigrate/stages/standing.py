"""What was said on the target of people whom another record carries now: it goes along with them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import cause, standing, verdict
from mamigrate.consent.facts import hits
from mamigrate.contract import ConsentFields
from mamigrate.model.kinds import Kind
from mamigrate.model.population import FactKind
from mamigrate.plan.consent import DENYING, TopicCell, closable
from mamigrate.plan.origins import source_key
from mamigrate.stages.move import Move

_TOPICS = pa.schema(
    [
        ("field", pa.string()),
        ("places", pa.int64()),
        *((name, pa.string()) for name in ("brand", "topic", "asset_class")),
    ]
)
CAUSE = "mamigrate"
"""A text that is looked for in what a denial would be written with: where it stands is the field that tells causes."""


def links(move: Move, people: ir.Table, clusters: ir.Table, ids: ir.Table, there: ir.Table) -> ir.Table:
    """(winner, target_key): by the ledger, or by the key that stands there, whichever of a person's records it names. ``ids`` are
    the ledger's, ``there`` is the target's index of keys."""
    named = there.filter(there.source_key.startswith(source_key(move.source.name, Kind.PERSON, "")))
    said = named.select(person_key=named.source_key.re_extract("([^/]*)$", 1), target_key="key")
    told = ids.select("target_key", person_key="source_key").union(said.select("target_key", "person_key"))
    living = clusters.select("person_key", "winner")
    absorbed = verdict.heirs(people).select(person_key="heir", gone="gone").join(living, "person_key")
    every = living.union(absorbed.select("winner", person_key="gone").select("person_key", "winner"), distinct=True)
    return move.engine.keep(told.join(every, "person_key").select("winner", "target_key").distinct())


def flags(move: Move, target: ir.Table) -> ir.Table:
    """What the flags of records of the target deny, and was not carried there from this source (``standing.FLAGS``)."""
    held, causes = move.target.adapter.blockers, dict(_causes(move))
    return move.engine.keep(standing.flags(target, held, causes, move.source.name, _now(move)))


def united(
    move: Move,
    cells: Sequence[TopicCell],
    links: ir.Table,
    there: ir.Table,
    target: ir.Table,
    flags: ir.Table,
    matched: ir.Table,
) -> tuple[ir.Table, ir.Table]:
    """``matched`` with the denials of every record that an earlier run, or its key, says is a person's, and of those at the
    person's address there; and (winner, target_key) of those records and of the people's own.

    ``links`` are of ``links``, ``there`` is the target's index of keys.
    """
    closed = move.engine.keep(standing.closed(target, dict(_denying(cells)), _topics(cells)))
    linked = move.engine.keep(standing.with_standing(matched, links, standing.of_people(flags), closed))
    beside = move.engine.keep(standing.at_address(matched, there))
    own = matched.filter(matched.target_key.notnull()).select("target_key", winner="key")
    grown = standing.with_standing(linked, beside, standing.at_addresses(flags), closed)
    return move.engine.keep(grown), move.engine.keep(links.union(own, distinct=True))


def refused(move: Move, cells: Sequence[TopicCell], target: ir.Table, flags: ir.Table, echoes: ir.Table) -> ir.Table:
    """What stands against mail on records of the target, and was not carried there from this source (``standing.REFUSED``)."""
    topics = [
        {"field": field, "places": len(fields), "brand": cell.brand, "topic": cell.key, "asset_class": cell.asset_class}
        for cell, fields in closable(cells).items()
        for field in sorted(fields)
    ]
    told = move.engine.memory(pa.Table.from_pylist(topics, schema=_TOPICS))
    every = move.engine.keep(standing.refused(target, flags, told))
    return move.engine.keep(standing.without_echoes(every, echoes))


def beside(move: Move, bearing: ir.Table, target: ir.Table, links: ir.Table, refused: ir.Table) -> ir.Table:
    """``bearing`` with what other records of the same people, and of the same addresses, say."""
    more = move.engine.keep(standing.said_beside(bearing, target, links, refused))
    return move.engine.keep(standing.with_beside(bearing, more))


def _now(move: Move) -> ir.TimestampScalar:
    """To the minute: a suspension that has just ended still holds."""
    return move.engine.instant(move.target.clock.now().replace(microsecond=0, second=0))


def _causes(move: Move) -> Iterator[tuple[str, str]]:
    """The blocking fields of the target, each with the field that tells why, where it has one."""
    instance = move.target.instance
    if not isinstance(instance, ConsentFields):
        return
    for kind in get_args(FactKind):
        values = instance.denial_values(frozenset({kind}), CAUSE)
        flags = [name for name, value in values.items() if value == "true"]
        told = [name for name, value in values.items() if value != "true" and value.endswith(CAUSE)]
        if len(flags) == len(told) == 1:
            yield flags[0], told[0]


def held_by_us(move: Move, values: dict[str, str]) -> bool:
    """Whether a record that the target does not mail is closed by nothing but what a move from this source wrote."""
    now, causes = move.target.clock.now(), dict(_causes(move))
    shut = [one.field for one in move.target.adapter.blockers if hits(one, values, now)]
    told = [values.get(causes.get(field, ""), "") for field in shut]
    return bool(told) and all(cause.is_ours(text, move.source.name) for text in told)


def cause_fields(move: Move) -> set[str]:
    return {name for _, name in _causes(move)} | {one.cause for one in move.target.adapter.blockers if one.cause}


def _denying(cells: Iterable[TopicCell]) -> Iterator[tuple[str, str]]:
    for cell in cells:
        if cell.rule and cell.rule.target and cell.rule.polarity:
            yield cell.rule.target, DENYING[cell.rule.polarity]


def _topics(cells: Iterable[TopicCell]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        if cell.rule and cell.rule.target:
            found[cell.rule.target].add(f"{cell.brand}|{cell.key}")
    return found
