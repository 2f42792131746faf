"""Records that were merged again and again, on the source or on the target; between two vendors in memory."""

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import ListDef, OptOut, Record
from pair import Pair, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def chain(pair: Pair) -> None:
    """A went into B, B into C; only C lives, at an address of its own. Lists and deals still name all of them."""
    pair.source.person("a@x.example", id="A", archived=True)
    pair.source.person("b@x.example", id="B", archived=True).merged.append("A")
    pair.source.person("c@x.example", id="C").merged.append("B")
    pair.source.person("dan@x.example", id="D")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["A"])
    pair.source.lists["8"] = ListDef(id="8", name="All", members=["A", "B", "C", "D"])
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["A"]))


def listed(pair: Pair, name: str) -> list[str]:
    """Addresses of the members of a list on the target."""
    (found,) = (one for one in pair.target.lists.values() if one.name == name)
    return sorted(pair.target.people[id].values["email"] for id in found.members)


def test_memberships_and_deals_of_merged_records_end_at_the_last_one(pair: Pair) -> None:
    chain(pair)
    pair.moved()
    assert listed(pair, "VIP") == ["c@x.example"]
    assert listed(pair, "All") == ["c@x.example", "dan@x.example"]
    (deal,) = pair.target.records[Kind.OPPORTUNITY].values()
    assert deal.people == [pair.landed("c@x.example").id]
    assert mailable(pair.landed("c@x.example"))
    assert pair.moved().report["plan"]["writes"] == 0


@pytest.mark.parametrize("of", ["person", "address"])
def test_a_denial_of_the_first_record_holds_for_the_last(pair: Pair, of: str) -> None:
    chain(pair)
    if of == "person":
        facts(pair, ",A,objection,2024-01-01,CRM")
    else:
        pair.source.people["A"].values["unsubscribed"] = "true"
    pair.moved()
    assert not mailable(pair.landed("c@x.example"))
    assert mailable(pair.landed("dan@x.example"))


def test_people_who_are_merged_between_runs_end_at_the_last_and_none_of_them_opens(pair: Pair) -> None:
    """Each had a record of its own on the target before."""
    for name in "abc":
        pair.source.person(f"{name}@x.example", id=name.upper())
    pair.source.people["A"].values["unsubscribed"] = "true"
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["A"])
    pair.moved()
    pair.source.people["A"].archived = True
    pair.source.people["B"].merged.append("A")
    pair.moved()
    assert not mailable(pair.landed("b@x.example"))
    pair.source.people["B"].archived = True
    pair.source.people["C"].merged.append("B")
    pair.moved()
    assert [mailable(pair.landed(f"{name}@x.example")) for name in "abc"] == [False, False, False]
    assert "c@x.example" in listed(pair, "VIP")
    assert pair.moved().report["plan"]["writes"] == 0


@pytest.mark.parametrize("denied", [False, True])
def test_a_record_that_was_merged_away_on_the_target_is_found_where_it_went(pair: Pair, denied: bool) -> None:
    """Ours went into another, that one into a third, which took the address and the key over."""
    pair.source.person("ana@x.example", id="1")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["1"])
    pair.moved()
    for id in ("91", "92"):
        old = pair.landed("ana@x.example")
        del pair.target.people[old.id]  # type: ignore[attr-defined]  # the state keeps a plain dict
        pair.target.put(Kind.PERSON, old.model_copy(update={"id": id}))
        for one in pair.target.lists.values():
            one.members = [id if member == old.id else member for member in one.members]
    if denied:
        pair.source.opt_outs.append(OptOut(address="ana@x.example"))
    said = pair.moved()
    assert pair.landed("ana@x.example").id == "92"
    assert mailable(pair.landed("ana@x.example")) is not denied
    assert listed(pair, "VIP") == ["ana@x.example"]
    assert said.report["reach"]["newly_reachable"] == 0
    assert pair.moved().report["plan"]["writes"] == 0
