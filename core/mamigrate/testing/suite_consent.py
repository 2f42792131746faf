"""Cases about denials: every kind of fact denies, alone and in any company, and nothing that is written lifts one."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import combinations
from typing import get_args

from mamigrate.capabilities import Power
from mamigrate.clock import Clock
from mamigrate.consent.facts import hits
from mamigrate.contract import Blocker, Change, ConsentFields, Finder, Instance
from mamigrate.model.kinds import Kind
from mamigrate.model.population import FactKind
from mamigrate.testing.cases import each, with_protocol
from mamigrate.testing.suite_base import Cases, Make, created

DENYING = (
    "erasure",
    "complaint",
    "objection",
    "topic_opt_out",
    "ads_objection",
    "block",
    "org_hold",
    "source_hold",
    "time_hold",
    "unparsed",
    "undeliverable",
)
"""Kinds of facts that may stand behind a denial of all marketing mail."""
CAUSE = "mamigrate: 配信停止 on source, " + "a long cause " * 40


class ConsentCases(Cases):
    """Blockers, and for adapters that write denials: their values."""

    def test_blockers_stand_for_kinds_of_facts_that_exist(self) -> None:
        assert {one.fact for one in self.adapter.blockers} - set(get_args(FactKind)) == set()
        assert [one.field for one in self.adapter.blockers if not one.holders] == []

    @with_protocol(ConsentFields)
    def test_every_set_of_denying_facts_denies(self, instance: Instance, clock: Clock) -> None:
        assert isinstance(instance, ConsentFields)
        for size in range(1, len(DENYING) + 1):
            for facts in combinations(DENYING, size):
                assert denied(self.adapter.blockers, instance.denial_values(frozenset(facts), CAUSE), clock.now()), (
                    facts
                )

    @with_protocol(ConsentFields)
    def test_a_kind_of_fact_that_nobody_knows_yet_denies_too(self, instance: Instance, clock: Clock) -> None:
        assert isinstance(instance, ConsentFields)
        assert denied(self.adapter.blockers, instance.denial_values(frozenset({"from_the_future"}), CAUSE), clock.now())

    @with_protocol(ConsentFields)
    def test_no_denial_ever_holds_a_value_that_lifts_another(self, instance: Instance) -> None:
        assert isinstance(instance, ConsentFields)
        blocking = {one.field: one for one in self.adapter.blockers}
        for facts in combinations(DENYING, 2):
            values = instance.denial_values(frozenset(facts), CAUSE)
            assert [name for name, value in values.items() if name in blocking and lifts(blocking[name], value)] == []

    @each(Power.WRITE, Power.READ_BACK, of=(Kind.PERSON,))
    def test_a_person_who_is_created_with_a_denial_reads_back_as_denied(
        self, ready: Instance, clock: Clock, make: Make, number: Iterator[int], kind: Kind
    ) -> None:
        assert isinstance(ready, ConsentFields)
        assert isinstance(ready, Finder)
        for fact in DENYING:
            change = make(kind, next(number))
            values = {**change.values, **ready.denial_values(frozenset({fact}), CAUSE)}
            key = created(ready, kind, Change(change.source_key, None, values, change.links))
            (row,) = ready.find(kind, "id", [key], [])
            assert denied(self.adapter.blockers, row["values"], clock.now()), fact


def denied(blockers: object, values: Mapping[str, str], now: datetime) -> bool:
    """Whether somebody with these values gets no marketing mail."""
    assert isinstance(blockers, tuple | list)
    return any(hits(one, dict(values), now) for one in blockers if one.when != "not_true" or one.field in values)


def lifts(blocker: Blocker, value: str) -> bool:
    if blocker.when == "not_true":
        return value == "true"
    return value != "true" if blocker.when == "true" else not value
