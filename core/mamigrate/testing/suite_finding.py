"""Cases about looking records up: by id, by key, by many values, by values that nobody has."""

from collections.abc import Iterator

import pytest

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Finder, Instance, NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import RECORDS, each
from mamigrate.testing.suite_base import Cases, Make, Pages, created, rows_of

STRANGERS = [str(number) for number in range(990_000_000, 990_000_350)]
"""Ids that nobody has, more than any vendor takes in one call."""


class FindingCases(Cases):
    """Every kind that a READ_BACK row allows."""

    @pytest.fixture(scope="class")
    @classmethod
    def known(cls, instance: Instance, number: Iterator[int], request: pytest.FixtureRequest) -> dict[Kind, str]:
        """The key of a record of each kind that is looked up: written where that can be done, else one that was read."""
        found: dict[Kind, str] = {}
        can = cls.adapter.capabilities.can
        for kind in RECORDS:
            if can(kind, Power.READ_BACK) and can(kind, Power.WRITE):
                ready, make = request.getfixturevalue("ready"), request.getfixturevalue("make")
                found[kind] = created(ready, kind, make(kind, next(number)))
            elif can(kind, Power.READ_BACK):
                pages: Pages = request.getfixturevalue("pages")
                found[kind] = next(row["key"] for row in rows_of(pages[kind], kind) if not row.get("archived"))
        return found

    @each(Power.READ_BACK)
    def test_a_record_is_found_by_its_id_among_many_strangers(
        self, instance: Instance, known: dict[Kind, str], kind: Kind
    ) -> None:
        rows = _find(instance, kind, [*STRANGERS[:175], known[kind], *STRANGERS[175:]])
        assert [row["key"] for row in rows] == [known[kind]]

    @each(Power.READ_BACK)
    def test_values_that_nobody_has_give_no_row(self, instance: Instance, known: dict[Kind, str], kind: Kind) -> None:
        assert _find(instance, kind, STRANGERS[:3]) == []
        assert _find(instance, kind, []) == []

    @each(Power.READ_BACK, of=(Kind.PERSON,))
    def test_fields_that_block_mail_are_always_told(
        self, instance: Instance, known: dict[Kind, str], kind: Kind
    ) -> None:
        asked = [name for one in self.adapter.blockers for name in (one.field, one.hours_from) if name]
        (plain,), (whole,) = _find(instance, kind, [known[kind]]), _find(instance, kind, [known[kind]], *asked)
        assert {name: plain["values"].get(name) for name in asked} == {
            name: whole["values"].get(name) for name in asked
        }

    @each(Power.READ_BACK, Power.WRITE, of=(Kind.OPPORTUNITY,))
    def test_an_opportunity_tells_who_takes_part(
        self, ready: Instance, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        person = created(ready, Kind.PERSON, make(Kind.PERSON, next(number)))
        change = make(kind, next(number))
        deal = created(ready, kind, Change(change.source_key, None, change.values, {"person": (person,)}))
        (row,) = _find(ready, kind, [deal])
        assert row["person_keys"] == [person]


def _find(instance: Instance, kind: Kind, keys: list[str], *fields: str) -> list[NeutralRow]:
    assert isinstance(instance, Finder)
    return list(instance.find(kind, "id", keys, fields))
