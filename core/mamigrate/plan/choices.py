"""What each policy for history would carry and cost, for somebody who has to choose; pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from mamigrate.model.activities import Family
from mamigrate.plan.policy import HistorySection, Policy

Fate = Literal["open", "done", "nobody", "swallowed"]
"""Of an activity: to be written or not as somebody decides; written by an earlier run; of nobody whom the source knows; older
than the target keeps, so that writing it would be in vain."""


@dataclass(frozen=True, slots=True)
class Group:
    """``n`` activities of a family. ``barred``: the age or the machines of what was decided keep them back."""

    family: Family
    fate: Fate
    n: int
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """``activities`` go along beside those that are ``done``, in ``calls`` calls: ``share`` of a day's calls of the target, None
    where it tells none, and ``days`` of nothing else, None where nobody knows its limits. ``stay`` in the archive; ``swallowed``
    of them only because the target would drop them.
    """

    policy: Policy
    activities: int
    done: int
    calls: int
    share: float | None
    stay: int
    swallowed: int
    days: float | None = None


Days = Callable[[int], float | None]


def nobody_knows(activities: int) -> float | None:
    """Days that so many activities take."""
    return None


def choices(
    groups: Iterable[Group],
    batch: int,
    a_day: int | None,
    decided: HistorySection | None = None,
    days: Days = nobody_knows,
) -> list[Choice]:
    """One for each policy: of the one that was ``decided`` with its exceptions. ``batch``: activities a call; ``a_day``: calls
    that the target takes a day; ``days``: how many days so many activities take alone.
    """
    every, made = list(groups), {decided.policy: decided} if decided else {}
    sections = [made.get(policy) or HistorySection(policy=policy, signed="-") for policy in get_args(Policy)]
    found = (_choice(one, every, max(1, batch), a_day, barring=one is decided) for one in sections)
    return [replace(one, days=days(one.activities)) for one in found]


def _choice(section: HistorySection, groups: list[Group], batch: int, a_day: int | None, *, barring: bool) -> Choice:
    wanted = [one for one in groups if section.carries(one.family) and not (barring and one.barred)]
    going, swallowed = (sum(one.n for one in wanted if one.fate == fate) for fate in ("open", "swallowed"))
    done = sum(one.n for one in groups if one.fate == "done")
    calls = -(-going // batch)
    stay = sum(one.n for one in groups) - going - done
    return Choice(section.policy, going, done, calls, calls / a_day if a_day else None, stay, swallowed)


TOTALS: Mapping[str, Family] = {
    "email": Family.EMAIL,
    "engagement": Family.SALES,
    "form": Family.FORM,
    "page": Family.WEB,
}
"""Families by how the names of a source's totals begin, before anything was read."""


def of_totals(totals: Mapping[str, int | None]) -> list[Group]:
    """Groups by the source's own totals. How old they are nobody knows then."""
    found = ((TOTALS.get(name.partition("_")[0], Family.OTHER), n) for name, n in totals.items() if n)
    return [Group(kind, "open", n) for kind, n in found]
