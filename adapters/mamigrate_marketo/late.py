"""Denials that appeared on people since a moment: from the log of activities, as far as they still stand.

The log says who and when; what stands is asked of the people themselves. Source: Adobe's developer docs, "Activities" and
"Paging tokens"; "Durable unsubscribe" for what Marketo writes itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

import orjson

from mamigrate.clock import Clock
from mamigrate.consent.facts import from_blockers
from mamigrate.contract import DenialPage, NeutralRow
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Reply, Unreadable
from mamigrate.http.codes import told_at
from mamigrate.http.shapes import whole
from mamigrate.model.canonical import parse_datetime, render_second
from mamigrate.model.kinds import Kind
from mamigrate_marketo import wire
from mamigrate_marketo.api import Api
from mamigrate_marketo.capabilities import BLOCKERS
from mamigrate_marketo.denials import CAUSES, MARKS
from mamigrate_marketo.lookup import Lookup

UNSUBSCRIBED, NEW, MERGED = 9, 12, 32
"""Types of activities: an unsubscribe link was clicked, a person is new, people became one."""
FIELDS = ("unsubscribed", "blackListed", "marketingSuspended", "emailInvalid")
"""Flags that last. A suspension of 24 hours after a bounce is over before it matters elsewhere."""
CAUSE_OF = {name: CAUSES[name][0] for name in FIELDS}
"""The field that says why a flag is raised."""
RETENTION = timedelta(days=90)
"""How long Marketo keeps changes of values."""
DELETED_KEPT = timedelta(days=14)
"""How long it tells who was deleted."""
PARTS = ("activities", "changes", "deleted")
OF_AN_API = "web service"
"""How the source of a change begins that was made through an API; any other is somebody's own doing."""
LEADS = 30
UNTOLD = "?"
"""What a field became that is said to have changed, and not to what: doubt denies."""

Topics = Mapping[str, str]
Flag = tuple[str, str]
"""A person's key, and a field."""
Written = Mapping[Flag, Sequence[datetime]]
ONE_CALL = timedelta(minutes=1)
"""The log dates each field that a call changed for itself."""


class Event(NamedTuple):
    """Somebody's field that was raised. ``native``: no API did it. ``ours``: a cause of ours was written with it, if one was."""

    lead: str
    name: str
    at: datetime | None
    native: bool
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: a part, the vendor's token in it, until when everything was told, and what was lowered so far."""

    part: str
    token: str
    until: datetime
    lowered: tuple[Flag, ...] = ()

    @classmethod
    def of(cls, cursor: str) -> "Place":
        told = orjson.loads(cursor)
        lowered = tuple((lead, name) for lead, name in told["lowered"])
        return cls(told["part"], told["token"], parse_datetime(told["until"]), lowered)

    def cursor(self) -> str:
        told = {"part": self.part, "token": self.token, "until": render_second(self.until), "lowered": self.lowered}
        return orjson.dumps(told).decode()


@dataclass(slots=True)
class Late:
    """Reads denials of one instance."""

    connection: str
    api: Api
    lookup: Lookup
    clock: Clock

    def page(self, moment: datetime, cursor: str | None, topics: Topics) -> DenialPage:
        """One page of the log. The first asks for a token too, and says from what time on Marketo answers."""
        place = Place.of(cursor) if cursor else self._begin(moment)
        reply = self._asked(place, topics)
        data = wire.parse(reply.body)
        rows, following = wire.result(data), wire.token(data)
        lowered = set(place.lowered)
        ours = _written([*rows, *self._rest(place, rows, following, topics)])
        events = list(self._events(place.part, rows, topics, lowered, ours))
        facts, native, own = self._facts(events, topics, place.until)
        problems = () if cursor else tuple(self._beyond(moment, place.until))
        after = self._next(replace(place, lowered=tuple(sorted(lowered))), following, moment)
        return DenialPage(facts, place.until, after, frozenset(native), problems, ours=frozenset(own))

    def _begin(self, moment: datetime) -> Place:
        token, until = self._token(moment)
        return Place(PARTS[0], token, until)

    def _token(self, moment: datetime) -> tuple[str, datetime]:
        reply = self.api.paging_token(render_second(moment))
        return wire.id_of(wire.parse(reply.body), "nextPageToken"), told_at(reply.headers, self.clock.now())

    def _next(self, place: Place, following: str | None, moment: datetime) -> str | None:
        if following is not None:
            return replace(place, token=following).cursor()
        later = PARTS[PARTS.index(place.part) + 1 :]
        return Place(later[0], self._token(moment)[0], place.until).cursor() if later else None

    def _asked(self, place: Place, topics: Topics) -> Reply:
        match place.part:
            case "activities":
                return self.api.activities(place.token, (UNSUBSCRIBED, MERGED))
            case "changes":
                return self.api.lead_changes(place.token, (*FIELDS, *CAUSE_OF.values(), *sorted(topics)))
            case _:
                return self.api.deleted_leads(place.token)

    def _beyond(self, moment: datetime, until: datetime) -> Iterator[Finding]:
        """What happened before the log begins is told by nobody; and who was deleted is told for a shorter time."""
        since = render_second(moment)
        if moment < until - RETENTION:
            params = {"since": since, "kept": str(RETENTION.days)}
            yield Finding("denials_beyond_log", Severity.WARN, self.connection, params)
        if moment < until - DELETED_KEPT:
            params = {"since": since, "kept": str(DELETED_KEPT.days)}
            yield Finding("deletions_beyond_log", Severity.WARN, self.connection, params)

    # --- the log -----------------------------------------------------------------------------------------------------

    def _rest(
        self, place: Place, rows: Sequence[wire.Json], following: str | None, topics: Topics
    ) -> Iterator[wire.Json]:
        """Rows of the next page that the last call of this one made: a flag stands here, and its cause may stand there."""
        last = rows[-1] if rows and following and place.part == "changes" else None
        if last is None or not any(wire.id_of(one, "name") in FIELDS for one in wire.listed(last, "fields")):
            return
        reply = self._asked(replace(place, token=str(following)), topics)
        rest = wire.result(wire.parse(reply.body))
        yield from (row for row in rest if wire.id_of(row, "leadId") == wire.id_of(last, "leadId"))

    def _events(
        self, part: str, rows: Sequence[wire.Json], topics: Topics, lowered: set[Flag], ours: Written
    ) -> Iterator[Event]:
        match part:
            case "activities":
                for row in rows:
                    yield from _happened(row, topics)
            case "changes":
                yield from raised(rows, topics, lowered, ours)
            case _:
                yield from self._before_deletion([wire.id_of(row, "leadId") for row in rows], topics)

    def _before_deletion(self, leads: Sequence[str], topics: Topics) -> Iterator[Event]:
        """What people did themselves who were deleted since: their opt-outs outlive them, by their ids at least."""
        for start in range(0, len(leads), LEADS):
            token, _ = self._token(self.clock.now() - RETENTION)
            following: str | None = token
            seen = set[str]()
            lowered: set[Flag] = set()
            while following is not None:
                if following in seen:
                    raise Unreadable("its pages go in a circle")
                seen.add(following)
                reply = self.api.lead_changes(following, FIELDS, leads[start : start + LEADS])
                data = wire.parse(reply.body)
                yield from (one for one in raised(wire.result(data), topics, lowered) if one.native)
                following = wire.token(data)

    # --- what stands -------------------------------------------------------------------------------------------------

    def _facts(
        self, events: Sequence[Event], topics: Topics, now: datetime
    ) -> tuple[list[NeutralRow], set[str], set[str]]:
        """Facts, and keys of those that no API made and of those that we wrote."""
        leads, wanted = sorted({one.lead for one in events}), sorted({*topics, *CAUSE_OF.values()})
        there = {row["key"]: row for row in self.lookup.find(Kind.PERSON, "id", leads, wanted)} if leads else {}
        facts: list[NeutralRow] = []
        native, ours = set[str](), set[str]()
        for (lead, name), told in _latest(events).items():
            found = list(self._standing(there[lead], name, topics, now)) if lead in there else []
            if lead not in there and told.native:  # gone, and the opt-out may live on
                found = [self._fact(lead, name, topics)]
            exact = {} if told.at is None else {"lo": told.at, "hi": told.at}
            facts += [{**fact, **exact} for fact in found]
            native |= {fact["key"] for fact in found if told.native}
            if (
                told.ours
                and not told.native
                and lead in there
                and _is_ours(there[lead]["values"].get(CAUSE_OF.get(name)))
            ):
                ours |= {fact["key"] for fact in found}
        return facts, native, ours

    def _standing(self, person: NeutralRow, name: str, topics: Topics, now: datetime) -> Iterator[NeutralRow]:
        if name not in topics:
            source = f"{self.connection}/person"
            yield from from_blockers(person, [one for one in BLOCKERS if one.field == name], source, now)
        elif _denies(person["values"].get(name), topics[name]):
            yield self._fact(person["key"], name, topics, person)
            if person["email_loose"]:
                yield self._fact(person["key"], name, topics, person, holder="address")

    def _fact(
        self, lead: str, name: str, topics: Topics, person: NeutralRow | None = None, *, holder: str = "person"
    ) -> NeutralRow:
        reference = f"{self.connection}/person/{lead}/{name}"
        kind = "topic_opt_out" if name in topics else _KINDS.get(name, "objection")
        return {
            "key": f"{reference}/{holder}",
            "polarity": "-",
            "kind": kind,
            "holder": holder,
            "person_key": lead,
            "address_strict": person["email_strict"] if person else None,
            "address_loose": person["email_loose"] if person else None,
            "channel": "email",
            "brand": "*",
            "topic": name if name in topics else "*",
            "asset_class": _CLASSES.get(name, "MKT"),
            "lo": person["created_at"] if person else None,
            "hi": person["updated_at"] if person else None,
            "until": None,
            "actor": "subject",
            "proof": 2,
            "source_ref": reference,
            "raw": topics.get(name, "true"),
        }


_KINDS = {one.field: one.fact for one in BLOCKERS}
_CLASSES = {one.field: one.asset_class for one in BLOCKERS}


def _happened(row: wire.Json, topics: Topics) -> Iterator[Event]:
    """A click on an unsubscribe link raises one flag; of people who became one, every flag is looked at."""
    lead, at = wire.id_of(row, "leadId"), _moment(row)
    if _type(row) == UNSUBSCRIBED:
        yield Event(lead, "unsubscribed", at, True)
    else:
        yield from (Event(lead, name, None, False) for name in _all(topics))


def _all(topics: Topics) -> list[str]:
    """Fields that say no by themselves: one that only says yes says nothing of somebody new."""
    return [*FIELDS, *sorted(name for name, denies in topics.items() if denies == "true")]


def raised(
    rows: Sequence[wire.Json], topics: Topics, lowered: set[Flag], ours: Written = MappingProxyType({})
) -> Iterator[Event]:
    """Changes to what denies, and whoever is new. A flag that was lowered and raised again is no echo of ours.

    ``lowered`` are the flags that earlier pages saw lowered; those of this page are added. ``ours`` were raised with a cause of ours.
    """
    for row in rows:
        lead, at = wire.id_of(row, "leadId"), _moment(row)
        changed = wire.listed(row, "fields")
        if _type(row) == NEW or not changed:
            yield from (Event(lead, name, at, False, True) for name in _all(topics))
        for one in changed:
            name = wire.id_of(one, "name")
            if name not in FIELDS and name not in topics:
                continue
            value = wire.text(one, "newValue").lower() if "newValue" in one else UNTOLD
            if not _denies(value, topics.get(name, "true")):
                lowered.add((lead, name))
            else:
                yield Event(
                    lead, name, at, (lead, name) in lowered or not _by_api(row), _is_one_call((lead, name), at, ours)
                )


def _written(rows: Iterable[wire.Json]) -> Written:
    """When causes of ours were written: the call that wrote one raised its flag."""
    found: dict[Flag, list[datetime]] = defaultdict(list)
    for row in rows:
        for one in wire.listed(row, "fields"):
            flag = next((flag for flag, cause in CAUSE_OF.items() if cause == wire.id_of(one, "name")), None)
            if flag and _by_api(row) and _is_ours(wire.text(one, "newValue")):
                found[wire.id_of(row, "leadId"), flag] += [at for at in [_moment(row)] if at is not None]
    return found


def _is_one_call(flag: Flag, at: datetime | None, ours: Written) -> bool:
    return at is not None and any(abs(when - at) <= ONE_CALL for when in ours.get(flag, ()))


def _is_ours(cause: str | None) -> bool:
    return bool(cause) and str(cause).startswith(MARKS)


def _type(row: wire.Json) -> int:
    return whole(row, "activityTypeId")


def _denies(value: str | None, denies: str) -> bool:
    """A field that says yes has said no as soon as it does not say yes any more: emptied is not given.

    A field that says no says it with whatever is not plainly the contrary: doubt denies.
    """
    return value != "true" if denies == "false" else value == denies or (value or "false") not in _NO


_NO = ("false", "0", "no")
"""Texts of a flag that is not raised."""


def _by_api(row: wire.Json) -> bool:
    told = {wire.text(one, "name"): wire.text(one, "value") for one in wire.listed(row, "attributes")}
    source = told.get("Source", "")
    return not source or source.lower().startswith(OF_AN_API)


def _latest(events: Sequence[Event]) -> dict[tuple[str, str], Event]:
    """The newest event of each field; native where any was, ours where all were."""
    found: dict[tuple[str, str], Event] = {}
    for one in events:
        before = found.get((one.lead, one.name))
        at = max((moment for moment in (one.at, before.at if before else None) if moment), default=None)
        native, ours = (
            one.native or (before is not None and before.native),
            one.ours and (before is None or before.ours),
        )
        found[one.lead, one.name] = Event(one.lead, one.name, at, native, ours)
    return found


def _moment(row: wire.Json) -> datetime | None:
    try:
        return parse_datetime(wire.text(row, "activityDate"))
    except ValueError:
        return None
