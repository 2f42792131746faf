"""Reach that nothing explains leaves a proof incomplete."""

from types import SimpleNamespace
from typing import Any

import pytest

from mamigrate.findings import Findings
from mamigrate.stages.reach import Reach, proven


def found(before: int, after: int | None, unexplained: int) -> Reach:
    return Reach(before, after, 0, (), unexplained, before, ())


@pytest.mark.parametrize(
    ("reach", "verdict"),
    [
        (found(1000, 990, -10), "PASS"),
        (found(1000, 989, -11), "INCOMPLETE"),
        (found(1, 0, -1), "INCOMPLETE"),
        (found(1000, 1050, 50), "PASS"),  # More people than before is the business of statements 1 and 21.
        (found(0, 0, 0), "PASS"),
        (found(1000, None, -500), "PASS"),  # Nothing was written yet.
    ],
)
def test_more_than_one_in_a_hundred_lost_without_a_reason_is_not_proven(reach: Reach, verdict: str) -> None:
    move: Any = SimpleNamespace(findings=Findings(), target=SimpleNamespace(name="new"))
    assert proven(move, reach) == verdict
    assert [one.code for one in move.findings] == (["reach_unexplained"] if verdict != "PASS" else [])
