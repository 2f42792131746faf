"""Everything wrong with a Marketo connection, each with its fix."""

from collections.abc import Iterator, Mapping, Sequence

from mamigrate.clock import Clock
from mamigrate.contract import Connection, Quota
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected, Reply
from mamigrate.http.codes import skew
from mamigrate.model.estate import DataType
from mamigrate_marketo import assets, wire
from mamigrate_marketo.api import ASSETS, Api
from mamigrate_marketo.capabilities import BLOCKERS
from mamigrate_marketo.fetch import Fetch
from mamigrate_marketo.meanings import KEY_FIELD, neutral

_LOW = 0.1
MOST_SKEW = 120.0
"""Seconds by which the two clocks may differ: dates of consent are compared across them."""


class Check:
    """Asks and reports; never raises for what it finds."""

    def __init__(self, connection: Connection, api: Api, fetch: Fetch, clock: Clock) -> None:
        self._connection, self._api, self._fetch, self._clock = connection, api, fetch, clock

    def findings(self, quotas: Sequence[Quota]) -> Iterator[Finding]:
        try:
            reply = self._api.describe_leads()
        except Refused as error:
            yield self._finding("access_refused", Severity.BLOCK, reason=error.reason, fix="credentials_or_role")
            return
        fields = wire.result(wire.parse(reply.body))[0].get("fields") or ()
        by_name = {wire.text(one, "name"): one for one in fields}
        yield from self._fields(by_name)
        yield from self._skew(reply)
        yield from self._quota(quotas)
        if any(one.get("crmManaged") or name.startswith("sfdc") for name, one in by_name.items()):
            yield self._finding("crm_linked", Severity.WARN, fix="crm_link")
        yield from self._campaigns()

    def _fields(self, by_name: Mapping[str, wire.Json]) -> Iterator[Finding]:
        for blocker in BLOCKERS:
            if blocker.field not in by_name:
                yield self._finding("blocker_field_unreadable", Severity.BLOCK, field=blocker.field, fix="show_field")
        key = by_name.get(KEY_FIELD)
        if key is not None and neutral(wire.text(key, "dataType")) is not DataType.TEXT:
            yield self._finding("key_field_wrong_type", Severity.BLOCK, field=KEY_FIELD, fix="rename_field")

    def _skew(self, reply: Reply) -> Iterator[Finding]:
        seconds = skew(reply.headers, self._clock.now())
        if self._connection.speed == 1 and seconds is not None and abs(seconds) > MOST_SKEW:
            yield self._finding("clock_skew", Severity.WARN, seconds=f"{seconds:.0f}", fix="set_clock")

    def _quota(self, quotas: Sequence[Quota]) -> Iterator[Finding]:
        for quota in quotas:
            left = quota.limit - quota.used
            params = {"quota": quota.name, "left": str(max(0, left)), "fix": "wait_for_reset"}
            if left <= 0:
                yield self._finding("quota_exhausted", Severity.BLOCK, **params)
            elif left < quota.limit * _LOW:
                yield self._finding("quota_low", Severity.WARN, **params)

    def _campaigns(self) -> Iterator[Finding]:
        """Active trigger campaigns could react to what we write."""
        offset, last = 0, ASSETS
        while last == ASSETS:
            try:
                reply = self._api.assets("smartCampaigns", offset, isActive="true")
            except (Refused, Rejected):
                yield self._finding("campaigns_unread", Severity.WARN, fix="asset_permission")
                return
            landed = self._fetch.landed(reply.body, object="smartCampaigns")
            rows = assets.workflows(self._connection.name, wire.parse(reply.body), landed.context)
            for row in rows:
                if row["active"] and row["raw"].get("type") == "trigger":
                    subject = f"{self._connection.name}/workflow/{row['key']}"
                    yield Finding("campaign_active", Severity.NOTE, subject, {"name": row["name"], "fix": "deactivate"})
            offset, last = offset + ASSETS, len(rows)

    def _finding(self, code: str, severity: Severity, **params: str) -> Finding:
        return Finding(code, severity, self._connection.name, params)
