"""CRM object types: their names in paths, their ids, what a record shows unasked (HubSpot docs, "Understanding the CRM APIs")."""

from dataclasses import dataclass

from mamigrate_sandbox.hubspot.refusals import invalid


@dataclass(frozen=True)
class ObjectType:
    """``kind`` is the store's; ``searched`` are the properties that a search's free text looks at."""

    kind: str
    singular: str
    type_id: str
    shown: tuple[str, ...]
    searched: tuple[str, ...] = ()

    @property
    def modified(self) -> str:
        """The property that holds the time of the last change."""
        return "lastmodifieddate" if self.kind == "contacts" else "hs_lastmodifieddate"

    @property
    def created(self) -> str:
        return "createdate" if self.kind in ("contacts", "companies", "deals", "tickets") else "hs_createdate"

    @property
    def label(self) -> str:
        return self.singular.upper()


def _plain(kind: str, singular: str, type_id: str) -> ObjectType:
    return ObjectType(kind, singular, type_id, ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"))


CONTACTS = ObjectType(
    "contacts", "contact", "0-1",
    ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    ("firstname", "lastname", "email", "hs_additional_emails", "phone", "mobilephone", "company"),
)  # fmt: skip
COMPANIES = ObjectType(
    "companies", "company", "0-2",
    ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    ("name", "domain", "website", "phone"),
)  # fmt: skip
DEALS = ObjectType(
    "deals", "deal", "0-3",
    ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    ("dealname", "pipeline", "dealstage", "description", "dealtype"),
)  # fmt: skip
TYPES = (
    CONTACTS, COMPANIES, DEALS,
    _plain("tickets", "ticket", "0-5"), _plain("products", "product", "0-7"), _plain("line_items", "line_item", "0-8"),
    _plain("quotes", "quote", "0-14"), _plain("communications", "communication", "0-18"),
    _plain("tasks", "task", "0-27"), _plain("notes", "note", "0-46"), _plain("meetings", "meeting", "0-47"),
    _plain("calls", "call", "0-48"), ObjectType("emails-1to1", "email", "0-49", _plain("", "", "").shown),
    _plain("postal_mail", "postal_mail", "0-116"), _plain("leads", "lead", "0-136"),
)  # fmt: skip

_BY_NAME = {name: t for t in TYPES for name in (t.kind, t.singular, t.type_id)} | {
    "emails": next(t for t in TYPES if t.type_id == "0-49")
}


def resolve(name: str) -> ObjectType:
    """The type behind a path's name or id. Raises 400 for one that does not exist."""
    found = _BY_NAME.get(name.lower())
    if found is None:
        raise invalid(f"Unable to infer object type from: {name}")
    return found
