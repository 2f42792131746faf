"""What the vendor in memory does with writes: one outcome each, and the habits of the platforms that we know."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from mamigrate.contract import Change, Outcome, Status
from mamigrate.model.canonical import NotCanonical, canonical
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_history, memory_programs
from mamigrate.testing.memory_schema import BATCH, BLOCKERS, EXTERNAL, KEY_FIELD, STAGES
from mamigrate.testing.memory_state import FieldDef, ListDef, ProgramDef, Record, State

LOCKED = frozenset(one.field for one in BLOCKERS)
"""Flags that this adapter never lowers: with a durable opt-out that would subscribe everybody with the address again."""


def write(state: State, kind: Kind, changes: Sequence[Change], now: datetime) -> Sequence[Outcome]:
    """Raises ValueError for more than a batch, or where a change would lower a denial; KeyError for an unwritten kind."""
    _guard(kind, changes)
    one_by_one = _WRITE[kind]
    if state.quirks.lose_writes and not state.quirks.lose_replies:
        state.quirks.lose_writes -= 1
        return [_maybe(one) for one in changes]
    if kind is Kind.PERSON and (said := _said_only(state, changes)):
        return said
    outcomes = [one_by_one(state, one, now) for one in changes]
    _pass_on(state, kind, outcomes)
    if state.quirks.lose_replies:
        state.quirks.lose_replies -= 1
        return [_maybe(one) for one in changes]
    return outcomes


def _said_only(state: State, changes: Sequence[Change]) -> list[Outcome]:
    """Answers to writes of which nothing was carried out, although their status is good; none where they are."""
    quirks = state.quirks
    if quirks.error_bodies:
        quirks.error_bodies -= 1
        return [_refused(one, "error_in_body") for one in changes]
    if quirks.claims:
        quirks.claims -= 1
        return [Outcome(one.source_key, Status.UPDATED, one.target_key or "0") for one in changes]
    return []


def settle(state: State, now: datetime) -> None:
    """What automations did since to people who were written."""
    for one in (automation for automation in state.automations.values() if automation.active and automation.clears):
        for person in state.people.values():
            if one.clears in person.values and person.updated_at + timedelta(seconds=one.after_s) <= now:
                del person.values[one.clears]


def _pass_on(state: State, kind: Kind, outcomes: Sequence[Outcome]) -> None:
    """A CRM that is linked gets every person that was written, as long as its sync runs."""
    quirks = state.quirks
    if quirks.crm_syncs and quirks.crm_pushes is not None and kind is Kind.PERSON:
        quirks.crm_pushes += sum(one.status in (Status.CREATED, Status.UPDATED) for one in outcomes)


def delete(state: State, kind: Kind, keys: Sequence[str]) -> Sequence[Outcome]:
    """What is already gone counts as deleted. Opt-outs outlive the people."""
    shelves: dict[Kind, dict[str, ListDef] | dict[str, ProgramDef]] = {
        Kind.LIST: state.lists,
        Kind.PROGRAM: state.programs,
    }
    holder: dict[str, ListDef] | dict[str, ProgramDef] | dict[str, Record] = (
        shelves[kind] if kind in shelves else state.records.setdefault(kind, {})
    )
    for key in keys:
        holder.pop(_id_of(state, kind, key) or "", None)
    if kind is Kind.PERSON:
        state.happened = [one for one in state.happened if one.person not in keys]
        for program in state.programs.values():
            program.members = {person: held for person, held in program.members.items() if person not in keys}
    return [Outcome(key, Status.DELETED, key) for key in keys]


def _guard(kind: Kind, changes: Sequence[Change]) -> None:
    if len(changes) > BATCH:
        raise ValueError(f"at most {BATCH} changes a call")
    for change in changes:
        for name in LOCKED & set(change.values):
            if kind is Kind.PERSON and change.values[name] != "true":
                raise ValueError(f"{name} must never be lowered: leave it out")


def _maybe(change: Change) -> Outcome:
    return Outcome(change.source_key, Status.MAYBE, change.target_key, message="the reply was lost")


def _refused(change: Change, code: str, field: str = "", value: str = "") -> Outcome:
    told = f"{code.replace('_', ' ')} {field}".strip()
    return Outcome(change.source_key, Status.REJECTED, change.target_key, code, told, field, value)


# --- people, accounts, opportunities -------------------------------------------------------------------------------------


def _person(state: State, change: Change, now: datetime) -> Outcome:
    key = change.target_key or _by_field(state, Kind.PERSON, KEY_FIELD, change.values.get(KEY_FIELD))
    return _record(state, Kind.PERSON, change, key, now)


def _keyed(kind: Kind) -> Callable[[State, Change, datetime], Outcome]:
    """Accounts and opportunities are known by their external id, which is the source's key."""

    def write_one(state: State, change: Change, now: datetime) -> Outcome:
        own = Change(change.source_key, None, {**change.values, EXTERNAL: change.source_key}, change.links)
        done = _record(state, kind, own, _by_field(state, kind, EXTERNAL, change.source_key), now)
        known = None if done.status is Status.REJECTED else change.source_key
        return Outcome(done.source_key, done.status, known, done.code, done.message, done.field, done.value)

    return write_one


def _record(state: State, kind: Kind, change: Change, key: str | None, now: datetime) -> Outcome:
    there = state.records.setdefault(kind, {}).get(key) if key else None
    if key and there is None:
        return _refused(change, "not_found")
    wrong = _wrong(state, kind, change, there)
    if wrong is not None:
        return wrong
    record = there or state.put(kind, Record(id=state.next_id(), created_at=now, updated_at=now))
    changed = _apply(record, change)
    if kind is Kind.PERSON:
        _opt_outs_last(state, record)
    if changed:
        record.updated_at = now
    status = Status.CREATED if there is None else Status.UPDATED if changed else Status.EQUAL
    return Outcome(change.source_key, status, record.id)


def _apply(record: Record, change: Change) -> bool:
    before = record.model_copy(deep=True)
    for name, value in change.values.items():
        if value is None:
            record.values.pop(name, None)
        else:
            record.values[name] = value
    record.accounts = list(change.links.get("account", record.accounts))
    record.people = list(change.links.get("person", record.people))
    return record != before


def _opt_outs_last(state: State, record: Record) -> None:
    """A durable opt-out belongs to the address: everybody who has it or gets it is opted out."""
    email = _folded(state, record.values.get("email", ""))
    if not state.quirks.durable_opt_out or not email:
        return
    if record.values.get("unsubscribed") == "true":
        state.unsubscribed.add(email)
    if email in state.unsubscribed:
        for one in state.people.values():
            if _folded(state, one.values.get("email", "")) == email:
                one.values["unsubscribed"] = "true"


def _wrong(state: State, kind: Kind, change: Change, there: Record | None) -> Outcome | None:
    for name, value in change.values.items():
        field = state.fields.get(kind, {}).get(name)
        if field is None or field.hidden:
            return _refused(change, "unknown_field", name, value or "")
        code = _problem(state, field, value) if value is not None else ""
        if code:
            return _refused(change, code, name, value or "")
        if name == "stage" and there is not None and _steps_back(state, there.values.get("stage"), value):
            return _refused(change, "stage_back", name, value or "")
    return None


def _problem(state: State, field: FieldDef, value: str) -> str:
    if field.read_only:
        return "read_only"
    if state.quirks.refuse.get(field.name) == value:
        return "value_refused"
    if (field.max_chars or 10**9) < len(value) or (field.max_bytes or 10**9) < len(value.encode()):
        return "too_long"
    if field.options and value not in field.options:
        return "no_option"
    try:
        return "" if canonical(value, field.type) == value else "bad_value"
    except NotCanonical:
        return "bad_value"


def _steps_back(state: State, there: str | None, wanted: str | None) -> bool:
    if not state.quirks.forward_only_stage or there not in STAGES or wanted not in STAGES:
        return False
    return STAGES.index(wanted) < STAGES.index(there)


# --- everything else ---------------------------------------------------------------------------------------------------


def _field(state: State, change: Change, now: datetime) -> Outcome:
    name = change.values["api_name"] or ""
    fields = state.fields.setdefault(Kind.PERSON, {})
    if name in fields and not fields[name].hidden:
        return Outcome(change.source_key, Status.EQUAL, name)
    if state.quirks.refuse.get("api_name") == name or name in fields:
        return _refused(change, "name_refused", "api_name", name)
    made = DataType(change.values.get("data_type") or DataType.TEXT)
    label = change.values.get("label") or name
    state.field(Kind.PERSON, FieldDef(name=name, type=made, label=label, custom=True, max_chars=255))
    return Outcome(change.source_key, Status.CREATED, name)


def _list(state: State, change: Change, now: datetime) -> Outcome:
    name = change.values["name"] or ""
    known = next((one for one in state.lists.values() if one.ours and one.name == name), None)
    if known is not None:
        return Outcome(change.source_key, Status.EQUAL, known.id)
    if not name:
        return _refused(change, "no_name", "name", name)
    made = ListDef(id=state.next_id(), name=name, ours=True)
    state.lists[made.id] = made
    return Outcome(change.source_key, Status.CREATED, made.id)


def _membership(state: State, change: Change, now: datetime) -> Outcome:
    ((list_key,), (person,)) = change.links["list"], change.links["person"]
    if list_key not in state.lists or person not in state.people:
        return _refused(change, "not_found")
    members = state.lists[list_key].members
    status = Status.EQUAL if person in members else Status.CREATED
    members[:] = [*(each for each in members if each != person), person]
    return Outcome(change.source_key, status, f"{list_key}/{person}")


_WRITE: Mapping[Kind, Callable[[State, Change, datetime], Outcome]] = {
    Kind.FIELD: _field,
    Kind.LIST: _list,
    Kind.ACCOUNT: _keyed(Kind.ACCOUNT),
    Kind.PERSON: _person,
    Kind.OPPORTUNITY: _keyed(Kind.OPPORTUNITY),
    Kind.LIST_MEMBERSHIP: _membership,
    Kind.PROGRAM: memory_programs.write,
    Kind.PROGRAM_MEMBERSHIP: memory_programs.write_member,
    Kind.ACTIVITY: memory_history.write,
}


# --- looking up --------------------------------------------------------------------------------------------------------


def matches(state: State, kind: Kind, by: str, values: Sequence[str]) -> list[Record]:
    """Living records whose ``by`` is one of ``values``; addresses compare as this vendor compares them."""
    wanted = {_folded(state, one) if by == "email" else one for one in values}
    living = [one for one in state.records.get(kind, {}).values() if not one.archived]
    return [one for one in living if _value(state, kind, one, by) in wanted]


def _value(state: State, kind: Kind, record: Record, by: str) -> str | None:
    if by == "id":
        return record.id if kind is Kind.PERSON else record.values.get(EXTERNAL, record.id)
    value = record.values.get(by)
    return _folded(state, value) if value is not None and by == "email" else value


def _id_of(state: State, kind: Kind, key: str) -> str | None:
    if kind in (Kind.PERSON, Kind.LIST, Kind.PROGRAM):
        return key
    return next((one.id for one in matches(state, kind, "id", [key])), None)


def _by_field(state: State, kind: Kind, field: str, value: str | None) -> str | None:
    found = matches(state, kind, field, [value]) if value else []
    return found[0].id if found else None


def _folded(state: State, text: str) -> str:
    return text.lower() if state.quirks.case_insensitive_address else text
