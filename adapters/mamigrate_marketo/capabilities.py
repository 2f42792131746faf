"""What Marketo can hold and what this adapter does with it."""

from typing import Any

from mamigrate.capabilities import Capabilities, Capability, Level, Power
from mamigrate.contract import Blocker
from mamigrate.model.kinds import Kind
from mamigrate_marketo.denials import CAUSES, kinds

_FULL, _PARTIAL = Level.FULL, Level.PARTIAL
_READ, _WRITE, _BACK, _DELETE = Power.READ, Power.WRITE, Power.READ_BACK, Power.DELETE
_CHANGES = Power.READ_CHANGES

_LEAD, _ASSET, _COMPANY, _DEAL = "Read-Write Lead", "Read-Only Assets", "Read-Write Company", "Read-Write Opportunity"

ACTIVITY, METADATA = "Read-Write Activity", "Read-Write Activity Metadata"

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
    Capability(Kind.TOPIC, _READ, Level.NO_MEANING, "no subscription types: each is a boolean field of the person"),
    Capability(Kind.CHANNEL, _READ, _FULL, batch=200, scopes=(_ASSET,)),
    Capability(Kind.CHANNEL, _WRITE, Level.NOT_OFFERED, "channels are made in the administration only"),
    Capability(
        Kind.LIST, _READ, _PARTIAL, "the logic of advanced rules is not told by the API", batch=200, scopes=(_ASSET,)
    ),
    Capability(
        Kind.LIST,
        _WRITE,
        _PARTIAL,
        "static lists; smart lists cannot be made or changed by API",
        batch=300,
        scopes=("Read-Write Assets",),
    ),
    Capability(
        Kind.LIST, _BACK, _PARTIAL, "static lists by id or name; no run asks for it yet", batch=200, scopes=(_ASSET,)
    ),
    Capability(Kind.LIST, _DELETE, Level.NOT_WRITTEN, "lists stay, empty, for a person to remove"),
    Capability(Kind.ASSET, _READ, _PARTIAL, "metadata, not content", batch=200, scopes=(_ASSET,)),
    Capability(Kind.ASSET, _WRITE, Level.NOT_WRITTEN, "emails, forms, pages and snippets"),
    Capability(Kind.WORKFLOW, _READ, _PARTIAL, "flow steps cannot be read by API", batch=200, scopes=(_ASSET,)),
    Capability(Kind.WORKFLOW, _WRITE, Level.NOT_OFFERED, "a campaign made by API has neither rules nor flow"),
    Capability(Kind.PROGRAM, _READ, _PARTIAL, "without tags and costs", batch=200, scopes=(_ASSET,)),
    Capability(
        Kind.PROGRAM,
        _WRITE,
        _PARTIAL,
        "with folder, costs, tags and days; type and channel are for ever; neither content nor streams",
        batch=20,
        scopes=("Read-Write Assets",),
    ),
    Capability(Kind.PROGRAM, _BACK, _PARTIAL, "by id, name or our mark, without tags and costs", scopes=(_ASSET,)),
    Capability(
        Kind.PROGRAM, _DELETE, _PARTIAL, "empty ones; what people put in keeps one", scopes=("Read-Write Assets",)
    ),
    Capability(Kind.OWNER, _READ, Level.NOT_OFFERED, "no API lists the owners that people are assigned to"),
    Capability(Kind.LIFECYCLE_MODEL, _READ, Level.NOT_OFFERED, "revenue models show ids on people only"),
    Capability(Kind.RULESET, _READ, Level.NOT_OFFERED, "scoring is smart campaigns, whose steps cannot be read"),
    Capability(Kind.ACCOUNT, _WRITE, _PARTIAL, "refused while a CRM is linked natively", batch=300, scopes=(_COMPANY,)),
    Capability(Kind.ACCOUNT, _BACK, _FULL, batch=300, scopes=("Read-Only Company",)),
    Capability(Kind.ACCOUNT, _READ, Level.NOT_OFFERED, "there is no list of all companies"),
    Capability(Kind.ACCOUNT, _DELETE, Level.NOT_WRITTEN, "companies stay after a rollback"),
    Capability(Kind.PERSON, _WRITE, _FULL, batch=300, scopes=(_LEAD,)),
    Capability(Kind.PERSON, _BACK, _FULL, batch=300, scopes=("Read-Only Lead",)),
    Capability(
        Kind.PERSON, _DELETE, _PARTIAL, "the unsubscribe of an address outlives its people", batch=300, scopes=(_LEAD,)
    ),
    Capability(Kind.PERSON, _READ, Level.NOT_WRITTEN, "bulk export; no REST call lists all people"),
    Capability(Kind.PERSON, _CHANGES, Level.NOT_WRITTEN, "change log of activities"),
    Capability(
        Kind.OPPORTUNITY, _WRITE, _PARTIAL, "refused while a CRM is linked natively", batch=300, scopes=(_DEAL,)
    ),
    Capability(
        Kind.OPPORTUNITY,
        _BACK,
        _PARTIAL,
        "without the roles of people while a CRM is linked",
        batch=300,
        scopes=("Read-Only Opportunity",),
    ),
    Capability(Kind.OPPORTUNITY, _READ, Level.NOT_OFFERED, "there is no list of all opportunities"),
    Capability(Kind.OPPORTUNITY, _DELETE, Level.NOT_WRITTEN, "opportunities stay after a rollback"),
    Capability(Kind.LIST_MEMBERSHIP, _WRITE, _PARTIAL, "static lists; joined when written", batch=300, scopes=(_LEAD,)),
    Capability(Kind.LIST_MEMBERSHIP, _BACK, _PARTIAL, "static lists", batch=300, scopes=("Read-Only Lead",)),
    Capability(Kind.LIST_MEMBERSHIP, _READ, Level.NOT_WRITTEN, "members of lists on the target"),
    Capability(Kind.LIST_MEMBERSHIP, _DELETE, Level.NOT_WRITTEN, "members leave with their people"),
    Capability(
        Kind.CONSENT_FACT,
        _READ,
        Level.NOT_WRITTEN,
        "unsubscribe activities; flags are read with people; no API lists the addresses of deleted people that stay "
        "unsubscribed (whoever is created at one is unsubscribed too), or what a form showed",
    ),
    Capability(
        Kind.CONSENT_FACT,
        _CHANGES,
        _PARTIAL,
        "flags and fields of subscription types; the log keeps changes for 90 days, deleted people for 14",
        batch=300,
        scopes=("Read-Only Activity", "Read-Only Lead"),
    ),
    Capability(
        Kind.PROGRAM_MEMBERSHIP,
        _WRITE,
        _PARTIAL,
        "a status only goes forward; the vendor stamps its own days, the source's stand in two fields of members",
        batch=300,
        scopes=(_LEAD, "Read-Write Schema Custom Field"),
    ),
    Capability(Kind.PROGRAM_MEMBERSHIP, _BACK, _FULL, batch=300, scopes=("Read-Only Lead",)),
    Capability(Kind.PROGRAM_MEMBERSHIP, _READ, Level.NOT_WRITTEN, "members of programs on the target"),
    Capability(Kind.PROGRAM_MEMBERSHIP, _DELETE, Level.NOT_WRITTEN, "members leave with their program or their person"),
    Capability(
        Kind.ACTIVITY,
        _WRITE,
        _PARTIAL,
        "as custom activities of at most ten types; written once, kept for 25 months",
        batch=300,
        scopes=(ACTIVITY, METADATA),
    ),
    Capability(Kind.ACTIVITY, _BACK, _PARTIAL, "custom activities of given people", scopes=("Read-Only Activity",)),
    Capability(Kind.ACTIVITY, Power.DELETE, Level.NOT_OFFERED, "activities cannot be deleted"),
)

CAPABILITIES = Capabilities(_ROWS)


def _told(flag: str, fact: str, **more: Any) -> Blocker:
    """A flag with the field beside it that says why."""
    return Blocker(flag, "true", fact, cause=CAUSES[flag][0], kinds=kinds(flag), **more)


BLOCKERS = (
    _told("unsubscribed", "objection", holders=("person", "address"), durable=True),
    _told("blackListed", "block", asset_class="*"),
    _told("emailInvalid", "undeliverable", holders=("address",)),
    _told("marketingSuspended", "org_hold"),
    Blocker("emailSuspended", "true", "time_hold", hours_from="emailSuspendedAt", holders=("address",)),
)
"""Why Marketo would not send marketing email. (Adobe's product docs, "Understanding unsubscribe" and "Durable
unsubscribe", "Hard and soft bounces in email", "Add person to blocklist") The blocklist stops operational mail too; what is
invalid is the address, and whoever has another one is not."""
