"""Two records become one; one is deleted for good (HubSpot docs, "Contacts")."""

import hashlib

from mamigrate_sandbox.hubspot import lifecycle, mirrors, records, ties, writes
from mamigrate_sandbox.hubspot.kinds import CONTACTS, TYPES, ObjectType
from mamigrate_sandbox.hubspot.portal import Portal, moment
from mamigrate_sandbox.hubspot.refusals import Refusal, invalid
from mamigrate_sandbox.store import Body

MOST_IDENTITIES = 250
_OWN = {"email", "hs_additional_emails", "hs_merged_object_ids", "hs_calculated_merged_vids", "lifecyclestage"}


def merge(portal: Portal, kind: ObjectType, primary_id: str, other_id: str) -> Body:
    """A record with a new id; both old ids lead to it from now on. Raises 400, 404, or 414 for too many identities."""
    primary, other = records.get(portal, kind, primary_id), records.get(portal, kind, other_id)
    if primary["id"] == other["id"]:
        raise invalid(f"Cannot merge {kind.label} {primary_id} with itself")
    absorbed = _absorbed(primary, other)
    if len(absorbed) > MOST_IDENTITIES:
        raise Refusal(414, "VALIDATION_ERROR", f"Merging would give more than {MOST_IDENTITIES} identities")
    keep = portal.switches.merge_keeps_primary_id
    id = primary["id"] if keep else str(portal.store.next_id(kind.kind, 101))
    merged = _united(portal, kind, primary, other, id, [each for each in absorbed if each != id])
    for old in (primary, other):
        _retire(portal, kind, old, id)
    if kind is CONTACTS:
        mirrors.settle(portal.store, merged, merged["updatedAt"])
    writes.store(portal, kind, merged, before=None)
    return merged


def erase(portal: Portal, ref: str, by: str) -> None:
    """Delete a contact and forget it; its address cannot come back. An unknown address is barred all the same."""
    record = records.find(portal, CONTACTS, ref, by) or (None if by else portal.store.get("contacts", ref))
    if record is not None:
        addresses = writes.keys(portal, CONTACTS, record).get("email", [])
        before = dict(record)
        _cut_loose(portal, CONTACTS, record["id"])
        portal.store.remove("contacts", record["id"])
        portal.lag.changed("contacts", record["id"], before, portal.switches.search_lag_s)
    else:
        addresses = [ref.lower()] if by == "email" else []
    for address in addresses:
        portal.store.put("erased", hashlib.sha256(address.encode()).hexdigest(), {"at": portal.stamp()})


def _absorbed(primary: Body, other: Body) -> list[str]:
    ids = []
    for record in (primary, other):
        ids += [each for each in (record["properties"].get("hs_merged_object_ids") or "").split(";") if each]
        ids.append(record["id"])
    return list(dict.fromkeys(ids))


def _united(portal: Portal, kind: ObjectType, primary: Body, other: Body, id: str, absorbed: list[str]) -> Body:
    now = portal.stamp()
    properties, histories = {}, {}
    for name in dict.fromkeys([*primary["properties"], *other["properties"]]):
        versions = sorted(
            records.history(primary, name) + records.history(other, name),
            key=lambda v: str(v["timestamp"]),
            reverse=True,
        )
        histories[name] = versions
        values = [record["properties"].get(name) for record in (primary, other)]
        newest = versions[0]["value"] if versions else ""
        properties[name] = values[0] if name in _OWN else newest or values[0] or values[1]
    properties["hs_merged_object_ids"] = ";".join(absorbed)
    if kind is CONTACTS:
        properties |= _contact(portal, primary, other, absorbed)
    return {
        "id": id,
        "properties": {name: value for name, value in properties.items() if value},
        "createdAt": min(primary["createdAt"], other["createdAt"]),
        "updatedAt": now,
        "archived": False,
        "history": histories,
    }


def _contact(portal: Portal, primary: Body, other: Body, absorbed: list[str]) -> dict[str, str]:
    """The primary's address stays; the other's go to the additional ones; the furthest stage wins."""
    first, second = primary["properties"], other["properties"]
    own = first.get("email") or second.get("email") or ""
    texts = [
        first.get("hs_additional_emails") or "",
        second.get("email") or "",
        second.get("hs_additional_emails") or "",
    ]
    more = [each for text in texts for each in text.split(";") if each and each != own]
    at = int(moment(portal.stamp()).timestamp() * 1000)
    merged = [text for text in (first.get("hs_calculated_merged_vids") or "").split(";") if text]
    found = {
        "email": own,
        "hs_additional_emails": ";".join(dict.fromkeys(more)),
        "hs_calculated_merged_vids": ";".join([*merged, *(f"{each}:{at}" for each in absorbed)]),
        "hs_all_contact_vids": ";".join(absorbed),
    }
    definition = records.known(portal, CONTACTS, ["lifecyclestage"]).get("lifecyclestage")
    stages = lifecycle.order(definition) if definition else []
    held = [value for value in (first.get("lifecyclestage"), second.get("lifecyclestage")) if value in stages]
    return found | ({"lifecyclestage": max(held, key=stages.index)} if held else {})


def _retire(portal: Portal, kind: ObjectType, old: Body, id: str) -> None:
    """Everything tied to an old record moves to the new one."""
    if old["id"] == id:
        return
    for other in TYPES:
        for end, types in ties.tied(portal, kind, old["id"], other):
            ties.untie(portal, kind, old["id"], other, end)
            ties.tie(portal, kind, id, other, end, types)
    for name in ("membership", "participation", "enrolment"):
        for holder, body in portal.store.links_back(name, old["id"]) if kind is CONTACTS else ():
            portal.store.unlink(name, holder, old["id"])
            portal.store.link(name, holder, id, body)
    portal.store.remove(kind.kind, old["id"])
    portal.store.put(f"redirects/{kind.kind}", old["id"], {"to": id})
    portal.lag.changed(kind.kind, old["id"], dict(old), portal.switches.search_lag_s)


def _cut_loose(portal: Portal, kind: ObjectType, id: str) -> None:
    for other in TYPES:
        for end, _ in ties.tied(portal, kind, id, other):
            ties.untie(portal, kind, id, other, end)
    for name in ("membership", "participation", "enrolment"):
        for holder, _ in portal.store.links_back(name, id):
            portal.store.unlink(name, holder, id)
