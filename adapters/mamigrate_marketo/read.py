"""Marketo's JSON to neutral rows: pure functions from a landed page to its content."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from mamigrate.consent.address import keys
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Unreadable
from mamigrate.http.shapes import whole
from mamigrate.model.base import Origin
from mamigrate.model.canonical import NotCanonical, canonical, parse_datetime
from mamigrate.model.estate import DataType, Field
from mamigrate.model.kinds import Kind
from mamigrate_marketo.meanings import COMPANY_FIELDS, KEY_FIELD, MEANINGS, neutral
from mamigrate_marketo.wire import Json, id_of, listed, result, text

Context = Mapping[str, str]
TEXT_AREA = 30_000
"""Bytes of a text area, whose describe tells no length. Whether a string's length counts characters or bytes, no page says:
bytes are taken, since what fits in them fits either way."""
_HOLDERS = {"leads": Kind.PERSON, "companies": Kind.ACCOUNT, "opportunities": Kind.OPPORTUNITY}


def fields(connection: str, data: Json, context: Context) -> list[NeutralRow]:
    """Fields of people, companies or opportunities from a describe; what only the schema tells is in the context."""
    described = first(data)
    schema: dict[str, Any] = orjson.loads(context.get("schema") or b"{}")
    unique, rows = set(_dedupe(described)), listed(described, "fields")
    owned = COMPANY_FIELDS if context["object"] == "leads" and linked(rows) else frozenset()
    return [_field(connection, one, schema.get(text(one, "name"), {}), unique, owned, context) for one in rows]


def first(data: Json) -> Json:
    """The one answer of a describe. Raises Unreadable where there is none."""
    found = result(data)
    if not found:
        raise Unreadable("a description of nothing")
    return found[0]


def linked(fields: Iterable[Json]) -> bool:
    """Whether a CRM is linked, by the fields of people: it manages some of them, or brought its own."""
    told = list(fields)
    return managed(told) or any(text(one, "name").startswith("sfdc") for one in told)


def managed(fields: Iterable[Json]) -> bool:
    """Whether a CRM manages some of these fields: it is linked for certain."""
    return any(one.get("crmManaged") for one in fields)


def _dedupe(described: Json) -> Iterable[str]:
    told = described.get("dedupeFields") or ()
    return map(str, told) if isinstance(told, list | tuple) else ()


def _field(
    connection: str, one: Json, schema: Json, unique: set[str], owned: frozenset[str], context: Context
) -> NeutralRow:
    """``owned`` are fields that a linked CRM lets nobody write through a person (1021)."""
    name, holder = id_of(one, "name"), _HOLDERS[context["object"]]
    kind = neutral(text(one, "dataType"))
    length = whole(one, "length") or (TEXT_AREA if kind is DataType.LONG_TEXT else None)
    read_at = context.get("read_at")
    return Field(
        key=f"{holder}/{name}",
        name=text(one, "displayName") or name,
        origin=Origin(
            connection=connection,
            vendor_type="field",
            vendor_id=name,
            read_at=parse_datetime(read_at) if read_at else None,
        ),
        raw={**schema, **one},
        holder=holder,
        api_name=name,
        data_type=kind,
        meaning=MEANINGS[holder].get(name, ""),
        read_only=text(one, "updateable") == "false" or name in owned,
        custom=bool(schema.get("isCustom")),
        hidden=bool(schema.get("isHidden")),
        unique=name in unique,
        crm_managed=bool(one.get("crmManaged")) or name.startswith("sfdc"),
        max_bytes=length,
    ).model_dump()


def people(connection: str, rows: Iterable[Json], types: Mapping[str, DataType]) -> Content:
    """Looked-up people. ``values`` keep ``false``: what a read-back compares is a value, not an absence."""
    problems: list[Finding] = []
    found = [_person(connection, row, types, problems) for row in rows]
    return Content({Kind.PERSON: found}, problems)


def _person(connection: str, row: Json, types: Mapping[str, DataType], problems: list[Finding]) -> NeutralRow:
    key = id_of(row)
    values = _values(f"{connection}/{Kind.PERSON}/{key}", row, types, problems)
    email = values.get("email")
    address = keys(email)
    return {
        "key": key,
        "email": email,
        "email_strict": address.strict,
        "email_loose": address.loose,
        "email_folded": address.folded,
        "other_emails": [],
        "created_at": moment(row, "createdAt"),
        "updated_at": moment(row, "updatedAt"),
        "archived": False,
        "merged_keys": [],
        "account_keys": [values["externalCompanyId"]] if "externalCompanyId" in values else [],
        "owner_key": values.get("externalSalesPersonId"),
        "stage": values.get("leadStatus"),
        "values": values,
    }


def objects(kind: Kind, connection: str, rows: Iterable[Json], types: Mapping[str, DataType]) -> Content:
    """Looked-up companies or opportunities. Their key is the external id, by which everything refers to them."""
    problems: list[Finding] = []
    found = [_object(kind, connection, row, types, problems) for row in rows]
    return Content({kind: found}, problems)


def _object(
    kind: Kind, connection: str, row: Json, types: Mapping[str, DataType], problems: list[Finding]
) -> NeutralRow:
    key = id_of(row, "externalCompanyId" if kind is Kind.ACCOUNT else "externalOpportunityId")
    values = _values(f"{connection}/{kind}/{key}", row, types, problems)
    common = {
        "key": key,
        "created_at": moment(row, "createdAt"),
        "updated_at": moment(row, "updatedAt"),
        "archived": False,
        "owner_key": values.get("externalSalesPersonId"),
        "values": values,
    }
    if kind is Kind.ACCOUNT:
        return {**common, "name": values.get("company"), "domain": None, "merged_keys": [], "parent_key": None}
    return {
        **common,
        "name": values.get("name"),
        "stage": values.get("stage"),
        "pipeline": None,
        "account_keys": [values["externalCompanyId"]] if "externalCompanyId" in values else [],
        "person_keys": [],
    }


def member(list_key: str, person: str) -> NeutralRow:
    """A membership of a static list. When somebody joined, the list does not tell."""
    return {"key": f"{list_key}/{person}", "list_key": list_key, "person_key": person, "joined_at": None}


def _values(subject: str, row: Json, types: Mapping[str, DataType], problems: list[Finding]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in row.items():
        raw = _raw(value)
        if raw == "" or name == "seq":
            continue
        kind = types.get(name, DataType.TEXT)
        try:
            found[name] = canonical(raw, kind)
        except NotCanonical:
            found[name] = raw
            params = {"field": name, "value": raw, "type": str(kind)}
            problems.append(Finding("bad_value", Severity.WARN, subject, params))
    return found


def _raw(value: Any) -> str:
    """A value as text; what is no single value stays as the JSON that it is."""
    if isinstance(value, float):
        return repr(value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else text({"": value}, "")


def moment(row: Json, name: str) -> Any:
    """None where it tells none, or something else."""
    value = text(row, name)
    try:
        return parse_datetime(value) if value else None
    except ValueError:
        return None


ALWAYS = ("id", "email", "createdAt", "updatedAt", KEY_FIELD)
"""Fields that every look-up of people asks for where the instance has them."""
