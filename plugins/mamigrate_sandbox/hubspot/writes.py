"""Creating, changing and archiving CRM records."""

import hashlib
from collections.abc import Sequence
from typing import Any

from mamigrate_sandbox.hubspot import lifecycle, mirrors, records, ties, triggers, values
from mamigrate_sandbox.hubspot.kinds import CONTACTS, ObjectType, resolve
from mamigrate_sandbox.hubspot.portal import Portal
from mamigrate_sandbox.hubspot.refusals import Refusal, bad_properties, conflict, invalid, unbound
from mamigrate_sandbox.store import Body

_SOURCE = {"sourceType": "INTEGRATION", "sourceId": "1000", "sourceLabel": "mamigrate sandbox app"}
Change = dict[str, str]


def create(portal: Portal, kind: ObjectType, sent: Body) -> Body:
    """A new record from ``{"properties", "associations"?}``. Raises before anything is written."""
    change = check(portal, kind, _properties(sent), None)
    if kind is CONTACTS and not any(change.get(name) for name in ("email", "firstname", "lastname")):
        raise invalid("A contact needs at least one of these properties: email, firstname, lastname")
    _unique(portal, kind, change, own="")
    links = [_link(portal, kind, link) for link in sent.get("associations") or []]
    id, now = str(portal.store.next_id(kind.kind, 101)), portal.stamp()
    record: Body = {"id": id, "properties": {}, "createdAt": now, "updatedAt": now, "archived": False, "history": {}}
    _set(portal, kind, record, _filled(portal, kind, id, change))
    if kind is CONTACTS:
        mirrors.settle(portal.store, record, now)
    store(portal, kind, record, before=None)
    for other, end, types in links:
        ties.tie(portal, kind, id, other, end, types)
    _companies(portal, kind, record, change)
    return portal.store.get(kind.kind, id) or record


def change(portal: Portal, kind: ObjectType, record: Body, properties: Body) -> Change:
    """Write properties into a record; returns what the answer echoes."""
    wanted = check(portal, kind, properties, record)
    _unique(portal, kind, wanted, own=record["id"])
    if kind is CONTACTS and "lifecyclestage" in wanted:
        wanted |= _staged(portal, kind, record, wanted["lifecyclestage"])
    if kind is CONTACTS and "email" in wanted:
        wanted |= {"hs_email_domain": wanted["email"].rpartition("@")[2]}
    before = {**record, "properties": dict(record["properties"])}
    if _set(portal, kind, record, wanted):
        record["updatedAt"] = portal.stamp()
        if kind is CONTACTS and "email" in wanted:
            mirrors.settle(portal.store, record, record["updatedAt"])
        store(portal, kind, record, before=before)
    _companies(portal, kind, record, wanted)
    return {name: wanted[name] for name in properties if name in wanted}


def archive(portal: Portal, kind: ObjectType, id: str) -> None:
    """Into the recycle bin. Nothing happens for a record that is not there."""
    record = records.find(portal, kind, id)
    if record is None:
        return
    before = dict(record)
    record.update(archived=True, archivedAt=portal.stamp())
    portal.store.put(kind.kind, record["id"], record, {})
    for list_id, _ in portal.store.links_back("membership", record["id"]):
        portal.store.unlink("membership", list_id, record["id"])
    portal.lag.changed(kind.kind, record["id"], before, portal.switches.search_lag_s)


def store(portal: Portal, kind: ObjectType, record: Body, *, before: Body | None) -> None:
    """Put a record with its keys; the index follows later, an attached CRM at once."""
    portal.store.put(kind.kind, record["id"], record, keys(portal, kind, record))
    portal.lag.changed(kind.kind, record["id"], before, portal.switches.search_lag_s)
    if kind is not CONTACTS:
        return
    if portal.switches.crm_attached:
        portal.store.add("crm_pushes")
    triggers.written(portal, before, record)


def keys(portal: Portal, kind: ObjectType, record: Body) -> dict[str, list[str]]:
    properties, found = record["properties"], {}
    if kind is CONTACTS:
        more = (properties.get("hs_additional_emails") or "").split(";")
        found["email"] = [each.lower() for each in [properties.get("email") or "", *more] if each]
    if properties.get("domain"):
        found["domain"] = [properties["domain"].lower()]
    for name, definition in records.known(portal, kind, list(properties)).items():
        if definition.get("hasUniqueValue") and name not in found and properties[name]:
            found[name] = [properties[name]]
    return found


# --- checking ---------------------------------------------------------------------------------------------------------


def check(portal: Portal, kind: ObjectType, properties: Body, record: Body | None) -> Change:
    """Values as they will be kept. Raises one 400 that names every bad property."""
    present = record["properties"] if record else {}
    definitions, strict = records.known(portal, kind, list(properties)), records.described(portal, kind)
    good, wrong = {}, []
    for name, value in properties.items():
        try:
            good[name] = _checked(portal, kind, name, values.text_of(value), definitions.get(name), present, strict)
        except values.Wrong as problem:
            wrong.append((name, problem.code, problem.sentence))
    if wrong:
        raise bad_properties(portal.id, wrong)
    if kind.kind == "deals":
        _stage(portal, good, present)
    return good


def _checked(
    portal: Portal, kind: ObjectType, name: str, text: str, definition: Body | None, present: Body, strict: bool
) -> str:
    if definition is None:
        if strict:
            raise values.Wrong("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
        return text
    if definition.get("modificationMetadata", {}).get("readOnlyValue"):
        raise values.Wrong("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    if kind is CONTACTS and name == "email" and text:
        return values.address(text.strip(), unicode=portal.switches.unicode_addresses)
    if definition.get("referencedObjectType") == "OWNER" and text and portal.store.get("owners", text) is None:
        raise values.Wrong("INVALID_OPTION", f"{text} was not one of the allowed options: no such owner")
    return values.settle(definition, text, present.get(name))


def _stage(portal: Portal, good: Change, present: Body) -> None:
    """A deal's stage belongs to its pipeline."""
    pipeline = portal.store.get("pipelines/deals", good.get("pipeline") or present.get("pipeline") or "default")
    stage = good.get("dealstage")
    if not stage or pipeline is None:
        return
    valid = [each["id"] for each in pipeline["stages"] if not each.get("archived")]
    if stage not in valid:
        sentence = f"{stage} is not a valid pipeline stage ID. Valid options are: {', '.join(valid)}"
        raise bad_properties(portal.id, [("dealstage", "INVALID_OPTION", sentence)])


def _unique(portal: Portal, kind: ObjectType, wanted: Change, own: str) -> None:
    """No two records share an address or a unique value."""
    if kind is CONTACTS and wanted.get("email"):
        _free(portal, wanted["email"], own)
    for name, definition in records.known(portal, kind, list(wanted)).items():
        if definition.get("hasUniqueValue") and name != "email" and wanted[name]:
            held = [id for id in portal.store.find(kind.kind, name, wanted[name]) if id != own]
            if held:
                sentence = f"A {kind.singular} with {name} {wanted[name]} already exists. Existing ID: {held[0]}"
                raise bad_properties(portal.id, [(name, "CONFLICTING_UNIQUE_VALUE", sentence)])


def _free(portal: Portal, address: str, own: str) -> None:
    held = [id for id in portal.store.find("contacts", "email", address) if id != own]
    if held:
        raise conflict(f"Contact already exists. Existing ID: {held[0]}", id=[held[0]])
    erased = portal.store.get("erased", hashlib.sha256(address.encode()).hexdigest())
    if erased and portal.switches.erased_address_refused:
        raise bad_properties(portal.id, [("email", "GDPR_BLACKLISTED_EMAIL", f"{address} was deleted for good")])


def _properties(sent: Body) -> Body:
    properties = sent.get("properties")
    if not isinstance(properties, dict):
        raise unbound("Cannot build SimplePublicObjectInput, some of required attributes are not set [properties]")
    return properties


def _link(portal: Portal, kind: ObjectType, link: Body) -> tuple[ObjectType, str, list[Body]]:
    """Where an association of a create leads; the types tell which object type is meant."""
    specs: Sequence[Body] = link.get("types") or []
    end = str(link.get("to", {}).get("id", ""))
    for other in ("contact", "company", "deal", "ticket", "note", "task", "call", "meeting", "email", "communication"):
        try:
            types = ties.asked(portal, kind, resolve(other), specs)
        except Refusal:
            continue
        if types and portal.store.get(resolve(other).kind, end):
            return resolve(other), end, types
    raise invalid(f"Invalid association: {end} with types {[spec.get('associationTypeId') for spec in specs]}")


# --- setting ----------------------------------------------------------------------------------------------------------


def _set(portal: Portal, kind: ObjectType, record: Body, wanted: Change) -> bool:
    """Put values and their history into the record; True when a value changed."""
    switches, changed = portal.switches, False
    kept = switches.history_versions_contacts if kind is CONTACTS else switches.history_versions_others
    for name, value in wanted.items():
        if (record["properties"].get(name) or "") == value:
            continue
        versions = records.history(record, name) if name in record["properties"] else []
        version: dict[str, Any] = {"value": value, "timestamp": portal.stamp(), **_SOURCE}
        record.setdefault("history", {})[name] = [version, *versions][:kept]
        record["properties"].pop(name, None)
        if value:
            record["properties"][name] = value
        changed = True
    return changed


def _filled(portal: Portal, kind: ObjectType, id: str, wanted: Change) -> Change:
    """What HubSpot fills in beside the client's values."""
    source = {"hs_object_source": "INTEGRATION", "hs_object_source_id": "1000", "hs_object_source_label": "INTEGRATION"}
    if kind.kind == "deals":
        return {"pipeline": "default", **source, **wanted}
    if kind is not CONTACTS:
        return {**source, **wanted}
    stage = wanted.get("lifecyclestage") or "lead"
    name = " ".join(part for part in (wanted.get("firstname"), wanted.get("lastname")) if part)
    fill = {
        "hs_all_contact_vids": id,
        "hs_email_domain": wanted.get("email", "").rpartition("@")[2],
        "hs_full_name_or_email": name or wanted.get("email", ""),
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_marketable_status": "true" if portal.switches.create_is_marketing else "false",
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lifecyclestage": stage,
        "num_notes": "0",
    }
    return {**fill, **source, **lifecycle.dates(portal, "", stage), **{n: v for n, v in wanted.items() if v}}


def _staged(portal: Portal, kind: ObjectType, record: Body, wanted: str) -> Change:
    definition = records.known(portal, kind, ["lifecyclestage"])["lifecyclestage"]
    present = record["properties"].get("lifecyclestage") or ""
    stage = lifecycle.moved(portal, definition, present, wanted)
    return {"lifecyclestage": stage, **lifecycle.dates(portal, present, stage)}


def _companies(portal: Portal, kind: ObjectType, record: Body, wanted: Change) -> None:
    """A contact written with a company's id, or (by switch) with an address, is associated."""
    if kind is not CONTACTS:
        return
    companies, id = resolve("companies"), wanted.get("associatedcompanyid")
    if id and portal.store.get("companies", id):
        ties.tie(
            portal,
            kind,
            record["id"],
            companies,
            id,
            [{"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}],
        )
    domain = wanted.get("email", "").rpartition("@")[2]
    if domain and portal.switches.auto_associate_company:
        found = portal.store.find("companies", "domain", domain)
        company = found[0] if found else create(portal, companies, {"properties": {"domain": domain}})["id"]
        ties.tie(portal, kind, record["id"], companies, company)
