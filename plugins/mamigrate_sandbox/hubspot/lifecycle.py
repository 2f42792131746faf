"""Stages that only move forward, and the dates they leave behind (HubSpot docs, "Lifecycle stages")."""

from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.hubspot.refusals import bad_properties
from mamigrate_sandbox.store import Body


def order(definition: Body) -> list[str]:
    """Stage values from first to last."""
    options = sorted(definition["options"], key=lambda option: int(option.get("displayOrder", 0)))
    return [str(option["value"]) for option in options]


def moved(portal: Portal, definition: Body, present: str, wanted: str) -> str:
    """The stage after a write of ``wanted``. Clearing is always possible; a step back is dropped, or refused by switch."""
    stages = order(definition)
    if not present or not wanted or present not in stages or stages.index(wanted) >= stages.index(present):
        return wanted
    if portal.switches.lifecycle_backward_refused:
        sentence = f"{wanted} lies before {present}; lifecycle stages only move forward"
        raise bad_properties(portal.id, [("lifecyclestage", "INVALID_OPTION", sentence)])
    return present


def dates(portal: Portal, present: str, wanted: str) -> dict[str, str]:
    """Date properties that a change of stage stamps with the time of the write."""
    if not wanted or wanted == present:
        return {}
    now = portal.stamp()
    stamps = {f"hs_lifecyclestage_{wanted}_date": now, f"hs_date_entered_{wanted}": now}
    return stamps | ({f"hs_date_exited_{present}": now} if present else {})
