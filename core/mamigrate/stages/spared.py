"""People whom a rollback must not delete although a move created them: their records know what nobody else does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from mamigrate.chunks import chunks
from mamigrate.consent.facts import hits, with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.ledger.tables import IdMap
from mamigrate.mapping import model
from mamigrate.model.kinds import Kind
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move


@dataclass(frozen=True, slots=True)
class Written:
    """Fields of one record into which we wrote a denial, or a grant."""

    denials: set[str] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)


def shared(move: Move) -> set[str]:
    """Target keys of people whom another source of this project brought too."""
    source, target = move.direction
    others = {run.source for run in move.ledger.runs() if run.target == target and run.source != source}
    return {row.target_key for other in others for row in move.ledger.iter_ids(other, target, Kind.PERSON)}


def denied_since(move: Move, created: Sequence[IdMap], mapping: model.Mapping | None) -> set[str]:
    """Target keys of people who were denied on the target by somebody else than us: a later move would not know it."""
    topics = {rule.target for rule in (mapping.topics if mapping else ()) if rule.target and rule.polarity == "opt_out"}
    written = _written(move, {row.source_key: row.target_key for row in created})
    fields = sorted(topics.union(*(one.grants for one in written.values())))
    rows = _there(move, [row.target_key for row in created], fields)
    return {row["key"] for row in rows if _changed(move, row, topics, written.get(row["key"], Written()))}


def _there(move: Move, keys: Sequence[str], fields: Sequence[str]) -> Iterator[NeutralRow]:
    finder = move.target.instance
    if isinstance(finder, Finder):
        for part in chunks(keys, CHUNK):
            yield from map(with_keys, finder.find(Kind.PERSON, "id", part, fields))


def _changed(move: Move, row: NeutralRow, topics: set[str], written: Written) -> bool:
    """Whether a record denies what we did not, or closed what we opened."""
    now, values = move.target.clock.now(), row["values"]
    blocked = {blocker.field for blocker in move.target.adapter.blockers if hits(blocker, values, now)}
    left = {name for name in topics if values.get(name) == "true"}
    closed = {name for name in written.grants if values.get(name) != "true"}
    return bool((blocked | left) - written.denials | closed)


def _written(move: Move, created: Mapping[str, str]) -> dict[str, Written]:
    """What we wrote about permission, by target key. ``created`` are target keys by source key.

    A denial may have been written in the name of an address, so an item's own target counts before its name.
    """
    runs = sorted(run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction)
    written: dict[str, Written] = {}
    for batch in move.ledger.batches_of(runs, Kind.PERSON):
        for item in orjson.loads(batch.items):
            target = item["target"] or created.get(item["key"])
            if target is not None:
                one = written.setdefault(target, Written())
                one.denials.update(item.get("denials", ()))
                one.grants.update(item.get("grants", ()))
    return written
