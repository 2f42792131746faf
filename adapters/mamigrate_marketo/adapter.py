"""Adobe Marketo Engage as an adapter: what it is, and the instance that answers for a connection."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mamigrate.capabilities import Capabilities
from mamigrate.clock import Clock
from mamigrate.contract import (
    Blocker,
    Change,
    Connection,
    Content,
    DenialPage,
    HistoryRoom,
    HistoryType,
    InstanceInfo,
    Landed,
    NeutralRow,
    OptOutSync,
    Outcome,
    Page,
    ProgramRoom,
    Quota,
    Setting,
)
from mamigrate.contract.limits import Bounds, Retention
from mamigrate.contract.routes import Route
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http import shapes
from mamigrate.http.call import Rejected
from mamigrate.http.limits import Reading
from mamigrate.http.session import Manners, Session
from mamigrate.http.token import FetchedToken
from mamigrate.model.kinds import Kind
from mamigrate_marketo import api, assets, codes, denials, limits, read, settings, wire
from mamigrate_marketo.apply import Apply
from mamigrate_marketo.capabilities import BLOCKERS, CAPABILITIES
from mamigrate_marketo.check import Check
from mamigrate_marketo.fetch import PARTS, Fetch
from mamigrate_marketo.history import History
from mamigrate_marketo.history_types import HistoryTypes
from mamigrate_marketo.late import Late
from mamigrate_marketo.lookup import Lookup
from mamigrate_marketo.meanings import KEY_FIELDS
from mamigrate_marketo.programs import Programs
from mamigrate_marketo.routes import ROUTES


class Marketo:
    """The vendor, not connected."""

    name: str = "marketo"
    title: str = "Adobe Marketo Engage"
    settings: Sequence[Setting] = settings.SETTINGS
    capabilities: Capabilities = CAPABILITIES
    blockers: Sequence[Blocker] = BLOCKERS
    key_fields: Mapping[Kind, str] = KEY_FIELDS
    routes: Sequence[Route] = ROUTES
    retention: Sequence[Retention] = limits.RETENTION

    def bounds(self, connection: Connection) -> Bounds:
        return limits.bounds(settings.options(connection))

    def connect(self, connection: Connection, clock: Clock) -> "MarketoInstance":
        return MarketoInstance(connection, clock)


PAUSES = (5.0, 30.0, 120.0)
"""Seconds before people are looked at again that do not read as they were written."""


class MarketoInstance:
    """One instance. Keeps Instance, Writer, Finder, Deleter, ConsentFields, DenialSource, HistorySink, ProgramSink, QuotaMeter,
    PartlyClosed and LinkedOptOuts of ``mamigrate.contract``.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self._options, self._clock = settings.options(connection), clock
        self._session = self._open(connection, clock)
        self._api = api.Api(self._session)
        self._fetch = Fetch(self._api, clock)
        self._programs = Programs(connection.name, self._api, self._fetch)
        self._lookup = Lookup(connection.name, self._api, self._fetch, self._programs)
        self._types = HistoryTypes(self._api)
        self._history = History(self._api, self._types)
        self._apply = Apply(self._api, self._fetch, self._history, self._programs, self._options.partition, clock)
        self._late = Late(connection.name, self._api, self._lookup, clock)
        self._check = Check(connection, self._api, self._fetch, clock)

    def _open(self, connection: Connection, clock: Clock) -> Session:
        options = self._options
        judge, bounds = codes.Judge(connection.name), limits.bounds(options)
        session = Session(connection, options.base_url, clock, Manners(judge, bounds.limits, bounds.share))
        session.token = FetchedToken(lambda: api.fetch_token(session, options), clock)
        return session

    # --- who ---------------------------------------------------------------------------------------------------------

    def info(self) -> InstanceInfo:
        """No API tells the instance's time zone or whether it is a sandbox: the project's word, and production."""
        munchkin = self._options.base_url.partition("://")[2].partition(".")[0].upper()
        return InstanceInfo(munchkin, f"Marketo {munchkin}", self.connection.time_zone, True, self._crm_linked())

    def _crm_linked(self) -> bool:
        return read.linked(self._fetch.described("leads")) or self._fetch.crm_refused

    def opt_out_sync(self) -> OptOutSync | None:
        """As the project says. Where it does not: Marketo wins for leads and a contact of the CRM wins, so that its value may
        undo an opt-out; fields that are named after a CRM and not managed by it may be left from a link of old.
        (Adobe's product docs, "Salesforce sync: contact sync" and "lead sync")
        """
        if not self._crm_linked():
            return None
        told = OptOutSync.CRM if read.managed(self._fetch.described("leads")) else OptOutSync.UNKNOWN
        return self._options.opt_out_sync or told

    def check(self) -> Sequence[Finding]:
        try:
            quotas = [self._quota()]
        except (Refused, Rejected):
            quotas = []
        return list(self._check.findings(quotas))

    def check_sync(self) -> Sequence[Finding]:
        return list(self._check.of_sync())

    def quotas(self) -> Sequence[Quota]:
        """Calls of today by all users, against the contract's number. From then on the reserve counts them too."""
        told = self._quota()
        self._session.pacer.learn(Reading(told.name, told.limit, told.limit - told.used))
        return [told]

    def _quota(self) -> Quota:
        rows = wire.result(wire.parse(self._api.usage().body))
        used = shapes.whole(rows[0], "total") if rows else 0
        zone = ZoneInfo(limits.ZONE)
        tomorrow = self._clock.now().astimezone(zone).date() + timedelta(days=1)
        return Quota(limits.DAY, self._options.daily_quota, used, datetime.combine(tomorrow, time(), zone))

    def looks_again(self) -> Sequence[float]:
        """No reference tells how far reads are behind writes; clients meet it, and two minutes have been enough."""
        return PAUSES

    def closed(self) -> Mapping[Kind, str]:
        """Companies and opportunities, where a CRM that is linked natively owns them."""
        return self._fetch.closed()

    # --- reading -----------------------------------------------------------------------------------------------------

    def reads(self) -> Sequence[Kind]:
        return tuple(PARTS)

    def read(self, kind: Kind, cursor: str | None) -> Page:
        with shapes.understood():
            landed, following = self._fetch.page(kind, cursor)
        return Page(landed, self.normalise(kind, landed), following)

    def normalise(self, kind: Kind, landed: Landed) -> Content:
        data, connection = wire.parse(landed.body), self.connection.name
        if "unread" in landed.context:
            params = {"object": landed.context["object"], "reason": landed.context["unread"]}
            return Content({kind: []}, [Finding("fields_unread", Severity.WARN, connection, params)])
        shapes.shallow(data)
        with shapes.understood():
            return Content({kind: _NORMALISE[kind](connection, data, landed.context)})

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        if kind is Kind.ACTIVITY:
            return self._history.find(values, fields)
        return self._lookup.find(kind, by, values, fields)

    def denials_since(self, moment: datetime, cursor: str | None, topics: Mapping[str, str]) -> DenialPage:
        return self._late.page(moment, cursor, topics)

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        return self._apply.write(kind, changes)

    def history_room(self) -> HistoryRoom:
        return self._types.room()

    def define(self, types: Sequence[HistoryType]) -> Sequence[Outcome]:
        return self._types.define(types)

    def program_room(self) -> ProgramRoom:
        return self._programs.room()

    def define_member_fields(self, fields: Mapping[str, str]) -> Sequence[Outcome]:
        return self._programs.define(fields)

    def delete(self, kind: Kind, keys: Sequence[str]) -> Sequence[Outcome]:
        return self._apply.delete(kind, keys)

    def denial_values(self, facts: frozenset[str], cause: str) -> Mapping[str, str]:
        return denials.values(facts, cause)


def _no_topics(connection: str, data: wire.Json, context: Mapping[str, str]) -> list[NeutralRow]:
    return []


_NORMALISE: Mapping[Kind, Callable[[str, wire.Json, Mapping[str, str]], list[NeutralRow]]] = {
    Kind.FIELD: read.fields,
    Kind.TOPIC: _no_topics,
    Kind.CHANNEL: assets.channels,
    Kind.LIST: assets.lists,
    Kind.ASSET: assets.assets,
    Kind.WORKFLOW: assets.workflows,
    Kind.PROGRAM: assets.programs,
}
