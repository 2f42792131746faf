"""People, accounts and opportunities as HubSpot's contacts, companies and deals."""

from collections.abc import Iterable
from typing import Any

from mamigrate_sandbox.estates import hubspot_names as names
from mamigrate_sandbox.estates.world import Account, Opportunity, Person
from mamigrate_sandbox.store import Store

Body = dict[str, Any]
_LADDER = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "customer")


def contact(person: Person, mirrors: dict[str, str]) -> Body:
    """The record as the objects API returns it, with the history of its stages."""
    values = {names.property_name(key): value for key, value in person.values.items()}
    values |= mirrors | _system(person)
    body: Body = {
        "id": names.contact_id(person.number),
        "properties": values,
        "createdAt": names.iso(person.created),
        "updatedAt": names.iso(person.modified),
        "archived": person.archived is not None,
        "history": {"lifecyclestage": _history(person)},
    }
    if person.archived is not None:
        body["archivedAt"] = names.iso(person.archived)
    return body


def keys(person: Person) -> dict[str, list[str]]:
    """What the contact is found by. Archived ones are found by nothing."""
    if person.archived is not None or person.address is None:
        return {}
    return {"email": [person.address.lower(), *(address.lower() for address in person.more_addresses)]}


def redirects(person: Person) -> list[str]:
    """Ids of the records that a merge absorbed."""
    return [str(int(names.contact_id(person.number)) + 1 + at) for at in range(len(person.absorbed))]


def company(account: Account) -> Body:
    values = {
        "name": account.name, "domain": account.domain, "createdate": names.iso(account.created), "hs_lastmodifieddate": names.iso(account.created),
        "hs_object_id": names.company_id(account.number), "crm_account_id": account.crm_id, "website": f"https://www.{account.domain}",
    }  # fmt: skip
    values |= {names.property_name(key): value for key, value in account.values.items()}
    stamp = names.iso(account.created)
    return {
        "id": names.company_id(account.number),
        "properties": values,
        "createdAt": stamp,
        "updatedAt": stamp,
        "archived": False,
    }


def deal(opportunity: Opportunity) -> Body:
    values = {
        "dealname": opportunity.name, "amount": str(opportunity.amount), "pipeline": "minamo", "dealstage": f"minamo_{opportunity.stage}",
        "closedate": names.iso(opportunity.closes), "createdate": names.iso(opportunity.created), "hs_lastmodifieddate": names.iso(opportunity.moved),
        "hs_object_id": names.deal_id(opportunity.number), "crm_opportunity_id": opportunity.crm_id,
        f"hs_date_entered_minamo_{opportunity.stage}": names.iso(opportunity.moved),
    }  # fmt: skip
    history = {
        "dealstage": [
            {"value": f"minamo_{opportunity.stage}", "timestamp": names.iso(opportunity.moved), "sourceType": "CRM_UI"}
        ]
    }
    return {
        "id": names.deal_id(opportunity.number),
        "properties": values,
        "createdAt": names.iso(opportunity.created),
        "updatedAt": names.iso(opportunity.moved),
        "archived": False,
        "history": history,
    }


def tie(
    store: Store,
    a_kind: str,
    a: str,
    b_kind: str,
    b: str,
    forth: Iterable[tuple[int, str | None]],
    back: Iterable[tuple[int, str | None]],
) -> None:
    """An association in both directions; ``forth`` and ``back`` are (type id, label)."""
    for one, other, left, right, types in ((a_kind, b_kind, a, b, forth), (b_kind, a_kind, b, a, back)):
        body = {"types": [{"category": "HUBSPOT_DEFINED", "typeId": number, "label": label} for number, label in types]}
        store.link(f"association/{one}/{other}", left, right, body)


def _system(person: Person) -> dict[str, str]:
    id, address = names.contact_id(person.number), (person.address or "").lower()
    values = {
        "hs_object_id": id,
        "createdate": names.iso(person.created),
        "lastmodifieddate": names.iso(person.modified),
        "lifecyclestage": names.STAGES[person.stage],
        "hs_marketable_status": "true" if person.marketing else "false",
        "hs_all_contact_vids": ";".join([id, *redirects(person)]),
        "hs_is_contact": "true",
        "hs_object_source": ("IMPORT", "FORM", "CRM_UI", "INTEGRATION")[person.number % 4],
    }
    if address:
        values |= {"email": address, "hs_email_domain": address.rpartition("@")[2]}
    if person.more_addresses:
        values["hs_additional_emails"] = ";".join(other.lower() for other in person.more_addresses)
    for at, stage in person.moves:
        if names.STAGES[stage] in _LADDER:
            values[f"hs_lifecyclestage_{names.STAGES[stage]}_date"] = names.iso(at)
    return values | _crm(person) | _merged(person) | _trouble(person)


def _crm(person: Person) -> dict[str, str]:
    if person.crm is None:
        return {}
    name = "salesforceleadid" if person.crm.kind == "lead" else "salesforcecontactid"
    return {name: person.crm.id, "salesforcelastsynctime": names.iso(person.modified)}


def _merged(person: Person) -> dict[str, str]:
    if not person.absorbed:
        return {}
    gone = redirects(person)
    return {
        "hs_merged_object_ids": ";".join(gone),
        "hs_calculated_merged_vids": ";".join(f"{id}:{names.millis(person.modified)}" for id in gone),
    }


def _trouble(person: Person) -> dict[str, str]:
    """Why HubSpot itself would not write to the address, apart from opt-outs."""
    values: dict[str, str] = {}
    if person.bounce is not None:
        values |= {
            "hs_email_hard_bounce_reason_enum": person.bounce.reason,
            "hs_email_hard_bounce_reason": person.bounce.reason,
            "hs_email_bounce": "1",
        }
        if person.bounce.reason == "UNKNOWN_USER":
            values["hs_email_bad_address"] = "true"
    if person.quarantined is not None:
        values |= {"hs_email_quarantined": "true", "hs_email_quarantined_reason": person.quarantined}
    if person.ineligible:
        values["hs_email_sends_since_last_engagement"] = "24"
    opted_out = person.address is not None and person.wide is not None and person.wide.brand is None
    if opted_out or person.bounce or person.quarantined or person.ineligible or person.complaint:
        values["hs_email_is_ineligible"] = "true"
    return values


def _history(person: Person) -> list[Body]:
    """Newest first; a clearing stands before each step back, because HubSpot moves forward only."""
    rows: list[Body] = []
    for at, stage in person.moves:
        value = names.STAGES[stage]
        if stage in ("RECYCLE", "MEL") and rows:
            rows.append({"value": "", "timestamp": names.iso(at), "sourceType": "AUTOMATION_PLATFORM"})
        rows.append(
            {"value": value, "timestamp": names.iso(at), "sourceType": "AUTOMATION_PLATFORM" if rows else "IMPORT"}
        )
    return rows[::-1]
