"""Who belongs on a dynamic list: the filters that can be decided from records alone are run, at creation and on change."""

from mamigrate_sandbox.hubspot import grammar, records
from mamigrate_sandbox.hubspot.kinds import resolve
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.store import Body


def evaluate(portal: Portal, row: Body) -> None:
    """Replace the members by those whom the filters find. Filters that nothing here can decide find nobody."""
    kind, now = resolve(row["objectTypeId"]), portal.stamp()
    test = grammar.test(portal, kind, row["filterBranch"])
    present = {record for record, _ in portal.store.links("membership", row["listId"])}
    wanted = {r["id"] for r in records.walk(portal, kind, -1, archived=False) if test(r)} if test else set()
    for record in wanted - present:
        portal.store.link("membership", row["listId"], record, {"at": now})
    for record in present - wanted:
        portal.store.unlink("membership", row["listId"], record)
    counted(portal, row)


def counted(portal: Portal, row: Body) -> None:
    """Keep the list's size."""
    held = portal.store.get("lists", row["listId"]) or row
    size = len(portal.store.links("membership", row["listId"]))
    portal.store.put("lists", row["listId"], held | {"size": size})
