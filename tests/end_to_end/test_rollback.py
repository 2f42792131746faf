"""What a rollback gives back, what it keeps, and what it leaves on record; between two vendors in memory."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import BEGAN, ListDef, OptOut, Record
from pair import Pair, Said, everything, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MOVE = ("--source", "old", "--target", "new")


def rollback(pair: Pair, *words: str) -> Said:
    return pair.say("rollback", *MOVE, *words)


def record(said: Said) -> dict[str, Any]:
    """The JSON beside the page that a rollback names in its last line."""
    page = Path(said.out.splitlines()[-1])
    assert page.name == "rollback.html"
    found: dict[str, Any] = json.loads(page.with_suffix(".json").read_text())
    return found


def adopted(pair: Pair) -> None:
    """Ben is on both sides; the target knows him by another name and in no city."""
    pair.source.person("ben@x.example", id="6", first_name="Ben", city="Kyoto")
    pair.target.person("ben@x.example", id="70", first_name="Benjamin")


def test_a_topic_opt_out_stays_and_everything_else_is_restored(pair: Pair) -> None:
    adopted(pair)
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.people["6"].values["opt_out_news"] = "true"
    pair.moved()
    shown = rollback(pair)
    assert "stays: 1 · people who were there before and whom we denied" in shown.out
    assert rollback(pair, "--yes").code == 0
    values = pair.target.people["70"].values
    assert (values.get("mmNoTopicnews"), values.get("city"), values["first_name"]) == ("true", None, "Benjamin")


def test_whoever_was_there_gets_no_grant_that_a_rollback_would_have_to_take_back(pair: Pair) -> None:
    adopted(pair)
    pair.source.topic("news", default_allows=False)
    pair.source.topic("events")
    pair.source.people["6"].values["opt_in_news"] = "true"
    pair.moved()
    assert "mmYesTopicnews" not in pair.target.people["70"].values
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people["70"].values.get("mmYesTopicnews") in (None, "false")


def test_a_restoration_that_was_refused_is_no_restoration(pair: Pair) -> None:
    adopted(pair)
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    pair.target.people["70"].values["mm_source_created_at"] = "2001-01-01T00:00:00Z"
    pair.moved()
    pair.target.quirks.refuse["mm_source_created_at"] = "2001-01-01T00:00:00Z"
    said = rollback(pair, "--yes")
    assert said.code == 3
    assert [(one["what"], one["objects"]) for one in record(said)["done"]] == [("not_undone", 1)]
    assert [one["code"] for one in record(said)["findings"]] == ["not_undone"]
    pair.target.quirks.refuse.clear()
    assert "to restore: 1 people" in rollback(pair).out
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people["70"].values["mm_source_created_at"] == "2001-01-01T00:00:00Z"


@pytest.mark.parametrize("quirk", ["lose_replies", "lose_writes"])
def test_lost_replies_are_settled_before_anything_counts_as_restored(pair: Pair, quirk: str) -> None:
    adopted(pair)
    pair.moved()
    setattr(pair.target.quirks, quirk, 3)
    first = rollback(pair, "--yes")
    assert first.code == (0 if quirk == "lose_replies" else 3)
    assert pair.target.people["70"].values.get("city") == (None if quirk == "lose_replies" else "Kyoto")
    rollback(pair, "--yes")
    assert pair.target.people["70"].values.get("city") is None


def test_what_somebody_entered_after_a_rollback_is_what_the_next_one_restores(pair: Pair) -> None:
    adopted(pair)
    pair.target.people["70"].values["note"] = "before"
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    pair.source.people["6"].values["city"] = "Nara"
    pair.target.people["70"].values["mm_source_created_at"] = "2001-01-01T00:00:00Z"
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people["70"].values["mm_source_created_at"] == "2001-01-01T00:00:00Z"


def test_nothing_to_undo_is_said(pair: Pair) -> None:
    pair.write()
    said = rollback(pair, "--yes")
    assert (said.code, said.out) == (0, "nothing to undo from old to new\n")


def test_the_record_says_what_was_undone_and_what_stays_and_why(pair: Pair) -> None:
    everything(pair)
    pair.target.person("ana@x.example", id="71")
    report = pair.moved().report
    said = rollback(pair, "--yes")
    told = record(said)
    assert (told["state"], told["undoes"]) == ("done", [report["run"]])
    assert {(one["what"], one["kind"]) for one in told["done"]} >= {("deleted", "person"), ("deleted", "list")}
    assert {one["code"] for one in told["stays"]} == {"fields", "suppressed_addresses", "denials"}
    page = Path(said.out.splitlines()[-1]).read_text()
    assert "a denial is never taken back" in page
    assert re.search("配信拒否は決して取り消しません", page)
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == []


def test_a_preview_as_json_stands_alone(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    told = rollback(pair, "--json").report
    assert (told["state"], told["to_delete"]["person"], told["done"]) == ("preview", 2, [])


@pytest.mark.parametrize(("field", "value"), [("blocked", "true"), ("mmNoTopicnews", "true")])
def test_whoever_was_denied_on_the_target_since_is_not_deleted(pair: Pair, field: str, value: str) -> None:
    """A later move would create the person anew, and could not know."""
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6", opt_out_news="true", unsubscribed="true")
    pair.moved()
    ana = pair.landed("ana@x.example")
    ana.values[field] = value
    assert "stays: 1 · people whom we created and who were denied on the target since" in rollback(pair).out
    assert rollback(pair, "--yes").code == 0
    assert [one.values["email"] for one in pair.target.people.values()] == ["ana@x.example"]
    pair.moved()
    assert pair.landed("ana@x.example").values[field] == value


def test_whoever_closed_a_topic_that_we_opened_is_not_deleted(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5", opt_in_news="true")
    pair.source.person("ben@x.example", id="6", opt_in_news="true")
    pair.moved()
    pair.landed("ana@x.example").values["mmYesTopicnews"] = "false"
    assert rollback(pair, "--yes").code == 0
    assert [one.values["email"] for one in pair.target.people.values()] == ["ana@x.example"]


def test_whom_another_source_brought_too_is_not_deleted(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    (own,) = ledger.iter_ids("old", "new", "person")
    ledger.begin_run(Run(id="r9", command="run", source="third", target="new", status="done", began_at=BEGAN))
    ledger.keep_ids([own._replace(source="third", made="adopted")])
    ledger.close()
    assert "stays: 1 · people whom another source of this project brought too" in rollback(pair).out
    assert rollback(pair, "--yes").code == 0
    assert len(pair.target.people) == 1


def test_memberships_that_went_with_their_list_are_not_counted_again(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    stays = rollback(pair, "--json").report["stays"]
    assert [one for one in stays if one["code"] == "memberships"] == []
    pair.moved()
    (listed,) = pair.target.lists.values()
    assert len(listed.members) == 2


def test_after_a_rollback_the_lists_and_deals_of_merged_records_arrive_again(pair: Pair) -> None:
    for id in ("5", "6"):
        pair.source.person("ana@x.example", id=id)
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5", "6"])
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"]))
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people == {}
    said = pair.moved()
    ana = pair.landed("ana@x.example")
    assert [one.members for one in pair.target.lists.values()] == [[ana.id]]
    assert [one.people for one in pair.target.records[Kind.OPPORTUNITY].values()] == [[ana.id]]
    assert "rejected" not in said.buckets("list_membership")
    before = pair.writes()
    pair.moved()
    assert pair.writes() == before


# --- values that are not ours any more ---------------------------------------------------------------------------------


def test_a_value_that_somebody_changed_since_is_not_overwritten_and_named(pair: Pair) -> None:
    adopted(pair)
    pair.moved()
    ben = pair.target.people["70"].values
    assert ben["city"] == "Kyoto"
    ben["city"] = "Paris"
    shown = rollback(pair)
    assert "stays: 1 · people who were there before, with values that somebody changed on the target since" in shown.out
    assert "new/person/70: somebody changed city on the target after the move" in shown.out
    said = rollback(pair, "--yes")
    ben = pair.target.people["70"].values
    assert (said.code, ben["city"], ben.get("mm_source_key")) == (0, "Paris", None)
    told = record(said)
    assert [one["params"] for one in told["findings"] if one["code"] == "value_changed_since"] == [{"fields": "city"}]
    assert "somebody changed city" in Path(said.out.splitlines()[-1]).read_text()


def test_a_value_of_the_first_move_that_the_second_replaced_is_still_ours(pair: Pair) -> None:
    adopted(pair)
    pair.moved()
    pair.source.people["6"].merged.append("5")
    pair.moved()
    pair.source.people["6"].merged.append("4")
    pair.moved()
    assert pair.target.people["70"].values["mm_merged_ids"] == "5;4"
    assert rollback(pair, "--yes").code == 0
    assert "mm_merged_ids" not in pair.target.people["70"].values


def test_whoever_is_gone_from_the_target_is_told_and_not_restored(pair: Pair) -> None:
    adopted(pair)
    pair.moved()
    del pair.target.records[Kind.PERSON]["70"]
    assert "stays: 1 · people who were there before and are not on the target any more" in rollback(pair).out
    assert (rollback(pair, "--yes").code, pair.target.people) == (0, {})


# --- denials of people who are deleted -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["held", "blocked", "invalid", "unsubscribed"])
def test_a_denial_of_somebody_who_is_deleted_holds_in_a_later_move(pair: Pair, flag: str) -> None:
    """The source does not say it again, and knows the person by another address."""
    ana = pair.source.person("ana@x.example", id="5")
    ana.values[flag] = "true"
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    stays = rollback(pair).out
    assert (
        "stays: 1 · denials of people whom we created: the people are deleted, the project keeps what was denied"
        in stays
    )
    assert ("stays: 1 · people whom we unsubscribed" in stays) is (flag == "unsubscribed")
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people == {}
    del ana.values[flag]
    ana.values["email"] = "ana@y.example"
    said = pair.moved()
    assert mailable(pair.landed("ben@x.example"))
    assert not mailable(pair.landed("ana@y.example"))
    assert "facts_hold" in {one["code"] for one in said.report["findings"]}


def test_a_topic_that_somebody_left_who_is_deleted_stays_left(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    ana = pair.source.person("ana@x.example", id="5", opt_out_news="true")
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    del ana.values["opt_out_news"]
    pair.moved()
    there = pair.landed("ana@x.example")
    assert (there.values["mmNoTopicnews"], mailable(there)) == ("true", True)


def test_a_kept_denial_of_somebody_who_left_the_source_asks_nothing(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", held="true")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    del pair.source.records[Kind.PERSON]["5"]
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


# --- a rollback that goes on ------------------------------------------------------------------------------------------------


def test_a_rollback_that_goes_on_reports_the_whole(pair: Pair) -> None:
    adopted(pair)
    for n in range(25):
        pair.source.person(f"p{n}@x.example", id=f"1{n:02}", held="true" if n < 2 else "false")
    pair.moved()
    whole = rollback(pair, "--json").report
    pair.target.quirks.calls_left = 4
    first = rollback(pair, "--yes")
    pair.target.quirks.calls_left = None
    assert first.code == 5
    assert len(pair.target.people) > 1
    said = rollback(pair, "--yes")
    told = record(said)
    assert (said.code, len(pair.target.people), len(told["goes_on_with"])) == (0, 1, 1)
    done = {(one["what"], one["kind"]): one["objects"] for one in told["done"]}
    assert done == {("deleted", "person"): 25, ("restored", "person"): 1}
    for name in ("to_delete", "to_restore", "stays"):
        assert told[name] == whole[name]
    assert rollback(pair, "--yes").out.startswith("nothing to undo")


def test_a_rollback_that_had_only_its_record_left_writes_it(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    ledger.note_run(ledger.runs()[0].id, status="running", exit_code=None)
    ledger.close()
    told = record(rollback(pair, "--yes"))
    assert [(one["what"], one["objects"]) for one in told["done"]] == [("deleted", 1)]


# --- what the next report says of why nobody is mailed ---------------------------------------------------------------------


def causes(said: Said) -> dict[str, int]:
    """Why people stay unmailed, whom nothing leaves unexplained."""
    reach = said.report["reach"]
    assert reach["unexplained"] == 0
    assert sum(one["people"] for one in reach["kept"]) + reach["after"] == reach["people"]
    return {one["cause"]: one["people"] for one in reach["kept"]}


def steps(said: Said) -> dict[str, int]:
    return {one["cause"]: one["people"] for one in said.report["reach"]["steps"] if one["people"]}


def test_a_move_after_a_rollback_names_what_denies_people_and_not_the_rollback(pair: Pair) -> None:
    for id, field in enumerate(("unsubscribed", "blocked", "held", "invalid", "suspended"), 5):
        pair.source.person(f"{field}@x.example", id=str(id)).values[field] = "true"
    for id, name in enumerate(("ben", "excluded", "filed", "left"), 20):
        pair.source.person(f"{name}@x.example", id=str(id))
    pair.source.lists["9"] = ListDef(id="9", name="Never", members=["21"], exclusion=True)
    pair.source.opt_outs.append(OptOut(address="left@x.example"))
    pair.source.person("ali+news@gmail.com", id="30", unsubscribed="true")
    pair.source.person("ali@gmail.com", id="31")
    pair.source.topic("news")
    pair.source.person("topic@x.example", id="40", opt_out_news="true")
    facts(pair, "filed@x.example,,objection,2024-01-01,crm")
    first = pair.moved()
    assert rollback(pair, "--yes").code == 0
    again = pair.moved()
    assert causes(again) == causes(first)
    assert causes(again)["denied_by_topics"] == causes(again)["time_hold"] == causes(again)["source_hold"] == 1
    assert steps(again) == steps(first)


def test_whom_nothing_denies_any_more_but_what_a_rollback_kept_is_told_as_such(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="5", held="true")
    pair.source.person("eva@x.example", id="6", unsubscribed="true")
    pair.source.person("ben@x.example", id="7")
    pair.moved()
    assert rollback(pair, "--yes").code == 0
    pair.source.people["5"].values["held"] = "false"
    again = pair.moved()
    assert causes(again) == {"denied_before_rollback": 1, "objection": 1}
    assert steps(again) == {"denied_before_rollback": -1}
    assert not mailable(pair.landed("ana@x.example"))


def test_a_rollback_that_reads_a_copy_from_before_the_move_lets_go_of_nobody(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopted(pair)
    pair.moved()
    find = MemoryInstance.find

    def behind(own: MemoryInstance, kind: Kind, by: str, values: Sequence[str], fields: Sequence[str]) -> Any:
        rows = find(own, kind, by, values, fields)
        return [{**row, "values": {"first_name": "Benjamin"}} if row["key"] == "70" else row for row in rows]

    with monkeypatch.context() as patched:
        patched.setattr(MemoryInstance, "find", behind)
        rollback(pair, "--yes")
    assert pair.target.people["70"].values["city"] == "Kyoto"
    assert rollback(pair, "--yes").code == 0
    assert pair.target.people["70"].values.get("city") is None
