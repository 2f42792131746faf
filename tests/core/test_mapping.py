"""The mapping: proposed, loaded with places, compiled, applied."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mamigrate.mapping.compile import compile_kind
from mamigrate.mapping.convert import Problem, Rule
from mamigrate.mapping.load import Places, load
from mamigrate.mapping.migration import api_name
from mamigrate.mapping.model import FieldRule, Mapping, NewField
from mamigrate.mapping.propose import Proposal, _readable, doubtful, propose
from mamigrate.model.base import Origin
from mamigrate.model.estate import DataType, Field, Option, Topic
from mamigrate.model.kinds import Kind
from mamigrate.stages.starter import render
from rows import rule

WHERE = Origin(connection="hs", vendor_type="property", vendor_id="x")


def field(name: str, data_type: DataType = DataType.TEXT, **more: object) -> Field:
    return Field.model_validate(
        {
            "key": f"person/{name}",
            "name": name.title(),
            "origin": WHERE,
            "holder": "person",
            "api_name": name,
            "data_type": data_type,
            **more,
        }
    )


def topic(key: str, *, allows: bool = True) -> Topic:
    return Topic(key=key, name=f"Topic {key}", origin=WHERE, brand="0", channel="email", default_allows=allows)


@pytest.mark.parametrize(
    ("made", "text", "wanted"),
    [
        (rule(), "x", "x"),
        (rule(target_type=DataType.INTEGER), "12", "12"),
        (rule(target_type=DataType.INTEGER), "12.5", Problem("type_lost", "12.5")),
        (rule(source_type=DataType.DECIMAL, target_type=DataType.DECIMAL), "14c", Problem("type_lost", "14c")),
        (rule(source_type=DataType.DATE, target_type=DataType.DATETIME), "2024-02-29", "2024-02-29T00:00:00Z"),
        (
            rule(source_type=DataType.DATETIME, target_type=DataType.DATETIME),
            "2024-02-29T01:02:03.5Z",
            "2024-02-29T01:02:03Z",
        ),
        (rule(source_type=DataType.DATETIME, target_type=DataType.DATE), "2024-02-29T01:02:03Z", "2024-02-29"),
        (rule(max_chars=3), "abcd", Problem("too_long", "abcd")),
        (rule(max_chars=3, too_long="leave"), "abcd", Problem("too_long_left", "abcd")),
        (rule(max_chars=3, too_long="cut"), "abcd", Problem("too_long_cut", "abcd", "abc")),
        (rule(max_chars=4, too_long="cut"), "abcd", "abcd"),
        (rule(max_bytes=5, too_long="cut"), "日本語", Problem("too_long_cut", "日本語", "日")),
        (rule(max_chars=1, too_long="cut"), "e\u0301", Problem("too_long_cut", "e\u0301", "")),
        (rule(values={"A": "Ah"}), "A", "Ah"),
        (rule(values={"A": "Ah"}), "B", "B"),
        (rule(values={"A": "Ah"}, keep_others=False), "B", Problem("unmapped_value", "B")),
        (rule(source_type=DataType.MULTI_CHOICE, values={"A": "Ah"}), "A;B", "Ah;B"),
        (rule(target_type=DataType.CHOICE, options=frozenset({"x"})), "y", Problem("unmapped_value", "y")),
    ],
)
def test_a_value_passes_or_says_why_not(made: Rule, text: str, wanted: str | Problem) -> None:
    assert made.apply(text) == wanted


@given(st.text(max_size=50), st.integers(min_value=0, max_value=40))
def test_a_cut_text_is_a_beginning_that_fits(text: str, most: int) -> None:
    whole = text.encode(errors="ignore").decode()
    found = rule(max_chars=most, max_bytes=most, too_long="cut").apply(whole)
    kept = found.kept if isinstance(found, Problem) else found
    assert kept is not None
    assert whole.startswith(kept)
    assert len(kept.encode()) <= most
    assert isinstance(found, Problem) == (kept != whole)


SOURCE = [
    field("firstname", meaning="given_name"),
    field("mk_rank", DataType.CHOICE, custom=True, options=(Option(value="A", label="A"),)),
    field("notes", custom=True),
    field("hs_email_optout", DataType.BOOLEAN),
    field("hs_score", read_only=True),
    field("blank", custom=True),
]
TARGET = [
    field("firstName", meaning="given_name", max_chars=255),
    field("email", DataType.EMAIL, meaning="email"),
    field("Notes", custom=True),
]


def known() -> Proposal:
    filled = {Kind.PERSON: {"firstname": 3, "mk_rank": 2, "notes": 1, "hs_email_optout": 3, "hs_score": 3}}
    return Proposal(
        "hs", "mk", SOURCE, TARGET, filled, [topic("9"), topic("8", allows=False)], [], frozenset({"hs_email_optout"})
    )


def test_a_proposal_names_every_field_and_says_why_one_is_dropped() -> None:
    made = {rule.source: rule for rule in propose(known()).person}
    assert made["firstname"].to == "firstName"
    assert made["mk_rank"].create is not None and made["mk_rank"].create.type is DataType.TEXT
    assert made["notes"].to == "Notes"
    assert {name: made[name].drop for name in ("hs_email_optout", "hs_score", "blank")} == {
        "hs_email_optout": "permission travels as consent facts",
        "hs_score": "the source computes it",
        "blank": "empty on the source",
    }


def birthday(values: dict[str, int], target_type: DataType = DataType.DATE) -> FieldRule:
    """The proposed rule for a text of people whose counterpart is of another type."""
    source = [field("date_of_birth", meaning="birthday")]
    target = [field("dateOfBirth", target_type, meaning="birthday")]
    filled = {Kind.PERSON: {"date_of_birth": sum(values.values())}}
    known = Proposal("hs", "mk", source, target, filled, [], [], frozenset())
    assert doubtful(known) == source
    (made,) = propose(replace(known, values={(Kind.PERSON, "date_of_birth"): values})).person
    return made


def test_text_is_proposed_for_a_typed_field_only_where_most_of_it_enters() -> None:
    assert birthday({"1982-04-20": 9, "spring": 1}).to == "dateOfBirth"
    assert birthday({"1200000": 3}, DataType.DECIMAL).to == "dateOfBirth"
    beside = birthday({"1982/4/20": 8, "1982-04-20": 2}).create
    assert beside is not None
    assert (beside.name, beside.label, beside.type) == ("dateOfBirthText", "Date_Of_Birth text", DataType.TEXT)


def test_what_enters_any_field_of_its_counterpart_is_not_looked_at() -> None:
    assert doubtful(known()) == []


def test_the_polarity_of_a_topic_follows_its_default() -> None:
    assert [rule.polarity for rule in propose(known()).topics] == ["opt_out", "opt_in"]


def test_a_proposed_file_loads_back_to_the_same_mapping() -> None:
    mapping = propose(known(), "sandbox", date(2026, 1, 1))
    loaded, problems = load(render(mapping, known()), "mapping.yaml")
    assert (loaded, list(problems)) == (mapping, [])


def test_every_problem_of_a_file_is_told_with_line_and_column() -> None:
    text = "version: 1\nsource: a\ntarget: b\nperson:\n  - {from: x}\n  - {from: y, to: z, colour: red}\n"
    loaded, problems = load(text, "mapping.yaml")
    assert loaded is None
    assert [found.subject for found in problems] == ["mapping.yaml:5:5", "mapping.yaml:6:22"]


def test_what_is_not_yaml_is_told_with_its_place() -> None:
    (problem,) = load("person: [", "mapping.yaml")[1]
    assert problem.subject.startswith("mapping.yaml:")


def test_compiling_names_unknown_read_only_and_doubled_fields_at_once() -> None:
    rules = [
        FieldRule(source="nope", to="firstName"),
        FieldRule(source="firstname", to="nowhere"),
        FieldRule(source="notes", to="firstName"),
        FieldRule(source="mk_rank", to="firstName"),
        FieldRule(source="blank", to="createdAt"),
    ]
    target = [*TARGET, field("createdAt", read_only=True)]
    _, found = compile_kind(
        Mapping(source="hs", target="mk", person=tuple(rules)), Kind.PERSON, SOURCE, target, Places("m", None)
    )
    assert {one.code for one in found} == {
        "source_field_unknown", "target_field_unknown", "target_used_twice", "target_field_read_only", "field_not_in_mapping",
    }  # fmt: skip


def test_fields_that_we_create_are_no_fill_only_fields() -> None:
    mapping = propose(known(), "sandbox", date(2026, 1, 1))
    compiled, _ = compile_kind(mapping, Kind.PERSON, SOURCE, TARGET, Places("m", None))
    assert {rule.target: rule.fill_only for rule in compiled.rules} == {
        "firstName": True,
        "mkRank": False,
        "Notes": True,
    }


def test_text_of_a_field_that_is_created_is_measured_in_bytes() -> None:
    new = NewField(name="memo", label="Memo", type=DataType.TEXT)
    mapping = Mapping(source="hs", target="mk", person=(FieldRule(source="notes", create=new, too_long="cut"),))
    compiled, _ = compile_kind(mapping, Kind.PERSON, SOURCE, TARGET, Places("m", None))
    made, failed = compiled.apply({"notes": "é" + "打" * 200})
    assert made == {"memo": "é" + "打" * 84}
    assert [problem.code for _, problem in failed] == ["too_long_cut"]


def test_our_own_fields_take_the_style_of_the_target() -> None:
    assert (api_name("mm_source_key", "mmSourceKey"), api_name("mm_source_key", "mm_source_key")) == (
        "mmSourceKey",
        "mm_source_key",
    )


@pytest.mark.parametrize(
    ("label", "proposed"),
    [
        ("郵送DM不要（○＝不要）", "郵送DM不要"),
        ("Score (old)", "Score"),
        ("【営業】担当者", "担当者"),
        ("R&D / budget", "R D budget"),
        ("（備考）", "備考"),
        ("이름 (한글) [2]", "이름"),
        ("a (b", "a b"),
        ("***", ""),
    ],
)
def test_a_proposed_label_reads_without_its_remarks(label: str, proposed: str) -> None:
    assert _readable(label) == proposed
