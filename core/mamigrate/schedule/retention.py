"""What the source will delete soon, with dates: rows by their own day against what the vendor keeps. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mamigrate.contract.limits import Retention

EVERYTHING = "*"
"""A rule for whatever has none of its own."""


@dataclass(frozen=True, slots=True)
class Gone:
    """``n`` records of ``what`` are deleted on the day ``on``: within its first to its last instant."""

    on: date
    what: str
    n: int


def calendar(
    rows: Iterable[tuple[str, datetime, int]], rules: Sequence[Retention], now: datetime, until: datetime
) -> list[Gone]:
    """Deletions from ``now`` until ``until``, the first days first. ``rows``: (what, its own date, how many).

    What should be gone already is told for today: it may vanish at any moment. What no rule is about stays.
    """
    keeps = {rule.what: rule.keeps for rule in rules}
    found = Counter[tuple[date, str]]()
    for what, at, n in rows:
        kept = keeps.get(what, keeps.get(EVERYTHING))
        if kept is not None and n and (gone := max(at + kept, now)) <= until:
            found[gone.date(), what] += n
    return [Gone(on, what, n) for (on, what), n in sorted(found.items())]


def begin_by(deletions: Sequence[Gone], reading: timedelta, now: datetime) -> datetime | None:
    """When reading must begin at the latest to have everything before its first deletion; ``now`` where that is past."""
    if not deletions:
        return None
    first = datetime(deletions[0].on.year, deletions[0].on.month, deletions[0].on.day, tzinfo=now.tzinfo)
    return max(now, first - reading)
