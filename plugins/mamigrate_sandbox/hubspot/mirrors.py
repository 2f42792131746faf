"""Contact properties that repeat what is known of the address: opt-outs and eligibility. Read-only for clients."""

from mamigrate_sandbox.hubspot import status
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.store import Body, Store


def wanted(store: Store, address: str) -> dict[str, str | None]:
    """The mirror properties of an address; None: not set, because nobody ever decided."""
    wide = status.wide(store, address)
    values: dict[str, str | None] = {"hs_email_optout": "true" if wide else None}
    for id, _ in store.all("definitions"):
        state = status.effective(store, address, id)
        values[f"hs_email_optout_{id}"] = {"UNSUBSCRIBED": "true", "SUBSCRIBED": "false"}.get(state["status"])
    return values


def settle(store: Store, contact: Body, at: str) -> bool:
    """Bring a contact's mirrors into step with its address; True when one changed. The caller stores the contact."""
    properties, changed = contact["properties"], False
    address = (properties.get("email") or "").lower()
    for name, value in wanted(store, address).items() if address else ():
        before = properties.get(name)
        value = "false" if value is None and before == "true" else value
        if value is not None and value != before:
            properties[name], changed = value, True
            version = {"value": value, "timestamp": at, "sourceType": "EMAIL"}
            contact.setdefault("history", {}).setdefault(name, []).insert(0, version)
    return _eligibility(contact) or changed


def refresh(portal: Portal, address: str) -> None:
    """After a change to an address: every contact whose primary address it is."""
    for id in portal.store.find("contacts", "email", address):
        contact = portal.store.get("contacts", id)
        if contact is None or (contact["properties"].get("email") or "").lower() != address:
            continue
        before = {**contact, "properties": dict(contact["properties"])}
        if settle(portal.store, contact, portal.stamp()):
            contact["updatedAt"] = portal.stamp()
            portal.store.put("contacts", id, contact)
            portal.lag.changed("contacts", id, before, portal.switches.search_lag_s)


def refresh_all(store: Store) -> None:
    """For whoever fills a store: set the mirrors of every contact from ``statuses`` and ``optouts``."""
    touched = {body["subscriberIdString"].lower() for kind in ("statuses", "optouts") for _, body in store.all(kind)}
    with store.transaction():
        for address in touched:
            for id in store.find("contacts", "email", address):
                contact = store.get("contacts", id)
                if contact and settle(store, contact, contact["updatedAt"]):
                    store.put("contacts", id, contact)


def _eligibility(contact: Body) -> bool:
    properties = contact["properties"]
    reasons = ("hs_email_optout", "hs_email_bad_address", "hs_email_quarantined")
    barred = any(properties.get(name) == "true" for name in reasons) or bool(
        properties.get("hs_email_hard_bounce_reason_enum")
    )
    value = "true" if barred else "false" if properties.get("hs_email_is_ineligible") else None
    if value is None or properties.get("hs_email_is_ineligible") == value:
        return False
    properties["hs_email_is_ineligible"] = value
    return True
