"""Everything wrong with a HubSpot connection, each with its fix."""

from collections.abc import Callable, Iterator, Sequence

from mamigrate.clock import Clock
from mamigrate.contract import Connection, Quota
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected, Reply
from mamigrate.http.codes import skew
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.capabilities import BLOCKERS
from mamigrate_hubspot.fetch import Fetch

_LOW = 0.1
MOST_SKEW = 120.0
"""Seconds by which the two clocks may differ: dates of consent are compared across them."""


class Check:
    """Asks and reports; never raises for what it finds."""

    def __init__(self, connection: Connection, api: Api, fetch: Fetch, clock: Clock) -> None:
        self._connection, self._api, self._fetch, self._clock = connection, api, fetch, clock

    def findings(self, quotas: Sequence[Quota], *, crm_linked: Callable[[], bool | None]) -> Iterator[Finding]:
        try:
            reply = self._api.account()
        except Refused as error:
            yield self._finding("access_refused", Severity.BLOCK, reason=error.reason, fix="access_token")
            return
        yield from self._skew(reply)
        yield from self._quota(quotas)
        missing = list(self._scopes())
        yield from missing
        if any(one.params["area"] == "contacts" for one in missing):
            return
        yield from self._blockers()
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

    def _blockers(self) -> Iterator[Finding]:
        known = self._fetch.types("contacts")
        for blocker in BLOCKERS:
            if blocker.field not in known:
                yield self._finding("blocker_field_unreadable", Severity.BLOCK, field=blocker.field, fix="show_field")

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

    def _finding(self, code: str, severity: Severity, **params: str) -> Finding:
        return Finding(code, severity, self._connection.name, params)
