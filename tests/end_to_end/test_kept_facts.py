"""A denial that a file told once holds in every later run, however the file changes or is forgotten."""

from pathlib import Path
from typing import Any

import pytest

from mamigrate.settings.project import Project
from mamigrate.stages import told
from pair import Pair, Said, decide, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

SIDES = ("--source", "old", "--target", "new")


def filed(pair: Pair, *rows: str, name: str = "letters.csv") -> tuple[str, str]:
    """Words that give a run a file of these rows."""
    path = pair.folder / name
    path.write_text("\n".join(("address,id,what,when,source", *rows)) + "\n")
    return "--facts", str(path)


def kept(pair: Pair) -> list[Path]:
    return sorted((pair.folder / ".mamigrate" / "evidence" / "facts").iterdir())


def found(said: Said, code: str) -> list[dict[str, Any]]:
    return [one["params"] for one in said.report["findings"] if one["code"] == code]


def two(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")


def merged(pair: Pair) -> None:
    """The source makes Ana's record a part of Ben's."""
    pair.source.people["5"].archived = True
    pair.source.people["6"].merged.append("5")


def test_a_denial_of_a_file_holds_after_a_rollback_without_the_file(pair: Pair) -> None:
    two(pair)
    pair.moved(*filed(pair, "ana@x.example,,org_hold,2024-01-01,CRM"))
    assert pair.say("rollback", *SIDES, "--yes").code == 0
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert mailable(pair.landed("ben@x.example"))
    # The file's own; and what the rollback kept of the person whom it deleted, by address and by id.
    assert [one["denials"] for one in found(said, "facts_hold")] == ["2", "1"]


def test_an_objection_by_id_goes_with_a_record_that_is_merged_later(pair: Pair) -> None:
    two(pair)
    pair.moved(*filed(pair, ",5,objection,2024-01-01,CRM"))
    merged(pair)
    pair.moved()
    assert not mailable(pair.landed("ben@x.example"))


def test_a_file_that_has_shrunk_takes_no_denial_back(pair: Pair) -> None:
    two(pair)
    facts(pair, "ana@x.example,,objection,2024-01-01,CRM", "new@x.example,,objection,2024-01-01,CRM")
    pair.moved()
    facts(pair, "ana@x.example,,objection,2024-01-01,CRM")
    pair.source.person("new@x.example", id="7")
    said = pair.moved()
    assert not mailable(pair.landed("new@x.example"))
    assert [one["denials"] for one in found(said, "facts_hold")] == ["1"]


def test_a_file_that_has_grown_tells_each_denial_once(pair: Pair) -> None:
    two(pair)
    facts(pair, "ana@x.example,,objection,2024-01-01,CRM")
    pair.moved()
    facts(pair, "ben@x.example,,objection,2024-01-01,call", "ana@x.example,,objection,2024-01-01,CRM")
    said = pair.moved()
    assert said.report["accounts"]["consent_fact"]["read"] == 2
    assert found(said, "facts_hold") == []
    assert not mailable(pair.landed("ben@x.example"))


def test_the_same_file_is_kept_once(pair: Pair) -> None:
    two(pair)
    given = filed(pair, "ana@x.example,,objection,2024-01-01,CRM")
    for _ in range(2):
        pair.moved(*given)
    assert len(kept(pair)) == 1


def test_a_decision_lets_a_file_go(pair: Pair) -> None:
    two(pair)
    pair.moved(*filed(pair, ",5,objection,2024-01-01,CRM"))
    merged(pair)
    (one,) = found(pair.say("plan", *SIDES, "--json"), "facts_hold")
    decide(pair, f"forget-facts/{one['id']}")
    said = pair.moved()
    assert [told_of["id"] for told_of in found(said, "facts_let_go")] == [one["id"]]
    assert mailable(pair.landed("ben@x.example"))
    assert not mailable(pair.landed("ana@x.example"))


def test_a_kept_file_that_is_gone_stops_the_run_until_somebody_decides(pair: Pair) -> None:
    two(pair)
    pair.moved(*filed(pair, "ana@x.example,,objection,2024-01-01,CRM"))
    (copy,) = kept(pair)
    copy.unlink()
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"facts_lost"})
    (one,) = found(said, "facts_lost")
    decide(pair, f"forget-facts/{one['id']}")
    pair.moved()


@pytest.mark.parametrize("damage", [b"", b"no frame", b"\x28\xb5\x2f\xfd"])
def test_a_kept_file_that_is_damaged_stops_the_run(pair: Pair, damage: bytes) -> None:
    two(pair)
    pair.moved(*filed(pair, "ana@x.example,,objection,2024-01-01,CRM"))
    (copy,) = kept(pair)
    copy.write_bytes(damage)
    assert pair.run().blocking == {"facts_lost"}


def test_kept_files_hold_when_the_ledger_is_lost(pair: Pair) -> None:
    two(pair)
    pair.moved(*filed(pair, "new@x.example,,objection,2024-01-01,CRM"))
    for file in (pair.folder / ".mamigrate").glob("ledger*"):
        file.unlink()
    pair.target.records.clear()
    pair.source.person("new@x.example", id="7")
    pair.run()
    assert not mailable(pair.landed("new@x.example"))


def test_a_file_that_nobody_understands_is_not_kept(pair: Pair) -> None:
    two(pair)
    path = pair.folder / "letters.csv"
    path.write_text('address,what\n"ana@x.example,objection\n')
    assert pair.run("--facts", str(path)).code == 2
    assert not (pair.folder / ".mamigrate" / "evidence" / "facts").exists()
    path.write_text("address,what\nana@x.example,objection\n")
    pair.moved("--facts", str(path))


def test_for_another_source_an_address_is_the_same_and_an_id_is_not(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.moved(*filed(pair, ",5,objection,2024-01-01,CRM", "ben@x.example,5,objection,2024-01-01,CRM"))
    pair.connection("old")
    pair.toml["connections.third"] = pair.toml["connections.old"]
    pair.source.records.clear()
    pair.source.person("carl@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    mapping = pair.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text().replace('source: "old"', 'source: "third"'))
    said = pair.say("run", "--source", "third", "--target", "new", "--json")
    assert said.code == 0, said.err
    assert mailable(pair.landed("carl@x.example"))
    assert not mailable(pair.landed("ben@x.example"))


def test_kept_files_are_encrypted_where_the_project_names_a_key(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAPSHOT_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    pair.toml["snapshots"] = 'key_env = "SNAPSHOT_KEY"'
    two(pair)
    pair.moved(*filed(pair, ",5,objection,2024-01-01,CRM"))
    (copy,) = kept(pair)
    assert copy.name.endswith(told._SEALED)
    merged(pair)
    pair.moved()
    assert not mailable(pair.landed("ben@x.example"))
    del pair.toml["snapshots"]
    assert pair.run("--fresh").code == 6


def test_kept_files_are_private(pair: Pair) -> None:
    two(pair)
    pair.moved(*filed(pair, "ana@x.example,,objection,2024-01-01,CRM"))
    folder = Project.open(pair.folder).told
    assert [path.stat().st_mode & 0o777 for path in (folder, *kept(pair))] == [0o700, 0o600]


def test_a_file_that_nobody_understands_stops_its_own_command_alone(pair: Pair) -> None:
    two(pair)
    for name, content in (
        ("sjis.csv", "address,what\n山田@x.example,objection\n".encode("shift-jis")),
        ("b.csv", b"x"),
    ):
        (pair.folder / name).write_bytes(content)
        said = pair.say("plan", *SIDES, "--facts", str(pair.folder / name))
        assert (said.code, "put it right and name it again" in said.err) == (2, True), said.err
    said = pair.say("plan", *SIDES)
    assert (said.code, "taken over" in said.err) == (0, False), said.err
    assert kept(pair) == []


def test_a_file_that_an_unfinished_run_understood_is_not_forgotten_when_it_is_damaged(pair: Pair) -> None:
    two(pair)
    given = filed(pair, "ana@x.example,,objection,2024-01-01,CRM")
    (pair.folder / "mapping.yaml").write_text("[]")
    assert pair.say("run", *SIDES, *given).code == 3
    Path(given[1]).write_bytes(b"\xff")
    said = pair.say("run", *SIDES)
    assert (said.code, "an earlier run read denials from this file" in said.err) == (2, True), said.err
