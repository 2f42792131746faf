"""HubSpot as an adapter: what it is, and the instance that answers for a connection."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from mamigrate.capabilities import Capabilities
from mamigrate.clock import Clock
from mamigrate.contract import (
    Blocker,
    Connection,
    Content,
    Denial,
    DenialPage,
    InstanceInfo,
    Landed,
    NeutralRow,
    OptOutSync,
    Outcome,
    Page,
    Quota,
    Setting,
)
from mamigrate.contract.limits import Bounds, Retention
from mamigrate.contract.routes import Route
from mamigrate.errors import Refused, Unreachable
from mamigrate.findings import Finding, Severity
from mamigrate.http import shapes
from mamigrate.http.call import Rejected
from mamigrate.http.session import Manners, Session
from mamigrate.http.token import FixedToken
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate_hubspot import activities, codes, holes, limits, settings, wire
from mamigrate_hubspot.api import PAGE, Api
from mamigrate_hubspot.capabilities import BLOCKERS, CAPABILITIES
from mamigrate_hubspot.check import Check
from mamigrate_hubspot.deny import Deny
from mamigrate_hubspot.fetch import Fetch
from mamigrate_hubspot.late import Late
from mamigrate_hubspot.left_out import LeftOut
from mamigrate_hubspot.meanings import KEY_FIELDS, OBJECTS
from mamigrate_hubspot.read import estate, history, participation, records, schema, statuses, timeline, topics
from mamigrate_hubspot.read.context import read_types, write_types
from mamigrate_hubspot.read.pages import Pages, Told
from mamigrate_hubspot.routes import ROUTES
from mamigrate_hubspot.statuses import Statuses


class HubSpot:
    """The vendor, not connected. HubSpot has no field for our key: it is a source so far, and takes nothing but denials."""

    name: str = "hubspot"
    title: str = "HubSpot"
    settings: Sequence[Setting] = settings.SETTINGS
    capabilities: Capabilities = CAPABILITIES
    blockers: Sequence[Blocker] = BLOCKERS
    key_fields: Mapping[Kind, str] = KEY_FIELDS
    routes: Sequence[Route] = ROUTES
    retention: Sequence[Retention] = limits.RETENTION

    def bounds(self, connection: Connection) -> Bounds:
        return limits.bounds(settings.options(connection), connection.time_zone)

    def connect(self, connection: Connection, clock: Clock) -> "HubSpotInstance":
        return HubSpotInstance(connection, clock)


class HubSpotInstance:
    """One account. Keeps Instance, DependentReader, Finder, DenialSource, ExclusionSource, DenialSink, QuotaMeter, Counter and
    LinkedOptOuts of ``mamigrate.contract``.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        chosen = settings.options(connection)
        bounds = limits.bounds(chosen, connection.time_zone)
        manners = Manners(
            judge=codes.Judge(connection.name),
            limits=bounds.limits,
            share=bounds.share,
            learn=codes.learn,
        )
        session = Session(connection, connection.base_url or settings.BASE_URL, clock, manners)
        session.token = FixedToken(connection.name, chosen.access_token)
        self._api, self._clock, self._options = Api(session), clock, chosen
        self._fetch = Fetch(self._api, chosen, clock)
        self._pages = Pages()
        self._statuses = Statuses(self._api, self._fetch)
        self._late = Late(connection.name, self._api, self._fetch, self._statuses, clock)
        self._left_out = LeftOut(connection.name, self._api, self._fetch, clock)
        self._deny = Deny(connection.name, self._api, self._statuses)
        self._check = Check(connection, self._api, self._fetch, clock)

    # --- who ---------------------------------------------------------------------------------------------------------

    def info(self) -> InstanceInfo:
        account = wire.parse(self._api.account().body)
        portal = wire.text(account, "portalId")
        return InstanceInfo(
            instance_id=portal,
            label=f"HubSpot {portal}",
            time_zone=wire.text(account, "timeZone") or self.connection.time_zone,
            production=wire.text(account, "accountType") == "STANDARD",
            crm_linked=self._crm_linked(),
        )

    def _crm_linked(self) -> bool | None:
        """The native integration adds properties named ``salesforce...`` to contacts (one doubtful source: an option)."""
        if self._options.crm != "auto":
            return self._options.crm == "yes"
        return any(name.startswith("salesforce") for name in self._fetch.types("contacts"))

    def opt_out_sync(self) -> OptOutSync | None:
        """As the project says: no API tells how the integration maps opt-outs, or which contacts it leaves out."""
        return self._options.opt_out_sync if self._crm_linked() else None

    def check(self) -> Sequence[Finding]:
        try:
            quotas = self.quotas()
        except (Refused, Rejected):
            quotas = ()  # OAuth apps have no daily cap, and no usage to tell.
        return list(self._check.findings(quotas))

    def check_sync(self) -> Sequence[Finding]:
        return list(self._check.of_sync())

    def quotas(self) -> Sequence[Quota]:
        """Calls of today by all private apps, as the account counts them."""
        return [
            Quota(
                wire.text(one, "name"), shapes.whole(one, "usageLimit"), shapes.whole(one, "currentUsage"), _resets(one)
            )
            for one in wire.rows(wire.parse(self._api.usage().body))
            if one.get("fetchStatus") in ("SUCCESS", "CACHED", None)
        ]

    # --- reading -----------------------------------------------------------------------------------------------------

    def reads(self) -> Sequence[Kind]:
        return self._fetch.kinds

    def read(self, kind: Kind, cursor: str | None) -> Page:
        with shapes.understood():
            landed, following = self._fetch.page(kind, cursor)
        return Page(landed, self.normalise(kind, landed), following)

    def normalise(self, kind: Kind, landed: Landed) -> Content:
        content = self._content(kind, landed)
        found = list(holes.told(self.connection.name, kind, landed.context))
        return replace(content, problems=[*content.problems, *found]) if found else content

    def _content(self, kind: Kind, landed: Landed) -> Content:
        if kind in _RECORDS:
            told = self._pages.read(kind, landed.body, read_types(landed.context))
            return _RECORDS[kind](self.connection.name, told, landed.context)
        data = wire.parse(landed.body)
        if kind in ESTATE:
            shapes.shallow(data)
        with shapes.understood():
            return _NORMALISE[kind](self.connection.name, data, landed.context)

    def dependents(self) -> Sequence[Kind]:
        return (Kind.CONSENT_FACT,)

    def read_for(self, kind: Kind, people: Sequence[NeutralRow]) -> Iterator[Page]:
        for landed in self._statuses.pages(people):
            yield Page(landed, self.normalise(kind, landed), None)

    # --- denials after a move ----------------------------------------------------------------------------------------

    def denials_since(self, moment: datetime, cursor: str | None, topics: Mapping[str, str]) -> DenialPage:
        """Subscription types are told by their keys; ``topics`` are of no use here."""
        return self._late.page(moment, cursor)

    def left_out_since(self, moment: datetime, cursor: str | None, known: Collection[str]) -> DenialPage:
        with shapes.understood():
            return self._left_out.page(moment, cursor, known)

    def denied(self, addresses: Sequence[str]) -> Mapping[str, frozenset[str]]:
        return self._deny.denied(addresses)

    def deny(self, denials: Sequence[Denial]) -> Sequence[Outcome]:
        return self._deny.deny(denials)

    # --- looking up --------------------------------------------------------------------------------------------------

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        """Records by id or a unique property, 100 a call; raises Unreachable for a batch that does not tell all of them. Contacts have no associations here but the primary company."""
        name = OBJECTS[kind]
        own = ("hs_additional_emails", *(blocker.field for blocker in BLOCKERS)) if kind is Kind.PERSON else ()
        wanted = sorted({*fields, *own, "email"})
        found: list[NeutralRow] = []
        for start in range(0, len(values), PAGE):
            reply = self._api.batch(name, values[start : start + PAGE], wanted, by="" if by == "id" else by)
            if reason := holes.refused(wire.parse(reply.body)):
                raise Unreachable(self.connection.name, f"a batch of {name} was answered in part ({reason})")
            landed = self._fetch.landed(reply.body, types=write_types(self._fetch.types(name)))
            found += self.normalise(kind, landed).rows[kind]
        return found

    def count(self, kind: Kind) -> int | None:
        """Live records, by the total of a search."""
        if kind not in OBJECTS:
            return None
        reply = self._api.search(OBJECTS[kind], {"filterGroups": [], "properties": [], "limit": 1})
        return int(wire.id_of(wire.parse(reply.body), "total"))

    def activities(self) -> Mapping[str, int | None]:
        """Engagements by the totals of searches, marketing email events by the statistics of all emails."""
        return activities.totals(self._api, self._clock.now())


def _resets(usage: wire.Json) -> datetime | None:
    value = wire.text(usage, "resetsAt")
    try:
        return parse_datetime(value) if value else None
    except ValueError:
        return None


def _estate(kind: Kind, read: Callable[..., list[NeutralRow]]) -> Callable[..., Content]:
    return lambda connection, data, context: Content({kind: read(connection, data, context)})


def _facts(connection: str, data: wire.Json, context: Mapping[str, str]) -> Content:
    if "unread" in context:
        params = {"reason": context["unread"]}
        return Content(
            {Kind.CONSENT_FACT: []},
            [Finding("denials_without_contact_unread", Severity.WARN, connection, params)],
        )
    form = context.get("form", "timeline")
    read = {"one": statuses.told, "batch": statuses.told, "unread": statuses.unread, "timeline": timeline.told}
    return read[form](connection, data, context)


def _rulesets(connection: str, data: wire.Json, context: Mapping[str, str]) -> Content:
    problems = []
    if "unread" in context:
        problems.append(Finding("scores_unread", Severity.NOTE, connection, {"reason": context["unread"]}))
    return Content({Kind.RULESET: schema.rulesets(connection, data, context)}, problems)


_NORMALISE: Mapping[Kind, Callable[[str, wire.Json, Mapping[str, str]], Content]] = {
    Kind.FIELD: _estate(Kind.FIELD, schema.fields),
    Kind.TOPIC: _estate(Kind.TOPIC, topics.topics),
    Kind.OWNER: _estate(Kind.OWNER, estate.owners),
    Kind.LIFECYCLE_MODEL: _estate(Kind.LIFECYCLE_MODEL, schema.lifecycle),
    Kind.LIST: estate.lists,
    Kind.ASSET: estate.assets,
    Kind.WORKFLOW: _estate(Kind.WORKFLOW, estate.workflows),
    Kind.PROGRAM: estate.programs,
    Kind.RULESET: _rulesets,
    Kind.LIST_MEMBERSHIP: estate.memberships,
    Kind.CONSENT_FACT: _facts,
    Kind.PROGRAM_MEMBERSHIP: participation.participations,
    Kind.ACTIVITY: history.activities,
}
_RECORDS: Mapping[Kind, Callable[[str, Told, Mapping[str, str]], Content]] = {
    Kind.ACCOUNT: records.accounts,
    Kind.PERSON: records.people,
    Kind.OPPORTUNITY: records.opportunities,
}
