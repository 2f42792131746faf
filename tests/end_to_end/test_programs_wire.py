"""Programs over the wire: the messy estate's campaigns and events, as they are proposed, signed and moved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    path.write_text(proposed.replace("# signed: {who: ", "signed: {who: "), encoding="utf-8")


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


def test_a_second_run_writes_nothing_and_a_rollback_takes_programs_away(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    before = rig.writes()
    report = rig.run("--fresh")
    looked = {"call/POST /rest/v1/leads.json", "call/POST /rest/v1/companies.json"}
    again = rig.writes() - before
    assert {name for name in again if "program" in name} == set(), again
    assert report["accounts"]["program"]["buckets"].keys() == {"equal"}, looked
    done = rig.command("rollback", "--source", "hubspot", "--target", "marketo", "--yes")
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert ours(rig) == {}


def test_the_file_is_where_people_look(moved: tuple[Rig, dict[str, Any]]) -> None:
    rig, _ = moved
    assert Path(rig.folder / "programs.yaml").read_text(encoding="utf-8").count("  - from:") >= 36
