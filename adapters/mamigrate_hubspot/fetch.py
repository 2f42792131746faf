"""Fetching pages of each kind: which calls a page costs, and how its cursor reads.

A cursor is ``<part>|<after>``: which of a kind's parts (live or archived records, one list, one asset type) is being
read, and the vendor's own cursor inside it. It holds everything that another process needs to go on.
"""

import threading
from collections.abc import Callable, Mapping, Sequence

from mamigrate.clock import Clock
from mamigrate.contract import Landed
from mamigrate.errors import Refused
from mamigrate.findings import Finding
from mamigrate.http.call import Rejected, Reply, Unreadable
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_hubspot import holes, wire
from mamigrate_hubspot.api import LONGEST_URL, SEARCH_PAGE, Api
from mamigrate_hubspot.fetch_estate import FetchEstate
from mamigrate_hubspot.fetch_history import FetchHistory
from mamigrate_hubspot.meanings import OBJECTS
from mamigrate_hubspot.read import schema
from mamigrate_hubspot.read.context import stamp, unique, write_json, write_types
from mamigrate_hubspot.read.topics import asked_for, topic_class
from mamigrate_hubspot.settings import Options

Fetched = tuple[Landed, str | None]

_ASSOCIATIONS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("companies",),
    "companies": (),
    "deals": ("companies", "contacts"),
}
_SINCE = "since:"
GONE, HIDDEN = 404, 403
"""Statuses of what was deleted, and of what is not shown."""


class Fetch:
    """Fetches pages. Property lists and definitions are asked for once and kept."""

    def __init__(self, api: Api, options: Options, clock: Clock) -> None:
        self._api, self._options, self._clock = api, options, clock
        self._properties: dict[str, Reply] = {}
        self._topics: list[wire.Json] | None = None
        self._lock = threading.Lock()
        self._estate = FetchEstate(api, self.landed, self.topic_classes, self._schema)
        self._history = FetchHistory(api, self.landed, clock)
        self._by_kind: Mapping[Kind, Callable[[str, str], Fetched]] = {
            Kind.FIELD: self._fields,
            Kind.TOPIC: self._definitions,
            **self._estate.by_kind,
            Kind.ACCOUNT: lambda part, after: self._records("companies", part, after),
            Kind.PERSON: lambda part, after: self._records("contacts", part, after),
            Kind.OPPORTUNITY: lambda part, after: self._records("deals", part, after),
            Kind.LIST_MEMBERSHIP: self._members,
            Kind.CONSENT_FACT: self._timeline,
            **self._history.by_kind,
        }

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(self._by_kind)

    def page(self, kind: Kind, cursor: str | None) -> Fetched:
        """One page. Raises KeyError for a kind that is not read.

        A page that names itself as the next is asked for once more. Raises Unreadable where it does so again.
        """
        part, _, after = (cursor or "").partition("|")
        for _ in range(2):
            landed, following = self._by_kind[kind](part, after)
            if following is None or following != cursor:
                return landed, following
        raise Unreadable("its pages go in a circle")

    # --- schema --------------------------------------------------------------------------------------------------

    def _fields(self, part: str, after: str) -> Fetched:
        order = list(OBJECTS.values())
        name = part or order[0]
        following = order[order.index(name) + 1 : order.index(name) + 2]
        return self._landed(self._schema(name), object=name), f"{following[0]}|" if following else None

    def _definitions(self, part: str, after: str) -> Fetched:
        explicit = "true" if self._options.explicit_consent else "false"
        return self._landed(self._api.definitions(), explicit_consent=explicit), None

    def definitions_of(self, kind: str) -> Sequence[wire.Json]:
        """The property definitions of an object type."""
        return wire.rows(self._schema(kind).data)

    def _schema(self, kind: str) -> Reply:
        with self._lock:
            if kind not in self._properties:
                self._properties[kind] = self._api.properties(kind)
            return self._properties[kind]

    def types(self, kind: str) -> dict[str, DataType]:
        return {wire.text(one, "name"): schema.data_type(one) for one in self.definitions_of(kind)}

    def topic_classes(self) -> str:
        """``9001:MKT,9002:SVC``: the statuses do not say what their subscription type is for."""
        return ",".join(f"{wire.text(one, 'id')}:{topic_class(one)}" for one in self._definitions_of_topics())

    def needed_topics(self) -> str:
        """``9001,9002``: the types of email in use, each of which the statuses of an address must tell."""
        return ",".join(wire.text(one, "id") for one in self._definitions_of_topics() if asked_for(one))

    def _definitions_of_topics(self) -> list[wire.Json]:
        if self._topics is None:
            self._topics = wire.rows(wire.parse(self._api.definitions().body))
        return self._topics

    # --- records -------------------------------------------------------------------------------------------------

    def _records(self, kind: str, part: str, after: str) -> Fetched:
        """Live records first, then archived ones; or what changed since a moment."""
        if part.startswith(_SINCE):
            return self._changes(kind, part, after)
        archived = part == "archived"
        types = self.types(kind)
        whole = self._api.objects_call(kind, after, archived, list(types), _ASSOCIATIONS[kind])
        if len(whole.target()) <= LONGEST_URL:
            reply = self._api.objects(
                kind, after, archived=archived, properties=list(types), associations=_ASSOCIATIONS[kind]
            )
            landed = self._landed(reply, types=write_types(types))
            following = wire.after(wire.parse(reply.body))
        else:
            landed, following = self._records_in_two_steps(kind, after, archived, types)
        if following is not None:
            return landed, f"{part}|{following}"
        return landed, None if archived else "archived|"

    def _records_in_two_steps(self, kind: str, after: str, archived: bool, types: Mapping[str, DataType]) -> Fetched:
        """The list tells ids and associations, a batch all properties: they would not fit into one URL."""
        listed = wire.parse(
            self._api.objects(
                kind, after, archived=archived, properties=["hs_object_id"], associations=_ASSOCIATIONS[kind]
            ).body
        )
        records = wire.rows(listed)
        ids = [wire.id_of(one) for one in records]
        links = {
            other: write_json(
                {wire.id_of(one): wire.associated(wire.part(one, "associations"), other) for one in records}
            )
            for other in _ASSOCIATIONS[kind]
        }
        landed = self._batch(kind, ids, types, archived=archived, **links)
        return landed, wire.after(listed)

    def _batch(
        self, kind: str, ids: Sequence[str], types: Mapping[str, DataType], *, archived: bool = False, **context: str
    ) -> Landed:
        if not ids:
            return self._made({"status": "COMPLETE", "results": []}, types=write_types(types), **context)
        names = list(types)
        reply, missing = holes.filled(lambda part: self._api.batch(kind, part, names, archived=archived), ids)
        return self._landed(reply, types=write_types(types), **context, **holes.context(missing))

    def _changes(self, kind: str, part: str, last: str) -> Fetched:
        """Records changed since a moment, by id: a search counts to 10,000 only, so each page begins after the last id."""
        moment = parse_datetime(part.removeprefix(_SINCE))
        changed = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        filters = [{"propertyName": changed, "operator": "GTE", "value": str(int(moment.timestamp() * 1000))}]
        if last:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": last})
        types = self.types(kind)
        reply = self._api.search(
            kind,
            {
                "filterGroups": [{"filters": filters}],
                "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                "properties": list(types),
                "limit": SEARCH_PAGE,
            },
        )
        found = wire.parse(reply.body)
        ids = [wire.id_of(one) for one in wire.rows(found)]
        missing: dict[str, str] = {}
        links = {other: write_json(self._associations(kind, other, ids, missing)) for other in _ASSOCIATIONS[kind]}
        landed = self._landed(reply, types=write_types(types), **links, **holes.context(missing))
        more = bool(ids) and (wire.after(found) is not None or len(ids) == SEARCH_PAGE)
        return landed, f"{part}|{ids[-1]}" if more else None

    def _associations(self, kind: str, other: str, ids: Sequence[str], missing: dict[str, str]) -> dict[str, list[str]]:
        """Ties by record. One without any is told as one that does not exist; ``missing`` takes up the others."""
        if not ids:
            return {}
        data = wire.parse(self._api.associations(kind, other, ids).body)
        found: dict[str, list[str]] = {}
        for row in wire.rows(data):
            record = wire.id_of(wire.part(row, "from"))
            found[record] = unique(wire.id_of(one, "toObjectId") for one in wire.listed(row, "to"))
            if row.get("paging"):
                missing[record] = f"{other}: more than one page"
        missing |= {id: f"{other}: {reason}" for id, reason in holes.unread(holes.of(ids, found, data)).items()}
        return found

    def _members(self, part: str, after: str) -> Fetched:
        """Members of one list after another. One that is gone meanwhile, or not visible, is passed over and told."""
        lists = self._estate.lists_of_people()
        key = part or (lists[0] if lists else "")
        if not key:
            return self._made({"results": []}, list=""), None
        later = next((one for one in lists if (len(one), one) > (len(key), key)), None)
        try:
            reply = self._api.members(key, after)
        except Rejected as error:
            if error.status not in (GONE, HIDDEN):
                raise
            how = {"leaves_out": "yes"} if self._estate.leaves_out(key) else {}
            unread = "" if error.status == GONE else error.code
            return self._made({"results": []}, list=key, unread=unread, **how), f"{later}|" if later else None
        following = wire.after(wire.parse(reply.body))
        if following is not None:
            return self._landed(reply, list=key), f"{key}|{following}"
        return self._landed(reply, list=key), f"{later}|" if later else None

    def left_out(self, connection: str) -> tuple[list[str], list[Finding]]:
        """Lists whose members are left out of mail, asked for anew, and what of that could not be read."""
        return self._estate.left_out(connection)

    # --- consent -------------------------------------------------------------------------------------------------

    def _timeline(self, part: str, after: str) -> Fetched:
        try:
            reply = self._api.timeline(after)
        except (Refused, Rejected) as error:
            reason = error.reason if isinstance(error, Refused) else error.code
            return self._made({"timeline": []}, unread=reason), None
        data = wire.parse(reply.body)
        return self._landed(reply), f"|{wire.id_of(data, 'offset')}" if wire.more(data) else None

    # --- landing -------------------------------------------------------------------------------------------------

    def _landed(self, reply: Reply, **context: str) -> Landed:
        return self.landed(reply.body, **context)

    def landed(self, body: bytes, **context: str) -> Landed:
        return Landed(body, {"read_at": stamp(self._clock.now()), **context})

    def _made(self, body: wire.Json, **context: str) -> Landed:
        """A page without a reply: nothing to ask for, or the vendor refused to tell."""
        return self.landed(write_json(body).encode(), **context)
