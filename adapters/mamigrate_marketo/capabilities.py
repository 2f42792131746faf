"""What Marketo can hold and what this adapter does with it."""

from mamigrate.capabilities import Capabilities, Capability, Level, Power
from mamigrate.contract import Blocker
from mamigrate.model.kinds import Kind

_FULL, _PARTIAL = Level.FULL, Level.PARTIAL
_READ, _WRITE, _BACK, _DELETE = Power.READ, Power.WRITE, Power.READ_BACK, Power.DELETE

_ROWS = (
    Capability(Kind.FIELD, _READ, _FULL, scopes=("Read-Only Lead", "Read-Write Schema Standard Field")),
    Capability(
        Kind.FIELD,
        _WRITE,
        _PARTIAL,
        "custom fields of people only; no text areas; a field can be hidden but never deleted",
        batch=100,
        scopes=("Read-Write Schema Custom Field",),
    ),
    Capability(Kind.FIELD, _DELETE, Level.NOT_OFFERED, "fields cannot be deleted, only hidden"),
    Capability(Kind.ACCOUNT, _WRITE, _FULL, batch=300, scopes=("Read-Write Company",)),
    Capability(Kind.ACCOUNT, _BACK, _FULL, batch=300, scopes=("Read-Only Company",)),
    Capability(Kind.PERSON, _WRITE, _FULL, batch=300, scopes=("Read-Write Lead",)),
    Capability(Kind.PERSON, _BACK, _FULL, batch=300, scopes=("Read-Only Lead",)),
    Capability(Kind.PERSON, _DELETE, _FULL, batch=300, scopes=("Read-Write Lead",)),
    Capability(Kind.PERSON, _READ, Level.NOT_WRITTEN, "bulk export; there is no list of all people in the REST API"),
)

CAPABILITIES = Capabilities(_ROWS)

BLOCKERS = (
    Blocker("unsubscribed", "true", "objection", holders=("person", "address")),
    Blocker("blackListed", "true", "block"),
    Blocker("emailInvalid", "true", "undeliverable", holders=("person", "address")),
    Blocker("marketingSuspended", "true", "org_hold"),
    Blocker("emailSuspended", "true", "time_hold", hours_from="emailSuspendedAt", holders=("address",)),
)
"""Why Marketo would not send marketing email. (Adobe's product docs, "Understanding unsubscribe" and "Durable
unsubscribe", "Hard and soft bounces in email", "Add person to blocklist")"""
