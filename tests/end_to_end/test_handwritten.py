"""What people write by hand and get wrong: told with its place before a person is read or written."""

from collections.abc import Callable

import pytest

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import FieldDef
from pair import Pair, Said, decide, facts, mailable

SIGNED = "signed: {who: tester, when: 2026-01-01}\n"


def mapping(pair: Pair, *rules: str, topics: tuple[str, ...] = (), head: str = "source: old\ntarget: new\n") -> None:
    """A signed file: three lines of head, ``person:`` on line 4, the rules from line 5 on."""
    lines = ["person:" if rules else "person: []", *(f"- {rule}" for rule in rules)]
    lines += ["topics:", *(f"- {rule}" for rule in topics)] if topics else []
    (pair.folder / "mapping.yaml").write_text(head + SIGNED + "\n".join(lines) + "\n", encoding="utf-8")


def stopped(pair: Pair) -> Said:
    """A run that writes nothing and reads nobody, and what it said."""
    pair.source.person("ana@x.example", nickname="true")
    said = pair.run()
    assert (said.code, pair.writes()) == (3, 0), said.err
    assert [what for what in pair.source.calls if "person" in what] == []
    return said


def blocks(said: Said) -> list[tuple[str, str]]:
    """(code, place) of everything that blocks."""
    return [(one["code"], one["subject"]) for one in said.report["findings"] if one["severity"] == "block"]


@pytest.mark.parametrize(
    "name", ["unsubscribed", "blocked", "invalid", "held", "suspended", "suspended_at", "unsubscribed_why", "held_why"]
)
@pytest.mark.parametrize("fate", ["to: {}", "create: {{name: {}, label: X, type: boolean}}"])
def test_no_rule_fills_a_field_that_decides_about_mail(pair: Pair, name: str, fate: str) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="nickname"))
    mapping(pair, "{from: nickname, " + fate.format(name) + "}")
    assert blocks(stopped(pair)) == [("target_field_consent", "mapping.yaml:5:20")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("email", "target_field_address"),
        ("mm_source_key", "target_field_reserved"),
        ("computed", "target_field_read_only"),
        ("nickname", "target_field_unknown"),
    ],
)
def test_keys_the_address_and_what_the_target_computes_are_left_alone(pair: Pair, name: str, code: str) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="nickname"))
    pair.target.field(Kind.PERSON, FieldDef(name="mm_source_key"))
    mapping(pair, f"{{from: nickname, to: {name}}}")
    said = stopped(pair)
    assert blocks(said) == [(code, "mapping.yaml:5:20")]


def test_unknown_names_are_told_together_with_those_that_come_nearest(pair: Pair) -> None:
    mapping(pair, "{from: frist_name, to: first_name}", "{from: city, to: City}")
    said = stopped(pair)
    assert blocks(said) == [
        ("source_field_unknown", "mapping.yaml:5:4"),
        ("target_field_unknown", "mapping.yaml:6:16"),
    ]
    assert "nearest: first_name" in said.err
    assert "nearest: city" in said.err


def test_fields_of_accounts_are_not_created(pair: Pair) -> None:
    text = "source: old\ntarget: new\n" + SIGNED
    text += "account:\n- {from: city, create: {name: town, label: Town, type: text}}\n"
    (pair.folder / "mapping.yaml").write_text(text, encoding="utf-8")
    assert blocks(stopped(pair)) == [("mapping_invalid", "mapping.yaml:5:16")]


@pytest.mark.parametrize(
    ("name", "code"),
    [("mm_source_key", "target_field_reserved"), ("mm_owner", "target_field_reserved"), ("City", "mapping_invalid")],
)
def test_no_field_is_created_in_the_place_of_another(pair: Pair, name: str, code: str) -> None:
    """Whether the program has made its own fields already or not."""
    pair.source.field(Kind.PERSON, FieldDef(name="nickname"))
    pair.source.topic("news")
    new = f"create: {{name: {name}, label: X, type: boolean}}"
    mapping(pair, f"{{from: nickname, {new}}}")
    assert blocks(stopped(pair)) == [(code, "mapping.yaml:5:20")]
    mapping(pair, topics=(f"{{from: news, {new}, polarity: opt_out}}",))
    assert blocks(stopped(pair)) == [(code, "mapping.yaml:6:16")]


NICKNAME = "{from: nickname, create: {name: alias, label: Alias, type: TYPE}}"


def test_no_field_of_the_customer_s_own_is_taken_for_a_created_one(pair: Pair) -> None:
    """For people and for subscription types, of whatever type it is: to fill it somebody must say so."""
    pair.source.field(Kind.PERSON, FieldDef(name="nickname"))
    pair.source.topic("news")
    pair.target.field(Kind.PERSON, FieldDef(name="alias"))
    pair.target.field(Kind.PERSON, FieldDef(name="no_news", type=DataType.BOOLEAN))
    topic = "{from: news, create: {name: no_news, label: No news, type: boolean}, polarity: opt_out}"
    mapping(pair, NICKNAME.replace("TYPE", "text"), topics=(topic,))
    said = stopped(pair)
    assert blocks(said) == [("target_field_exists", "mapping.yaml:5:20"), ("target_field_exists", "mapping.yaml:7:16")]
    assert "Name it in `to` to fill it as it is" in said.err


def test_a_field_that_this_project_made_is_created_once_and_keeps_its_type(pair: Pair) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="nickname"))
    pair.source.person("ana@x.example", nickname="12")
    mapping(pair, NICKNAME.replace("TYPE", "text"))
    pair.moved()
    assert pair.landed("ana@x.example").values["alias"] == "12"
    assert pair.moved().report["plan"]["writes"] == 0
    mapping(pair, NICKNAME.replace("TYPE", "integer"))
    said = pair.run()
    assert (said.code, blocks(said)) == (3, [("target_field_exists", "mapping.yaml:5:20")])


def test_a_proposed_subscription_type_gets_a_name_that_is_free(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", opt_out_news="true")
    pair.target.field(Kind.PERSON, FieldDef(name="mmNoTopicnews", type=DataType.BOOLEAN))
    pair.moved()
    ana = pair.landed("ana@x.example").values
    assert (ana.get("mmNoTopicnews"), ana["mmNoTopicnews2"]) == (None, "true")
    (pair.folder / "mapping.yaml").unlink()
    assert pair.moved().report["plan"]["writes"] == 0


@pytest.mark.parametrize(
    ("head", "place"),
    [("source: other\ntarget: new\n", "1:1"), ("source: old\ntarget: other\n", "2:1")],
)
def test_a_mapping_of_another_pair_is_refused(pair: Pair, head: str, place: str) -> None:
    mapping(pair, head=head)
    said = stopped(pair)
    assert blocks(said) == [("mapping_other_pair", f"mapping.yaml:{place}")]
    assert "other" in said.err
    assert pair.source.calls["read field"] == 0


TOPIC = "{from: news, to: opt_in_news, polarity: opt_in}"


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (["{from: nws, to: opt_in_news, polarity: opt_in}"], ("source_topic_unknown", "mapping.yaml:6:4")),
        (["{from: news, to: opt_in_nws, polarity: opt_in}"], ("target_field_unknown", "mapping.yaml:6:16")),
        (["{from: news, to: city, polarity: opt_in}"], ("topic_field_wrong_type", "mapping.yaml:6:16")),
        (["{from: news, to: held, polarity: opt_in}"], ("target_field_consent", "mapping.yaml:6:16")),
        (["{from: news, to: opt_in_news, polarity: opt_out}"], ("topic_polarity_unsafe", "mapping.yaml:6:33")),
        (["{from: news, to: No_Marketing, polarity: opt_in}"], ("topic_polarity_suspicious", "mapping.yaml:6:16")),
        (["{from: news, to: c12, polarity: opt_in}"], ("topic_polarity_suspicious", "mapping.yaml:6:16")),
        ([TOPIC, "{from: tips, to: opt_in_news, polarity: opt_out}"], ("target_used_twice", "mapping.yaml:7:16")),
        ([TOPIC, "{from: news, deny_all: twice}"], ("mapping_invalid", "mapping.yaml:7:4")),
    ],
)
def test_a_wrong_rule_for_a_subscription_type_is_refused(pair: Pair, rules: list[str], found: tuple[str, str]) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("tips")
    for name, label in (("opt_in_news", ""), ("No_Marketing", ""), ("c12", "メール不要")):
        pair.target.field(Kind.PERSON, FieldDef(name=name, label=label, type=DataType.BOOLEAN))
    mapping(pair, topics=tuple(rules))
    assert blocks(stopped(pair)) == [found]


def test_a_field_of_a_rule_is_no_field_of_a_subscription_type(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.target.field(Kind.PERSON, FieldDef(name="opt_in_news", type=DataType.BOOLEAN))
    mapping(pair, "{from: opt_in_news, to: opt_in_news}", topics=(TOPIC,))
    assert blocks(stopped(pair)) == [("target_used_twice", "mapping.yaml:7:16")]


def test_a_file_that_does_not_parse_stops_before_anything_is_read(pair: Pair) -> None:
    (pair.folder / "mapping.yaml").write_text("source: old\ntarget: new\nperson:\n- {from: city, drop: }\n")
    said = stopped(pair)
    assert blocks(said) == [("mapping_invalid", "mapping.yaml:4:3")]
    assert '"drop" is empty' in said.err
    assert [what for what in pair.source.calls if what.startswith("read")] == []


UNREADABLE: dict[str, tuple[Callable[[str], bytes], str]] = {
    "utf-16": (lambda text: text.encode("utf-16"), "written in UTF-16: save the file as UTF-8"),
    "utf-16-le": (lambda text: text.encode("utf-16-le"), "it holds zero bytes: save the file as UTF-8"),
    "shift-jis": (lambda text: text.encode() + "# 部署\n".encode("shift-jis"), "is not UTF-8: save the file as UTF-8"),
}


@pytest.mark.parametrize("encoding", UNREADABLE)
@pytest.mark.parametrize("name", ["mapping.yaml", "decisions.yaml"])
def test_an_encoding_that_is_not_utf_8_is_named(pair: Pair, name: str, encoding: str) -> None:
    encode, told = UNREADABLE[encoding]
    (pair.folder / name).write_bytes(encode("source: old\ntarget: new\n"))
    said = pair.run()
    assert (said.code, pair.writes()) == (2, 0)
    assert f"{name}" in said.err
    assert told in said.err


def test_a_byte_order_mark_does_no_harm(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    mapping(pair)
    path = pair.folder / "mapping.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    pair.moved()


def test_a_folder_in_the_place_of_a_file_is_named(pair: Pair) -> None:
    (pair.folder / "mapping.yaml").mkdir()
    said = pair.run()
    assert (said.code, said.err.strip().splitlines()[-1]) == (
        2,
        f"{pair.folder / 'mapping.yaml'}: this is a folder, not a file",
    )


def test_a_decision_with_a_slip_in_its_id_is_told(pair: Pair) -> None:
    pair.signed = False
    decide(pair, "irreversible/create-field")
    pair.source.person("ana@x.example")
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"irreversible_undecided"})
    (told,) = [one for one in said.report["findings"] if one["code"] == "decision_unknown"]
    assert told["params"] == {"id": "irreversible/create-field", "near": "irreversible/create-fields"}


def test_a_file_of_facts_is_read_before_anybody_is(pair: Pair) -> None:
    said = pair.run("--facts", str(pair.folder / "none.csv"))
    assert (said.code, pair.writes()) == (2, 0)
    assert said.err.strip().splitlines()[-1] == f"{pair.folder / 'none.csv'}: there is no such file"
    assert [what for what in pair.source.calls if what.startswith("read")] == []


def test_denials_written_by_hand_reach_everybody_they_name(pair: Pair) -> None:
    """However a cell is filled: nobody whom it names may be mailed."""
    pair.source.topic("news")
    for name in ("ana", "ben", "cem", "dea", "eve", "fay"):
        pair.source.person(f"{name}@x.example")
    facts(
        pair,
        "Ana <ana@x.example>,,objection,,",
        '"ben@x.example; cem@x.example",,objection,,',
        "dea@x.example,,topic_opt_out:nws,,",
        "eve@x.example,,complaint:news,,",
    )
    said = pair.moved()
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["fay@x.example"]
    told = [(one["code"], one["subject"]) for one in said.report["findings"] if one["code"].startswith("fact_")]
    assert sorted(told) == [("fact_topic_unknown", "facts/facts.csv/4"), ("fact_unclear", "facts/facts.csv/5")]


def test_a_day_that_nobody_can_read_is_told_and_the_denial_holds(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    facts(pair, "ana@x.example,,objection,03/04/2024,CRM")
    said = pair.moved("--unmask")
    assert not mailable(pair.landed("ana@x.example"))
    (told,) = [one for one in said.report["findings"] if one["subject"] == "facts/facts.csv/2"]
    assert (told["code"], told["params"]["field"], told["params"]["value"]) == ("bad_value", "when", "03/04/2024")
    assert "in files of facts, not understood: 1; the report names each" in said.err


def test_both_connections_are_told_at_once(pair: Pair) -> None:
    pair.connection("old", 'colour = "blue"')
    pair.connection("new", 'token_env = "MAMIGRATE_TEST_NOWHERE"')
    said = pair.run()
    assert said.code == 2
    assert "connections.old: memory has no option 'colour'" in said.err
    assert "MAMIGRATE_TEST_NOWHERE is not set" in said.err


def test_a_language_without_texts_is_refused_with_those_there_are(pair: Pair) -> None:
    said = pair.run("--lang", "de")
    assert said.code == 2
    assert said.err == "--lang: there are no texts in the language 'de'; there are en, ja, ko\n"


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("foo", 2, "ledger.url: this is no URL of a database, such as postgresql+psycopg://user@host/name"),
        ("mysql://user:s3cret@host/db", 2, "ledger.url: a ledger is kept in postgresql or sqlite, not in mysql"),
        ("postgresql+nothing://user:s3cret@host/db", 2, "ledger.url: this is no URL of a database"),
        ("postgresql+psycopg://user:s3cret@127.0.0.1:1/db", 6, "The ledger's database on 127.0.0.1 cannot be opened."),
        ("sqlite:////nowhere/at/all.sqlite", 6, "The ledger cannot be opened."),
    ],
)
def test_a_ledger_that_cannot_be_opened_is_no_bug(pair: Pair, url: str, code: int, said: str) -> None:
    pair.toml["ledger"] = f'url = "{url}"'
    found = pair.run()
    assert found.code == code, found.err
    assert said in found.err
    assert "s3cret" not in found.err
    assert "bug" not in found.err


@pytest.mark.parametrize(("text", "said"), [("foo", "this is no URL of a database"), ("", "is not set")])
def test_a_ledger_of_the_environment_is_named_by_its_variable(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.setenv("MAMIGRATE_LEDGER", text)
    pair.toml["ledger"] = 'url_env = "MAMIGRATE_LEDGER"'
    found = pair.run()
    assert found.code == 2
    assert "MAMIGRATE_LEDGER" in found.err
    assert said in found.err


# --- a subscription type without a place -----------------------------------------------------------------------------


def test_a_denial_that_must_grow_is_told_with_its_topic_and_how_many(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("tips")
    pair.target.field(Kind.PERSON, FieldDef(name="no_tips", type=DataType.BOOLEAN))
    mapping(pair, topics=("{from: news, deny_all: no field}", "{from: tips, to: no_tips, polarity: opt_out}"))
    for name in ("ana", "ben"):
        pair.source.person(f"{name}@x.example", opt_out_news="true")
    pair.source.person("cia@x.example", opt_out_tips="true")
    pair.source.person("dan@x.example", opt_out_news="true", unsubscribed="true")
    said = pair.moved()
    told = [(one["subject"], one["params"]) for one in said.report["findings"] if one["code"] == "denial_widened"]
    assert told == [("old/topic/news", {"topic": "news", "people": "2"})]
    assert [name for name in ("ana", "ben", "cia", "dan") if mailable(pair.landed(f"{name}@x.example"))] == ["cia"]


def test_people_whom_the_source_would_send_nothing_are_counted(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    kept = "{from: news, to: opt_in_news, polarity: opt_in}"
    pair.target.field(Kind.PERSON, FieldDef(name="opt_in_news", type=DataType.BOOLEAN))
    mapping(pair, topics=(kept,))
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example", opt_in_news="true")
    said = pair.moved()
    assert [one["params"] for one in said.report["findings"] if one["code"] == "no_topic_open"] == [{"people": "1"}]
    assert not mailable(pair.landed("ana@x.example"))


# --- a subscription type that moves to another field -----------------------------------------------------------------


def kept_in(pair: Pair, news: str, tips: str) -> None:
    """The mapping keeps two types in these fields of the target."""
    rules = (f"{{from: news, to: {news}, polarity: opt_in}}", f"{{from: tips, to: {tips}, polarity: opt_out}}")
    for name in (news, tips):
        pair.target.field(Kind.PERSON, FieldDef(name=name, type=DataType.BOOLEAN))
    mapping(pair, topics=rules)


def test_who_leaves_a_type_leaves_it_in_the_field_of_an_earlier_mapping_too(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("tips")
    ana = pair.source.person("ana@x.example", opt_in_news="true")
    pair.source.person("ben@x.example", opt_in_news="true")
    kept_in(pair, "yes_1", "no_1")
    pair.moved()
    assert pair.landed("ana@x.example").values["yes_1"] == "true"
    kept_in(pair, "yes_2", "no_2")
    ana.values |= {"opt_in_news": "false", "opt_out_tips": "true"}
    pair.source.person("cia@x.example", opt_in_news="true")
    said = pair.moved()
    names = ("yes_1", "no_1", "yes_2", "no_2")
    ana_there, ben_there, cia_there = (pair.landed(f"{name}@x.example").values for name in ("ana", "ben", "cia"))
    assert [ana_there.get(name) for name in names] == ["false", "true", None, "true"]
    assert [ben_there.get(name) for name in names] == ["true", None, None, None]
    assert [cia_there.get(name) for name in names] == [None, None, "true", None]
    told = {one["params"]["field"] for one in said.report["findings"] if one["code"] == "topic_field_former"}
    assert told == {"yes_1", "no_1"}


def test_a_former_field_that_is_gone_is_forgotten(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("tips")
    ana = pair.source.person("ana@x.example", opt_in_news="true")
    kept_in(pair, "yes_1", "no_1")
    pair.moved()
    for name in ("yes_1", "no_1"):
        del pair.target.fields[Kind.PERSON][name]
        pair.landed("ana@x.example").values.pop(name, None)
    kept_in(pair, "yes_2", "no_2")
    ana.values["opt_out_tips"] = "true"
    pair.moved()
    assert pair.landed("ana@x.example").values["no_2"] == "true"


def test_what_the_mapping_cuts_is_counted_by_the_dry_run_and_after(pair: Pair) -> None:
    pair.source.person("ana@x.example", note="山" * 50)
    pair.source.field(Kind.PERSON, FieldDef(name="note"))
    pair.source.fields[Kind.PERSON]["note"].max_bytes = None
    pair.target.field(Kind.PERSON, FieldDef(name="memo", max_bytes=30))
    mapping(pair, "{from: note, to: memo, too_long: cut}")
    decide(pair, "irreversible/create-fields")
    for words, writes in (("--dry-run",), 0), (("--unmask",), 1):
        said = pair.run(*words)
        assert bool(pair.writes()) == bool(writes), said.err
        assert {"kind": "person", "field": "note", "code": "too_long_cut", "values": 1} in said.report["lost_values"]
        (found,) = [one for one in said.report["findings"] if one["code"] == "too_long_cut"]
        assert (found["severity"], found["subject"], found["params"]["field"]) == ("warn", "old/person/1", "note")
    assert pair.landed("ana@x.example").values["memo"] == "山" * 10
