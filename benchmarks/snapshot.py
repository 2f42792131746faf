"""What a snapshot takes on disk: the table of people, and the pages as received, against JSON in SQLite."""

import os
import sqlite3
from pathlib import Path

import orjson

from benchmarks import planned
from benchmarks.figures import Figure, at_most, only
from mamigrate.contract import NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.extract import deriver


def measure(work: Path) -> list[Figure]:
    with planned.served(work) as folder, planned.opened(folder) as known:
        derive = deriver(known.move.source, known.source.manifest.began_at)
        rows: list[NeutralRow] = []
        bodies = 0
        for landed in known.source.landed(Kind.PERSON):
            bodies += len(landed.body)
            content = derive(known.move.source.instance.normalise(Kind.PERSON, landed))
            rows += content.rows[Kind.PERSON]
        as_json = json_in_sqlite(rows, folder / "people.sqlite") / len(rows)
        table = _size(known.source.table_path(Kind.PERSON)) / len(rows)
        pages = _size(_landed(known.source, Kind.PERSON)) / len(rows)
    peer = "the same rows as JSON in SQLite"
    return [
        at_most("bytes of the table a person", table, "B", peer, as_json, 0.15),
        only("bytes of the pages as received a person", pages, "B", peer, as_json),
        only("bytes of the pages as received a person", pages, "B", "the pages uncompressed", bodies / len(rows)),
    ]


def json_in_sqlite(rows: list[NeutralRow], path: Path) -> int:
    """Bytes of a database that holds key and JSON of each row, and nothing else."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("create table person (key text primary key, body text)")
    database.executemany("insert into person values (?, ?)", ((row["key"], orjson.dumps(row).decode()) for row in rows))
    database.commit()
    database.execute("vacuum")
    database.close()
    return _size(path)


def _landed(snapshot: Snapshot, kind: Kind) -> Path:
    return snapshot.folder / "landed" / f"{kind.value}.ndjson.zst"


def _size(path: Path) -> int:
    return os.stat(path).st_size
