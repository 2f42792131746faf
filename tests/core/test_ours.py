"""Whose yes a record carries that is not the one a person is written to: nobody's but of the very address, and of one alone."""

from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from mamigrate.plan import bearers, ours
from mamigrate.snapshot.engine import Engine

LISTS = ("wide", "topics", "granted", "twins")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "spill")


def table(engine: Engine, columns: tuple[str, ...], *rows: dict[str, Any]) -> ir.Table:
    kinds = {"parked": pa.string(), **{name: pa.list_(pa.string()) for name in LISTS}}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
    return engine.memory(pa.Table.from_pylist(list(rows), schema=schema))


MATCHED = ("key", "target_key", "made", "parked", "email_loose", "email_strict", "wide", "topics", "granted")
ANA: dict[str, Any] = {
    "key": "1", "target_key": "t1", "made": "created", "parked": "", "email_loose": "ana@x.com", "email_strict": "ana@x.com",
    "wide": [], "topics": [], "granted": ["0|8"],
}  # fmt: skip
TARGET = ("key", "email_strict", "email_loose")


@pytest.mark.parametrize(
    ("there", "made", "granted"),
    [
        ("ana@x.com", "created", ["0|8"]),
        ("Ana@x.com", "created", None),
        ("old@x.com", "created", None),
        ("old@x.com", None, ["0|8"]),
        (None, "created", ["0|8"]),
    ],
)
def test_a_grant_stays_where_our_record_has_the_very_address(
    engine: Engine, there: str | None, made: str | None, granted: list[str] | None
) -> None:
    target = table(engine, TARGET, {"key": "t1", "email_strict": there})
    found = ours.granted_there(table(engine, MATCHED, ANA | {"made": made}), target)
    assert [row["granted"] for row in engine.rows(found)] == [granted]


def beside(engine: Engine, strict: str, *people: dict[str, Any]) -> dict[str, Any]:
    """What the people deny and grant on a record ``t9`` with the address, beside their own ones."""
    target = table(engine, TARGET, {"key": "t9", "email_strict": strict, "email_loose": strict.lower()})
    pairs = table(engine, ("winner", "target_key"))
    clusters = table(engine, ("person_key", "winner"))
    named = table(engine, ("source_key", "target_key"))
    found = bearers.bearing(named, clusters, table(engine, MATCHED, *people), target, pairs)
    (row,) = engine.rows(bearers.borne(found))
    return row


@pytest.mark.parametrize(("strict", "granted"), [("ana@x.com", ["0|8"]), ("Ana@x.com", None)])
def test_a_grant_holds_on_a_record_beside_with_the_very_address(
    engine: Engine, strict: str, granted: list[str] | None
) -> None:
    assert beside(engine, strict, ANA)["granted"] == granted


def test_of_two_people_of_one_record_neither_opens_it(engine: Engine) -> None:
    two = beside(engine, "ana@x.com", ANA, ANA | {"key": "2", "target_key": "t2", "wide": ["objection"]})
    assert (two["granted"], two["wide"]) == (None, ["objection"])
