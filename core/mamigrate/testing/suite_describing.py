"""Cases about what an adapter says of itself, of its instance and of its secrets."""

import logging
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from mamigrate.capabilities import Level, Power
from mamigrate.clock import Clock
from mamigrate.contract import (
    Connection,
    ConsentFields,
    Counter,
    Deleter,
    DenialSink,
    DenialSource,
    DependentReader,
    ExclusionSource,
    Finder,
    HistorySink,
    Instance,
    Lagging,
    LinkedOptOuts,
    PartlyClosed,
    PushMeter,
    QuotaMeter,
    Secret,
    Writer,
)
from mamigrate.errors import Refused
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate.testing.cases import with_protocol
from mamigrate.testing.suite_base import Calls, Cases

BY_ROWS = {Power.WRITE: Writer, Power.READ_BACK: Finder, Power.DELETE: Deleter, Power.DENY: DenialSink}
LATE = Kind.CONSENT_FACT, Power.READ_CHANGES
"""What an adapter reads that tells denials after a move."""
LONGEST_PAUSE = 600.0
"""Seconds that a run may stand still before it looks again."""
BY_NAME = (
    DependentReader,
    ConsentFields,
    QuotaMeter,
    Counter,
    ExclusionSource,
    PartlyClosed,
    PushMeter,
    LinkedOptOuts,
    Lagging,
)


class DescribingCases(Cases):
    """Name, settings, capability rows, protocols, info, check, quotas, secrets."""

    def test_it_has_a_name_and_a_title(self) -> None:
        assert self.adapter.name.isidentifier()
        assert self.adapter.name == self.adapter.name.lower()
        assert self.adapter.title.strip()

    def test_every_setting_has_a_name_of_its_own_and_help(self) -> None:
        names = [one.name for one in self.adapter.settings]
        assert len(names) == len(set(names))
        assert [one.name for one in self.adapter.settings if not one.name.isidentifier() or not one.help.strip()] == []

    def test_no_secret_has_a_default(self) -> None:
        assert [one.name for one in self.adapter.settings if one.secret and one.default] == []

    def test_every_kind_and_power_has_one_row_at_most(self) -> None:
        cells = [(row.kind, row.power) for row in self.adapter.capabilities.rows]
        assert sorted({cell for cell in cells if cells.count(cell) > 1}) == []

    def test_every_row_that_is_not_full_has_a_reason(self) -> None:
        rows = [row for row in self.adapter.capabilities.rows if row.level is not Level.FULL]
        assert [(row.kind, row.power) for row in rows if not row.reason.strip()] == []

    def test_everything_that_is_written_says_how_many_go_into_a_call(self) -> None:
        rows = [row for row in self.adapter.capabilities.rows if row.power is Power.WRITE]
        able = [row for row in rows if self.adapter.capabilities.can(row.kind, row.power)]
        assert [row.kind for row in able if row.batch < 1] == []

    def test_everything_that_is_read_has_a_row_and_the_other_way_round(self, instance: Instance) -> None:
        rows = {row.kind for row in self.adapter.capabilities.rows if row.power is Power.READ}
        reads = list(instance.reads())
        told = {*reads, *(instance.dependents() if isinstance(instance, DependentReader) else ())}
        assert len(reads) == len(set(reads))
        assert told - rows == set()
        assert {kind for kind in rows if self.adapter.capabilities.can(kind, Power.READ)} - told == set()

    def test_the_rows_and_the_protocols_agree(self, instance: Instance) -> None:
        rows = {
            row.power for row in self.adapter.capabilities.rows if self.adapter.capabilities.can(row.kind, row.power)
        }
        missing = [kept.__name__ for power, kept in BY_ROWS.items() if power in rows and not isinstance(instance, kept)]
        assert missing == []
        assert isinstance(instance, DenialSource) == self.adapter.capabilities.can(*LATE)
        assert isinstance(instance, DenialSink) == self.adapter.capabilities.can(Kind.CONSENT_FACT, Power.DENY)
        assert isinstance(instance, HistorySink) == self.adapter.capabilities.can(Kind.ACTIVITY, Power.WRITE)
        assert isinstance(instance, Instance)

    def test_the_protocols_named_in_the_test_are_those_that_are_kept(self, instance: Instance) -> None:
        kept = {protocol.__name__ for protocol in BY_NAME if isinstance(instance, protocol)}
        assert {protocol.__name__ for protocol in self.protocols} == kept

    def test_people_are_written_with_a_field_for_their_source_key(self) -> None:
        if self.adapter.capabilities.can(Kind.PERSON, Power.WRITE):
            assert self.adapter.key_fields.get(Kind.PERSON)

    def test_connecting_makes_no_call(self, connection: Connection, clock: Clock, calls: Calls) -> None:
        before = calls()
        made = self.adapter.connect(connection, clock)
        assert calls() == before
        assert made.connection == connection

    def test_who_answers_costs_two_calls_at_most(self, instance: Instance, calls: Calls) -> None:
        instance.info()  # a token may have to be fetched first
        before = calls()
        info = instance.info()
        assert calls() - before <= 2
        assert info.instance_id.strip()
        assert info.label.strip()
        assert ZoneInfo(info.time_zone)

    def test_everything_that_is_wrong_comes_with_its_fix(self, instance: Instance) -> None:
        found = list(instance.check())
        assert all(isinstance(one, Finding) and one.code and one.subject for one in found)
        assert [one.code for one in found if one.severity is not Severity.NOTE and not one.params.get("fix")] == []

    def test_wrong_credentials_are_refused_and_reported(self, connection: Connection, clock: Clock) -> None:
        if not connection.secrets:
            return
        wrong = {name: Secret("wrong-credential-4711") for name in connection.secrets}
        stranger = self.adapter.connect(replace(connection, secrets=wrong), clock)
        with pytest.raises(Refused) as refused:
            stranger.info()
        assert "wrong-credential-4711" not in f"{refused.value!r}{refused.value}"
        assert any(one.severity is Severity.BLOCK for one in stranger.check())

    @with_protocol(PartlyClosed)
    def test_what_an_instance_refuses_is_a_kind_that_the_vendor_takes_and_has_a_reason(
        self, instance: Instance
    ) -> None:
        assert isinstance(instance, PartlyClosed)
        for kind, reason in instance.closed().items():
            assert self.adapter.capabilities.can(kind, Power.WRITE), kind
            assert reason.strip(), kind

    @with_protocol(QuotaMeter)
    def test_quotas_are_told_and_asking_counts_once_at_most(self, instance: Instance) -> None:
        assert isinstance(instance, QuotaMeter)
        first = {one.name: one for one in instance.quotas()}
        again = {one.name: one for one in instance.quotas()}
        assert first
        assert all(one.limit > 0 and one.used >= 0 for one in first.values())
        assert all(one.resets_at is None or one.resets_at.tzinfo for one in first.values())
        assert [name for name in first if again[name].used - first[name].used > 1] == []

    @with_protocol(PushMeter)
    def test_what_was_passed_on_to_a_crm_only_grows(self, instance: Instance) -> None:
        assert isinstance(instance, PushMeter)
        first, again = instance.pushes(), instance.pushes()
        assert first is None or (again is not None and 0 <= first <= again)

    @with_protocol(Lagging)
    def test_further_looks_come_after_pauses_and_end(self, instance: Instance) -> None:
        assert isinstance(instance, Lagging)
        pauses = instance.looks_again()
        assert pauses and all(0 < one <= LONGEST_PAUSE for one in pauses)

    @with_protocol(LinkedOptOuts)
    def test_who_wins_about_an_opt_out_is_told_where_a_crm_is_linked_alone(self, instance: Instance) -> None:
        assert isinstance(instance, LinkedOptOuts)
        assert instance.opt_out_sync() is None or instance.info().crm_linked is not False

    def test_secrets_print_nowhere(
        self, connection: Connection, clock: Clock, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        instance = self.adapter.connect(connection, clock)
        shown: list[object] = [self.adapter, connection, instance, vars(instance), instance.info(), instance.check()]
        shown += [instance.read(kind, None) for kind in instance.reads()]
        text = f"{shown!r}{shown}{caplog.text}{[record.__dict__ for record in caplog.records]!r}"
        assert [name for name, secret in connection.secrets.items() if secret.reveal() in text] == []
