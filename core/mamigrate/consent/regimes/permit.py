"""What packs leave of a verdict: the fold again, with the grants that the law still counts and the need that it states."""

from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mamigrate.consent.fold import Cell, Fact, Judgement, Rules, judge, level
from mamigrate.consent.kinds import KINDS, Grant
from mamigrate.consent.regimes.pack import Pack

ORDER = list(Grant)


@dataclass(frozen=True, slots=True)
class Permitted:
    """``against``: names of the packs that say no, in order. ``judgement`` is the source's own, before any pack."""

    judgement: Judgement
    against: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return self.judgement.allowed and not self.against


def permitted(
    packs: Collection[Pack], facts: Iterable[Fact], cell: Cell, at: datetime, rules: Rules | None = None
) -> Permitted:
    """Whether the source would send and every pack lets it."""
    rules, facts = rules or Rules(), list(facts)
    own = judge(facts, cell, at, rules)
    return Permitted(own, tuple(pack.name for pack in packs if not _lets(pack, facts, cell, at, rules)))


def counts(pack: Pack, fact: Fact, at: datetime, needed: Grant) -> bool:
    """Whether a grant is one under a pack at an instant, where ``needed`` is asked for. What has a term counts from its
    earliest possible date.
    """
    if fact.proof < pack.proof(level(fact), needed):
        return False
    try:
        months = pack.lasts(level(fact), fact.basis)
    except KeyError:
        return False
    return months is None or (fact.lo is not None and at < months_after(fact.lo, months))


def months_after(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or its last day."""
    year, month = divmod(moment.month - 1 + months, 12)
    year += moment.year
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _lets(pack: Pack, facts: list[Fact], cell: Cell, at: datetime, rules: Rules) -> bool:
    needed = pack.needs(cell.scope.channel, cell.scope.asset_class)
    if needed is Grant.NONE:
        return True
    counted = [fact for fact in facts if KINDS[fact.kind].polarity != "+" or counts(pack, fact, at, needed)]
    stricter = replace(rules, need=max(rules.need, pack.least(needed), key=ORDER.index))
    return judge(counted, cell, at, stricter).allowed and not _at_rest(pack, counted, cell, at, stricter)


def _at_rest(pack: Pack, counted: list[Fact], cell: Cell, at: datetime, rules: Rules) -> bool:
    """Whether the hours are quiet, and no consent speaks of them."""
    if pack.quiet is None or cell.scope.channel not in pack.quiet.channels or not pack.quiet.holds(at):
        return False
    speaking = [fact for fact in counted if KINDS[fact.kind].polarity != "+" or fact.basis == pack.quiet.unless]
    return not judge(speaking, cell, at, rules).grants
