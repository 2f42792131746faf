"""What a rollback gives back to people who were on the target before: values of then, where ours still stand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from mamigrate.chunks import chunks
from mamigrate.contract import Finder, NeutralRow
from mamigrate.ledger.store import Item
from mamigrate.ledger.tables import Batch
from mamigrate.mapping.migration import PERSON_FIELDS, api_name
from mamigrate.mapping.model import Mapping as Rules
from mamigrate.model.kinds import Kind
from mamigrate.model.made import ADOPTED, FOUND
from mamigrate.plan.origins import source_key
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move

RESTORE = "restore"
"""The phase of batches that restore."""
RESTORED = (ADOPTED, FOUND)
"""What a rollback restores, by what the ledger says of it."""

Values = dict[str, str | None]


@dataclass(slots=True)
class Restorable:
    """By target key: ``before`` is what stood there before we first wrote, ``sent`` everything that we wrote, by field.

    ``denied`` are records where a denial of ours stays. ``changed`` names fields that somebody changed on the target after
    us, ``gone`` records that are not there any more: neither is restored. ``standing`` are records that read as they did before,
    and that a rollback set out to write which nobody knows the end of.
    """

    before: dict[str, Values] = field(default_factory=dict)
    sent: dict[str, dict[str, set[str | None]]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    changed: dict[str, list[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    standing: set[str] = field(default_factory=set)


def restorable(move: Move, mapping: Rules | None, done: Sequence[str]) -> Restorable:
    """The values of adopted people before we first wrote them, but for what keeps somebody from being mailed.

    ``done`` are statuses that count as written.
    """
    adopted = _adopted(move)
    denies, taken, closed, found = _denies(move, mapping), _taken(move), set[str](), Restorable()
    begun = set[str]()
    for batch in _batches(move):
        if batch.phase == RESTORE:
            restored = _restored(batch, done)
            closed |= restored  # what was written before that was undone then
            begun |= {str(item["target"]) for item in _items(batch)} - restored
            continue
        for item in _items(batch):
            target, before = str(item["target"]), item["before"]
            if target in adopted and target not in closed and before:
                _add(found, target, {**item, "before": taken(item["before"])}, denies)
    found.before = {target: values for target, values in found.before.items() if values}
    _still_ours(move, found)
    # Otherwise a copy that is behind may show what stood there before us.
    found.standing &= begun
    return found


def _adopted(move: Move) -> set[str]:
    """Target keys of people who were there before. One that any row says we made is deleted, not restored."""
    rows = [(row.target_key, row.made) for row in move.ledger.iter_ids(*move.direction, Kind.PERSON)]
    ours = {target for target, made in rows if made == "created"}
    return {target for target, made in rows if made in RESTORED} - ours


def _add(found: Restorable, target: str, item: Item, denies: Callable[[str, Item], bool]) -> None:
    values = {name: value for name, value in item["before"].items() if not denies(name, item)}
    if len(values) < len(item["before"]):
        found.denied.add(target)
    # Batches come newest first, so older values overwrite newer ones.
    found.before.setdefault(target, {}).update(values)
    for name, value in item.get("sent", {}).items():
        found.sent.setdefault(target, {}).setdefault(name, set()).add(value)


def _still_ours(move: Move, found: Restorable) -> None:
    """Take out of ``before`` what is not ours any more on the target: other people entered it, and nobody asked them."""
    for part in chunks(sorted(found.before), CHUNK):
        rows = {row["key"]: row["values"] for row in _there(move, part, found)}
        found.gone |= {target for target in part if target not in rows}
        for target in part:
            values, sent, there = found.before[target], found.sent.get(target, {}), rows.get(target, {})
            ours = {name: value for name, value in values.items() if there.get(name) in sent.get(name, ())}
            # What reads as it did before needs nothing, whoever made it so.
            others = [name for name in values if name not in ours and there.get(name) != values[name]]
            found.before[target] = ours if target in rows else {}
            if not ours and not others and target in rows:
                found.standing.add(target)
            if others and target in rows:
                found.changed[target] = sorted(others)
    found.before = {target: values for target, values in found.before.items() if values}


def _there(move: Move, keys: Sequence[str], found: Restorable) -> Iterator[NeutralRow]:
    finder = move.target.instance
    fields = sorted({name for key in keys for name in found.before[key]})
    if isinstance(finder, Finder):
        yield from finder.find(Kind.PERSON, "id", keys, fields)


def _denies(move: Move, mapping: Rules | None) -> Callable[[str, Item], bool]:
    """Whether what was sent into a field keeps somebody from being mailed: such a field is never restored."""
    blocking = tuple(blocker.field for blocker in move.target.adapter.blockers)
    # For batches that do not say what denied in them.
    topics = frozenset(rule.target for rule in mapping.topics if rule.target) if mapping else frozenset()

    def denies(name: str, item: Mapping[str, object]) -> bool:
        denials = item.get("denials", topics)
        return name.startswith(blocking) or (isinstance(denials, list | frozenset) and name in denials)

    return denies


def _taken(move: Move) -> Callable[[Values], Values]:
    """Leaves out what a record said of another person of ours: with it, it would be found for both of them again."""
    key_field = move.target.adapter.key_fields[Kind.PERSON]
    own = {api_name(field.name, key_field) for field in PERSON_FIELDS}

    def taken(before: Values) -> Values:
        another = (before.get(key_field) or "").startswith(source_key(move.source.name, Kind.PERSON, ""))
        return {name: value for name, value in before.items() if name not in own} if another else before

    return taken


def _batches(move: Move) -> Iterator[Batch]:
    runs = {run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction}
    return move.ledger.batches_of(sorted(runs), Kind.PERSON)


def _items(batch: Batch) -> list[Item]:
    items: list[Item] = orjson.loads(batch.items)
    return items


def _restored(batch: Batch, done: Sequence[str]) -> set[str]:
    outcomes: list[Item] = orjson.loads(batch.outcomes or b"[]")
    return {str(one["target"]) for one in outcomes if one["status"] in done}
