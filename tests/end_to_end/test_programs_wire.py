"""Programs over the wire: the messy estate's campaigns and events, as they are proposed, signed and moved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate_sandbox.faults import Rule
from rig import Rig

pytestmark = pytest.mark.gate
PEOPLE = 300


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, dict[str, Any]]]:
    """A plan proposes recipes, somebody signs them, and the run carries them out."""
    rig = Rig(tmp_path_factory.mktemp("programs"), people=PEOPLE)
    rig.command("plan", "--source", "hubspot", "--target", "marketo")
    sign(rig)
    yield rig, rig.run()
    rig.stop()


def sign(rig: Rig) -> None:
    path = rig.folder / "programs.yaml"
    proposed = path.read_text(encoding="utf-8")
    signed = proposed.replace("# signed: {who: ", "signed: {who: ").replace(
        "acquisition: none", "acquisition: first_success"
    )
    path.write_text(signed, encoding="utf-8")


def ours(rig: Rig) -> dict[str, dict[str, Any]]:
    """Programs that bear our mark, by the source's key."""
    found = (body for _, body in rig.target.store.all("programs") if "[mamigrate " in body["description"])
    return {body["description"].partition("/program/")[2].removesuffix("]"): body for body in found}


def members(rig: Rig, program: int) -> dict[str, dict[str, Any]]:
    return dict(rig.target.store.links("program-member", str(program)))


def test_every_program_of_the_source_is_made_once(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, report = moved
    source = report["accounts"]["program"]
    assert source["closed"]
    assert source["buckets"] == {"created": source["read"]}
    assert len(ours(rig)) == source["read"] >= 36


def test_members_stand_with_their_status_and_accounts_close(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, report = moved
    account = report["accounts"]["program_membership"]
    assert account["closed"]
    standing = sum(len(members(rig, body["id"])) for body in ours(rig).values())
    assert standing == account["buckets"]["created"] > 0


def test_events_keep_who_took_part_and_when(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    checked = 0
    for key, body in ours(rig).items():
        if not key.startswith("event/"):
            continue
        told = rig.source.store.links("participation", key.removeprefix("event/"))
        states = {state["attendanceState"] for _, state in told}
        found = members(rig, body["id"])
        assert not found or {one["statusName"] for one in found.values()}
        assert all(one.get("mmMemberSince") for one in found.values()), (key, states)
        checked += len(found)
    assert checked


def test_nothing_was_sent_enrolled_or_pushed(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    assert set(rig.side_effects().values()) == {0}


def test_what_was_won_is_equal_on_both_sides_to_the_cent(moved: tuple[Rig, dict[str, Any]]) -> None:
    _, report = moved
    rows = report["programs"]["attribution"]
    assert rows
    assert [row for row in rows if row["moved"] != row["target"]] == []
    assert "attribution_equal" in {one["code"] for one in report["findings"]}


def test_people_get_the_program_of_their_first_success(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    made = {body["id"] for body in ours(rig).values()}
    won = [lead for lead in rig.leads() if lead.get("acquisitionProgramId") in made]
    assert won
    for lead in won:
        held = members(rig, lead["acquisitionProgramId"])[str(lead["id"])]
        assert held["reachedSuccess"]
        assert lead["mktoAcquisitionDate"][:19] == held["mmSuccessAt"][:19]


def test_costs_and_days_are_those_of_the_source(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    compared = 0
    for key, body in ours(rig).items():
        if key.startswith("campaign/"):
            told = (rig.source.store.get("campaigns", key.removeprefix("campaign/")) or {})["properties"]
            spent = int(told["hs_spend_items_sum_amount"])
            assert sum(one["cost"] for one in body["costs"] or []) == spent, key
            if body["type"] == "Event":
                assert body["startDate"][:10] == told["hs_start_date"][:10]
            compared += 1
    assert compared == 36


def test_a_second_run_writes_nothing(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, first = moved
    before = rig.writes()
    report = rig.run("--fresh")
    assert rig.writes() - before == {}
    assert report["accounts"]["program"]["buckets"] == {"equal": first["accounts"]["program"]["read"]}
    assert report["programs"]["attribution"] == first["programs"]["attribution"]


def test_a_rollback_takes_programs_away_and_lists_what_stays(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    used = next(body for key, body in ours(rig).items() if key.startswith("event/"))
    email = {"id": 990_001, "name": "Since", "status": "draft", "folder": {"type": "Program", "value": used["id"]}}
    rig.target.store.put("emails", "990001", email)
    done = rig.command("rollback", "--source", "hubspot", "--target", "marketo", "--yes", "--json")
    assert done.returncode in (0, 3), done.stderr.decode()[-2000:]
    assert [body["id"] for body in ours(rig).values()] == [used["id"]]
    told = [one for one in orjson.loads(done.stdout)["findings"] if one["code"] == "not_undone"]
    assert [one["params"]["vendor_code"] for one in told] == ["not_empty"]


ROUTES = (r"/programs\.json$", r"/members/status\.json$", r"/members\.json$", r"/members/schema/fields\.json$")


def test_replies_that_are_lost_double_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path, people=200)
    rig.command("plan", "--source", "hubspot", "--target", "marketo")
    sign(rig)
    rig.target.faults.set([Rule("lost", route, "POST", next=2) for route in ROUTES], 1)
    rig.command("run", "--source", "hubspot", "--target", "marketo")
    rig.run()
    names = [body["name"] for _, body in rig.target.store.all("programs")]
    assert len(set(names)) == len(names)
    assert len(ours(rig)) >= 36
    before = rig.writes()
    report = rig.run("--fresh")
    assert rig.writes() - before == {}
    assert {kind for kind, one in report["accounts"].items() if not one["closed"]} == set()
    rig.stop()
