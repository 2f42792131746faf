"""Denials that appeared since a moment: the legacy timeline, contacts that changed, and what their addresses' statuses say now.

The timeline alone tells of addresses without a contact; a change of a contact tells of what no subscription type knows.
Sources: HubSpot docs, "View subscriptions timeline for a portal", "Subscription preferences v4" and "Search the CRM".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from mamigrate.clock import Clock
from mamigrate.consent.address import loose
from mamigrate.consent.facts import from_blockers
from mamigrate.contract import DenialPage, Landed, NeutralRow
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.http.codes import told_at
from mamigrate.model.canonical import parse_datetime, render_second
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import wire
from mamigrate_hubspot.api import PAGE, SEARCH_PAGE, Api
from mamigrate_hubspot.capabilities import BLOCKERS
from mamigrate_hubspot.fetch import Fetch
from mamigrate_hubspot.read import consent, records
from mamigrate_hubspot.read.consent import MIRROR
from mamigrate_hubspot.read.context import read_types, unique, write_types
from mamigrate_hubspot.read.pages import Pages
from mamigrate_hubspot.statuses import Statuses

PARTS = ("timeline", "contacts")
NAMED = ("email", "hs_additional_emails", "createdate", "lastmodifieddate")
FOLLOWS = "hs_email_is_ineligible"
"""Becomes true with an opt-out, and says nothing of its own then."""
UNTOLD = "unread"
"""What the facts say of an address whose statuses were not told."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: a part, the vendor's cursor in it, and until when everything was told."""

    part: str
    after: str
    until: datetime

    @classmethod
    def of(cls, cursor: str) -> "Place":
        told = orjson.loads(cursor)
        return cls(told["part"], told["after"], parse_datetime(told["until"]))

    def cursor(self) -> str:
        told = {"part": self.part, "after": self.after, "until": render_second(self.until)}
        return orjson.dumps(told).decode()


@dataclass(slots=True)
class Late:
    """Reads denials of one account."""

    connection: str
    api: Api
    fetch: Fetch
    statuses: Statuses
    clock: Clock

    def page(self, moment: datetime, cursor: str | None) -> DenialPage:
        place = Place.of(cursor) if cursor else Place(PARTS[0], "", self._now())
        return self._timeline(moment, place) if place.part == PARTS[0] else self._contacts(moment, place)

    def _now(self) -> datetime:
        """Asked before anything is read: what happens from then on is told by the next reading."""
        return told_at(self.api.account().headers, self.clock.now())

    # --- the timeline ------------------------------------------------------------------------------------------------

    def _timeline(self, moment: datetime, place: Place) -> DenialPage:
        following = Place(PARTS[1], "", place.until).cursor()
        try:
            reply = self.api.timeline(place.after, int(moment.timestamp() * 1000))
        except (Refused, Rejected) as error:
            reason = error.reason if isinstance(error, Refused) else error.code
            told = Finding("denials_without_contact_unread", Severity.WARN, self.connection, {"reason": reason})
            return DenialPage((), place.until, following, problems=(told,))
        data = wire.parse(reply.body)
        changes = consent.timeline(self.connection, data, {}).rows[Kind.CONSENT_FACT]
        denials = [fact for fact in changes if fact["polarity"] == "-"]
        addresses = unique(wire.text(item, "recipient") for item in wire.rows(data, "timeline"))
        left = {fact["address_loose"] for fact in denials}
        asked = [address for address in addresses if loose(address) in left]
        page = self._of_addresses(moment, self._holders(asked))
        # No status tells of a complaint.
        facts = [fact for fact in denials if fact["kind"] == "complaint"]
        if data.get("hasMore"):
            following = Place(PARTS[0], wire.text(data, "offset"), place.until).cursor()
        return DenialPage([*facts, *page.facts], place.until, following, page.native, page.problems)

    def _holders(self, addresses: Sequence[str]) -> dict[str, list[str]]:
        """The addresses with the contacts that have them as their first."""
        found: dict[str, list[str]] = {address: [] for address in addresses}
        folded = {address.casefold(): address for address in addresses}
        for start in range(0, len(addresses), PAGE):
            reply = self.api.batch("contacts", addresses[start : start + PAGE], ["email"], by="email")
            for row in wire.rows(wire.parse(reply.body)):
                address = folded.get(wire.text(row.get("properties") or {}, "email").casefold())
                if address is not None:
                    found[address].append(wire.text(row, "id"))
        return found

    # --- contacts ----------------------------------------------------------------------------------------------------

    def _contacts(self, moment: datetime, place: Place) -> DenialPage:
        people, following = self._changed(moment, place)
        facts = [fact for person in people for fact in self._flags(person, place.until)]
        holders: dict[str, list[str]] = {}
        for person in (one for one in people if _opted_out(one)):
            for address in unique([person["email"] or "", *person["other_emails"]]):
                holders.setdefault(address, []).append(person["key"])
        page = self._of_addresses(moment, holders)
        return DenialPage([*facts, *page.facts], place.until, following, page.native, page.problems)

    def _changed(self, moment: datetime, place: Place) -> tuple[Sequence[NeutralRow], str | None]:
        """Contacts by id, since a search counts to 10,000 only: each page begins after the last id."""
        types = {name: kind for name, kind in self.fetch.types("contacts").items() if _is_told(name)}
        filters = [
            {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(int(moment.timestamp() * 1000))}
        ]
        if place.after:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": place.after})
        reply = self.api.search(
            "contacts",
            {
                "filterGroups": [{"filters": filters}],
                "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                "properties": list(types),
                "limit": SEARCH_PAGE,
            },
        )
        landed = self.fetch.landed(reply.body, types=write_types(types))
        told = Pages().read(Kind.PERSON, landed.body, read_types(landed.context))
        people = records.people(self.connection, told, landed.context).rows[Kind.PERSON]
        whole = len(people) == SEARCH_PAGE
        return people, Place(place.part, people[-1]["key"], place.until).cursor() if whole else None

    def _flags(self, person: NeutralRow, now: datetime) -> Iterator[NeutralRow]:
        """What keeps a contact unmailed beside its subscriptions. Those are told by statuses, with their instants."""
        left = _opted_out(person)
        alone = [one for one in BLOCKERS if not one.mirrors and not (one.field == FOLLOWS and left)]
        yield from from_blockers(person, alone, f"{self.connection}/person", now)

    # --- statuses ----------------------------------------------------------------------------------------------------

    def _of_addresses(self, moment: datetime, holders: Mapping[str, list[str]]) -> DenialPage:
        """What these addresses have left since ``moment``. ``until`` of the answer says nothing."""
        facts: list[NeutralRow] = []
        native: set[str] = set()
        problems: list[Finding] = []
        for landed in self.statuses.of(holders) if holders else ():
            told = denials(self.connection, landed)
            problems += told.problems
            fresh = [fact for fact in told.facts if fact["lo"] is None or fact["lo"] >= moment]
            facts += [fact for fact in fresh if fact["raw"] != UNTOLD]
            native |= told.native
        return DenialPage(facts, moment, None, frozenset(native), problems)


def denials(connection: str, landed: Landed) -> DenialPage:
    """The denials of a page of statuses; what was not told is among them. ``until`` says nothing."""
    data = wire.parse(landed.body)
    read = consent.unread if landed.context["form"] == "unread" else consent.statuses
    content = read(connection, data, landed.context)
    facts = [fact for fact in content.rows[Kind.CONSENT_FACT] if fact["polarity"] == "-"]
    own = {(address, topic) for address, topic in _own_doing(data, landed.context["form"])}
    addresses = {address for address, _ in own}
    native = {
        fact["key"]
        for fact in facts
        if (fact["address_loose"], fact["topic"]) in own
        or (fact["topic"] == "*" and fact["address_loose"] in addresses)
    }
    return DenialPage(facts, datetime.max, None, frozenset(native), tuple(content.problems))


def _own_doing(data: wire.Json, form: str) -> Iterator[tuple[str | None, str]]:
    """(loose address, topic) of statuses that no API has written: their source says so."""
    answers: Iterable[wire.Json] = wire.rows(data) if form != "unread" else ()
    for answer in answers:
        address = loose(wire.text(answer, "subscriberIdString"))
        for status in answer.get("statuses") or (answer,):
            source = wire.text(status, "source")
            if wire.text(status, "status") == "UNSUBSCRIBED" and source and "API" not in source:
                yield address, wire.text(status, "subscriptionId")


def _opted_out(person: NeutralRow) -> bool:
    """Whether a contact shows an opt-out of anything, or what cannot be read as none."""
    values = person["values"]
    shown = [text for name, text in values.items() if name == "hs_email_optout" or name.startswith(MIRROR)]
    return any(text != "false" for text in shown)


def _is_told(name: str) -> bool:
    return name in NAMED or name.startswith(MIRROR) or any(name == one.field for one in BLOCKERS)
