"""Denials that appeared since a moment: the legacy timeline, contacts that changed, and what their addresses' statuses say now.

The timeline alone tells of addresses without a contact; a change of a contact tells of what no subscription type knows.
Sources: HubSpot docs, "View subscriptions timeline for a portal", "Subscription preferences v4" and "Search the CRM".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from mamigrate.clock import Clock
from mamigrate.consent.address import loose
from mamigrate.consent.facts import from_blockers
from mamigrate.contract import DenialPage, NeutralRow
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.http.codes import told_at
from mamigrate.model.canonical import parse_datetime, render_second
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import left, wire
from mamigrate_hubspot.api import SEARCH_PAGE, Api
from mamigrate_hubspot.capabilities import BLOCKERS
from mamigrate_hubspot.fetch import Fetch
from mamigrate_hubspot.holders import Holders
from mamigrate_hubspot.read import records, timeline
from mamigrate_hubspot.read.context import read_types, unique, write_types
from mamigrate_hubspot.read.mirrors import MIRROR
from mamigrate_hubspot.read.pages import Pages
from mamigrate_hubspot.statuses import Statuses

PARTS = ("timeline", "contacts")
NAMED = ("email", "hs_additional_emails", "createdate", "lastmodifieddate")
OF_ALL = "hs_email_optout"
FOLLOWS = "hs_email_is_ineligible"
"""Becomes true with an opt-out of everything, and says nothing of its own then."""


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
class Told:
    """What statuses say of addresses; ``unread`` stands for those that were not told, and ``noted`` says so."""

    facts: list[NeutralRow] = field(default_factory=list)
    unread: list[NeutralRow] = field(default_factory=list)
    native: set[str] = field(default_factory=set)
    noted: list[Finding] = field(default_factory=list)


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
            refused = Finding("denials_without_contact_unread", Severity.WARN, self.connection, {"reason": reason})
            return DenialPage((), place.until, following, problems=(refused,))
        data = wire.parse(reply.body)
        changes = timeline.told(self.connection, data, {}).rows[Kind.CONSENT_FACT]
        denials = [fact for fact in changes if fact["polarity"] == "-"]
        addresses = unique(wire.text(item, "recipient") for item in wire.rows(data, "timeline"))
        gone = {fact["address_loose"] for fact in denials}
        asked = [address for address in addresses if loose(address) in gone]
        holders, problems = Holders(self.connection, self.api).of(asked)
        told = self._of_addresses(moment, holders)
        # No status tells of a complaint; and where statuses are not told, the changes are all that is known, and enough.
        unread = {fact["address_loose"] for fact in told.unread}
        alone = [fact for fact in denials if fact["kind"] == "complaint" or fact["address_loose"] in unread]
        own = list(_held_by_all(alone, holders))
        native = told.native | {fact["key"] for fact in own if fact["actor"] == "subject"}
        if wire.more(data):
            following = Place(PARTS[0], wire.id_of(data, "offset"), place.until).cursor()
        return DenialPage([*told.facts, *own], place.until, following, frozenset(native), problems)

    # --- contacts ----------------------------------------------------------------------------------------------------

    def _contacts(self, moment: datetime, place: Place) -> DenialPage:
        people, following = self._changed(moment, place)
        facts = [fact for person in people for fact in self._flags(person, place.until)]
        holders: dict[str, list[str]] = {}
        for person in (one for one in people if _opted_out(one)):
            for address in unique([person["email"] or "", *person["other_emails"]]):
                holders.setdefault(address, []).append(person["key"])
        moved = Holders(self.connection, self.api).readdressed(
            [key for keys in holders.values() for key in keys], moment
        )
        whole = {address for address, keys in holders.items() if moved.intersection(keys)}
        told = self._of_addresses(moment, holders, whole)
        # Who shows an opt-out, and nobody tells of what: of everything, as in a run. So nothing is missing.
        facts += [*told.facts, *told.unread]
        return DenialPage(facts, place.until, following, frozenset(told.native), noted=told.noted)

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
        gone = person["values"].get(OF_ALL) == "true"
        alone = [one for one in BLOCKERS if not one.mirrors and not (one.field == FOLLOWS and gone)]
        yield from from_blockers(person, alone, f"{self.connection}/person", now)

    # --- statuses ----------------------------------------------------------------------------------------------------

    def _of_addresses(self, moment: datetime, holders: Mapping[str, list[str]], whole: Collection[str] = ()) -> Told:
        """What these addresses have left since ``moment``; those of ``whole`` ever, since they are new to somebody."""
        found, ever = Told(), {loose(address) for address in whole}
        for landed in self.statuses.of(holders) if holders else ():
            page = left.denials(self.connection, landed)
            found.unread += [fact for fact in page.facts if left.untold(fact)]
            known = [fact for fact in page.facts if not left.untold(fact)]
            found.facts += [
                fact for fact in known if fact["lo"] is None or fact["lo"] >= moment or fact["address_loose"] in ever
            ]
            found.native |= page.native
            found.noted += page.noted
        return found


def _held_by_all(facts: Iterable[NeutralRow], holders: Mapping[str, Sequence[str]]) -> Iterator[NeutralRow]:
    """Changes of addresses, and the same held by the contacts that have them."""
    people: dict[str | None, list[str]] = {}
    for address, keys in holders.items():
        people.setdefault(loose(address), []).extend(keys)
    for fact in facts:
        yield fact
        for person in people.get(fact["address_loose"], ()):
            key = f"{fact['source_ref']}/person/{person}"
            yield {**fact, "key": key, "holder": "person", "person_key": person}


def _opted_out(person: NeutralRow) -> bool:
    """Whether a contact shows an opt-out of anything, or what cannot be read as none."""
    values = person["values"]
    shown = [text for name, text in values.items() if name == OF_ALL or name.startswith(MIRROR)]
    return any(text != "false" for text in shown)


def _is_told(name: str) -> bool:
    return name in NAMED or name.startswith(MIRROR) or any(name == one.field for one in BLOCKERS)
