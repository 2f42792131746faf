"""Everything wrong with a HubSpot connection, each with its fix."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.contract import Connection, Quota
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.http.checking import Checking
from mamigrate.model.kinds import Kind
from mamigrate_hubspot.api import Api
from mamigrate_hubspot.capabilities import BLOCKERS, CAPABILITIES
from mamigrate_hubspot.fetch import Fetch
from mamigrate_hubspot.meanings import OBJECTS


class Check(Checking):
    """Asks and reports; never raises for what it finds."""

    def __init__(self, connection: Connection, api: Api, fetch: Fetch, clock: Clock) -> None:
        super().__init__(connection, clock)
        self._api, self._fetch = api, fetch

    def findings(self, quotas: Sequence[Quota]) -> Iterator[Finding]:
        try:
            reply = self._api.account()
        except Refused as error:
            yield self._finding("access_refused", Severity.BLOCK, reason=error.reason, fix="access_token")
            return
        yield from self.skew(reply)
        yield from self.quotas(quotas)
        missing = list(self._areas())
        yield from missing
        yield from self._timeline()
        if not any(one.params["area"] in ("contacts", "contact properties") for one in missing):
            yield from self.blockers(BLOCKERS, self._fetch.types("contacts"))

    def _areas(self) -> Iterator[Finding]:
        """One small read at each endpoint that a run reads: what refuses it would end the run in its midst.

        An account tells missing scopes only by refusing; where it does not name them, the capability row of the kind does.
        """
        for area, kind, call in self._probes():
            try:
                call()
            except Refused as error:
                scopes = ", ".join(error.missing or CAPABILITIES.of(kind, Power.READ).scopes)
                yield self._finding("scope_missing", Severity.BLOCK, area=area, scopes=scopes, fix="grant_scope")
            except Rejected as error:
                yield self._finding("area_unreadable", Severity.BLOCK, area=area, reason=error.code, fix="look_at_plan")

    def _timeline(self) -> Iterator[Finding]:
        """A run goes on without it, but not over it: the opt-outs come in a file of facts, or somebody decides."""
        try:
            self._api.timeline("")
        except (Refused, Rejected) as error:
            reason = error.reason if isinstance(error, Refused) else error.code
            yield self._finding("denials_without_contact_unread", Severity.WARN, reason=reason)

    def of_sync(self) -> Iterator[Finding]:
        """Whether denials may be written: a request that names none is refused either way, without the scope as forbidden."""
        try:
            self._api.leave_nothing()
        except Refused as error:
            scopes = ", ".join(error.missing or CAPABILITIES.of(Kind.CONSENT_FACT, Power.DENY).scopes)
            yield self._finding("denials_not_writable", Severity.BLOCK, scopes=scopes, fix="grant_scope")
        except Rejected:
            return

    def _probes(self) -> Sequence[tuple[str, Kind, Callable[[], object]]]:
        api, fetch = self._api, self._fetch
        return (
            ("contact properties", Kind.FIELD, lambda: fetch.definitions_of("contacts")),
            ("company properties", Kind.FIELD, lambda: fetch.definitions_of("companies")),
            ("deal properties", Kind.FIELD, lambda: fetch.definitions_of("deals")),
            ("subscriptions", Kind.TOPIC, api.definitions),
            ("owners", Kind.OWNER, lambda: api.owners("", archived=False)),
            ("lifecycle stages", Kind.LIFECYCLE_MODEL, lambda: api.property("contacts", "lifecyclestage")),
            ("pipelines", Kind.LIFECYCLE_MODEL, lambda: api.pipelines("deals")),
            ("lists", Kind.LIST, lambda: api.lists(0)),
            ("workflows", Kind.WORKFLOW, lambda: api.flows("")),
            ("emails", Kind.ASSET, lambda: api.emails("")),
            ("forms", Kind.ASSET, lambda: api.forms("")),
            ("landing pages", Kind.ASSET, lambda: api.pages("landing-pages", "")),
            ("site pages", Kind.ASSET, lambda: api.pages("site-pages", "")),
            ("files", Kind.ASSET, lambda: api.files("")),
            ("campaigns", Kind.PROGRAM, lambda: api.campaigns("", ())),
            ("marketing events", Kind.PROGRAM, lambda: api.marketing_events("")),
            *((name, kind, partial(self._first, name)) for kind, name in OBJECTS.items()),
        )

    def _first(self, name: str) -> object:
        """A page of records with nothing but their ids."""
        return self._api.objects(name, "", archived=False, properties=["hs_object_id"])
