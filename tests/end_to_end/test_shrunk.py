"""A side that shows less than half of what it showed at the last move stops the run: nobody is held for a token that sees less."""

import shutil
import sqlite3

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import ListDef, OptOut, Record
from pair import Pair, Said, decide, mailable

WAYS = ("run", "--source", "old", "--target", "new", "--json")


@pytest.fixture
def twenty(pair: Pair) -> Pair:
    """Twenty people who were moved."""
    come(pair, 20)
    pair.moved()
    return pair


def come(pair: Pair, people: int) -> None:
    """More people on the source."""
    for n in range(len(pair.source.people), len(pair.source.people) + people):
        pair.source.person(f"p{n:02d}@x.example", id=str(n + 1))


def keep(pair: Pair, left: int) -> None:
    """All but the first ``left`` people leave the source."""
    for id in sorted(pair.source.people, key=int)[left:]:
        del pair.source.records[Kind.PERSON][id]


def found(said: Said) -> list[tuple[str, str, str, str, str]]:
    told = [one for one in said.report["findings"] if one["code"] in ("side_shrunk", "target_shrunk", "side_uncounted")]
    return [
        (
            one["code"],
            one["severity"],
            one["subject"].rstrip("/"),
            one["params"].get("was", ""),
            one["params"].get("now", ""),
        )
        for one in told
    ]


def asked(said: Said) -> list[str]:
    return [one["id"] for one in said.report["decisions_open"] if one["stops"]]


def forget_numbers(pair: Pair) -> None:
    with sqlite3.connect(pair.folder / ".mamigrate" / "ledger.sqlite") as ledger:
        assert ledger.execute("delete from runinput where name like 'shown/%'").rowcount > 0


def open_people(pair: Pair) -> int:
    return sum(mailable(one) for one in pair.target.people.values())


@pytest.mark.parametrize(("command", "left"), [("run", 0), ("plan", 9), pytest.param("run", 2, marks=pytest.mark.gate)])
def test_less_than_half_of_the_last_move_blocks_and_writes_nothing(twenty: Pair, command: str, left: int) -> None:
    keep(twenty, left)
    before = twenty.writes()
    said = twenty.say(command, *WAYS[1:])
    assert said.code == 3
    assert found(said) == [("side_shrunk", "block", "old/person", "20", str(left))]
    assert (twenty.writes(), open_people(twenty)) == (before, 20)
    assert "shrunk/old/person/" in said.err


def test_half_of_it_passes_and_those_who_left_are_held(twenty: Pair) -> None:
    keep(twenty, 10)
    assert found(twenty.moved()) == []
    assert open_people(twenty) == 10


@pytest.mark.gate
@pytest.mark.turns
def test_what_was_stopped_is_no_measure(twenty: Pair) -> None:
    keep(twenty, 2)
    for _ in range(2):
        assert found(twenty.run()) == [("side_shrunk", "block", "old/person", "20", "2")]
    assert found(twenty.run("--fresh")) == [("side_shrunk", "block", "old/person", "20", "2")]


def test_a_signature_lets_it_go_on_and_is_no_signature_for_the_next_time(twenty: Pair) -> None:
    keep(twenty, 2)
    (id,) = asked(twenty.run())
    decide(twenty, id)
    said = twenty.moved()
    assert found(said) == [("side_shrunk", "warn", "old/person", "20", "2")]
    assert open_people(twenty) == 2
    assert found(twenty.moved()) == []
    come(twenty, 20)
    twenty.moved()
    keep(twenty, 1)
    again = twenty.run()
    assert found(again) == [("side_shrunk", "block", "old/person", "22", "1")]
    assert asked(again) != [id]


@pytest.mark.gate
@pytest.mark.turns
def test_a_move_in_whose_place_another_began_is_a_measure_too(twenty: Pair) -> None:
    with sqlite3.connect(twenty.folder / ".mamigrate" / "ledger.sqlite") as ledger:
        assert ledger.execute("update run set status = 'replaced', exit_code = 5").rowcount == 1
    keep(twenty, 2)
    assert found(twenty.run()) == [("side_shrunk", "block", "old/person", "20", "2")]


@pytest.mark.gate
@pytest.mark.turns
def test_who_is_archived_is_not_shown_any_more(twenty: Pair) -> None:
    for id in sorted(twenty.source.people, key=int)[5:]:
        twenty.source.people[id].archived = True
    assert found(twenty.run()) == [("side_shrunk", "block", "old/person", "20", "5")]


@pytest.mark.gate
@pytest.mark.turns
def test_few_people_may_all_leave(pair: Pair) -> None:
    come(pair, 9)
    pair.moved()
    keep(pair, 0)
    assert found(pair.moved()) == []


@pytest.mark.gate
@pytest.mark.turns
def test_lists_with_members_companies_and_denials_are_watched_too(pair: Pair) -> None:
    come(pair, 20)
    for n in range(20):
        pair.source.put(Kind.ACCOUNT, Record(id=f"a{n}", values={"name": f"Firm {n}"}))
        pair.source.put(Kind.OPPORTUNITY, Record(id=f"o{n}", values={"name": f"Deal {n}"}))
        pair.source.lists[f"l{n}"] = ListDef(id=f"l{n}", name=f"List {n}", members=[str(n + 1)])
        pair.source.opt_outs.append(OptOut(address=f"nobody{n:02d}@x.example"))
    pair.moved()
    pair.source.records[Kind.ACCOUNT].clear()
    pair.source.records[Kind.OPPORTUNITY].clear()
    pair.source.lists.clear()
    pair.source.opt_outs.clear()
    subjects = ["old/account", "old/opportunity", "old/list", "old/list_membership", "old/consent_fact"]
    said = pair.run()
    assert (said.code, [one[2] for one in found(said)]) == (3, subjects)
    for id in asked(said):
        decide(pair, id)
    assert {one[1] for one in found(pair.moved())} == {"warn"}


def test_a_purge_of_the_snapshot_forgets_no_numbers(twenty: Pair) -> None:
    shutil.rmtree(twenty.folder / ".mamigrate" / "snapshots")
    keep(twenty, 2)
    assert found(twenty.run()) == [("side_shrunk", "block", "old/person", "20", "2")]


@pytest.mark.gate
@pytest.mark.turns
@pytest.mark.parametrize("there", [True, False])
def test_a_move_of_an_earlier_version_is_known_by_its_snapshot(twenty: Pair, there: bool) -> None:
    """Its ledger has no numbers; where the snapshot is gone too, there is nothing to compare with."""
    forget_numbers(twenty)
    if not there:
        shutil.rmtree(twenty.folder / ".mamigrate" / "snapshots")
    keep(twenty, 2)
    said = twenty.say("plan", *WAYS[1:])
    expected = ("side_shrunk", "block", "old/person", "20", "2") if there else ("side_uncounted", "note", "old", "", "")
    assert found(said) == [expected]


def test_people_of_ours_who_are_gone_from_the_target_stop_it_as_well(twenty: Pair) -> None:
    gone = sorted(twenty.target.people, key=int)[:18]
    for id in gone:
        del twenty.target.records[Kind.PERSON][id]
    before = twenty.writes()
    said = twenty.run()
    assert (said.code, found(said)) == (3, [("target_shrunk", "block", "new/person", "20", "2")])
    assert twenty.writes() == before
    (id,) = asked(said)
    decide(twenty, id)
    said = twenty.moved()
    assert said.reasons()["parked", "gone_on_target"] == 18
    assert found(twenty.moved()) == [], "who was missing before is no news"


@pytest.mark.gate
@pytest.mark.turns
def test_half_of_them_gone_from_the_target_passes(twenty: Pair) -> None:
    for id in sorted(twenty.target.people, key=int)[:10]:
        del twenty.target.records[Kind.PERSON][id]
    assert found(twenty.moved()) == []
