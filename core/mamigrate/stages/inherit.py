"""What an earlier run made stays ours in the ledger when its record comes to stand for another person."""

from mamigrate.ledger.tables import IdMap
from mamigrate.model.kinds import Kind
from mamigrate.stages.ids import ROWS
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan


def inherit(move: Move, people: PeoplePlan) -> None:
    """Note it before anything is written: who made a record may get another one by the same plan."""
    source, target = move.direction
    heirs = people.matched.filter(people.matched.inherits != "").select("key", "target_key", "inherits")
    for batch in move.engine.batches(heirs.order_by("key"), ROWS):
        rows = [
            IdMap(source, target, Kind.PERSON, row["key"], row["target_key"], row["inherits"], "", move.run_id)
            for row in batch
        ]
        move.ledger.keep_ids(rows)
