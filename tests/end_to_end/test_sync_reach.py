"""Whom late denials reach on two vendors in memory, what a pass says of what it does not know, and who else tells of it."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from in_step import change, fates, field, left, moved_once, sync
from mamigrate.findings import Finding, Severity
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import ListDef, OptOut
from pair import Pair, decide, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def moved(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return moved_once(pair, tmp_path_factory)


def test_an_address_inside_a_text_is_denied_on_the_target(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="Ana Silva <ana@x.example>", at=datetime.now(UTC)))
    moved.source.opt_outs.append(OptOut(address="mailto:new@x.example, ben at home", at=datetime.now(UTC)))
    said = sync(moved)
    assert fates(said, 0) == {"carried": 2}
    assert [mailable(moved.landed(f"{name}@x.example")) for name in ("ana", "ben", "new")] == [False, True, False]


def test_what_a_text_names_besides_addresses_is_told(moved: Pair) -> None:
    moved.source.opt_outs.append(OptOut(address="ana@x.example; ben@home", at=datetime.now(UTC)))
    said = sync(moved)
    assert fates(said, 0) == {"carried": 1, "nowhere": 1}
    assert "late_denial_nowhere" in {one["code"] for one in said.report["findings"]}


def test_an_address_inside_a_text_is_denied_on_the_source(moved: Pair) -> None:
    change(moved.target.person("Dan Silva <dan@x.example>"), unsubscribed="true")
    change(moved.target.person("nobody at all"), held="true")
    said = sync(moved)
    assert left(moved) == {("dan@x.example", "*")}
    assert fates(said, 1)["nowhere"] == 1
    assert fates(sync(moved), 1).get("carried") is None


def test_who_leaves_the_target_is_denied_there_at_every_address_of_theirs(moved: Pair) -> None:
    """The source denies all of them. What is said of the other ones comes back from there as an echo, and is one."""
    other = moved.target.person("ana@private.example")
    moved.source.people["5"].other_emails.append("ana@private.example")
    change(moved.landed("ana@x.example"), held="true")
    sync(moved)
    assert left(moved) == {("ana@x.example", "*"), ("ana@private.example", "*")}
    assert not mailable(other)
    before = moved.writes()
    assert all(side["go"] for side in sync(moved).report["sides"])
    assert moved.writes() == before


def test_a_topic_that_is_left_on_the_target_is_left_there_at_every_address(moved: Pair) -> None:
    other = moved.target.person("ana@private.example")
    moved.source.people["5"].other_emails.append("ana@private.example")
    change(moved.landed("ana@x.example"), **{field(moved, "events"): "true"})
    sync(moved)
    assert other.values[field(moved, "events")] == "true"
    assert mailable(other)


def test_while_another_address_of_somebody_waits_nobody_may_send_to_it(moved: Pair) -> None:
    moved.target.person("ana@private.example")
    moved.source.people["5"].other_emails.append("ana@private.example")
    change(moved.landed("ana@x.example"), held="true")
    moved.target.quirks.lose_writes = 9
    assert [side["go"] for side in sync(moved, code=5).report["sides"]] == [False, False]
    moved.target.quirks.lose_writes = 0
    assert all(side["go"] for side in sync(moved).report["sides"])
    assert not mailable(moved.landed("ana@private.example"))


def test_who_came_back_and_left_again_later_by_whatever_tool_has_left(moved: Pair) -> None:
    """We closed the source once. What closes it after the next reading is no echo of that."""
    ben = moved.landed("ben@x.example")
    change(ben, unsubscribed="true")
    sync(moved)
    assert fates(sync(moved), 0) == {"echo": 1}
    change(ben, unsubscribed="false")
    moved.target.unsubscribed.clear()
    moved.source.opt_outs.clear()
    sync(moved)
    moved.source.opt_outs.append(OptOut(address="ben@x.example", at=datetime.now(UTC) + timedelta(seconds=2)))
    assert fates(sync(moved), 0) == {"carried": 1}
    assert not mailable(ben)


def test_a_topic_waits_with_the_denial_of_everything_that_it_is_part_of(moved: Pair) -> None:
    change(moved.landed("ben@x.example"), held="true", **{field(moved, "events"): "true"})
    moved.source.quirks.lose_writes = 9
    assert fates(sync(moved, code=5), 1) == {"waiting": 2}
    moved.source.quirks.lose_writes = 0
    assert fates(sync(moved), 1) == {"carried": 2}
    assert left(moved) == {("ben@x.example", "*")}


def exclusion(*members: str, joined: datetime | None = None) -> ListDef:
    held = dict.fromkeys(members, joined) if joined else {}
    return ListDef(id="9", name="Never", exclusion=True, members=list(members), joined=held)


def told_lists(said: Any, code: str) -> list[str]:
    return [one["subject"] for one in said.report["findings"] if one["code"] == code]


def test_who_comes_onto_a_list_that_is_left_out_of_mail_is_denied_on_the_target(moved: Pair) -> None:
    moved.source.lists["9"] = exclusion("5")
    said = sync(moved)
    assert fates(said, 0) == {"carried": 1}
    assert [mailable(moved.landed(f"{name}@x.example")) for name in ("ana", "ben")] == [False, True]
    assert moved.landed("ana@x.example").values["held"] == "true"
    assert fates(sync(moved), 0) == {"standing": 1}
    assert left(moved) == set()


def test_of_a_list_that_was_moved_as_left_out_only_who_came_since_is_looked_at(moved: Pair) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=400)
    moved.source.lists["9"] = exclusion("5", joined=long_ago)
    moved.moved()
    assert fates(sync(moved), 0) == {}
    moved.source.lists["9"].members.append("6")
    moved.source.lists["9"].joined["6"] = datetime.now(UTC)
    assert fates(sync(moved), 0) == {"carried": 1}
    assert [mailable(moved.landed(f"{name}@x.example")) for name in ("ana", "ben", "cho")] == [False, False, True]


def test_where_nobody_knows_the_lists_of_the_last_move_every_member_is_looked_at(moved: Pair) -> None:
    moved.source.lists["9"] = exclusion("5", joined=datetime.now(UTC) - timedelta(days=400))
    moved.moved()
    shutil.rmtree(moved.folder / ".mamigrate" / "snapshots")
    assert fates(sync(moved), 0) == {"standing": 1}


def test_who_is_on_a_list_that_is_not_on_the_target_is_told_of_and_waits_for_nobody(moved: Pair) -> None:
    moved.source.person("dan@x.example", id="8")
    moved.source.lists["9"] = exclusion("8")
    assert fates(sync(moved), 0) == {"absent": 1}
    moved.moved()
    assert not mailable(moved.landed("dan@x.example"))


def test_lists_that_cannot_be_read_are_no_go_until_somebody_signs(moved: Pair) -> None:
    moved.source.quirks.unread_exclusions = True
    said = sync(moved, code=3)
    assert told_lists(said, "exclusions_unread") == ["old"]
    assert said.report["sides"][0]["because"] == ["unread", "stale"]
    decide(moved, "unread-denials")
    assert all(side["go"] for side in sync(moved).report["sides"])


def test_who_comes_onto_a_list_that_the_target_leaves_out_is_denied_on_the_source(moved: Pair) -> None:
    ben = moved.landed("ben@x.example")
    moved.target.lists["4"] = ListDef(id="4", name="Not now", exclusion=True, members=[ben.id])
    assert fates(sync(moved), 1) == {"carried": 1}
    assert left(moved) == {("ben@x.example", "*")}


def test_a_list_that_a_run_filled_says_nothing_new_about_whom_the_source_leaves_out(moved: Pair) -> None:
    moved.source.lists["9"] = exclusion("5")
    moved.moved()
    (landed,) = moved.target.lists.values()
    landed.exclusion = True
    assert fates(sync(moved), 1)["echo"] == 2
    assert left(moved) == set()
    landed.members.append(moved.landed("ben@x.example").id)
    sync(moved)
    assert left(moved) == {("ben@x.example", "*")}


def test_lists_of_a_side_that_does_not_tell_members_are_told(moved: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(MemoryInstance, "left_out_since")
    said = sync(moved)
    assert told_lists(said, "late_list_unread") == []
    assert told_lists(said, "late_lists_unread") == ["new/list"]
    moved.source.lists["9"] = exclusion("5")
    moved.moved()
    assert told_lists(sync(moved), "late_list_unread") == ["old/list/9"]
    shutil.rmtree(moved.folder / ".mamigrate" / "snapshots")
    assert told_lists(sync(moved), "late_list_unread") == ["old/list"]


def test_opt_outs_that_were_written_to_the_source_stand_in_the_sheet_of_transfers(moved: Pair) -> None:
    def denied() -> list[dict[str, Any]]:
        holders = moved.say("purge", "--transfers", "--json").report["holders"]
        (source,) = (one for one in holders if one["role"] == "source")
        return [one for one in source["data"] if one["how"] == "denied"]

    assert denied() == []
    change(moved.landed("ben@x.example"), unsubscribed="true")
    change(moved.landed("cho@x.example"), **{field(moved, "events"): "true"})
    sync(moved)
    assert denied() == [{"kind": "consent_fact", "how": "denied", "objects": 2, "compliance": True}]
    told = moved.say("purge", "--yes", "--json", "--by", "Sato").report
    assert {"connection": "old", "kind": "consent_fact", "objects": 2} not in told["read"]
    (source,) = (one for one in told["transfers"]["holders"] if one["role"] == "source")
    assert "denied" in {one["how"] for one in source["data"]}


def test_what_only_a_sync_needs_is_asked_by_doctor_where_one_is_meant(
    moved: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = Finding("denials_not_writable", Severity.BLOCK, "old", {"scopes": "x", "fix": "grant_scope"})
    monkeypatch.setattr(MemoryInstance, "check_sync", lambda self: [lacking], raising=False)
    assert moved.say("doctor", "old").code == 0
    said = moved.say("doctor", "old", "--sync", "--json")
    assert said.code == 3
    assert [one["code"] for one in json.loads(said.out)[0]["problems"]] == ["denials_not_writable"]
