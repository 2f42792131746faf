"""Records that a rollback deleted: who is not on the target any more, and what the ledger forgets with them."""

from collections.abc import Container, Iterable, Iterator, Sequence

from mamigrate.chunks import chunks
from mamigrate.contract import Finder
from mamigrate.ledger.tables import IdMap
from mamigrate.model.kinds import Kind
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move

KINDS = frozenset({Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY, Kind.LIST, Kind.PROGRAM})
"""Kinds whose records can be asked for by their id on the target."""


HUNG = {
    Kind.LIST_MEMBERSHIP: {Kind.LIST: 0, Kind.PERSON: 1},
    Kind.PROGRAM_MEMBERSHIP: {Kind.PROGRAM: 0, Kind.PERSON: 1},
    Kind.ACTIVITY: {Kind.PERSON: 0},
}
"""Kinds that go with others, and which part of their target key names the other."""


def gone(move: Move, kind: Kind, keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that the target does not show. Of a kind that cannot be asked for, or of nobody who answers: none."""
    finder, found = move.target.instance, set[str]()
    if kind not in KINDS or not isinstance(finder, Finder):
        return found
    for part in chunks(keys, CHUNK):
        found |= set(part) - {row["key"] for row in finder.find(kind, "id", part, [])}
    return found


def forget(move: Move, kind: Kind, keys: Container[str]) -> None:
    """Everybody who stood for one of these records now stands nowhere, and what hung on it is not ours any more."""
    _undo(move, (row for row in move.ledger.iter_ids(*move.direction, kind) if row.target_key in keys))
    for hung in HUNG:
        made = move.ledger.iter_ids(*move.direction, hung)
        _undo(move, (row for row in made if belongs(row, kind, keys)))


def _undo(move: Move, rows: Iterable[IdMap]) -> None:
    for part in chunks(list(_undone(rows)), 5000):
        move.ledger.keep_ids(part)


def _undone(rows: Iterable[IdMap]) -> Iterator[IdMap]:
    return (row._replace(undone=True) for row in rows)


def belongs(hung: IdMap, kind: Kind, keys: Container[str]) -> bool:
    """Whether a membership or an activity is one of a list or of a person with such a target key."""
    place = HUNG[Kind(hung.kind)].get(kind)
    return place is not None and hung.target_key.split("/")[place] in keys
