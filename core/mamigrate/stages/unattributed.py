"""Denials that reach nobody, because nobody understands whom they name: the consent is not proven until somebody decides."""

import ibis.expr.types as ir

from mamigrate.consent import address
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move
from mamigrate.stages.people import ROWS, PeoplePlan

DECISION = "unattributed-denials"
_FILED = "facts/"
"""How references to facts from files begin; the file and the line follow."""


def tell(plan: PeoplePlan) -> None:
    """A finding for each denial of a text that is no address, and that no record of the source has for one."""
    for batch in plan.move.engine.batches(_doubtful(plan).order_by("source_ref", "text"), ROWS):
        for row in batch:
            if not address.understood(row["text"]) and not (row["person"] and "@" not in (row["text"] or "")):
                subject, source = _place(row["source_ref"])
                plan.move.findings.add(
                    "denial_unattributed", Severity.WARN, subject, source=source, value=row["text"] or "-"
                )


def _place(reference: str) -> tuple[str, str]:
    """The row of a file, or what a vendor told: without the text, which may be personal and is told beside it."""
    origin, what, _, *rest = f"{reference}//".split("/")
    if reference.startswith(_FILED):
        return "/".join(reference.split("/")[:3]), reference
    return f"{origin}/{Kind.CONSENT_FACT}/{what}", "/".join([origin, what, *filter(None, rest)])


def _doubtful(plan: PeoplePlan) -> ir.Table:
    """(source_ref, text, person) of denials held by what is no address; ``person``: the same source names a person too."""
    held = plan.denials.filter((plan.denials.holder == "address") & plan.denials.address_strict.isnull())
    own = plan.people.filter(plan.people.email_loose.notnull()).select(known="email_loose")
    left = held.anti_join(own, held.address_loose == own.known).select("source_ref", text="address_loose").distinct()
    named = plan.denials.filter(plan.denials.holder == "person").select(named="source_ref").distinct()
    return left.left_join(named, left.source_ref == named.named).select(
        "source_ref", "text", person=named.named.notnull()
    )


def undecided(move: Move) -> int:
    """How many of them nobody decided about."""
    if move.decisions.choice(DECISION) == "accept":
        return 0
    return sum(found.code == "denial_unattributed" for found in move.findings)
