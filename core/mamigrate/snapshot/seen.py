"""Texts that were met already, however many they are."""

from collections.abc import Iterable
from typing import Any


class Seen:
    """A growing set of texts that is kept on the engine, because it may be as large as the population."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection, self._name = connection, name
        connection.execute(f"create temp table {name} (text varchar)")

    def fresh(self, texts: Iterable[str]) -> list[str]:
        """Those of ``texts`` that are not in the set, each once."""
        unknown = (
            f"select distinct text from (select unnest($1::varchar[]) as text) anti join {self._name} using (text)"
        )
        return sorted(text for (text,) in self._connection.execute(unknown, [list(texts)]).fetchall())

    def add(self, texts: Iterable[str]) -> None:
        """Put ``texts`` into the set; the caller sees to it that they are ``fresh``."""
        self._connection.execute(f"insert into {self._name} select unnest($1::varchar[])", [list(texts)])
