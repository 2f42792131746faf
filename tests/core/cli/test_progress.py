"""Plain lines of progress: what they say, when, and how they end."""

from collections.abc import Iterator

import pytest

from mamigrate.cli.progress import Plain, QuotaLeft
from mamigrate.contract import Quota


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator["Told"]:
    yield Told(capsys)


class Told:
    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.hand, self._capture = Hand(), capture
        self.plain = Plain(self.hand)

    def after(self, seconds: float, what: str, done: int, total: int | None) -> list[str]:
        self.hand.at += seconds
        self.plain(what, done, total)
        return self._capture.readouterr().err.splitlines()


def test_rate_and_remaining_time_count_from_the_beginning_of_a_stage(told: Told) -> None:
    assert told.after(0, "write people", 0, 600) == []
    assert told.after(2, "write people", 200, 600) == ["write people: 200 of 600, 100/s, about 4 s left"]


def test_lines_are_few_and_the_last_is_always_told(told: Told) -> None:
    told.after(0, "read", 0, None)
    assert told.after(1, "read", 100, None) == ["read: 100, 100/s"]
    assert told.after(1, "read", 200, None) == []
    assert told.after(1, "read", 300, 300) == ["read: 300 of 300, 100/s"]
    assert told.after(9, "read", 300, 300) == []


def test_a_stage_with_nothing_to_do_says_nothing(told: Told) -> None:
    assert told.after(0, "write deals", 0, None) + told.after(1, "write deals", 0, 0) == []


def test_the_quota_left_stands_in_the_line(told: Told) -> None:
    told.plain.left = lambda what: ", quota left 5 of 9"
    assert told.after(0, "read", 7, None) == ["read: 7, quota left 5 of 9"]


def test_the_tightest_quota_of_the_side_at_work_is_told() -> None:
    class Side:
        def __init__(self, name: str) -> None:
            self.name = name

    class Known:
        source, target = Side("old"), Side("new")

        def __init__(self) -> None:
            self.quotas = {"old": [Quota("day", 500_000, 20), Quota("hour", 100, 40)], "new": []}

    left = QuotaLeft(Known())  # type: ignore[arg-type]  # as much of a move as is looked at
    assert left("read old person") == ", quota left 60 of 100"
    assert left("write people") == ""
