"""Plain lines of progress: what they say, when, and how they end."""

from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from mamigrate.cli.live import Live, live
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


def test_a_quota_that_is_what_it_was_is_told_once(told: Told) -> None:
    told.plain.left = lambda what: ", quota left 5 of 9"
    told.after(0, "read", 7, None)
    assert told.after(9, "read", 9, None) == ["read: 9, 0/s"]


@pytest.fixture
def screen() -> Iterator[tuple[Live, StringIO]]:
    written = StringIO()
    with live(Console(file=written, force_terminal=True, width=80, color_system=None)) as show:
        assert isinstance(show, Live)
        yield show, written


def test_a_terminal_keeps_one_line_of_each_stage_that_ended(screen: tuple[Live, StringIO]) -> None:
    show, written = screen
    for done in (0, 100, 1_000, 1_000):
        show("read old person", done, 1_000)
    show("write deals", 0, 0)
    lines = [line for line in written.getvalue().splitlines() if " in 0 s" in line]
    assert [line.strip("\x1b[2K\r") for line in lines] == ["read old person: 1,000 in 0 s"]


def test_a_stage_at_work_fits_into_a_narrow_terminal(screen: tuple[Live, StringIO]) -> None:
    show, written = screen
    show.left = lambda what: ", quota left 650,000 of 650,000"
    show("write people, denied ones first", 300, 957)
    show._bars.refresh()
    drawn = written.getvalue().splitlines()[-1]
    assert "write people, denied ones first" in drawn
    assert "300 of 957" in drawn
