"""People whom a move created and what their records know that nobody else does: some must not be deleted, and what we denied
them must outlive those who are."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from mamigrate.chunks import chunks
from mamigrate.consent import cause
from mamigrate.consent.facts import hits, with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.ledger.tables import IdMap
from mamigrate.mapping import model
from mamigrate.model.kinds import Kind
from mamigrate.stages import denied, former
from mamigrate.stages.denied import Denied
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.settle import field_names


@dataclass(frozen=True, slots=True)
class Written:
    """Fields of one record into which we wrote a denial, or a grant."""

    denials: set[str] = field(default_factory=set)
    grants: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Created:
    """What is known of people whom we created: target keys of those who were ``denied_since`` on the target by somebody else,
    or whom the target does not show (``unread``), and whom we denied ourselves, by target key."""

    denied_since: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    denied: dict[str, Denied] = field(default_factory=dict)


def shared(move: Move) -> set[str]:
    """Target keys of people whom another source of this project brought too."""
    source, target = move.direction
    others = {run.source for run in move.ledger.runs() if run.target == target and run.source != source}
    return {row.target_key for other in others for row in move.ledger.iter_ids(other, target, Kind.PERSON)}


def look(move: Move, created: Sequence[IdMap], mapping: model.Mapping | None) -> Created:
    """Read the records of these people on the target. Who was denied there since, a later move would not know."""
    names, keys = denied.names(move, mapping), _keys(move, {row.target_key for row in created})
    written = _written(move, {key: target for target, every in keys.items() for key in every})
    asked = _left_in(move, mapping).union(*(one.grants for one in written.values()))
    fields = sorted(asked & field_names(move)) if asked else []
    topics = _left_in(move, mapping).intersection(fields)
    found = Created(
        denied={
            row.target_key: Denied(
                tuple(keys[row.target_key]), "", names.facts(one.denials), names.durable(one.denials)
            )
            for row in created
            if (one := written.get(row.target_key)) is not None and one.denials
        }
    )
    found.unread = {row.target_key for row in created}
    for row in _there(move, sorted(found.unread), fields):
        found.unread.discard(row["key"])
        if _changed(move, row, topics, written.get(row["key"], Written())):
            found.denied_since.add(row["key"])
        if (ours := found.denied.get(row["key"])) is not None and row["email_strict"]:
            found.denied[row["key"]] = ours.at(row["email_strict"]).also(_named(move, row, written[row["key"]]))
    return found


def _named(move: Move, row: NeutralRow, written: Written) -> Iterator[str]:
    """The kinds that our texts beside the flags which we raised name."""
    for blocker in move.target.adapter.blockers:
        if blocker.field in written.denials:
            yield from cause.named(blocker, row["values"])


def _keys(move: Move, targets: Container[str]) -> Mapping[str, list[str]]:
    """The source keys of everybody who stands for one of these records."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in move.ledger.iter_ids(*move.direction, Kind.PERSON):
        if row.target_key in targets:
            found[row.target_key].append(row.source_key)
    return found


def _left_in(move: Move, mapping: model.Mapping | None) -> set[str]:
    """Fields where somebody who leaves a subscription type says so: of the mapping of now, and of every earlier run."""
    now = {rule.target for rule in (mapping.topics if mapping else ()) if rule.target and rule.polarity == "opt_out"}
    return now | {name for name, polarity, _ in former.noted(move, move.source.name) if polarity == "opt_out"}


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

    A denial may have been written in the name of an address, and whoever made a record may have another one since: an item's
    own target counts first, then what the target answered, and its name last.
    """
    runs = sorted(run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction)
    written: dict[str, Written] = {}
    for batch in move.ledger.batches_of(runs, Kind.PERSON):
        answers = {one.get("key"): one["target"] for one in orjson.loads(batch.outcomes or b"[]")}
        for item in orjson.loads(batch.items):
            target = item["target"] or answers.get(item.get("change")) or created.get(item["key"])
            if target is not None:
                one = written.setdefault(target, Written())
                one.denials.update(item.get("denials", ()))
                one.grants.update(item.get("grants", ()))
    return written
