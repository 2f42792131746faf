"""The fields of an object type, as the instance has them now."""

from dataclasses import dataclass

from mamigrate_sandbox.marketo import standard
from mamigrate_sandbox.marketo.envelope import Refused
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

_SEARCHABLE_TYPES = {"string", "email", "integer", "score"}


@dataclass(frozen=True)
class Field:
    id: int
    name: str
    label: str
    type: str
    length: int | None
    read_only: bool
    custom: bool
    hidden: bool
    api_created: bool
    crm_managed: bool
    searchable: bool
    description: str | None
    html_encoding: bool
    sensitive: bool


Fields = dict[str, Field]


def load(instance: Instance, object: str = "lead") -> Fields:
    """By REST name. Remembered until a field is added or changed, or the CRM link changes."""
    attached = object == "lead" and instance.crm_attached()
    managed = instance.switch("crm_managed_fields") if attached else None
    mark = (instance.store.count(f"fields/{object}"), attached, tuple(managed) if managed is not None else None)
    kept = instance.remembered.get(f"fields/{object}")
    if kept is not None and kept[0] == mark:
        found: Fields = kept[1]
        return found
    bodies = instance.bodies(f"fields/{object}")
    if attached:
        bodies += standard.documents("crm")
    bodies.sort(key=lambda body: int(body["id"]))
    found = {body["name"]: _field(body, attached, managed) for body in bodies}
    instance.remembered[f"fields/{object}"] = (mark, found)
    return found


def forget(instance: Instance, object: str) -> None:
    instance.remembered.pop(f"fields/{object}", None)


def named(fields: Fields, names: list[str]) -> list[Field]:
    """1006 for a name that there is not."""
    for name in names:
        if name not in fields:
            raise Refused("1006", f"Field '{name}' not found")
    return [fields[name] for name in names]


def _field(body: Body, attached: bool, managed: list[str] | None) -> Field:
    name, custom = body["name"], bool(body.get("isCustom"))
    by_crm = (standard.CRM_MANAGED if managed is None else frozenset(managed)) if attached else frozenset()
    return Field(
        id=int(body["id"]),
        name=name,
        label=body["displayName"],
        type=body["dataType"],
        length=body.get("length"),
        read_only=bool(body.get("readOnly")),
        custom=custom,
        hidden=bool(body.get("isHidden")),
        api_created=bool(body.get("isApiCreated")),
        crm_managed=attached and (name in by_crm or name.startswith("sfdc") or bool(body.get("crmManaged"))),
        searchable=bool(body.get("searchable")) or (custom and body["dataType"] in _SEARCHABLE_TYPES),
        description=body.get("description"),
        html_encoding=bool(body.get("isHtmlEncodingInEmail", body["dataType"] in ("string", "text", "email", "url"))),
        sensitive=bool(body.get("isSensitive", False)),
    )
