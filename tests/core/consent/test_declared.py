"""What a declared column says of each value, and the facts that it makes of people."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from mamigrate.consent import declared
from mamigrate.consent.declared import ALLOWS, DENIES, NOTHING, UNCLEAR, Declared
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.tables import schema

AT = datetime(2026, 1, 1, tzinfo=UTC)


def column(**more: Any) -> Declared:
    return Declared.model_validate({"values": {"○": ALLOWS, "×": DENIES, "△": NOTHING}, "empty": NOTHING} | more)


@pytest.mark.parametrize(
    ("text", "says"), [("○", ALLOWS), (" × ", DENIES), ("△", NOTHING), ("", NOTHING), ("  ", NOTHING), ("?", UNCLEAR)]
)
def test_a_value_says_what_somebody_declared_and_nothing_else_is_guessed(text: str, says: str) -> None:
    assert column().says(text) == says


def test_an_empty_value_denies_where_that_was_declared() -> None:
    assert column(empty="denies").says("") == DENIES


@pytest.mark.parametrize(
    ("more", "says", "kind"),
    [
        ({}, DENIES, "objection"),
        ({"topic": "news"}, DENIES, "topic_opt_out"),
        ({"by": "staff"}, DENIES, "org_hold"),
        ({}, ALLOWS, "implied_grant"),
        ({"by": "staff"}, UNCLEAR, "unparsed"),
    ],
)
def test_each_word_is_a_kind_of_fact(more: dict[str, str], says: str, kind: str) -> None:
    assert column(**more).kind(says) == kind


@pytest.mark.parametrize("values", [{"A": DENIES, "ａ": ALLOWS}, {" ": DENIES}, {}, ["x"]])
def test_a_declaration_that_contradicts_itself_or_says_nothing_is_refused(values: object) -> None:
    with pytest.raises(ValidationError):
        column(values=values)


def test_truth_and_numbers_of_a_file_are_texts() -> None:
    assert column(values={True: DENIES, 2: ALLOWS}).values == {"true": DENIES, "2": ALLOWS}


def test_of_a_type_that_is_not_there_a_no_is_one_to_everything_and_a_yes_is_none() -> None:
    known = column(topic="news")
    assert known.placed({"news"}) is known
    gone = known.placed({"club"})
    assert (gone.topic, gone.says("×"), gone.says("○")) == ("*", DENIES, NOTHING)


def test_what_denies_is_held_by_person_and_address_and_a_yes_by_the_address(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    texts = {"no": "×", "yes": "○", "silent": "△", "odd": "?", "empty": None, "homeless": "×"}
    people = engine.memory(_people(texts))
    words = engine.memory(column().words(["×", "○", "△", "?"]))
    said = declared.said(people, "c12", words, column())
    like = engine.memory(schema(Kind.CONSENT_FACT).empty_table())
    made = engine.rows(declared.facts(said, "c12", column(), "old", like))
    told = {(row["person_key"], row["kind"], row["holder"], row["polarity"]) for row in made}
    both = {
        (who, kind, h, "-") for who, kind in (("no", "objection"), ("odd", "unparsed")) for h in ("person", "address")
    }
    assert told == both | {("yes", "implied_grant", "address", "+"), ("homeless", "objection", "person", "-")}
    assert {row["actor"] for row in made if row["kind"] == "unparsed"} == {"system"}


def _people(texts: dict[str, str | None]) -> pa.Table:
    blank: dict[str, Any] = {field.name: [] if pa.types.is_list(field.type) else None for field in schema(Kind.PERSON)}
    rows = [
        {
            **blank, "key": who, "created_at": AT, "updated_at": AT, "archived": False,
            "email_strict": None if who == "homeless" else f"{who}@x.example",
            "email_loose": None if who == "homeless" else f"{who}@x.example",
            "values": [("c12", text)] if text is not None else [],
        }
        for who, text in texts.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema(Kind.PERSON))
