"""Facts from blocking fields and from files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mamigrate.consent import files
from mamigrate.consent.facts import from_blockers, from_list, hits, with_keys
from mamigrate.contract import Blocker
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind
from rows import NOW, day, person

OPTED_OUT = Blocker("optout", "true", "objection", holders=("person", "address"))
MARKETING = Blocker("marketing", "not_true", "source_hold")
BOUNCED = Blocker("bounce", "set", "undeliverable", holders=("address",))
SUSPENDED = Blocker("suspended", "true", "time_hold", hours_from="since")


def test_a_field_that_must_be_true_blocks_when_it_is_absent() -> None:
    assert hits(MARKETING, {}, NOW)
    assert not hits(MARKETING, {"marketing": "true"}, NOW)
    assert [one["kind"] for one in from_blockers(person("1", "a@x.com"), [OPTED_OUT, MARKETING], "hs/person", NOW)] == [
        "source_hold"
    ]


def test_a_suspension_ends_after_a_day_and_lasts_where_its_beginning_is_unreadable() -> None:
    assert not hits(SUSPENDED, {"suspended": "true", "since": "2025-12-30T00:00:00Z"}, NOW)
    assert hits(SUSPENDED, {"suspended": "true", "since": "2025-12-31T12:00:00Z"}, NOW)
    assert hits(SUSPENDED, {"suspended": "true", "since": "2025-12-31T00:00:01Z"}, NOW)
    assert not hits(SUSPENDED, {"suspended": "true", "since": "2025-12-31T00:00:00Z"}, NOW)
    assert hits(SUSPENDED, {"suspended": "true", "since": "soon"}, NOW)


def test_each_holder_bears_a_fact_of_its_own_with_the_interval_of_the_record() -> None:
    found = list(
        from_blockers(
            person("1", "a@x.com", day(9), optout="true", marketing="true"), [OPTED_OUT, MARKETING], "hs/person", NOW
        )
    )
    assert [(one["holder"], one["kind"], one["lo"], one["hi"]) for one in found] == [
        ("person", "objection", day(1), day(9)),
        ("address", "objection", day(1), day(9)),
    ]


def test_somebody_without_an_address_bears_no_fact_of_an_address() -> None:
    found = list(from_blockers(person("1", None, optout="true", bounce="hard"), [OPTED_OUT, BOUNCED], "hs/person", NOW))
    assert [one["holder"] for one in found] == ["person"]


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "facts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_facts_gives_denials_with_their_dates(tmp_path: Path) -> None:
    text = (
        "address,id,what,when,source\nAna@X.com,,objection,2024-05-01,crm\n,7,topic_opt_out:9,2024-05-01T09:00:00Z,\n"
    )
    content = files.read(_file(tmp_path, text))
    first, second = content.rows[Kind.CONSENT_FACT]
    assert (first["address_loose"], first["holder"], first["kind"]) == ("ana@x.com", "address", "objection")
    assert (first["lo"], first["hi"]) == (datetime(2024, 4, 30, 10, tzinfo=UTC), None)
    assert (second["person_key"], second["holder"], second["topic"]) == ("7", "person", "9")
    assert (second["lo"], second["hi"]) == (datetime(2024, 5, 1, 9, tzinfo=UTC), None)
    assert content.problems == []


def test_a_row_that_does_not_parse_still_denies_whom_it_names(tmp_path: Path) -> None:
    content = files.read(_file(tmp_path, "address,what,when\na@x.com,whatever,yesterday\n,objection,\n"))
    first, nobodys = content.rows[Kind.CONSENT_FACT]
    assert (first["kind"], first["lo"], first["hi"]) == ("unparsed", None, None)
    assert (nobodys["holder"], nobodys["address_loose"]) == ("address", None)
    assert [found.code for found in content.problems] == ["fact_unknown", "bad_value", "fact_without_holder"]


@pytest.mark.parametrize("text", ["", "name,when\n", "address,when\na@x.com,\n"])
def test_a_file_without_the_needed_columns_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        files.read(_file(tmp_path, text))
    assert "facts.csv" in caught.value.where


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("Ana <a@x.com>", ["a@x.com"]),
        ('"Silva, Ana" <a@x.com>', ["a@x.com"]),
        ("<a@x.com>", ["a@x.com"]),
        ("a@x.com; b@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com, Ben <b@x.com>;", ["a@x.com", "b@x.com"]),
        ("a@x.com / b@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com/b@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com\nb@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com、b@x.com", ["a@x.com", "b@x.com"]),
        ("mailto:a@x.com", ["a@x.com"]),
        ("'a@x.com'", ["a@x.com"]),
        ("a@x.com.", ["a@x.com"]),
        ("Ana ａ＠ｘ．ｃｏｍ", ["a@x.com"]),
        ("sales/tokyo@x.com", ["sales/tokyo@x.com"]),
    ],
)
def test_every_address_in_a_cell_is_denied(tmp_path: Path, cell: str, addresses: list[str]) -> None:
    quoted = cell.replace('"', '""')
    content = files.read(_file(tmp_path, f'address,what\n"{quoted}",objection\n'))
    facts = content.rows[Kind.CONSENT_FACT]
    assert [one["address_loose"] for one in facts] == addresses
    assert {one["kind"] for one in facts} == {"objection"}
    assert len({one["key"] for one in facts}) == len(facts)
    assert content.problems == []


def test_what_looks_like_an_address_and_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    text = "address,id,what\nana(at)x.com,,objection\na@x.com; b@x,,topic_opt_out:9\nAna Silva,7,complaint\n"
    content = files.read(_file(tmp_path, text))
    assert [(found.code, found.subject, found.params["value"]) for found in content.problems] == [
        ("fact_without_holder", "facts/facts.csv/2", "ana(at)x.com"),
        ("fact_unclear", "facts/facts.csv/3", "a@x.com; b@x"),
        ("fact_unclear", "facts/facts.csv/4", "Ana Silva"),
    ]
    denied = {(one["holder"], one["kind"], one["topic"]) for one in content.rows[Kind.CONSENT_FACT]}
    assert denied == {("address", "objection", "*"), ("address", "complaint", "*"), ("person", "complaint", "*")}


@pytest.mark.parametrize(
    ("what", "kind", "topic", "codes"),
    [
        ("Objection", "objection", "*", []),
        (" topic_opt_out : 9 ", "topic_opt_out", "9", []),
        ("topic_opt_out：9", "topic_opt_out", "9", []),
        ("topic_opt_out", "objection", "*", ["fact_unclear"]),
        ("complaint:9001", "complaint", "*", ["fact_unclear"]),
        ("erasure:x", "erasure", "*", ["fact_unclear"]),
        ("unsubscribe:9", "unparsed", "*", ["fact_unknown"]),
        ("", "unparsed", "*", ["fact_unknown"]),
    ],
)
def test_a_doubtful_word_denies_everything(tmp_path: Path, what: str, kind: str, topic: str, codes: list[str]) -> None:
    content = files.read(_file(tmp_path, f"address,what\na@x.com,{what}\n"))
    (only,) = content.rows[Kind.CONSENT_FACT]
    assert (only["kind"], only["topic"]) == (kind, topic)
    assert [found.code for found in content.problems] == codes
    assert all(found.params["value"] == what for found in content.problems)


def test_an_unknown_subscription_type_is_told_and_everything_is_denied(tmp_path: Path) -> None:
    text = "address,what,source\na@x.com,topic_opt_out:9,a/b\nb@x.com,topic_opt_out:8,a/b\n"
    content = files.widened(files.read(_file(tmp_path, text)), {"9"})
    assert [(one["kind"], one["topic"]) for one in content.rows[Kind.CONSENT_FACT]] == [
        ("topic_opt_out", "9"),
        ("objection", "*"),
    ]
    (found,) = content.problems
    assert (found.code, found.subject, found.params) == ("fact_topic_unknown", "facts/facts.csv/3", {"topic": "8"})


def test_addresses_in_other_columns_are_denied_and_told(tmp_path: Path) -> None:
    text = "address,id,what\na@x.com,b@x.com,topic_opt_out:9,c@x.com\n"
    content = files.read(_file(tmp_path, text))
    facts = content.rows[Kind.CONSENT_FACT]
    assert [(one["address_loose"], one["kind"]) for one in facts] == [
        ("a@x.com", "objection"),
        ("b@x.com", "objection"),
        ("c@x.com", "objection"),
    ]
    assert [(found.code, found.params["field"]) for found in content.problems] == [
        ("fact_unclear", "id"),
        ("fact_unclear", "-"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "a@x.com,,objection,2024-05-01,lettera@x.com;b@x.com,,objection,2024-05-01,letter",
        "Silva, Ana, Dr <a@x.com> <b@x.com>,objection",
        "Silva, Ana, Dr, a@x.com; b@x.com,objection",
    ],
)
def test_a_row_that_has_slipped_denies_whoever_stands_in_it(tmp_path: Path, row: str) -> None:
    content = files.read(_file(tmp_path, f"address,id,what,when,source\n{row}\n"))
    assert {"a@x.com", "b@x.com"} <= {one["address_loose"] for one in content.rows[Kind.CONSENT_FACT]}
    assert "fact_unclear" in {found.code for found in content.problems}


def test_an_address_in_the_source_of_a_row_is_a_colleagues(tmp_path: Path) -> None:
    content = files.read(_file(tmp_path, "address,what,source\na@x.com,objection,told by me@us.example\n"))
    assert [one["address_loose"] for one in content.rows[Kind.CONSENT_FACT]] == ["a@x.com"]
    assert content.problems == []


ROW = "address{0}id{0}what{0}when{0}source\r\na@x.com{0}{0}objection{0}2024-05-01{0}crm\r\n{0}{0}{0}{0}\r\n"


@pytest.mark.parametrize(
    "content",
    [
        ROW.format(",").encode(),
        ROW.format(",").encode("utf-8-sig"),
        ROW.format(";").encode("utf-8-sig"),
        ROW.format("\t").encode("utf-16"),
        b"sep=;\r\n" + ROW.format(";").encode(),
        ROW.format(",").replace("\r\n", "\r").encode(),
        ROW.format(" , ").title().replace("A@X.Com", "a@x.com").encode(),
        b'"Address","WHAT"\n"a@x.com","Objection"\n',
    ],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(content)
    found = files.read(path)
    assert [(one["address_loose"], one["kind"]) for one in found.rows[Kind.CONSENT_FACT]] == [("a@x.com", "objection")]
    assert found.problems == []


def test_the_line_of_a_problem_is_the_files_where_cells_run_over_several(tmp_path: Path) -> None:
    text = 'address,what,source\na@x.com,objection,"a letter\nof May"\nb@x.com,huh,\n'
    (found,) = files.read(_file(tmp_path, text)).problems
    assert found.subject == "facts/facts.csv/4"


HEAD = "address,id,what,when,source\n"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", ":1", "the file is empty"),
        (b"name,when\n", ":1", 'columns needed: address, id, what, when, source; found: "name", "when"'),
        (b"email,id,what\n", ":1", '"email" is no column of facts; known: address'),
        (b"adress,id,what\n", ":1", '"adress" is no column of facts; did you mean "address"?'),
        (b"hanako@x.com,7,what\n", ":1", "found: column 1 (no name that is known), column 2"),
        (b"address,what,Yamada Hanako\n", ":1", "column 3 (no name that is known) is no column"),
        (b"address,address,what\n", ":1", 'the column "address" stands there twice'),
        (f'{HEAD}a@x.com,,objection,,"x\nb@x.com,,objection,,"\n'.encode(), ":2", "may swallow rows"),
        (f'{HEAD}a@x.com,,objection,,"x\n'.encode(), ":2", "a quotation mark is never closed"),
        (f'{HEAD}a@x.com,,objection,,"x"y\n'.encode(), ":2", "double it"),
        (HEAD.encode() + b"a" * 200_000, ":2", "a cell is too long"),
        (HEAD.encode() + "会社@x.com".encode("shift-jis"), ":2", "byte 0x89 is not UTF-8: save the file as UTF-8"),
        (HEAD.encode("utf-16-le"), ":1", "it holds zero bytes: save the file as UTF-8"),
        (HEAD.encode("utf-16")[:-1], ":1", "is not UTF-16"),
    ],
)
def test_a_file_that_is_no_table_of_facts_is_refused_with_its_line(
    tmp_path: Path, content: bytes, line: str, said: str
) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        files.read(path)
    assert caught.value.where == f"{path}{line}"
    assert said in caught.value.problem


def test_a_file_that_cannot_be_opened_is_refused_in_our_words(tmp_path: Path) -> None:
    for path, said in ((tmp_path / "none.csv", "there is no such file"), (tmp_path, "this is a folder, not a file")):
        with pytest.raises(UsageError, match=said) as caught:
            files.read(path)
        assert caught.value.where == str(path)


@pytest.mark.parametrize("cell", ["*@x.com", "a@x.com; *@y.com", "%@x.com", "@x.com", "＊＠x.com", "**@x.com"])
def test_a_pattern_of_a_domain_is_refused_with_its_line(tmp_path: Path, cell: str) -> None:
    with pytest.raises(UsageError, match="every address of a domain") as caught:
        files.read(_file(tmp_path, f"address,what\na@x.com,block\n{cell},block\n"))
    assert caught.value.where.endswith("facts.csv:3")


def test_a_star_inside_a_local_part_is_a_star(tmp_path: Path) -> None:
    content = files.read(_file(tmp_path, "address,what\nana*b@x.com,block\n"))
    assert [one["address_loose"] for one in content.rows[Kind.CONSENT_FACT]] == ["ana*b@x.com"]


def test_a_piece_that_is_no_address_stays_a_denial_beside_one_that_is(tmp_path: Path) -> None:
    content = files.read(_file(tmp_path, "address,what\na@x.com; b@x,block\n"))
    assert [one["address_loose"] for one in content.rows[Kind.CONSENT_FACT]] == ["a@x.com", "b@x"]


def test_a_person_has_the_keys_of_the_address_whatever_the_row_said() -> None:
    known = person("1", "Ana@x.com")
    assert with_keys(known) is known
    assert with_keys({"key": "1", "email": "Ana@x.com"})["email_loose"] == "ana@x.com"
    assert with_keys(known | {"email": "Ben@x.com"})["email_strict"] == "Ben@x.com"


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("facts", "Salesforce export", True),
        ("CRM", "", True),
        ("facts", "scrmble", False),
        ("facts", "a letter", False),
    ],
)
def test_a_row_is_the_crm_s_when_it_or_its_file_says_so(tmp_path: Path, name: str, source: str, told: bool) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_text(f"address,what,source\na@x.com,objection,{source}\n", encoding="utf-8")
    (row,) = files.read(path).rows[Kind.CONSENT_FACT]
    assert files.of_crm(row) is told


def test_a_list_that_is_left_out_of_mail_holds_its_member_since_they_joined() -> None:
    held = from_list("old", "9", "5", NOW)
    assert (held["kind"], held["holder"], held["person_key"], held["lo"]) == ("source_hold", "person", "5", NOW)
    assert (held["polarity"], held["topic"], held["address_loose"]) == ("-", "*", None)
    assert from_list("old", "9", "5", None)["lo"] is None
