"""The plan of a few people out of the plan of all: the same tables, planner and streams, with nobody else in them."""

from dataclasses import dataclass, replace

import ibis.expr.types as ir

from mamigrate.plan import joined
from mamigrate.stages.people import PeoplePlan


@dataclass(frozen=True, slots=True)
class Few:
    """``keys`` are source records, ``winners`` those of them that become target people, ``addresses`` loose forms."""

    keys: tuple[str, ...]
    winners: tuple[str, ...]
    addresses: tuple[str, ...]


def narrowed(plan: PeoplePlan, few: Few, on_target: ir.Table) -> PeoplePlan:
    """``on_target`` holds the target's people as they were looked up for the plan."""
    engine, people = plan.move.engine, plan.people
    matched = engine.keep(_of(plan.matched, "key", few.winners))
    clusters = engine.keep(_of(plan.clusters, "winner", few.winners))
    merged = clusters.filter(clusters.person_key != clusters.winner)
    return replace(
        plan,
        people=_of(people, "key", few.keys),
        matched=matched,
        clusters=clusters,
        held=_of(plan.held, "address_loose", few.addresses),
        holds=_of(plan.holds, "person_key", few.keys),
        aliases=_of(plan.aliases, "person_key", few.keys),
        departed=_of(plan.departed, "key", few.keys),
        bearing=_of(plan.bearing, "winner", few.winners),
        stranded=_of(plan.stranded, "key", few.winners),
        lifted=_of(plan.lifted, "winner", few.winners),
        rows=engine.in_order([joined.whole(people, matched)], "key"),
        older=engine.in_order([joined.older(people, merged)], "key", "rank"),
        standing=engine.in_order([joined.standing(matched, on_target)], "key"),
    )


def _of(table: ir.Table, column: str, names: tuple[str, ...]) -> ir.Table:
    return table.filter(table[column].isin(list(names)))
