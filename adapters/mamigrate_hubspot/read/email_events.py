"""Events of marketing emails as activities. (HubSpot docs, "Email analytics")"""

from collections.abc import Iterator

import orjson

from mamigrate.consent.address import keys
from mamigrate.contract import NeutralRow
from mamigrate_hubspot.read.context import Context
from mamigrate_hubspot.read.happened import activity, millis, said
from mamigrate_hubspot.wire import Json, id_of, listed, part, text

_OF_EVENT = (
    "url", "referer", "linkId", "dropReason", "dropMessage", "category", "status", "response", "attempt", "source",
    "requestedBy", "portalSubscriptionStatus", "bounced", "deviceType", "subject", "from", "replyTo",
)  # fmt: skip
"""What an event of a marketing email tells beside who, when and what. Addresses of machines are left to the page as received."""


def email_events(data: Json, context: Context) -> Iterator[NeutralRow]:
    """An event's key is its id and its time together: ids alone may come again. (HubSpot docs, "Email analytics")"""
    sent: dict[str, dict[str, str]] = orjson.loads(context.get("campaigns") or b"{}")
    for one in listed(data, "events"):
        campaign = text(one, "emailCampaignId")
        email = sent.get(campaign) or {}
        told = {name: text(one, name) for name in _OF_EVENT if not isinstance(one.get(name), dict | list)}
        place = part(one, "location")
        told |= {name: text(place, name) for name in ("country", "state", "city")}
        told |= {
            "name": email.get("name") or campaign,
            "campaign": campaign,
            "browser": text(part(one, "browser"), "family"),
        }
        told["subject"] = told.get("subject") or email.get("subject", "")
        yield activity(
            f"email/{text(one, 'created')}/{id_of(one)}",
            f"email.{text(one, 'type').lower() or 'unknown'}",
            millis(text(one, "created")),
            address_loose=keys(text(one, "recipient")).loose,
            subject_key=f"email/{email['contentId']}" if email.get("contentId") else None,
            bot=text(one, "filteredEvent") == "true",
            values=said(told),
        )
