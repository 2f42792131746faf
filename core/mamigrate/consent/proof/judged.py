"""The outcome of each statement of the proof, and of all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PASS, FAIL, INCOMPLETE, NOT_APPLICABLE = "PASS", "FAIL", "INCOMPLETE", "NOT_APPLICABLE"

SETTLING = 20
"""The statement that waits until the target has settled: it alone leaves a proof that is otherwise whole as it is."""

IN_TIME = 11
"""The statement about denials that come after a move: what waits there leaves the move that was made as it is."""

_WORST = (FAIL, INCOMPLETE, PASS)


@dataclass(frozen=True, slots=True)
class Judged:
    """One statement. ``reason`` says why it is incomplete or does not apply; ``rows`` name what breaks it, or was not read."""

    number: int
    sentence: str
    verdict: str
    checked: int = 0
    violations: int = 0
    unverified: int = 0
    reason: str = ""
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """The file of consent records of a run, how many there are, and the head of their chain."""

    file: str
    rows: int
    head: str


@dataclass(frozen=True, slots=True)
class Proof:
    """All statements, in their order, and the evidence that they rest on."""

    statements: tuple[Judged, ...]
    evidence: Exported

    @property
    def verdict(self) -> str:
        """Of all, but for what has to wait until the target settled. Nothing that was looked at is no pass."""
        told = [one.verdict for one in self.statements if one.number != SETTLING or one.verdict == FAIL]
        return worst(told)

    @property
    def of_move(self) -> str:
        """Of what the move itself did: denials that came later and are not confirmed yet are the next pass's work."""
        open_ = (SETTLING, IN_TIME)
        return worst(one.verdict for one in self.statements if one.number not in open_ or one.verdict == FAIL)

    @property
    def standing(self) -> str:
        """Of everybody as they stand now, however long denials took."""
        told = [one for one in self.statements if one.number != IN_TIME]
        return worst(one.verdict for one in told if one.number != SETTLING or one.verdict == FAIL)

    @property
    def settled(self) -> str:
        """Of all, with what the second reading shows."""
        return worst(one.verdict for one in self.statements)

    @property
    def broken(self) -> list[Judged]:
        return [one for one in self.statements if one.verdict == FAIL]

    @property
    def open(self) -> list[Judged]:
        """Statements that nobody can decide yet, but for what waits."""
        return [one for one in self.statements if one.verdict == INCOMPLETE and one.number != SETTLING]


def worst(verdicts: Iterable[str]) -> str:
    """FAIL before INCOMPLETE before PASS; what does not apply says nothing, and nothing at all is INCOMPLETE."""
    found = set(verdicts)
    return next((one for one in _WORST if one in found), INCOMPLETE)


def judge(number: int, sentence: str, counted: Mapping[str, Any], reason: str, rows: Iterable[str] = ()) -> Judged:
    """One statement from its counts. ``reason``: it cannot be decided, although nothing that was looked at breaks it."""
    counts = (int(counted.get(name, 0)) for name in ("checked", "violations", "unverified"))
    checked, violations, unverified = counts
    verdict = FAIL if violations else INCOMPLETE if unverified or reason else PASS if checked else NOT_APPLICABLE
    told = reason or ("not_read" if unverified else "" if checked or violations else "nothing_to_look_at")
    return Judged(
        number, sentence, verdict, checked, violations, unverified, told if verdict != PASS else "", tuple(rows)
    )
