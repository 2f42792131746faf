import os
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from mamigrate.cli import app
from mamigrate.errors import LocalTrouble, UsageError
from mamigrate.hookspecs import RehearsalRequest
from mamigrate_sandbox import rehearsal
from mamigrate_sandbox.command import check_rehearsal


def _request(project: Path, people: int = 200, estate: str = "messy") -> RehearsalRequest:
    return RehearsalRequest([("hubspot", "hubspot"), ("marketo", "marketo")], estate, people, 7, project)


def test_both_vendors_listen_when_the_rehearsal_has_started(tmp_path: Path) -> None:
    running = rehearsal.start(_request(tmp_path))
    try:
        written = tomllib.loads((tmp_path / "mamigrate.toml").read_text())["connections"]
        hubspot, marketo = written["hubspot"], written["marketo"]
        headers = {"Authorization": f"Bearer {hubspot['access_token']}"}
        found = requests.get(f"{hubspot['base_url']}/crm/v3/objects/contacts?limit=1", headers=headers, timeout=10)
        assert found.json()["results"][0]["properties"]["hs_object_id"] == "1001"
        query = {
            "grant_type": "client_credentials",
            "client_id": marketo["client_id"],
            "client_secret": marketo["client_secret"],
        }
        assert requests.get(f"{marketo['base_url']}/identity/oauth/token", params=query, timeout=10).json()[
            "access_token"
        ]
    finally:
        running.stop()
    running.stop()  # harmless
    with pytest.raises(requests.ConnectionError):
        requests.get(hubspot["base_url"], timeout=5)


def test_state_outlives_the_process(tmp_path: Path) -> None:
    first = rehearsal.start(_request(tmp_path, estate="clean"))
    control = first.connections["hubspot"]["control_url"]
    requests.post(f"{control}/clock", json={"advance_s": 100_000}, timeout=5).raise_for_status()
    ahead = requests.get(f"{control}/clock", timeout=5).json()["now"]
    token = first.connections["hubspot"]["access_token"]
    first.stop()
    second = rehearsal.start(_request(tmp_path, estate="clean"))
    try:
        assert second.connections["hubspot"]["access_token"] == token
        now = requests.get(f"{second.connections['hubspot']['control_url']}/clock", timeout=5).json()["now"]
        assert now >= ahead  # time never goes back
    finally:
        second.stop()


@pytest.mark.gate
def test_a_second_server_of_the_same_sandboxes_is_refused_with_the_first_one_s_place(tmp_path: Path) -> None:
    """Both would write one state file, and the project would name the second alone."""
    first = rehearsal.start(_request(tmp_path, estate="clean"))
    try:
        before = (tmp_path / "mamigrate.toml").read_bytes()
        url = first.connections["hubspot"]["base_url"]
        with pytest.raises(LocalTrouble, match=rf"served already \(process {first.pid}, {url}\): use that one"):
            rehearsal.start(_request(tmp_path, estate="clean"))
        assert (tmp_path / "mamigrate.toml").read_bytes() == before
        assert requests.get(f"{first.connections['hubspot']['control_url']}/clock", timeout=5).ok
    finally:
        first.stop()
    rehearsal.start(_request(tmp_path, estate="clean")).stop()


def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no estate is called 'grand'"):
        rehearsal.start(_request(tmp_path, estate="grand"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--source", "hubspot", "--target", "marketo", "--people", "100"), "needs at least 200 people"),
        (("--source", "marketo", "--target", "hubspot"), "HubSpot cannot be a target"),
        (("--source", "hubspot", "--target", "marketo", "--estate", "snapshot:/nowhere"), "no folder: /nowhere"),
    ],
)
def test_a_rehearsal_that_cannot_be_leaves_nothing_behind(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as left:
        app.run(["run", *words, "--sandbox", "--project", str(tmp_path / "new")])
    assert left.value.code == 2
    assert told in capfd.readouterr().err
    assert not (tmp_path / "new").exists()


def test_sandboxes_that_hold_something_else_are_filled_anew_when_asked(tmp_path: Path) -> None:
    rehearsal.start(_request(tmp_path, 10, "clean")).stop()
    ledger = tmp_path / ".mamigrate" / "ledger.sqlite"
    ledger.touch()
    other = _request(tmp_path, 20, "clean")
    with pytest.raises(UsageError, match="was filled otherwise"):
        check_rehearsal(other)
    assert ledger.exists()
    fresh = replace(other, fresh=True)
    check_rehearsal(fresh)
    for left in (False, False):
        rehearsal.start(fresh).stop()
        assert ledger.exists() is left
    ledger.touch()
    rehearsal.start(fresh).stop()  # the same once more: nothing is forgotten
    assert ledger.exists()
    check_rehearsal(other)


def test_the_sandboxes_die_with_whoever_started_them(tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from mamigrate.hookspecs import RehearsalRequest\n"
        "from mamigrate_sandbox.rehearsal import start\n"
        f"running = start(RehearsalRequest([('marketo', 'marketo')], 'clean', 10, 1, pathlib.Path({str(tmp_path)!r})))\n"
        "print(running.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    child = int(ended.stdout)
    deadline = time.monotonic() + 10
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    """A zombie that nobody waits for yet is dead."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
