"""Undo what runs of a direction made: what we created is deleted, what existed before is restored, denials stay.

What cannot be undone (fields, durable unsubscribes, suppressed addresses) is listed before anything is touched.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Deleter, Outcome, Status, Writer
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.ledger.store import Item
from mamigrate.ledger.tables import Batch, IdMap
from mamigrate.model.kinds import Kind
from mamigrate.ordering import write_order
from mamigrate.plan.people import SUPPRESSED
from mamigrate.stages.apply import NEW_FIELD
from mamigrate.stages.move import Move

T = TypeVar("T")

ORDER = tuple(reversed(write_order((Kind.OPPORTUNITY, Kind.PERSON, Kind.ACCOUNT, Kind.LIST))))
"""Each kind is deleted before what it hangs on."""


@dataclass(slots=True)
class Preview:
    """``delete`` and ``restore`` by kind; ``stays`` by reason code, with the number of objects."""

    delete: dict[Kind, list[IdMap]] = field(default_factory=dict)
    restore: dict[str, dict[str, str | None]] = field(default_factory=dict)
    stays: Counter[str] = field(default_factory=Counter)

    @property
    def empty(self) -> bool:
        return not any(self.delete.values()) and not self.restore


def preview(move: Move) -> Preview:
    """What a rollback would do. Reads the ledger only."""
    found = Preview()
    for kind in ORDER:
        created = [row for row in move.ledger.iter_ids(*move.direction, kind) if row.made == "created"]
        if not created:
            continue
        if move.target.adapter.capabilities.can(kind, Power.DELETE):
            found.delete[kind] = created
        else:
            found.stays[f"no_delete_{kind}"] = len(created)
    found.stays["fields"] = len(move.ledger.ids(*move.direction, NEW_FIELD))
    found.stays["suppressed_addresses"] = len(move.ledger.ids(*move.direction, SUPPRESSED))
    _restorable(move, found)
    return found


def rollback(move: Move, found: Preview) -> Counter[str]:
    """Carry it out. Returns objects by what became of them; refusals are findings."""
    done: Counter[str] = Counter()
    _restore(move, found, done)
    for kind in ORDER:
        if found.delete.get(kind):
            _delete(move, kind, found.delete[kind], done)
    return done


def _restorable(move: Move, found: Preview) -> None:
    """The oldest known values of adopted people, but for what keeps somebody from being mailed."""
    keep = {blocker.field for blocker in move.target.adapter.blockers}
    adopted = {row.target_key for row in move.ledger.iter_ids(*move.direction, Kind.PERSON) if row.made == "adopted"}
    for item in _items(move, Kind.PERSON):
        target = item["target"]
        if target not in adopted or not item["before"]:
            continue
        values = {name: value for name, value in item["before"].items() if not _denies(name, keep)}
        found.stays["denials"] += len(values) < len(item["before"])
        # Batches come newest first, so older values overwrite newer ones.
        found.restore.setdefault(target, {}).update(values)
    found.restore = {target: values for target, values in found.restore.items() if values}


def _denies(name: str, keep: set[str]) -> bool:
    return any(name.startswith(blocking) for blocking in keep)


def _items(move: Move, kind: Kind) -> Iterator[Item]:
    runs = {run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction}
    for batch in move.ledger.batches_of(sorted(runs), kind):
        yield from _of(batch)


def _of(batch: Batch) -> list[Item]:
    items: list[Item] = orjson.loads(batch.items)
    return items


def _restore(move: Move, found: Preview, done: Counter[str]) -> None:
    writer = move.target.instance
    if not found.restore:
        return
    if not isinstance(writer, Writer):
        raise UsageError(f"{move.target.adapter.title} cannot be written", where=move.target.name)
    changes = [Change(target, target, values) for target, values in found.restore.items()]
    for part in _parts(move, Kind.PERSON, changes):
        items: list[Item] = [
            {"kind": Kind.PERSON, "key": one.source_key, "target": one.target_key, "before": {}} for one in part
        ]
        batch = move.ledger.intend(move.run_id, "", "restore", Kind.PERSON, items)
        outcomes = writer.write(Kind.PERSON, part)
        _note(move, Kind.PERSON, outcomes, done, "restored")
        move.ledger.close_batch(batch, "done", [], [], [])
    adopted = [row for row in move.ledger.iter_ids(*move.direction, Kind.PERSON) if row.target_key in found.restore]
    move.ledger.keep_ids([row._replace(undone=True) for row in adopted])


def _delete(move: Move, kind: Kind, rows: Sequence[IdMap], done: Counter[str]) -> None:
    deleter = move.target.instance
    if not isinstance(deleter, Deleter):
        raise UsageError(f"{move.target.adapter.title} cannot delete", where=move.target.name)
    for part in _parts(move, kind, list(rows)):
        items: list[Item] = [
            {"kind": kind, "key": row.source_key, "target": row.target_key, "before": {}} for row in part
        ]
        batch = move.ledger.intend(move.run_id, "", "delete", kind, items)
        outcomes = deleter.delete(kind, [row.target_key for row in part])
        _note(move, kind, outcomes, done, "deleted")
        gone = {o.source_key for o in outcomes if o.status in (Status.DELETED, Status.EQUAL)}
        undone = [row._replace(undone=True) for row in part if row.target_key in gone]
        move.ledger.close_batch(batch, "done", [], undone, [])
        move.progress(f"delete {kind}", done[f"deleted {kind}"], len(rows))


def _parts(move: Move, kind: Kind, items: Sequence[T]) -> Iterator[Sequence[T]]:
    size = max(1, move.target.adapter.capabilities.of(kind, Power.WRITE).batch)
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _note(move: Move, kind: Kind, outcomes: Sequence[Outcome], done: Counter[str], word: str) -> None:
    for outcome in outcomes:
        if outcome.status in (Status.REJECTED, Status.MAYBE):
            subject = f"{move.target.name}/{kind}/{outcome.source_key}"
            move.findings.add(
                "not_undone", Severity.WARN, subject, vendor_code=outcome.code, message=outcome.message[:300]
            )
            done[f"not undone {kind}"] += 1
        else:
            done[f"{word} {kind}"] += 1
