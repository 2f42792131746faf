"""What was said on the target of people whom another record carries now: it goes along with them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

import ibis.expr.types as ir

from mamigrate.consent import cause, standing, verdict
from mamigrate.consent.facts import hits
from mamigrate.contract import ConsentFields
from mamigrate.model.kinds import Kind
from mamigrate.model.population import FactKind
from mamigrate.plan.consent import DENYING, TopicCell
from mamigrate.plan.origins import source_key
from mamigrate.stages.move import Move

CAUSE = "mamigrate"
"""A text that is looked for in what a denial would be written with: where it stands is the field that tells causes."""


def united(
    move: Move,
    cells: Sequence[TopicCell],
    people: ir.Table,
    clusters: ir.Table,
    ids: ir.Table,
    there: ir.Table,
    target: ir.Table,
    matched: ir.Table,
) -> ir.Table:
    """``matched`` with the denials of every record that an earlier run, or its key, says is a person's, and of those at the
    person's address there.

    ``ids`` are the ledger's, ``there`` is the target's index of keys.
    """
    links = move.engine.keep(_links(move.source.name, people, clusters, ids, there))
    causes, closed = dict(_causes(move)), standing.closed(target, dict(_denying(cells)), _topics(cells))
    now = move.target.clock.now().replace(microsecond=0, second=0)  # one expression for all runs of a minute
    every = move.target.adapter.blockers
    of_people, at_address = (
        standing.denied(target, some, causes, move.source.name, now) for some in (standing.of_people(every), every)
    )
    linked = move.engine.keep(standing.with_standing(matched, links, of_people, closed))
    beside = move.engine.keep(standing.at_address(matched, there))
    return standing.with_standing(linked, beside, at_address, closed)


def _links(source: str, people: ir.Table, clusters: ir.Table, ids: ir.Table, there: ir.Table) -> ir.Table:
    """(winner, target_key): by the ledger, or by the key that stands there, whichever of a person's records it names."""
    named = there.filter(there.source_key.startswith(source_key(source, Kind.PERSON, "")))
    said = named.select(person_key=named.source_key.re_extract("([^/]*)$", 1), target_key="key")
    told = ids.select("target_key", person_key="source_key").union(said.select("target_key", "person_key"))
    living = clusters.select("person_key", "winner")
    absorbed = verdict.heirs(people).select(person_key="heir", gone="gone").join(living, "person_key")
    every = living.union(absorbed.select("winner", person_key="gone").select("person_key", "winner"), distinct=True)
    return told.join(every, "person_key").select("winner", "target_key").distinct()


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
