"""Columns of the customer's own whose values somebody declared: what they say are facts of consent like any other."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef, Yes
from pair import Pair, mailable

MARKS = 'values: {"○": allows, "×": denies, "△": nothing}'


def declare(pair: Pair, field: str, *column: str) -> None:
    lines = [f"- id: consent-column/{field}", "  choice: declare", "  who: tester", "  when: 2026-01-01", "  column:"]
    path = pair.folder / "decisions.yaml"
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text("\n".join([known, *lines, *(f"    {line}" for line in column), ""]), encoding="utf-8")


def marked(pair: Pair, name: str = "c12", label: str = "メール配信（○/×）", type: DataType = DataType.TEXT) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name=name, label=label, type=type, custom=True))


def records(pair: Pair) -> list[dict[str, Any]]:
    (file,) = Path(pair.folder / ".mamigrate" / "evidence").glob("*.jsonl")
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def of(pair: Pair, field: str) -> list[dict[str, Any]]:
    return [one for one in records(pair) if one["source"]["field"] == field]


def _field_of(pair: Pair, topic: str) -> str:
    (name,) = [name for name in pair.target.fields[Kind.PERSON] if topic in name]
    return name


def test_each_mark_is_a_dated_fact_with_its_holder_actor_proof_and_record(pair: Pair) -> None:
    marked(pair)
    declare(pair, "c12", MARKS, "empty: nothing")
    texts = {"no": "×", "yes": "○ ", "silent": "△", "odd": "？", "wide": "✕"}
    for who, text in texts.items():
        pair.source.person(f"{who}@x.example", id=who).values["c12"] = text
    pair.source.person("empty@x.example", id="empty")
    said = pair.moved()
    opened = {one.values["email"].partition("@")[0] for one in pair.target.people.values() if mailable(one)}
    assert opened == {"yes", "silent", "empty"}
    told = {(one["source"]["id"], one["event"]["kind"], one["party"]["holder"]) for one in of(pair, "c12")}
    denied = {("no", "objection"), ("odd", "unparsed"), ("wide", "unparsed")}
    both = {(who, kind, holder) for who, kind in denied for holder in ("person", "address")}
    assert told == both | {("yes", "implied_grant", "address")}
    (no,) = [one for one in of(pair, "c12") if one["source"]["id"] == "no" and one["party"]["holder"] == "person"]
    assert (no["party"]["actor"], no["event"]["proof"], no["source"]["raw"]) == ("subject", 1, "×")
    assert no["event"]["t_event"] == {"lo": "2025-03-01T09:00:00+00:00", "hi": "2025-03-01T09:00:00+00:00"}
    assert no["header"]["decisions"] == ["consent-column/c12"]
    found = {one["code"]: one for one in said.report["findings"] if one["subject"] == "old/field/c12"}
    assert found["consent_column_read"]["params"] == {
        "field": "c12", "label": "メール配信（○/×）", "denied": "1", "allowed": "1", "silent": "2",
    }  # fmt: skip
    assert found["consent_column_unclear"]["params"] == {
        "field": "c12",
        "people": "2",
        "values": "✕ 1, ？ 1",
        "others": "0",
    }
    assert "consent_column_undeclared" not in found


def test_the_values_that_nobody_named_add_up_to_those_whom_they_deny(pair: Pair) -> None:
    marked(pair)
    declare(pair, "c12", MARKS, "empty: nothing")
    texts = ["a", "b", "b", "c", "d", "e", "f", "ask Ana first", "ask Ana first", "×"]
    for number, text in enumerate(texts):
        pair.source.person(f"p{number}@x.example").values["c12"] = text
    found = {one["code"]: one["params"] for one in pair.run("--dry-run").report["findings"]}
    told = {"field": "c12", "people": "9", "values": "b 2, a 1, c 1, d 1, e 1", "others": "3"}
    assert found["consent_column_unclear"] == told


def test_an_empty_value_denies_where_it_is_declared_so_and_staff_is_no_person(pair: Pair) -> None:
    marked(pair, "newsletter_ok", "", DataType.BOOLEAN)
    declare(pair, "newsletter_ok", "values: {true: allows, false: denies}", "empty: denies", "by: staff")
    pair.source.person("ana@x.example", id="1").values["newsletter_ok"] = "true"
    pair.source.person("ben@x.example", id="2").values["newsletter_ok"] = "false"
    pair.source.person("cyd@x.example", id="3")
    pair.moved()
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ana@x.example"]
    kinds = {(one["source"]["id"], one["event"]["kind"], one["party"]["actor"]) for one in of(pair, "newsletter_ok")}
    assert kinds == {("1", "implied_grant", "operator"), ("2", "org_hold", "operator"), ("3", "org_hold", "operator")}


def test_a_column_of_one_topic_denies_that_topic_only_and_opens_none(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("daily")
    pair.source.topic("tips", default_allows=False)
    marked(pair)
    marked(pair, "c13", "Tips by mail OK?", DataType.BOOLEAN)
    declare(pair, "c12", MARKS, "empty: nothing", "topic: news")
    declare(pair, "c13", "values: {true: allows, false: denies}", "empty: nothing", "topic: tips")
    pair.source.person("ana@x.example", id="1").values.update(c12="×", c13="true")
    pair.source.person("ben@x.example", id="2").values.update(c12="○", c13="false")
    pair.moved()
    ana, ben = pair.landed("ana@x.example"), pair.landed("ben@x.example")
    assert mailable(ana) and mailable(ben)
    kinds = {(one["source"]["id"], one["processing"]["topic"], one["event"]["kind"]) for one in of(pair, "c12")}
    assert kinds == {("1", "news", "topic_opt_out"), ("2", "news", "implied_grant")}
    # A yes in a column is what a company says of itself: the platform would not have sent, so it opens no field.
    said = {one.values["email"]: {name for name, value in one.values.items() if value == "true"} for one in (ana, ben)}
    news, tips = _field_of(pair, "news"), _field_of(pair, "tips")
    assert {who: ({news, tips} & names) for who, names in said.items()} == {
        "ana@x.example": {news},
        "ben@x.example": set(),
    }


def test_a_yes_in_a_column_ends_no_denial_and_a_proven_return_ends_its_no(pair: Pair) -> None:
    pair.source.topic("news")
    marked(pair)
    declare(pair, "c12", MARKS, "empty: nothing", "topic: news")
    pair.source.person("ana@x.example", id="1", unsubscribed="true").values["c12"] = "○"
    ben = pair.source.person("ben@x.example", id="2")
    ben.values["c12"] = "×"
    pair.source.yeses.append(
        Yes(address="ben@x.example", person="2", topic="news", at=ben.updated_at.replace(year=2026))
    )
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    (denial,) = [one for one in of(pair, "c12") if one["source"]["id"] == "2" and one["party"]["holder"] == "person"]
    assert len(denial["event"]["superseded_by"]) == 1


@pytest.mark.parametrize(
    ("name", "label", "value", "stops"),
    [
        ("No_Marketing__c", "No Marketing", "true", True),
        ("c12", "メール不要", "○", True),
        ("c12", "メール不要", "×", False),
        ("newsletter_ok", "", "true", False),
    ],
)
def test_a_name_that_says_no_with_the_polarity_of_a_grant_blocks(
    pair: Pair, name: str, label: str, value: str, stops: bool
) -> None:
    marked(pair, name, label)
    declare(pair, name, f'values: {{"{value}": allows}}', "empty: nothing")
    pair.source.person("ana@x.example").values[name] = value
    said = pair.run()
    assert said.blocking == ({"consent_column_suspicious"} if stops else set())
    assert (pair.writes() == 0) is stops


def test_a_declaration_of_a_column_that_nobody_has_blocks_and_an_unknown_topic_denies_everything(pair: Pair) -> None:
    marked(pair)
    declare(pair, "c21", MARKS, "empty: nothing")
    declare(pair, "c12", MARKS, "empty: nothing", "topic: gone")
    pair.source.person("ana@x.example").values["c12"] = "×"
    said = pair.run()
    assert said.blocking == {"consent_column_unknown"}
    (unknown,) = [one for one in said.report["findings"] if one["code"] == "consent_column_unknown"]
    assert unknown["params"] == {"field": "c21", "near": "c12"}
    (topic,) = [one for one in said.report["findings"] if one["code"] == "fact_topic_unknown"]
    assert (topic["subject"], topic["params"]["topic"]) == ("old/field/c12", "gone")
    path = pair.folder / "decisions.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("consent-column/c21", "consent-column/c12-"), encoding="utf-8"
    )
    assert pair.run().blocking == {"consent_column_unknown"}


def test_a_yes_to_a_type_that_is_not_there_is_no_yes_to_everything(pair: Pair) -> None:
    marked(pair)
    declare(pair, "c12", MARKS, "empty: nothing", "topic: gone")
    pair.source.person("ana@x.example").values["c12"] = "○"
    pair.moved()
    assert of(pair, "c12") == []


def test_a_declared_column_that_the_source_does_not_show_blocks_though_the_target_has_one_of_the_name(
    pair: Pair,
) -> None:
    pair.target.field(Kind.PERSON, FieldDef(name="c12", custom=True))
    declare(pair, "c12", MARKS, "empty: nothing")
    pair.source.person("ana@x.example")
    assert pair.run().blocking == {"consent_column_unknown"}
    assert pair.target.people == {}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("choice: declare",), "column"),
        (("choice: accept", 'column: {values: {"×": denies}, empty: nothing}'), "declare"),
        (("choice: declare", 'column: {values: {"×": denies}}'), "empty"),
        (("choice: declare", 'column: {values: {"×": denied}, empty: nothing}'), "denies"),
        (("choice: declare", 'column: {values: {"A": denies, "a": allows}, empty: nothing}'), "twice"),
    ],
)
def test_a_declaration_that_says_less_or_more_than_it_must_stops_with_its_place(
    pair: Pair, lines: tuple[str, ...], told: str
) -> None:
    head = ["- id: consent-column/c12", "  who: tester", "  when: 2026-01-01", *(f"  {line}" for line in lines), ""]
    (pair.folder / "decisions.yaml").write_text("\n".join(head), encoding="utf-8")
    said = pair.run()
    assert said.code == 2
    assert "decisions.yaml:" in said.err and told in said.err


def test_only_a_column_can_be_declared(pair: Pair) -> None:
    head = ["- id: unread-denials", "  choice: declare", "  who: tester", "  when: 2026-01-01"]
    column = ["  column:", '    values: {"×": denies}', "    empty: nothing", ""]
    (pair.folder / "decisions.yaml").write_text("\n".join([*head, *column]), encoding="utf-8")
    said = pair.run()
    assert said.code == 2 and "decisions.yaml:2" in said.err
