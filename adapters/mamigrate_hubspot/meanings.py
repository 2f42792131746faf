"""Which HubSpot properties have which neutral meaning (HubSpot's default property names)."""

from mamigrate.model.kinds import Kind

OBJECTS = {Kind.PERSON: "contacts", Kind.ACCOUNT: "companies", Kind.OPPORTUNITY: "deals"}
KEY_FIELDS = {Kind.PERSON: "mm_source_key", Kind.ACCOUNT: "mm_source_key", Kind.OPPORTUNITY: "mm_source_key"}
HOLDERS = {name: kind for kind, name in OBJECTS.items()}

MEANINGS: dict[Kind, dict[str, str]] = {
    Kind.PERSON: {
        "email": "email",
        "firstname": "given_name",
        "lastname": "family_name",
        "salutation": "honorific",
        "jobtitle": "job_title",
        "company": "company_name",
        "phone": "phone",
        "mobilephone": "mobile_phone",
        "fax": "fax",
        "address": "street",
        "city": "city",
        "state": "region",
        "zip": "postal_code",
        "country": "country",
        "website": "website",
        "industry": "industry",
        "annualrevenue": "annual_revenue",
        "numemployees": "employee_count",
        "date_of_birth": "birthday",
        "hs_language": "language",
        "hs_lead_status": "lead_status",
        "lifecyclestage": "lifecycle_stage",
        "hubspotscore": "lead_score",
        "hs_analytics_source": "lead_source",
        "message": "note",
        "salesforcecontactid": "crm_contact_id",
        "salesforceleadid": "crm_lead_id",
    },
    Kind.ACCOUNT: {
        "name": "account_name",
        "domain": "domain",
        "phone": "phone",
        "address": "street",
        "city": "city",
        "state": "region",
        "zip": "postal_code",
        "country": "country",
        "website": "website",
        "industry": "industry",
        "annualrevenue": "annual_revenue",
        "numberofemployees": "employee_count",
    },
    Kind.OPPORTUNITY: {
        "dealname": "opportunity_name",
        "amount": "amount",
        "closedate": "close_date",
        "dealstage": "opportunity_stage",
        "dealtype": "opportunity_type",
        "description": "description",
    },
}

LIKELY: dict[str, str] = {
    "first_name_kana": "given_name_kana",
    "firstname_kana": "given_name_kana",
    "given_name_kana": "given_name_kana",
    "last_name_kana": "family_name_kana",
    "lastname_kana": "family_name_kana",
    "family_name_kana": "family_name_kana",
    "department": "department",
}
"""Names that accounts commonly give to custom properties of people."""


def meaning(holder: Kind, name: str) -> str:
    """The neutral meaning of a property, or "" when it has none."""
    known = MEANINGS[holder].get(name)
    return known or (LIKELY.get(name, "") if holder is Kind.PERSON else "")
