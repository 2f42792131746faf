"""Grants that packs counted and do not count any more: which term of which law ended when. Expressions that the engine runs."""

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from mamigrate.consent.kinds import Grant
from mamigrate.consent.regimes import population
from mamigrate.consent.regimes.basis import INSTANT
from mamigrate.consent.regimes.pack import Pack
from mamigrate.once import once


@once
def ended(facts: ir.Table, packs: Sequence[Pack], since: datetime, now: datetime) -> ir.Table:
    """(key, pack, ended): grants that a pack counted at ``since`` and does not count at ``now``, with the instant of their end.

    There is one pack at least.
    """
    before, after = (population.counting(facts, packs, at) for at in (since, now))
    over = before.anti_join(after, ["key", "pack"])
    ends = ibis.union(*(_ends(facts, pack) for pack in packs))
    return over.join(ends, ["key", "pack"]).select("key", "pack", "ended").distinct()


def _ends(facts: ir.Table, pack: Pack) -> ir.Table:
    """(key, pack, ended); null: it has no end under this pack."""
    terms = [((facts.kind == "implied_grant") & (facts.basis == basis), _lasts(pack, basis)) for basis in pack.soft]
    terms.append((facts.kind != "implied_grant", pack.reconfirm_months))
    timed = [(which, facts.lo + ibis.interval(months=months)) for which, months in terms if months is not None]
    term = ibis.cases(*timed, else_=ibis.null(INSTANT)) if timed else ibis.null(INSTANT)
    end = ibis.least(ibis.coalesce(term, facts.until), ibis.coalesce(facts.until, term))
    return facts.select("key", pack=ibis.literal(pack.name), ended=end)


def _lasts(pack: Pack, basis: str) -> int | None:
    return pack.lasts(Grant.IMPLIED, basis)
