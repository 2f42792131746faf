"""Lists and deals of somebody who waits, while another person carries the record of both: nothing of theirs goes to the other."""

from datetime import timedelta

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import BEGAN, ListDef, Record
from pair import Pair, Said

pytestmark = pytest.mark.gate


def parted(pair: Pair) -> Said:
    """Two who were one part: the first waits for its own record. It is on a list and in a deal, alone."""
    first = pair.source.person("a@x.example", id="5", first_name="A")
    pair.source.person("A@x.example", id="6", first_name="B")
    first.updated_at = BEGAN + timedelta(days=2)
    pair.moved()
    first.values["email"] = "f@x.example"
    first.updated_at = BEGAN + timedelta(days=3)
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5"])
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"]))
    said = pair.run()
    assert ("parked", "shares_target") in said.reasons("person")
    return said


def test_lists_and_deals_of_somebody_who_waits_go_to_nobody_else(pair: Pair) -> None:
    said = parted(pair)
    assert said.reasons("list_membership") == {("left", "person_parked"): 1}
    assert [one.members for one in pair.target.lists.values()] == [[]]
    (deal,) = pair.target.records[Kind.OPPORTUNITY].values()
    assert deal.people == []
    assert "person_not_linked" in {one["code"] for one in said.report["findings"]}
    pair.run()
    assert pair.run().code == 0
    own = pair.landed("f@x.example").id
    assert [one.members for one in pair.target.lists.values()] == [[own]]
    assert deal.people == [own]
