"""Which of our programs a rollback may delete: not those in which somebody is whom we did not put there."""

from collections.abc import Sequence

from mamigrate.capabilities import Power
from mamigrate.contract import Finder
from mamigrate.ledger.tables import IdMap
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move


def with_strangers(move: Move, created: Sequence[IdMap]) -> set[str]:
    """Target keys of programs that somebody else has used since. Where nobody can look, none is known."""
    finder = move.target.instance
    can_look = move.target.adapter.capabilities.can(Kind.PROGRAM_MEMBERSHIP, Power.READ_BACK)
    if not created or not can_look or not isinstance(finder, Finder):
        return set()
    ours = {row.target_key for row in move.ledger.iter_ids(*move.direction, Kind.PROGRAM_MEMBERSHIP)}
    found = set[str]()
    for one in created:
        rows = finder.find(Kind.PROGRAM_MEMBERSHIP, "program", [one.target_key], [])
        if any(row["key"] not in ours for row in rows):
            found.add(one.target_key)
    return found
