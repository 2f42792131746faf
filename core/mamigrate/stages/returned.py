"""How many people came back after a no: few are looked at one by one, more of them need a signature."""

import ibis.expr.types as ir

from mamigrate.findings import Severity
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan

DECISION = "lifted-denials/"
"""How ids of decisions begin that take returns for true; how many people at most follows."""
FEW = 10
"""People whose returns nobody has to sign for, whatever their share: each is listed with both proofs."""
SHARE = 0.001
"""Of the people who are denied: so many may have come back before somebody has to sign."""


def tell(plan: PeoplePlan) -> None:
    """A finding where more people came back than anybody expects, unless somebody signed for as many."""
    move, written = plan.move, plan.matched.filter(plan.matched.parked == "").select(winner="key")
    back = _count(move, plan.lifted.semi_join(written, "winner"))
    denied = _count(move, plan.against) if back > FEW else 0
    if back > max(FEW, SHARE * denied) and not _signed(move, back):
        subject, params = f"{move.source.name}/person", {"people": str(back), "denied": str(denied)}
        move.findings.add("denials_lifted_many", Severity.WARN, subject, **params, id=f"{DECISION}{back}")


def undecided(move: Move) -> int:
    """How many people that nobody signed for, where it is too many."""
    return sum(int(found.params["people"]) for found in move.findings if found.code == "denials_lifted_many")


def _count(move: Move, rows: ir.Table) -> int:
    return int(move.engine.one(rows.agg(n=rows.winner.nunique()))["n"])


def _signed(move: Move, back: int) -> bool:
    """Whoever signed for some signed for fewer, too."""
    made = (one for one in move.decisions if one.id.startswith(DECISION) and one.choice == "accept")
    return any(one.id.removeprefix(DECISION).isdecimal() and int(one.id.removeprefix(DECISION)) >= back for one in made)
