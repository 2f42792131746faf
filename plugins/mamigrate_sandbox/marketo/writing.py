"""Writing people: matching by key, validation field by field, consent, the log, and whatever listens.

Facts: Adobe's lead pages and recordings. Order is kept; each record succeeds or is skipped on its own.
"""

from dataclasses import dataclass
from typing import Any

from mamigrate_sandbox.marketo import consent, fields, journal, leads, standard, triggers, values
from mamigrate_sandbox.marketo.envelope import Refused, Skipped
from mamigrate_sandbox.marketo.fields import Field, Fields
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

ACTIONS = ("createOrUpdate", "createOnly", "updateOnly", "createDuplicate")


@dataclass(frozen=True)
class Desk:
    """How one call writes: by which action and key, into which partition, under which source."""

    instance: Instance
    known: Fields
    action: str
    lookup: Field
    partition: int | None = None
    source: str = journal.WEB_SERVICE
    extra: tuple[tuple[str, str], ...] = ()  # further attributes of the New Lead row


def desk(
    instance: Instance,
    action: str = "createOrUpdate",
    lookup: str = "email",
    partition: str | None = None,
    source: str = journal.WEB_SERVICE,
    extra: tuple[tuple[str, str], ...] = (),
) -> Desk:
    """Refused: 1003 for an action or combination there is not, 1006 or 1011 for the lookup field, 1008 for the partition."""
    known = fields.load(instance)
    if action not in ACTIONS:
        raise Refused("1003", f"Invalid action '{action}'")
    if lookup not in known:
        raise Refused("1006", f"Lookup field '{lookup}' not found")
    if not known[lookup].searchable:
        raise Refused("1011", f"Lookup field '{lookup}' is not supported")
    if lookup == "id" and action != "updateOnly" and source == journal.WEB_SERVICE:
        raise Refused("1003", "Lookup field 'id' is supported for updateOnly alone")
    if partition is not None and action not in ("createOnly", "createOrUpdate"):
        raise Refused("1003", f"partitionName is not supported for action '{action}'")
    number = partition_id(instance, partition) if partition is not None else None
    return Desk(instance, known, action, known[lookup], number, source, extra)


def partition_id(instance: Instance, name: str) -> int:
    for body in instance.bodies("partitions"):
        if body["name"].lower() == name.lower():
            return int(body["id"])
    raise Refused("1008", f"Access to partition '{name}' denied")


def write(desk: Desk, record: Body) -> Body:
    """One row of the answer: ``{"id", "status"}``, or ``{"status": "skipped", "reasons"}``."""
    try:
        return _write(desk, record)
    except Skipped as skip:  # whatever can be refused is refused before anything is written
        return {"status": "skipped", "reasons": skip.reasons()}


def _write(desk: Desk, record: Body) -> Body:
    taken = _taken(desk, record)
    key = record.get(desk.lookup.name)
    if desk.action == "createDuplicate":
        return {"id": create(desk, taken), "status": "created"}
    if key is None or key == "":
        raise Skipped("1003", f"Missing value for lookup field '{desk.lookup.name}'")
    matches = leads.find(desk.instance, desk.lookup, key)
    if len(matches) > 1:
        raise Skipped("1007", "Multiple lead match lookup criteria")
    if not matches:
        if desk.action == "updateOnly" or desk.lookup.name == "id":
            raise Skipped("1004", "Lead not found")
        return {"id": create(desk, taken), "status": "created"}
    if desk.action == "createOnly":
        raise Skipped("1005", "Lead already exists")
    change(desk, leads.need(desk.instance, int(matches[0])), taken)
    return {"id": int(matches[0]), "status": "updated"}


def _taken(desk: Desk, record: Body) -> dict[str, Any]:
    """The record's values as they are kept. ``id`` is a key or nothing."""
    taken: dict[str, Any] = {}
    for name, value in record.items():
        field = desk.known.get(name)
        if field is None:
            raise Skipped("1006", f"Field '{name}' not found")
        if name == "id":
            if desk.lookup.name != "id":
                raise Skipped("1003", "Field 'id' is not updateable")
            continue
        if field.read_only:
            if desk.instance.switch("read_only_fields") == "skip":
                raise Skipped("1003", f"Field '{name}' is read-only")
            continue
        taken[name] = values.taken(desk.instance, field, value)
    _check_links(desk.instance, taken)
    return taken


def _check_links(instance: Instance, taken: dict[str, Any]) -> None:
    company, seller = taken.get("externalCompanyId"), taken.get("externalSalesPersonId")
    if company and not instance.store.find("companies", "externalCompanyId", leads.field_key(company)):
        raise Skipped("1003", f"Invalid value for field 'externalCompanyId' and value '{company}'")
    if seller and not instance.store.find("sales-persons", "externalSalesPersonId", leads.field_key(seller)):
        raise Skipped("718", f"externalSalesPersonId '{seller}' not found")
    refuses = instance.crm_attached() and instance.switch("company_fields_with_crm") == "refuse"
    if refuses and any(name in standard.COMPANY_FIELDS for name in taken):
        raise Skipped("1021", "Company update not allowed in sync lead")


def create(desk: Desk, taken: dict[str, Any]) -> int:
    instance, id = desk.instance, desk.instance.store.next_id("leads")
    stamp = instance.stamp()
    lead: Body = {
        "registrationSourceType": desk.source,
        **{name: value for name, value in taken.items() if value is not None},
        "id": id,
        "createdAt": stamp,
        "updatedAt": stamp,
        "originalSourceType": desk.source,
        "isLead": taken.get("isLead", True),
        "isAnonymous": taken.get("isAnonymous", False),
        "personType": taken.get("personType") or "contact",
        "leadPartitionId": desk.partition or taken.get("leadPartitionId") or 1,
        "leadPerson": id,
    }
    consent.at_creation(instance, lead)
    _stamp_suspension({}, lead)
    leads.keep(instance, lead)
    _write_company(instance, lead, taken)
    told = {"Source Type": desk.source, "Created Date": stamp[:10], **dict(desk.extra)}
    journal.log(instance, journal.NEW_LEAD, id, primary_id=id, attributes=told)
    _pushed(instance)
    triggers.fire(instance, triggers.CREATED, id)
    return id


def change(desk: Desk, before: Body, taken: dict[str, Any]) -> None:
    """Write what differs; every difference leaves a Change Data Value row. 1010 for somebody of another partition."""
    instance = desk.instance
    if desk.partition is not None and before.get("leadPartitionId", 1) != desk.partition:
        raise Skipped("1010", "Lead already exists in another partition")
    after = {**before, **taken}
    consent.at_change(instance, before, after, sent="unsubscribed" in taken)
    _stamp_suspension(before, after)
    _write_company(instance, after, taken)
    names = [name for name in after if name in desk.known and differs(before.get(name), after[name])]
    if not names:
        return
    after["updatedAt"] = instance.stamp()
    leads.keep(instance, after)
    _pushed(instance)
    for name in names:
        log_change(desk, before["id"], desk.known[name], before.get(name), after[name])


def differs(old: object, new: object) -> bool:
    return old != new and not (old is None and new is False) and not (old is False and new is None)


def log_change(desk: Desk, lead: int, field: Field, old: object, new: object) -> None:
    why = desk.source
    if field.name == "unsubscribed":
        why = f"{desk.source}: {consent.reason(bool(new))}"
    told = {"New Value": as_text(new), "Old Value": as_text(old), "Reason": why, "Source": desk.source}
    journal.log(desk.instance, journal.CHANGE_VALUE, lead, field.label, field.id, told)
    triggers.fire(
        desk.instance,
        triggers.VALUE_CHANGED,
        lead,
        {"subject": {field.label, field.name}, "new value": {as_text(new) or ""}},
    )


def as_text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pushed(instance: Instance) -> None:
    if instance.crm_syncs():
        instance.store.add("crm_pushes")


def _stamp_suspension(before: Body, after: Body) -> None:
    """A suspension counts for 24 hours from its moment; the flag stays."""
    if after.get("emailSuspended") and not before.get("emailSuspended") and not after.get("emailSuspendedAt"):
        after["emailSuspendedAt"] = after["updatedAt"]


def _write_company(instance: Instance, lead: Body, taken: dict[str, Any]) -> None:
    """Company fields of somebody who belongs to a company change it for every colleague."""
    sent = {name: value for name, value in taken.items() if name in standard.COMPANY_FIELDS}
    company = leads.company_of(instance, lead) if sent else None
    if company is not None:
        body = {
            name: value
            for name, value in {**company, **sent, "updatedAt": instance.stamp()}.items()
            if value is not None
        }
        keys: dict[str, str | list[str]] = {
            name: leads.field_key(body[name]) for name in ("externalCompanyId", "company") if name in body
        }
        instance.store.put("companies", str(body["id"]), body, keys)
