"""Build sheets from estate objects."""

from collections.abc import Callable, Mapping

import orjson

from mamigrate.model.base import EstateObject
from mamigrate.model.kinds import Kind
from mamigrate.reports import build_sheet
from mamigrate.reports.build_sheet import Handed

Estate = Mapping[Kind, list[EstateObject]]
Make = Callable[[str], Estate]
Why = dict[Kind, list[Handed]]


def test_a_sheet_names_what_the_object_needs_and_marks_what_does_not_exist(estate: Make, handed: Why) -> None:
    made = build_sheet.sheets(estate("Leads"), handed, unmask=False)
    flow, members = made[Kind.WORKFLOW][0], made[Kind.LIST][0]
    assert [(tie.kind, tie.name, tie.role) for tie in flow.needs] == [
        (Kind.LIST, "Leads", "suppression"),
        (Kind.ASSET, "Leads", "send"),
    ]
    assert [tie.name for tie in members.needs] == [None]
    assert (flow.dangling, members.dangling) == (0, 1)


def test_a_sheet_names_who_uses_the_object(estate: Make, handed: Why) -> None:
    members = build_sheet.sheets(estate("Leads"), handed, unmask=False)[Kind.LIST][0]
    assert [(tie.kind, tie.key, tie.role) for tie in members.used_by] == [(Kind.WORKFLOW, "7", "suppression")]


def test_a_sheet_counts_heads(estate: Make, handed: Why) -> None:
    made = build_sheet.sheets(estate("Leads"), handed, unmask=False)
    assert (made[Kind.LIST][0].heads, made[Kind.WORKFLOW][0].heads, made[Kind.ASSET][0].heads) == (42, 3, None)


def test_only_what_was_handed_over_gets_a_sheet(estate: Make) -> None:
    made = build_sheet.sheets(estate("x"), {Kind.LIST: [Handed("1", "dynamic")], Kind.ASSET: []}, unmask=False)
    assert {kind: len(sheets) for kind, sheets in made.items()} == {Kind.LIST: 1}


def test_people_are_masked_unless_asked(estate: Make, handed: Why) -> None:
    masked = str(build_sheet.sheets(estate("x"), handed, unmask=False))
    assert "taro@" not in masked
    assert "山田" not in masked
    assert "t•••@minamo.example" in masked
    clear = str(build_sheet.sheets(estate("x"), handed, unmask=True))
    assert "taro@minamo.example" in clear
    assert "山田 太郎" in clear


def test_the_fragment_is_the_vendors_own_json(estate: Make, handed: Why) -> None:
    sheet = build_sheet.sheets(estate("x"), handed, unmask=True)[Kind.LIST][0]
    assert orjson.loads(sheet.fragment) == estate("x")[Kind.LIST][0].raw


def test_types_count_assets_by_type_and_other_kinds_as_one(estate: Make, handed: Why) -> None:
    made = build_sheet.sheets(estate("x"), handed, unmask=False)
    assert build_sheet.types(made[Kind.ASSET]) == {"email": 1}
    assert build_sheet.types(made[Kind.LIST]) == {"list": 1}


def test_an_anchor_holds_whatever_a_key_holds() -> None:
    assert build_sheet.anchor('"><script>') != build_sheet.anchor("\ud800")
    assert build_sheet.anchor("a").replace("-", "").isalnum()
