"""What people do while a move is under way: they opt out, on either side, and staff goes on with its work."""

from random import Random

from mamigrate_sandbox.hubspot import consent as hubspot_consent
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.marketo import leads, leaving, writing
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.simulation.vendor import Vendor


def opts_out_at_source(source: Vendor, dice: Random) -> str:
    """Somebody uses the unsubscribe page of the old platform. Returns the address."""
    portal: Portal = source.app.extensions["portal"]
    address = _any(dice, [str(body["properties"].get("email") or "") for _, body in source.store.all("contacts")])
    hubspot_consent.unsubscribe_all(portal, address.lower(), source="Unsubscribe page")
    return address


def opts_out_on_target(target: Vendor, dice: Random) -> list[str]:
    """Somebody uses the unsubscribe page of the new platform. Returns the ids of the records with that address."""
    address = leads.field_key(_any(dice, [str(body.get("email") or "") for _, body in target.store.all("leads")]))
    leaving.leave(target.app, address)
    return target.store.find("leads", "email", address)


def is_blocked_on_target(target: Vendor, dice: Random) -> list[str]:
    """Staff of the new platform puts a record on the blocklist. Returns its id."""
    instance: Instance = target.app.extensions["instance"]
    id, lead = dice.choice(sorted(target.store.all("leads"), key=lambda row: int(row[0])))
    desk = writing.desk(instance, "updateOnly", "id", source="Lead Detail page")
    writing.change(desk, lead, {"blackListed": True})
    return [id]


def is_left_out_at_source(source: Vendor, dice: Random) -> list[str]:
    """Staff of the old platform puts somebody onto a list that an email leaves out. Returns the id of the record."""
    portal: Portal = source.app.extensions["portal"]
    emails = [body for _, body in source.store.all("emails")]
    lists = {str(id) for body in emails for id in (body.get("to") or {}).get("contactIlsLists", {}).get("exclude", ())}
    if not lists:
        return []
    id, _ = dice.choice(sorted(source.store.all("contacts"), key=lambda row: row[0]))
    source.store.link("membership", dice.choice(sorted(lists)), id, {"at": portal.stamp()})
    return [id]


def is_edited_at_source(source: Vendor, dice: Random) -> None:
    """Staff of the old platform corrects somebody's city."""
    portal: Portal = source.app.extensions["portal"]
    id, body = dice.choice(sorted(source.store.all("contacts"), key=lambda row: row[0]))
    portal.lag.changed("contacts", id, dict(body), portal.switches.search_lag_s)
    properties = body["properties"] | {"city": f"City {dice.randrange(1000)}", "lastmodifieddate": portal.stamp()}
    source.store.put("contacts", id, body | {"properties": properties, "updatedAt": portal.stamp()})


def _any(dice: Random, addresses: list[str]) -> str:
    return dice.choice(sorted({address for address in addresses if address.isascii() and address.count("@") == 1}))
