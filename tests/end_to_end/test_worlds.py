"""Simulated worlds: troubles on the way, people who opt out meanwhile and after it, clocks askew; nobody is opened, lost or
doubled, and whoever left one side has left the other.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask
import orjson
import pytest

from bad_days import IN_WORLDS, TROUBLES
from disturbed import differences, of_store
from mamigrate.cli import app
from mamigrate.consent.address import loose
from mamigrate_sandbox.estates import truth
from mamigrate_sandbox.estates.catalogue import WORLDS
from mamigrate_sandbox.estates.world import World as Decided
from mamigrate_sandbox.hubspot.status import PORTAL
from mamigrate_sandbox.running import Wish, opened
from mamigrate_sandbox.simulation.outages import SCRIPTS, Outage
from mamigrate_sandbox.simulation.time import BEGAN
from mamigrate_sandbox.simulation.world import DAY, World
from rig import ceilings, mailable, open_beyond, too_permissive, topic_ceilings
from thinned import thin

PEOPLE = 200
SEED = 7
WISHES = (
    Wish("hubspot", "hubspot", "messy", PEOPLE, SEED, 1.0),
    Wish("marketo", "marketo", "lived", PEOPLE, SEED, 1.0),
)
DAYS = 7
IN_STEP = 20
"""One world in so many is kept in step by ``sync``, between runs and after the move."""
MANY = int(os.environ.get("MAMIGRATE_WORLDS", "10000"))
"""Worlds of the soak, and a tenth as many with faults alone; each takes some nine seconds of processor time."""


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both platforms before a move, made once."""
    folder = tmp_path_factory.mktemp("seeded")
    for wish in WISHES:
        store = opened(wish, folder / f"{wish.name}.sqlite", fresh=True)
        if wish.vendor == "hubspot":
            thin(store)
        store.close()
    return folder


@dataclass(frozen=True)
class Allowed:
    """What the source's people really decided: may anything be sent to an address, and which of the ``topics``."""

    decided: Decided
    anything: dict[str, bool]
    topics: dict[str, frozenset[str]]

    def beyond(self, leads: list[dict[str, Any]]) -> Iterator[str]:
        """Who is more open than that: an address, or one with a topic."""
        yield from too_permissive(leads, self.anything)
        for address, topics in open_beyond(leads, self.topics, self.decided).items():
            yield from (f"{address} {topic}" for topic in sorted(topics))


@pytest.fixture(scope="session")
def allowed() -> Allowed:
    decided = WORLDS["messy"](PEOPLE, SEED, BEGAN)
    return Allowed(decided, ceilings(decided), topic_ceilings(decided))


Begin = Callable[[World], None]
"""What befalls a world."""
SOME = 10
"""One of so many worlds meets an outage beside its troubles."""


def script(seed: int) -> Outage | None:
    """The outage that a world meets, each in its turn."""
    names = sorted(SCRIPTS)
    return SCRIPTS[names[seed // SOME % len(names)]] if seed % SOME == 7 else None


class Lived:
    """One world from its first run to a quiet last one; ``said`` are the exit codes, ``seen`` who was open that must not be."""

    def __init__(
        self,
        seed: int,
        seeded: Path,
        folder: Path,
        allowed: Allowed,
        capture: Any,
        begin: Begin = World.disturb,
        outage: Outage | None = None,
    ) -> None:
        self._outage = outage
        self.world = World(seed, seeded, folder / f"world-{seed}", WISHES)
        self.seen: list[str] = []
        self._allowed, self._capture = allowed, capture
        self.world.target.app.after_request(self._look)
        with self.world.standing():
            begin(self.world)
            if outage is not None:
                self.world.fail(outage)
            kept = begin is World.disturb and seed % IN_STEP == 0
            self.said = list(self._days(kept=kept))
            self.calls = self.world.trace.calls
            if kept:
                self._part()
            self.world.calm()
            self.passes = [self._sync() for _ in range(2)] if kept else []
            self.parted = self._parted() if kept else []
            self.last = self._run()
            self.leads = [body for _, body in self.world.target.store.all("leads")]
            self.stands = of_store(self.world.target.store)

    def _days(self, *, kept: bool) -> Iterator[int]:
        for _ in range(DAYS):
            code, _ = self._run()
            yield code
            if code == 0:
                return
            if kept:
                self._sync()
            self.world.time.advance(DAY)

    def _run(self) -> tuple[int, dict[str, Any]]:
        return self._say("run")

    def _sync(self) -> tuple[int, dict[str, Any]]:
        """A pass. What the source denied before, it denies after it."""
        before = self._denied_at_source()
        done = self._say("sync")
        self.seen += [address for address, _ in before - self._denied_at_source()]
        return done

    def _denied_at_source(self) -> set[tuple[str, str]]:
        """(address, type or brand)"""
        rows = [row for table in ("optouts", "statuses") for row in self.world.source.store.all(table)]
        left = [id.partition("|") for id, body in rows if body["status"] == "UNSUBSCRIBED"]
        return {(address, what) for address, _, what in left}

    def _part(self) -> None:
        """People leave after the move, while passes go wrong and one is stopped."""
        self.world.part()
        with self.world.stoppable():
            self._sync()

    def _parted(self) -> list[str]:
        """Who said no on one side, and may be mailed on the other after the last pass."""
        denied = {loose(address) for address, what in self._denied_at_source() if what == PORTAL}
        self.leads = [body for _, body in self.world.target.store.all("leads")]
        keys = {f"hubspot/person/{id}" for id in self.world.opposed.left_out}
        found = [str(one["email"]) for one in self.leads if one.get("mmSourceKey") in keys and mailable(one)]
        gone = [str(one.get("email") or "") for one in self._leads(self.world.opposed.on_target)]
        found += [email for email in gone if email and loose(email) not in denied]
        return found + self.still_open()

    def _say(self, command: str) -> tuple[int, dict[str, Any]]:
        self._capture.readouterr()
        with pytest.raises(SystemExit) as left:
            app.run(
                [command, "--source", "hubspot", "--target", "marketo", "--json", "--project", str(self.world.folder)]
            )
        said, complained = self._capture.readouterr()
        self.complained = complained
        return int(left.value.code or 0), orjson.loads(said) if said else {}

    def _look(self, response: flask.Response) -> flask.Response:
        if flask.request.method == "POST" and flask.request.path == "/rest/v1/leads.json":
            answer: Any = response.get_json(silent=True) or {}
            ids = [str(one["id"]) for one in answer.get("result") or [] if one.get("status") in ("created", "updated")]
            self.seen += self._allowed.beyond(self._leads(ids))
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
        assert set(self.said) <= {0, 4 if self._outage is not None and self._outage.stops else 5, 5}
        assert self.seen == []
        code, report = self.last
        assert (code, report["consent"]) == (0, "PASS"), self.complained[-2000:]
        assert {kind for kind, one in report["accounts"].items() if not one["closed"]} == set()
        assert self.still_open() == []
        self._judge_passes()
        keys = [lead["mmSourceKey"] for lead in self.leads if lead.get("mmSourceKey")]
        assert len(keys) == len(set(keys)), "a person stands twice on the target"

    def _judge_passes(self) -> None:
        """The first quiet pass carries what is left, the second finds nothing to carry: what came back from there is known."""
        assert self.parted == []
        assert [code for code, _ in self.passes] == [0] * len(self.passes), [one["sides"] for _, one in self.passes]
        for _, report in self.passes[1:]:
            assert [way["fates"]["carried"] for way in report["ways"]] == [0, 0]


@pytest.fixture
def live(seeded: Path, tmp_path: Path, allowed: Allowed, capsys: pytest.CaptureFixture[str]) -> Any:
    def make(seed: int, name: str = "", begin: Begin = World.disturb, outage: Outage | None = None) -> Lived:
        folder = tmp_path / name if name else tmp_path
        folder.mkdir(exist_ok=True)
        lived = Lived(seed, seeded, folder, allowed, capsys, begin, outage)
        shutil.rmtree(folder / f"world-{seed}")
        return lived

    return make


@pytest.mark.gate
def test_a_world_with_troubles_comes_to_a_good_end(live: Any) -> None:
    live(1).judge()


@pytest.mark.gate
@pytest.mark.parametrize("seed", range(100, 200))
def test_worlds_come_to_a_good_end(live: Any, seed: int) -> None:
    live(seed, outage=script(seed)).judge()


@pytest.mark.gate
def test_the_same_seed_gives_the_same_trace(live: Any) -> None:
    first, second = live(4, "first"), live(4, "second")
    assert first.world.trace.digest == second.world.trace.digest
    assert first.world.trace.calls == second.world.trace.calls


# --- faults alone --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def undisturbed(
    seeded: Path, tmp_path_factory: pytest.TempPathFactory, allowed: Allowed
) -> Callable[[Any], tuple[dict[str, Any], int]]:
    """What stands on the target after a move to which nothing happens, and the calls that it took. Made once."""
    made: list[tuple[dict[str, Any], int]] = []

    def state(capture: Any) -> tuple[dict[str, Any], int]:
        if not made:
            lived = Lived(0, seeded, tmp_path_factory.mktemp("quiet"), allowed, capture, lambda world: None)
            assert lived.said == [0], lived.complained[-2000:]
            made.append((lived.stands, lived.calls))
        return made[0]

    return state


AGE = timedelta(days=25 * 30)
"""After so long Marketo drops an activity. (Marketo sheet, limits)"""
HAPPENED = re.compile(r"mm\w+ of .* at (\S+): ")


def lasting(stands: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Without what happened so long ago that the target drops it while a world lasts: a move that takes days carries less of it."""
    oldest = f"{BEGAN - AGE + timedelta(DAYS + 1):%Y-%m-%dT%H:%M:%SZ}"
    found = {thing: HAPPENED.match(thing) for thing in stands}
    return {thing: one for thing, one in stands.items() if not ((told := found[thing]) and told[1] < oldest)}


@pytest.fixture
def hit(live: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Lived]:
    """A world with faults alone. How often each kind hit is kept for the whole session, whatever process lives it."""
    base = tmp_path_factory.getbasetemp()
    kept = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hits"

    def lived(seed: int) -> Lived:
        one: Lived = live(seed, begin=World.trouble, outage=OUTAGES.get(seed))
        kept.mkdir(exist_ok=True)
        hits = Counter(one.world.source.faults.hits) + Counter(one.world.target.faults.hits)
        (kept / f"{seed}.json").write_bytes(orjson.dumps(hits))
        return one

    return lived


def hits_of(seed: int, hit: Callable[[int], Lived], factory: pytest.TempPathFactory) -> Counter[str]:
    """Of a seed that was lived since the tests began, or is now."""
    base = factory.getbasetemp()
    file = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hits" / f"{seed}.json"
    if not file.exists():
        hit(seed)
    return Counter(orjson.loads(file.read_bytes()))


ALONE = range(200, 220)
OUTAGES = dict(zip(range(220, 230), SCRIPTS.values(), strict=True))
"""Seeds that meet an outage beside their faults, each script once."""
IN_THE_GATE = [seed for seed, outage in OUTAGES.items() if {rule.kind for rule in outage.rules} - TROUBLES]
"""Those of a kind that no seed of faults alone meets."""


@pytest.mark.gate
@pytest.mark.parametrize("seed", ALONE)
def test_whatever_goes_wrong_on_the_way_the_target_ends_as_if_nothing_had(
    hit: Callable[[int], Lived], undisturbed: Any, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    expected, least = undisturbed(capsys)
    lived = hit(seed)
    as_if_nothing_had(lived, expected)
    assert least < lived.calls <= 3 * least


def as_if_nothing_had(lived: Lived, expected: dict[str, dict[str, Any]]) -> None:
    lived.judge()
    assert differences(lasting(lived.stands), lasting(expected)) == {}


@pytest.mark.gate
@pytest.mark.parametrize("seed", IN_THE_GATE)
def test_after_an_outage_too_the_target_ends_as_if_nothing_had(
    hit: Callable[[int], Lived], undisturbed: Any, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    expected, least = undisturbed(capsys)
    lived = hit(seed)
    as_if_nothing_had(lived, expected)
    # A run that an outage ended is begun anew a day later, and reads again.
    assert lived.calls <= (2 + len(lived.said)) * least


@pytest.mark.gate
def test_every_kind_of_fault_is_met(hit: Callable[[int], Lived], tmp_path_factory: pytest.TempPathFactory) -> None:
    """In the seeds above. They are asked for one after another until nothing is left that was not met."""
    met = Counter[str]()
    for seed in (*ALONE, *IN_THE_GATE):
        if not met.keys() >= IN_WORLDS:
            met += hits_of(seed, hit, tmp_path_factory)
    assert IN_WORLDS - met.keys() == set()


# --- for hours -----------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_ten_thousand_worlds_come_to_a_good_end(live: Any) -> None:
    for seed in range(100_000, 100_000 + MANY):
        live(seed, outage=script(seed)).judge()


@pytest.mark.soak
def test_after_a_thousand_kinds_of_bad_luck_the_target_ends_as_if_there_had_been_none(
    live: Any, undisturbed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, least = undisturbed(capsys)
    for seed in range(300_000, 300_000 + MANY // 10):
        lived = live(seed, begin=World.trouble)
        lived.judge()
        assert (seed, differences(lasting(lived.stands), lasting(expected))) == (seed, {})
        assert lived.calls <= 3 * least, seed


@pytest.mark.soak
def test_a_hundred_seeds_give_the_same_trace_twice(live: Any) -> None:
    for seed in range(500_000, 500_000 + max(1, MANY // 100)):
        first, second = live(seed, f"first-{seed}"), live(seed, f"second-{seed}")
        assert first.world.trace.digest == second.world.trace.digest, seed


@pytest.mark.soak
def test_after_each_outage_the_target_ends_as_if_nothing_had(
    live: Any, undisturbed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    expected, least = undisturbed(capsys)
    for number in range(MANY // 100):
        seed = 600_000 + number
        lived = live(seed, begin=World.trouble, outage=list(SCRIPTS.values())[number % len(SCRIPTS)])
        as_if_nothing_had(lived, expected)
        assert lived.calls <= (2 + len(lived.said)) * least, seed
