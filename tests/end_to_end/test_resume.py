"""Moves that were interrupted and go on, with the same wishes or with others; between two vendors in memory."""

import json
from pathlib import Path

import pytest

from pair import Pair, Said, everything, everything_is_there_once, facts, mailable

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
"""Ibis asks DuckDB in its old way; nothing of ours."""

MOVE = ("--source", "old", "--target", "new", "--json")


def interrupted(pair: Pair, *words: str) -> Said:
    """A command whose replies from the target are lost: its first writes happen, and it ends with 5."""
    pair.target.quirks.lose_replies = 4
    said = pair.say(*words, *MOVE)
    assert said.code == 5, said.err
    pair.target.quirks.lose_replies = 0
    return said


def stopped_after(pair: Pair, calls: int, *words: str) -> int:
    """The exit code of a command that may make so many calls to the target."""
    pair.target.quirks.calls_left = calls
    said = pair.say(*words, *MOVE)
    pair.target.quirks.calls_left = None
    return said.code


def runs(pair: Pair) -> list[tuple[str, str, int | None]]:
    told = json.loads(pair.say("status", "--json").out)
    return [(run["command"], run["status"], run["exit_code"]) for run in reversed(told)]


# --- apply -------------------------------------------------------------------------------------------------------------


def test_an_interrupted_apply_is_finished_by_apply(pair: Pair) -> None:
    everything(pair)
    assert pair.say("plan", *MOVE).code == 0
    interrupted(pair, "apply")
    said = pair.say("apply", *MOVE)
    assert said.code == 0, said.err
    assert "going on with" in said.err
    everything_is_there_once(pair)
    assert {kind for kind, one in said.report["accounts"].items() if not one["closed"]} == set()
    assert [command for command, _, _ in runs(pair)] == ["plan", "apply"]
    assert pair.moved().report["plan"]["writes"] == 0


@pytest.mark.parametrize("calls", [12, 20, 28])
def test_an_apply_whose_quota_ends_goes_on_again_and_again(pair: Pair, calls: int) -> None:
    everything(pair)
    assert pair.say("plan", *MOVE).code == 0
    codes: list[int] = []
    while not codes or codes[-1] == 5:
        codes.append(stopped_after(pair, calls + 12 * len(codes), "apply"))
    assert codes[-1] == 0
    everything_is_there_once(pair)


def test_a_mapping_that_changed_stops_a_resumed_apply(pair: Pair) -> None:
    everything(pair)
    assert pair.say("plan", *MOVE).code == 0
    interrupted(pair, "apply")
    mapping = pair.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text() + "# a remark\n")
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking) == (3, {"plan_outdated"})
    assert "mapping has changed" in said.err


def test_what_does_not_belong_to_the_plan_is_not_written_by_a_resumed_apply(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana")
    pair.moved()
    pair.source.person("ben@x.example")
    pair.source.person("cia@x.example", unsubscribed="true")
    assert pair.say("plan", *MOVE).code == 0
    pair.target.quirks.lose_writes = 4
    assert pair.say("apply", *MOVE).code == 5
    pair.target.quirks.lose_writes = 0
    del pair.landed("ana@x.example").values["first_name"]
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking) == (3, {"plan_outdated"})
    assert "target has changed" in said.err
    assert "first_name" not in pair.landed("ana@x.example").values


def test_a_plan_is_applied_once(pair: Pair) -> None:
    everything(pair)
    assert pair.say("plan", *MOVE).code == 0
    assert pair.say("apply", *MOVE).code == 0
    before = pair.writes()
    said = pair.say("apply", *MOVE)
    assert said.code == 2
    assert "was applied by" in said.err
    assert pair.writes() == before


def test_a_plan_that_another_run_overtook_is_refused(pair: Pair) -> None:
    everything(pair)
    assert pair.say("plan", *MOVE).code == 0
    pair.moved()
    before = pair.writes()
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking, pair.writes()) == (3, {"plan_outdated"}, before)


def test_the_flags_of_a_plan_hold_for_its_apply(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example")
    path = pair.folder / "more.csv"
    path.write_text("address,id,what,when,source\nana@x.example,,objection,2024-01-01,CRM\n")
    assert pair.say("plan", *MOVE, "--facts", str(path)).code == 0
    said = pair.say("apply", *MOVE)
    assert said.code == 0, said.err
    assert not mailable(pair.landed("ana@x.example"))
    assert f"--facts {path}" in said.report["command"]


def test_a_file_of_facts_that_changed_since_the_plan_is_named(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    facts(pair, "ben@x.example,,objection,2024-01-01,CRM")
    assert pair.say("plan", *MOVE).code == 0
    facts(pair, "ana@x.example,,objection,2024-01-01,CRM")
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking) == (3, {"plan_outdated"})
    assert "facts.csv has changed" in said.err
    assert pair.writes() == 0


# --- run ---------------------------------------------------------------------------------------------------------------


def filed(folder: Path, name: str, *addresses: str) -> str:
    path = folder / name
    rows = "".join(f"{address},,objection,2024-01-01,CRM\n" for address in addresses)
    path.write_text(f"address,id,what,when,source\n{rows}")
    return str(path)


def two(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example")


def test_denials_that_an_interrupted_run_was_given_hold_when_it_goes_on_without_them(pair: Pair) -> None:
    two(pair)
    interrupted(pair, "run", "--facts", filed(pair.folder, "more.csv", "ana@x.example"))
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert "--facts" in said.report["command"]


def test_a_run_that_goes_on_with_more_denials_applies_them_and_says_so(pair: Pair) -> None:
    two(pair)
    stopped_after(pair, 14, "run")
    path = filed(pair.folder, "more.csv", "ana@x.example")
    said = pair.moved("--facts", path)
    assert not mailable(pair.landed("ana@x.example"))
    assert f"planned anew: {path}" in said.err
    assert [one["params"]["what"] for one in said.report["findings"] if one["code"] == "resumed_differently"] == [path]


def test_a_run_whose_file_of_denials_is_gone_does_not_go_on(pair: Pair) -> None:
    two(pair)
    path = filed(pair.folder, "more.csv", "ana@x.example")
    interrupted(pair, "run", "--facts", path)
    Path(path).unlink()
    before = pair.writes()
    said = pair.run()
    assert (said.code, pair.writes()) == (2, before)
    assert said.err.startswith(path)
    assert "put it back, or begin anew with --fresh" in said.err


def test_other_flags_are_noticed_and_the_run_is_planned_anew(pair: Pair) -> None:
    two(pair)
    pair.source.person("Ana@x.example")
    interrupted(pair, "run")
    said = pair.run("--keep-twins")
    assert "planned anew: --keep-twins" in said.err
    assert said.buckets()["parked"] == 2
    assert [one[:2] for one in runs(pair)] == [("run", "replaced"), ("run", "done")]


def test_a_changed_mapping_is_noticed(pair: Pair) -> None:
    two(pair)
    interrupted(pair, "run")
    mapping = pair.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text() + "# a remark\n")
    assert "planned anew: mapping.yaml" in pair.run().err


def test_a_run_that_goes_on_unchanged_is_the_same_run(pair: Pair) -> None:
    two(pair)
    interrupted(pair, "run")
    said = pair.moved()
    assert "planned anew" not in said.err
    assert runs(pair) == [("run", "done", 0)]


def test_a_file_of_facts_that_is_not_there_stops_before_anything_is_read(pair: Pair) -> None:
    two(pair)
    said = pair.run("--facts", "/nowhere/facts.csv")
    assert said.code == 2
    assert said.err.splitlines()[-1] == "/nowhere/facts.csv: there is no such file"
    assert pair.source.calls.total() == 0
    assert runs(pair) == []


def test_denials_hold_for_the_run_after_one_that_findings_stopped_half_way(pair: Pair) -> None:
    two(pair)
    interrupted(pair, "run", "--facts", filed(pair.folder, "more.csv", "ana@x.example"))
    pair.target.quirks.crm_linked = True
    assert pair.run().code == 3
    pair.target.quirks.crm_linked = False
    said = pair.moved()
    assert "taken over from an earlier run: --facts" in said.err
    assert not mailable(pair.landed("ana@x.example"))
    assert [one[:2] for one in runs(pair)] == [("run", "blocked"), ("run", "done")]


def test_an_interrupted_plan_is_not_applied(pair: Pair) -> None:
    two(pair)
    pair.target.quirks.calls_left = 1
    assert pair.say("plan", *MOVE).code == 5
    pair.target.quirks.calls_left = None
    said = pair.say("apply", *MOVE)
    assert said.code == 2
    assert "was interrupted: run `mamigrate plan --source old --target new` again" in said.err
