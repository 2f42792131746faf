"""What stands against each person as a whole, and whose word it is: the source's own, or that of what speaks beside it."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent import verdict
from mamigrate.stages import own_word
from mamigrate.stages.people import PeoplePlan

THEIRS, MARKED, DECLARED, OTHERS = range(4)
"""Who denies somebody: the source, and who speaks beside it, in the order of the steps."""
LISTED = "list/"
"""How the facts begin that a list of the source makes (``verdict.of_winners``)."""


def of(plan: PeoplePlan) -> ir.Table:
    """(winner, fact, kind, word): what stands against whom as a whole and who says it, without what somebody's return ended."""
    wide = plan.against.filter((plan.against.topic == "*") & (plan.against.brand == "*"))
    said = unlifted(plan, wide.filter(wide.kind.isin(verdict.WIDE))).select("winner", "fact", "kind")
    told = plan.denials.select(fact="key", told=_word(plan.denials)).distinct()
    joined = said.left_join(told, "fact").drop("fact_right")
    listed = joined.fact.startswith(LISTED).ifelse(THEIRS, OTHERS)
    return joined.mutate(word=ibis.coalesce(joined.told, listed)).drop("told")


def _word(facts: ir.Table) -> ir.IntegerValue:
    beside = (
        (own_word.buried(facts), MARKED),
        (own_word.of_column(facts), DECLARED),
        (own_word.filed(facts), OTHERS),
    )
    return ibis.cases(*beside, else_=THEIRS)


def kinds(against: ir.Table) -> ir.Table:
    """(winner, theirs, beside): the kinds by which the source itself denies somebody, null for none; and the first who does beside it."""
    own = against.word == THEIRS
    return against.group_by("winner").agg(
        theirs=against.kind.collect(where=own, distinct=True), beside=against.word.min(where=~own)
    )


def heard(against: ir.Table, kinds: ir.Table) -> ir.Table:
    """What a cause is made of: where the source denies somebody, nothing that others say."""
    theirs = kinds.filter(kinds.theirs.notnull()).select("winner")
    others = against.filter(against.word != THEIRS).anti_join(theirs, "winner")
    return against.filter(against.word == THEIRS).union(others)


def unlifted(plan: PeoplePlan, said: ir.Table) -> ir.Table:
    return said.anti_join(plan.lifted.select("winner", "fact").distinct(), ["winner", "fact"])
