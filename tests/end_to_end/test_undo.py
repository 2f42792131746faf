"""Half a run, a plan kept and applied, a run interrupted, a run undone: always over the wire."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from postgresql import postgresql_server
from rig import Rig, ceilings, mailable, too_permissive
from thinned import thin

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MOVE = ("--source", "hubspot", "--target", "marketo")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path, people=200)
    thin(made.source.store)
    yield made
    made.stop()


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(rig: Rig) -> None:
    before, leads = rig.writes(), rig.leads()
    report = rig.run("--dry-run")
    assert (report["state"], rig.leads()) == ("planned", leads)
    assert rig.writes() - before == {}
    assert report["plan"]["counts"]["person"]["created"] > 150


def test_a_plan_is_applied_as_it_was_and_refused_when_its_mapping_changed(rig: Rig) -> None:
    assert rig.command("plan", *MOVE).returncode == 0
    mapping = rig.folder / "mapping.yaml"
    text = mapping.read_text()
    mapping.write_text(text + "# a remark\n")
    refused = rig.command("apply", *MOVE)
    assert (refused.returncode, rig.leads_of_ours()) == (3, [])
    mapping.write_text(text)
    done = rig.command("apply", *MOVE)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert len(rig.leads_of_ours()) > 150
    assert Path(done.stdout.decode().splitlines()[-1]).exists()


def test_a_signal_ends_a_run_at_a_clean_point_and_the_next_one_finishes(rig: Rig) -> None:
    process = rig.start("run", *MOVE)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(b"write people, denied ones first"):
            break
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    process.communicate(timeout=30)
    assert time.monotonic() - began < 15
    assert process.returncode in (0, 5)
    assert rig.run()["consent"] == "PASS"
    keys = [lead["mmSourceKey"] for lead in rig.leads_of_ours()]
    assert len(keys) == len(set(keys))


def test_a_second_process_on_the_project_is_refused(rig: Rig) -> None:
    first = rig.start("run", *MOVE)
    assert first.stderr is not None
    first.stderr.readline()
    second = rig.command("run", *MOVE)
    first.communicate(timeout=120)
    assert (first.returncode, second.returncode) == (0, 6)
    assert b"Another process" in second.stderr


def test_a_rollback_shows_itself_first_then_restores_and_keeps_every_denial(rig: Rig) -> None:
    before = {lead["id"]: lead for lead in rig.leads()}
    rig.run()
    ours = len(rig.leads_of_ours())
    shown = rig.command("rollback", *MOVE)
    assert (shown.returncode, len(rig.leads_of_ours())) == (0, ours)
    assert b"to delete" in shown.stdout
    assert b"cannot be deleted" in shown.stdout
    assert b"deals that we created (opportunities stay after a rollback" in shown.stdout.lower()
    assert b"no_delete" not in shown.stdout
    done = rig.command("rollback", *MOVE, "--yes")
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    after = {lead["id"]: lead for lead in rig.leads()}
    assert before.keys() <= after.keys()
    assert all("/address/" in after[id].get("mmSourceKey", "") for id in after.keys() - before.keys())
    assert [id for id in before if mailable(after[id]) and not mailable(before[id])] == []
    assert too_permissive(after.values(), ceilings(rig.world)) == []
    assert [id for id in before if after[id].get("firstName") != before[id].get("firstName")] == []


def test_after_a_rollback_the_move_can_be_made_again(rig: Rig) -> None:
    first = rig.run()
    rig.command("rollback", *MOVE, "--yes")
    again = rig.run()
    assert again["consent"] == "PASS"
    assert again["accounts"]["person"]["buckets"]["created"] == first["accounts"]["person"]["buckets"]["created"]


def test_status_tells_every_run_and_its_buckets(rig: Rig) -> None:
    rig.run()
    told = orjson.loads(rig.command("status", "--json").stdout)
    assert [(run["command"], run["status"], run["exit_code"]) for run in told] == [("run", "done", 0)]
    assert told[0]["accounts"]["person"]["created"] > 150


def test_the_ledger_may_be_postgresql(rig: Rig) -> None:
    pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    for url in postgresql_server():
        file = rig.folder / "mamigrate.toml"
        file.write_text(file.read_text() + f'\n[ledger]\nurl = "{url}"\n')
        rig.run()
        before = rig.writes()
        assert rig.run()["consent"] == "PASS"
        assert rig.writes() - before == {}


def test_a_plan_that_was_stopped_cannot_be_applied(rig: Rig) -> None:
    file = rig.folder / "mamigrate.toml"
    file.write_text(file.read_text().replace('files = ["facts/crm_optouts.csv", "facts/erased.csv"]', "files = []"))
    planned = rig.command("plan", *MOVE)
    assert planned.returncode == 3
    assert b"opt-outs" in planned.stderr
    assert rig.command("apply", *MOVE).returncode == 2
    assert rig.leads_of_ours() == []


def test_whoever_leaves_the_source_is_held_on_the_target(rig: Rig) -> None:
    rig.run()
    reached = {lead["mmSourceKey"] for lead in rig.leads_of_ours() if mailable(lead)}
    gone = sorted(key.rpartition("/")[2] for key in reached if "/person/" in key)[:5]
    for key in gone:
        body = rig.source.store.get("contacts", key)
        assert body is not None
        rig.source.store.put("contacts", key, {**body, "archived": True, "archivedAt": body["updatedAt"]}, {})
    assert rig.run()["consent"] == "PASS"
    held = {lead["mmSourceKey"] for lead in rig.leads_of_ours() if not mailable(lead)}
    assert {f"hubspot/person/{key}" for key in gone} <= held
    before = rig.writes()
    rig.run()
    assert rig.writes() - before == {}
