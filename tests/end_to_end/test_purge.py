"""The end of a move: what it staged is destroyed, who was denied is still known, and a statement says so."""

import base64
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import failing
from canary import STEMS, packed, plaintext
from forked import Forked
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import OptOut
from mamigrate_sandbox.alone import alone, serves
from pair import Pair, Said, everything, facts
from rows import NOW

pytestmark = pytest.mark.gate

GIVEN, FAMILY, LOCAL = STEMS
PEOPLE = 1000


def canaries(pair: Pair, number: int = PEOPLE) -> None:
    """People who can be told from everybody else; some denied, some refused, one in seven there already."""
    for n in range(number):
        address = f"{LOCAL}{n:04d}@canary.example"
        person = pair.source.person(address, id=str(1000 + n))
        person.values |= {"first_name": f"{GIVEN}{n}", "last_name": f"{FAMILY}{n}", "city": f"{GIVEN}-{n}"}
        if n % 5 == 0:
            person.values["unsubscribed"] = "true"
        if n % 7 == 0:
            pair.target.person(address, first_name=f"{GIVEN} before {n}")
    pair.source.opt_outs.append(OptOut(address=f"{LOCAL}-nobody@canary.example"))


def purged(pair: Pair, *words: str) -> dict[str, Any]:
    said = pair.say("purge", "--yes", "--json", "--by", "Sato", *words)
    assert said.code == 0, said.err
    return said.report


# --- nobody is left ------------------------------------------------------------------------------------------------------


def test_nobody_stands_in_any_byte_of_the_project_after_a_purge(pair: Pair) -> None:
    """1,000 people: names, addresses, values, as text, UTF-16, base64, hexadecimal; ledger, its log and free pages too."""
    canaries(pair)
    facts(pair, f"{LOCAL}-file@canary.example,,objection,2026-01-01,by hand")
    pair.moved("--unmask")
    assert len(plaintext(pair.folder)) > 3
    told = purged(pair, "--facts")
    assert plaintext(pair.folder) == {}
    assert packed(pair.folder) == []
    assert (told["state"], told["who"]) == ("done", "Sato")
    assert {one["what"]: one["found"] for one in told["checks"]} == {
        "files_left": 0,
        "rows_left": 0,
        "addresses_in_reports": 0,
    }
    assert {"connection": "old", "kind": "person", "objects": PEOPLE} in told["read"]


def test_the_search_would_find_what_is_left(tmp_path: Path) -> None:
    """Each form in a file of its own, so that the silence above means something."""
    texts = [f"x{GIVEN}1".encode(), LOCAL.upper().encode(), FAMILY.encode("utf-16-le"), FAMILY[::-1].encode()]
    texts += [base64.b64encode(b"a" * n + f"{GIVEN} {FAMILY}".encode()) for n in range(3)]
    texts.append(base64.b64encode(f"{GIVEN} {FAMILY}".encode("utf-16-le")))
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.bin").write_bytes(b"\x00" + text + b"\x00")
    assert len(plaintext(tmp_path)) == len(texts)


def test_what_is_no_person_stays(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    purged(pair)
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    run = ledger.runs()[-1]
    sums = ledger.tallies(run.id)
    ledger.close()
    report = pair.folder / "reports" / run.id
    assert sums["person"] == {"created": 2}
    assert sorted(path.name for path in report.iterdir() if path.is_file()) == ["run.html", "run.json"]
    told = json.loads((report / "run.json").read_bytes())
    assert told["accounts"]["person"]["buckets"] == {"created": 2}
    assert [one for one in told["reasons"] if one["kind"] == "person" and one["rows"]] == []
    assert (pair.folder / "mapping.yaml").exists()


def test_rows_and_findings_about_people_leave_the_report_and_are_counted(pair: Pair) -> None:
    pair.source.person("not an address", id="77", first_name="Ana")
    pair.source.person("ben@x.example", id="78")
    before = pair.run().report
    personal = [one for one in before["findings"] if "/person/" in one["subject"]]
    assert personal
    purged(pair)
    (report,) = [path for path in (pair.folder / "reports").glob("*/run.json")]
    told = json.loads(report.read_bytes())
    assert told["destroyed"] == len(personal)
    assert [one for one in told["findings"] if "/person/" in one["subject"]] == []
    page = report.with_name("run.html").read_text(encoding="utf-8")
    assert f"Findings about people that were destroyed with their data: {len(personal)}." in page
    assert "findings.csv" not in page


def test_a_report_in_clear_goes_whole(pair: Pair) -> None:
    everything(pair)
    run = pair.moved("--unmask").report["run"]
    purged(pair)
    assert [path for path in (pair.folder / "reports" / run).rglob("*") if path.is_file()] == []


def test_files_of_facts_are_the_user_s_own_until_they_are_named(pair: Pair) -> None:
    everything(pair)
    facts(pair, "ana@x.example,,objection,2026-01-01,by hand")
    pair.moved()
    told = purged(pair)
    assert (pair.folder / "facts.csv").exists()
    (kept,) = [one for one in told["remains"] if one["what"] == "facts"]
    assert (kept["files"], kept["personal"]) == (1, "yes")
    told = purged(pair, "--facts")
    assert not (pair.folder / "facts.csv").exists()
    assert [one["path"] for one in told["places"]] == ["facts.csv"]


def test_a_file_of_facts_outside_the_project_is_told_and_not_touched(pair: Pair, tmp_path: Path) -> None:
    everything(pair)
    path = tmp_path / "elsewhere.csv"
    path.write_text("address,id,what,when,source\neve@x.example,,objection,2026-01-01,crm\n")
    pair.moved("--facts", str(path))
    told = purged(pair, "--facts")
    assert path.exists()
    assert [one["subject"] for one in told["findings"] if one["code"] == "purge_facts_outside"] == [str(path)]
    assert denied(pair, "eve@x.example") == ["opted out of everything"]


def test_the_evidence_is_spared(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    record = pair.folder / ".mamigrate" / "evidence" / "records.jsonl"
    record.write_text('{"record": 1}\n')
    told = purged(pair)
    assert record.read_text() == '{"record": 1}\n'
    (kept,) = [one for one in told["remains"] if one["what"] == "evidence"]
    files = [path for path in record.parent.rglob("*") if path.is_file()]
    assert kept["files"] == len(files) >= 5
    assert {path.stat().st_mode & 0o777 for path in files if path != record} == {0o600}


def test_whatever_lies_in_the_private_folder_goes(pair: Pair) -> None:
    """Crash files, a sandbox's state, a ledger that was moved away, and what a killed process was about to write."""
    everything(pair)
    pair.moved()
    home = pair.folder / ".mamigrate"
    for name in ("crashes/1.txt", "sandbox/old.sqlite", "ledger.sqlite.damaged", "spill/x", ".ledger.sqlite.12.new"):
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text("somebody")
    (pair.folder / ".mapping.yaml.99.new").write_text("somebody")
    told = purged(pair)
    assert {one["what"] for one in told["places"]} >= {
        "crashes",
        "sandbox",
        "others",
        "spill",
        "drafts",
        "snapshots",
        "plans",
    }
    left = {path.name for path in home.rglob("*") if path.is_file() and "evidence" not in path.parts}
    assert left <= {"lock", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}
    assert not (pair.folder / ".mapping.yaml.99.new").exists()


def test_a_link_is_removed_and_what_it_names_is_not(pair: Pair, tmp_path: Path) -> None:
    everything(pair)
    pair.moved()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("mine")
    (pair.folder / ".mamigrate" / "snapshots" / "link").symlink_to(mine)
    purged(pair)
    assert (mine / "letter.txt").read_text() == "mine"
    assert not (pair.folder / ".mamigrate" / "snapshots" / "link").is_symlink()


def test_a_file_with_a_further_name_is_told(pair: Pair, tmp_path: Path) -> None:
    everything(pair)
    pair.moved()
    (pair.folder / ".mamigrate" / "crashes").mkdir()
    (pair.folder / ".mamigrate" / "crashes" / "1.txt").write_text("somebody")
    os.link(pair.folder / ".mamigrate" / "crashes" / "1.txt", tmp_path / "copy.txt")
    told = purged(pair)
    assert [one["params"]["count"] for one in told["findings"] if one["code"] == "purge_linked"] == ["1"]


# --- who was denied is still known -----------------------------------------------------------------------------------------


def denied(pair: Pair, address: str) -> list[str]:
    said = pair.say("purge", "--check", address)
    assert (said.code == 3) == said.out.startswith("denied: ")
    return said.out.strip().removeprefix("denied: ").split("; ") if said.code else []


def test_denied_addresses_are_known_again_by_a_keyed_hash(pair: Pair) -> None:
    everything(pair)
    facts(pair, "file@x.example,,erasure,2026-01-01,by hand")
    pair.moved()
    told = purged(pair)
    assert "opted out of everything" in denied(pair, "Ana@X.example")
    assert denied(pair, "nobody@x.example")
    assert "erased" in denied(pair, "file@x.example")
    assert denied(pair, "ben@x.example") == []
    for mistyped in (str(pair.folder / "nosuch"), "nobody"):
        said = pair.say("purge", "--check", mistyped)
        assert (said.code, said.out) == (2, "")
        assert "neither an address nor a file or folder that is there" in said.err
    assert told["tombstones"][""] == 3
    evidence = pair.folder / ".mamigrate" / "evidence"
    text = (evidence / "tombstones.jsonl").read_text()
    assert "x.example" not in text
    marks = [json.loads(line)["mark"] for line in text.splitlines()]
    assert marks == sorted(marks)


def test_an_address_is_read_from_standard_input(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line stands in the shell's history."""
    everything(pair)
    pair.moved()
    purged(pair)
    monkeypatch.setattr(sys, "stdin", StringIO("ana@x.example\n"))
    assert pair.say("purge", "--check", "-").code == 3


def test_a_copy_of_what_was_destroyed_is_known_again(pair: Pair, tmp_path: Path) -> None:
    everything(pair)
    pair.moved()
    (snapshot, *_) = sorted((pair.folder / ".mamigrate" / "snapshots").iterdir())
    shutil.copytree(snapshot, tmp_path / "backup")
    purged(pair)
    assert "a copy of .mamigrate/snapshots/" in pair.say("purge", "--check", str(tmp_path / "backup")).out
    (tmp_path / "backup" / "manifest.json").write_text("{}")
    assert pair.say("purge", "--check", str(tmp_path / "backup")).out.startswith("no copy")


# --- before and after ----------------------------------------------------------------------------------------------------


def test_the_preview_says_what_would_go_and_touches_nothing(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    before = {path: path.stat().st_mtime_ns for path in pair.folder.rglob("*") if "sqlite" not in path.name}
    said = pair.say("purge")
    after = {path: path.stat().st_mtime_ns for path in pair.folder.rglob("*") if "sqlite" not in path.name}
    assert (said.code, before.keys()) == (0, after.keys())
    assert {path for path in before if before[path] != after[path]} <= {
        pair.folder / "mamigrate.toml",
        pair.folder / ".mamigrate",
    }
    assert "2 person" in said.out
    assert "rows of the ledger's table idmap" in said.out
    assert "stays: project file, mapping and decisions" in said.out


def test_a_move_that_did_not_end_well_holds_up_a_purge_until_it_is_given_up(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    ledger.begin_run(
        Run(id="9", command="run", source="old", target="new", status="running", began_at=NOW.replace(year=2999))
    )
    ledger.intend("9", "", "people", "person", [{"key": "5"}])
    ledger.close()
    said = pair.say("purge", "--yes")
    assert said.code == 3
    assert "run 9 (old -> new) did not come to a good end: killed" in said.err
    looked = pair.say("purge")
    assert (looked.code, looked.err) == (3, said.err)
    stays = [line.partition(" (")[0] for line in looked.out.splitlines() if line.startswith("stays: ")]
    assert len(stays) == len(set(stays)) > 2
    preview = pair.say("purge", "--json").report
    assert {one["code"] for one in preview["findings"]} == {"purge_run_open", "purge_writes_open"}
    assert list((pair.folder / ".mamigrate" / "snapshots").iterdir())
    told = purged(pair, "--abandon")
    assert (told["abandoned"], told["writes_open"]) == (["9"], 1)
    assert "9  run old -> new: abandoned" in pair.say("status").out


def test_nothing_goes_on_in_a_purged_project_and_status_says_so(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    run = purged(pair)["run"]
    writes = pair.writes()
    for words in (("run",), ("plan",), ("apply",), ("rollback",), ("rollback", "--yes")):
        said = pair.say(*words, "--source", "old", "--target", "new")
        assert (said.code, "no move can go on, be applied, be undone or be repeated from here" in said.err) == (2, True)
    assert pair.writes() == writes
    said = pair.say("status")
    assert f"{run}  purge: done, exit code 0" in said.out
    assert f"reports/{run}/purge.html" in said.out
    assert "person: created 2" in said.out
    assert "go on with" not in said.out
    assert pair.say("purge", "--yes").out == "nothing is left to destroy\n"


def test_a_project_in_which_nothing_ran_has_nothing_to_purge(pair: Pair) -> None:
    said = pair.say("purge")
    assert (said.code, "nothing ever ran" in said.err) == (2, True)
    assert not (pair.folder / ".mamigrate").exists()


def test_one_wish_at_a_time(pair: Pair) -> None:
    assert pair.say("purge", "--yes", "--statement").code == 2
    assert pair.say("purge", "--statement", "--lang", "de").code == 2


def test_a_served_sandbox_is_not_pulled_from_under_its_server(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    state = pair.folder / ".mamigrate" / "sandbox" / "old.sqlite"
    state.parent.mkdir()
    state.write_text("x")
    with alone(state, "old") as file:
        serves(file, "http://127.0.0.1:9")
        said = pair.say("purge", "--yes")
        assert (said.code, "sandbox old" in said.err) == (6, True)
    assert state.exists()
    purged(pair)
    assert not state.exists()


def test_a_snapshot_whose_key_is_gone_holds_up_a_purge(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)
    monkeypatch.setenv("PURGE_KEY", base64.b64encode(bytes(range(32))).decode())
    pair.toml["snapshots"] = 'key_env = "PURGE_KEY"'
    pair.moved()
    del pair.toml["snapshots"]
    said = pair.say("purge", "--yes")
    assert (said.code, "leave no tombstones" in said.err) == (3, True)
    preview = pair.say("purge", "--json").report
    assert {one["code"] for one in preview["findings"]} == {"purge_denials_unread"}
    told = purged(pair, "--abandon")
    assert len(told["unread"]) == 2
    assert denied(pair, "nobody@x.example") == ["denied, the ledger does not know how"]
    assert denied(pair, "ana@x.example") == []


def test_an_encrypted_snapshot_leaves_tombstones_where_its_key_is_known(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(pair)
    monkeypatch.setenv("PURGE_KEY", base64.b64encode(bytes(range(32))).decode())
    pair.toml["snapshots"] = 'key_env = "PURGE_KEY"'
    pair.moved()
    purged(pair)
    assert "opted out of everything" in denied(pair, "ana@x.example")


# --- killed on the way -------------------------------------------------------------------------------------------------------

SITES = [(site, hit, when) for site, hits in (
    ("begin_purge", (1,)), ("note_purge", (1, 2, 3)), ("forget", (1, 3, 6)), ("replacing", (1, 2, 3, 5)),
    ("forget_people", (1,)), ("vacuum", (1,)), ("note_run", (1, 2)),
) for hit in hits for when in ("before", "after")]  # fmt: skip


def killed(pair: Pair, site: str, hit: int, when: str, *words: str) -> int:
    pair.write()
    line = ["purge", "--yes", "--project", str(pair.folder), *words]
    return Forked(failing.purge, f"{when} {site}", hit, line).done().returncode


def test_killed_while_files_go_the_same_command_finishes_it(pair: Pair) -> None:
    _after_a_kill(_with_canaries(pair), "forget", 3, "after")


@pytest.mark.parametrize(("site", "hit", "when"), SITES)
def test_killed_anywhere_the_same_command_finishes_it(pair: Pair, site: str, hit: int, when: str) -> None:
    _after_a_kill(_with_canaries(pair), site, hit, when)


def _with_canaries(pair: Pair) -> Pair:
    canaries(pair, 20)
    facts(pair, f"{LOCAL}-file@canary.example,,objection,2026-01-01,by hand")
    pair.moved()
    return pair


def _after_a_kill(pair: Pair, site: str, hit: int, when: str) -> None:
    code = killed(pair, site, hit, when, "--facts", "--by", "Ito")
    assert code == -signal.SIGKILL
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    begun = ledger.purges()
    ledger.close()
    if begun and begun[0].ended_at is None:
        said = pair.say("run", "--source", "old", "--target", "new")
        assert (said.code, "mamigrate purge --yes" in said.err) == (2, True)
        assert "go on with: mamigrate purge --yes" in pair.say("status").out
    said = pair.say("purge", "--yes", "--facts", "--json")
    assert said.code == 0, said.err
    assert plaintext(pair.folder) == {}
    assert packed(pair.folder) == []
    assert denied(pair, f"{LOCAL}0000@canary.example")
    assert denied(pair, f"{LOCAL}-file@canary.example")
    assert not denied(pair, f"{LOCAL}0001@canary.example")
    told = last_statement(pair)
    assert told["who"] == ("Ito" if begun else told["who"])
    assert {one["what"] for one in told["places"]} >= {"snapshots", "plans", "facts", "reports"}
    assert {"idmap", "account", "batch"} <= set(told["rows"])
    assert all(one["digest"] for one in told["places"])


def last_statement(pair: Pair) -> dict[str, Any]:
    path = max((pair.folder / "reports").glob("*/purge.json"))
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_whoever_interrupts_a_purge_is_told_how_to_go_on(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    everything(pair)
    pair.moved()
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "forget_people", _interrupting(Ledger.forget_people))
        assert pair.say("purge", "--yes").code == 5
    assert "go on with: mamigrate purge --yes" in pair.say("status").out
    assert pair.say("purge", "--yes").code == 0


def _interrupting(looked: Any) -> Any:
    def looks(ledger: Ledger) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return looked(ledger)

    return looks


# --- papers ----------------------------------------------------------------------------------------------------------------


TRANSFERS = """controller = "Minamo KK, privacy@minamo.example"
signed = "Sato"
[transfers.holders.old]
name = "Old Inc."
country = "US"
purpose = "marketing until the switch"
basis = "processing agreement"
until = 2026-12-31
[transfers.holders.new]
name = "New Ltd."
country = "IE"
purpose = "marketing"
basis = "processing agreement"
until = "withdrawal"
[transfers.project]
basis = "legitimate interest"
until = 2026-10-31
[transfers.evidence]
basis = "duty of proof"
until = 2032-12-31
[[transfers.recipients]]
name = "Consult GmbH"
country = "DE"
purpose = "carries out the move"
basis = "processing agreement"
until = 2026-11-30"""


def test_the_sheet_says_who_holds_what(pair: Pair) -> None:
    everything(pair)
    pair.toml["transfers"] = TRANSFERS
    pair.moved()
    told = pair.say("purge", "--transfers", "--json").report
    holders = {one["role"]: one for one in told["holders"]}
    assert (told["complete"], told["findings"]) == (True, [])
    assert (holders["source"]["name"], holders["source"]["country"], holders["source"]["until"]) == (
        "Old Inc.",
        "US",
        "2026-12-31",
    )
    assert {"kind": "person", "how": "read", "objects": 2, "compliance": False} in holders["source"]["data"]
    assert {"kind": "person", "how": "created", "objects": 2, "compliance": False} in holders["target"]["data"]
    (suppressed,) = [one for one in holders["target"]["data"] if one["compliance"]]
    assert (suppressed["kind"], suppressed["objects"]) == ("suppressed_address", 1)
    assert holders["recipient"]["name"] == "Consult GmbH"
    assert {"snapshots", "ledger"} <= {one["what"] for one in holders["project"]["data"]}
    page = max((pair.folder / "reports").glob("*/transfers.html")).read_text(encoding="utf-8")
    assert "Compliance transfer: these addresses" in page
    assert "法令遵守のための移転" in page


def test_what_the_project_does_not_state_is_told(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    told = pair.say("purge", "--transfers", "--json").report
    assert told["complete"] is False
    unstated = {one["subject"] for one in told["findings"] if one["code"] == "transfer_unstated"}
    assert unstated == {
        "[transfers]",
        "[transfers.holders.old]",
        "[transfers.holders.new]",
        "[transfers.project]",
        "[transfers.evidence]",
    }
    pair.toml["transfers"] = 'controller = "Minamo"\n[transfers.holders.olt]\nname = "x"'
    told = pair.say("purge", "--transfers", "--json").report
    assert [one["subject"] for one in told["findings"] if one["code"] == "transfer_holder_unknown"] == [
        "[transfers.holders.olt]"
    ]


def test_after_a_purge_the_sheet_still_says_what_was_moved(pair: Pair) -> None:
    everything(pair)
    pair.toml["transfers"] = TRANSFERS
    pair.moved()
    before = pair.say("purge", "--transfers", "--json").report
    statement = purged(pair)
    after = pair.say("purge", "--transfers", "--json").report
    for one in ("source", "target"):
        assert [h for h in before["holders"] if h["role"] == one] == [h for h in after["holders"] if h["role"] == one]
    assert statement["transfers"]["complete"]
    (project,) = [one for one in after["holders"] if one["role"] == "project"]
    assert {one["what"] for one in project["data"]} <= {"ledger", "reports", "by_hand"}


def test_the_statement_can_be_written_again_and_its_hash_stands_in_the_ledger(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    first = purged(pair)
    folder = pair.folder / "reports" / first["run"]
    said = pair.say("purge", "--statement", "--lang", "ja")
    assert said.out.strip() == str(folder / "purge.html")
    assert '<html lang="ja">' in (folder / "purge.html").read_text(encoding="utf-8")
    again = last_statement(pair)
    same = ("run", "who", "began_at", "ended_at", "places", "rows", "tombstones", "read", "state")
    assert {name: first[name] for name in same} == {name: again[name] for name in same}
    with sqlite3.connect(pair.folder / ".mamigrate" / "ledger.sqlite") as link:
        (noted,) = link.execute("select statement from purge").fetchone()
    link.close()
    assert noted == hashlib.sha256((folder / "purge.json").read_bytes()).hexdigest()


def test_what_a_statement_does_not_know_is_told_on_the_screen(pair: Pair) -> None:
    everything(pair)
    pair.toml["transfers"] = 'controller = "Minamo"\n[transfers.holders.olt]\nname = "x"'
    pair.moved()
    purged(pair)
    said = pair.say("purge", "--statement")
    assert (said.code, said.out.endswith("purge.html\n")) == (0, True)
    told = said.err.splitlines()
    assert [line for line in told if line.startswith("warn: ") and "[transfers.evidence]" in line]
    assert [line for line in told if line.startswith("warn: ") and "[transfers.holders.olt]" in line]


def test_there_is_no_statement_before_a_purge(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    said = pair.say("purge", "--statement")
    assert (said.code, "nothing was purged" in said.err) == (2, True)


def test_what_comes_back_after_all_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else writes into the folder meanwhile."""
    everything(pair)
    pair.moved()
    vacuum = Ledger.vacuum

    def writes(ledger: Ledger) -> None:
        vacuum(ledger)
        (pair.folder / ".mamigrate" / "crashes").mkdir(exist_ok=True)
        (pair.folder / ".mamigrate" / "crashes" / "1.txt").write_text("somebody")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "vacuum", writes)
        said: Said = pair.say("purge", "--yes", "--json")
    assert (said.code, said.report["state"]) == (3, "partly")
    assert [one["subject"] for one in said.report["findings"] if one["code"] == "purge_left"] == [".mamigrate/crashes"]
    assert purged(pair)["state"] == "done"


def test_everything_that_the_pages_show_is_told_in_every_language(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    folder = pair.folder / "reports" / purged(pair)["run"]
    page = (folder / "purge.html").read_text(encoding="utf-8")
    for said in ("was destroyed", "消去しました", "파기했습니다"):
        assert said in page
    assert Kind.PERSON.value in {one["kind"] for one in last_statement(pair)["read"]}
