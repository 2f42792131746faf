"""How many people the target would hold after a move, beside how many its contract covers."""

from collections.abc import Iterator

import ibis
import pyarrow as pa

from mamigrate.chunks import chunks
from mamigrate.contract import Counter
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move
from mamigrate.stages.plan import Plan

KEYS = pa.schema([("key", pa.string())])


def check(move: Move, plan: Plan, target: Snapshot) -> None:
    """A finding that blocks where new people and those who stand there already are more than the contract covers."""
    limit = move.target.connection.contracted_people
    if limit is None or not plan.new_people:
        return
    standing = _standing(move, target)
    if standing + plan.new_people > limit:
        numbers = {"new": plan.new_people, "standing": standing, "people": standing + plan.new_people, "limit": limit}
        params = {name: str(number) for name, number in numbers.items()}
        move.findings.add("contract_exceeded", Severity.BLOCK, move.target.name, **params)


def _standing(move: Move, target: Snapshot) -> int:
    """People on the target: counted there where it tells, else those whom this project knows, and a finding says so."""
    instance = move.target.instance
    counted = instance.count(Kind.PERSON) if isinstance(instance, Counter) else None
    if counted is not None:
        return counted
    known = _known(move, target)
    move.findings.add("people_not_counted", Severity.NOTE, move.target.name, standing=str(known))
    return known


def _known(move: Move, target: Snapshot) -> int:
    """Records that were looked up now, and those that runs from any source wrote: each once."""
    looked_up = move.engine.table(target, Kind.PERSON).select("key")
    written = move.engine.gather(_written(move), KEYS)
    return int(move.engine.one(looked_up.union(written).distinct().agg(n=ibis._.count()))["n"])


def _written(move: Move) -> Iterator[pa.RecordBatch]:
    """Of this source only denied addresses: its people were looked up by id, and who was not found is gone."""
    sources = {run.source for run in move.ledger.runs() if run.target == move.target.name}
    for source in sorted(sources):
        for kind in (SUPPRESSED,) if source == move.source.name else (Kind.PERSON, SUPPRESSED):
            for rows in chunks(move.ledger.iter_ids(source, move.target.name, kind), 5000):
                yield pa.record_batch([pa.array([row.target_key for row in rows], pa.string())], schema=KEYS)
