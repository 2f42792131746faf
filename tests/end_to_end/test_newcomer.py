"""What somebody meets who tries the commands for the first time: one clear sentence, and what to do next."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mamigrate import __version__
from mamigrate.cli import failures
from mamigrate.findings import Finding, Severity
from mamigrate.http.call import Rejected
from mamigrate.testing.memory import MemoryInstance
from pair import Pair, decide, facts

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MOVE = ("--source", "old", "--target", "new")


def test_the_version_is_said(pair: Pair) -> None:
    said = pair.say("--version", project=False)
    assert (said.code, said.out) == (0, f"mamigrate {__version__}\n")


def test_groups_of_commands_say_what_they_are_about(pair: Pair) -> None:
    said = pair.say("--help", project=False)
    assert "Commands about" not in said.out
    assert "Local vendors for rehearsals" in said.out


@pytest.mark.parametrize("command", [(), ("run",), ("status",), ("adapters", "list")])
def test_options_that_may_stand_anywhere_are_in_every_help(pair: Pair, command: tuple[str, ...]) -> None:
    said = pair.say(*command, "--help", project=False)
    assert "--debug" in said.out
    assert "--block NAME" in said.out


def test_a_run_that_had_nothing_to_write_says_so(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    assert "nothing was written" not in pair.moved().err
    assert "nothing was written: new already held everything\n" in pair.moved().err


def test_apply_before_plan_names_the_command_to_run_first(pair: Pair) -> None:
    said = pair.say("apply", *MOVE)
    assert said.code == 2
    assert said.err == "apply: no plan from old to new yet: run `mamigrate plan --source old --target new` first\n"


def test_a_language_that_is_not_there_is_named_before_anything_is_read(pair: Pair) -> None:
    said = pair.run("--lang", "xx")
    assert (said.code, said.err) == (2, "--lang: there are no texts in the language 'xx'; there are en, ja, ko\n")
    assert pair.source.calls.total() == 0


def test_doctor_never_calls_a_connection_good_that_did_not_answer(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(instance: MemoryInstance) -> None:
        raise Rejected("E-77", "somebody@x.example")

    monkeypatch.setattr(MemoryInstance, "check", refuse)
    said = pair.say("doctor")
    assert said.code == failures.REFUSED
    assert "good" not in said.out.replace("not good", "")
    assert said.out.count("refused us: check: E-77.") == 2
    assert "somebody" not in said.out


def test_doctor_without_connections_says_what_to_name(pair: Pair, tmp_path: Path) -> None:
    said = pair.say("doctor", "--project", str(tmp_path), project=False)
    assert said.code == 2
    assert said.err.startswith(f"{tmp_path}: no connections here: name an adapter")


@pytest.mark.parametrize("command", [("status",), ("doctor",), ("run", *MOVE), ("plan", *MOVE), ("rollback", *MOVE)])
def test_a_folder_that_is_no_project_is_named_with_what_to_do(
    pair: Pair, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    said = pair.say(*command, "--project", str(tmp_path / "elsewhere"), project=False)
    assert said.code == 2
    told = f"  {tmp_path / 'elsewhere'} holds no mamigrate.toml: go to the project's folder, name it with --project"
    assert told in said.err


def test_doctor_does_not_name_an_automation_that_was_accepted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    active = Finding("campaign_active", Severity.NOTE, "new/workflow/3", {"name": "Welcome"})
    monkeypatch.setattr(MemoryInstance, "check", lambda instance: [active] if instance.connection.name == "new" else [])
    assert "campaign_active" in pair.say("doctor").out
    decide(pair, "live/3")
    assert "campaign_active" not in pair.say("doctor").out


def test_a_full_disk_says_what_to_do() -> None:
    lines, code = failures.sentence(OSError(errno.ENOSPC, "No space left on device", "/p/x"))
    assert (code, lines) == (6, ["The disk is full (/p/x).", f"  {failures.FIXES['space']}"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_anything_began_is_one_sentence_and_5(tmp_path: Path, number: signal.Signals) -> None:
    """A command that waits for a vendor's first answer: nothing has told progress yet."""
    code = "import os, sys, time; from mamigrate.cli import app, doctor\n"
    code += "doctor._look = lambda *given, **more: (print('waiting', flush=True), time.sleep(60))\n"
    code += f"app.run(['doctor', 'marketo', '--project', {str(tmp_path)!r}])"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"waiting\n"
    os.kill(process.pid, number)
    _, complained = process.communicate(timeout=30)
    assert process.returncode == 5
    assert complained == b"Interrupted at a clean point. Run the same command again to go on.\n"


def test_two_rehearsals_at_once_do_not_touch_each_other(tmp_path: Path) -> None:
    """The second is refused before its sandboxes start: the connections of the first stay as they are."""
    line = [sys.executable, "-m", "mamigrate", "run", "--source", "hubspot", "--target", "marketo", "--sandbox"]
    line += ["--people", "200", "--project", str(tmp_path / "p")]
    first = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert first.stderr is not None
    first.stderr.readline()
    before = (tmp_path / "p" / "mamigrate.toml").read_bytes()
    second = subprocess.run(line, check=False, capture_output=True)
    assert second.returncode == 6
    assert f"(process {first.pid} on ".encode() in second.stderr
    assert (tmp_path / "p" / "mamigrate.toml").read_bytes() == before
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)
    assert first.returncode in (0, 5)


LINK = 'sync = "paused"\nsigned = "me"'


@pytest.mark.parametrize(
    ("linked", "link", "crm_file", "codes"),
    [
        (False, "", False, set()),
        (True, "", False, {"crm_link_undecided"}),
        (None, "", False, {"crm_unknown"}),
        (True, LINK.replace("paused", "on"), True, {"crm_sync_on"}),
        (True, LINK, False, {"crm_opt_outs_unread", "denials_unread"}),
        (True, LINK, True, set()),
    ],
)
def test_doctor_says_of_a_linked_crm_what_a_run_stops_for(
    pair: Pair, linked: bool | None, link: str, crm_file: bool, codes: set[str]
) -> None:
    pair.source.person("ana@x.example")
    pair.target.quirks.crm_linked = linked
    if link:
        pair.toml["crm_link"] = link
    if crm_file:
        facts(pair, "bob@x.example,,objection,2026-01-01,CRM opt-outs")
    looked = pair.say("doctor", "new", "--json")
    told = {one["code"] for one in json.loads(looked.out)[0]["problems"] if one["code"].startswith(("crm", "denials"))}
    planned = pair.say("plan", "--source", "old", "--target", "new", "--json")
    found = {one["code"] for one in planned.report["findings"] if one["code"].startswith(("crm", "denials"))}
    assert told == found == codes
    assert looked.code == planned.code == (3 if codes else 0)
