"""Cases about history: types that are made once, activities that are written once and found again by the people they are of."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Finder, HistorySink, HistoryType, Instance, NeutralRow, Status
from mamigrate.model.canonical import parse_datetime
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import each
from mamigrate.testing.suite_base import Calls, Cases, Make, created, told, writer_of

LOGGED = (Kind.ACTIVITY,)
TYPE = HistoryType("mmSuite", "Migrated suite", "name", ("event", "source_key", "bot", "details"))
AT = "2026-06-01T10:20:30Z"
_SERIAL = count(1)


class HistoryCases(Cases):
    """For a WRITE row of activities. ``make`` and ``lose_history`` come from the author."""

    @pytest.fixture(scope="class")
    @classmethod
    def sink(cls, ready: Instance) -> HistorySink:
        """The instance, with a type to write into."""
        assert isinstance(ready, HistorySink)
        (outcome,) = ready.define([TYPE])
        assert outcome.status in (Status.CREATED, Status.EQUAL), outcome
        return ready

    @each(Power.WRITE, of=LOGGED)
    def test_a_type_is_made_once_and_has_its_attributes(self, sink: HistorySink, kind: Kind) -> None:
        room = sink.history_room()
        assert set(room.standing[TYPE.name]) == set(TYPE.attributes)
        (again,) = sink.define([TYPE])
        assert (again.source_key, again.status) == (TYPE.name, Status.EQUAL)
        assert sink.history_room() == room
        assert list(sink.define([])) == []

    @each(Power.WRITE, of=LOGGED)
    def test_a_type_that_lacks_an_attribute_is_filled_up(self, sink: HistorySink, kind: Kind) -> None:
        less = HistoryType("mmSuiteLess", "Migrated less", "name", ("event",))
        more = HistoryType(less.name, less.label, less.primary, ("event", "source_key"))
        assert [sink.define([one])[0].status for one in (less, more, more)] == [
            Status.CREATED,
            Status.CREATED,
            Status.EQUAL,
        ]
        assert set(sink.history_room().standing[less.name]) == {"event", "source_key"}

    @each(Power.WRITE, Power.READ_BACK, of=LOGGED)
    def test_a_whole_batch_of_activities_is_found_with_its_people(
        self, ready: Instance, sink: HistorySink, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        size = self.adapter.capabilities.of(kind, Power.WRITE).batch
        people = [created(ready, Kind.PERSON, make(Kind.PERSON, next(number))) for _ in range(2)]
        changes = [happened(people[at % 2]) for at in range(size)]
        outcomes = writer_of(ready).write(kind, changes)
        assert told(outcomes) == [(change.source_key, Status.CREATED) for change in changes]
        found = _of(ready, *people)
        assert {row["values"]["source_key"]: row["key"] for row in found} == {
            one.source_key: one.target_key for one in outcomes
        }
        assert {row["person_key"] for row in found} == set(people)
        assert {row["happened_at"] for row in found} == {parse_datetime(AT)}
        assert list(writer_of(ready).write(kind, [])) == []

    @each(Power.WRITE, Power.READ_BACK, of=LOGGED)
    def test_an_activity_of_nobody_is_refused_and_harms_no_other(
        self, ready: Instance, sink: HistorySink, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        person = created(ready, Kind.PERSON, make(Kind.PERSON, next(number)))
        changes = [happened(who) for who in (person, "990000001", person)]
        outcomes = writer_of(ready).write(kind, changes)
        assert [one.status for one in outcomes] == [Status.CREATED, Status.REJECTED, Status.CREATED]
        assert outcomes[1].code
        assert len(_of(ready, person)) == 2

    @each(Power.WRITE, Power.READ_BACK, of=LOGGED)
    def test_a_lost_reply_to_activities_is_maybe_and_they_stand_once(
        self,
        ready: Instance,
        sink: HistorySink,
        make: Make,
        lose_history: Callable[[], None],
        calls: Calls,
        number: Iterator[int],
        kind: Kind,
    ) -> None:
        person = created(ready, Kind.PERSON, make(Kind.PERSON, next(number)))
        writer_of(ready).write(kind, [happened(person)])  # whatever must be asked for first is known now
        changes = [happened(person) for _ in range(2)]
        lose_history()
        before = calls()
        outcomes = writer_of(ready).write(kind, changes)
        assert calls() - before == 1
        assert told(outcomes) == [(change.source_key, Status.MAYBE) for change in changes]
        keys = [row["values"]["source_key"] for row in _of(ready, person)]
        assert sorted(keys[1:]) == sorted(change.source_key for change in changes)

    @each(Power.READ_BACK, of=LOGGED)
    def test_people_without_history_and_no_people_give_no_row(self, instance: Instance, kind: Kind) -> None:
        assert isinstance(instance, Finder)
        assert list(instance.find(kind, "person", ["990000001", "990000002"], [])) == []
        assert list(instance.find(kind, "person", [], [])) == []


def happened(person: str) -> Change:
    """Something that happened with a person, never the same twice."""
    number = next(_SERIAL)
    key = f"src/activity/{number}"
    values = {
        "type": TYPE.name,
        "at": AT,
        "primary": f"Mail {number}",
        "event": "open",
        "source_key": key,
        "bot": "false",
    }
    return Change(key, None, values, {"person": (person,)})


def _of(instance: Instance, *people: str) -> list[NeutralRow]:
    assert isinstance(instance, Finder)
    return list(instance.find(Kind.ACTIVITY, "person", list(people), [TYPE.name]))
