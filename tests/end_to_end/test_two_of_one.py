"""Two instances of one vendor, and directions that are not written: said in one sentence, before any call that writes."""

from collections.abc import Iterator

import orjson
import pytest

from mamigrate_sandbox import project
from mamigrate_sandbox.running import Sandbox, Wish
from pair import Pair

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture(scope="module")
def sandboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sandbox]]:
    """Two empty accounts of each vendor, whom nobody here may call."""
    folder = tmp_path_factory.mktemp("sandboxes")
    wishes = [Wish(vendor, f"{vendor}-{n}", "empty", 20, n, 600) for vendor in ("hubspot", "marketo") for n in (1, 2)]
    running = {wish.name: Sandbox(wish, folder / f"{wish.name}.sqlite") for wish in wishes}
    yield running
    for one in running.values():
        one.stop()


def calls(sandbox: Sandbox) -> dict[str, int]:
    return {name: n for name, n in sandbox.store.counters().items() if name.startswith("call/")}


NO_SOURCE = "Adobe Marketo Engage cannot be a source: to read people is not written yet"
NO_TARGET = "HubSpot cannot be a target: to write people is not written yet"


@pytest.mark.parametrize(
    ("source", "target", "parts"),
    [
        ("marketo-1", "marketo-2", [NO_SOURCE]),
        ("hubspot-1", "hubspot-2", [NO_TARGET]),
        ("marketo-1", "hubspot-1", [NO_SOURCE, NO_TARGET]),
    ],
)
def test_a_direction_that_is_not_written_is_one_sentence_and_no_call(
    pair: Pair, sandboxes: dict[str, Sandbox], source: str, target: str, parts: list[str]
) -> None:
    for sandbox in (sandboxes[source], sandboxes[target]):
        _connect(pair, sandbox)
    for command in ("run", "plan"):
        said = pair.say(command, "--source", source, "--target", target)
        assert (said.code, said.out) == (2, "")
        (line,) = said.err.splitlines()
        assert line.startswith(f"{source} to {target}: ")
        assert [part for part in (NO_SOURCE, NO_TARGET) if part in line] == parts
    assert calls(sandboxes[source]) == calls(sandboxes[target]) == {}


def test_what_was_refused_at_the_door_leaves_no_run_behind(pair: Pair, sandboxes: dict[str, Sandbox]) -> None:
    for name in ("marketo-1", "marketo-2"):
        _connect(pair, sandboxes[name])
    assert pair.say("run", "--source", "marketo-1", "--target", "marketo-2").code == 2
    assert orjson.loads(pair.say("status", "--json").out) == []


def test_two_instances_of_one_vendor_move_where_both_directions_are_written(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana", unsubscribed="true")
    pair.source.person("ben@x.example", first_name="Ben")
    said = pair.moved()
    assert said.buckets() == {"created": 2}
    assert {one.values["mm_source_key"] for one in pair.target.people.values()} == {"old/person/1", "old/person/2"}


def test_moving_an_instance_into_itself_changes_nobody(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana")
    pair.names[1] = pair.names[0]
    said = pair.run()
    assert said.code in (0, 2, 3)
    (ana,) = pair.source.people.values()
    assert (ana.values["email"], ana.values["first_name"]) == ("ana@x.example", "Ana")


def _connect(pair: Pair, sandbox: Sandbox) -> None:
    """The sandbox's connection in the pair's project file."""
    folder = pair.folder / "described"
    folder.mkdir(exist_ok=True)
    project.write(folder, [(sandbox.wish, sandbox.described())], fresh=True)
    text = (folder / "mamigrate.toml").read_text(encoding="utf-8")
    title = f"connections.{sandbox.wish.name}"
    pair.toml[title] = text.partition(f"[{title}]\n")[2].partition("\n[")[0]
