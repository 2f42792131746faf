"""Denials that come after a move, on two vendors in memory: carried both ways, never raised, never sent round."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from in_step import change, fates, field, left, left_topic, moved_once, sync
from mamigrate.findings import Finding, Severity
from mamigrate.testing import memory_late
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import OptOut, State, Yes
from pair import Pair, decide, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return moved_once(pair, tmp_path_factory)


def test_who_leaves_the_source_is_denied_on_the_target(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    said = sync(moved)
    assert fates(said, 0) == {"carried": 1}
    assert not mailable(moved.landed("ana@x.example"))
    assert mailable(moved.landed("ben@x.example"))


def test_who_leaves_the_target_is_denied_on_the_source(moved: Pair) -> None:
    change(moved.landed("ben@x.example"), unsubscribed="true")
    said = sync(moved)
    assert fates(said, 1)["carried"] == 1
    assert left(moved) == {("ben@x.example", "*")}


def test_leaving_a_topic_closes_that_topic_on_the_other_side(moved: Pair) -> None:
    change(moved.source.people["5"], opt_out_news="true")
    change(moved.landed("ben@x.example"), **{field(moved, "events"): "true"})
    sync(moved)
    assert moved.landed("ana@x.example").values[field(moved, "news")] == "true"
    assert mailable(moved.landed("ana@x.example"))
    assert left(moved) == {("ben@x.example", "events")}


def test_both_sides_may_send_when_everything_stands_there(moved: Pair) -> None:
    said = sync(moved)
    assert [(side["side"], side["go"], side["backlog"]) for side in said.report["sides"]] == [
        ("new", True, 0),
        ("old", True, 0),
    ]


def test_the_same_twice_writes_nothing(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    change(moved.landed("ben@x.example"), unsubscribed="true")
    sync(moved)
    before = moved.writes(), _source_writes(moved)
    said = sync(moved)
    assert (moved.writes(), _source_writes(moved)) == before
    assert (fates(said, 0).get("carried"), fates(said, 1).get("carried")) == (None, None)


def _source_writes(pair: Pair) -> int:
    return sum(n for what, n in pair.source.calls.items() if what.startswith("write"))


def test_five_passes_with_changes_on_both_sides_come_to_rest(moved: Pair) -> None:
    moved.source.opt_outs.append(left_topic("ana@x.example", "news"))
    change(moved.landed("ben@x.example"), unsubscribed="true")
    sync(moved)
    change(moved.landed("cho@x.example"), held="true")
    sync(moved)
    writes = []
    for _ in range(3):
        before = moved.writes() + _source_writes(moved)
        sync(moved)
        writes.append(moved.writes() + _source_writes(moved) - before)
    assert writes == [0, 0, 0]
    assert left(moved) == {("ana@x.example", "news"), ("ben@x.example", "*"), ("cho@x.example", "*")}


def without_place(path: Path, topic: str) -> None:
    """The mapping with a topic whose opt-outs close everything."""
    yaml = YAML()
    mapping = yaml.load(path.read_text(encoding="utf-8"))
    (rule,) = (rule for rule in mapping["topics"] if rule["from"] == topic)
    for name in ("to", "create", "polarity"):
        rule.pop(name, None)
    rule["deny_all"] = "no place"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(mapping, file)


def test_a_denial_that_had_to_grow_does_not_come_back_grown(pair: Pair) -> None:
    """Leaving a topic that has no place closes everything on the target. The person left one topic, so that is an echo."""
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5")
    pair.say("plan", "--source", "old", "--target", "new")
    without_place(pair.folder / "mapping.yaml", "news")
    pair.moved()
    pair.source.opt_outs.append(left_topic("ana@x.example", "news"))
    first, second = sync(pair), sync(pair)
    assert not mailable(pair.landed("ana@x.example"))
    assert left(pair) == {("ana@x.example", "news")}
    assert "echo" in {**fates(first, 1), **fates(second, 1)}


def test_what_the_run_wrote_itself_is_no_denial_of_the_target(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.source.person("ben@x.example", id="6", held="true")
    pair.moved()
    said = sync(pair)
    assert left(pair) == set()
    assert set(fates(said, 1)) == {"echo"}


def test_a_person_who_left_under_another_address_is_known_by_id(moved: Pair) -> None:
    ana = moved.landed("ana@x.example")
    change(ana, email="ana@private.example", held="true")
    sync(moved)
    assert left(moved) == {("ana@x.example", "*")}


def test_what_an_address_holds_stays_with_the_address(moved: Pair) -> None:
    ana = moved.landed("ana@x.example")
    change(ana, email="ana@private.example", unsubscribed="true")
    sync(moved)
    assert left(moved) == {("ana@x.example", "*"), ("ana@private.example", "*")}


def test_who_is_not_on_the_target_is_held_there_as_a_denied_address(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="new@x.example", at=datetime.now(UTC)))
    said = sync(moved)
    assert fates(said, 0) == {"carried": 1}
    assert not mailable(moved.landed("new@x.example"))
    assert "new@x.example" in moved.target.unsubscribed


def test_who_is_not_on_the_source_is_denied_there_by_address(moved: Pair) -> None:
    change(moved.target.person("own@x.example"), unsubscribed="true")
    sync(moved)
    assert left(moved) == {("own@x.example", "*")}


def test_a_bounce_is_no_wish_and_is_told(moved: Pair) -> None:
    change(moved.landed("ana@x.example"), invalid="true")
    said = sync(moved)
    assert left(moved) == set()
    assert set(fates(said, 1)) == {"unheld"}
    assert "late_denial_not_held" in {one["code"] for one in said.report["findings"]}


def test_a_hold_of_the_target_closes_the_whole_address_and_is_told(moved: Pair) -> None:
    change(moved.landed("ana@x.example"), held="true")
    assert "late_denial_grown" in {one["code"] for one in sync(moved).report["findings"]}
    assert left(moved) == {("ana@x.example", "*")}


def test_somebody_without_address_and_id_is_told(moved: Pair) -> None:
    change(moved.target.person(), unsubscribed="true")
    said = sync(moved)
    assert "late_denial_nowhere" in {one["code"] for one in said.report["findings"]}


def test_a_preview_writes_nothing_and_says_what_waits(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    said = sync(moved, "--dry-run", code=3)
    assert fates(said, 0) == {"waiting": 1}
    assert mailable(moved.landed("ana@x.example"))
    assert [side["go"] for side in said.report["sides"]] == [False, False]


def test_more_than_a_pass_may_write_waits_and_is_not_dropped(moved: Pair) -> None:
    for name in ("ana", "ben", "cho"):
        moved.source.opt_outs.append(OptOut(address=f"{name}@x.example", at=datetime.now(UTC)))
    assert [fates(sync(moved, "--most", "2", code=code), 0).get("waiting") for code in (3, 0)] == [1, None]
    assert [name for name in ("ana", "ben", "cho") if mailable(moved.landed(f"{name}@x.example"))] == []


def test_a_source_of_denials_that_cannot_be_read_is_no_go(moved: Pair) -> None:
    moved.source.quirks.unread_denials = True
    said = sync(moved, code=3)
    assert said.report["sides"][0]["because"] == ["unread", "stale"]
    assert said.report["sides"][1]["go"]


def test_a_quota_ends_one_way_and_the_command_is_run_again_later(moved: Pair) -> None:
    moved.target.quirks.offline = True
    said = sync(moved, code=5)
    assert [side["go"] for side in said.report["sides"]] == [False, False]
    assert {code for side in said.report["sides"] for code in side["because"]} == {"trouble", "stale"}
    (line,) = (line for line in said.err.splitlines() if "Run the same command again" in line)
    assert line.startswith("new")


@pytest.mark.parametrize("quirk", ["lose_replies", "lose_writes"])
def test_replies_that_are_lost_are_settled_by_reading(moved: Pair, quirk: str) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    change(moved.landed("ben@x.example"), unsubscribed="true")
    setattr(moved.target.quirks, quirk, 1)
    setattr(moved.source.quirks, quirk, 1)
    sync(moved)
    assert not mailable(moved.landed("ana@x.example"))
    assert left(moved) == {("ana@x.example", "*"), ("ben@x.example", "*")}
    assert len(moved.source.opt_outs) == 2


def test_a_denial_that_is_refused_blocks(moved: Pair) -> None:
    moved.source.quirks.refuse["opt_out"] = "ben@x.example"
    change(moved.landed("ben@x.example"), unsubscribed="true")
    said = sync(moved, code=3)
    assert said.blocking == {"late_denial_refused", "late_denial_unproven"}
    assert said.report["sides"][1]["backlog"] == 1


def test_before_any_move_there_is_nothing_to_keep_in_step(pair: Pair) -> None:
    said = pair.say("sync", "--source", "old", "--target", "new")
    assert said.code == 2
    assert "nobody was moved" in said.err


@pytest.mark.parametrize("span", ["5", "10s", "soon", "0m"])
def test_a_pause_that_is_none_is_refused(moved: Pair, span: str) -> None:
    assert moved.say("sync", "--source", "old", "--target", "new", "--every", span).code == 2


def test_a_later_run_finds_what_was_carried(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    moved.source.opt_outs.append(OptOut(address="nobody@x.example", at=datetime.now(UTC)))
    sync(moved)
    before = moved.writes()
    moved.moved()
    assert moved.writes() == before


def test_the_report_masks_people_unless_asked(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="nobody@x.example", at=datetime.now(UTC)))
    masked = sync(moved)
    page = (moved.folder / "reports" / masked.report["run"] / "sync.html").read_text()
    assert "nobody@x.example" not in masked.out + page
    assert "GO" in page
    moved.source.opt_outs.append(OptOut(address="nobody2@x.example", at=datetime.now(UTC)))
    assert "nobody2@x.example" in sync(moved, "--unmask").out


def test_how_long_a_denial_took_is_told(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    latency: dict[str, Any] = sync(moved).report["ways"][0]["latency"]
    assert (latency["carried"], latency["dated"]) == (1, 1)
    assert 0 <= latency["p50"] <= latency["p99"] <= latency["max"] < 60


def test_who_said_yes_through_us_and_no_later_has_left(pair: Pair) -> None:
    """The field that says yes was written by the program: a no in it is no echo of that."""
    pair.source.topic("events", default_allows=False)
    pair.source.person("ana@x.example", id="5")
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="events"))
    pair.moved()
    (field,) = (name for name in pair.landed("ana@x.example").values if "events" in name)
    change(pair.landed("ana@x.example"), **{field: "false"})
    sync(pair)
    assert left(pair) == {("ana@x.example", "events")}


def test_after_a_move_that_did_not_come_to_its_end_nobody_may_send_to_the_target(moved: Pair) -> None:
    moved.source.person("dan@x.example", id="8")
    moved.target.quirks.lose_writes = 9
    assert moved.run().code == 5
    moved.target.quirks.lose_writes = 0
    said = sync(moved, code=3)
    assert [side["because"] for side in said.report["sides"]] == [["unmoved"], []]
    moved.moved()
    assert all(side["go"] for side in sync(moved).report["sides"])


def test_a_run_that_was_stopped_before_it_wrote_changes_nothing(moved: Pair) -> None:
    moved.source.quirks.unread_denials = True
    assert moved.run().code == 3
    moved.source.quirks.unread_denials = False
    assert all(side["go"] for side in sync(moved).report["sides"])


def test_a_rollback_after_a_pass_takes_no_denial_back(moved: Pair) -> None:
    change(moved.source.people["5"], unsubscribed="true")
    moved.source.opt_outs.append(OptOut(address="nobody@x.example", at=datetime.now(UTC)))
    sync(moved)
    moved.say("rollback", "--source", "old", "--target", "new", "--yes")
    assert not mailable(moved.landed("nobody@x.example"))
    assert "ana@x.example" in moved.target.unsubscribed


def test_after_a_rollback_nothing_is_carried_until_something_is_moved_again(moved: Pair) -> None:
    """Ana left one topic only: a record made for her denial alone would deny her everything."""
    moved.source.opt_outs.append(left_topic("ana@x.example", "news"))
    sync(moved)
    assert moved.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    before = moved.writes()
    said = sync(moved, code=3)
    assert said.blocking == {"move_undone"}
    assert [side["go"] for side in said.report["sides"]] == [False, False]
    assert all("unmoved" in side["because"] for side in said.report["sides"])
    assert moved.writes() == before
    moved.moved()
    assert all(side["go"] for side in sync(moved).report["sides"])
    assert mailable(moved.landed("ana@x.example"))


def test_a_file_of_facts_of_an_unfinished_plan_still_holds_after_a_pass(moved: Pair) -> None:
    """A pass between two runs must not make the second one forget denials that the first one was given."""
    extra = moved.folder / "more.csv"
    extra.write_text("address,id,what,when,source\nben@x.example,,all,2026-01-01,crm\n", encoding="utf-8")
    moved.source.quirks.unread_denials = True
    assert moved.run("--facts", str(extra)).code == 3
    moved.source.quirks.unread_denials = False
    sync(moved)
    moved.moved()
    assert not mailable(moved.landed("ben@x.example"))


def test_when_nobody_signed_for_what_is_unread_and_somebody_did(moved: Pair) -> None:
    moved.source.quirks.unread_denials = True
    sync(moved, code=3)
    decide(moved, "unread-denials")
    assert all(side["go"] for side in sync(moved).report["sides"])


def test_what_nobody_can_bring_another_way_is_not_signed_away(moved: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision is about whole sources of denials, and says nothing of what a page of them left out."""
    lost = Finding("consent_unread", Severity.WARN, "old/person/5")
    whole = memory_late.page
    monkeypatch.setattr(memory_late, "page", lambda *asked: replace(whole(*asked), problems=(lost,)))
    decide(moved, "unread-denials")
    assert [side["because"] for side in sync(moved, code=3).report["sides"]] == [["unread", "stale"]] * 2


def test_a_mapping_that_does_not_fit_any_more_stops_both_ways(moved: Pair) -> None:
    del moved.source.topics["news"]
    said = sync(moved, code=3)
    assert "source_topic_unknown" in said.blocking
    assert [side["because"] for side in said.report["sides"]] == [["unread", "stale"], ["unread", "stale"]]


def test_which_sides_may_send_is_said_in_words_without_json(moved: Pair) -> None:
    said = moved.say("sync", "--source", "old", "--target", "new")
    lines = said.out.splitlines()
    assert [line.split(";")[0] for line in lines[2:4]] == ["new: GO", "old: GO"]
    assert lines[-1].endswith("sync.html")


def test_a_side_that_tells_no_denials_is_refused_in_words(moved: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(MemoryInstance, "denials_since")
    said = moved.say("sync", "--source", "old", "--target", "new")
    assert (said.code, "cannot tell denials" in said.err) == (2, True)


def test_what_is_not_shown_after_it_was_written_is_not_proven(moved: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform says that it took the denial, and shows nothing of it."""
    monkeypatch.setattr(memory_late, "_left", lambda state, loose: iter(()))
    change(moved.landed("ben@x.example"), unsubscribed="true")
    said = sync(moved, code=3)
    assert said.blocking == {"late_denial_unproven"}
    assert said.report["sides"][1]["backlog"] == 1


@pytest.mark.parametrize(("side", "at"), [("target", 0), ("source", 1)])
def test_what_a_vendor_in_trouble_did_not_confirm_waits_and_is_carried_once(moved: Pair, side: str, at: int) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    change(moved.landed("ben@x.example"), unsubscribed="true")
    state: State = getattr(moved, side)
    state.quirks.lose_writes = 9
    said = sync(moved, code=5)
    assert fates(said, at)["waiting"] == 1
    assert (said.report["sides"][at]["go"], said.report["sides"][1 - at]["go"]) == (False, True)
    state.quirks.lose_writes = 0
    assert fates(sync(moved), at)["carried"] == 1
    assert not mailable(moved.landed("ana@x.example"))
    assert [out.address for out in moved.source.opt_outs] == ["ana@x.example", "ben@x.example"]


def test_what_somebody_entered_as_an_address_is_masked_too(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="Juergen Mueller, Hamburg", at=datetime.now(UTC)))
    said = sync(moved)
    page = (moved.folder / "reports" / said.report["run"] / "sync.html").read_text()
    assert "mueller" not in (said.out + page).lower()
    assert fates(said, 0) == {"nowhere": 1}
    assert "late_denial_nowhere" in {one["code"] for one in said.report["findings"]}


def test_what_we_wrote_for_an_address_that_only_folds_alike_is_no_echo(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.person("strasse@x.example", id="20")
    pair.moved()
    change(pair.target.person("straße@x.example"), unsubscribed="true")
    sync(pair)
    pair.source.opt_outs.append(OptOut(address="strasse@x.example", at=datetime.now(UTC)))
    assert fates(sync(pair), 0) == {"carried": 1, "echo": 1}
    assert not mailable(pair.landed("strasse@x.example"))
