import stat
import tomllib
from pathlib import Path

import pytest

from mamigrate.consent import files
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind
from mamigrate.settings import decisions
from mamigrate_sandbox import project
from mamigrate_sandbox.command import wished
from mamigrate_sandbox.running import Wish, opened

HUBSPOT = Wish("hubspot", "hubspot", "messy", 400, 7)
MARKETO = Wish("marketo", "marketo", "lived", 400, 7)
AT = {"base_url": "http://127.0.0.1:1", "control_url": "http://127.0.0.1:2"}
BOTH = [(HUBSPOT, {**AT, "access_token": "t"}), (MARKETO, {**AT, "client_id": "c", "client_secret": "s"})]


def test_the_project_is_signed_and_knows_both_sides(tmp_path: Path) -> None:
    project.write(tmp_path, BOTH)
    written = tomllib.loads((tmp_path / "mamigrate.toml").read_text())
    assert written["project"] == {"name": tmp_path.name, "time_zone": "Asia/Tokyo", "signed": "sandbox"}
    assert written["crm_link"] == {
        "order": "crm_first",
        "sync": "paused",
        "match": ["crm_id", "email"],
        "signed": "sandbox",
    }
    assert written["facts"] == {"files": ["facts/crm_optouts.csv", "facts/erased.csv"]}
    common = {"base_url": "http://127.0.0.1:1", "time_zone": "Asia/Tokyo", "speed": 60}
    assert written["connections"] == {
        "hubspot": {
            "adapter": "hubspot",
            **common,
            "access_token": "t",
            "explicit_consent": "false",
            "opt_out_sync": "either",
        },
        "marketo": {"adapter": "marketo", **common, "client_id": "c", "client_secret": "s", "contracted_people": 480},
    }
    assert stat.S_IMODE((tmp_path / "mamigrate.toml").stat().st_mode) == 0o600


def test_the_next_start_changes_connections_and_nothing_that_people_wrote(tmp_path: Path) -> None:
    project.write(tmp_path, BOTH)
    file = tmp_path / "mamigrate.toml"
    file.write_text(
        file.read_text().replace('sync = "paused"', 'sync = "on"') + '\n[connections.other]\nadapter = "files"\n'
    )
    moved = [(HUBSPOT, {**BOTH[0][1], "base_url": "http://127.0.0.1:9"}), BOTH[1]]
    project.write(tmp_path, moved)
    written = tomllib.loads(file.read_text())
    assert written["crm_link"]["sync"] == "on"
    assert written["connections"]["other"] == {"adapter": "files"}
    assert written["connections"]["hubspot"]["base_url"] == "http://127.0.0.1:9"
    assert list(written["connections"]) == ["other", "hubspot", "marketo"]


def test_the_facts_are_read_by_the_program_without_a_complaint(tmp_path: Path) -> None:
    project.write(tmp_path, BOTH)
    silent, erased = (files.read(tmp_path / "facts" / name) for name in ("crm_optouts.csv", "erased.csv"))
    assert not silent.problems and not erased.problems
    assert {row["kind"] for row in silent.rows[Kind.CONSENT_FACT]} == {"objection"}
    assert len(silent.rows[Kind.CONSENT_FACT]) == 8
    assert {row["kind"] for row in erased.rows[Kind.CONSENT_FACT]} == {"erasure"}


def test_that_the_crm_knows_no_opt_outs_is_signed_once_where_it_knows_none(tmp_path: Path) -> None:
    project.write(tmp_path, BOTH)
    file = tmp_path / "decisions.yaml"
    assert not file.exists()
    file.write_text("- {id: old-source, choice: accept, who: ana, when: 2026-01-01}")
    clean = [(Wish("hubspot", "hubspot", "clean", 60, 7), BOTH[0][1]), BOTH[1]]
    for _ in range(2):
        project.write(tmp_path, clean)
    signed = [(one.id, one.who) for one in decisions.load(file)]
    assert signed == [("old-source", "ana"), ("crm-opt-outs/none", "sandbox")]


def test_facts_stay_unless_the_start_is_a_fresh_one(tmp_path: Path) -> None:
    project.write(tmp_path, BOTH)
    file = tmp_path / "facts" / "crm_optouts.csv"
    file.write_text("address,id,what,when,source\n")
    project.write(tmp_path, BOTH)
    assert len(file.read_text().splitlines()) == 1
    project.write(tmp_path, BOTH, fresh=True)
    assert len(file.read_text().splitlines()) == 9


def test_the_first_vendor_gets_the_estate_and_names_tell_two_of_one_vendor_apart() -> None:
    wishes = wished(["hubspot:A", "hubspot:B-2"], "messy", "lived", 500, 7, 60)
    assert [(wish.name, wish.estate) for wish in wishes] == [("A", "messy"), ("B-2", "lived")]
    assert [wish.estate for wish in wished(["hubspot", "marketo"], "twin", "lived", 500, 7, 60)] == ["twin", "twin"]


@pytest.mark.parametrize(
    ("vendors", "estate", "problem"),
    [
        (["dreamforce"], "messy", "no sandbox for"),
        (["hubspot"], "grand", "no estate is called"),
        (["hubspot", "hubspot"], "messy", "two sandboxes are called"),
        (["hubspot:a b"], "messy", "no connection name"),
    ],
)
def test_a_wrong_wish_is_a_usage_error(vendors: list[str], estate: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        wished(vendors, estate, "lived", 500, 7, 60)


def test_state_is_private_reused_and_guarded_against_another_estate(tmp_path: Path) -> None:
    file = tmp_path / ".mamigrate" / "sandbox" / "a.sqlite"
    wish = Wish("marketo", "a", "clean", 20, 1)
    store = opened(wish, file, fresh=False)
    token = store.setting("client_secret")
    store.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    again = opened(Wish("marketo", "a", "clean", 20, 1, speed=1), file, fresh=False)
    assert again.setting("client_secret") == token
    again.close()
    with pytest.raises(UsageError, match="filled otherwise"):
        opened(Wish("marketo", "a", "clean", 21, 1), file, fresh=False)
    new = opened(Wish("marketo", "a", "clean", 21, 1), file, fresh=True)
    assert new.setting("client_secret") != token and new.count("leads") == 21
    new.close()


def test_a_filling_that_was_interrupted_starts_over(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    wish = Wish("marketo", "a", "clean", 5, 1)
    store = opened(wish, file, fresh=False)
    store.set("made", None)
    store.put("leads", "999", {"id": 999})
    store.close()
    again = opened(wish, file, fresh=False)
    assert again.count("leads") == 5
    again.close()


def test_a_folder_that_is_none_is_a_usage_error_of_the_estate(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder: /nope") as told:
        opened(Wish("hubspot", "h", "data:/nope", 10, 1), tmp_path / "h.sqlite", fresh=False)
    assert told.value.where == "--estate"


def test_too_few_people_for_the_estate_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 200"):
        opened(Wish("hubspot", "h", "messy", 10, 1), tmp_path / "h.sqlite", fresh=False)
