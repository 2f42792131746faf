"""The proof over ten million cells: a million people with ten topics, all of them looked at, none sampled.

The program counts two statements: nobody is mailable whom the facts do not allow (1), and no denial is lost (3). The peer is
SQL by hand on the same DuckDB, with the same memory and threads. Both find what was planted. Seconds are the processor's, summed over threads, so that other load hardly counts.
"""

import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks import process
from benchmarks.figures import MIB, Figure, at_most, only
from mamigrate.consent.proof.invariants import INVARIANTS, counts
from mamigrate.consent.proof.tables import SCHEMAS, Asked, Tables
from mamigrate.snapshot.engine import MEMORY_MB, Engine

PEOPLE, TOPICS = 1_000_000, 10
NUMBERS = (1, 3)
PLANTED = {1: 7, 3: 5}
"""Rows that each statement must find."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)

WHERE = "0::bigint population, 'p' || i person, 'who' || i || '@example.com' address"
SCOPE = "'email' channel, '0' brand, 't' || j topic, 'MKT' asset_class"
WIDE = "'email' channel, '*' brand, '*' topic, 'MKT' asset_class"
DENIED = "i % 5 = 0"
"""A fifth of all people is denied everything."""
MADE = {
    "verdicts": f"select {WHERE}, {SCOPE}, 'who' || i || '@example.com' address_loose, not ({DENIED}) allowed, "
    f"null::boolean later, not ({DENIED}) source_mails, []::varchar[] derivation "
    f"from range({PEOPLE}) p(i), range({TOPICS}) t(j)",
    "cells": f"select {WHERE}, {SCOPE}, 'who' || i || '@example.com' address_loose, "
    f"not ({DENIED}) or (i between 100 and 130 and j = 0) allowed, false enrolled, true as read, null::boolean settled "
    f"from range({PEOPLE}) p(i), range({TOPICS}) t(j)",
    "denials": "select 0::bigint population, 'f' || i fact, 'objection' kind, 'address' holder, 'p' || i person, "
    f"'who' || i || '@example.com' address_loose, {WIDE}, null::timestamptz observed_at, null::timestamptz effective_at "
    f"from range({PEOPLE}) p(i) where {DENIED}",
    "held": f"select 0::bigint population, 'p' || i person, 'who' || i || '@example.com' address_loose, {WIDE}, "
    f"'f' || i fact, true as read, null::boolean settled from range({PEOPLE}) p(i) where {DENIED} and i >= 25",
    "records": "select 0::bigint population, 't' || i as key, 'p' || i person, 'who' || i || '@example.com' address_loose, "
    f"null::varchar mark, true as read from range({PEOPLE}) p(i)",
    "covers": "select 'email' channel, '*' brand, '*' topic, 'MKT' asset_class, 'email' under_channel, '*' under_brand, "
    "'*' under_topic, 'MKT' under_asset_class, true permits",
}
"""How each table is made; the others are empty."""

BY_HAND = {
    1: "select count(*) from (select * from cells where read and allowed) anti join (select * from verdicts where allowed) "
    "using (population, person, address, channel, brand, topic, asset_class)",
    3: "select count(*) from denials d where not exists (select 1 from held h join covers k on h.channel = k.channel and "
    "h.brand = k.brand and h.topic = k.topic and h.asset_class = k.asset_class where h.read and h.address_loose = "
    "d.address_loose and k.under_channel = d.channel and k.under_brand = d.brand and k.under_topic = d.topic and "
    "k.under_asset_class = d.asset_class)",
}


def measure(work: Path) -> list[Figure]:
    folder = make(work / "census")
    found = process.interleaved("census", ("program", "by_hand"), folder)
    program, peer = found["program"], found["by_hand"]
    cells = f"{len(NUMBERS)} statements over {PEOPLE * TOPICS:,} cells"
    return [
        at_most(cells, program["seconds"], "s", "limit", 60, 1.0),
        at_most(cells, program["seconds"], "s", "SQL by hand", peer["seconds"], 2.0),
        at_most("peak memory", program["peak"] / MIB, "MiB", "limit", 1024, 1.0),
        only("peak memory", program["peak"] / MIB, "MiB", "SQL by hand", peer["peak"] / MIB),
    ]


def make(folder: Path) -> Path:
    """The tables as Parquet files, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": str(folder / "spill")}) as link:
        link.execute("set TimeZone = 'UTC'")
        for name, query in MADE.items():
            if not (folder / f"{name}.parquet").exists():
                link.execute(f"copy ({query}) to '{folder / name}.parquet' (compression zstd)")
    return folder


def program(folder: Path) -> dict[str, float]:
    engine = Engine(folder / "program")
    paths = {name: folder / f"{name}.parquet" for name in MADE}
    empty = {name: engine.memory(schema.empty_table()) for name, schema in SCHEMAS.items() if name not in paths}
    tables = Tables(**empty, **{name: engine.parquet(path, SCHEMAS[name]) for name, path in paths.items()})
    began = time.process_time()
    for one in INVARIANTS:
        if one.number in NUMBERS:
            row = engine.one(counts(one, tables, Asked(NOW, NOW, NOW)))
            _check(one.number, row["violations"])
    return {"seconds": time.process_time() - began}


def by_hand(folder: Path) -> dict[str, float]:
    """As the engine is set up: in a file, in the same memory, with the same threads."""
    spill = folder / "by_hand"
    spill.mkdir(exist_ok=True)
    (spill / "engine").unlink(missing_ok=True)
    limits: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{MEMORY_MB}MB", "threads": 2}
    limits |= {"temp_directory": str(spill), "preserve_insertion_order": False}
    with duckdb.connect(str(spill / "engine"), config=limits) as link:
        for name in MADE:
            link.execute(f"create view {name} as select * from read_parquet('{folder / name}.parquet')")
        began = time.process_time()
        for number, query in BY_HAND.items():
            _check(number, (link.execute(query).fetchone() or (None,))[0])
        return {"seconds": time.process_time() - began}


SIDES = {"program": program, "by_hand": by_hand}


def _check(number: int, found: int | None) -> None:
    if found != PLANTED[number]:
        raise RuntimeError(f"statement {number} found {found} of {PLANTED[number]} planted rows")
