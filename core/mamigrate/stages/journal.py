"""What a run wrote of consent, from the ledger's batches: in their order, as far as their end is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import orjson

from mamigrate.consent.proof.of_move.moved import JOURNAL
from mamigrate.consent.proof.of_move.places import Wrote
from mamigrate.contract import Status
from mamigrate.ledger.tables import Batch
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move

SETTLED = "settled"
"""The state of a batch whose end was found out by asking."""
READ_ANEW = "batches before reading"
"""The name of the input that keeps the last batch of a run before its source was read anew."""
REFUSED = (Status.REJECTED, Status.MAYBE, Status.DELETED)


@dataclass(frozen=True, slots=True)
class Journal:
    """``rows`` as JOURNAL, ``kinds`` the different writes among them. ``open``: the end of some batches is not known.

    ``earlier`` counts records of the same run that were written before its source was read anew: what was right by the facts
    of then may be wrong by what somebody said since, and the facts of then are gone.
    """

    rows: ir.Table
    kinds: tuple[Wrote, ...]
    open: bool
    earlier: int


def read_anew(move: Move) -> None:
    """Note that the source of a run is about to be read once more, after some of it was written."""
    last = move.ledger.last_batch(move.run_id)
    if last:
        move.ledger.keep_inputs(move.run_id, {READ_ANEW: str(last)})


def read(move: Move, run_id: str | None) -> Journal:
    """The journal of a run's people and denied addresses; nothing of no run."""
    kinds: dict[Wrote, str] = {}
    unclosed, earlier = False, 0
    until = int(move.ledger.inputs(run_id).get(READ_ANEW, 0)) if run_id else 0
    flags = frozenset(blocker.field for blocker in move.target.adapter.blockers)
    with move.engine.gathered(JOURNAL) as kept:
        for batch in move.ledger.batches_of([run_id] if run_id else [], Kind.PERSON):
            unclosed |= batch.state not in ("done", SETTLED)
            written = list(_writes(batch, flags))
            if (batch.id or 0) <= until:
                earlier += len(written)
            else:
                kept.add([_row(batch, item, wrote, kinds) for item, wrote in written])
    return Journal(kept.table(), tuple(kinds), unclosed, earlier)


def _row(batch: Batch, item: dict[str, Any], wrote: Wrote, kinds: dict[Wrote, str]) -> dict[str, Any]:
    shape = kinds.setdefault(wrote, wrote.shape)
    return {"seq": batch.id, "kind": item["kind"], "key": item["key"], "made": wrote.made, "shape": shape}


def _assumed(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A process died over the batch, and the target was asked: all of it may have been written, each record whole."""
    return [{"status": Status.CREATED if item["target"] is None else Status.UPDATED} for item in items]


def _writes(batch: Batch, flags: frozenset[str]) -> Iterator[tuple[dict[str, Any], Wrote]]:
    """Each record that was written, and what was written of its consent. Raises nothing for a batch without outcomes."""
    items = orjson.loads(batch.items)
    outcomes = _assumed(items) if batch.state == SETTLED else orjson.loads(batch.outcomes or b"[]")
    for item, outcome in zip(items, outcomes, strict=False):
        if outcome["status"] in REFUSED:
            continue
        wide, closed = not flags.isdisjoint(item["denials"]), tuple(sorted(set(item["denials"]) - flags))
        made = outcome["status"] == Status.CREATED
        yield item, Wrote(made, wide, closed, tuple(sorted(item["grants"])))
