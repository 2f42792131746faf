"""Adobe Marketo Engage as an adapter: what it is, and the instance that answers for a connection."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import orjson

from mamigrate.capabilities import Capabilities
from mamigrate.clock import Clock
from mamigrate.contract import (
    Blocker,
    Change,
    Connection,
    Content,
    InstanceInfo,
    Landed,
    NeutralRow,
    Outcome,
    Page,
    Setting,
    Status,
)
from mamigrate.errors import Indeterminate, Refused
from mamigrate.findings import Finding
from mamigrate.http.call import Rejected
from mamigrate.http.session import Manners, Session
from mamigrate.http.token import FetchedToken
from mamigrate.model.canonical import render_datetime
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate_marketo import api, codes, denials, read, settings, wire, write
from mamigrate_marketo.capabilities import BLOCKERS, CAPABILITIES
from mamigrate_marketo.meanings import KEY_FIELD, OBJECTS, neutral

_FIELD_ORDER = ("leads", "companies", "opportunities")


class Marketo:
    """The vendor, not connected."""

    name: str = "marketo"
    title: str = "Adobe Marketo Engage"
    settings: Sequence[Setting] = settings.SETTINGS
    capabilities: Capabilities = CAPABILITIES
    blockers: Sequence[Blocker] = BLOCKERS
    key_field: str = KEY_FIELD

    def connect(self, connection: Connection, clock: Clock) -> "MarketoInstance":
        return MarketoInstance(connection, clock)


class MarketoInstance:
    """One instance. Keeps Instance, Writer, Finder, Deleter and ConsentFields of ``mamigrate.contract``."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self._options = chosen = settings.options(connection)
        manners = Manners(judge=codes.Judge(connection.name, clock), limits=codes.limits(chosen), share=chosen.share)
        session = Session(connection, chosen.base_url, clock, manners)
        session.token = FetchedToken(lambda: api.fetch_token(session, chosen), clock)
        self._api, self._clock = api.Api(session), clock
        self._types: dict[str, dict[str, DataType]] = {}
        self._lock = threading.Lock()

    # --- who ---------------------------------------------------------------------------------------------------------

    def info(self) -> InstanceInfo:
        munchkin = self._options.base_url.removeprefix("https://").partition(".")[0].upper()
        described = wire.result(wire.parse(self._api.describe_leads().body))[0]
        linked = any(one.get("crmManaged") for one in described.get("fields") or ())
        return InstanceInfo(munchkin, f"Marketo {munchkin}", self.connection.time_zone, True, linked)

    def check(self) -> Sequence[Finding]:
        return ()

    # --- reading -----------------------------------------------------------------------------------------------------

    def reads(self) -> Sequence[Kind]:
        return (Kind.FIELD,)

    def read(self, kind: Kind, cursor: str | None) -> Page:
        landed, following = self._fields(cursor or _FIELD_ORDER[0])
        return Page(landed, self.normalise(kind, landed), following)

    def normalise(self, kind: Kind, landed: Landed) -> Content:
        data = wire.parse(landed.body)
        return Content({Kind.FIELD: read.fields(self.connection.name, data, landed.context)})

    def _fields(self, name: str) -> tuple[Landed, str | None]:
        following = _FIELD_ORDER[_FIELD_ORDER.index(name) + 1 : _FIELD_ORDER.index(name) + 2]
        if name == "leads":
            landed = self._landed(self._api.describe_leads().body, object=name, schema=self._schema())
        else:
            landed = self._landed(self._api.describe(name).body, object=name)
        return landed, following[0] if following else None

    def _schema(self) -> str:
        """What only the schema endpoint tells of each field: custom, hidden, made by API. A permission of its own."""
        found: dict[str, wire.Json] = {}
        token: str | None = ""
        while token is not None:
            try:
                data = wire.parse(self._api.lead_fields(token).body)
            except Refused:
                return "{}"
            for one in wire.result(data):
                found[wire.text(one, "name")] = {
                    k: one[k] for k in ("isCustom", "isHidden", "isApiCreated") if k in one
                }
            token = wire.token(data)
        return orjson.dumps(found).decode()

    def _landed(self, body: bytes, **context: str) -> Landed:
        read_at = render_datetime(self._clock.now().replace(microsecond=0))
        return Landed(body, {"read_at": read_at, **context})

    def types(self, name: str) -> dict[str, DataType]:
        """Neutral types of an object's fields, asked for once and again after fields were created."""
        with self._lock:
            if name not in self._types:
                reply = self._api.describe_leads() if name == "leads" else self._api.describe(name)
                fields = wire.result(wire.parse(reply.body))[0].get("fields") or ()
                self._types[name] = {wire.text(one, "name"): neutral(wire.text(one, "dataType")) for one in fields}
            return self._types[name]

    # --- looking up --------------------------------------------------------------------------------------------------

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        """People by any searchable field or ``id``; companies and opportunities by their external ids."""
        name = OBJECTS[kind]
        types = self.types(name)
        wanted = self._wanted(kind, fields, types)
        found: list[wire.Json] = []
        for start in range(0, len(values), api.BATCH):
            found += self._look_up(name, by, values[start : start + api.BATCH], wanted)
        read_rows = read.people if kind is Kind.PERSON else lambda c, r, t: read.objects(kind, c, r, t)
        return read_rows(self.connection.name, found, types).rows[kind]

    def _wanted(self, kind: Kind, fields: Sequence[str], types: Mapping[str, DataType]) -> list[str]:
        if kind is not Kind.PERSON:
            return sorted({*fields, "createdAt", "updatedAt"} & set(types) | set(fields))
        blockers = {name for one in BLOCKERS for name in (one.field, one.hours_from) if name}
        return sorted({*fields, *blockers, *(name for name in read.ALWAYS if name in types or name == "id")})

    def _look_up(self, name: str, by: str, values: Sequence[str], fields: Sequence[str]) -> list[wire.Json]:
        try:
            return list(self._pages(name, by, values, fields))
        except Rejected as error:
            # 1003 also says that more than 1,000 records match: fewer values match fewer.
            if error.code != "1003" or "too many" not in error.said.lower() or len(values) == 1:
                raise
        half = len(values) // 2
        return self._look_up(name, by, values[:half], fields) + self._look_up(name, by, values[half:], fields)

    def _pages(self, name: str, by: str, values: Sequence[str], fields: Sequence[str]) -> Iterator[wire.Json]:
        token: str | None = ""
        while token is not None:
            if name == "leads":
                data = wire.parse(self._api.leads(by, values, fields, token).body)
            else:
                data = wire.parse(self._api.objects(name, by, values, fields, token).body)
            yield from wire.result(data)
            token = wire.token(data)

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        return self._writers()[kind](changes)

    def _writers(self) -> Mapping[Kind, Callable[[Sequence[Change]], Sequence[Outcome]]]:
        return {Kind.FIELD: self._write_fields, Kind.PERSON: self._write_people, Kind.ACCOUNT: self._write_accounts}

    def _write_fields(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Create fields that are not there. A field with the same API name counts as equal: types never change."""
        known = self.types("leads")
        new = [one for one in changes if one.values["api_name"] not in known]
        outcome = {
            one.source_key: Outcome(one.source_key, Status.EQUAL, one.values["api_name"])
            for one in changes
            if one.values["api_name"] in known
        }
        if new:
            definitions = [write.field_definition(one) for one in new]
            found = self._send(new, partial(self._api.create_fields, definitions), "name")
            outcome |= {one.source_key: one for one in found}
            with self._lock:
                self._types.pop("leads", None)
        return [outcome[one.source_key] for one in changes]

    def _write_people(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """New people are keyed by our own field, so that a repeated write finds its record; known ones by id."""
        denials.guard(changes)
        for one in changes:
            if one.target_key is None and not one.values.get(KEY_FIELD):
                raise ValueError(f"a new person needs {KEY_FIELD}")
        new = [one for one in changes if one.target_key is None]
        known = [one for one in changes if one.target_key is not None]
        found = [
            *self._sync_people(new, "createOrUpdate", KEY_FIELD, self._options.partition),
            *self._sync_people(known, "updateOnly", "id", ""),
        ]
        by_position = dict(zip((id(one) for one in [*new, *known]), found, strict=True))
        return [by_position[id(one)] for one in changes]

    def _sync_people(self, changes: Sequence[Change], action: str, lookup: str, partition: str) -> Iterator[Outcome]:
        types = self.types("leads")
        records = [
            {**write.record(one.values, types), **({"id": int(one.target_key)} if one.target_key else {})}
            for one in changes
        ]
        for part in write.parts(records):
            inside, body = [changes[i] for i in part], [records[i] for i in part]
            yield from self._send(
                inside,
                partial(self._api.sync_leads, body, action=action, lookup=lookup, partition=partition),
            )

    def _write_accounts(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Companies by their external id, which is the source's key."""
        types = self.types("companies")
        records = [{**write.record(one.values, types), "externalCompanyId": one.source_key} for one in changes]
        found = self._send(changes, partial(self._api.sync_objects, "companies", records))
        # People and opportunities refer to a company by its external id, never by the number in the answer.
        return [_keyed(one) for one in found]

    def _send(self, changes: Sequence[Change], call: Callable[[], wire.Json], key: str = "id") -> list[Outcome]:
        """One call that writes. A refusal of the whole call is a rejection of each record: nothing was written."""
        try:
            return write.outcomes(changes, wire.result(call()), key)
        except Indeterminate as error:
            return write.doubtful(changes, error.reason)
        except Rejected as error:
            return [write.rejected(one, error.code, error.said) for one in changes]

    # --- undoing and denying -----------------------------------------------------------------------------------------

    def delete(self, kind: Kind, keys: Sequence[str]) -> Sequence[Outcome]:
        """People by id. What is already gone counts as deleted."""
        changes = [Change(key, key, {}) for key in keys]
        found: list[Outcome] = []
        for start in range(0, len(changes), api.BATCH):
            part = changes[start : start + api.BATCH]
            ids = [int(one.source_key) for one in part]
            found += self._send(part, partial(self._api.delete_leads, ids))
        return [_gone(one) for one in found]

    def denial_values(self, facts: frozenset[str], cause: str) -> Mapping[str, str]:
        return denials.values(facts, cause)


def _keyed(outcome: Outcome) -> Outcome:
    if outcome.status in (Status.REJECTED, Status.MAYBE):
        return outcome
    return Outcome(outcome.source_key, outcome.status, outcome.source_key)


def _gone(outcome: Outcome) -> Outcome:
    return Outcome(outcome.source_key, Status.DELETED, outcome.source_key) if outcome.code == "1004" else outcome
