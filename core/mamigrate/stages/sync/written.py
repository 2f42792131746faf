"""What we wrote ourselves, by the ledger: a denial that is read back from there is an echo, and no news."""

from collections.abc import Collection, Iterator
from datetime import datetime

import orjson

from mamigrate.clock import aware
from mamigrate.consent import address
from mamigrate.ledger.store import Item
from mamigrate.ledger.tables import Batch
from mamigrate.model.kinds import Kind
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.stages.move import Move

KINDS = (Kind.PERSON.value, SUPPRESSED)


Written = dict[tuple[str, str], datetime]
"""What we closed, with the moment, by our clock, shortly before we last did."""


def fields(move: Move, records: Collection[str]) -> Written:
    """(record, field) of these records of the target whose field we set so that it denies."""
    if not records:
        return {}
    rows = move.ledger.ids_among(*move.direction, KINDS, "target_key", sorted(records))
    made = {(row.kind, row.source_key): row.target_key for row in rows}
    found: Written = {}
    for batch in _batches(move, Kind.PERSON):
        for item in _items(batch):
            record = item["target"] or made.get((item["kind"], item["key"]))
            if record in records:
                names = item["denials"] if "denials" in item else item["before"]
                for name in names:
                    found.setdefault((str(record), str(name)), aware(batch.began_at))
    return found


def topics(move: Move) -> Written:
    """(address as ``address.exact`` has it, topic) that we denied on the source."""
    found: Written = {}
    for batch in _batches(move, Kind.CONSENT_FACT):
        for item in _items(batch):
            known = address.keys(item["target"])
            for topic in item["denials"]:
                found.setdefault((address.exact(known.strict, known.loose), topic), aware(batch.began_at))
    return found


def _batches(move: Move, kind: Kind) -> Iterator[Batch]:
    own = [run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction]
    return move.ledger.batches_of(own, kind)  # Newest first.


def _items(batch: Batch) -> Iterator[Item]:
    items: list[Item] = orjson.loads(batch.items)
    yield from items
