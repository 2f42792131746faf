"""Statements about what was written: safe wherever it was cut off, raised by permit only, and nothing twice."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof.tables import CELL, Asked, Tables
from mamigrate.consent.proof.words import found, said, true

_WHERE = CELL[1:]


def unsafe_prefix(t: Tables, asked: Asked) -> ir.Table:
    """States after each write that would mail a cell which is not allowed. A write without its place could be anywhere."""
    until_here = ibis.window(group_by=CELL, order_by="seq", preceding=None, following=0)
    last = {name: _numbered(t.journal, name).max().over(until_here) for name in ("exists", "denied")}
    state = t.journal.mutate(there=last["exists"] % 2 == 1, shut=last["denied"] % 2 == 1)
    open_then = state.filter(true(state.there) & ~true(state.shut))
    agreed = t.verdicts.filter(true(t.verdicts.allowed))
    nowhere = t.journal.filter(t.journal.seq.isnull())
    return found(open_then.anti_join(agreed, CELL), "seq", *_WHERE).union(found(nowhere, "seq", *_WHERE))


def _numbered(journal: ir.Table, name: str) -> ir.IntegerValue:
    """What a write set, in the last digit of its place: the greatest of some is what the last of them set."""
    return journal.seq * 2 + journal[name].cast("int64")


def unpermitted(t: Tables, asked: Asked) -> ir.Table:
    """Writes that raise a cell, without a grant of that person, or a signed wave that released that person."""
    raising = t.journal.filter(~ibis.coalesce(t.journal.denied, True) | true(t.journal.enrolled))
    grants = t.facts.filter((t.facts.polarity == "+") & said(t.facts)).rename(permit="key")
    signed = t.waves.filter(t.waves.signer.notnull())
    left = raising.anti_join(grants, ["population", "permit", "person"])
    return found(left.anti_join(signed, ["population", "decision", "person"]), "seq", *_WHERE)


def read_as_more(t: Tables, asked: Asked) -> ir.Table:
    """Cells that the target would mail although the last that was written of them is a no."""
    last = t.journal.group_by(CELL).agg(said=_numbered(t.journal, "denied").max())
    open_there = t.cells.filter(true(t.cells.read) & true(t.cells.allowed))
    return found(open_there.semi_join(last.filter(last.said % 2 == 1), CELL), *_WHERE)


def repeated(t: Tables, asked: Asked) -> ir.Table:
    return found(t.planned.filter(ibis.coalesce(t.planned.run, 2) > 1), "run", "person", "field")


def declassed(t: Tables, asked: Asked) -> ir.Table:
    """Assets that may be marketing and may be something else on the target, without a decision."""
    marketing = ibis.coalesce(t.assets.source_class, "MKT") == "MKT"
    moved = ~ibis.coalesce(t.assets.target_class, "").isin(("MKT", "SLS"))
    return found(t.assets.filter(marketing & moved & t.assets.decision.isnull()), "key")
