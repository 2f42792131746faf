"""What the ledger costs a record: intents before a batch is sent; outcomes, ids and accounts after.

The peer is bare ``sqlite3`` with the same tables, the same pragmas and the same two transactions a batch. A batch must be
on disk before it is sent; its end is on disk with the next batch.
"""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson

from benchmarks import process
from benchmarks.figures import VENDOR_RATE, Figure, at_least, only
from mamigrate.ledger.database import WAL_PAGES
from mamigrate.ledger.store import Item, Ledger
from mamigrate.ledger.tables import Account, IdMap
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket

BATCH = 300
RECORDS = 60_000
RUN, PLAN, SOURCE, TARGET = "20261122-164200-000", "20261122-164200-000-1", "hubspot", "marketo"


def measure(work: Path) -> list[Figure]:
    found = process.interleaved("ledger", ("program", "peer"), work)
    program, peer = found["program"], found["peer"]
    return [
        at_least("people a second through the ledger", program["rate"], "/s", "raw sqlite3", peer["rate"], 0.5),
        at_least("people a second through the ledger", program["rate"], "/s", "HubSpot gives", VENDOR_RATE, 20.0),
        only("bytes of the database a person", program["bytes"], "B", "raw sqlite3", peer["bytes"]),
    ]


def program(work: Path) -> dict[str, float]:
    """The program's ledger, filled as the apply stage fills it."""
    path = _fresh(work / "ledger" / "program.sqlite")
    ledger = Ledger.at(path)
    began = time.perf_counter()
    for items in batches():
        batch = ledger.intend(RUN, PLAN, "people", Kind.PERSON, items)
        ids, accounts = [_id(item) for item in items], [_account(item) for item in items]
        ledger.close_batch(batch, "done", outcomes(items), ids, accounts)
    seconds = time.perf_counter() - began
    ledger.close()
    return {"rate": RECORDS / seconds, "bytes": path.stat().st_size / RECORDS}


def peer(work: Path) -> dict[str, float]:
    """The same rows in the same transactions, by hand."""
    path = _fresh(work / "ledger" / "peer.sqlite")
    Ledger.at(path).close()  # the tables
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute(f"pragma wal_autocheckpoint={WAL_PAGES}")
    began = time.perf_counter()
    for items in batches():
        _by_hand(database, items)
    seconds = time.perf_counter() - began
    database.close()
    return {"rate": RECORDS / seconds, "bytes": path.stat().st_size / RECORDS}


SIDES = {"program": program, "peer": peer}

_INTENT = "insert into batch (run_id, plan_id, phase, kind, state, began_at, items) values (?, ?, ?, ?, ?, ?, ?)"
_ID = (
    "insert into idmap (source, target, kind, source_key, target_key, made, payload_hash, run_id, undone) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (source, target, kind, source_key) do update set "
    "target_key = excluded.target_key, made = excluded.made, payload_hash = excluded.payload_hash, "
    "run_id = excluded.run_id, undone = excluded.undone"
)
_ACCOUNT = (
    "insert into account (run_id, kind, source_key, bucket, reason, detail, target_key) values (?, ?, ?, ?, ?, ?, ?) "
    "on conflict (run_id, kind, source_key) do update set bucket = excluded.bucket, reason = excluded.reason, "
    "detail = excluded.detail, target_key = excluded.target_key"
)


def _by_hand(database: sqlite3.Connection, items: list[Item]) -> None:
    database.execute("pragma synchronous=full")
    database.execute("begin")
    now = datetime.now(UTC).isoformat()
    values = (RUN, PLAN, "people", "person", "intent", now, orjson.dumps(items))
    batch = database.execute(_INTENT, values).lastrowid
    database.execute("commit")
    database.execute("pragma synchronous=normal")
    database.execute("begin")
    database.execute(
        "update batch set state = 'done', outcomes = ? where id = ?", (orjson.dumps(outcomes(items)), batch)
    )
    ids = [(SOURCE, TARGET, "person", one["key"], one["to"], "created", one["hash"], RUN, False) for one in items]
    database.executemany(_ID, ids)
    accounts = [(RUN, "person", one["key"], "created", "new", "", one["to"]) for one in items]
    database.executemany(_ACCOUNT, accounts)
    database.execute("commit")


def batches() -> Iterator[list[Item]]:
    """New people in full batches, in the shape in which the apply stage notes them; ``to`` is where each ends."""
    for start in range(0, RECORDS, BATCH):
        yield [_item(number) for number in range(start, min(start + BATCH, RECORDS))]


def _item(number: int) -> Item:
    key = str(1_000_000 + number * 7)
    return {
        "kind": "person",
        "key": key,
        "change": f"hubspot/person/{key}",
        "target": None,
        "hash": f"{number * 2654435761 % 2**128:032x}",
        "before": {},
        "reason": "new",
        "to": str(20_000_000 + number),
    }


def outcomes(items: list[Item]) -> list[Item]:
    return [{"key": one["change"], "status": "created", "target": one["to"], "code": ""} for one in items]


def _id(item: Item) -> IdMap:
    return IdMap(
        source=SOURCE,
        target=TARGET,
        kind=Kind.PERSON,
        source_key=item["key"],
        target_key=item["to"],
        made="created",
        payload_hash=item["hash"],
        run_id=RUN,
    )


def _account(item: Item) -> Account:
    return Account(
        run_id=RUN,
        kind=Kind.PERSON,
        source_key=item["key"],
        bucket=Bucket.CREATED,
        reason="new",
        detail="",
        target_key=item["to"],
    )


def _fresh(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    for each in (path, *(path.with_name(path.name + tail) for tail in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)
    return path
