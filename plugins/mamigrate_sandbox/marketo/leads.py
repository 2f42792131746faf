"""Person records in the store: reading, finding, showing, keeping."""

from collections.abc import Sequence
from typing import Any

from mamigrate_sandbox.marketo import fields, standard
from mamigrate_sandbox.marketo.envelope import Refused
from mamigrate_sandbox.marketo.fields import Field, Fields
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

DEFAULT_FIELDS = ["id", "email", "firstName", "lastName", "createdAt", "updatedAt"]


def get(instance: Instance, id: int | str) -> Body | None:
    return instance.store.get("leads", str(id))


def need(instance: Instance, id: int) -> Body:
    lead = get(instance, id)
    if lead is None:
        raise Refused("1004", f"Lead '{id}' not found")
    return lead


def keep(instance: Instance, lead: Body) -> None:
    """Write the record with the keys under which it can be found."""
    lead = {name: value for name, value in lead.items() if value is not None}
    instance.replica.changed(str(lead["id"]), get(instance, lead["id"]))
    instance.store.put("leads", str(lead["id"]), lead, keys_of(fields.load(instance), lead))


def keys_of(known: Fields, lead: Body) -> dict[str, str]:
    """Search keys of a record: every searchable field with a value, as lower-case text."""
    found = {name: field_key(value) for name, value in lead.items() if name in known and known[name].searchable}
    found.pop("id", None)
    return found


def field_key(value: object) -> str:
    return str(value).strip().lower()


def find(instance: Instance, field: Field, value: object) -> list[str]:
    """Ids of the people with this value, whatever its case."""
    if field.name == "id":
        return [str(value)] if get(instance, str(value)) else []
    return instance.store.find("leads", field.name, field_key(value))


def view(instance: Instance, lead: Body, wanted: Sequence[Field]) -> Body:
    """The wanted fields with explicit nulls. Company fields come from the company that the person belongs to."""
    names = [field.name for field in wanted]
    company = company_of(instance, lead) if any(name in standard.COMPANY_FIELDS for name in names) else None
    return {field.name: _shown(lead, company, field) for field in wanted}


def company_of(instance: Instance, lead: Body) -> Body | None:
    key = lead.get("externalCompanyId")
    ids = instance.store.find("companies", "externalCompanyId", field_key(key)) if key else []
    return instance.store.get("companies", ids[0]) if ids else None


def full_name(lead: Body) -> str | None:
    return " ".join(str(lead[part]) for part in ("firstName", "middleName", "lastName") if lead.get(part)) or None


def _shown(lead: Body, company: Body | None, field: Field) -> Any:
    if field.name == "mktoName":
        return full_name(lead)
    held = company if company is not None and field.name in standard.COMPANY_FIELDS else lead
    value = held.get(field.name)
    # A boolean has no null in practice: absent reads as false.
    return False if value is None and field.type == "boolean" else value


def shown_by(instance: Instance, lead: Body, names: list[str]) -> Body:
    """The view by field names, or the default fields when none are named."""
    return view(instance, lead, fields.named(fields.load(instance), ["id", *names] if names else DEFAULT_FIELDS))
