"""Fetching pages of each kind: which calls a page costs, and how its cursor reads.

A cursor is ``<part>|<offset>|<id>``: which of a kind's parts is being read, where in it, and the last that was read.
"""

import threading
from collections.abc import Mapping, Sequence

import orjson

from mamigrate.clock import Clock
from mamigrate.contract import Landed
from mamigrate.errors import Refused
from mamigrate.http.call import Rejected, Reply, Unreadable
from mamigrate.model.canonical import render_datetime
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_marketo import read, wire
from mamigrate_marketo.api import Api
from mamigrate_marketo.meanings import neutral

Fetched = tuple[Landed, str | None]

PARTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.FIELD: ("leads", "companies", "opportunities"),
    Kind.TOPIC: ("none",),
    Kind.CHANNEL: ("channels",),
    Kind.LIST: ("staticLists", "smartLists"),
    Kind.ASSET: ("emails", "forms", "landingPages", "snippets"),
    Kind.WORKFLOW: ("smartCampaigns",),
    Kind.PROGRAM: ("programs",),
}
"""The parts of each kind, in the order of reading; the kinds in theirs."""

CRM_ENABLED = "1018"
CRM_KINDS = {Kind.ACCOUNT: "companies", Kind.OPPORTUNITY: "opportunities"}
"""What a native sync with a CRM owns. (Adobe's developer docs, "Error codes": 1018 CRM enabled)"""
OWNED = "a natively linked CRM owns it (1018)"

_SCHEMA = ("isCustom", "isHidden", "isApiCreated")


class Fetch:
    """Fetches pages. Describes are asked for once, and again after fields were created."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api, self._clock = api, clock
        self._types: dict[str, dict[str, DataType]] = {}
        self._describes: dict[str, Reply] = {}
        self.crm_refused = False
        """Whether a describe was refused because a CRM is linked."""
        self._closed: Mapping[Kind, str] | None = None
        self._lock = threading.Lock()

    def page(self, kind: Kind, cursor: str | None) -> Fetched:
        """One page. Raises KeyError for a kind that is not read."""
        parts = PARTS[kind]
        part, offset, last = (*(cursor or parts[0]).split("|"), "", "")[:3]
        landed, ids = self._part(kind, part, int(offset or 0))
        if last in ids:
            raise Unreadable("its pages go in a circle")
        if ids:  # A page may be shorter than was asked for: only an empty one is the last.
            return landed, f"{part}|{int(offset or 0) + len(ids)}|{ids[-1]}"
        following = parts[parts.index(part) + 1 : parts.index(part) + 2]
        return landed, f"{following[0]}|0" if following else None

    def _part(self, kind: Kind, part: str, offset: int) -> tuple[Landed, list[str]]:
        """A page, and the ids of its rows where it is one of a listing."""
        if kind is Kind.TOPIC:
            # Marketo has no subscription types: preferences are fields, and those are read as fields.
            return self.landed(b'{"success":true,"result":[]}', object=part), []
        if kind is Kind.FIELD:
            return self._fields(part), []
        reply = self._api.assets(part, offset)
        rows = wire.result(wire.parse(reply.body))
        return self.landed(reply.body, object=part, rules=self.rules(part, rows)), [wire.id_of(one) for one in rows]

    def _fields(self, part: str) -> Landed:
        if part == "leads":
            return self.landed(self._describe(part).body, object=part, schema=self._schema())
        try:
            return self.landed(self._describe(part).body, object=part)
        except (Refused, Rejected) as error:
            # A linked CRM owns companies and opportunities, or the role may not see them.
            reason = error.reason if isinstance(error, Refused) else error.code
            self.crm_refused |= reason == CRM_ENABLED
            return self.landed(b'{"success":true,"result":[]}', object=part, unread=reason)

    def _schema(self) -> str:
        """What only the schema endpoint tells of each field: custom, hidden, made by API. A permission of its own."""
        found: dict[str, wire.Json] = {}
        token: str | None = ""
        seen = set[str]()
        while token is not None:
            try:
                data = wire.parse(self._api.lead_fields(token).body)
            except (Refused, Rejected):
                return "{}"
            if token in seen:
                raise Unreadable("its pages go in a circle")
            seen.add(token)
            for one in wire.result(data):
                found[wire.text(one, "name")] = {name: one[name] for name in _SCHEMA if name in one}
            token = wire.token(data)
        return orjson.dumps(found).decode()

    def rules(self, part: str, rows: Sequence[wire.Json]) -> str:
        """Rules of smart lists and of trigger campaigns: one call each, since no listing holds them."""
        if part == "smartLists":
            return self._rules_of("smartList", rows)
        if part == "smartCampaigns":
            return self._rules_of("smartCampaign", [one for one in rows if wire.text(one, "type") == "trigger"])
        return "{}"

    def _rules_of(self, kind: str, rows: Sequence[wire.Json]) -> str:
        found: dict[str, object] = {}
        for one in rows:
            try:
                answer = wire.result(wire.parse(self._api.rules(kind, wire.text(one, "id")).body))
            except Rejected:
                continue  # Gone since it was listed, or a system list: it stays without rules.
            found |= {wire.text(one, "id"): rule["rules"] for rule in answer[:1] if rule.get("rules")}
        return orjson.dumps(found).decode()

    def types(self, name: str) -> dict[str, DataType]:
        """Neutral types of the fields of ``leads``, ``companies`` or ``opportunities``."""
        with self._lock:
            if name not in self._types:
                self._types[name] = {
                    wire.text(one, "name"): neutral(wire.text(one, "dataType")) for one in self.described(name)
                }
            return self._types[name]

    def described(self, name: str) -> Sequence[wire.Json]:
        """The fields of a describe."""
        return wire.listed(read.first(wire.parse(self._describe(name).body)), "fields")

    def _describe(self, name: str) -> Reply:
        if name not in self._describes:
            self._describes[name] = self._api.describe_leads() if name == "leads" else self._api.describe(name)
        return self._describes[name]

    def closed(self) -> Mapping[Kind, str]:
        """What a linked CRM keeps to itself, whether it lets anybody look at it or not. Asked once."""
        if self._closed is None:
            self._closed = {kind: OWNED for kind, name in CRM_KINDS.items() if self._owned(name)}
        return self._closed

    def _owned(self, name: str) -> bool:
        try:
            self._describe(name)
        except Refused:
            return False  # The role may not see it; whoever looks it up is told.
        except Rejected as error:
            if error.code != CRM_ENABLED:
                raise
            self.crm_refused = True
            return True
        # Fields named after a CRM may be left from a link of old: only what it manages today is its own.
        return read.managed(self.described("leads"))

    def forget_types(self, name: str) -> None:
        """Fields were created: the next one who asks is told anew."""
        with self._lock:
            self._types.pop(name, None)
            self._describes.pop(name, None)

    def landed(self, body: bytes, **context: str) -> Landed:
        read_at = render_datetime(self._clock.now().replace(microsecond=0))
        return Landed(body, {"read_at": read_at, **context})
