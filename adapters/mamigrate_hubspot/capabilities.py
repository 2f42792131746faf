"""What HubSpot can hold and what this adapter does with it."""

from mamigrate.capabilities import Capabilities, Capability, Level, Power
from mamigrate.contract import Blocker
from mamigrate.model.kinds import Kind

_READ, _CHANGES, _BACK = Power.READ, Power.READ_CHANGES, Power.READ_BACK
_FULL, _PARTIAL = Level.FULL, Level.PARTIAL

_SCOPES = {
    Kind.PERSON: ("crm.objects.contacts.read",),
    Kind.ACCOUNT: ("crm.objects.companies.read",),
    Kind.OPPORTUNITY: ("crm.objects.deals.read",),
    Kind.LIST: ("crm.lists.read",),
    Kind.CONSENT_FACT: ("communication_preferences.read",),
}

_ROWS = (
    Capability(
        Kind.FIELD,
        _READ,
        _PARTIAL,
        "neither archived properties nor sensitive ones",
        scopes=("crm.schemas.contacts.read", "crm.schemas.companies.read", "crm.schemas.deals.read"),
    ),
    Capability(Kind.TOPIC, _READ, _FULL, scopes=("communication_preferences.read",)),
    Capability(Kind.OWNER, _READ, _FULL, scopes=("crm.objects.owners.read",)),
    Capability(Kind.LIFECYCLE_MODEL, _READ, _FULL, scopes=("crm.schemas.contacts.read", "crm.schemas.deals.read")),
    Capability(Kind.LIST, _READ, _FULL, batch=100, scopes=_SCOPES[Kind.LIST]),
    Capability(
        Kind.ASSET,
        _READ,
        _PARTIAL,
        "emails, forms, pages and files; no templates or modules",
        scopes=("marketing-email", "content", "forms", "files"),
    ),
    Capability(
        Kind.WORKFLOW, _READ, _PARTIAL, "no API tells who is inside a workflow", batch=100, scopes=("automation",)
    ),
    Capability(
        Kind.PROGRAM,
        _READ,
        _PARTIAL,
        "of a campaign's assets: emails, forms, pages, files, lists, workflows and marketing events; no other type",
        scopes=("marketing.campaigns.read", "crm.objects.marketing_events.read"),
    ),
    Capability(
        Kind.RULESET,
        _READ,
        _PARTIAL,
        "score properties always; definitions of the scoring tool only where the account shows its beta API",
        scopes=("crm.schemas.contacts.read",),
    ),
    Capability(Kind.CHANNEL, _READ, Level.NO_MEANING, "campaigns and marketing events have no status ladders"),
    Capability(Kind.ACCOUNT, _READ, _FULL, batch=100, scopes=_SCOPES[Kind.ACCOUNT]),
    Capability(Kind.PERSON, _READ, _FULL, batch=100, scopes=_SCOPES[Kind.PERSON]),
    Capability(
        Kind.PERSON, _CHANGES, _PARTIAL, "deletions do not show in searches", batch=200, scopes=_SCOPES[Kind.PERSON]
    ),
    Capability(Kind.OPPORTUNITY, _READ, _FULL, batch=100, scopes=_SCOPES[Kind.OPPORTUNITY]),
    Capability(
        Kind.LIST_MEMBERSHIP,
        _READ,
        _PARTIAL,
        "lists of people; lists of companies or deals have no members here",
        batch=250,
        scopes=_SCOPES[Kind.LIST],
    ),
    Capability(
        Kind.CONSENT_FACT,
        _READ,
        _PARTIAL,
        "addresses without a contact only as far as the legacy timeline lists them, and nobody who was deleted for good; "
        "email is the only channel; of what was shown only the explanation of a consent with notice, no form or version",
        batch=100,
        scopes=_SCOPES[Kind.CONSENT_FACT],
    ),
    Capability(
        Kind.CONSENT_FACT,
        _CHANGES,
        _PARTIAL,
        "contacts that were deleted are not told; addresses without a contact only by the legacy timeline",
        batch=200,
        scopes=(*_SCOPES[Kind.CONSENT_FACT], *_SCOPES[Kind.PERSON]),
    ),
    Capability(
        Kind.CONSENT_FACT,
        Power.DENY,
        _PARTIAL,
        "the instant and the source of a denial cannot be written; batches need an Enterprise scope",
        batch=100,
        scopes=("communication_preferences.read_write",),
    ),
    Capability(
        Kind.PROGRAM_MEMBERSHIP,
        _READ,
        _PARTIAL,
        "who took part in marketing events; campaigns have no people of their own",
        batch=100,
        scopes=("crm.objects.marketing_events.read",),
    ),
    Capability(
        Kind.ACTIVITY,
        _READ,
        _PARTIAL,
        "events of marketing emails, engagements, form submissions, changes of stage, status and score; neither page views nor custom events",
        batch=1000,
        scopes=("content", "forms", "sales-email-read"),
    ),
    *(
        Capability(kind, _BACK, _FULL, batch=100, scopes=_SCOPES[kind])
        for kind in (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)
    ),
    *(
        Capability(kind, power, Level.NOT_WRITTEN, "HubSpot is a source only so far")
        for power in (Power.WRITE, Power.DELETE)
        for kind in (Kind.FIELD, Kind.LIST, Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY, Kind.LIST_MEMBERSHIP)
    ),
    Capability(Kind.TOPIC, Power.WRITE, Level.NOT_OFFERED, "subscription types are made in the settings only"),
    Capability(Kind.OWNER, Power.WRITE, Level.NO_MEANING, "owners are matched by address, never created"),
)

CAPABILITIES = Capabilities(_ROWS)

BLOCKERS = (
    Blocker("hs_email_optout", "true", "objection", holders=("person", "address"), mirrors="status", log="timeline"),
    Blocker("hs_email_bad_address", "true", "undeliverable", holders=("address",)),
    Blocker("hs_email_hard_bounce_reason_enum", "set", "undeliverable", holders=("address",)),
    Blocker("hs_email_quarantined", "true", "source_hold", holders=("person", "address")),
    Blocker("hs_email_is_ineligible", "true", "source_hold"),
    Blocker("hs_marketable_status", "not_true", "source_hold"),
)
"""Why HubSpot would not send marketing email to a contact. (HubSpot docs, "Contacts" and "Subscription preferences")"""
