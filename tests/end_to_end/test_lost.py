"""Replies that are lost, and rollbacks: nobody is lost, doubled or opened; between two vendors in memory."""

from collections.abc import Sequence

import pytest

from mamigrate.contract import Change, Outcome, Status
from mamigrate.errors import Unreachable
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import ListDef
from pair import Pair, everything, everything_is_there_once

pytestmark = pytest.mark.gate


LOST = [(quirk, n) for quirk in ("lose_replies", "lose_writes") for n in range(1, 8)]


@pytest.mark.parametrize(
    ("quirk", "lost"),
    [pytest.param(*each, marks=[] if each == ("lose_replies", 7) else pytest.mark.gate) for each in LOST],
)
def test_lost_replies_lose_nobody_and_double_nobody(pair: Pair, quirk: str, lost: int) -> None:
    """The first ``lost`` writes are lost: fields, accounts, addresses, people, lists, members, deals, in this order."""
    everything(pair)
    setattr(pair.target.quirks, quirk, lost)
    said = pair.run()
    while (pair.target.quirks.lose_replies or pair.target.quirks.lose_writes) or said.code in (3, 5):
        said = pair.run()
    assert said.code == 0, said.err
    said = pair.moved()
    assert said.report["plan"]["writes"] == 0
    everything_is_there_once(pair)


@pytest.mark.parametrize("quirk", ["lose_replies", pytest.param("lose_writes", marks=pytest.mark.gate)])
def test_a_list_that_was_there_before_is_never_taken_for_ours(pair: Pair, quirk: str) -> None:
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["1"])
    pair.source.person("ana@x.example", id="1")
    pair.target.person("own@x.example", id="70")
    pair.target.lists["71"] = ListDef(id="71", name="VIP", members=["70"])
    setattr(pair.target.quirks, quirk, 3)  # fields, people, lists
    while pair.run().code == 5:
        pass
    pair.moved()
    assert pair.target.lists.pop("71").members == ["70"]
    (made,) = pair.target.lists.values()
    assert made.members == [pair.landed("ana@x.example").id]


def test_a_list_whose_reply_was_lost_counts_as_made_by_us(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one run: it is sent once more, and stands there."""
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=[])
    pair.source.person("ana@x.example", id="1")
    wishes: list[Kind] = []
    lose_first_reply(monkeypatch, Kind.LIST, wishes)
    said = pair.moved()
    assert wishes == [Kind.LIST]
    assert said.buckets("list") == {"created": 1}
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert not pair.target.lists


def test_a_list_that_a_dead_process_made_counts_as_made_by_us(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["1"])
    pair.source.lists["8"] = ListDef(id="8", name="Press", members=[])
    pair.source.person("ana@x.example", id="1")
    write = MemoryInstance.write

    def dying(self: MemoryInstance, kind: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        if kind is Kind.LIST:
            write(self, kind, changes[:1])
            raise RuntimeError("the machine went down")
        return write(self, kind, changes)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryInstance, "write", dying)
        assert pair.run().code == 2
    assert len(pair.target.lists) == 1
    assert pair.moved().buckets("list") == {"created": 2}
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert not pair.target.lists


def test_a_list_of_ours_that_no_write_of_ours_explains_is_adopted(pair: Pair) -> None:
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=[])
    pair.source.person("ana@x.example", id="1")
    pair.target.lists["71"] = ListDef(id="71", name="VIP", ours=True)
    assert pair.moved().buckets("list") == {"equal": 1}
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert set(pair.target.lists) == {"71"}


def lose_first_reply(monkeypatch: pytest.MonkeyPatch, kind: Kind, told: list[Kind]) -> None:
    """The reply of the first write of this kind is lost; it is carried out."""
    write = MemoryInstance.write

    def losing(self: MemoryInstance, what: Kind, changes: Sequence[Change]) -> Sequence[Outcome]:
        outcomes = write(self, what, changes)
        if what is kind and not told:
            told.append(what)
            return [Outcome(one.source_key, Status.MAYBE, one.target_key) for one in changes]
        return outcomes

    monkeypatch.setattr(MemoryInstance, "write", losing)


def test_a_rollback_deletes_what_was_made_restores_what_was_there_and_keeps_denials(pair: Pair) -> None:
    everything(pair)
    pair.target.person("ben@x.example", id="70", first_name="Benjamin")
    pair.source.people["6"].values.update(first_name="Ben", city="Kyoto")
    pair.target.person("ana@x.example", id="71")
    pair.moved()
    said = pair.say("rollback", "--source", "old", "--target", "new", "--yes")
    assert said.code == 0, said.err
    values = {one.values["email"]: one.values for one in pair.target.people.values()}
    assert set(values) == {"ana@x.example", "ben@x.example", "nobody@x.example"}
    assert (values["ben@x.example"]["first_name"], values["ben@x.example"].get("city")) == ("Benjamin", None)
    assert values["ana@x.example"]["unsubscribed"] == "true"
    assert not pair.target.records[Kind.OPPORTUNITY]
    assert not pair.target.lists


def test_after_an_interrupted_rollback_everything_still_works(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)
    pair.moved()

    def unreachable(instance: MemoryInstance, kind: Kind, keys: list[str]) -> None:
        raise Unreachable("new", "nobody answers")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryInstance, "delete", unreachable)
        assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 5
    assert pair.moved().report["plan"]["writes"] == 0
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert [one.values["email"] for one in pair.target.people.values()] == ["nobody@x.example"]
    pair.moved()
    everything_is_there_once(pair)
