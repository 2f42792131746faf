"""Durable unsubscribe: one status an address for the whole database, kept apart from the records and outliving them.

Facts: Adobe's pages "Durable unsubscribe" and "Understanding unsubscribe". Only ``unsubscribed`` works this way; the other
consent fields belong to the record alone.
"""

from mamigrate_sandbox.marketo import journal, leads
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

KIND = "master-unsubscribed"


def address(lead: Body) -> str | None:
    return leads.field_key(lead["email"]) if lead.get("email") else None


def is_denied(instance: Instance, address: str | None) -> bool:
    return address is not None and instance.store.get(KIND, address) is not None


def at_creation(instance: Instance, lead: Body) -> None:
    """A new record of a denied address is unsubscribed, whatever was sent."""
    key = address(lead)
    if is_denied(instance, key):
        lead["unsubscribed"] = True
    elif lead.get("unsubscribed") and key is not None and instance.switch("create_sets_master"):
        deny(instance, key, lead["id"])


def at_change(instance: Instance, before: Body, after: Body, *, sent: bool) -> None:
    """Settle ``after`` in place. ``sent``: the call named the field ``unsubscribed``."""
    old, new = address(before), address(after)
    was, wants = bool(before.get("unsubscribed")), bool(after.get("unsubscribed"))
    if new != old and new is not None:
        if sent and wants and not was:
            deny(instance, new, after["id"])
        else:
            after["unsubscribed"] = is_denied(instance, new)
    elif new is not None and wants and not was:
        deny(instance, new, after["id"])
    elif new is not None and was and not wants:
        allow(instance, new, after["id"])


def deny(instance: Instance, address: str, cause: int) -> None:
    instance.store.put(KIND, address, {"at": instance.stamp()})
    _spread(instance, address, cause, unsubscribed=True)


def allow(instance: Instance, address: str, cause: int) -> None:
    instance.store.remove(KIND, address)
    _spread(instance, address, cause, unsubscribed=False)


def reason(unsubscribed: bool) -> str:
    """What the log gives as the reason of a change of ``unsubscribed``."""
    return "updateLeadEmailStatus" if unsubscribed else "resetLeadEmailStatus"


def _spread(instance: Instance, address: str, cause: int, *, unsubscribed: bool) -> None:
    """Every other record of the address follows, with its own row in the log."""
    for id in instance.store.find("leads", "email", address):
        lead = leads.get(instance, id)
        if lead is None or lead["id"] == cause or bool(lead.get("unsubscribed")) == unsubscribed:
            continue
        lead |= {"unsubscribed": unsubscribed, "updatedAt": instance.stamp()}
        leads.keep(instance, lead)
        trace = {
            "New Value": _word(unsubscribed),
            "Old Value": _word(not unsubscribed),
            "Reason": f"Changed by {reason(unsubscribed)}",
            "Source": journal.WEB_SERVICE,
        }
        journal.log(instance, journal.CHANGE_VALUE, lead["id"], "Unsubscribed", 79, trace)


def _word(value: bool) -> str:
    return "true" if value else "false"
