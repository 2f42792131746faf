"""Moves that were interrupted and go on, with the same wishes or with others; between two vendors in memory."""

import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.stages import run
from mamigrate.testing.memory_state import FieldDef, Record
from pair import Pair, Said, decide, everything, everything_is_there_once, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

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


def killed(*_: object) -> None:
    raise KeyboardInterrupt


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


@pytest.mark.parametrize(
    "calls", [pytest.param(12, marks=pytest.mark.gate), 20, pytest.param(28, marks=pytest.mark.gate)]
)
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


def test_other_values_of_a_company_than_planned_are_not_written_by_a_resumed_apply(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    company = pair.source.put(Kind.ACCOUNT, Record(id="a1", values={"name": "Minamo", "city": "Lund"}))
    pair.moved()
    company.values["name"] = "Minamo II"
    assert pair.say("plan", *MOVE).code == 0
    pair.target.quirks.lose_writes = 4
    assert pair.say("apply", *MOVE).code == 5
    pair.target.quirks.lose_writes = 0
    (there,) = pair.target.records[Kind.ACCOUNT].values()
    del there.values["city"]
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking) == (3, {"plan_outdated"})
    assert there.values["name"] == "Minamo"


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
    assert f"{pair.folder / 'facts.csv'} has changed" in said.err
    assert "facts//" not in said.err
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


def test_a_run_goes_on_with_what_it_kept_of_a_file_of_denials_that_is_gone(pair: Pair) -> None:
    two(pair)
    path = filed(pair.folder, "more.csv", "ana@x.example")
    interrupted(pair, "run", "--facts", path)
    Path(path).unlink()
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_a_run_whose_file_of_denials_is_gone_before_it_was_kept_does_not_go_on(pair: Pair) -> None:
    two(pair)
    path = filed(pair.folder, "more.csv", "ana@x.example")
    interrupted(pair, "run", "--facts", path)
    for kept in (pair.folder / ".mamigrate" / "evidence" / "facts").iterdir():
        kept.unlink()
    with closing(connect(pair.folder / ".mamigrate" / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("delete from runinput where name like 'told/%'")
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


SLIP = "source: old\ntarget: new\nperson:\n- {from: nowhere, to: first_name}\n"


@pytest.mark.parametrize("slip", ["person: [", SLIP])
@pytest.mark.parametrize("calls", [14, 22])
def test_after_a_slip_in_the_mapping_of_an_interrupted_run_nobody_is_read_again(
    pair: Pair, calls: int, slip: str
) -> None:
    """Interrupted before the mapping is proposed, and while it writes."""
    everything(pair)
    mapping = pair.folder / "mapping.yaml"
    assert stopped_after(pair, calls, "run") == 5
    kept = mapping.read_text() if mapping.exists() else None
    read = pair.source.calls["read person"]
    for _ in range(2):
        mapping.write_text(slip)
        assert pair.run().code == 3
    mapping.write_text(kept) if kept else mapping.unlink()
    said = pair.moved()
    assert "had read (--fresh reads anew)" in said.err
    assert pair.source.calls["read person"] == read
    everything_is_there_once(pair)


def test_denials_that_an_interrupted_run_was_given_hold_after_a_slip_in_the_mapping(pair: Pair) -> None:
    two(pair)
    interrupted(pair, "run", "--facts", filed(pair.folder, "more.csv", "ana@x.example"))
    mapping = pair.folder / "mapping.yaml"
    kept = mapping.read_text()
    mapping.write_text(SLIP)
    assert pair.run().code == 3
    mapping.write_text(kept)
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def stopped_by(pair: Pair, code: str) -> int:
    """A run that the gate stops for this finding; how often people were read by then."""
    said = pair.run()
    assert (said.code, said.blocking) == (3, {code})
    return pair.source.calls["read person"]


def test_what_was_read_serves_the_run_after_a_decision(pair: Pair) -> None:
    everything(pair)
    pair.signed = False
    read = stopped_by(pair, "irreversible_undecided")
    decide(pair, "irreversible/create-fields")
    said = pair.moved()
    assert "had read (--fresh reads anew)" in said.err
    assert pair.source.calls["read person"] == read
    everything_is_there_once(pair)


def test_what_was_read_too_long_ago_is_read_again_after_a_decision(pair: Pair) -> None:
    two(pair)
    pair.signed = False
    read = stopped_by(pair, "irreversible_undecided")
    aged(pair, 2)
    unsubscribes(pair, "ana@x.example")
    decide(pair, "irreversible/create-fields")
    pair.moved()
    assert pair.source.calls["read person"] > read
    assert not mailable(pair.landed("ana@x.example"))


def test_a_run_that_begins_anew_after_a_decision_reads_anew(pair: Pair) -> None:
    two(pair)
    pair.signed = False
    read = stopped_by(pair, "irreversible_undecided")
    decide(pair, "irreversible/create-fields")
    pair.moved("--fresh")
    assert pair.source.calls["read person"] > read


def test_a_contract_that_was_raised_lets_what_was_read_serve(pair: Pair) -> None:
    two(pair)
    pair.connection("new", "contracted_people = 1")
    read = stopped_by(pair, "contract_exceeded")
    pair.connection("new", "contracted_people = 9")
    pair.moved()
    assert pair.source.calls["read person"] == read


def test_what_may_have_been_put_right_on_the_source_is_read_again(pair: Pair) -> None:
    """The contract is as it was, so somebody may have archived people."""
    two(pair)
    pair.connection("new", "contracted_people = 1")
    read = stopped_by(pair, "contract_exceeded")
    next(iter(pair.source.by_address("ana@x.example"))).archived = True
    pair.moved()
    assert pair.source.calls["read person"] > read


@pytest.mark.parametrize("accepted", [True, False])
def test_denials_that_could_not_be_read_are_asked_for_again_unless_a_person_goes_without(
    pair: Pair, accepted: bool
) -> None:
    two(pair)
    pair.source.quirks.unread_denials = True
    read = stopped_by(pair, "denials_unread")
    if accepted:
        decide(pair, "unread-denials")
    else:
        pair.source.quirks.unread_denials = False
    pair.run()
    assert (pair.source.calls["read person"] == read) == accepted


def test_a_slip_in_the_mapping_of_a_first_run_keeps_no_schema(pair: Pair) -> None:
    """The field that is missing may be made on the source meanwhile."""
    two(pair)
    (pair.folder / "mapping.yaml").write_text(SLIP)
    assert pair.run().code == 3
    pair.source.field(Kind.PERSON, FieldDef(name="nowhere"))
    pair.moved()


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
    assert [one[:2] for one in runs(pair)] == [("run", "replaced"), ("run", "done")]


def test_an_interrupted_plan_is_not_applied(pair: Pair) -> None:
    two(pair)
    pair.target.quirks.calls_left = 1
    assert pair.say("plan", *MOVE).code == 5
    pair.target.quirks.calls_left = None
    said = pair.say("apply", *MOVE)
    assert said.code == 2
    assert "was interrupted: run `mamigrate plan --source old --target new` again" in said.err


# --- the age of what was read ------------------------------------------------------------------------------------------


def aged(pair: Pair, hours: int) -> None:
    """What was read of the source was read so long ago."""
    (path,) = (pair.folder / ".mamigrate" / "snapshots").glob("old-*/manifest.json")
    manifest = json.loads(path.read_text())
    manifest["landed_at"] = (datetime.fromisoformat(manifest["landed_at"]) - timedelta(hours=hours)).isoformat()
    path.write_text(json.dumps(manifest))


def unsubscribes(pair: Pair, email: str) -> None:
    """Somebody leaves at the source."""
    (found,) = pair.source.by_address(email)
    found.values["unsubscribed"] = "true"


def found(said: Said, code: str) -> list[dict[str, str]]:
    return [one["params"] for one in said.report["findings"] if one["code"] == code]


def test_who_left_since_a_run_was_interrupted_days_ago_is_not_mailable(pair: Pair) -> None:
    two(pair)
    stopped_after(pair, 10, "run")
    assert pair.target.people == {}
    aged(pair, 70)
    unsubscribes(pair, "ana@x.example")
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert mailable(pair.landed("ben@x.example"))
    assert found(said, "source_read_anew") == [{"hours": "70"}]


def test_who_vanished_or_was_archived_since_a_run_was_interrupted_leaves_no_open_sum(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody had been written and accounted for when the run was cut off."""
    two(pair)
    gone, left = pair.source.person("p1@x.example", id="101"), pair.source.person("p2@x.example", id="102")
    with monkeypatch.context() as patched:
        patched.setattr(run, "verify", killed)
        assert pair.say("run", *MOVE).code == 130
    aged(pair, 70)
    pair.source.records[Kind.PERSON].pop(gone.id)
    left.archived = True
    said = pair.moved()
    assert said.buckets() == {"equal": 2, "left": 1}
    assert not mailable(pair.landed("p1@x.example"))
    assert not mailable(pair.landed("p2@x.example"))


def test_who_left_since_they_were_written_is_held_and_nothing_is_broken(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    two(pair)
    with monkeypatch.context() as patched:
        patched.setattr(run, "verify", killed)
        pair.say("run", *MOVE)
    assert mailable(pair.landed("ana@x.example"))
    aged(pair, 70)
    unsubscribes(pair, "ana@x.example")
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert found(said, "writes_before_reading") == [{"count": "2"}]


def test_what_a_replaced_run_had_written_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    two(pair)
    with monkeypatch.context() as patched:
        patched.setattr(run, "verify", killed)
        pair.say("run", *MOVE)
    mapping = pair.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text() + "# a remark\n")
    assert found(pair.moved(), "writes_before_reading") == [{"count": "2"}]
    assert found(pair.moved(), "writes_before_reading") == []


@pytest.mark.parametrize("stage", ["_write_records", "verify"])
def test_what_a_killed_process_made_is_told_as_created_of_every_kind(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Fields and topics too, whose fields were made by then: before people are written, and after all is."""
    everything(pair)
    pair.source.topic("news")
    pair.source.field(Kind.PERSON, FieldDef(name="shoe_size", custom=True))
    pair.source.person("cia@x.example", shoe_size="38")
    with monkeypatch.context() as patched:
        patched.setattr(run, stage, killed)
        pair.say("run", *MOVE)
    said = pair.moved()
    assert [one[:2] for one in runs(pair)] == [("run", "done")]
    (topic,) = said.reasons("topic")
    assert topic == ("created", "mapped")
    assert ("created", "mapped") in said.reasons("field")
    assert said.buckets("account") == said.buckets("opportunity") == said.buckets("list") == {"created": 1}


def test_a_run_that_goes_on_at_once_reads_nothing_again(pair: Pair) -> None:
    two(pair)
    interrupted(pair, "run")
    before = pair.source.calls["read person"]
    said = pair.moved()
    assert pair.source.calls["read person"] == before
    assert found(said, "source_read_anew") == []


def test_a_read_that_was_cut_off_days_ago_begins_anew(pair: Pair) -> None:
    for number in range(30):
        pair.source.person(f"p{number}@x.example")
    pair.source.quirks.calls_left = 12
    assert pair.run().code == 5
    pair.source.quirks.calls_left = None
    aged(pair, 30)
    for number in range(30):
        unsubscribes(pair, f"p{number}@x.example")
    pair.moved()
    assert [one for one in pair.target.people.values() if mailable(one)] == []


def test_somebody_may_decide_to_go_on_with_what_was_read_long_ago(pair: Pair) -> None:
    two(pair)
    stopped_after(pair, 10, "run")
    aged(pair, 70)
    decide(pair, "old-source")
    before = pair.source.calls["read person"]
    said = pair.moved()
    assert pair.source.calls["read person"] == before
    assert found(said, "source_kept_old") == [{"hours": "70"}]


def test_an_old_plan_is_not_applied_to_somebody_who_left_since(pair: Pair) -> None:
    two(pair)
    assert pair.say("plan", *MOVE).code == 0
    aged(pair, 30)
    unsubscribes(pair, "ana@x.example")
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking, pair.writes()) == (3, {"plan_outdated"}, 0)
    assert "source or target has changed" in said.err


def test_an_old_plan_is_applied_where_the_source_says_the_same(pair: Pair) -> None:
    everything(pair)
    assert pair.say("plan", *MOVE).code == 0
    aged(pair, 30)
    said = pair.say("apply", *MOVE)
    assert said.code == 0, said.err
    everything_is_there_once(pair)
    assert found(said, "source_read_anew") == [{"hours": "30"}]


# --- files of facts of other commands ------------------------------------------------------------------------------------


def test_denials_of_an_interrupted_run_hold_for_an_apply(pair: Pair) -> None:
    two(pair)
    assert pair.say("plan", *MOVE).code == 0
    path = filed(pair.folder, "more.csv", "ana@x.example")
    stopped_after(pair, 6, "run", "--facts", path)
    said = pair.say("apply", *MOVE)
    assert (said.code, said.blocking, pair.writes()) == (3, {"plan_outdated"}, 0)
    assert f"taken over from an earlier run: --facts {path}" in said.err
    assert pair.say("plan", *MOVE).code == 0
    assert pair.say("apply", *MOVE).code == 0
    assert not mailable(pair.landed("ana@x.example"))


def test_denials_of_a_plan_that_findings_stopped_hold_for_the_run_after_it(pair: Pair) -> None:
    two(pair)
    pair.target.quirks.crm_linked = True
    assert pair.say("plan", *MOVE, "--facts", filed(pair.folder, "more.csv", "ana@x.example")).code == 3
    pair.target.quirks.crm_linked = False
    said = pair.moved()
    assert "taken over from an earlier run: --facts" in said.err
    assert not mailable(pair.landed("ana@x.example"))


def test_denials_of_an_interrupted_plan_hold_for_the_next_one(pair: Pair) -> None:
    two(pair)
    pair.target.quirks.calls_left = 1
    assert pair.say("plan", *MOVE, "--facts", filed(pair.folder, "more.csv", "ana@x.example")).code == 5
    pair.target.quirks.calls_left = None
    assert pair.say("plan", *MOVE).code == 0
    assert pair.say("apply", *MOVE).code == 0
    assert not mailable(pair.landed("ana@x.example"))


def test_a_finished_plan_and_a_fresh_beginning_name_no_files_and_lose_no_denial(pair: Pair) -> None:
    two(pair)
    assert pair.say("plan", *MOVE, "--facts", filed(pair.folder, "more.csv", "ana@x.example")).code == 0
    interrupted(pair, "run", "--facts", filed(pair.folder, "other.csv", "ben@x.example"))
    assert "--facts" not in pair.moved("--fresh").report["command"]
    assert not any(mailable(pair.landed(f"{name}@x.example")) for name in ("ana", "ben"))
