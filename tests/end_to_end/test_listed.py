"""Lists and their members that somebody changed on the target between two moves: the target is asked, not the ledger alone."""

import pytest

from mamigrate.capabilities import Capabilities, Power
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import Memory
from mamigrate.testing.memory_schema import CAPABILITIES
from mamigrate.testing.memory_state import ListDef
from pair import Pair


@pytest.fixture
def moved(pair: Pair) -> Pair:
    """Ana and Ben are in the list VIP on both sides."""
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5", "6"])
    pair.moved()
    assert not [what for what in pair.target.calls if what.startswith("find list")]
    return pair


def vip(pair: Pair) -> list[str]:
    """Who is in the only list of the target, by address."""
    (one,) = pair.target.lists.values()
    return sorted(pair.target.people[person].values["email"] for person in one.members)


def test_a_list_that_is_gone_is_made_anew_with_its_members(moved: Pair) -> None:
    moved.target.lists.clear()
    said = moved.moved()
    assert vip(moved) == ["ana@x.example", "ben@x.example"]
    assert said.reasons("list") == {("created", "gone_on_target"): 1}
    assert said.reasons("list_membership") == {("created", "gone_on_target"): 2}


def test_members_who_are_gone_from_a_list_join_it_again(moved: Pair) -> None:
    (there,) = moved.target.lists.values()
    del there.members[0]
    said = moved.moved()
    assert vip(moved) == ["ana@x.example", "ben@x.example"]
    assert said.reasons("list") == {("equal", "ledger"): 1}
    assert said.buckets("list_membership") == {"equal": 1, "created": 1}


def test_lists_that_stand_as_they_were_are_written_by_no_later_move(moved: Pair) -> None:
    before = moved.writes()
    said = moved.moved()
    assert moved.writes() == before
    assert said.buckets("list_membership") == {"equal": 2}
    assert (moved.target.calls["find list"], moved.target.calls["find list_membership"]) == (1, 1)


def test_somebody_who_is_gone_from_the_target_is_in_no_list_there(moved: Pair) -> None:
    gone = moved.landed("ana@x.example")
    del moved.target.records[Kind.PERSON][gone.id]
    (there,) = moved.target.lists.values()
    there.members.remove(gone.id)
    said = moved.run()
    assert said.reasons("list_membership") == {("equal", "ledger"): 1, ("left", "person_not_on_target"): 1}


def test_where_nobody_can_look_the_ledger_counts_and_a_finding_says_so(
    moved: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = (Kind.LIST_MEMBERSHIP, Power.READ_BACK)
    blind = tuple(row for row in CAPABILITIES.rows if (row.kind, row.power) != looked_up)
    monkeypatch.setattr(Memory, "capabilities", Capabilities(blind))
    said = moved.moved()
    assert said.buckets("list_membership") == {"equal": 2}
    assert [one["params"] for one in said.report["findings"] if one["code"] == "members_not_looked_up"] == [
        {"lists": "1"}
    ]


def test_who_is_in_a_list_that_another_project_filled_is_not_told_as_put_there(pair: Pair) -> None:
    """The list, and Ana in it, stand there; no ledger knows of either. A platform that adds a member again says "added"."""
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5", "6"])
    pair.target.person("ana@x.example", id="71")
    pair.target.lists["81"] = ListDef(id="81", name="VIP", members=["71"], ours=True)
    said = pair.moved()
    assert vip(pair) == ["ana@x.example", "ben@x.example"]
    assert said.reasons("list_membership") == {("equal", "in_list"): 1, ("created", "new"): 1}
    assert pair.moved().reasons("list_membership") == {("equal", "ledger"): 2}
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert "71" in pair.target.lists["81"].members
