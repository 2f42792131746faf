"""Sorted files of the engine."""

from pathlib import Path

import pyarrow as pa
import pytest

from mamigrate.snapshot.engine import Engine

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table")
"""Ibis calls a method that DuckDB has given another name."""


def _engine(folder: Path) -> Engine:
    return Engine(folder / "spill")


def test_pieces_follow_each_other_and_each_is_sorted(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    rows = engine.memory(pa.table({"key": ["c", "a", "d", "b"], "n": [3, 1, 4, 2]}))
    found = engine.in_order((rows.filter(rows.key < "c"), rows.filter(rows.key >= "c")), "key")
    assert [row["n"] for row in found] == [1, 2, 3, 4]
    assert [row["n"] for row in found] == [1, 2, 3, 4]  # any number of times


def test_flags_choose_rows_and_keep_their_order(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    rows = engine.memory(pa.table({"key": ["c", "a", "b"], "on": [True, False, True]}))
    found = engine.in_order((rows,), "key")
    assert [row["key"] for row in found.where(on=True)] == ["b", "c"]
    assert [row["key"] for row in found.where(on=False)] == ["a"]


def test_an_empty_table_reads_back_as_no_rows(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    rows = engine.memory(pa.table({"key": pa.array([], pa.string())}))
    assert list(engine.in_order((rows,), "key")) == []


def test_two_engines_share_a_folder(tmp_path: Path) -> None:
    for engine in [_engine(tmp_path), _engine(tmp_path)]:
        assert engine.rows(engine.memory(pa.table({"n": [1]}))) == [{"n": 1}]


def test_rows_gathered_in_batches_are_one_table(tmp_path: Path) -> None:
    engine, schema = _engine(tmp_path), pa.schema([("key", pa.string())])
    batches = (pa.record_batch([pa.array(keys)], schema=schema) for keys in (["b"], ["a", "c"]))
    table = engine.gather(batches, schema)
    assert engine.rows(table.order_by("key")) == [{"key": "a"}, {"key": "b"}, {"key": "c"}]
    assert engine.rows(engine.gather(iter(()), schema)) == []


def test_a_text_is_fresh_until_it_is_in_the_set(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    seen, other = engine.seen(), engine.seen()
    assert seen.fresh([]) == []
    assert seen.fresh(["b", "a", "b"]) == ["a", "b"]
    seen.add(["a"])
    assert seen.fresh(["a", "b", "A"]) == ["A", "b"]
    assert other.fresh(["a"]) == ["a"]
