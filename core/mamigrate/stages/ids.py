"""The ledger's ids as tables on the engine: any number of them, none held in memory."""

from collections.abc import Iterator
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.chunks import chunks
from mamigrate.consent import verdict
from mamigrate.ledger.tables import IdMap
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move

SCHEMA = pa.schema([(name, pa.string()) for name in ("source_key", "target_key", "made")])
ROWS = 5000


def table(move: Move, kind: str) -> ir.Table:
    """What this direction wrote or found so far: (source_key, target_key, made)."""
    return move.engine.gather(_batches(move, kind), SCHEMA)


def of_people(move: Move, source: Snapshot, absent: ir.Table) -> ir.Table:
    """(person_key, person_target): the target records of people; a merged person's is that of whoever carries it on.

    ``absent`` has (lost_key) of people who have none of their own.
    """
    own = table(move, Kind.PERSON).select(person_key="source_key", person_target="target_key")
    people = move.engine.table(source, Kind.PERSON)
    living = people.filter(~people.archived).select(alive="key")
    carried = verdict.heirs(people).semi_join(living, [("heir", "alive")]).anti_join(living, [("gone", "alive")])
    there = carried.join(own, [("heir", "person_key")]).select("person_target", person_key="gone")
    there = move.engine.keep(there.group_by("person_key").agg(person_target=there.person_target.min()))
    every = there.union(own.anti_join(there, "person_key"))
    return every.anti_join(absent, [("person_key", "lost_key")])


def in_order(move: Move, kind: str) -> Iterator[dict[str, Any]]:
    """(key, target_key) of source objects, in the order of their keys."""
    rows = table(move, kind).select("target_key", key="source_key")
    for batch in move.engine.batches(rows.order_by("key"), ROWS):
        yield from batch


def chunked(move: Move, kind: str) -> Iterator[list[IdMap]]:
    """The ledger's rows of a kind, some thousand at a time."""
    return chunks(move.ledger.iter_ids(*move.direction, kind), ROWS)


def _batches(move: Move, kind: str) -> Iterator[pa.RecordBatch]:
    for rows in chunked(move, kind):
        columns = ([row.source_key for row in rows], [row.target_key for row in rows], [row.made for row in rows])
        yield pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=SCHEMA)
