"""Whether a connection's name still leads to the instance that was read and written under it.

What the ledger holds are ids: in another instance they are other people's.
"""

from collections.abc import Iterable, Iterator

from mamigrate.errors import UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.stages.move import Move, Side

QUESTION = "other-instance/"
"""How decisions begin that an instance is the known one, under another id; the connection and the new id follow."""


def check(move: Move, sides: Iterable[Side]) -> None:
    """What is another instance blocks, unless somebody decided."""
    move.findings.extend(_others(move, sides))


def require(move: Move) -> None:
    """As ``check``, where nothing can be told before something is written. Raises UsageError."""
    for found in _others(move, (move.source, move.target)):
        problem = (
            f"this name led to {found.params['was']} when the ledger was written, and leads to {found.params['now']}"
        )
        fix = f"name another connection, or decide {found.params['id']} in decisions.yaml if it is the same instance"
        raise UsageError(problem, where=found.subject, fix=fix)


def keep(move: Move) -> None:
    """Note what stands behind both names, before anything is written there."""
    for side in (move.source, move.target):
        if move.ledger.instance(side.name) != move.info(side).instance_id:
            move.ledger.keep_instance(side.name, move.info(side).instance_id)


def _others(move: Move, sides: Iterable[Side]) -> Iterator[Finding]:
    for side in sides:
        known = move.ledger.instance(side.name)
        if not known or (now := move.info(side).instance_id) == known:
            continue
        id = f"{QUESTION}{side.name}/{now}"
        if move.decisions.choice(id) != "accept":
            yield Finding("other_instance", Severity.BLOCK, side.name, {"was": known, "now": now, "id": id})
