"""Workflows that are on react to what is written: they enrol people, and their first emails go out.

Counted as ``enrolments`` and ``sends``, so that a load which should be inert can be seen not to be.
"""

from mamigrate_sandbox.hubspot import grammar, records
from mamigrate_sandbox.hubspot.kinds import CONTACTS
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.store import Body

_CHANGED = "4-655002"  # event: a property changed
_SEND = "0-4"


def enabled(portal: Portal, flow: Body) -> None:
    """A flow was switched on: people who already meet its list criteria are enrolled."""
    branch = _criteria(flow, "LIST_BASED").get("listFilterBranch")
    test = grammar.test(portal, CONTACTS, branch) if branch and flow["objectTypeId"] == "0-1" else None
    for contact in records.walk(portal, CONTACTS, -1, archived=False) if test else ():
        if test and test(contact):
            enrol(portal, flow, contact)


def written(portal: Portal, before: Body | None, contact: Body) -> None:
    """A contact was created or changed."""
    for flow in portal.once("watching", lambda: _watching(portal)):
        if _fires(portal, flow, before, contact):
            enrol(portal, flow, contact)


def _watching(portal: Portal) -> list[Body]:
    """Flows that are on and look at contacts."""
    return [
        flow for _, flow in portal.store.all("flows") if flow.get("isEnabled") and flow.get("objectTypeId") == "0-1"
    ]


def enrol(portal: Portal, flow: Body, contact: Body) -> None:
    mapped = portal.store.get("workflow-ids", flow["id"])
    portal.store.link(
        "enrolment", str(mapped["workflowId"]) if mapped else flow["id"], contact["id"], {"at": portal.stamp()}
    )
    portal.store.add("enrolments")
    if mailable(contact):
        portal.store.add("sends", _immediate(flow))


def mailable(contact: Body) -> bool:
    properties = contact["properties"]
    barred = any(properties.get(f"hs_email_{name}") == "true" for name in ("optout", "bad_address", "is_ineligible"))
    return bool(properties.get("email")) and not barred


def _criteria(flow: Body, kind: str) -> Body:
    found: Body = flow.get("enrollmentCriteria") or {}
    return found if found.get("type") == kind else {}


def _fires(portal: Portal, flow: Body, before: Body | None, contact: Body) -> bool:
    branch = _criteria(flow, "LIST_BASED").get("listFilterBranch")
    if branch:
        test = grammar.test(portal, CONTACTS, branch)
        return bool(test) and bool(test and test(contact) and not (before and test(before)))
    for event in _criteria(flow, "EVENT_BASED").get("eventFilterBranches") or []:
        if event.get("eventTypeId") == _CHANGED and _property(event, before, contact):
            return True
    return False


def _property(event: Body, before: Body | None, contact: Body) -> bool:
    """A change of the property named by the filter ``hs_name``, to the value of ``hs_value`` if there is one."""
    wanted = {}
    for row in event.get("filters") or []:
        operation = row.get("operation") or {}
        wanted[row.get("property")] = operation.get("values") or [operation.get("value")]
    for name in wanted.get("hs_name", []):
        old = (before["properties"] if before else {}).get(name) or ""
        new = contact["properties"].get(name) or ""
        if new != old and ("hs_value" not in wanted or new in [str(v) for v in wanted["hs_value"]]):
            return True
    return False


def _immediate(flow: Body) -> int:
    """How many emails the flow sends before its first delay or branch."""
    actions, id, count = {a["actionId"]: a for a in flow["actions"]}, flow.get("startActionId"), 0
    for _ in range(len(actions)):
        action = actions.get(id)
        if action is None or action["type"] != "SINGLE_CONNECTION" or action.get("actionTypeId") in ("0-1", "0-35"):
            break
        count += action.get("actionTypeId") == _SEND
        id = (action.get("connection") or {}).get("nextActionId")
    return count
