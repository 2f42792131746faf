"""Replies that are lost, and rollbacks: nobody is lost, doubled or opened; between two vendors in memory."""

import pytest

from mamigrate.errors import Unreachable
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import ListDef
from pair import Pair, everything, everything_is_there_once

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
"""Ibis asks DuckDB in its old way; nothing of ours."""


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
