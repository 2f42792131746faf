"""Another instance under the name of a connection: what the ledger knows are other people's ids there."""

import pytest

from mamigrate.testing import memory_state
from mamigrate.testing.memory_schema import fresh
from mamigrate.testing.memory_state import BEGAN, State
from pair import Pair, decide, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def moved(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", first_name="Ana", unsubscribed="true")
    pair.source.person("ben@x.example", id="6", first_name="Ben")
    pair.moved()


def swapped(pair: Pair, side: str, *ids: str) -> State:
    """``side`` leads to another instance, whose people have these ids."""
    other = fresh("production")
    other.last_id = 500
    for id in ids:
        other.person(f"p{id}@z.example", id=id, first_name=f"P{id}")
    memory_state.keep(pair.names[("old", "new").index(side)], other)
    setattr(pair, {"old": "source", "new": "target"}[side], other)
    return other


def test_another_target_under_the_name_stops_before_anything_is_written(pair: Pair) -> None:
    moved(pair)
    other = swapped(pair, "new", "1", "2", "3")
    before = other.model_copy(deep=True).people
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"other_instance"})
    assert "other-instance/new/production" in said.err
    assert other.people == before
    judged = pair.say("consent", "old", "new", "--json")
    assert judged.code == 3
    for command, code in ((("rollback", "--yes"), 2), (("sync", "--once"), 3)):
        said = pair.say(command[0], "--source", "old", "--target", "new", *command[1:])
        assert said.code == code
        assert "other-instance/new/production" in said.err
    assert other.people == before


def test_another_source_under_the_name_stops_before_anything_is_written(pair: Pair) -> None:
    moved(pair)
    swapped(pair, "old", "5", "6")
    there = pair.target.model_copy(deep=True).people
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"other_instance"})
    assert pair.target.people == there


def test_the_same_instance_under_another_id_goes_on_once_somebody_says_so(pair: Pair) -> None:
    moved(pair)
    pair.target.instance_id = "renamed"
    assert pair.run().blocking == {"other_instance"}
    decide(pair, "other-instance/new/renamed")
    assert pair.moved().reasons("person") == {("equal", "ledger"): 2}
    (pair.folder / "decisions.yaml").unlink()
    pair.moved()  # The new id is the known one now.


def test_before_anything_was_written_a_connection_may_lead_elsewhere(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    assert pair.say("plan", "--source", "old", "--target", "new").code == 0
    swapped(pair, "new")
    pair.moved()
    assert mailable(pair.landed("ana@x.example"))


# --- one record of the instance that we know ---------------------------------------------------------------------------------


def test_an_id_that_leads_to_the_record_of_somebody_else_is_not_trusted(pair: Pair) -> None:
    moved(pair)
    ben = pair.landed("ben@x.example")
    ben.values.update(email="other@z.example", mm_source_key="old/person/5")
    del pair.target.people[pair.landed("ana@x.example").id]  # type: ignore[attr-defined]  # a plain dict
    there = dict(ben.values)
    said = pair.run()
    assert ("parked", "id_elsewhere") in said.reasons("person")
    assert ben.values["first_name"] == there["first_name"]


@pytest.mark.parametrize(
    "values",
    [
        {"email": "ben@other.example"},
        {"mm_source_key": ""},
        {"email": "ben@other.example", "mm_source_key": ""},
        {"email": "ben@other.example", "mm_source_key": "else/person/5"},
        {"mm_source_key": "old/person/5"},
    ],
)
def test_what_somebody_may_change_on_the_target_leaves_the_record_ours(pair: Pair, values: dict[str, str]) -> None:
    pair.source.person("ben@x.example", id="6", first_name="Ben")
    pair.moved()
    ben = pair.landed("ben@x.example")
    ben.values.update(values)
    pair.source.people["6"].values["first_name"] = "Benno"
    pair.source.people["6"].updated_at = BEGAN.replace(month=5)
    pair.run()
    assert ben.values["first_name"] == "Benno"
