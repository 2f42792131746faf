"""Cases about writing: one outcome a change, rejections with their reason, replies that are lost, deletion."""

from collections.abc import Callable, Iterator

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Deleter, Finder, Instance, NeutralRow, Status
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import each
from mamigrate.testing.suite_base import Calls, Cases, Make, created, told, writer_of

WRITTEN, BACK, DELETED = Power.WRITE, Power.READ_BACK, Power.DELETE
PERSON = (Kind.PERSON,)
THERE = (Status.UPDATED, Status.EQUAL)


class WritingCases(Cases):
    """Every kind that a WRITE row allows. ``make``, ``wrong`` and ``lose_reply`` come from the author."""

    @each(WRITTEN)
    def test_a_whole_batch_gives_one_outcome_a_change_in_order(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        size = self.adapter.capabilities.of(kind, WRITTEN).batch
        changes = [make(kind, next(number)) for _ in range(size)]
        outcomes = writer_of(ready).write(kind, changes)
        assert told(outcomes) == [(change.source_key, Status.CREATED) for change in changes]
        keys = [outcome.target_key for outcome in outcomes]
        assert len(set(keys)) == len(changes)
        assert all(keys)

    @each(WRITTEN)
    def test_no_change_gives_no_outcome(self, ready: Instance, make: Make, kind: Kind) -> None:
        assert list(writer_of(ready).write(kind, [])) == []

    @each(WRITTEN)
    def test_what_is_written_twice_is_there_once(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        key = created(ready, kind, change)
        (again,) = writer_of(ready).write(kind, [change])
        # Vendors need not tell that somebody is in a list already.
        assert again.status in THERE or (kind is Kind.LIST_MEMBERSHIP and again.status is Status.CREATED)
        assert again.target_key == key

    @each(WRITTEN, BACK, keyed=True)
    def test_what_is_created_is_found_by_its_key_field(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        key = created(ready, kind, change)
        assert [row["key"] for row in self._by_key(ready, kind, change)] == [key]

    @each(WRITTEN, BACK, of=PERSON)
    def test_values_that_were_written_read_back_as_they_were(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        created(ready, kind, change)
        (row,) = self._by_key(ready, kind, change, *change.values)
        assert {name: row["values"].get(name) for name in change.values} == dict(change.values)

    @each(WRITTEN, BACK, of=PERSON)
    def test_a_known_record_is_updated_and_none_clears(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        key, field = created(ready, kind, change), self._plain_field(change)
        for value in ("another", None):
            (done,) = writer_of(ready).write(kind, [Change(change.source_key, key, {field: value})])
            assert (done.status, done.target_key) == (Status.UPDATED, key)
            (row,) = self._by_key(ready, kind, change, field)
            assert row["values"].get(field) == value

    @each(WRITTEN, BACK, of=PERSON)
    def test_a_record_that_is_gone_is_refused_and_not_made_anew(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        change = make(kind, next(number))
        (done,) = writer_of(ready).write(kind, [Change(change.source_key, "990000001", change.values)])
        assert done.status is Status.REJECTED
        assert done.code
        assert self._by_key(ready, kind, change) == []

    @each(WRITTEN, BACK, of=PERSON)
    def test_a_refused_record_tells_code_field_and_value_and_harms_no_other(
        self, ready: Instance, make: Make, wrong: tuple[Change, str], number: Iterator[int], kind: Kind
    ) -> None:
        change, field = wrong
        before, after = make(kind, next(number)), make(kind, next(number))
        outcomes = writer_of(ready).write(kind, [before, change, after])
        assert told(outcomes) == [
            (before.source_key, Status.CREATED),
            (change.source_key, Status.REJECTED),
            (after.source_key, Status.CREATED),
        ]
        assert outcomes[1].code
        assert (outcomes[1].field, outcomes[1].value) == (field, change.values[field])
        assert self._by_key(ready, kind, change) == []

    @each(WRITTEN, BACK, of=PERSON)
    def test_a_lost_reply_is_maybe_and_nothing_is_sent_twice(
        self,
        ready: Instance,
        make: Make,
        lose_reply: Callable[[], None],
        calls: Calls,
        number: Iterator[int],
        kind: Kind,
    ) -> None:
        created(ready, kind, make(kind, next(number)))  # whatever must be asked for first is known now
        changes = [make(kind, next(number)), make(kind, next(number))]
        lose_reply()
        before = calls()
        outcomes = writer_of(ready).write(kind, changes)
        assert calls() - before == 1
        assert told(outcomes) == [(change.source_key, Status.MAYBE) for change in changes]
        assert [len(self._by_key(ready, kind, change)) for change in changes] == [1, 1]

    @each(WRITTEN, DELETED)
    def test_what_is_deleted_is_gone(self, ready: Instance, make: Make, number: Iterator[int], kind: Kind) -> None:
        assert isinstance(ready, Deleter)
        key = created(ready, kind, make(kind, next(number)))
        (done,) = ready.delete(kind, [key])
        assert (done.source_key, done.status) == (key, Status.DELETED)
        assert list(ready.delete(kind, [])) == []
        if isinstance(ready, Finder) and self.adapter.capabilities.can(kind, BACK):
            assert list(ready.find(kind, "id", [key], [])) == []

    @each(WRITTEN, DELETED)
    def test_deleting_what_is_gone_already_is_no_trouble(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        assert isinstance(ready, Deleter)
        key = created(ready, kind, make(kind, next(number)))
        outcomes = [ready.delete(kind, [key])[0] for _ in range(2)]
        assert told(outcomes) == [(key, Status.DELETED)] * 2

    def _by_key(self, instance: Instance, kind: Kind, change: Change, *fields: str) -> list[NeutralRow]:
        assert isinstance(instance, Finder)
        name = self.adapter.key_fields[kind]
        return list(instance.find(kind, name, [change.values.get(name) or change.source_key], [name, *fields]))

    def _plain_field(self, change: Change) -> str:
        """A field of the change that holds free text: no key, no address, nothing about consent."""
        keys = {self.adapter.key_fields[Kind.PERSON], *(one.field for one in self.adapter.blockers)}
        return next(name for name, value in change.values.items() if name not in keys and value and value.isalpha())
