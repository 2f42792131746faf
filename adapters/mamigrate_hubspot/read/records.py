"""Contacts, companies and deals: the population rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mamigrate.consent.address import keys
from mamigrate.contract import Content, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.model.canonical import FAULTS, parse_datetime
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.read.context import Context, read_json, read_types, unique
from mamigrate_hubspot.read.mirrors import mirrored, mirrors
from mamigrate_hubspot.read.pages import Record, Renderers, Told
from mamigrate_hubspot.wire import associated


@dataclass(slots=True)
class _Reading:
    """One page under way, and the problems met."""

    connection: str
    kind: Kind
    context: Context
    left: Renderers
    problems: list[Finding] = field(default_factory=list)

    def values(self, record: Record) -> dict[str, str]:
        """Every property that is not empty, as canonical text. What does not parse stays raw and is reported."""
        found, left = record.properties, self.left
        for name in [*filter(left.__contains__, found)]:
            told = found[name]
            try:
                text = left[name](told)
            except FAULTS:
                self.bad(record, name, told, read_types(self.context)[name])
                continue
            if not text:
                del found[name]
            elif text is not told:
                found[name] = text
        return found

    def moment(self, record: Record, name: str, value: str | datetime | None) -> datetime | None:
        """A record's own date: ``value``, which it tells as ``name``."""
        if not value:
            return None
        if isinstance(value, datetime):
            return value if value.tzinfo is UTC else value.astimezone(UTC)
        try:
            return parse_datetime(value)
        except FAULTS:
            self.bad(record, name, str(value), DataType.DATETIME)
            return None

    def bad(self, record: Record, name: str, value: str, kind: DataType) -> None:
        subject = f"{self.connection}/{self.kind}/{record.id}"
        params = {"field": name, "value": value, "type": str(kind)}
        self.problems.append(Finding("bad_value", Severity.WARN, subject, params))


def people(connection: str, told: Told, context: Context) -> Content:
    """People, and the consent facts that their topic mirrors hold."""
    page = _Reading(connection, Kind.PERSON, context, told.left)
    companies = read_json(context, "companies")
    found: list[NeutralRow] = []
    facts: list[NeutralRow] = []
    names = mirrors(told.names)
    for record in told.records:
        person = _person(page, record, companies)
        found.append(person)
        facts.extend(mirrored(connection, person, names))
    return Content({Kind.PERSON: found, Kind.CONSENT_FACT: facts}, page.problems)


def _person(page: _Reading, record: Record, companies: Mapping[str, list[str]]) -> NeutralRow:
    values, key = page.values(record), record.id
    get, email = values.get, values.get("email")
    address = keys(email)
    return {
        "key": key,
        "email": email,
        "email_strict": address.strict,
        "email_loose": address.loose,
        "email_folded": address.folded,
        "other_emails": _split(get("hs_additional_emails")),
        "created_at": page.moment(record, "createdAt", record.created_at or get("createdate")),
        "updated_at": page.moment(record, "updatedAt", record.updated_at or get("lastmodifieddate")),
        "archived": bool(record.archived),
        "merged_keys": _merged(values, key),
        "account_keys": _companies(values, record, companies),
        "owner_key": get("hubspot_owner_id"),
        "stage": get("lifecyclestage"),
        "values": values,
    }


def _companies(values: Mapping[str, str], record: Record, told_apart: Mapping[str, list[str]]) -> list[str]:
    """The primary company first: a target that keeps one takes the first. ``told_apart`` are those of a page by person."""
    primary = values.get("associatedcompanyid", "")
    others = [*associated(record.associations, "companies"), *told_apart.get(record.id, ())]
    return others if others == [primary] else unique([primary, *others])


def accounts(connection: str, told: Told, context: Context) -> Content:
    page = _Reading(connection, Kind.ACCOUNT, context, told.left)
    return Content({Kind.ACCOUNT: [_account(page, record) for record in told.records]}, page.problems)


def _account(page: _Reading, record: Record) -> NeutralRow:
    values, key = page.values(record), record.id
    return {
        "key": key,
        "name": values.get("name"),
        "domain": values.get("domain"),
        "created_at": page.moment(record, "createdAt", record.created_at or values.get("createdate")),
        "updated_at": page.moment(record, "updatedAt", record.updated_at or values.get("hs_lastmodifieddate")),
        "archived": bool(record.archived),
        "merged_keys": _merged(values, key),
        "owner_key": values.get("hubspot_owner_id"),
        "parent_key": values.get("hs_parent_company_id"),
        "values": values,
    }


def opportunities(connection: str, told: Told, context: Context) -> Content:
    page = _Reading(connection, Kind.OPPORTUNITY, context, told.left)
    found = [_opportunity(page, record) for record in told.records]
    return Content({Kind.OPPORTUNITY: found}, page.problems)


def _opportunity(page: _Reading, record: Record) -> NeutralRow:
    values, key = page.values(record), record.id
    companies, contacts = read_json(page.context, "companies"), read_json(page.context, "contacts")
    return {
        "key": key,
        "name": values.get("dealname"),
        "stage": values.get("dealstage"),
        "pipeline": values.get("pipeline"),
        "created_at": page.moment(record, "createdAt", record.created_at or values.get("createdate")),
        "updated_at": page.moment(record, "updatedAt", record.updated_at or values.get("hs_lastmodifieddate")),
        "archived": bool(record.archived),
        "owner_key": values.get("hubspot_owner_id"),
        "account_keys": unique([*associated(record.associations, "companies"), *companies.get(key, ())]),
        "person_keys": unique([*associated(record.associations, "contacts"), *contacts.get(key, ())]),
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
