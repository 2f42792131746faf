"""What is ours of the records that people are written to: it stays so, whichever person a record stands for now."""

import ibis
import ibis.expr.types as ir

from mamigrate.model.kinds import Kind
from mamigrate.model.made import FOUND, OPENED_BY_US
from mamigrate.once import once
from mamigrate.plan.origins import source_key


@once
def with_ours(matched: ir.Table, ids: ir.Table, there: ir.Table, source: str) -> ir.Table:
    """``matched`` with ``made`` of records that the ledger lost, and with ``inherits``: what the ledger must say of the
    person's own record before anybody else is taken from it; empty where it says so.

    ``ids`` are the ledger's, ``there`` is the target's index of keys.
    """
    found = ids.filter(ids.made == FOUND).select(found_key="target_key").distinct()
    bearing = there.filter(there.source_key.startswith(source_key(source, Kind.PERSON, ""))).select(bears="key")
    joined = matched.left_join(found, matched.target_key == found.found_key)
    joined = joined.left_join(bearing, joined.target_key == bearing.bears)
    known = ids.select(known_target="target_key").distinct()
    joined = joined.left_join(known, joined.target_key == known.known_target)
    own = ids.select(own_row="source_key", own_target="target_key", own_made="made")
    joined = joined.left_join(own, joined.key == own.own_row)
    lost = joined.found_key.notnull() | (joined.bears.notnull() & joined.known_target.isnull())
    made = (lost & (joined.made != "created").fill_null(True)).ifelse(FOUND, joined.made)
    joined = joined.mutate(made=made)
    same = (joined.own_target == joined.target_key).fill_null(False)
    told = same & (joined.own_made == joined.made).fill_null(False)
    heir = joined.target_key.notnull() & joined.made.isin(OPENED_BY_US) & ~told & ((joined.parked == "") | same)
    return joined.mutate(inherits=heir.ifelse(joined.made, "")).drop(
        "found_key", "bears", "known_target", "own_row", "own_target", "own_made"
    )


@once
def granted_there(matched: ir.Table, target: ir.Table) -> ir.Table:
    """``matched`` without the grants of people whose record, one in which we may have opened something, keeps another address: a grant is one of its very
    address, capitals included.
    """
    there = target.filter(target.email_strict.notnull()).select(there_key="key", there_strict="email_strict")
    joined = matched.left_join(there, matched.target_key == there.there_key)
    elsewhere = joined.there_strict.notnull() & ~joined.there_strict.identical_to(joined.email_strict)
    ended = elsewhere & joined.made.isin(OPENED_BY_US).fill_null(False)
    granted = ended.ifelse(ibis.null("array<string>"), joined.granted)
    return joined.mutate(granted=granted).drop("there_key", "there_strict")
