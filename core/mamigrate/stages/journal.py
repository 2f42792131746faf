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
REFUSED = (Status.REJECTED, Status.MAYBE, Status.DELETED)


@dataclass(frozen=True, slots=True)
class Journal:
    """``rows`` as JOURNAL, ``kinds`` the different writes among them. ``open``: the end of some batches is not known."""

    rows: ir.Table
    kinds: tuple[Wrote, ...]
    open: bool


def read(move: Move, run_id: str | None) -> Journal:
    """The journal of a run's people and denied addresses; nothing of no run."""
    kinds: dict[Wrote, str] = {}
    unclosed = False
    flags = frozenset(blocker.field for blocker in move.target.adapter.blockers)
    with move.engine.gathered(JOURNAL) as kept:
        for batch in move.ledger.batches_of([run_id] if run_id else [], Kind.PERSON):
            unclosed |= batch.state not in ("done", SETTLED)
            kept.add([_row(batch, item, wrote, kinds) for item, wrote in _writes(batch, flags)])
    return Journal(kept.table(), tuple(kinds), unclosed)


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
        if outcome["status"] in REFUSED or "denials" not in item:
            continue  # A rollback says nothing of permission: it restores what is no denial.
        wide, closed = not flags.isdisjoint(item["denials"]), tuple(sorted(set(item["denials"]) - flags))
        made = outcome["status"] == Status.CREATED
        yield item, Wrote(made, wide, closed, tuple(sorted(item["grants"])))
