"""Rows that are joined while they stream, in the order of their keys."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.snapshot.engine import Engine
from mamigrate.stages import people, spans

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table")
"""Ibis calls a method that DuckDB has given another name."""

KEYS = st.lists(st.text("ab12", min_size=1, max_size=3), unique=True).map(sorted)


@given(KEYS, st.lists(st.tuples(st.text("ab12", min_size=1, max_size=3), st.integers()), max_size=20))
def test_each_key_gets_the_values_that_stand_beside_it(asked: list[str], pairs: list[tuple[str, int]]) -> None:
    pairs = sorted(pairs, key=lambda pair: pair[0])
    of = people.beside(({"key": key, "n": n} for key, n in pairs), "n")
    assert [of(key) for key in asked] == [[n for other, n in pairs if other == key] for key in asked]


def test_spans_hold_every_key_once_also_where_keys_repeat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(tmp_path / "spill")
    keys = [f"{n % 7}" for n in range(20)] + ["é", "ＡＢＣ", "z"]
    table = engine.memory(pa.table({"key": keys}))
    monkeypatch.setattr(spans, "PIECE", 3)
    pieces = spans.spans(engine, table)
    found = [row["key"] for piece in pieces for row in engine.rows(piece(table))]
    assert sorted(found) == sorted(keys)
    assert len(pieces) == 8
