"""The activity log: what happens to people, as evidence. Nobody can write native types from outside."""

from collections.abc import Mapping
from typing import Any

from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.store import Body

NEW_LEAD, CHANGE_VALUE, ADD_TO_LIST, REMOVE_FROM_LIST = 12, 13, 24, 25
FILL_OUT_FORM, SEND_EMAIL, UNSUBSCRIBE, MERGE, DELETE, CHANGE_PARTITION, CHANGE_STATUS = 2, 6, 9, 32, 37, 100, 104
REQUEST_CAMPAIGN, CHANGE_MEMBER_DATA, PUSH_LEAD = 47, 123, 145

WEB_SERVICE = "Web service API"


def log(
    instance: Instance,
    type: int,
    lead: int,
    primary: str | None = None,
    primary_id: int | None = None,
    attributes: Mapping[str, Any] | None = None,
    *,
    date: str | None = None,
    campaign: int | None = None,
) -> int:
    """Write one row; returns its id. ``date`` is now unless given."""
    id = instance.store.next_id("activities")
    body: Body = {
        "id": id,
        "marketoGUID": str(id),
        "leadId": lead,
        "activityDate": date or instance.stamp(),
        "activityTypeId": type,
        "campaignId": campaign,
        "primaryAttributeValueId": primary_id,
        "primaryAttributeValue": primary,
        "attributes": [{"name": name, "value": value} for name, value in (attributes or {}).items()],
    }
    instance.store.put("activities", str(id), body, {"leadId": str(lead)})
    return id
