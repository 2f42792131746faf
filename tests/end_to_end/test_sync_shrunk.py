"""A side that shows less than half of its people stops a pass of ``sync`` before anything is read or written."""

from datetime import UTC, datetime

import pytest

from in_step import fates, of_one_move, sync
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import OptOut, State
from pair import Pair, Said, decide, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def twenty(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return of_one_move(pair, tmp_path_factory, "twenty", lambda: come(pair, 20))


def come(pair: Pair, people: int) -> None:
    for n in range(len(pair.source.people), len(pair.source.people) + people):
        pair.source.person(f"p{n:02d}@x.example", id=str(n + 1))


def keep(state: State, left: int) -> None:
    for id in sorted(state.people, key=int)[left:]:
        del state.records[Kind.PERSON][id]


def leaves(pair: Pair) -> None:
    pair.source.opt_outs.append(OptOut(address="p00@x.example", at=datetime.now(UTC)))


def found(said: Said) -> list[tuple[str, str, str, str, str]]:
    told = [one for one in said.report["findings"] if "shrunk" in one["code"]]
    return [(one["code"], one["severity"], one["subject"], one["params"]["was"], one["params"]["now"]) for one in told]


def go(said: Said) -> list[tuple[str, bool, list[str]]]:
    return [(side["side"], side["go"], side["because"]) for side in said.report["sides"]]


@pytest.mark.parametrize("left", [0, 9])
def test_a_source_that_lost_more_than_half_stops_the_pass_and_nobody_may_send(twenty: Pair, left: int) -> None:
    sync(twenty)
    leaves(twenty)
    keep(twenty.source, left)
    before = twenty.writes()
    said = sync(twenty, code=3)
    assert found(said) == [("side_shrunk", "block", "old/person", "20", str(left))]
    assert "shrunk/old/person/" in said.err
    assert [(side, send) for side, send, _ in go(said)] == [("new", False), ("old", False)]
    assert (twenty.writes(), mailable(twenty.landed("p00@x.example"))) == (before, True)
    assert twenty.say("status").code == 3


def test_the_first_pass_is_held_against_the_move(twenty: Pair) -> None:
    keep(twenty.source, 3)
    assert found(sync(twenty, code=3)) == [("side_shrunk", "block", "old/person", "20", "3")]


def test_a_target_that_shows_too_few_of_ours_stops_it_too(twenty: Pair) -> None:
    leaves(twenty)
    keep(twenty.target, 8)
    before = twenty.writes()
    assert found(sync(twenty, code=3)) == [("target_shrunk", "block", "new/person", "20", "8")]
    assert twenty.writes() == before


def test_half_of_them_passes_and_what_was_shown_again_goes_on(twenty: Pair) -> None:
    leaves(twenty)
    people = dict(twenty.source.people)
    keep(twenty.source, 4)
    sync(twenty, code=3)
    twenty.source.records[Kind.PERSON].update(people)
    keep(twenty.source, 10)
    said = sync(twenty)
    assert (found(said), fates(said, 0)) == ([], {"carried": 1})
    assert not mailable(twenty.landed("p00@x.example"))


def test_what_came_since_the_move_counts_and_a_preview_is_no_measure(twenty: Pair) -> None:
    come(twenty, 30)
    sync(twenty)
    keep(twenty.source, 24)
    for words in ((), ("--dry-run",), ()):
        assert found(sync(twenty, *words, code=3)) == [("side_shrunk", "block", "old/person", "50", "24")]


def test_a_signature_lets_it_go_on_and_the_next_pass_is_held_against_what_is_left(twenty: Pair) -> None:
    leaves(twenty)
    keep(twenty.source, 2)
    (params,) = (one["params"] for one in sync(twenty, code=3).report["findings"] if one["code"] == "side_shrunk")
    decide(twenty, params["id"])
    said = sync(twenty)
    assert found(said) == [("side_shrunk", "warn", "old/person", "20", "2")]
    assert fates(said, 0) == {"carried": 1}
    assert found(sync(twenty)) == []


def test_a_signature_is_none_for_what_is_lost_after_it(twenty: Pair) -> None:
    come(twenty, 60)
    sync(twenty)
    keep(twenty.source, 30)
    (params,) = (one["params"] for one in sync(twenty, code=3).report["findings"] if one["code"] == "side_shrunk")
    decide(twenty, params["id"])
    assert found(sync(twenty)) == [("side_shrunk", "warn", "old/person", "80", "30")]
    keep(twenty.source, 12)
    assert found(sync(twenty, code=3)) == [("side_shrunk", "block", "old/person", "30", "12")]


def test_a_side_that_tells_no_number_is_asked_for_people(twenty: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryInstance, "count", lambda *_: None)
    assert found(sync(twenty)) == []
    keep(twenty.source, 9)
    assert found(sync(twenty, code=3)) == [("side_shrunk", "block", "old/person", "20", "9")]
