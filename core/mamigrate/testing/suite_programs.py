"""Cases about programs and their members: found by the mark, never sent twice, a status that only goes forward."""

from collections.abc import Iterator, Mapping, Sequence

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Finder, Instance, NeutralRow, ProgramRoom, ProgramSink, Status
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import each
from mamigrate.testing.suite_base import Cases, Make, Pages, created, rows_of, writer_of

PROGRAM, MEMBER = (Kind.PROGRAM,), (Kind.PROGRAM_MEMBERSHIP,)
FIELDS = {"mmMemberSince": "MM Member Since", "mmSuccessAt": "MM Success At"}
DAY = "2024-05-01T09:00:00Z"


class ProgramCases(Cases):
    """For adapters that write programs. ``make`` gives new ones, and members of one who reached a status."""

    @each(Power.WRITE, of=PROGRAM)
    def test_there_is_room_in_some_folder(self, instance: Instance, kind: Kind) -> None:
        assert isinstance(instance, ProgramSink)
        room = instance.program_room()
        assert isinstance(room, ProgramRoom)
        assert room.folders

    @each(Power.READ, of=(Kind.CHANNEL,))
    def test_a_ladder_has_a_step_for_each_status_and_never_goes_down(self, pages: Pages, kind: Kind) -> None:
        for row in rows_of(pages[kind], kind):
            assert len(row["steps"]) == len(row["statuses"])
            assert list(row["steps"]) == sorted(row["steps"])
            assert set(row["success_statuses"]) <= set(row["statuses"])

    @each(Power.WRITE, Power.READ_BACK, of=PROGRAM)
    def test_a_program_is_found_by_its_mark_and_by_its_name(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        key = created(ready, kind, change)
        for by in ("source_key", "name"):
            (row,) = _found(ready, kind, by, [str(change.values[by])])
            assert (row["key"], row["source_key"]) == (key, change.values["source_key"])
            assert not row["sends"]

    @each(Power.WRITE, Power.READ_BACK, of=PROGRAM)
    def test_a_name_that_another_program_has_is_refused(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        created(ready, kind, change)
        other = {**change.values, "source_key": "src/program/another"}
        (done,) = writer_of(ready).write(kind, [Change("src/program/another", None, other)])
        assert done.status is Status.REJECTED
        assert _found(ready, kind, "source_key", ["src/program/another"]) == []

    @each(Power.WRITE, of=PROGRAM)
    def test_fields_of_members_are_made_once(self, instance: Instance, kind: Kind) -> None:
        assert isinstance(instance, ProgramSink)
        for _ in range(2):
            outcomes = instance.define_member_fields(FIELDS)
            assert [one.source_key for one in outcomes] == list(FIELDS)
            assert {one.status for one in outcomes} <= {Status.CREATED, Status.EQUAL}
        assert set(FIELDS) <= instance.program_room().member_fields

    @each(Power.WRITE, Power.READ_BACK, of=MEMBER)
    def test_members_keep_the_days_that_are_written(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        assert isinstance(ready, ProgramSink)
        ready.define_member_fields(FIELDS)
        change = _with(make(kind, next(number)), {"mmMemberSince": DAY})
        key = created(ready, kind, change)
        (row,) = _found(ready, kind, "id", [key], sorted(FIELDS))
        assert (row["status"], row["values"]) == (change.values["status"], {"mmMemberSince": DAY})
        (later,) = writer_of(ready).write(kind, [_with(change, {"mmSuccessAt": DAY}, key)])
        assert (later.status, later.target_key) == (Status.UPDATED, key)
        (row,) = _found(ready, kind, "id", [key], sorted(FIELDS))
        assert row["values"] == {"mmMemberSince": DAY, "mmSuccessAt": DAY}

    @each(Power.WRITE, Power.READ_BACK, of=MEMBER)
    def test_a_status_never_goes_back(self, ready: Instance, make: Make, number: Iterator[int], kind: Kind) -> None:
        change = make(kind, next(number))
        key = created(ready, kind, change)
        ladder = self._ladder(ready, change.links["program"][0])
        for status in ladder[: ladder.index(str(change.values["status"])) + 1]:
            (done,) = writer_of(ready).write(kind, [_with(change, {"status": status})])
            assert (done.status, done.target_key) == (Status.EQUAL, key)
        (row,) = _found(ready, kind, "id", [key])
        assert row["status"] == change.values["status"]

    @each(Power.WRITE, of=MEMBER)
    def test_a_status_that_the_channel_does_not_know_is_refused(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        good, bad = make(kind, next(number)), _with(make(kind, next(number)), {"status": "Knighted"})
        outcomes = writer_of(ready).write(kind, [good, bad])
        assert [one.status for one in outcomes] == [Status.CREATED, Status.REJECTED]
        assert outcomes[1].code

    def _ladder(self, instance: Instance, program: str) -> Sequence[str]:
        (there,) = _found(instance, Kind.PROGRAM, "id", [program])
        channels = rows_of([instance.read(Kind.CHANNEL, None)], Kind.CHANNEL)
        (own,) = [one for one in channels if one["name"] == there["channel"]]
        return [status for status, step in zip(own["statuses"], own["steps"], strict=True) if step]


def _with(change: Change, more: Mapping[str, str], key: str | None = None) -> Change:
    values = {**change.values, **more} if key is None else dict(more)
    return Change(change.source_key, key, values, change.links)


def _found(
    instance: Instance, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str] = ()
) -> list[NeutralRow]:
    assert isinstance(instance, Finder)
    return list(instance.find(kind, by, values, fields))
