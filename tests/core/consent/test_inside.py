"""A text that is no address and holds some: its denials reach each of them, its grants none."""

from pathlib import Path

from mamigrate.consent import inside
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from rows import fact

TEXT = "Ana <ana@x.example>; mailto:Ben@x.example"
ROWS = [
    fact("text", address_loose=TEXT.casefold()),
    fact("plain", address_loose="ana@x.example", address_strict="ana@x.example"),
    fact("grant", "grant", polarity="+", address_loose=TEXT.casefold()),
    fact("person", holder="person", person_key="1", address_loose=TEXT.casefold()),
    fact("nobody"),
]


def test_only_a_denial_of_an_address_that_is_none_is_looked_into(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "spill")
    table = engine.rows_as_table(ROWS, Kind.CONSENT_FACT)
    assert [row["key"] for row in engine.rows(inside.unplain(table))] == ["text"]
    assert [row["key"] for row in ROWS if inside.is_unplain(row)] == ["text"]


def test_every_address_inside_is_denied_beside_the_text_itself(tmp_path: Path) -> None:
    found = list(inside.denials(ROWS[:1]))
    assert [(row["address_strict"], row["address_loose"]) for row in found] == [
        ("ana@x.example", "ana@x.example"),
        ("ben@x.example", "ben@x.example"),
    ]
    assert {(row["kind"], row["polarity"]) for row in found} == {("objection", "-")}
    assert len({row["key"] for row in [*found, *ROWS]}) == len(found) + len(ROWS)
    engine = Engine(tmp_path / "spill")
    everything = engine.rows_as_table([*ROWS, *found], Kind.CONSENT_FACT)
    assert {row["key"] for row in engine.rows(inside.apart(everything))} == {row["key"] for row in ROWS}
