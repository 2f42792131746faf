"""Simulated worlds: troubles on the way, people who opt out meanwhile, clocks askew; nobody is opened, lost or doubled."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import flask
import orjson
import pytest

from mamigrate.cli import app
from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.catalogue import WORLDS
from mamigrate_sandbox.running import Wish, opened
from mamigrate_sandbox.simulation.time import BEGAN
from mamigrate_sandbox.simulation.world import DAY, World
from rig import ceilings, mailable, too_permissive

PEOPLE = 200
SEED = 7
WISHES = (
    Wish("hubspot", "hubspot", "messy", PEOPLE, SEED, 1.0),
    Wish("marketo", "marketo", "lived", PEOPLE, SEED, 1.0),
)
DAYS = 7


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both platforms before a move, made once. Campaigns are few: their assets are asked for one by one."""
    folder = tmp_path_factory.mktemp("seeded")
    for wish in WISHES:
        store = opened(wish, folder / f"{wish.name}.sqlite", fresh=True)
        for id, _ in list(store.all("campaigns"))[3:]:
            store.remove("campaigns", id)
        store.close()
    return folder


@pytest.fixture(scope="session")
def allowed() -> dict[str, bool]:
    return ceilings(WORLDS["messy"](PEOPLE, SEED, BEGAN))


class Lived:
    """One world from its first run to a quiet last one; ``said`` are the exit codes, ``seen`` who was open that must not be."""

    def __init__(self, seed: int, seeded: Path, folder: Path, allowed: dict[str, bool], capture: Any) -> None:
        self.world = World(seed, seeded, folder / f"world-{seed}", WISHES)
        self.seen: list[str] = []
        self._allowed, self._capture = allowed, capture
        self.world.target.app.after_request(self._look)
        with self.world.standing():
            self.world.disturb()
            self.said = list(self._days())
            self.world.calm()
            self.last = self._run()
            self.leads = [body for _, body in self.world.target.store.all("leads")]

    def _days(self) -> Iterator[int]:
        for _ in range(DAYS):
            code, _ = self._run()
            yield code
            if code == 0:
                return
            self.world.time.advance(DAY)

    def _run(self) -> tuple[int, dict[str, Any]]:
        self._capture.readouterr()
        with pytest.raises(SystemExit) as left:
            app.run(
                ["run", "--source", "hubspot", "--target", "marketo", "--json", "--project", str(self.world.folder)]
            )
        said, complained = self._capture.readouterr()
        self.complained = complained
        return int(left.value.code or 0), orjson.loads(said) if said else {}

    def _look(self, response: flask.Response) -> flask.Response:
        if flask.request.method == "POST" and flask.request.path == "/rest/v1/leads.json":
            answer: Any = response.get_json(silent=True) or {}
            ids = [str(one["id"]) for one in answer.get("result") or [] if one.get("status") in ("created", "updated")]
            self.seen += too_permissive(self._leads(ids), self._allowed)
            self.seen += [one["email"] for one in self._leads(self.world.opposed.on_target) if mailable(one)]
        return response

    def _leads(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        return list(self.world.target.store.get_many("leads", [*ids]).values())

    def still_open(self) -> list[str]:
        """Mailable at the end although they said no in between, on either side."""
        denied = {truth.loose(address) for address in self.world.opposed.at_source}
        ids = {int(id) for id in self.world.opposed.on_target}
        found = [one for one in self.leads if mailable(one)]
        return [one["email"] for one in found if one["id"] in ids or truth.loose(one["email"]) in denied]

    def judge(self) -> None:
        assert self.said[-1] == 0, (self.said, self.complained[-2000:])
        assert set(self.said) <= {0, 5}
        assert self.seen == []
        code, report = self.last
        assert (code, report["consent"]) == (0, "PASS"), self.complained[-2000:]
        assert {kind for kind, one in report["accounts"].items() if not one["closed"]} == set()
        assert self.still_open() == []
        keys = [lead["mmSourceKey"] for lead in self.leads if lead.get("mmSourceKey")]
        assert len(keys) == len(set(keys)), "a person stands twice on the target"


@pytest.fixture
def live(seeded: Path, tmp_path: Path, allowed: dict[str, bool], capsys: pytest.CaptureFixture[str]) -> Any:
    def make(seed: int, name: str = "") -> Lived:
        folder = tmp_path / name if name else tmp_path
        folder.mkdir(exist_ok=True)
        lived = Lived(seed, seeded, folder, allowed, capsys)
        shutil.rmtree(folder / f"world-{seed}")
        return lived

    return make


@pytest.mark.gate
def test_a_world_with_troubles_comes_to_a_good_end(live: Any) -> None:
    live(1).judge()


@pytest.mark.gate
@pytest.mark.parametrize("seed", range(100, 120))
def test_worlds_come_to_a_good_end(live: Any, seed: int) -> None:
    live(seed).judge()


@pytest.mark.gate
def test_the_same_seed_gives_the_same_trace(live: Any) -> None:
    first, second = live(3, "first"), live(3, "second")
    assert first.world.trace.digest == second.world.trace.digest
    assert first.world.trace.calls == second.world.trace.calls
