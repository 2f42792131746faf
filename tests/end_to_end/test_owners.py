"""Owners go with their records by the mapping, or are handed to a person with the numbers."""

from typing import Any

import pytest

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, OwnerDef, Record
from pair import Pair, Said

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def owned(pair: Pair) -> Pair:
    """Kim owns Ana, her company and a deal; Lee owns Ben; the target has fields for it."""
    pair.source.owners["1"] = OwnerDef(id="1", name="Kim", email="kim@old.example")
    pair.source.owners["2"] = OwnerDef(id="2", name="Lee", email="lee@old.example")
    pair.source.put(Kind.ACCOUNT, Record(id="a1", values={"name": "Minamo"}, owner="1"))
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"], owner="1"))
    pair.source.person("ana@x.example", id="5").owner = "1"
    pair.source.person("ben@x.example", id="6").owner = "2"
    for kind, name in ((Kind.PERSON, "sales_rep"), (Kind.ACCOUNT, "account_rep"), (Kind.OPPORTUNITY, "deal_rep")):
        pair.target.field(kind, FieldDef(name=name, custom=True, max_chars=30))
    pair.target.field(Kind.PERSON, FieldDef(name="team", type=DataType.CHOICE, custom=True, options=["East", "West"]))
    return pair


def mapping(pair: Pair, *lines: str) -> None:
    (pair.folder / "mapping.yaml").write_text(
        "source: old\ntarget: new\nsigned: {who: tester, when: 2026-01-01}\n"
        "person:\n  - {from: email, to: email}\naccount: []\nopportunity: []\n" + "\n".join(lines) + "\n"
    )


def found(said: Said, code: str) -> list[dict[str, Any]]:
    return [one["params"] for one in said.report["findings"] if one["code"] == code]


def test_a_mapped_owner_goes_into_the_tools_own_field_where_none_is_named(owned: Pair) -> None:
    mapping(owned, 'owners: {"1": "kim@new.example"}')
    said = owned.moved()
    assert owned.landed("ana@x.example").values["mm_owner"] == "kim@new.example"
    assert owned.landed("ben@x.example").values["mm_owner"] == "lee@old.example"
    assert said.reasons("owner") == {("handed", "owner_not_carried"): 1, ("equal", "kept_with_person"): 1}


def test_owners_go_into_the_fields_that_the_mapping_names(owned: Pair) -> None:
    owned.target.person("ben@x.example", id="70", sales_rep="Theirs")
    mapping(
        owned,
        'owners: {"KIM@old.example": "kim@new.example"}',
        "owner_fields: {person: sales_rep, account: account_rep, opportunity: deal_rep}",
    )
    said = owned.moved()
    ana, ben = (owned.landed(f"{name}@x.example").values for name in ("ana", "ben"))
    assert (ana["sales_rep"], ana["mm_owner"]) == ("kim@new.example", "kim@old.example")
    assert (ben["sales_rep"], ben["mm_owner"]) == ("Theirs", "lee@old.example")
    (company,), (deal,) = (owned.target.records[kind].values() for kind in (Kind.ACCOUNT, Kind.OPPORTUNITY))
    assert (company.values["account_rep"], deal.values["deal_rep"]) == ("kim@new.example", "kim@new.example")
    assert said.reasons("owner") == {("equal", "owner_mapped"): 1, ("equal", "kept_with_person"): 1}
    before = owned.writes()
    mapping(
        owned,
        'owners: {"1": "sue@new.example"}',
        "owner_fields: {person: sales_rep, account: account_rep, opportunity: deal_rep}",
    )
    owned.moved()
    assert company.values["account_rep"] == "sue@new.example"
    assert owned.landed("ana@x.example").values["sales_rep"] == "sue@new.example"
    assert owned.writes() > before


def test_an_owner_whose_companies_have_no_field_is_handed_over_with_the_numbers(owned: Pair) -> None:
    mapping(owned, "owner_fields: {opportunity: deal_rep}")
    said = owned.moved()
    assert said.reasons("owner")["handed", "owner_not_carried"] == 1
    (sheet,) = [one for one in said.report["build_sheets"] if one["kind"] == "owner"]
    page = next((owned.folder / "reports").rglob(sheet["page"].rpartition("/")[2]))
    assert "account 1" in page.read_text()


@pytest.mark.parametrize(
    ("lines", "code", "told"),
    [
        ('owners: {"kim@old.exampel": "x"}', "source_owner_unknown", ("near", "k•••@old.example")),
        ("owner_fields: {person: sales_reps}", "target_field_unknown", ("near", "sales_rep")),
        ("owner_fields: {person: mm_owner}", "target_field_unknown", ("field", "mm_owner")),
        ("owner_fields: {person: email}", "target_used_twice", ("field", "email")),
        ("owner_fields: {person: unsubscribed}", "mapping_invalid", ("value", "unsubscribed")),
        ("owner_fields: {account: computed}", "target_field_unknown", ("field", "computed")),
        (
            'owners: {"1": "Eastt", "2": "West"}\nowner_fields: {person: team}',
            "owner_text_refused",
            ("near", "East, West"),
        ),
        ('owners: {"1": "one", "Kim": "two"}', "mapping_invalid", ("value", "Kim")),
    ],
)
def test_slips_about_owners_stop_the_run_with_the_nearest_names(
    owned: Pair, lines: str, code: str, told: tuple[str, str]
) -> None:
    mapping(owned, lines)
    said = owned.run()
    assert (said.code, said.blocking, owned.writes()) == (3, {code}, 0)
    (params,) = found(said, code)
    name, value = told
    assert params[name].startswith(value)


def test_an_owner_whom_a_choice_does_not_name_is_left_out_and_told(owned: Pair) -> None:
    mapping(owned, 'owners: {"1": "East"}', "owner_fields: {person: team}")
    said = owned.moved()
    assert owned.landed("ana@x.example").values["team"] == "East"
    assert "team" not in owned.landed("ben@x.example").values
    assert [one["owner"] for one in found(said, "owner_text_refused")] == ["2"]
