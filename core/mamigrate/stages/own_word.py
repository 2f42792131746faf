"""Whose word a denial is: the source's own, or that of what speaks beside it.

A project's files, declared columns, tombstones and packs of law say what the source does not know when it sends. Nor does it
take a log of its own for a state, or find an address inside another text.
"""

import ibis.expr.types as ir

from mamigrate.consent import declared, inside, mirrors
from mamigrate.stages.people import PeoplePlan

FILED, BURIED = "facts/", "tombstones/"
"""How references to facts from files, and of tombstones, begin."""


def filed(facts: ir.Table) -> ir.BooleanValue:
    return facts.source_ref.startswith(FILED)


def buried(facts: ir.Table) -> ir.BooleanValue:
    return facts.source_ref.startswith(BURIED)


def of_column(facts: ir.Table) -> ir.BooleanValue:
    return facts.key.contains(declared.MARK)


def own(facts: ir.Table) -> ir.BooleanValue:
    """Whether a fact was read from the source, and said by it: not by this project, nor by an earlier one."""
    return ~(filed(facts) | buried(facts) | of_column(facts))


def stated(plan: PeoplePlan) -> ir.Table:
    """The denials that are states of the source. What a log tells may be over: whether somebody is mailed now, states say."""
    source, said = plan.move.source, plan.denials
    return said.filter(own(said) & ~mirrors.unbranded(said, source.adapter.blockers, source.name))


def heeded(plan: PeoplePlan) -> ir.Table:
    """The denials that the source itself heeds when it sends: it finds no address inside a text."""
    return inside.apart(stated(plan))


def records(plan: PeoplePlan) -> ir.Table:
    """(person_key) of records that can be mailed at all: living, with an address, on no list that the source leaves out."""
    people = plan.people.filter(~plan.people.archived & plan.people.email_strict.notnull())
    return people.select(person_key="key").anti_join(plan.holds.select("person_key").distinct(), "person_key")
