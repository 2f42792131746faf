"""What the engine may take of memory and threads, and what is done where that is too little."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from mamigrate.errors import Interrupted, LocalTrouble

MORE = (1, 2, 4)
"""What is tried with one thread where the limit did not do: the limit, and that many times as much. A move must not end of it."""

ON_THEIR_WAY = "the engine's memory did not do while rows were on their way"
AGAIN = 8
"""How often rows that are on their way are asked for again."""

T = TypeVar("T")
Begun = tuple[pa.Schema, Iterator[pa.RecordBatch]]


class Limits:
    """The settings of one engine, which ``run`` tells."""

    def __init__(self, run: Callable[[str], Any], memory_mb: int, threads: int) -> None:
        self._run, self._memory_mb, self._threads = run, memory_mb, threads
        self._owed = False

    def shrink(self, memory_mb: int) -> None:
        """Take less from now on; while something is being read that needs more, as soon as it has been."""
        self._memory_mb = min(memory_mb, self._memory_mb)
        self._restore()

    def patiently(self, ask: Callable[[], T]) -> T:
        """Ask, and where memory did not do ask again with less at once, then with more. ``ask`` must leave nothing behind when
        it fails.

        Not everything that DuckDB joins and sorts can be spilled, and how much of it is held at once depends on its threads.
        Raises what ``ask`` raises; Interrupted where a signal ended it; the last error where four times the limit is too little.
        """
        if self._owed:
            self._restore()
        try:
            return _heeding(ask)
        except (duckdb.OutOfMemoryException, OSError) as error:
            if not is_memory(error):
                raise
            problem: Exception = error
        for times in MORE:
            self._set(self._memory_mb * times, 1)
            try:
                return _heeding(ask)
            except (duckdb.OutOfMemoryException, OSError) as error:
                if not is_memory(error):
                    raise
                problem = error
            finally:
                self._restore()
        raise problem

    def steadily(self, begin: Callable[[], Begun], total: Callable[[], bool]) -> Begun:
        """What ``begin`` reads, and the rest of it asked for again where memory does not do on the way.

        ``total`` says whether its rows have a total order: only then is it known which of them were handed on. Raises
        LocalTrouble where that is not so, or where other rows come now.
        """
        schema, batches = self.patiently(begin)
        return schema, self._steadily(batches, begin, total)

    def _steadily(
        self, batches: Iterator[pa.RecordBatch], begin: Callable[[], Begun], total: Callable[[], bool]
    ) -> Iterator[pa.RecordBatch]:
        given, last, again = 0, None, 0
        while True:
            try:
                for batch in batches:
                    yield batch
                    given, last = given + batch.num_rows, batch
                return
            except (duckdb.OutOfMemoryException, OSError) as error:
                if not is_memory(error):
                    raise
                again += 1
                if again > AGAIN or (last is not None and not total()):
                    raise LocalTrouble(ON_THEIR_WAY) from error
            batches = self.patiently(partial(_after, begin, given, last))

    def _restore(self) -> None:
        """The limit as it was. DuckDB refuses while a reader pins more than that: then it is owed, and asked for again later."""
        self._owed = not self._set(self._memory_mb, self._threads)

    def _set(self, memory_mb: int, threads: int) -> bool:
        self._run(f"set threads = {threads}")
        try:
            self._run(f"set memory_limit = '{memory_mb}MB'")
        except duckdb.OutOfMemoryException:
            return False
        return True


def _after(begin: Callable[[], Begun], given: int, last: pa.RecordBatch | None) -> Iterator[pa.RecordBatch]:
    """The rows behind the first ``given``, of which ``last`` are the last. Their first ones are there when this returns."""
    _, batches = begin()
    if last is None:
        return batches
    passed = 0
    for batch in batches:
        left = given - passed
        if left <= batch.num_rows:
            if not batch.slice(left - 1, 1).equals(last.slice(last.num_rows - 1)):
                break
            following = batch.slice(left) if left < batch.num_rows else next(batches, None)
            return chain([] if following is None else [following], batches)
        passed += batch.num_rows
    raise LocalTrouble(ON_THEIR_WAY)


def is_memory(error: BaseException) -> bool:
    """Whether the engine says that its memory did not do. Once rows are on their way, Arrow says it in DuckDB's words."""
    return isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory Error" in str(error)


def _heeding(ask: Callable[[], T]) -> T:
    """What a signal's handler raises while DuckDB is at work, DuckDB drops, and says this instead, where it looks for signals."""
    try:
        return ask()
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise Interrupted from error
        raise
