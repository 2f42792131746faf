"""What came twice while it was being read, and what bears one name: nothing is doubled, merged or lost in silence."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.testing import memory_read
from mamigrate.testing.memory_state import BEGAN, FieldDef, ListDef, Record, State
from pair import Pair, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

TOLD = memory_read._everything


def found(said: Any, code: str) -> list[tuple[str, dict[str, str]]]:
    """Subjects and parameters of the findings with this code."""
    return [(one["subject"], one["params"]) for one in said.report["findings"] if one["code"] == code]


@pytest.fixture(params=["newest last", "newest first"])
def changing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[Kind, str], Record]:
    """Earlier states of records, which are read beside the present ones: what changes while pages are read comes twice."""
    earlier: dict[tuple[Kind, str], Record] = {}

    def everything(state: State, kind: Kind) -> Iterator[dict[str, Any]]:
        now = list(TOLD(state, kind))
        before = [one.model_dump(mode="json") for (of, _), one in earlier.items() if of is kind]
        before = before if state.instance_id == "old" else []
        yield from (before + now if request.param == "newest last" else now + before)

    monkeypatch.setattr(memory_read, "_everything", everything)
    return earlier


def test_a_person_who_was_read_twice_is_one_with_the_newest_values(
    pair: Pair, changing: dict[tuple[Kind, str], Record]
) -> None:
    pair.source.instance_id = "old"
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6", first_name="Ben").updated_at = BEGAN + timedelta(days=2)
    changing[(Kind.PERSON, "6")] = Record(id="6", values={"email": "ben@x.example", "first_name": "Benjamin"})
    said = pair.moved("--unmask")
    assert pair.landed("ben@x.example").values["first_name"] == "Ben"
    assert (said.buckets(), said.report["read"]["person"]) == ({"created": 2}, 2)
    assert [subject for subject, _ in found(said, "read_twice")] == ["old/person/6"]


def test_who_was_archived_while_people_were_read_stays_behind(
    pair: Pair, changing: dict[tuple[Kind, str], Record]
) -> None:
    pair.source.instance_id = "old"
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6", archived=True).updated_at = BEGAN + timedelta(days=2)
    changing[(Kind.PERSON, "6")] = Record(id="6", values={"email": "ben@x.example"})
    said = pair.moved()
    assert said.buckets() == {"created": 1, "left": 1}
    assert [one for one in pair.target.people.values() if mailable(one)] == [pair.landed("ana@x.example")]


def test_companies_and_deals_that_were_read_twice_are_one(pair: Pair, changing: dict[tuple[Kind, str], Record]) -> None:
    pair.source.instance_id = "old"
    pair.source.person("ana@x.example", id="5")
    for kind, id in ((Kind.ACCOUNT, "a1"), (Kind.OPPORTUNITY, "o1")):
        pair.source.put(kind, Record(id=id, values={"name": "New"}, updated_at=BEGAN + timedelta(days=2)))
        changing[(kind, id)] = Record(id=id, values={"name": "Old"})
    said = pair.moved()
    assert [
        one.values["name"] for kind in (Kind.ACCOUNT, Kind.OPPORTUNITY) for one in pair.target.records[kind].values()
    ] == ["New"] * 2
    assert {subject for subject, _ in found(said, "read_twice")} == {"old/account/a1", "old/opportunity/o1"}


def test_a_member_who_was_read_twice_is_one(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["6", "6"])
    said = pair.moved()
    assert said.buckets("list_membership") == {"created": 1}


def test_a_list_that_was_read_twice_is_one(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(state: State, kind: Kind) -> Iterator[dict[str, Any]]:
        yield from TOLD(state, kind)
        yield from TOLD(state, kind) if kind is Kind.LIST else ()

    monkeypatch.setattr(memory_read, "_everything", everything)
    pair.source.person("ana@x.example", id="5")
    pair.source.lists["9"] = ListDef(id="9", name="VIP")
    said = pair.moved()
    assert said.buckets("list") == {"created": 1}


def test_lists_of_one_name_stay_apart_and_the_second_is_told(pair: Pair) -> None:
    for person in ("5", "6", "7"):
        pair.source.person(f"{person}@x.example", id=person)
    for key, name, member in (("9", "VIP", "5"), ("10", "vip", "6"), ("11", "VIP (10)", "7")):
        pair.source.lists[key] = ListDef(id=key, name=name, members=[member])
    said = pair.moved("--unmask")
    members = {
        one.name: [pair.target.people[id].values["email"] for id in one.members] for one in pair.target.lists.values()
    }
    assert members == {"VIP": ["5@x.example"], "vip (10)": ["6@x.example"], "VIP (10) (11)": ["7@x.example"]}
    assert found(said, "list_renamed") == [
        ("old/list/10", {"field": "name", "value": "vip"}),
        ("old/list/11", {"field": "name", "value": "VIP (10)"}),
    ]
    assert pair.moved().report["plan"]["writes"] == 0


def test_companies_beyond_the_first_are_told(pair: Pair) -> None:
    pair.target.field(Kind.PERSON, FieldDef(name="external_id"))
    for id in ("a1", "a2", "a3", "a4"):
        pair.source.put(Kind.ACCOUNT, Record(id=id, values={"name": id}, archived=id == "a4"))
    pair.source.person("ana@x.example", id="5").accounts += ["a1", "a2"]
    pair.source.person("ben@x.example", id="6").accounts += ["a4"]
    pair.source.person("carl@x.example", id="7").accounts += ["a1"]
    pair.source.person("CARL@x.example", id="8").accounts += ["a3"]
    said = pair.moved("--unmask")
    told = {subject: params for subject, params in found(said, "account_not_linked")}
    winner = pair.landed("carl@x.example" if pair.target.by_address("carl@x.example") else "CARL@x.example")
    linked = winner.values["external_id"].rpartition("/")[2]
    (carl,) = set(told) - {"old/person/5", "old/person/6"}
    assert told["old/person/5"] == {"field": "company", "value": "a2"}
    assert told["old/person/6"] == {"field": "company", "value": "a4"}
    assert told[carl] == {"field": "company", "value": {"a1": "a3", "a3": "a1"}[linked]}


def test_an_origin_that_does_not_fit_is_told_and_ids_are_never_cut_through(pair: Pair) -> None:
    ids = [f"{number:010d}" for number in range(40)]
    pair.source.person("ana@x.example", id="5").merged += ids
    said = pair.moved("--unmask")
    (landed,) = (one for name, one in pair.landed("ana@x.example").values.items() if "merged" in name)
    assert landed.split(";") == ids[:23]
    assert found(said, "origin_cut") == [("old/person/5", {"field": "mm_merged_ids", "value": ";".join(ids)[:200]})]


def test_people_who_are_missing_from_a_deal_are_tied_to_it_by_the_next_run(pair: Pair) -> None:
    """A run may stop between a deal and its people; and people may join a deal that is there already."""
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"]))
    pair.moved()
    (deal,) = pair.target.records[Kind.OPPORTUNITY].values()
    ana, ben = (pair.landed(f"{name}@x.example").id for name in ("ana", "ben"))
    deal.people.clear()
    assert pair.moved().buckets("opportunity") == {"updated": 1}
    assert deal.people == [ana]
    pair.source.records[Kind.OPPORTUNITY]["o1"].people.append("6")
    assert pair.moved().buckets("opportunity") == {"updated": 1}
    assert sorted(deal.people) == sorted([ana, ben])
    assert pair.moved().report["plan"]["writes"] == 0


def test_people_of_a_deal_who_are_not_on_the_target_are_told(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6", archived=True)
    pair.source.put(
        Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5", "6", "7"], accounts=["a1", "a2"])
    )
    said = pair.moved("--unmask")
    assert found(said, "person_not_linked") == [
        ("old/opportunity/o1", {"field": "person", "value": "6"}),
        ("old/opportunity/o1", {"field": "person", "value": "7"}),
    ]
    assert found(said, "account_not_linked") == [("old/opportunity/o1", {"field": "company", "value": "a2"})]
