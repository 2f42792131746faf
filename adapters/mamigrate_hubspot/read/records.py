"""Contacts, companies and deals: the population rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress

from mamigrate.consent.address import keys
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.canonical import FAULTS, parse_datetime, renderer
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.consent import mirrored
from mamigrate_hubspot.read.context import Context, read_json, read_types, unique
from mamigrate_hubspot.wire import Json, associated, rows, text


@dataclass(slots=True)
class _Reading:
    """One page under way: its types, and the problems met."""

    connection: str
    kind: Kind
    context: Context
    types: Mapping[str, DataType]
    problems: list[Finding] = field(default_factory=list)
    _renderers: Mapping[str, Callable[[str], str]] = field(init=False)

    def __post_init__(self) -> None:
        self._renderers = {name: renderer(kind) for name, kind in self.types.items()}

    def values(self, record: Json) -> dict[str, str]:
        """Every property that is not empty, as canonical text. What does not parse stays raw and is reported."""
        # Most of what HubSpot tells is null, so that is dropped first, without a step of Python for each.
        told = record.get("properties") or {}
        found: dict[str, str] = dict(compress(told.items(), told.values()))
        renderers = self._renderers
        for name in [name for name in found if name in renderers]:
            try:
                text = renderers[name](found[name])
            except FAULTS:
                self.bad(record, name, found[name], self.types[name])
                continue
            if text:
                found[name] = text
            else:
                del found[name]
        return found

    def moment(self, record: Json, name: str, fallback: str) -> datetime | None:
        """A record's own date, or the property that says the same."""
        value = text(record, name) or text(record.get("properties") or {}, fallback)
        try:
            return parse_datetime(value) if value else None
        except ValueError:
            self.bad(record, name, value, DataType.DATETIME)
            return None

    def bad(self, record: Json, name: str, value: str, kind: DataType) -> None:
        subject = f"{self.connection}/{self.kind}/{text(record, 'id')}"
        params = {"field": name, "value": value, "type": str(kind)}
        self.problems.append(Finding("bad_value", Severity.WARN, subject, params))


def people(connection: str, data: Json, context: Context) -> Content:
    """People, and the consent facts that their topic mirrors hold."""
    page = _Reading(connection, Kind.PERSON, context, read_types(context))
    companies = read_json(context, "companies")
    found = [_person(page, record, companies) for record in rows(data)]
    facts = list(mirrored(connection, found))
    return Content({Kind.PERSON: found, Kind.CONSENT_FACT: facts}, page.problems)


def _person(page: _Reading, record: Json, companies: Mapping[str, list[str]]) -> NeutralRow:
    values, key = page.values(record), text(record, "id")
    email = values.get("email")
    address = keys(email)
    return {
        "key": key,
        "email": email,
        "email_strict": address.strict,
        "email_loose": address.loose,
        "email_folded": address.folded,
        "other_emails": _split(values.get("hs_additional_emails")),
        "created_at": page.moment(record, "createdAt", "createdate"),
        "updated_at": page.moment(record, "updatedAt", "lastmodifieddate"),
        "archived": bool(record.get("archived")),
        "merged_keys": _merged(values, key),
        # The primary company first: a target that keeps one takes the first.
        "account_keys": unique(
            [values.get("associatedcompanyid", ""), *associated(record, "companies"), *companies.get(key, ())]
        ),
        "owner_key": values.get("hubspot_owner_id"),
        "stage": values.get("lifecyclestage"),
        "values": values,
    }


def accounts(connection: str, data: Json, context: Context) -> Content:
    page = _Reading(connection, Kind.ACCOUNT, context, read_types(context))
    return Content({Kind.ACCOUNT: [_account(page, record) for record in rows(data)]}, page.problems)


def _account(page: _Reading, record: Json) -> NeutralRow:
    values, key = page.values(record), text(record, "id")
    return {
        "key": key,
        "name": values.get("name"),
        "domain": values.get("domain"),
        "created_at": page.moment(record, "createdAt", "createdate"),
        "updated_at": page.moment(record, "updatedAt", "hs_lastmodifieddate"),
        "archived": bool(record.get("archived")),
        "merged_keys": _merged(values, key),
        "owner_key": values.get("hubspot_owner_id"),
        "parent_key": values.get("hs_parent_company_id"),
        "values": values,
    }


def opportunities(connection: str, data: Json, context: Context) -> Content:
    page = _Reading(connection, Kind.OPPORTUNITY, context, read_types(context))
    found = [_opportunity(page, record) for record in rows(data)]
    return Content({Kind.OPPORTUNITY: found}, page.problems)


def _opportunity(page: _Reading, record: Json) -> NeutralRow:
    values, key = page.values(record), text(record, "id")
    companies, contacts = read_json(page.context, "companies"), read_json(page.context, "contacts")
    return {
        "key": key,
        "name": values.get("dealname"),
        "stage": values.get("dealstage"),
        "pipeline": values.get("pipeline"),
        "created_at": page.moment(record, "createdAt", "createdate"),
        "updated_at": page.moment(record, "updatedAt", "hs_lastmodifieddate"),
        "archived": bool(record.get("archived")),
        "owner_key": values.get("hubspot_owner_id"),
        "account_keys": unique([*associated(record, "companies"), *companies.get(key, ())]),
        "person_keys": unique([*associated(record, "contacts"), *contacts.get(key, ())]),
        "values": values,
    }


def _split(value: str | None) -> list[str]:
    return unique(map(str.strip, value.split(";"))) if value else []


def _merged(values: Mapping[str, str], key: str) -> list[str]:
    """Ids that were merged into this record: ``hs_merged_object_ids``, and ``id:milliseconds`` pairs of older merges."""
    merged, pairs = values.get("hs_merged_object_ids"), values.get("hs_calculated_merged_vids")
    if not merged and not pairs:
        return []
    older: Iterable[str] = (pair.partition(":")[0] for pair in _split(pairs))
    return [one for one in unique([*_split(merged), *older]) if one != key]
