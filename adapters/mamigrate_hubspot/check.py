"""Everything wrong with a HubSpot connection, each with its fix."""

from collections.abc import Callable, Iterator, Sequence

from mamigrate.clock import Clock
from mamigrate.contract import Connection, Quota
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.http.checking import Checking
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.capabilities import BLOCKERS
from mamigrate_hubspot.fetch import Fetch


class Check(Checking):
    """Asks and reports; never raises for what it finds."""

    def __init__(self, connection: Connection, api: Api, fetch: Fetch, clock: Clock) -> None:
        super().__init__(connection, clock)
        self._api, self._fetch = api, fetch

    def findings(self, quotas: Sequence[Quota], *, crm_linked: Callable[[], bool | None]) -> Iterator[Finding]:
        try:
            reply = self._api.account()
        except Refused as error:
            yield self._finding("access_refused", Severity.BLOCK, reason=error.reason, fix="access_token")
            return
        yield from self.skew(reply)
        yield from self.quotas(quotas)
        missing = list(self._scopes())
        yield from missing
        if any(one.params["area"] == "contacts" for one in missing):
            return
        yield from self.blockers(BLOCKERS, self._fetch.types("contacts"))
        if crm_linked():
            yield self._finding("crm_linked", Severity.WARN, fix="crm_link")

    def _scopes(self) -> Iterator[Finding]:
        """One small read of each area: an account tells missing scopes only by refusing."""
        for area, call in self._probes():
            try:
                call()
            except Refused as error:
                scopes = ", ".join(error.missing) or area
                yield self._finding("scope_missing", Severity.BLOCK, area=area, scopes=scopes, fix="grant_scope")
            except Rejected as error:
                yield self._finding("area_unreadable", Severity.WARN, area=area, reason=error.code, fix="look_at_plan")

    def _probes(self) -> Sequence[tuple[str, Callable[[], object]]]:
        return (
            ("contacts", lambda: self._fetch.definitions_of("contacts")),
            ("companies", lambda: self._fetch.definitions_of("companies")),
            ("deals", lambda: self._fetch.definitions_of("deals")),
            ("subscriptions", self._api.definitions),
            ("owners", lambda: self._api.owners("", archived=False)),
            ("lists", lambda: self._api.lists(0)),
            ("workflows", lambda: self._api.flows("")),
            ("emails", lambda: self._api.emails("")),
            ("forms", lambda: self._api.forms("")),
            ("campaigns", lambda: self._api.campaigns("", ())),
        )
