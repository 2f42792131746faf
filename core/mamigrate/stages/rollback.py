"""Undo what runs of a direction made: what we created is deleted, what existed before is restored, denials stay.

What cannot be undone (fields, denials, suppressed addresses, kinds that the adapter does not delete) is listed before
anything is touched. A value that somebody changed on the target after us is theirs, and stays.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Deleter, Outcome, Status, Writer
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.ledger.store import Item
from mamigrate.ledger.tables import IdMap
from mamigrate.mapping.load import load
from mamigrate.mapping.model import Mapping
from mamigrate.model.kinds import Kind
from mamigrate.ordering import write_order
from mamigrate.plan.consent import denying
from mamigrate.plan.model import NEW_FIELD
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.stages import denied, permitted, programs_undone, spared
from mamigrate.stages.denied import Denied
from mamigrate.stages.gone import belongs, forget, gone
from mamigrate.stages.logged import TYPE, known_types
from mamigrate.stages.move import Move
from mamigrate.stages.programs import MEMBER_FIELD
from mamigrate.stages.restoring import RESTORE, restorable
from mamigrate.stages.settle import DELETE, settled

T = TypeVar("T")

ORDER = tuple(reversed(write_order((Kind.OPPORTUNITY, Kind.PERSON, Kind.ACCOUNT, Kind.LIST, Kind.PROGRAM))))
"""Each kind is deleted before what it hangs on."""
DONE = (Status.CREATED, Status.UPDATED, Status.EQUAL, Status.DELETED)


@dataclass(frozen=True, slots=True)
class Stay:
    """Objects that a rollback leaves as they are. ``code`` says why, ``reason`` is the adapter's own."""

    code: str
    kind: str
    number: int
    reason: str = ""


@dataclass(slots=True)
class Preview:
    """``delete`` and ``restore`` (by target key) are what would be done, ``stays`` what would not; ``standing`` reads as
    before already.

    ``denied`` are people to be deleted whom we denied: that is kept. ``denying`` are fields of topics with the value that denies. A finding names each record that is not restored whole.
    """

    delete: dict[Kind, list[IdMap]] = field(default_factory=dict)
    restore: dict[str, dict[str, str | None]] = field(default_factory=dict)
    standing: set[str] = field(default_factory=set)
    stays: list[Stay] = field(default_factory=list)
    denied: list[Denied] = field(default_factory=list)
    denying: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not any(self.delete.values()) and not self.restore

    def stay(self, code: str, kind: str, number: int, reason: str = "") -> None:
        if number:
            self.stays.append(Stay(code, kind, number, reason))


def preview(move: Move) -> Preview:
    """What a rollback would do. Reads the ledger, the mapping, and the people whom it would delete or restore."""
    found, mapping = Preview(), _mapping(move)
    for kind in ORDER:
        created = _created(move, kind)
        if kind is Kind.PERSON:
            created = _without_spared(move, found, created, mapping)
        if kind is Kind.PROGRAM:
            used = programs_undone.with_strangers(move, created)
            found.stay("programs_used", kind, len(used))
            created = [row for row in created if row.target_key not in used]
        if created and move.target.adapter.capabilities.can(kind, Power.DELETE):
            found.delete[kind] = created
        else:
            row = move.target.adapter.capabilities.of(kind, Power.DELETE)
            found.stay("not_deleted", kind, len(created), row.reason or str(row.level))
    _tell_denied(found)
    _restorable(move, found, mapping)
    found.stay("fields", NEW_FIELD, len(move.ledger.ids(*move.direction, NEW_FIELD)))
    found.stay("suppressed_addresses", SUPPRESSED, len(move.ledger.ids(*move.direction, SUPPRESSED)))
    found.stay("memberships", Kind.LIST_MEMBERSHIP, _left_hanging(move, found, Kind.LIST_MEMBERSHIP))
    hanging = _left_hanging(move, found, Kind.PROGRAM_MEMBERSHIP)
    found.stay("program_members", Kind.PROGRAM_MEMBERSHIP, hanging)
    found.stay("member_fields", MEMBER_FIELD, len(move.ledger.ids(*move.direction, MEMBER_FIELD)))
    found.stay("history", Kind.ACTIVITY, _left_hanging(move, found, Kind.ACTIVITY))
    found.stay("history_types", TYPE, len(known_types(move)))
    return found


def rollback(move: Move, found: Preview, done: Counter[tuple[str, str]]) -> None:
    """Carry it out, counting in ``done`` objects by (what became of them, kind). Refusals are findings."""
    denied.keep(move, found.denied)
    _let_go(move, found)
    _restore(move, found, done)
    for kind in ORDER:
        if found.delete.get(kind):
            forget(move, kind, _delete(move, kind, found.delete[kind], done))


# --- what can be undone --------------------------------------------------------------------------------------------


def _created(move: Move, kind: Kind) -> list[IdMap]:
    """One row a record that we made, however many people it stood for."""
    made = (row for row in move.ledger.iter_ids(*move.direction, kind) if row.made == "created")
    return list({row.target_key: row for row in made}.values())


def _without_spared(move: Move, found: Preview, created: list[IdMap], mapping: Mapping | None) -> list[IdMap]:
    shared = spared.shared(move) & {row.target_key for row in created}
    alone = [row for row in created if row.target_key not in shared]
    known = spared.look(move, alone, mapping)
    found.stay("shared", Kind.PERSON, len(shared))
    found.stay("denied_since", Kind.PERSON, len(known.denied_since))
    found.stay("unread", Kind.PERSON, len(known.unread))
    spared_keys = known.denied_since | known.unread
    found.denied = [one for target, one in known.denied.items() if target not in spared_keys]
    return [row for row in alone if row.target_key not in spared_keys]


def _tell_denied(found: Preview) -> None:
    """Of people who are deleted: what the project keeps, and what the platform keeps."""
    if not found.delete.get(Kind.PERSON):
        found.denied = []
    found.stay("denials_kept", Kind.PERSON, len(found.denied))
    found.stay("durable", Kind.PERSON, sum(one.durable for one in found.denied))


def _restorable(move: Move, found: Preview, mapping: Mapping | None) -> None:
    known = restorable(move, mapping, DONE)
    found.standing = known.standing
    found.restore, found.denying = known.before, denying(mapping.topics if mapping else ())
    found.stay("denials", Kind.PERSON, len(known.denied))
    found.stay("changed_since", Kind.PERSON, len(known.changed))
    found.stay("gone", Kind.PERSON, len(known.gone))
    for target, names in known.changed.items():
        subject = f"{move.target.name}/{Kind.PERSON}/{target}"
        move.findings.add("value_changed_since", Severity.NOTE, subject, fields=", ".join(names))


def _mapping(move: Move) -> Mapping | None:
    path = move.project.mapping_path
    return load(path.read_text(encoding="utf-8"), path.name)[0] if path.exists() else None


def _left_hanging(move: Move, found: Preview, hung: Kind) -> int:
    """Memberships or activities that we made and that go with nobody: neither their list nor their person is deleted."""
    gone = {kind: {row.target_key for row in rows} for kind, rows in found.delete.items()}
    made = (row for row in move.ledger.iter_ids(*move.direction, hung) if row.made == "created")
    return sum(not any(belongs(row, kind, keys) for kind, keys in gone.items()) for row in made)


# --- doing it ------------------------------------------------------------------------------------------------------


def _let_go(move: Move, found: Preview) -> None:
    """Whoever reads as before is not ours any more: the process that wrote it so was killed before it could note that."""
    rows = move.ledger.iter_ids(*move.direction, Kind.PERSON)
    move.ledger.keep_ids([row._replace(undone=True) for row in rows if row.target_key in found.standing])


def _restore(move: Move, found: Preview, done: Counter[tuple[str, str]]) -> None:
    writer = move.target.instance
    if not found.restore:
        return
    if not isinstance(writer, Writer):
        raise UsageError(f"{move.target.adapter.title} cannot be written", where=move.target.name)
    adopted: dict[str, list[IdMap]] = {}
    for row in move.ledger.iter_ids(*move.direction, Kind.PERSON):
        if row.target_key in found.restore:
            adopted.setdefault(row.target_key, []).append(row)
    changes = [Change(target, target, values) for target, values in found.restore.items()]
    for part in _parts(move, Kind.PERSON, changes):
        keys = [str(change.target_key) for change in part]
        permitted.hold(move, Kind.PERSON, part, found.denying)
        batch = _intend(move, RESTORE, Kind.PERSON, [(key, key) for key in keys])
        outcomes = settled(move, writer, Kind.PERSON, part, writer.write(Kind.PERSON, part))
        good = _note(move, Kind.PERSON, keys, outcomes, done, "restored")
        _close(move, batch, keys, outcomes, [row for key in keys if key in good for row in adopted[key]])
        move.progress("restore person", done["restored", Kind.PERSON], len(changes))


def _delete(move: Move, kind: Kind, rows: Sequence[IdMap], done: Counter[tuple[str, str]]) -> set[str]:
    """Target keys of what is deleted now."""
    deleted: set[str] = set()
    deleter = move.target.instance
    if not isinstance(deleter, Deleter):
        raise UsageError(f"{move.target.adapter.title} cannot delete", where=move.target.name)
    for part in _parts(move, kind, list(rows)):
        keys = [row.target_key for row in part]
        batch = _intend(move, DELETE, kind, [(row.source_key, row.target_key) for row in part])
        outcomes = _asked(move, kind, deleter.delete(kind, keys))
        good = _note(move, kind, keys, outcomes, done, "deleted")
        _close(move, batch, keys, outcomes, [row for row in part if row.target_key in good])
        deleted |= good
        move.progress(f"delete {kind}", done["deleted", kind], len(rows))
    return deleted


def _asked(move: Move, kind: Kind, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Whose reply was lost and who is not there is deleted."""
    lost = gone(move, kind, [one.source_key for one in outcomes if one.status is Status.MAYBE])
    return [replace(one, status=Status.DELETED) if one.source_key in lost else one for one in outcomes]


def _intend(move: Move, phase: str, kind: Kind, keys: Sequence[tuple[str, str]]) -> int:
    items: list[Item] = [{"kind": kind, "key": source, "target": target, "before": {}} for source, target in keys]
    return move.ledger.intend(move.run_id, "", phase, kind, items)


def _close(move: Move, batch: int, keys: Sequence[str], outcomes: Sequence[Outcome], undone: Sequence[IdMap]) -> None:
    told = [{"target": key, "status": o.status, "code": o.code} for key, o in zip(keys, outcomes, strict=True)]
    move.ledger.close_batch(batch, "done", told, [row._replace(undone=True) for row in undone], [])


def _parts(move: Move, kind: Kind, items: Sequence[T]) -> Iterator[Sequence[T]]:
    size = max(1, move.target.adapter.capabilities.of(kind, Power.WRITE).batch)
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _note(
    move: Move,
    kind: Kind,
    keys: Sequence[str],
    outcomes: Sequence[Outcome],
    done: Counter[tuple[str, str]],
    word: str,
) -> set[str]:
    """Target keys of what was undone. The rest is a finding each: it stays ours, and the next rollback tries again."""
    good: set[str] = set()
    for key, outcome in zip(keys, outcomes, strict=True):
        if outcome.status in DONE:
            good.add(key)
            done[word, kind] += 1
        else:
            subject, code = f"{move.target.name}/{kind}/{key}", outcome.code or str(outcome.status)
            move.findings.add("not_undone", Severity.WARN, subject, vendor_code=code, message=outcome.message[:300])
            done["not_undone", kind] += 1
    return good
