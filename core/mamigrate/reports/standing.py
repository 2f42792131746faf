"""Where a run stands, in one word. What is empty, unread or does not add up never counts as fine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Facts = Mapping[str, Any]
"""A run's facts, as in ``run.json``."""

Tone = Literal["good", "calm", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Standing:
    """``code`` names the headline, ``tone`` its colour. ``refused``: records of people that the target did not take."""

    code: str
    tone: Tone
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """Our number of a kind beside one from another endpoint. ``other`` None: the vendor tells none.

    ``before`` is the same count before anything was read; ``other`` after everything was.
    """

    kind: str
    read: int
    archived: int
    other: int | None
    before: int | None = None

    @property
    def difference(self) -> int | None:
        """Records by which what was read lies outside both counts: between them, records came and went meanwhile.

        Archived ones are read, but counted nowhere.
        """
        if self.other is None:
            return None
        return outside(self.read - self.archived, self.before, self.other)


def outside(read: int, before: int | None, after: int | None) -> int:
    """By how many records ``read`` lies outside the two counts of them: negative where it is short. 0 without counts."""
    known = [one for one in (before, after) if one is not None]
    if not known:
        return 0
    return min(0, read - min(known)) or max(0, read - max(known))


def standing(facts: Facts) -> Standing:
    """The headline of a run. What got lost on the way comes before everything else."""
    if any(one["closed"] is False for one in facts.get("accounts", {}).values()):
        return Standing("open_sums", "bad")
    fixed = {
        "blocked": Standing("blocked", "bad"),
        "failed": Standing("failed", "bad"),
        "planned": Standing("planned", "calm"),
    }
    if facts["state"] in fixed:
        return fixed[facts["state"]]
    refused = facts.get("accounts", {}).get("person", {}).get("buckets", {}).get("rejected", 0)
    fine = Standing("refused", "warn", refused) if refused else Standing("loaded", "good")
    return next((Standing(code, "warn") for code in _doubts(facts)), fine)


def _doubts(facts: Facts) -> Sequence[str]:
    """Everything that forbids saying "fine" of a run that was loaded, the gravest first."""
    accounts = facts.get("accounts", {})
    doubts = {
        "incomplete": facts.get("consent") != "PASS",
        "empty": not accounts.get("person", {}).get("read"),
        "unexplained": bool(facts.get("reach", {}).get("unexplained")),
        "counts_differ": any(one.difference for one in compared(facts)),
    }
    return [code for code, holds in doubts.items() if holds]


def compared(facts: Facts) -> tuple[Compared, ...]:
    """Our counts beside the independent ones, for every kind that was counted or could have been."""
    read, archived, before = facts.get("read", {}), facts.get("read_archived", {}), facts.get("independent_before", {})
    return tuple(
        Compared(kind, read.get(kind, 0), archived.get(kind, 0), other, before.get(kind))
        for kind, other in facts.get("independent", {}).items()
        if kind in read or other is not None
    )


def reach_tone(facts: Facts) -> Tone:
    """The colour of the loudest number: how many people became reachable who were not."""
    reach = facts.get("reach")
    if not reach or reach["after"] is None:
        return "calm"
    if reach["newly_reachable"]:
        return "bad"
    unread = (facts.get("census") or {}).get("unverified", 0)
    return "good" if facts.get("consent") == "PASS" and not unread else "warn"
