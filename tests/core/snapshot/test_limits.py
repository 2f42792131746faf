"""The engine's own limit never ends a move: what does not fit is asked again, with less at once and then with more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from mamigrate.errors import LocalTrouble
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.limits import AGAIN, MORE, Limits


class Needing:
    """An engine's settings, and a question that needs so many MB and may be asked by so many threads."""

    def __init__(self, memory_mb: int, threads: int) -> None:
        self._needs, self._at_most = memory_mb, threads
        self.told: list[tuple[int, int]] = []
        self._now = [100, 2]

    def run(self, statement: str) -> None:
        name, _, value = statement.removeprefix("set ").partition(" = ")
        self._now[name == "threads"] = int(value.strip("'MB"))

    def ask(self) -> str:
        self.told.append((self._now[0], self._now[1]))
        if self._now[0] < self._needs or self._now[1] > self._at_most:
            raise duckdb.OutOfMemoryException("too little")
        return "answer"

    @property
    def now(self) -> tuple[int, int]:
        return self._now[0], self._now[1]


@pytest.mark.parametrize(
    ("memory_mb", "threads", "tried"),
    [(50, 2, []), (50, 1, [(100, 1)]), (150, 2, [(100, 1), (200, 1)]), (400, 1, [(100, 1), (200, 1), (400, 1)])],
)
def test_less_at_once_comes_before_more_memory_and_the_limit_holds_again_after(
    memory_mb: int, threads: int, tried: list[tuple[int, int]]
) -> None:
    engine = Needing(memory_mb, threads)
    assert Limits(engine.run, 100, 2).patiently(engine.ask) == "answer"
    assert (engine.told, engine.now) == ([(100, 2), *tried], (100, 2))


def test_what_never_fits_is_said_with_the_limit_as_it_was() -> None:
    engine = Needing(1000, 2)
    with pytest.raises(duckdb.OutOfMemoryException):
        Limits(engine.run, 100, 2).patiently(engine.ask)
    assert (len(engine.told), engine.now) == (1 + len(MORE), (100, 2))


def test_a_shrunk_limit_is_the_one_that_holds_again() -> None:
    engine, other = Needing(50, 1), Needing(0, 2)
    limits = Limits(engine.run, 100, 2)
    limits.shrink(60)
    limits.shrink(80)
    assert limits.patiently(engine.ask) == "answer"
    assert engine.now == (60, 2)
    assert Limits(other.run, 100, 2).patiently(other.ask) == "answer"


def test_a_reader_that_pins_more_than_the_limit_costs_no_answer_and_the_limit_comes_back_later(tmp_path: Path) -> None:
    engine = Engine(tmp_path, memory_mb=12)
    numbers = ibis.range(120_000).unnest().name("number").as_table()
    wide = numbers.mutate(text=numbers.number.cast("string").repeat(40)).order_by(ibis.desc("text"))
    reading = engine.batches(wide, 1000)
    first = next(reading)
    engine.shrink(10)
    small = engine.keep(numbers.filter(numbers.number < 10))
    assert engine.one(small.agg(n=small.count())) == {"n": 10}
    assert len(first) + sum(len(rows) for rows in reading) == 120_000
    engine.one(small.agg(n=small.count()))
    assert limit(engine).startswith("9.5")


def limit(engine: Engine) -> str:
    (row,) = engine._backend.con.execute("select current_setting('memory_limit')").fetchall()
    return str(row[0])


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_a_limit_that_is_refused_is_asked_for_again(refused: int) -> None:
    said: list[str] = []

    def run(statement: str) -> None:
        if statement == "set memory_limit = '50MB'" and len([one for one in said if "50MB" in one]) < refused:
            said.append(statement)
            raise duckdb.OutOfMemoryException("could not free up enough memory")
        said.append(statement)

    limits = Limits(run, 100, 2)
    limits.shrink(50)
    for _ in range(refused):
        assert limits.patiently(lambda: "answer") == "answer"
    assert said.count("set memory_limit = '50MB'") == refused + 1


def test_memory_that_did_not_do_on_the_way_is_asked_for_again_and_other_trouble_is_not() -> None:
    told: list[str] = []

    def ask() -> str:
        told.append("asked")
        if len(told) == 1:
            raise OSError("Out of Memory Error: failed to allocate")
        return "answer"

    def full() -> str:
        told.append("full")
        raise OSError(28, "No space left on device")

    limits = Limits(lambda statement: None, 100, 2)
    assert limits.patiently(ask) == "answer"
    with pytest.raises(OSError, match="No space"):
        limits.patiently(full)
    assert told == ["asked", "asked", "full"]


def test_a_join_that_no_small_memory_holds_is_made_all_the_same(tmp_path: Path) -> None:
    engine = Engine(tmp_path, memory_mb=6, threads=2)
    numbers = ibis.range(60_000).unnest().name("number").as_table()
    texts = numbers.mutate(text=numbers.number.cast("string").repeat(20))
    held = engine.keep(texts.group_by("text").agg(many=texts.number.collect()))
    assert engine.one(held.agg(n=held.count(), all=held.many.length().sum())) == {"n": 60_000, "all": 60_000}
    (row,) = engine._backend.con.execute(
        "select current_setting('memory_limit'), current_setting('threads')"
    ).fetchall()
    assert row[1] == 2 and row[0].startswith("5.7")


# --- rows that are on their way ---------------------------------------------------------------------------------------


class Failing:
    """An engine of fifty numbers, each of them twice, whose readers fail after so many batches; ``-1``: never."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, *after: int, error: str = "Out of Memory Error"
    ) -> None:
        self.engine, self._after, self._error = Engine(folder), list(after), error
        self.begun, self._begun = 0, self.engine._begun
        numbers = ibis.range(100).unnest().name("number").as_table()
        self.table = self.engine.keep(numbers.mutate(half=numbers.number // 2))
        monkeypatch.setattr(self.engine, "_begun", self._reading)

    def _reading(self, expression: Any, size: int) -> tuple[Any, Iterator[Any]]:
        schema, batches = self._begun(expression, size)
        self.begun += 1
        return schema, self._some(batches, self._after.pop(0) if self._after else -1)

    def _some(self, batches: Iterator[Any], after: int) -> Iterator[Any]:
        for number, batch in enumerate(batches):
            if number == after:
                raise OSError(self._error)
            yield batch

    def numbers(self, expression: Any) -> list[int]:
        return [row["number"] for rows in self.engine.batches(expression, 10) for row in rows]


def test_rows_in_a_total_order_go_on_after_those_that_were_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Failing(tmp_path, monkeypatch, 3, 7)
    # Nothing orders these by chance: the half alone does not, with the number it does.
    assert one.numbers(one.table.order_by(ibis.desc("half"), "number")) == [
        number for half in range(49, -1, -1) for number in (2 * half, 2 * half + 1)
    ]
    assert one.begun == 3


def test_rows_of_which_none_was_handed_on_are_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Failing(tmp_path, monkeypatch, 0)
    assert sorted(one.numbers(one.table)) == list(range(100))


@pytest.mark.parametrize("order", [(), ("half",)])
def test_rows_in_no_total_order_end_the_run_once_some_were_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    one = Failing(tmp_path, monkeypatch, 3)
    with pytest.raises(LocalTrouble, match="rows were on their way"):
        one.numbers(one.table.order_by(*order) if order else one.table)


def test_rows_of_a_table_that_changed_meanwhile_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Failing(tmp_path, monkeypatch, 3)
    reading = one.engine.batches(one.table.order_by("number"), 10)
    next(reading)
    more = one.engine.memory(pa.table({"number": pa.array([-1], pa.int64()), "half": pa.array([-1], pa.int64())}))
    one.engine.add(one.table, more)
    with pytest.raises(LocalTrouble, match="rows were on their way"):
        list(reading)


def test_rows_that_fail_again_and_again_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Failing(tmp_path, monkeypatch, *range(1, 2 + AGAIN))
    with pytest.raises(LocalTrouble, match="rows were on their way"):
        one.numbers(one.table.order_by("number"))


def test_a_full_disk_is_no_lack_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Failing(tmp_path, monkeypatch, 3, error="No space left on device")
    with pytest.raises(OSError, match="No space"):
        one.numbers(one.table.order_by("number"))
