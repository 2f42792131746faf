"""What the engine may take of memory and threads, and what is done where that is too little."""

from collections.abc import Callable
from typing import Any, TypeVar

import duckdb

MORE = (1, 2, 4)
"""What is tried with one thread where the limit did not do: the limit, and that many times as much. A move must not end of it."""

T = TypeVar("T")


class Limits:
    """The settings of one engine, which ``run`` tells."""

    def __init__(self, run: Callable[[str], Any], memory_mb: int, threads: int) -> None:
        self._run, self._memory_mb, self._threads = run, memory_mb, threads

    def shrink(self, memory_mb: int) -> None:
        """Take less from now on."""
        self._memory_mb = min(memory_mb, self._memory_mb)
        self._set(self._memory_mb, self._threads)

    def patiently(self, ask: Callable[[], T]) -> T:
        """Ask, and where memory did not do ask again with less at once, then with more.

        Not everything that DuckDB joins and sorts can be spilled, and how much of it is held at once depends on its threads.
        Raises what ``ask`` raises; ``duckdb.OutOfMemoryException`` where four times the limit is too little.
        """
        try:
            return ask()
        except duckdb.OutOfMemoryException as error:
            problem = error
        for times in MORE:
            self._set(self._memory_mb * times, 1)
            try:
                return ask()
            except duckdb.OutOfMemoryException as error:
                problem = error
            finally:
                self._set(self._memory_mb, self._threads)
        raise problem

    def _set(self, memory_mb: int, threads: int) -> None:
        self._run(f"set threads = {threads}")
        self._run(f"set memory_limit = '{memory_mb}MB'")
