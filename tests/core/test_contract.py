"""The contract's own small parts."""

import copy
import logging
import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from mamigrate import kept
from mamigrate.capabilities import Capabilities, Capability, Level, Power
from mamigrate.clock import HandClock
from mamigrate.contract import (
    Connection,
    ConsentFields,
    Counter,
    Deleter,
    DependentReader,
    Finder,
    Instance,
    Outcome,
    QuotaMeter,
    Secret,
    Status,
    Writer,
    powers,
)
from mamigrate.findings import Findings, Severity
from mamigrate.model.kinds import ESTATE, POPULATION, Kind
from mamigrate.testing import memory_state
from mamigrate.testing.memory import Memory
from mamigrate.testing.memory_schema import fresh


def test_a_secret_prints_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("hush-hush")
    connection = Connection("c", "memory", secrets={"token": secret})
    logging.getLogger("test").warning("%s %r %s", secret, secret, connection)
    shown = f"{secret}{secret!r}{connection}{connection!r}{[secret]}{caplog.text}"
    assert "hush" not in shown
    assert secret.reveal() == "hush-hush"


def test_a_secret_cannot_be_looked_into_by_vars() -> None:
    with pytest.raises(TypeError):
        vars(Secret("hush-hush"))


def test_values_of_the_contract_cannot_be_changed() -> None:
    for value in (Connection("c", "memory"), Outcome("k", Status.MAYBE), Capability(Kind.LIST, Power.READ, Level.FULL)):
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, "x")


def test_a_capability_without_a_row_is_not_written() -> None:
    rows = Capabilities((Capability(Kind.LIST, Power.READ, Level.PARTIAL, "static ones"),))
    assert rows.can(Kind.LIST, Power.READ)
    assert not rows.can(Kind.LIST, Power.WRITE)
    assert (rows.of(Kind.LIST, Power.WRITE).level, rows.of(Kind.LIST, Power.WRITE).reason) == (
        Level.NOT_WRITTEN,
        "no row",
    )


@pytest.mark.parametrize("level", [Level.NOT_WRITTEN, Level.NOT_OFFERED, Level.NO_MEANING])
def test_every_kind_of_no_is_a_no(level: Level) -> None:
    assert not Capabilities((Capability(Kind.LIST, Power.READ, level, "why"),)).can(Kind.LIST, Power.READ)


def test_every_kind_stands_on_one_shelf() -> None:
    assert sorted((*ESTATE, *POPULATION)) == sorted(Kind)
    assert set(ESTATE) & set(POPULATION) == set()


def test_equal_findings_are_listed_once_in_their_order() -> None:
    found = Findings()
    for value in ("b", "a", "b"):
        found.add("bad_value", Severity.WARN, "s/person/1", field="f", value=value)
    assert [one.params["value"] for one in found] == ["b", "a"]


def test_the_vendor_in_memory_keeps_every_protocol() -> None:
    memory_state.keep("protocols", fresh())
    try:
        instance = Memory().connect(Connection("m", "memory", options={"store": "protocols"}), HandClock())
        for protocol in (Instance, DependentReader, Writer, Finder, Deleter, ConsentFields, QuotaMeter, Counter):
            assert isinstance(instance, protocol), protocol.__name__
    finally:
        memory_state.forget("protocols")


def test_every_method_of_every_protocol_is_looked_at() -> None:
    """What the core does not look at, it does not see either."""
    protocols = [one for one in vars(powers).values() if getattr(one, "_is_runtime_protocol", False)]
    methods = {name for one in protocols for name in vars(one) if not name.startswith("_")}
    assert len(protocols) > 9
    assert methods == {*kept.INSTANCE, *kept.MORE} - {"connection"} == set(kept.LOOKS)


def test_a_copied_secret_stays_silent() -> None:
    assert repr(copy.deepcopy(Secret("hush-hush"))) == "***"


def test_outcomes_travel_between_processes() -> None:
    outcome = Outcome("k", Status.REJECTED, None, "1003", "no", "email", "x")
    assert pickle.loads(pickle.dumps(outcome)) == outcome
