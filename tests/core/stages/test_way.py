"""When a side may send again, and what a pass leaves behind: nothing that waits, nothing that is unread, is passed over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mamigrate import clock
from mamigrate.errors import Unreachable
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Watermark
from mamigrate.stages.sync.ending import finish
from mamigrate.stages.sync.reading import overlap
from mamigrate.stages.sync.way import FRESH, LEAST_OVERLAP, Fate, Way

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
Change = Callable[[Way], object]


def way() -> Way:
    """Everything was read, and nothing waits."""
    times = SimpleNamespace(monotonic=lambda: 0.0, now=lambda: UNTIL)
    sides: list[Any] = [SimpleNamespace(name=name, clock=times) for name in ("old", "new")]
    made = Way(sides[0], sides[1], UNTIL - timedelta(days=1), 10, until=UNTIL)
    made.mark = Watermark(side="old", other="new", until=UNTIL, seen_at=made.seen_at, run_id="r")
    return made


def waiting(one: Way) -> None:
    one.tell(Fate.WAITING, "new/person/1", "unsubscribed", [{"kind": "objection", "source_ref": "", "lo": None}])


def trouble(one: Way) -> None:
    one.trouble = Unreachable("old", "nobody answers")


CHANGES: list[tuple[Change, str]] = [
    (lambda one: setattr(one, "unread", True), "unread"),
    (lambda one: setattr(one, "unmoved", True), "unmoved"),
    (lambda one: setattr(one, "beside_waiting", 1), "backlog"),
    (waiting, "backlog"),
    (trouble, "trouble"),
    (lambda one: setattr(one, "mark", None), "stale"),
]


def test_a_side_may_send_when_everything_is_read_and_confirmed() -> None:
    assert way().blocked() == []


@pytest.mark.parametrize(("change", "code"), CHANGES)
def test_a_side_must_not_send_while_anything_is_open(change: Change, code: str) -> None:
    one = way()
    change(one)
    assert one.blocked() == [code]


def test_a_side_must_not_send_on_what_was_read_long_ago() -> None:
    one = way()
    assert one.mark is not None
    one.mark.seen_at = clock.now() - FRESH - timedelta(seconds=1)
    assert one.blocked() == ["stale"]


@pytest.mark.parametrize(("ahead", "codes"), [(timedelta(minutes=1), []), (timedelta(minutes=3), ["stale"])])
def test_what_was_read_in_the_future_is_of_no_age_that_anybody_knows(ahead: timedelta, codes: list[str]) -> None:
    one = way()
    assert one.mark is not None
    one.mark.seen_at = one.seen_at + ahead
    assert one.blocked() == codes


@pytest.mark.parametrize(
    ("change", "advanced"), [(lambda _: None, True), *((change, code == "stale" or code == "unmoved") for change, code in CHANGES)]
)  # fmt: skip
def test_the_watermark_passes_over_nothing(tmp_path: Path, change: Change, advanced: bool) -> None:
    ledger, one = Ledger.at(tmp_path / "ledger.sqlite"), way()
    change(one)
    move: Any = SimpleNamespace(ledger=ledger, run_id="r")
    finish(move, one)
    mark = ledger.watermark("old", "new")
    assert (mark is not None and mark.until == UNTIL) is advanced


@pytest.mark.parametrize("minutes", [None, 1, 7, 8, 60])
def test_what_a_vendor_shows_late_is_read_again(minutes: int | None) -> None:
    every = None if minutes is None else timedelta(minutes=minutes)
    assert overlap(every) == max(LEAST_OVERLAP, 2 * (every or timedelta()))
