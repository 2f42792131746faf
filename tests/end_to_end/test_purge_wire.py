"""A project that moved over the wire is purged: on the sandboxes, with canary people, and with its ledger on a server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from canary import PEOPLE, STEMS, Heard, packed, plaintext
from mamigrate.ledger.store import Ledger
from mamigrate_sandbox import project
from mamigrate_sandbox.hubspot import mirrors
from mamigrate_sandbox.running import Sandbox, Wish
from pair import Pair, everything
from postgresql import postgresql_server

GIVEN, FAMILY, LOCAL = STEMS


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Path]:
    """A project after a move of canary people from one sandbox to the other; their state lies elsewhere."""
    folder, home = tmp_path / "project", tmp_path / "vendors"
    folder.mkdir()
    made = [
        Sandbox(Wish(name, name, "empty", PEOPLE, 7, 600), home / f"{name}.sqlite") for name in ("hubspot", "marketo")
    ]
    for number in range(PEOPLE):
        address, at = f"{LOCAL}{number:04d}@canary.example", "2025-02-03T04:05:06Z"
        values = {
            "email": address,
            "firstname": f"{GIVEN.title()}{number}",
            "lastname": f"{FAMILY.title()}{number}",
            "hs_email_optout": "true" if number % 7 == 0 else "false",
            "hs_marketable_status": "true",
            "createdate": at,
            "lastmodifieddate": at,
        }
        body = {"id": str(1000 + number), "properties": values, "createdAt": at, "updatedAt": at, "archived": False}
        made[0].store.put("contacts", str(1000 + number), body, {"email": address})
    mirrors.refresh_all(made[0].store)
    project.write(folder, [(sandbox.wish, sandbox.described()) for sandbox in made])
    assert Heard().say("run", "--source", "hubspot", "--target", "marketo", "--project", str(folder)) == 0
    for sandbox in made:
        sandbox.stop()
    yield folder


@pytest.mark.gate
def test_nobody_is_left_of_a_move_over_the_wire(moved: Path) -> None:
    assert plaintext(moved)
    heard = Heard()
    assert heard.say("purge", "--yes", "--facts", "--project", str(moved)) == 0
    assert (plaintext(moved), packed(moved)) == ({}, [])
    told = json.loads(max((moved / "reports").glob("*/purge.json")).read_bytes())
    read = {one["kind"]: one["objects"] for one in told["read"]}
    (target,) = [one for one in told["transfers"]["holders"] if one["role"] == "target"]
    assert read["person"] == PEOPLE
    assert sum(datum["objects"] for datum in target["data"] if datum["kind"] == "person") == PEOPLE
    assert {"mmSourceKey", "firstName", "lastName"} <= set(target["fields"])
    assert told["tombstones"][""] >= PEOPLE // 7
    for number, code in ((7, 3), (8, 0)):
        assert heard.say("purge", "--check", f"{LOCAL}{number:04d}@canary.example", "--project", str(moved)) == code


def test_a_ledger_on_a_server_is_emptied_and_what_it_cannot_promise_is_said(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything(pair)
    for url in postgresql_server():
        monkeypatch.setenv("LEDGER_URL", url)
        pair.toml["ledger"] = 'url_env = "LEDGER_URL"'
        pair.moved()
        told = pair.say("purge", "--yes", "--json").report
        ledger = Ledger(url)
        left, runs = ledger.people_rows(), [run.command for run in ledger.runs()]
        ledger.close()
        assert (left, runs) == ({}, ["purge", "run"])
        assert (told["state"], told["limits"][-1]) == ("done", "server")
        assert {"idmap", "batch", "account"} <= set(told["rows"])
        assert pair.say("run", "--source", "old", "--target", "new").code == 2
        assert "personal data destroyed" in pair.say("status").out
