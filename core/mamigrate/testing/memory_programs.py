"""Programs in memory: channels with ladders, programs in two folders, members whose status only goes forward."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from mamigrate.contract import Change, NeutralRow, Outcome, ProgramRoom, Status, TagRule
from mamigrate.model.base import Origin, Reference
from mamigrate.model.estate import Channel, Program
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import ChannelDef, MemberDef, ProgramDef, State

FOLDERS = ("/programs", "/programs/old")
SERIES = "series"
"""The type of programs that mail their members by themselves."""
TAGS = {"region": TagRule(frozenset({"dear"}), ("north", "south"))}
NAME = 60


def room(state: State) -> ProgramRoom:
    left = state.quirks.member_fields - len(state.member_fields)
    return ProgramRoom(FOLDERS, frozenset({"dated"}), TAGS, NAME, True, frozenset(state.member_fields), left)


def define(state: State, fields: Mapping[str, str]) -> list[Outcome]:
    return [_defined(state, name) for name in fields]


def _defined(state: State, name: str) -> Outcome:
    if name in state.member_fields:
        return Outcome(name, Status.EQUAL, name)
    if len(state.member_fields) >= state.quirks.member_fields:
        return Outcome(name, Status.REJECTED, None, "no_room", "no more fields of members")
    state.member_fields.append(name)
    return Outcome(name, Status.CREATED, name)


# --- writing -----------------------------------------------------------------------------------------------------------


def write(state: State, change: Change, now: datetime) -> Outcome:
    there = state.programs.get(change.target_key) if change.target_key else _marked(state, change)
    if change.target_key and there is None:
        return _refused(change, "not_found", "id")
    if there is not None:
        return _updated(there, change)
    wrong = _wrong(state, change)
    if wrong is not None:
        return wrong
    values = {name: value or "" for name, value in change.values.items()}
    made = ProgramDef(
        id=state.next_id(),
        name=values["name"],
        type=values["type"],
        channel=values["channel"],
        folder=values["folder"],
        mark=values["source_key"],
        starts=values.get("starts_on") or None,
        ends=values.get("ends_on") or None,
        costs=values.get("costs", ""),
        tags=values.get("tags", ""),
    )
    state.programs[made.id] = made
    return Outcome(change.source_key, Status.CREATED, made.id)


def _marked(state: State, change: Change) -> ProgramDef | None:
    mark = change.values.get("source_key")
    return next((one for one in state.programs.values() if mark and one.mark == mark), None)


def _updated(there: ProgramDef, change: Change) -> Outcome:
    before = there.model_copy()
    there.starts = change.values.get("starts_on") or there.starts
    there.ends = change.values.get("ends_on") or there.ends
    return Outcome(change.source_key, Status.EQUAL if there == before else Status.UPDATED, there.id)


def _wrong(state: State, change: Change) -> Outcome | None:
    values, names = change.values, [one.name for one in state.programs.values()]
    channel = state.channels.get(values["channel"] or "")
    if values["name"] in names or values["name"] == state.quirks.refuse.get("name"):
        return _refused(change, "name_taken", "name")
    if channel is None or values["type"] not in channel.types:
        return _refused(change, "no_channel", "channel")
    return None if values["folder"] in FOLDERS else _refused(change, "no_folder", "folder")


def write_member(state: State, change: Change, now: datetime) -> Outcome:
    """One of a series that is on is mailed at once."""
    ((program,), (person,)) = change.links["program"], change.links["person"]
    there = state.programs.get(program)
    if there is None or person not in state.people:
        return _refused(change, "not_found", "program" if there is None else "person")
    ladder, status = state.channels[there.channel].ladder, change.values.get("status")
    if status is not None and ladder.get(status, 0) == 0:
        return _refused(change, "no_status", "status")
    if unknown := [name for name in change.values if name != "status" and name not in state.member_fields]:
        return _refused(change, "unknown_field", unknown[0])
    held = there.members.get(person)
    before = held.model_copy(deep=True) if held else None
    member = there.members.setdefault(person, MemberDef(status=status or "", at=now))
    if status and ladder[status] > ladder.get(member.status, 0):
        member.status = status
    member.values |= {name: value for name, value in change.values.items() if name != "status" and value}
    state.sent += there.type == SERIES and there.on
    done = Status.CREATED if before is None else Status.EQUAL if before == member else Status.UPDATED
    return Outcome(change.source_key, done, f"{program}/{person}")


def _refused(change: Change, code: str, field: str) -> Outcome:
    told = f"{code.replace('_', ' ')} {field}"
    return Outcome(
        change.source_key, Status.REJECTED, change.target_key, code, told, field, change.values.get(field) or ""
    )


# --- reading -----------------------------------------------------------------------------------------------------------


def found(connection: str, state: State, by: str, values: Collection[str]) -> list[NeutralRow]:
    """Programs by ``id``, ``name`` or ``source_key``."""
    asked = {"id": "id", "name": "name", "source_key": "mark"}[by]
    wanted = [one for one in state.programs.values() if getattr(one, asked) in values]
    return [program(connection, _raw(one)) for one in wanted]


def members(state: State, by: str, values: Collection[str]) -> list[NeutralRow]:
    """Of whole programs (``program``), or one by one (``id``)."""
    rows = [{**member("", row), "values": row["values"]} for row in told_members(state)]
    return [row for row in rows if row["program_key" if by == "program" else "key"] in values]


def told_programs(state: State) -> Iterator[dict[str, Any]]:
    yield from map(_raw, state.programs.values())


def _raw(one: ProgramDef) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude={"members"})


def told_channels(state: State) -> Iterator[dict[str, Any]]:
    yield from (one.model_dump(mode="json") for one in state.channels.values())


def told_members(state: State) -> Iterator[dict[str, Any]]:
    for one in state.programs.values():
        success = state.channels[one.channel].success if one.channel in state.channels else ()
        for person, held in one.members.items():
            shared = {"program": one.id, "person": person, "succeeded": held.status in success}
            yield {**shared, **held.model_dump(mode="json")}


def program(connection: str, row: dict[str, Any]) -> NeutralRow:
    return Program(
        key=row["id"],
        name=row["name"],
        origin=Origin(connection=connection, vendor_type="program", vendor_id=row["id"]),
        raw=row,
        references=tuple(Reference(kind=Kind.LIST, key=one, role="asset") for one in row["lists"]),
        program_type=row["type"],
        channel=row["channel"],
        starts_on=row["starts"],
        ends_on=row["ends"],
        cost=row["cost"],
        currency=row["currency"],
        sends=row["type"] == SERIES and row["on"],
        source_key=row["mark"] or None,
    ).model_dump()


def channel(connection: str, row: dict[str, Any]) -> NeutralRow:
    one = ChannelDef.model_validate(row)
    ladder = sorted(one.ladder.items(), key=lambda each: each[1])
    return Channel(
        key=one.name,
        name=one.name,
        origin=Origin(connection=connection, vendor_type="channel", vendor_id=one.name),
        raw=row,
        statuses=tuple(name for name, _ in ladder),
        steps=tuple(step for _, step in ladder),
        success_statuses=one.success,
        program_types=one.types,
    ).model_dump()


def member(connection: str, row: dict[str, Any]) -> NeutralRow:
    at = datetime.fromisoformat(row["at"]) if row["at"] else None
    return {
        "key": f"{row['program']}/{row['person']}",
        "program_key": row["program"],
        "person_key": row["person"],
        "status": row["status"],
        "succeeded": row["succeeded"],
        "joined_at": at,
        "updated_at": at,
    }
