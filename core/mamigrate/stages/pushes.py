"""What the target passes on to a CRM that is linked to it, held against what the plan counts on."""

from typing import Any

from mamigrate.contract import PushMeter
from mamigrate.findings import Severity
from mamigrate.stages.move import Move

PLANNED = 0
"""Records that a plan counts on to reach the CRM: everything lands inert, and nobody writes while the sync runs."""
BEFORE = "crm pushes before"
"""The name of the input that keeps what the target told before a run's first write, for whichever process ends it."""


def begin(move: Move) -> None:
    """Ask the target how many records it has passed on so far, before anything is written."""
    if BEFORE in move.ledger.inputs(move.run_id):
        return
    told = _told(move)
    if told is not None:
        move.ledger.keep_inputs(move.run_id, {BEFORE: str(told)})


def judge(move: Move) -> None:
    """Ask again once everything is written: what the plan does not count on blocks."""
    before, after = move.ledger.inputs(move.run_id).get(BEFORE), _told(move)
    if before is None or after is None:
        return
    move.pushed = after - int(before)
    if move.pushed != PLANNED:
        params = {"planned": str(PLANNED), "actual": str(move.pushed)}
        move.findings.add("crm_pushes_unplanned", Severity.BLOCK, move.target.name, **params)


def as_facts(move: Move) -> dict[str, Any] | None:
    """Planned and actual; ``actual`` is None where the vendor does not tell. None: no CRM is linked to the target."""
    known = move.infos.get(move.target.name)
    linked = known is None or known.crm_linked is not False
    return {"planned": PLANNED, "actual": move.pushed} if linked else None


def _told(move: Move) -> int | None:
    meter = move.target.instance
    return meter.pushes() if isinstance(meter, PushMeter) else None
