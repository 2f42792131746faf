"""What reads otherwise than it was written is looked at again, and believed in the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mamigrate.clock import HandClock
from mamigrate.contract import Blocker
from mamigrate.stages import verify
from mamigrate.stages.verify import Expected

BLOCKER = Blocker("unsubscribed", "true", "objection")
DENIED = Expected("1", "person", False, {}, {})
OPEN, CLOSED = ({"key": "7", "email_loose": "a@x.example", "values": {"unsubscribed": told}} for told in ("", "true"))


class Closed:
    """Keys of records that were closed before."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def fresh(self, keys: Iterable[str]) -> list[str]:
        return [key for key in keys if key not in self._keys]


def missing(permission: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in permission.items() if there.get(name) != value}


PEOPLE = SimpleNamespace(planner=SimpleNamespace(lowering=missing))


class Target:
    """It shows one thing after another, the last for good."""

    def __init__(self, *shown: Sequence[Any]) -> None:
        self.shown, self.looks = list(shown), 0

    def look(self, *_: Any) -> Sequence[Any]:
        self.looks += 1
        return self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]


class Copy(Target):
    """One whose reads may be behind."""

    def looks_again(self) -> Sequence[float]:
        return (5.0, 30.0, 120.0)


def settled(
    monkeypatch: pytest.MonkeyPatch, copy: Target, expected: Expected = DENIED, closed: tuple[str, ...] = ()
) -> tuple[dict[str, Any], float]:
    """What is believed of the record, and the seconds that it took."""
    clock = HandClock()
    target = SimpleNamespace(instance=copy, clock=clock, adapter=SimpleNamespace(blockers=[BLOCKER]))
    monkeypatch.setattr(verify, "look", copy.look)
    move = cast(Any, SimpleNamespace(target=target))
    rows = verify._settled(move, cast(Any, PEOPLE), [("7", expected)], cast(Any, Closed(*closed)))
    return dict(rows), clock.monotonic()


def test_what_reads_as_it_was_written_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settled(monkeypatch, Copy([CLOSED])) == ({"7": CLOSED}, 0)


@pytest.mark.parametrize("first", [[], [OPEN]], ids=["nobody there yet", "still open"])
def test_a_copy_that_catches_up_is_waited_for(monkeypatch: pytest.MonkeyPatch, first: list[Any]) -> None:
    assert settled(monkeypatch, Copy(first, [CLOSED])) == ({"7": CLOSED}, 35)


def test_a_part_of_the_verdict_that_is_not_there_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    held = replace(DENIED, permission={"held": "true"})
    whole = {**CLOSED, "values": {"unsubscribed": "true", "held": "true"}}
    assert settled(monkeypatch, Copy([CLOSED], [whole]), held) == ({"7": whole}, 35)


def test_a_copy_that_is_behind_another_one_closes_nobody_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settled(monkeypatch, Copy([OPEN], [CLOSED], [OPEN])) == ({"7": OPEN}, 155)


@pytest.mark.parametrize(("shown", "rows"), [([], {}), ([OPEN], {"7": OPEN})], ids=["absent", "open"])
def test_what_stays_so_is_so(monkeypatch: pytest.MonkeyPatch, shown: list[Any], rows: dict[str, Any]) -> None:
    assert settled(monkeypatch, Copy(shown)) == (rows, 155)


def test_somebody_who_is_open_after_having_been_closed_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = Expected("1", "person", True, {}, {})
    assert settled(monkeypatch, Copy([OPEN], [CLOSED]), allowed, closed=("7",)) == ({"7": CLOSED}, 35)


def test_a_target_that_answers_at_once_is_believed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settled(monkeypatch, Target([OPEN], [CLOSED])) == ({"7": OPEN}, 0)
