"""What a run wrote of consent, from the ledger's batches: in their order, as far as their end is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice, takewhile
from typing import Any

import ibis.expr.types as ir
import orjson

from mamigrate.consent.proof.of_move.moved import JOURNAL
from mamigrate.consent.proof.of_move.places import ANY, Wrote
from mamigrate.contract import Status
from mamigrate.ledger.tables import Batch
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move

JUDGED_AFTER = "judged after"
"""The name of the input that holds the last batch which a run sent before it read its source anew. By what is known since, nobody
can say whether it was right then."""
CUT_OFF = ("replaced", "interrupted", "stopped", "abandoned")
"""How runs ended that judged nothing."""
SETTLED = "settled"
"""The state of a batch whose end was found out by asking."""
REFUSED = (Status.REJECTED, Status.MAYBE, Status.DELETED)


@dataclass(frozen=True, slots=True)
class Journal:
    """``rows`` as JOURNAL, ``kinds`` the different writes among them. ``open``: the end of some batches is not known.

    ``earlier`` writes are not in it: they followed from another reading, or from another plan.
    """

    rows: ir.Table
    kinds: tuple[Wrote, ...]
    open: bool
    earlier: int = 0


def read(move: Move, run_id: str | None) -> Journal:
    """The journal of a run's people and denied addresses; nothing of no run."""
    kinds: dict[Wrote, str] = {}
    unclosed, earlier = False, _of_cut_off(move, run_id)
    after = int(move.ledger.inputs(run_id).get(JUDGED_AFTER, 0)) if run_id else 0
    flags = frozenset(blocker.field for blocker in move.target.adapter.blockers)
    with move.engine.gathered(JOURNAL) as kept:
        for batch in move.ledger.batches_of([run_id] if run_id else [], Kind.PERSON):
            if (batch.id or 0) <= after:
                earlier += len(orjson.loads(batch.items))
                continue
            unclosed |= batch.state not in ("done", SETTLED)
            kept.add([_row(batch, item, wrote, kinds) for item, wrote in _writes(batch, flags)])
    return Journal(kept.table(), tuple(kinds), unclosed, earlier)


def _of_cut_off(move: Move, run_id: str | None) -> int:
    """Records that runs sent whose place this one took: they were planned otherwise, and came to no judgement."""
    runs = [run for run in move.ledger.runs() if (run.source, run.target) == move.direction and run.plan_id]
    before = dropwhile(lambda run: run.id != run_id, runs)
    cut_off = takewhile(lambda run: run.status in CUT_OFF, islice(before, 1, None))
    return sum(move.ledger.sent(run.id).get(Kind.PERSON, (0, 0))[1] for run in cut_off)


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
        yield item, Wrote(made, wide, closed, tuple(sorted(item["grants"])), _permits(item["grants"]))


def _permits(grants: dict[str, list[str]] | list[str]) -> tuple[tuple[str, str], ...]:
    """(field, cell) of each permit. Ledgers of before tell fields only: what was granted there, facts alone can say."""
    named = grants if isinstance(grants, dict) else {field: [ANY] for field in grants}
    return tuple(sorted((field, cell) for field, cells in named.items() for cell in cells))
