"""A vendor in memory that is a real adapter: for tests of the core, and an example for authors of adapters.

It looks like the platforms that we know: fields, people, accounts, opportunities, static lists, topics as boolean fields,
workflows; durable opt-outs, stages that only go forward, lost replies (``memory_state.Quirks``). The option ``store`` names
what a test put there with ``memory_state.keep``; a name that ends with ``.json`` is a file, for other processes.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace

import orjson

from mamigrate.capabilities import Capabilities
from mamigrate.clock import Clock
from mamigrate.contract import (
    Blocker,
    Change,
    Connection,
    Content,
    Denial,
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
from mamigrate.errors import QuotaExhausted, Refused, Unreachable, UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.hookspecs import AdapterEntry, hookimpl
from mamigrate.http.call import Rejected
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_history, memory_late, memory_programs, memory_read, memory_state, memory_write
from mamigrate.testing.memory_schema import (
    BLOCKERS,
    CAPABILITIES,
    CAUSES,
    FLAGS,
    FOUND_BESIDE,
    FOUND_KINDS,
    KEY_FIELDS,
    READ_KINDS,
)
from mamigrate.testing.memory_state import ListDef, State

DAY = 10_000
"""Calls a day."""


class Memory:
    """The vendor, not connected."""

    name: str = "memory"
    title: str = "Memory"
    settings: Sequence[Setting] = (
        Setting("store", "name of what a test put there, or a file that ends with .json"),
        Setting("token", "what the instance asks for", secret=True, required=False),
    )
    capabilities: Capabilities = CAPABILITIES
    blockers: Sequence[Blocker] = BLOCKERS
    key_fields: Mapping[Kind, str] = KEY_FIELDS

    def connect(self, connection: Connection, clock: Clock) -> "MemoryInstance":
        """Raises UsageError where nothing was put under the connection's ``store``."""
        if not memory_state.known(connection.options.get("store", "")):
            raise UsageError("nothing was put there", where=f"connections.{connection.name}.store")
        return MemoryInstance(connection, clock)


class MemoryInstance:
    """One instance. Keeps every protocol of ``mamigrate.contract``."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self._clock, self._store = clock, connection.options["store"]

    # --- who ---------------------------------------------------------------------------------------------------------

    def info(self) -> InstanceInfo:
        state = self._called("info")
        return InstanceInfo(state.instance_id, "Memory", state.time_zone, False, state.quirks.crm_linked)

    def check(self) -> Sequence[Finding]:
        try:
            state = self._called("check")
        except Refused as error:
            return [self._finding("access_refused", reason=error.reason, fix="credentials_or_role")]
        fields = state.fields[Kind.PERSON]
        hidden = [one.field for one in BLOCKERS if one.field not in fields or fields[one.field].hidden]
        return [self._finding("blocker_field_unreadable", field=name, fix="show_field") for name in hidden]

    def quotas(self) -> Sequence[Quota]:
        """Not counted itself."""
        state = memory_state.find(self._store)
        tomorrow = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return [Quota("calls", DAY, state.calls.total(), tomorrow)]

    def closed(self) -> Mapping[Kind, str]:
        """Not counted itself."""
        return memory_state.find(self._store).quirks.closed

    def opt_out_sync(self) -> OptOutSync | None:
        """Not counted itself."""
        return memory_state.find(self._store).quirks.opt_out_sync

    def pushes(self) -> int | None:
        """Not counted itself."""
        return memory_state.find(self._store).quirks.crm_pushes

    # --- reading -----------------------------------------------------------------------------------------------------

    def reads(self) -> Sequence[Kind]:
        return READ_KINDS

    def read(self, kind: Kind, cursor: str | None) -> Page:
        """Raises KeyError for a kind that is not read."""
        state = self._called(f"read {kind}")
        landed, following = memory_read.answer(state, kind, int(cursor or 0))
        return Page(landed, self.normalise(kind, landed), following)

    def normalise(self, kind: Kind, landed: Landed) -> Content:
        return memory_read.content(self.connection.name, kind, landed)

    def dependents(self) -> Sequence[Kind]:
        return (Kind.CONSENT_FACT,)

    def read_for(self, kind: Kind, people: Sequence[NeutralRow]) -> Iterator[Page]:
        """Opt-outs of these people's addresses; record by record where the vendor does not search by address."""
        state = self._called(f"read {kind} for")
        if state.quirks.encrypted:
            yield from self._one_by_one(kind, people)
            return
        landed = memory_read.landed(state, memory_read.opted_out(state, people))
        yield Page(landed, self.normalise(kind, landed), None)

    def _one_by_one(self, kind: Kind, people: Sequence[NeutralRow]) -> Iterator[Page]:
        """What each record says itself. "No record" of an address that is not searched is no answer."""
        for person in people:
            state = self._called(f"read {kind} of one")
            silent = [person["key"]] if person["key"] in state.quirks.silent else []
            rows = [] if silent else memory_read.opted_out(state, [person])
            landed = memory_read.landed(state, rows, unsearched=orjson.dumps(silent).decode())
            yield Page(landed, self.normalise(kind, landed), None)

    def find(self, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Sequence[NeutralRow]:
        """Raises KeyError for a kind that is not looked up."""
        if kind not in (*FOUND_KINDS, *FOUND_BESIDE):
            raise KeyError(kind)
        state = self._called(f"find {kind}")
        if kind in state.quirks.closed:
            raise Rejected("not_here")
        if kind is Kind.ACTIVITY:
            return memory_history.find(self.connection.name, state, values, fields)
        if kind is Kind.LIST:
            return self._lists(state, by, set(values))
        if kind is Kind.PROGRAM:
            return memory_programs.found(self.connection.name, state, by, set(values))
        if kind is Kind.PROGRAM_MEMBERSHIP:
            return memory_programs.members(state, by, set(values))
        if kind is Kind.LIST_MEMBERSHIP:
            return self._members(state, by, set(values))
        rows = [one.model_dump(mode="json") for one in memory_write.matches(state, kind, by, values)]
        found = memory_read.records(self.connection.name, kind, rows, memory_read.landed(state, ()).context)
        wanted = {*fields, *(name for one in BLOCKERS for name in (one.field, one.hours_from, one.cause)), "email"}
        return [{**row, "values": _only(row["values"], wanted)} for row in found.rows[kind]]

    def _lists(self, state: State, by: str, values: set[str]) -> Sequence[NeutralRow]:
        chosen: list[ListDef] = [one for one in state.lists.values() if (one.id if by == "id" else one.name) in values]
        landed = memory_read.landed(state, [one.model_dump(mode="json", exclude={"members"}) for one in chosen])
        return self.normalise(Kind.LIST, landed).rows[Kind.LIST]

    def _members(self, state: State, by: str, values: set[str]) -> Sequence[NeutralRow]:
        """Of whole lists (``list``), or one by one (``id``)."""
        pairs = [{"list": one.id, "person": person} for one in state.lists.values() for person in one.members]
        chosen = [one for one in pairs if (one["list"] if by == "list" else f"{one['list']}/{one['person']}") in values]
        landed = memory_read.landed(state, chosen)
        return self.normalise(Kind.LIST_MEMBERSHIP, landed).rows[Kind.LIST_MEMBERSHIP]

    def count(self, kind: Kind) -> int | None:
        """Living records."""
        state = self._called(f"count {kind}")
        if kind not in memory_read.HOLDERS:
            return None
        wrong = state.quirks.counts.pop(0) if kind is Kind.PERSON and state.quirks.counts else 0
        return sum(not one.archived for one in state.records.get(kind, {}).values()) + wrong

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        state = self._called(f"write {kind}")
        outcomes = memory_write.write(state, kind, changes, self._clock.now())
        memory_state.keep(self._store, state)
        return outcomes

    def delete(self, kind: Kind, keys: Sequence[str]) -> Sequence[Outcome]:
        state = self._called(f"delete {kind}")
        outcomes = memory_write.delete(state, kind, keys)
        memory_state.keep(self._store, state)
        return outcomes

    def denial_values(self, facts: frozenset[str], cause: str) -> Mapping[str, str]:
        flags = {FLAGS.get(fact, "unsubscribed"): "true" for fact in facts}
        return flags | {CAUSES[flag]: cause[:255] for flag in flags if flag in CAUSES}

    def history_room(self) -> HistoryRoom:
        return memory_history.room(self._called("read history types"))

    def define(self, types: Sequence[HistoryType]) -> Sequence[Outcome]:
        state = self._called("write history types")
        outcomes = memory_history.define(state, types)
        memory_state.keep(self._store, state)
        return outcomes

    def program_room(self) -> ProgramRoom:
        return memory_programs.room(self._called("read room for programs"))

    def define_member_fields(self, fields: Mapping[str, str]) -> Sequence[Outcome]:
        state = self._called("write member fields")
        outcomes = memory_programs.define(state, fields)
        memory_state.keep(self._store, state)
        return outcomes

    def activities(self) -> Mapping[str, int | None]:
        return Counter(one.type.replace(".", "_") for one in self._called("count history").happened)

    # --- denials after a move ------------------------------------------------------------------------------------------

    def denials_since(self, moment: datetime, cursor: str | None, topics: Mapping[str, str]) -> DenialPage:
        state = self._called("read denials")
        now = self._clock.now()
        return memory_late.page(state, self.connection.name, moment, int(cursor or 0), topics, now)

    def left_out_since(self, moment: datetime, cursor: str | None, known: Collection[str]) -> DenialPage:
        state = self._called("read left out")
        return memory_late.left_out(state, self.connection.name, moment, known, self._clock.now())

    def denied(self, addresses: Sequence[str]) -> Mapping[str, frozenset[str]]:
        return memory_late.denied(self._called("read denied"), addresses)

    def deny(self, denials: Sequence[Denial]) -> Sequence[Outcome]:
        state = self._called("write denials")
        outcomes = memory_late.deny(state, denials, self._clock.now())
        memory_state.keep(self._store, state)
        return outcomes

    # --- the door ----------------------------------------------------------------------------------------------------

    def _called(self, what: str) -> State:
        """What answers this call. Raises Refused, Unreachable or QuotaExhausted as the test wishes."""
        state, name = memory_state.find(self._store), self.connection.name
        brought = self.connection.secrets.get("token")
        if state.quirks.offline:
            raise Unreachable(name, "nobody answers")
        if state.token and (brought is None or brought.reveal() != state.token):
            raise Refused(name, "the token is wrong")
        if state.quirks.calls_left == 0:
            raise QuotaExhausted(name, "calls of a day", resets_at="2026-01-02T00:00:00+00:00")
        if state.quirks.calls_left is not None:
            state.quirks.calls_left -= 1
        state.calls[what] += 1
        memory_write.settle(state, self._clock.now())
        return memory_state.keep(self._store, state)

    def _finding(self, code: str, **params: str) -> Finding:
        return Finding(code, Severity.BLOCK, self.connection.name, params)


def _only(values: Mapping[str, str], wanted: set[str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name in wanted}


@hookimpl
def mamigrate_adapters() -> Sequence[AdapterEntry]:
    return [AdapterEntry("memory", "Memory", "mamigrate.testing.memory:Memory")]


plugin = SimpleNamespace(mamigrate_adapters=mamigrate_adapters)
"""For ``Registry.register``, or the entry point ``mamigrate.testing.memory``. Users never meet it."""
