"""Which Marketo fields have which neutral meaning (REST names), and the neutral types of Marketo's data types."""

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind

KEY_FIELD = "mmSourceKey"
"""The custom string field of people that carries the source's key; searchable, so that it can be looked up by."""

KEY_FIELDS = {
    Kind.PERSON: KEY_FIELD,
    Kind.ACCOUNT: "externalCompanyId",
    Kind.OPPORTUNITY: "externalOpportunityId",
    Kind.LIST: "name",
    Kind.PROGRAM: "source_key",
}

OBJECTS = {Kind.PERSON: "leads", Kind.ACCOUNT: "companies", Kind.OPPORTUNITY: "opportunities"}

MEANINGS: dict[Kind, dict[str, str]] = {
    Kind.PERSON: {
        "email": "email",
        "firstName": "given_name",
        "lastName": "family_name",
        "salutation": "honorific",
        "title": "job_title",
        "department": "department",
        "company": "company_name",
        "phone": "phone",
        "mobilePhone": "mobile_phone",
        "fax": "fax",
        "address": "street",
        "city": "city",
        "state": "region",
        "postalCode": "postal_code",
        "country": "country",
        "website": "website",
        "industry": "industry",
        "annualRevenue": "annual_revenue",
        "numberOfEmployees": "employee_count",
        "dateOfBirth": "birthday",
        "leadStatus": "lead_status",
        "leadScore": "lead_score",
        "leadSource": "lead_source",
        "acquisitionProgramId": "acquisition_program",
        "mktoAcquisitionDate": "acquired_at",
        "doNotCall": "do_not_call",
        "sfdcContactId": "crm_contact_id",
        "sfdcLeadId": "crm_lead_id",
    },
    Kind.ACCOUNT: {
        "company": "account_name",
        "website": "website",
        "mainPhone": "phone",
        "billingStreet": "street",
        "billingCity": "city",
        "billingState": "region",
        "billingPostalCode": "postal_code",
        "billingCountry": "country",
        "industry": "industry",
        "annualRevenue": "annual_revenue",
        "numberOfEmployees": "employee_count",
    },
    Kind.OPPORTUNITY: {
        "name": "opportunity_name",
        "amount": "amount",
        "closeDate": "close_date",
        "stage": "opportunity_stage",
        "type": "opportunity_type",
        "description": "description",
    },
}

COMPANY_FIELDS = frozenset(
    {
        *("company", "site", "website", "mainPhone", "industry", "sicCode", "annualRevenue", "numberOfEmployees"),
        *("billingStreet", "billingCity", "billingState", "billingPostalCode", "billingCountry", "mktoCompanyNotes"),
    }
)
"""Fields of a person that are the company's: a person who is sent with one writes it for every colleague. (Adobe's developer
docs, "Companies": the fields of its describe)"""

NEUTRAL: dict[str, DataType] = {
    "string": DataType.TEXT,
    "text": DataType.LONG_TEXT,
    "textarea": DataType.LONG_TEXT,
    "email": DataType.EMAIL,
    "phone": DataType.PHONE,
    "url": DataType.URL,
    "integer": DataType.INTEGER,
    "score": DataType.INTEGER,
    "percent": DataType.INTEGER,
    "float": DataType.DECIMAL,
    "currency": DataType.DECIMAL,
    "boolean": DataType.BOOLEAN,
    "date": DataType.DATE,
    "datetime": DataType.DATETIME,
    "reference": DataType.REFERENCE,
    "lead_function": DataType.TEXT,
}
"""By the lower-case ``dataType`` of a describe."""

CREATABLE: dict[DataType, str] = {
    DataType.TEXT: "string",
    DataType.LONG_TEXT: "string",
    DataType.EMAIL: "email",
    DataType.PHONE: "phone",
    DataType.URL: "url",
    DataType.INTEGER: "integer",
    DataType.DECIMAL: "float",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.DATETIME: "datetime",
    DataType.CHOICE: "string",
    DataType.MULTI_CHOICE: "string",
    DataType.REFERENCE: "string",
}
"""What the API creates. It makes no text area: long text gets a string of 255 characters, which the new field's length
then tells to whoever checks values."""


def neutral(data_type: str) -> DataType:
    return NEUTRAL.get(data_type.lower(), DataType.TEXT)
