"""People of a world as Marketo's leads: typed values, consent as flags of the record (Adobe's field references)."""

from datetime import UTC, datetime
from typing import Any

from mamigrate_sandbox.estates.world import Estate, Field, Person, Topic

Body = dict[str, Any]
STANDARD = {
    "given_name": "firstName",
    "family_name": "lastName",
    "company_name": "company",
    "job_title": "title",
    "phone": "phone",
    "mobile_phone": "mobilePhone",
    "fax": "fax",
    "street": "address",
    "city": "city",
    "region": "state",
    "postal_code": "postalCode",
    "country": "country",
    "website": "website",
    "industry": "industry",
    "annual_revenue": "annualRevenue",
    "lead_status": "leadStatus",
    "note": "mktoPersonNotes",
    "honorific": "salutation",
    "lead_source": "leadSource",
    "busho": "department",
    "minamo_score": "leadScore",
}
_DROPPED = frozenset(("owner", "birthday", "employee_count", "language"))
# Type -> (dataType, length).
_TYPES: dict[str, tuple[str, int | None]] = {
    "text": ("string", 255),
    "longtext": ("text", None),
    "number": ("float", None),
    "date": ("date", None),
    "datetime": ("datetime", None),
    "choice": ("string", 255),
    "multi": ("string", 255),
    "yesno": ("boolean", None),
}


def lead_id(number: int) -> int:
    return 100_001 + number


def rest_name(key: str) -> str:
    """``stage_moved_on`` becomes ``stageMovedOn``."""
    if key in STANDARD:
        return STANDARD[key]
    head, *rest = key.split("_")
    return head + "".join(word.title() for word in rest)


def topic_field(topic: Topic) -> str:
    """A boolean each topic: true declines (Marketo has no topics of its own)."""
    return "no" + "".join(word.title() for word in topic.key.replace("/", "_").split("_"))


def fields(estate: Estate) -> list[Body]:
    """Custom fields as the schema endpoint lists them; ids go on behind Marketo's own."""
    own = [field for field in estate.fields if not field.standard and field.key not in STANDARD]
    own += [
        Field("crm_lead_id", "CRM Lead Id"),
        Field("crm_contact_id", "CRM Contact Id"),
        Field("stage", "Lifecycle Stage"),
        Field("address_as_typed", "Address as typed", "longtext"),
    ]
    rows = [_field(2_001 + at, rest_name(field.key), field.label, *_TYPES[field.type]) for at, field in enumerate(own)]
    return rows + [
        _field(4_001 + at, topic_field(topic), f"配信停止：{topic.name}", "boolean", None)
        for at, topic in enumerate(estate.topics)
    ]


def _field(id: int, name: str, label: str, kind: str, length: int | None) -> Body:
    body: Body = {
        "id": id,
        "name": name,
        "displayName": label,
        "dataType": kind,
        "readOnly": False,
        "isCustom": True,
        "isHidden": False,
        "isApiCreated": False,
        "crmManaged": False,
        "searchable": kind in ("string", "integer") and name.startswith("crm"),
    }
    return body | ({"length": length} if length else {})


def lead(person: Person, estate: Estate) -> Body:
    """Absent means null. An address that Marketo cannot hold stands in a note field instead."""
    types = {field.key: field.type for field in estate.fields}
    body: Body = {"id": lead_id(person.number)}
    for key, text in person.values.items():
        value = _typed(types.get(key, "text"), text)
        if value is not None and key not in _DROPPED:
            body[rest_name(key)] = value
    if person.address is not None:
        body["email" if holdable(person.address) else "addressAsTyped"] = person.address
    if person.crm is not None:
        body[f"sfdc{person.crm.kind.title()}Id"] = person.crm.id  # shown while a CRM is attached
        if estate.crm:
            body[rest_name(f"crm_{person.crm.kind}_id")] = person.crm.id
    body |= {
        "stage": person.stage,
        "leadPartitionId": 1,
        "isLead": True,
        "isAnonymous": False,
        "mktoIsCustomer": person.stage == "CUSTOMER",
    }
    body |= {
        "originalSourceType": "List import",
        "registrationSourceType": "List import",
        "createdAt": stamp(person.created),
        "updatedAt": stamp(person.modified),
    }
    return body | flags(person, estate)


def flags(person: Person, estate: Estate) -> Body:
    """Consent and deliverability. Holds that are nobody's wish become ``marketingSuspended``."""
    body: Body = {"unsubscribed": False, "emailInvalid": False, "blackListed": False, "marketingSuspended": False}
    if (person.wide is not None and person.wide.brand is None) or person.complaint is not None:
        body |= {"unsubscribed": True, "unsubscribedReason": person.wide.how if person.wide else "Spam complaint"}
    if person.bounce is not None:
        body |= {"emailInvalid": True, "emailInvalidCause": f"550 {person.bounce.reason}"}
    if "kyogo" in person.exclusions:
        body |= {"blackListed": True, "blackListedCause": "competitor"}
    held = (
        "配信対象外"
        if not person.marketing
        else "quarantined"
        if person.quarantined
        else "not engaged"
        if person.ineligible
        else "除外リスト"
        if person.exclusions
        else ""
    )
    if held:
        body |= {"marketingSuspended": True, "marketingSuspendedCause": held}
    topics = {topic.key: topic for topic in estate.topics}
    for choice in person.choices:
        if not choice.wanted:
            body[topic_field(topics[choice.topic])] = True
    if person.wide is not None and person.wide.brand is not None:
        body |= {topic_field(topic): True for topic in estate.topics if topic.brand == person.wide.brand}
    return body


def holdable(address: str) -> bool:
    """Marketo takes ASCII addresses of up to 255 characters."""
    return address.isascii() and len(address) <= 255 and address.count("@") == 1 and " " not in address


def stamp(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _typed(kind: str, text: str) -> object:
    """A JSON value of the field's type; None where the text is no such value."""
    if kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return None
    if kind == "yesno":
        return text == "true"
    if kind == "datetime":
        return text[:19] + "Z"
    return text if kind == "longtext" or len(text.encode()) <= 255 else text.encode()[:255].decode(errors="ignore")
