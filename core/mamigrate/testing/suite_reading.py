"""Cases about reading: pages, cursors, what a page means, the shape of rows."""

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime

import orjson

from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.contract import Connection, Content, Counter, DependentReader, Instance, Landed, NeutralRow
from mamigrate.model.canonical import NotCanonical, canonical
from mamigrate.model.estate import ESTATE_MODELS, DataType
from mamigrate.model.kinds import ESTATE, POPULATION, Kind
from mamigrate.model.population import POPULATION_MODELS
from mamigrate.testing.cases import each, with_protocol
from mamigrate.testing.suite_base import Calls, Cases, Pages, pages_of, rows_of

HOLDERS = (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY)
MODELS = {**ESTATE_MODELS, **POPULATION_MODELS}


class ReadingCases(Cases):
    """Every kind that a READ row allows."""

    @each(Power.READ)
    def test_pages_come_to_an_end(self, pages: Pages, kind: Kind) -> None:
        if kind in pages:
            assert [page.next is None for page in pages[kind]] == [*([False] * (len(pages[kind]) - 1)), True]

    def test_the_seeded_instance_is_big_enough_to_prove_something(self, pages: Pages) -> None:
        assert any(len(found) > 1 for found in pages.values()), "seed more than one page of some kind"
        assert sum(bool(rows_of(found, kind)) for kind, found in pages.items()) >= 3, "seed at least three kinds"

    @each(Power.READ)
    def test_a_cursor_resumes_in_a_new_instance(
        self, connection: Connection, clock: Clock, pages: Pages, kind: Kind
    ) -> None:
        for page in pages.get(kind, ())[:-1][:2]:
            anew = self.adapter.connect(connection, clock)
            rest = [row["key"] for row in rows_of(list(pages_of(anew, kind, page.next)), kind)]
            whole = [row["key"] for row in rows_of(pages[kind], kind)]
            assert rest == whole[len(whole) - len(rest) :]
            assert len(rest) < len(whole) or not rows_of([page], kind)

    @each(Power.READ)
    def test_a_landed_page_means_what_it_meant_and_costs_no_call(
        self, connection: Connection, clock: Clock, calls: Calls, pages: Pages, kind: Kind
    ) -> None:
        before = calls()
        stranger = self.adapter.connect(connection, clock)
        for page in pages.get(kind, ()):
            assert _same(stranger.normalise(kind, _stored(page.landed)), page.content)
        assert calls() == before

    @each(Power.READ)
    def test_rows_have_the_shape_of_their_models(self, pages: Pages, kind: Kind) -> None:
        for page in pages.get(kind, ()):
            assert kind in page.content.rows
            for told, rows in page.content.rows.items():
                _check_shapes(told, rows)

    @each(Power.READ)
    def test_keys_are_unique_and_never_empty(self, pages: Pages, kind: Kind) -> None:
        keys = Tally(row["key"] for row in rows_of(pages.get(kind, ()), kind))
        assert [key for key, n in keys.items() if n > 1 or not key] == []

    @each(Power.READ, of=ESTATE)
    def test_estate_objects_say_where_they_come_from_and_keep_the_vendor_s_word(
        self, connection: Connection, pages: Pages, kind: Kind
    ) -> None:
        rows = rows_of(pages.get(kind, ()), kind)
        assert {row["origin"]["connection"] for row in rows} <= {connection.name}
        assert [row["key"] for row in rows if not row["raw"] or not row["origin"]["vendor_id"]] == []

    @each(Power.READ)
    def test_problems_name_object_field_and_value(self, connection: Connection, pages: Pages, kind: Kind) -> None:
        found = [problem for page in pages.get(kind, ()) for problem in page.content.problems]
        assert [one for one in found if not one.code or not one.subject.startswith(connection.name)] == []
        bad = [one for one in found if one.code == "bad_value"]
        assert [one for one in bad if not one.params.get("field") or "value" not in one.params] == []

    @each(Power.READ, of=HOLDERS)
    def test_values_are_canonical_text_or_told_as_bad(self, pages: Pages, kind: Kind) -> None:
        types = {
            row["api_name"]: row["data_type"] for row in rows_of(pages[Kind.FIELD], Kind.FIELD) if row["holder"] == kind
        }
        bad = {
            (one.subject.rpartition("/")[2], one.params.get("field")) for p in pages[kind] for one in p.content.problems
        }
        wrong = [
            (row["key"], name, value)
            for row in rows_of(pages[kind], kind)
            for name, value in row["values"].items()
            if (row["key"], name) not in bad and not _is_canonical(value, types.get(name, DataType.TEXT))
        ]
        assert wrong == []

    @each(Power.READ, of=(Kind.FIELD,))
    def test_every_field_that_blocks_mail_can_be_seen(self, pages: Pages, kind: Kind) -> None:
        shown = {row["key"] for row in rows_of(pages[kind], kind)}
        asked = {name for one in self.adapter.blockers for name in (one.field, one.hours_from) if name}
        assert {name for name in asked if f"{Kind.PERSON}/{name}" not in shown} == set()

    @each(Power.READ, of=(Kind.FIELD,))
    def test_a_field_s_key_is_its_holder_and_api_name(self, pages: Pages, kind: Kind) -> None:
        assert [row for row in rows_of(pages[kind], kind) if row["key"] != f"{row['holder']}/{row['api_name']}"] == []

    @with_protocol(DependentReader)
    def test_what_hangs_on_people_comes_for_any_number_of_them(self, instance: Instance, pages: Pages) -> None:
        assert isinstance(instance, DependentReader)
        people = rows_of(pages[Kind.PERSON], Kind.PERSON)
        for kind in instance.dependents():
            assert [row for page in instance.read_for(kind, []) for row in page.content.rows.get(kind, ())] == []
            found = list(instance.read_for(kind, people))
            assert [page.next for page in found if page.next is not None] == []
            keys = Tally(row["key"] for row in rows_of(found, kind))
            assert [key for key, n in keys.items() if n > 1] == []
            for page in found:
                _check_shapes(kind, page.content.rows.get(kind, ()))
                assert _same(instance.normalise(kind, _stored(page.landed)), page.content)

    @with_protocol(Counter)
    def test_an_independent_count_agrees_with_what_was_read(self, instance: Instance, pages: Pages) -> None:
        assert isinstance(instance, Counter)
        counted = {kind: instance.count(kind) for kind in HOLDERS if kind in pages}
        living = {kind: sum(not row["archived"] for row in rows_of(pages[kind], kind)) for kind in counted}
        assert any(number is not None for number in counted.values())
        assert {kind: number for kind, number in counted.items() if number not in (None, living[kind])} == {}


def _stored(landed: Landed) -> Landed:
    """A page as it comes back from a snapshot."""
    assert all(isinstance(value, str) for value in landed.context.values())
    return Landed(orjson.dumps(orjson.loads(landed.body)), dict(landed.context))


def _same(one: Content, other: Content) -> bool:
    same = list(one.problems) == list(other.problems) and list(one.unanswered) == list(other.unanswered)
    return same and dict(one.rows) == dict(other.rows)


def _check_shapes(kind: Kind, rows: Iterable[NeutralRow]) -> None:
    for row in rows:
        MODELS[kind].model_validate(row)
        naive = [name for name, value in row.items() if isinstance(value, datetime) and value.tzinfo is None]
        assert naive == [], row["key"]
        if kind in POPULATION and "values" in row:
            assert [name for name, value in row["values"].items() if not isinstance(value, str) or not value] == []


def _is_canonical(value: str, data_type: DataType) -> bool:
    try:
        return canonical(value, data_type) == value
    except NotCanonical:
        return False
