"""What still stands on the target of the lists that earlier runs wrote, and who is in them: the ledger alone does not know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.capabilities import Power
from mamigrate.chunks import chunks
from mamigrate.contract import Finder, NeutralRow
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.model.made import ADOPTED
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import ids
from mamigrate.stages.move import Move

MEMBER = pa.schema([("pair", pa.string())])
LISTS = 20
"""Lists whose members are asked for at once: what comes back is held in memory."""


@dataclass(frozen=True, slots=True)
class Listed:
    """``lists`` are target keys of lists that stand there, by source key. ``members`` has (pair), ``<list>/<person>``, of who is
    in the lists that were ``asked``."""

    lists: dict[str, str]
    members: ir.Table
    asked: frozenset[str]


def look(move: Move) -> Listed:
    """Ask the target about lists that the ledger knows; about nothing else, so a first run asks nothing."""
    known = {key: row.target_key for key, row in move.ledger.ids(*move.direction, Kind.LIST).items()}
    standing = _standing(move, known)
    written = _written(move)
    filled = [key for key in dict.fromkeys(standing.values()) if key in written]
    return Listed(standing, _members(move, filled), frozenset(filled))


def adopted(move: Move, source: Snapshot, listed: Listed) -> Listed:
    """With the members of lists that stood there before this project wrote any: another one may have put the same people in.

    Ask once the lists are written.
    """
    known, filled = move.ledger.ids(*move.direction, Kind.LIST), _filled(move, source)
    theirs = {one.target_key for key, one in known.items() if key in filled and one.made == ADOPTED} - listed.asked
    if not theirs or not _can_look(move, Kind.LIST_MEMBERSHIP):
        return listed
    found = move.engine.gather(_asked(move, sorted(theirs)), MEMBER)
    members = move.engine.keep(listed.members.union(found, distinct=True))
    return Listed(listed.lists, members, listed.asked | theirs)


def _filled(move: Move, source: Snapshot) -> set[str]:
    """Source keys of lists that somebody is in."""
    if not source.has(Kind.LIST_MEMBERSHIP):
        return set()
    return {
        row["list_key"]
        for row in move.engine.rows(move.engine.table(source, Kind.LIST_MEMBERSHIP).select("list_key").distinct())
    }


def _standing(move: Move, known: dict[str, str]) -> dict[str, str]:
    if not known or not _can_look(move, Kind.LIST):
        return known
    there = {row["key"] for row in _find(move, Kind.LIST, "id", sorted(set(known.values())))}
    return {key: target for key, target in known.items() if target in there}


def _written(move: Move) -> set[str]:
    """Target keys of lists into which earlier runs put somebody."""
    rows = move.ledger.iter_ids(*move.direction, Kind.LIST_MEMBERSHIP)
    return {row.target_key.partition("/")[0] for row in rows}


def _members(move: Move, filled: Sequence[str]) -> ir.Table:
    """Where nobody can look, what the ledger knows counts as standing, and a finding says so."""
    if not filled or _can_look(move, Kind.LIST_MEMBERSHIP):
        return move.engine.keep(move.engine.gather(_asked(move, filled), MEMBER).distinct())
    subject = f"{move.target.name}/{Kind.LIST_MEMBERSHIP}"
    move.findings.add("members_not_looked_up", Severity.NOTE, subject, lists=str(len(filled)))
    return ids.table(move, Kind.LIST_MEMBERSHIP).select(pair="target_key").distinct()


def _asked(move: Move, filled: Sequence[str]) -> Iterator[pa.RecordBatch]:
    found = 0
    for part in chunks(filled, LISTS):
        pairs = [f"{row['list_key']}/{row['person_key']}" for row in _find(move, Kind.LIST_MEMBERSHIP, "list", part)]
        found += len(pairs)
        move.progress(f"look up {move.target.name} list members", found, None)
        yield pa.record_batch([pa.array(pairs, pa.string())], schema=MEMBER)


def _can_look(move: Move, kind: Kind) -> bool:
    finder = move.target.instance
    return isinstance(finder, Finder) and move.target.adapter.capabilities.can(kind, Power.READ_BACK)


def _find(move: Move, kind: Kind, by: str, values: Sequence[str]) -> Iterable[NeutralRow]:
    finder = move.target.instance
    return finder.find(kind, by, values, []) if isinstance(finder, Finder) else ()
