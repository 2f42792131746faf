"""Names beside the keys of a report's rows: for a newcomer, and without showing a person."""

from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import OwnerDef, Record
from pair import Pair, Said, everything


def names(said: Said, kind: str) -> set[tuple[str, str]]:
    """(key, name) of every row that the page shows of a kind."""
    return {(row["key"], row["name"]) for one in said.report["reasons"] if one["kind"] == kind for row in one["rows"]}


def filled(pair: Pair) -> None:
    everything(pair)
    pair.source.put(Kind.PERSON, Record(id="7", values={"first_name": "Cia"}))
    pair.source.owners["1"] = OwnerDef(id="1", name="Kim Lee", email="kim@old.example")


def test_each_row_has_a_name_and_people_are_masked(pair: Pair) -> None:
    filled(pair)
    said = pair.moved()
    assert names(said, "person") == {("5", "a•••@x.example"), ("6", "b•••@x.example"), ("7", "")}
    assert names(said, "account") == {("a1", "M•••")}
    assert names(said, "opportunity") == {("o1", "S•••")}
    assert names(said, "owner") == {("1", "K•••")}
    assert names(said, "list") == {("9", "VIP")}
    assert names(said, "list_membership") == {("9/5", "VIP"), ("9/6", "VIP")}
    assert names(said, "suppressed_address") == {("n•••@x.example", "")}
    page = next((pair.folder / "reports").rglob("run.html")).read_text()
    assert "VIP" in page
    assert not [text for text in ("ana@x.example", "Minamo", "Kim Lee") if text in page]


def test_whoever_asks_sees_names_in_clear_before_anything_is_written_too(pair: Pair) -> None:
    filled(pair)
    said = pair.run("--dry-run", "--unmask")
    assert ("5", "ana@x.example") in names(said, "person")
    assert names(said, "account") == {("a1", "Minamo")}
    assert names(said, "owner") == {("1", "Kim Lee")}
