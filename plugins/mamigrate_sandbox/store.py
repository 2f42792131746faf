"""Where a sandbox keeps its state: documents by kind and id, links between them, counters. One SQLite file a vendor.

A document's body is the record in the shape in which the vendor's API returns it (the vendor package's docstring lists
its kinds). ``keys`` are what it can be found by beside its id; a key name may hold several values.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Body = dict[str, Any]

_SCHEMA = """
create table if not exists document (kind text, id text, number integer, body blob, primary key (kind, id));
create index if not exists document_order on document (kind, number);
create table if not exists key (kind text, name text, value text, id text);
create index if not exists key_value on key (kind, name, value);
create index if not exists key_id on key (kind, id);
create table if not exists link (kind text, a text, b text, body blob, primary key (kind, a, b));
create index if not exists link_back on link (kind, b);
create table if not exists counter (name text primary key, n integer);
create table if not exists setting (name text primary key, value blob);
"""


class Store:
    """Thread-safe: one connection, one lock. ``path`` None keeps everything in memory (tests only)."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=off")
        self._db.executescript(_SCHEMA)
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nested ones join the outermost."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("begin")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0 and self._db.in_transaction:  # A full disk has ended it already.
                    self._db.execute("rollback")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("commit")

    # --- documents -----------------------------------------------------------------------------------------------

    def put(self, kind: str, id: str, body: Body, keys: Mapping[str, str | Iterable[str]] | None = None) -> None:
        """Insert or replace a document. ``keys`` None leaves the keys of an existing document as they are."""
        with self.transaction():
            number = int(id) if id.isdigit() else None
            self._db.execute(
                "insert into document values (?, ?, ?, ?) on conflict do update set body = excluded.body",
                (kind, id, number, orjson.dumps(body)),
            )
            if keys is not None:
                self._db.execute("delete from key where kind = ? and id = ?", (kind, id))
                rows = [(kind, name, value, id) for name, values in keys.items() for value in _many(values)]
                self._db.executemany("insert into key values (?, ?, ?, ?)", rows)

    def get(self, kind: str, id: str) -> Body | None:
        with self._lock:
            row = self._db.execute("select body from document where kind = ? and id = ?", (kind, id)).fetchone()
        return orjson.loads(row[0]) if row else None

    def get_many(self, kind: str, ids: Sequence[str]) -> dict[str, Body]:
        found: dict[str, Body] = {}
        with self._lock:
            for start in range(0, len(ids), 500):
                part = ids[start : start + 500]
                marks = ",".join("?" * len(part))
                sql = f"select id, body from document where kind = ? and id in ({marks})"
                found.update((i, orjson.loads(b)) for i, b in self._db.execute(sql, (kind, *part)))
        return found

    def remove(self, kind: str, id: str) -> bool:
        with self.transaction():
            self._db.execute("delete from key where kind = ? and id = ?", (kind, id))
            return self._db.execute("delete from document where kind = ? and id = ?", (kind, id)).rowcount > 0

    def page(self, kind: str, after: int = -1, limit: int = 100) -> list[tuple[str, Body]]:
        """Documents with numeric ids above ``after``, in order of number."""
        sql = "select id, body from document where kind = ? and number > ? order by number limit ?"
        with self._lock:
            return [(i, orjson.loads(b)) for i, b in self._db.execute(sql, (kind, after, limit))]

    def newest(self, kind: str, before: int | None = None) -> Iterator[tuple[int, Body]]:
        """Documents with numeric ids below ``before``, highest first. Read in pieces; safe against changes meanwhile."""
        sql = "select number, body from document where kind = ? and number < ? order by number desc limit 500"
        below = 2**63 - 1 if before is None else before
        while True:
            with self._lock:
                rows = self._db.execute(sql, (kind, below)).fetchall()
            yield from ((number, orjson.loads(body)) for number, body in rows)
            if not rows:
                return
            below = rows[-1][0]

    def all(self, kind: str) -> Iterator[tuple[str, Body]]:
        """Every document of a kind by number, then id. Read in pieces; safe against changes meanwhile."""
        with self._lock:
            sql = "select id from document where kind = ? order by number, id"
            ids = [row[0] for row in self._db.execute(sql, (kind,))]
        for start in range(0, len(ids), 500):
            bodies = self.get_many(kind, ids[start : start + 500])
            yield from ((i, bodies[i]) for i in ids[start : start + 500] if i in bodies)

    def find(self, kind: str, name: str, value: str) -> list[str]:
        """Ids of the documents that carry this key, in order of number."""
        sql = (
            "select distinct k.id from key k join document d on d.kind = k.kind and d.id = k.id "
            "where k.kind = ? and k.name = ? and k.value = ? order by d.number, d.id"
        )
        with self._lock:
            return [row[0] for row in self._db.execute(sql, (kind, name, value))]

    def count(self, kind: str) -> int:
        with self._lock:
            return int(self._db.execute("select count(*) from document where kind = ?", (kind,)).fetchone()[0])

    def next_id(self, kind: str, first: int = 1) -> int:
        """A number that was never given for this kind before."""
        with self.transaction():
            sql = "select max(coalesce((select max(number) from document where kind = ?), ?), coalesce((select n from counter where name = ?), ?))"
            number = int(self._db.execute(sql, (kind, first - 1, f"id/{kind}", first - 1)).fetchone()[0]) + 1
            self._db.execute(
                "insert into counter values (?, ?) on conflict do update set n = excluded.n", (f"id/{kind}", number)
            )
            return number

    # --- links: list memberships, associations, program members ------------------------------------------------------

    def link(self, kind: str, a: str, b: str, body: Body | None = None) -> bool:
        """Tie ``a`` to ``b``; True when the link is new. An existing link's body is replaced."""
        with self.transaction():
            sql = "select 1 from link where kind = ? and a = ? and b = ?"
            new = self._db.execute(sql, (kind, a, b)).fetchone() is None
            self._db.execute("insert or replace into link values (?, ?, ?, ?)", (kind, a, b, orjson.dumps(body or {})))
            return new

    def unlink(self, kind: str, a: str, b: str) -> bool:
        with self.transaction():
            return self._db.execute("delete from link where kind = ? and a = ? and b = ?", (kind, a, b)).rowcount > 0

    def links(self, kind: str, a: str) -> list[tuple[str, Body]]:
        """What ``a`` is tied to, ordered by number of ``b``."""
        sql = "select b, body from link where kind = ? and a = ? order by cast(b as integer), b"
        with self._lock:
            return [(b, orjson.loads(body)) for b, body in self._db.execute(sql, (kind, a))]

    def links_back(self, kind: str, b: str) -> list[tuple[str, Body]]:
        sql = "select a, body from link where kind = ? and b = ? order by cast(a as integer), a"
        with self._lock:
            return [(a, orjson.loads(body)) for a, body in self._db.execute(sql, (kind, b))]

    def all_links(self, kind: str) -> Iterator[tuple[str, str, Body]]:
        """Every link of a kind, by ``a`` then ``b``."""
        with self._lock:
            rows = self._db.execute("select a, b, body from link where kind = ? order by a, b", (kind,)).fetchall()
        yield from ((a, b, orjson.loads(body)) for a, b, body in rows)

    # --- what is there ------------------------------------------------------------------------------------------------

    def kinds(self) -> dict[str, int]:
        """Kinds of documents with their counts."""
        with self._lock:
            return dict(self._db.execute("select kind, count(*) from document group by kind order by kind").fetchall())

    def link_kinds(self) -> dict[str, int]:
        with self._lock:
            return dict(self._db.execute("select kind, count(*) from link group by kind order by kind").fetchall())

    # --- counters and settings ---------------------------------------------------------------------------------------

    def add(self, name: str, n: int = 1) -> int:
        """Add to a counter and return its new value."""
        with self.transaction():
            self._db.execute(
                "insert into counter values (?, ?) on conflict do update set n = n + excluded.n", (name, n)
            )
            return int(self._db.execute("select n from counter where name = ?", (name,)).fetchone()[0])

    def counters(self) -> dict[str, int]:
        with self._lock:
            rows = self._db.execute("select name, n from counter where name not like 'id/%' order by name")
            return {name: int(n) for name, n in rows}

    def setting(self, name: str, default: Any = None) -> Any:
        with self._lock:
            row = self._db.execute("select value from setting where name = ?", (name,)).fetchone()
        return orjson.loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        with self.transaction():
            sql = "insert into setting values (?, ?) on conflict do update set value = excluded.value"
            self._db.execute(sql, (name, orjson.dumps(value)))

    def close(self) -> None:
        self._db.close()


def _many(values: str | Iterable[str]) -> Iterable[str]:
    return (values,) if isinstance(values, str) else values
