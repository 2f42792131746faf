"""Which emails the events of a page are of."""

from mamigrate.errors import Refused
from mamigrate.http.call import Rejected, Unreadable
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.paging import pages


class Sent:
    """Emails by the ids of their campaigns, each asked for once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._campaigns: dict[str, wire.Json] | None = None

    def of(self, events: list[wire.Json]) -> dict[str, wire.Json]:
        """By campaign. One that is not told any more is known by its number alone."""
        apps = {wire.text(one, "emailCampaignId"): wire.text(one, "appId") for one in events}
        return {id: self._campaign(id, app) for id, app in sorted(apps.items()) if id}

    def _campaign(self, id: str, app: str) -> wire.Json:
        if self._campaigns is None:
            self._campaigns = self._listed()
        if id not in self._campaigns:
            self._campaigns[id] = self._asked(id, app)
        return self._campaigns[id]

    def _listed(self) -> dict[str, wire.Json]:
        """What the list of marketing emails tells of their campaigns: some pages instead of a call for each campaign.

        Source: the description of the marketing emails API v3, ``allEmailCampaignIds``.
        """
        try:
            emails = [one for page in pages(self._api.emails) for one in wire.rows(page)]
            return {id: _told(one, "id") for one in emails for id in wire.ids(one, "allEmailCampaignIds")}
        except (Refused, Rejected, Unreadable):  # Told where emails are read; here each campaign is asked for.
            return {}

    def _asked(self, id: str, app: str) -> wire.Json:
        try:
            told = wire.parse(self._api.email_campaign(id, app).body)
        except (Refused, Rejected):
            return {}
        return _told(told, "contentId")


def _told(one: wire.Json, content: str) -> wire.Json:
    """``content`` is what the id of the email is called."""
    return {"name": wire.text(one, "name"), "subject": wire.text(one, "subject"), "contentId": wire.text(one, content)}
