"""Which scopes a call needs (HubSpot's interface specs). Any one of a row's scopes is enough."""

import re

READS = r"^(GET|POST .*/(search|batch/read|query)$)"

_ROWS: list[tuple[str, str]] = [
    (r". /crm/v[34]/objects/(?P<t>[^/]+)", "crm.objects.{t}.{rw}"),
    (r". /crm/v3/properties/(?P<t>[^/]+)", "crm.schemas.{t}.{rw} crm.objects.{t}.{rw}"),
    (r". /crm/v[34]/associations/(?P<t>[^/]+)", "crm.objects.{t}.{rw}"),
    (r". /crm/v3/owners", "crm.objects.owners.read"),
    (r". /crm/v3/pipelines/(?P<t>[^/]+)", "crm.schemas.{t}.{rw} crm.objects.{t}.{rw}"),
    (r". /crm/v3/lists", "crm.lists.{rw}"),
    (r". /communication-preferences/v4/statuses/batch/(unsubscribe-all/)?read", "communication_preferences.statuses.batch.read"),
    (r". /communication-preferences/v4/statuses/batch", "communication_preferences.statuses.batch.write"),
    (r". /communication-preferences", "communication_preferences.{rw} communication_preferences.read_write"),
    (r". /email/public/v1/subscriptions", "communication_preferences.{rw} communication_preferences.read_write content"),
    (r". /email/public/v1", "content business-intelligence"),
    (r". /automation", "automation"),
    (r". /marketing/v3/emails/[^/]+/(un)?publish", "marketing-email transactional-email"),
    (r". /marketing/v3/emails", "content marketing.email.read marketing.email.write marketing-email"),
    (r". /marketing/v4/email/single-send", "marketing-email transactional-email"),
    (r". /marketing/v3/transactional", "transactional-email"),
    (r". /marketing/v3/campaigns", "marketing.campaigns.{rw}"),
    (r". /marketing/(v3/)?marketing-events", "crm.objects.marketing_events.{rw}"),
    (r". /(marketing/v3/forms|form-integrations)", "forms"),
    (r". /files", "files"),
    (r". /cms", "content"),
    (r". /business-units", "business_units_view.read"),
]  # fmt: skip

_ENGAGEMENTS = {"notes", "tasks", "calls", "meetings", "emails", "communications", "postal_mail"}
_NAMES = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-136": "leads", "contact": "contacts"}
_NAMES |= {"company": "companies", "deal": "deals", "lead": "leads"}


def needed(method: str, path: str) -> list[str]:
    """The scopes of which one must be granted; empty: any token will do."""
    reads = re.match(READS, f"{method} {path}") or (method == "GET")
    for pattern, scopes in _ROWS:
        match = re.match("." + pattern[1:], f"* {path}")
        if match:
            kind = match.groupdict().get("t", "").lower()
            return scopes.format(t=_scope_name(kind), rw="read" if reads else "write").split()
    return []


def _scope_name(kind: str) -> str:
    name = _NAMES.get(kind, kind)
    return "contacts" if name in _ENGAGEMENTS else name if name in _NAMES.values() else "custom"
