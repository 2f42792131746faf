"""Lists that the source leaves out of its mail: no log tells who came onto one, so a pass does not know it."""

from collections.abc import Iterator

from mamigrate.errors import DamagedSnapshot
from mamigrate.findings import Severity
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move


def tell(move: Move, snapshot: str) -> None:
    """A finding for each list that ``snapshot`` knows as left out, or one for all lists where it is not there to ask."""
    for subject in _left_out(move, snapshot):
        move.findings.add("late_list_unread", Severity.WARN, subject)


def _left_out(move: Move, snapshot: str) -> Iterator[str]:
    folder = move.project.snapshots / snapshot
    try:
        known = Snapshot.open(folder, move.project.cipher) if snapshot and folder.exists() else None
        lists = known.estate(Kind.LIST) if known is not None and known.has(Kind.LIST) else None
    except DamagedSnapshot:
        lists = None
    if lists is None:
        yield f"{move.source.name}/{Kind.LIST}"
        return
    yield from (
        f"{move.source.name}/{Kind.LIST}/{one.key}" for one in lists if isinstance(one, List) and one.used_as_exclusion
    )
