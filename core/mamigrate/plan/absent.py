"""People of the source who have no record of their own on the target, whatever an earlier run noted: nothing is tied to them."""

import ibis.expr.types as ir

from mamigrate.once import once


@once
def absent(ids: ir.Table, clusters: ir.Table, matched: ir.Table) -> ir.Table:
    """(lost_key, lost_why): whose record nobody finds there, and who is parked while somebody else carries it.

    ``ids`` has (source_key, target_key), what earlier runs noted. ``lost_why`` is why the person is parked.
    """
    parked = matched.filter(matched.parked != "").select(winner="key", lost_why="parked")
    waiting = clusters.join(parked, "winner").select("lost_why", lost_key="person_key")
    carried = matched.filter((matched.parked == "") & matched.target_key.notnull()).select("target_key")
    taken = ids.semi_join(carried, "target_key").select(lost_key="source_key")
    gone = waiting.filter(waiting.lost_why == "gone_on_target")
    found = gone.union(waiting.semi_join(taken, "lost_key"), distinct=True)
    return found.select("lost_key", "lost_why")
