"""History in memory: what happened with people, and types of activities that are made for foreign history. Written once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from mamigrate.consent import address
from mamigrate.contract import Change, HistoryRoom, HistoryType, NeutralRow, Outcome, Status
from mamigrate.model.canonical import parse_datetime
from mamigrate.testing.memory_state import Happened, State

ATTRIBUTES, TEXT, WHOLE = 8, 40, 1_400


def room(state: State) -> HistoryRoom:
    left = max(0, state.quirks.history_types - len(state.history_types))
    standing = {name: tuple(attributes) for name, attributes in state.history_types.items()}
    days = state.quirks.history_days
    return HistoryRoom(left, ATTRIBUTES, standing, TEXT, WHOLE, timedelta(days) if days else None)


def define(state: State, types: Sequence[HistoryType]) -> list[Outcome]:
    return [_defined(state, one) for one in types]


def _defined(state: State, type: HistoryType) -> Outcome:
    there = state.history_types.get(type.name)
    if state.quirks.lose_types:
        state.quirks.lose_types -= 1
        return Outcome(type.name, Status.REJECTED, None, "not_now", "no types are made now")
    if there is None and len(state.history_types) >= state.quirks.history_types:
        return Outcome(type.name, Status.REJECTED, None, "no_room", "no room for another type")
    state.history_types[type.name] = sorted({*(there or ()), *type.attributes})
    equal = there is not None and set(type.attributes) <= set(there)
    return Outcome(type.name, Status.EQUAL if equal else Status.CREATED, type.name)


def write(state: State, change: Change, now: datetime) -> Outcome:
    """No key, no change, no deletion: a repeat makes a second one."""
    person, values = change.links["person"][0], change.values
    if person not in state.people:
        return Outcome(change.source_key, Status.REJECTED, None, "no_person", "nobody there", "person", person)
    if values["type"] not in state.history_types:
        return Outcome(
            change.source_key, Status.REJECTED, None, "no_type", "no such type", "type", values["type"] or ""
        )
    told = {name: value for name, value in values.items() if value is not None and name not in ("type", "at")}
    made = Happened(
        id=state.next_id(),
        person=person,
        type=f"other.{values['type']}",
        at=parse_datetime(values["at"] or ""),
        values=told,
    )
    state.happened.append(made)
    return Outcome(change.source_key, Status.CREATED, f"{person}/{made.id}")


def find(connection: str, state: State, people: Sequence[str], names: Sequence[str]) -> list[NeutralRow]:
    """Of these types, all where none is named."""
    wanted = [
        one
        for one in state.happened
        if one.person in people and (not names or one.type.removeprefix("other.") in names)
    ]
    return [{**row(connection, one.model_dump(mode="json")), "key": f"{one.person}/{one.id}"} for one in wanted]


def told(state: State) -> Iterator[dict[str, Any]]:
    for one in state.happened:
        yield one.model_dump(mode="json")


def row(connection: str, one: dict[str, Any]) -> NeutralRow:
    return {
        "key": one["id"],
        "person_key": one["person"],
        "address_loose": address.loose(one["address"]) if one["address"] else None,
        "activity_type": one["type"],
        "happened_at": datetime.fromisoformat(one["at"]) if one["at"] else None,
        "subject_key": one["subject"],
        "bot": one["bot"],
        "values": one["values"],
    }
