"""How the worlds' neutral names are called in HubSpot: ids, properties, stages."""

from datetime import UTC, datetime

from mamigrate_sandbox.estates.world import Asset, Field, Program

PORTAL = 24680135
STANDARD = {
    "given_name": "firstname",
    "family_name": "lastname",
    "company_name": "company",
    "job_title": "jobtitle",
    "phone": "phone",
    "mobile_phone": "mobilephone",
    "fax": "fax",
    "street": "address",
    "city": "city",
    "region": "state",
    "postal_code": "zip",
    "country": "country",
    "website": "website",
    "industry": "industry",
    "employee_count": "numemployees",
    "annual_revenue": "annualrevenue",
    "language": "hs_language",
    "lead_status": "hs_lead_status",
    "note": "message",
    "birthday": "date_of_birth",
    "honorific": "salutation",
    "lead_source": "hs_analytics_source",
    "owner": "hubspot_owner_id",
    "crm_lead_id": "salesforceleadid",
    "crm_contact_id": "salesforcecontactid",
    "email": "email",
    "stage": "lifecyclestage",
    "created": "createdate",
    "rank": "minamo_rank",
    "amount": "amount",
}
# Stages beyond HubSpot's eight have numeric ids (HubSpot docs, "Lifecycle stages").
STAGES = {
    "NEW": "subscriber",
    "MCL": "lead",
    "MEL": "148800001",
    "MQL": "marketingqualifiedlead",
    "SAL": "148800002",
    "SQL": "salesqualifiedlead",
    "CUSTOMER": "customer",
    "RECYCLE": "148800003",
    "TRASH": "148800004",
}
ENUMERATIONS = frozenset(("language", "lead_status", "lead_source", "owner", "employee_count", "stage"))
DELETED_LIST = "9999"


def property_name(key: str) -> str:
    return STANDARD.get(key, key)


def contact_id(number: int) -> str:
    """Three apart: the ids between belong to records that were merged away."""
    return str(1001 + 3 * number)


def company_id(number: int) -> str:
    return str(500_001 + number)


def deal_id(number: int) -> str:
    return str(8_000_001 + number)


def email_id(number: int) -> str:
    return str(50_000 + number)


def campaign_id(number: int) -> str:
    """Of a sent email: what email events name (HubSpot docs, "Email analytics")."""
    return str(70_000 + number)


def guid(what: str, number: int) -> str:
    """An id in the shape of a UUID, the same each time."""
    return f"{sum(what.encode()) % 65536:04x}{number:04x}-5a5a-4c4c-8b8b-{number:012x}"


def program_id(program: Program) -> str:
    return guid("campaign", program.number)


def asset_id(asset: Asset) -> str:
    return (
        guid("form", asset.number)
        if asset.shelf == "form"
        else email_id(asset.number)
        if asset.shelf == "email"
        else str(60_000 + asset.number)
    )


def iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def millis(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def is_enumeration(field: Field | None, key: str) -> bool:
    return key in ENUMERATIONS or (field is not None and field.type in ("choice", "multi"))
