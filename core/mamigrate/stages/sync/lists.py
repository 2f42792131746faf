"""Lists that a side leaves out of its mail: no log of denials tells who came onto one, so their members are read beside it."""

from collections.abc import Collection, Iterator, Sequence

from mamigrate.consent.facts import LISTED
from mamigrate.contract import NeutralRow
from mamigrate.errors import DamagedSnapshot
from mamigrate.findings import Severity
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan.late import field_of
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move, Side


def known(move: Move, snapshot: str) -> frozenset[str] | None:
    """Lists that ``snapshot`` knows as left out: a move has carried who was on them. None: nobody knows any more."""
    folder = move.project.snapshots / snapshot
    try:
        kept = Snapshot.open(folder, move.project.cipher) if snapshot and folder.exists() else None
        lists = kept.estate(Kind.LIST) if kept is not None and kept.has(Kind.LIST) else None
    except DamagedSnapshot:
        lists = None
    if lists is None:
        return None
    return frozenset(one.key for one in lists if isinstance(one, List) and one.used_as_exclusion)


def tell(move: Move, side: Side, left_out: frozenset[str] | None) -> None:
    """What is not known of a side that cannot tell members: each list of the source by name, where names are known."""
    subject = f"{side.name}/{Kind.LIST}"
    if side is not move.source:
        move.findings.add("late_lists_unread", Severity.NOTE, subject)
        return
    for key in [""] if left_out is None else sorted(left_out):
        move.findings.add("late_list_unread", Severity.WARN, f"{subject}/{key}" if key else subject)


def ours(move: Move, facts: Collection[NeutralRow], left_out: Collection[str]) -> Iterator[str]:
    """Keys of facts of the target's lists that only say what a run put there: who is on a list that the source leaves out."""
    rows = move.ledger.ids(*move.direction, Kind.LIST)
    lists = {row.target_key for key, row in rows.items() if key in left_out}
    pairs = {_pair(fact): str(fact["key"]) for fact in facts if _list(fact) in lists}
    yield from (pairs[key] for key in _written(move, sorted(pairs)))


def _written(move: Move, pairs: Sequence[str]) -> Iterator[str]:
    rows = move.ledger.ids_among(*move.direction, (Kind.LIST_MEMBERSHIP.value,), "target_key", pairs)
    yield from {row.target_key for row in rows}


def _pair(fact: NeutralRow) -> str:
    return f"{_list(fact)}/{fact['person_key']}"


def _list(fact: NeutralRow) -> str:
    """The list that a fact is about; empty for any other fact."""
    field = field_of(fact)
    return field.removeprefix(LISTED) if field.startswith(LISTED) else ""
