"""Facts from blocking fields and from files."""

from pathlib import Path

import pytest

from mamigrate.consent import files
from mamigrate.consent.facts import from_blockers, hits
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


def test_a_suspension_ends_after_a_day_and_lasts_where_its_beginning_is_unreadable() -> None:
    assert not hits(SUSPENDED, {"suspended": "true", "since": "2025-12-30T00:00:00Z"}, NOW)
    assert hits(SUSPENDED, {"suspended": "true", "since": "2025-12-31T12:00:00Z"}, NOW)
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
    assert first["lo"] < first["hi"]
    assert (second["person_key"], second["holder"], second["topic"], second["lo"]) == ("7", "person", "9", second["hi"])
    assert content.problems == []


def test_a_row_that_does_not_parse_still_denies_whom_it_names(tmp_path: Path) -> None:
    content = files.read(_file(tmp_path, "address,what,when\na@x.com,whatever,yesterday\n,objection,\n"))
    (only,) = content.rows[Kind.CONSENT_FACT]
    assert (only["kind"], only["lo"], only["hi"]) == ("unparsed", None, None)
    assert [found.code for found in content.problems] == ["fact_unknown", "bad_value", "fact_without_holder"]


@pytest.mark.parametrize("text", ["", "name,when\n", "address,when\na@x.com,\n"])
def test_a_file_without_the_needed_columns_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        files.read(_file(tmp_path, text))
    assert "facts.csv" in caught.value.where


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        files.read(tmp_path / "none.csv")
