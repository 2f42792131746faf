"""Which source records become one target person: equal loose addresses; and which of their spellings the person gets."""

import ibis
import ibis.expr.types as ir

from mamigrate.once import once

LONGEST = 255
"""Characters of an address that targets hold; they hold ASCII only."""


@once
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


def holdable(address: ir.StringColumn) -> ir.BooleanValue:
    """Whether a target can hold this address."""
    return (address.re_search("^[ -~]*$") & (address.length() <= LONGEST)).fill_null(False)


@once
def spelled(people: ir.Table, clusters: ir.Table) -> ir.Table:
    """(winner, email, email_strict, speller): the address that each target person is written with, and whose it is.

    It is the winner's own, unless the target can hold only another spelling of a cluster that is not doubtful: then the
    newest such.
    """
    columns = ("winner", "speller", "email", "email_strict")
    own = people.select("email", "email_strict", speller="key")
    # Records that may be two people have an address each.
    single = (clusters.members == 1) | clusters.doubtful
    alone = (
        clusters.filter(single & (clusters.person_key == clusters.winner))
        .select("winner", speller="person_key")
        .join(own, "speller")
    )
    several = clusters.filter(~single)
    several = several.select("winner", "modified", speller="person_key").join(own, "speller")
    best = ibis.window(
        group_by="winner",
        order_by=[
            ibis.desc(holdable(several.email_strict)),
            ibis.desc(several.speller == several.winner),
            ibis.desc(several.modified),
            several.speller,
        ],
    )
    ranked = several.mutate(rank=ibis.row_number().over(best))
    return alone.select(*columns).union(ranked.filter(ranked["rank"] == 0).select(*columns))


@once
def twins(clusters: ir.Table) -> ir.Table:
    """(winner, twins): the records of each doubtful cluster."""
    doubtful = clusters.filter(clusters.doubtful)
    return doubtful.group_by("winner").agg(twins=doubtful.person_key.collect())
