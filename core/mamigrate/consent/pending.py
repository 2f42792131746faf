"""A double opt-in that nobody confirmed in its time was refused: of its topic it denies, and nobody is asked again.

One that was confirmed is over and done. Doubt about the time denies: a request whose beginning nobody knows may be older
than any term, and one that was made between two instants may have been made at the first.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from mamigrate.consent.fold import Fact
from mamigrate.consent.kinds import LIFTING, LIFTING_PROOF
from mamigrate.consent.moment import Moment
from mamigrate.consent.scope import ALL, FLAT, Trees
from mamigrate.once import once

SUFFIX = "#expired"
"""How the key of a refusal ends that a request became."""
_AXES = ("channel", "brand", "topic", "asset_class")
_CONFIRMED = ("person_key", "address_strict", "hi", *_AXES)
"""All that decides whether a yes confirms a request. Its key does not: one key may stand for several requests."""


def refusals(facts: Iterable[Fact], at: datetime, term: timedelta, trees: Trees = FLAT) -> Iterator[Fact]:
    """What the requests among ``facts`` became that ran out before ``at``: the reference for ``refused``."""
    facts = list(facts)
    for fact in facts:
        if (
            fact.kind == "pending"
            and _over(fact, at, term)
            and not any(_confirms(one, fact, at, trees) for one in facts)
        ):
            lo, hi = _ended(fact, term)
            yield fact._replace(
                key=fact.key + SUFFIX, kind="refused", lo=lo, hi=hi, until=None, actor="system", proof=0
            )


def _over(asked: Fact, at: datetime, term: timedelta) -> bool:
    if asked.until is not None:
        return asked.until <= at
    return asked.lo is None or asked.lo + term <= at


def _ended(asked: Fact, term: timedelta) -> tuple[datetime | None, datetime | None]:
    """Between when a request ran out, as far as it is known."""
    if asked.until is not None:
        return asked.until, asked.until
    return asked.lo and asked.lo + term, asked.hi and asked.hi + term


def _confirms(grant: Fact, asked: Fact, at: datetime, trees: Trees) -> bool:
    """Whether the person said yes to it by ``at``, proven, at the very address, certainly not before being asked."""
    own = grant.kind in LIFTING and grant.actor == "subject" and grant.proof >= LIFTING_PROOF
    if not own or grant.lo is None or asked.hi is None or not asked.hi <= grant.lo <= at:
        return False
    same = None not in (asked.person, asked.strict) and (grant.person, grant.strict) == (asked.person, asked.strict)
    return same and trees.permits(grant.scope, asked.scope)


@once
def refused(facts: ir.Table, now: Moment, term: timedelta) -> ir.Table:
    """Facts of a population that its requests became, in the columns of ``facts``."""
    asked = facts.filter(facts.kind == "pending")
    days = ibis.interval(seconds=int(term.total_seconds()))
    over = asked.until.notnull().ifelse(asked.until <= now, asked.lo.isnull() | (asked.lo + days <= now))
    gone = asked.filter(over).anti_join(_confirmed(facts, asked, now), _CONFIRMED)
    ended = {name: ibis.coalesce(gone.until, gone[name] + days) for name in ("lo", "hi")}
    made = gone.mutate(
        key=gone.key + SUFFIX, kind=ibis.literal("refused"), polarity=ibis.literal("-"), actor=ibis.literal("system"),
        proof=ibis.literal(0, "int64"), until=ibis.null("timestamp('UTC', 6)"), **ended,
    )  # fmt: skip
    return made.select(*facts.columns)


def _confirmed(facts: ir.Table, asked: ir.Table, now: Moment) -> ir.Table:
    """What requests that somebody confirmed by ``now`` have in common, in the columns ``_CONFIRMED``, none of them null."""
    own = (facts.actor == "subject") & (facts.proof >= LIFTING_PROOF) & (facts.lo <= now)
    yes = facts.filter(facts.kind.isin(sorted(LIFTING)) & own)
    yes = yes.select("person_key", "address_strict", yes_at="lo", **{f"yes_{name}": name for name in _AXES})
    pairs = asked.join(yes, ["person_key", "address_strict"])
    near = pairs.filter(pairs.yes_at >= pairs.hi)
    for name in _AXES:
        near = near.filter(near[f"yes_{name}"].isin([ibis.literal(ALL), near[name]]))
    return near.select(*_CONFIRMED).distinct()


@once
def apart(facts: ir.Table) -> ir.Table:
    """The facts without what requests became."""
    return facts.filter(~facts.key.endswith(SUFFIX))
