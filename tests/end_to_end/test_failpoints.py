"""Kill the process before and after each of its steps, or let the disk fail there, and start it again."""

import json
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import failing
from broken import BROKEN
from disturbed import Watch, copied, differences, of_store, seeded, state
from failing import OF_THE_LEDGER, SITES, STEPS
from forked import Forked
from mamigrate_sandbox.store import Store
from rig import Rig

PEOPLE = 200
ON_DISK = [step for step in STEPS if step not in ("outcome's rows", "stage")]
"""Steps that write a file of the project."""
OF_A_MOVE = [site for site in SITES if site.partition(" ")[2] not in OF_THE_LEDGER]
"""Those of the ledger alone are killed between vendors in memory, in ``test_steps``; each pass of them all in ``make soak``."""


@dataclass(frozen=True)
class Begun:
    """Both platforms before a move; how often an undisturbed run passes each site, and what stands there after it."""

    folder: Path
    hits: dict[str, int]
    expected: dict[str, dict[str, Any]]

    def of(self, site: str) -> list[int]:
        """The first, a middle and the last pass of a site. How often a status is asked is not the same in each run: of a site
        that is passed hundreds of times, one of the last.
        """
        passes = self.hits[site] - self.hits[site] // 50
        return sorted({1, (passes + 1) // 2, passes})


def start(rig: Rig, site: str, hit: int, how: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    words = ["run", "--source", "hubspot", "--target", "marketo", "--json", "--project", str(rig.folder)]
    return Forked(failing.run, site, hit, how, words, **environment).done()


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    folder = tmp_path_factory.mktemp("failpoints")
    before, told = seeded(folder / "seeded", PEOPLE), folder / "hits.json"
    rig = Rig(copied(before, folder / "undisturbed"), people=PEOPLE)
    try:
        done = start(rig, "", 0, "kill", MAMIGRATE_TEST_HITS=str(told))
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return Begun(before, json.loads(told.read_text()), state(rig))
    finally:
        rig.stop()


@pytest.fixture
def moved(begun: Begun, tmp_path: Path) -> Iterator[Any]:
    """Makes rigs that all begin alike."""
    rigs: list[Rig] = []

    def make() -> Rig:
        rigs.append(Rig(copied(begun.folder, tmp_path / f"move-{len(rigs)}"), people=PEOPLE))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.stop()


def judge(rig: Rig, watch: Watch, expected: dict[str, dict[str, Any]]) -> None:
    report = rig.run()
    assert differences(state(rig), expected) == {}
    assert watch.seen == []
    assert {kind for kind, one in report["accounts"].items() if not one["closed"]} == set()
    assert rig.side_effects() == {"sends": 0, "enrolments": 0, "crm_pushes": 0}


def killed(rig: Rig, site: str, hit: int, expected: dict[str, dict[str, Any]]) -> None:
    watch = Watch(rig)
    done = start(rig, site, hit, "kill")
    assert done.returncode == -signal.SIGKILL, (site, hit, done.stderr.decode()[-2000:])
    judge(rig, watch, expected)


@pytest.mark.gate
def test_a_run_passes_every_site(begun: Begun) -> None:
    assert {site for site in SITES if not begun.hits.get(site)} == set()


@pytest.mark.gate
@pytest.mark.parametrize("site", OF_A_MOVE)
def test_a_kill_at_the_first_a_middle_and_the_last_pass_loses_nobody(begun: Begun, moved: Any, site: str) -> None:
    for hit in begun.of(site):
        killed(moved(), site, hit, begun.expected)


@pytest.mark.soak
@pytest.mark.parametrize("site", SITES)
def test_a_kill_at_every_pass_loses_nobody(begun: Begun, moved: Any, site: str) -> None:
    for hit in range(1, begun.hits[site] + 1):
        rig = moved()
        killed(rig, site, hit, begun.expected)
        rig.stop()


@pytest.mark.gate
@pytest.mark.parametrize("how", ["ENOSPC", "EIO"])
def test_a_disk_that_fails_at_any_step_ends_with_six_and_the_way_back(begun: Begun, moved: Any, how: str) -> None:
    """Each step fails at the last pass that it has in a whole run, until people stand on the target; then at its first pass of
    what is left. A step that is not reached any more ends no run.
    """
    rig = moved()
    watch = Watch(rig)
    for step in ON_DISK:
        site, told = f"before {step}", rig.folder / f"hits-{step}.json"
        hit = 1 if rig.leads_of_ours() else begun.hits[site]
        done = start(rig, site, hit, how, MAMIGRATE_TEST_HITS=str(told))
        said = done.stderr.decode()
        if done.returncode == 0:
            passed = json.loads(told.read_text())
            assert passed.get(site, 0) < hit, f"what failed at {site} was swallowed"
            continue
        assert done.returncode == 6, (step, said[-2000:])
        assert "run the same command again" in said and "Traceback" not in said, (step, said[-2000:])
    judge(rig, watch, begun.expected)


# --- programs that are wrong on purpose are caught -----------------------------------------------------------------------


def keys(rig: Rig) -> Counter[str]:
    return Counter(str(lead["mmSourceKey"]).partition("#")[0] for lead in rig.leads_of_ours())


def disturbed(rig: Rig, variant: str, site: str, hit: int) -> Watch:
    """A wrong program, killed and started again."""
    watch = Watch(rig)
    assert start(rig, site, hit, f"broken:{variant}").returncode == -signal.SIGKILL
    assert start(rig, "", 0, f"broken:{variant}").returncode in (0, 3)
    return watch


@pytest.mark.gate
def test_people_that_are_made_without_a_key_are_seen_twice(moved: Any) -> None:
    quiet, rig = moved(), moved()
    assert start(quiet, "", 0, "broken:without a key").returncode in (0, 3)
    assert set(keys(quiet).values()) == {1}
    watch = disturbed(rig, "without a key", "before outcome", _people_batch(quiet))
    assert watch.calls and max(keys(rig).values()) == 2


def _people_batch(rig: Rig) -> int:
    """Which of a run's batches makes the most people."""
    with sqlite3.connect(rig.folder / ".mamigrate" / "ledger.sqlite") as ledger:
        batches = list(ledger.execute("select kind, items from batch order by id"))
    made = [sum(one["target"] is None for one in json.loads(items)) * (kind == "person") for kind, items in batches]
    return made.index(max(made)) + 1


@pytest.mark.gate
@pytest.mark.parametrize("variant", ["opened before denied", "topics left out"])
def test_people_who_are_open_for_an_instant_are_seen(moved: Any, variant: str) -> None:
    rig = moved()
    watch = Watch(rig)
    start(rig, "", 0, f"broken:{variant}")
    assert watch.seen


@pytest.mark.gate
def test_people_who_count_as_written_before_they_are_sent_are_missed(begun: Begun, moved: Any) -> None:
    quiet, rig = moved(), moved()
    assert start(quiet, "", 0, "broken:noted before sent").returncode in (0, 3)
    assert differences(state(quiet), begun.expected) == {}
    disturbed(rig, "noted before sent", "after intent", _people_batch(quiet))
    assert "only there" in differences(state(rig), begun.expected).values()


def test_a_list_a_membership_or_a_deal_that_stands_twice_is_seen() -> None:
    def stands(*more: str) -> dict[str, dict[str, Any]]:
        store = Store(None)
        store.put("leads", "1", {"id": 1, "email": "ana@x.example"})
        for id in ("7", *more):
            store.put("lists", id, {"id": int(id), "name": "VIP"})
            store.link("list-member", id, "1")
            store.put("opportunities", id, {"marketoGUID": id, "externalOpportunityId": "d1"})
            store.put("opportunity-roles", id, {"externalOpportunityId": "d1", "leadId": 1, "role": "Buyer"})
            store.put("companies", id, {"id": int(id), "externalCompanyId": "c1", "company": "Minamo"})
        return of_store(store)

    twice = differences(stands("8"), stands())
    assert list(twice.values()) == [{"stands there": (2, 1)}] * 5
    assert differences(stands("8"), stands("9")) == {}


def test_each_wrong_program_has_a_test() -> None:
    source = Path(__file__).read_text()
    assert {variant for variant in BROKEN if variant not in source} == set()
