"""Everything wrong with a Marketo connection, each with its fix."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.contract import Connection, Quota
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.http.checking import Checking
from mamigrate.model.canonical import render_second
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_marketo import assets, read, wire
from mamigrate_marketo.api import Api
from mamigrate_marketo.capabilities import ACTIVITY, BLOCKERS, CAPABILITIES, METADATA
from mamigrate_marketo.fetch import Fetch
from mamigrate_marketo.late import UNSUBSCRIBED
from mamigrate_marketo.meanings import KEY_FIELD, neutral


class Check(Checking):
    """Asks and reports; never raises for what it finds."""

    def __init__(self, connection: Connection, api: Api, fetch: Fetch, clock: Clock) -> None:
        super().__init__(connection, clock)
        self._api, self._fetch = api, fetch

    def findings(self, quotas: Sequence[Quota]) -> Iterator[Finding]:
        try:
            reply = self._api.describe_leads()
        except Refused as error:
            yield self._finding("access_refused", Severity.BLOCK, reason=error.reason, fix="credentials_or_role")
            return
        fields = wire.listed(read.first(wire.parse(reply.body)), "fields")
        by_name = {wire.text(one, "name"): one for one in fields}
        yield from self._fields(by_name)
        yield from self.skew(reply)
        yield from self.quotas(quotas)
        yield from self._role()
        yield from self._history()
        yield from self._campaigns()

    def of_sync(self) -> Iterator[Finding]:
        """Whether the log of activities may be read."""
        try:
            token = wire.parse(self._api.paging_token(render_second(self._clock.now())).body)
            self._api.activities(wire.text(token, "nextPageToken"), (UNSUBSCRIBED,))
        except Rejected:
            return
        except Refused:
            permissions = ", ".join(CAPABILITIES.of(Kind.CONSENT_FACT, Power.READ_CHANGES).scopes)
            yield self._finding(
                "permission_missing", Severity.BLOCK, area="activities", scopes=permissions, fix="grant_permission"
            )

    def _role(self) -> Iterator[Finding]:
        """What a run does, asked of the role of the API user: each kind is read once, and an empty batch of it is sent.

        An empty batch writes nothing and is refused for that, but a role without the permission is refused first (603).
        (Adobe's developer docs, "Authentication" and "Error codes")
        """
        closed = self._fetch.closed()
        for area, kind, power, ask in self._probes():
            try:
                if kind not in closed:
                    ask()
            except Rejected:
                continue
            except Refused:
                permissions = ", ".join(CAPABILITIES.of(kind, power).scopes)
                yield self._finding(
                    "permission_missing", Severity.BLOCK, area=area, scopes=permissions, fix="grant_permission"
                )

    def _history(self) -> Iterator[Finding]:
        """Needed only by who takes history along, so that nothing ends where it is missing."""
        areas = {
            "history": ("activities/external", ACTIVITY),
            "types of history": ("activities/external/type", METADATA),
        }
        for area, (route, permission) in areas.items():
            try:
                self._api.nothing(route)
            except Rejected:
                continue
            except Refused:
                told = {"area": area, "scopes": permission, "fix": "grant_permission"}
                yield self._finding("permission_missing", Severity.NOTE, **told)

    def _probes(self) -> Sequence[tuple[str, Kind, Power, Callable[[], object]]]:
        api, fetch = self._api, self._fetch
        return (
            ("people", Kind.PERSON, Power.READ_BACK, lambda: api.look_up("leads", "id", ["1"], ["id"])),
            ("companies", Kind.ACCOUNT, Power.READ_BACK, lambda: fetch.types("companies")),
            ("opportunities", Kind.OPPORTUNITY, Power.READ_BACK, lambda: fetch.types("opportunities")),
            ("new fields", Kind.FIELD, Power.WRITE, lambda: api.nothing("leads/schema/fields")),
            ("new and changed people", Kind.PERSON, Power.WRITE, lambda: api.nothing("leads")),
            ("new and changed companies", Kind.ACCOUNT, Power.WRITE, lambda: api.nothing("companies")),
            ("new and changed opportunities", Kind.OPPORTUNITY, Power.WRITE, lambda: api.nothing("opportunities")),
            ("new lists", Kind.LIST, Power.WRITE, api.no_list),
        )

    def _fields(self, by_name: Mapping[str, wire.Json]) -> Iterator[Finding]:
        yield from self.blockers(BLOCKERS, by_name)
        key = by_name.get(KEY_FIELD)
        if key is not None and neutral(wire.text(key, "dataType")) is not DataType.TEXT:
            yield self._finding("key_field_wrong_type", Severity.BLOCK, field=KEY_FIELD, fix="rename_field")

    def _campaigns(self) -> Iterator[Finding]:
        """Active campaigns that what we write could start: judged as a run judges them, by their triggers."""
        offset, last, known = 0, 1, set[str]()
        while last:
            try:
                reply = self._api.assets("smartCampaigns", offset, isActive="true")
            except (Refused, Rejected):
                yield self._finding("campaigns_unread", Severity.BLOCK, fix="asset_permission")
                return
            listed = wire.result(wire.parse(reply.body))
            rules = self._fetch.rules("smartCampaigns", listed)
            landed = self._fetch.landed(reply.body, object="smartCampaigns", rules=rules)
            rows = assets.workflows(self._connection.name, wire.parse(reply.body), landed.context)
            for row in rows:
                if row["active"] and row["fires_on_write"]:
                    subject = f"{self._connection.name}/workflow/{row['key']}"
                    yield Finding("campaign_active", Severity.NOTE, subject, {"name": row["name"], "fix": "deactivate"})
            last = wire.fresh(listed, known)
            offset += last
