"""Which source records become one target person: equal loose addresses."""

import ibis
import ibis.expr.types as ir


def clusters(people: ir.Table, *, keep_twins: bool = False) -> ir.Table:
    """One row a living person: (person_key, winner, members, doubtful).

    The winner is the record that was modified last. ``doubtful`` clusters join addresses that only case folding of
    letters like ``ß`` makes equal: they are parked. A person without a usable address stands alone. With ``keep_twins``
    clusters of several are doubtful too.
    """
    living = people.filter(~people.archived)
    group = ibis.coalesce(living.email_loose, ibis.literal("\x00") + living.key)
    window = ibis.window(group_by="group", order_by=[ibis.desc("modified"), "person_key"])
    base = living.select(
        person_key=living.key,
        group=group,
        folded=ibis.coalesce(living.email_folded, living.key),
        modified=ibis.coalesce(
            living.updated_at, living.created_at, ibis.timestamp("1970-01-01 00:00:00", timezone="UTC")
        ),
    )
    ranked = base.mutate(winner=base.person_key.first().over(window))
    sizes = base.group_by("group").agg(members=base.person_key.count(), forms=base.folded.nunique())
    joined = ranked.join(sizes, "group")
    doubtful = (joined.forms > 1) | (ibis.literal(keep_twins) & (joined.members > 1))
    return joined.select("person_key", "winner", "members", "modified", doubtful=doubtful)
