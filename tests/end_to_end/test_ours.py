"""A record that we made stays ours, whichever person it stands for later, and opt-ins in it stay ours to close."""

import re
import shutil
from datetime import timedelta

import pytest

from mamigrate.testing.memory_state import BEGAN, Record
from pair import Pair, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

MOVE = ("--source", "old", "--target", "new")
VIP = "mmYesTopicvip"


def granted(pair: Pair, email: str, id: str) -> Record:
    """Somebody who said yes to a type that nobody gets without a yes, on a source with another that everybody gets."""
    if not pair.source.topics:
        pair.source.topic("vip", default_allows=False)
        pair.source.topic("news")
    return pair.source.person(email, id=id, opt_in_vip="true")


def lose_ledger(pair: Pair) -> None:
    """The mapping is still there, and names the fields that stand now as it is asked to."""
    shutil.rmtree(pair.folder / ".mamigrate")
    mapping = pair.folder / "mapping.yaml"
    mapping.write_text(re.sub(r'create: \{name: ("mm\w+Topic\w+"),[^}]*\}', r"to: \1", mapping.read_text()))


def twins(pair: Pair) -> tuple[Record, Record]:
    """Two people who become one record, made under the first."""
    first, second = granted(pair, "a@x.example", "5"), granted(pair, "a@x.example", "6")
    first.updated_at = BEGAN + timedelta(days=2)
    pair.moved()
    return first, second


def parted(pair: Pair) -> tuple[Record, Record]:
    """Twins of whom the first has another address since, and a record of its own."""
    first, second = twins(pair)
    first.values["email"], first.updated_at = "f@x.example", BEGAN + timedelta(days=3)
    pair.run()
    pair.moved()
    return first, second


def test_an_opt_in_that_we_wrote_is_closed_with_the_ledger(pair: Pair) -> None:
    ana = granted(pair, "a@x.example", "5")
    pair.moved()
    assert pair.landed("a@x.example").values[VIP] == "true"
    del ana.values["opt_in_vip"]
    pair.moved()
    assert pair.landed("a@x.example").values[VIP] == "false"


def test_an_opt_in_that_we_wrote_is_closed_without_the_ledger(pair: Pair) -> None:
    ana = granted(pair, "a@x.example", "5")
    pair.moved()
    lose_ledger(pair)
    del ana.values["opt_in_vip"]
    pair.moved()
    assert pair.landed("a@x.example").values[VIP] == "false"


def test_an_opt_in_of_a_lost_ledger_stays_ours_in_later_runs(pair: Pair) -> None:
    ana = granted(pair, "a@x.example", "5")
    pair.moved()
    lose_ledger(pair)
    pair.moved()
    ana.values["first_name"] = "Ana"
    pair.moved()
    assert pair.landed("a@x.example").values[VIP] == "true"
    del ana.values["opt_in_vip"]
    pair.moved()
    assert pair.landed("a@x.example").values[VIP] == "false"


def test_without_the_ledger_it_is_closed_whichever_twin_bears_the_key(pair: Pair) -> None:
    first, second = twins(pair)
    lose_ledger(pair)
    second.updated_at = BEGAN + timedelta(days=4)
    for one in (first, second):
        del one.values["opt_in_vip"]
    pair.moved()
    assert pair.landed("a@x.example").values[VIP] == "false"


def test_a_field_that_ledger_and_mapping_lost_is_told(pair: Pair) -> None:
    """A new mapping takes a new field, as it must with one that may be somebody's; what stands in the old one is not ours to know."""
    granted(pair, "a@x.example", "5")
    told = "topic_field_untended"
    assert told not in {one["code"] for one in pair.moved().report["findings"]}
    assert told not in {one["code"] for one in pair.moved().report["findings"]}
    shutil.rmtree(pair.folder / ".mamigrate")
    (pair.folder / "mapping.yaml").unlink()
    found = [one["params"] for one in pair.moved().report["findings"] if one["code"] == told]
    assert {"field": VIP, "topic": "vip"} in found


def test_an_opt_in_of_the_target_stays_where_no_key_of_ours_stood(pair: Pair) -> None:
    granted(pair, "z@x.example", "9")
    pair.moved()
    pair.target.person("b@x.example", id="70").values[VIP] = "true"
    pair.source.person("b@x.example", id="6", first_name="Ben")
    pair.moved()
    pair.source.people["6"].values["first_name"] = "Benjamin"
    pair.moved()
    assert pair.target.people["70"].values[VIP] == "true"


def test_what_one_of_two_made_is_closed_when_the_grant_of_the_other_is_gone(pair: Pair) -> None:
    _, second = parted(pair)
    del second.values["opt_in_vip"]
    pair.moved()
    left = pair.landed("a@x.example")
    assert (left.values[VIP], mailable(left)) == ("false", True)


def test_a_rollback_deletes_both_of_two_who_parted_and_they_can_be_moved_again(pair: Pair) -> None:
    parted(pair)
    shown = pair.say("rollback", *MOVE)
    assert "to delete: 2 people" in shown.out
    assert "to restore" not in shown.out
    assert pair.say("rollback", *MOVE, "--yes").code == 0
    assert pair.target.people == {}
    assert pair.moved().buckets()["created"] == 2


def test_who_closed_what_another_opened_there_is_not_deleted(pair: Pair) -> None:
    parted(pair)
    left = pair.landed("a@x.example")
    left.values[VIP] = "false"
    assert pair.say("rollback", *MOVE, "--yes").code == 0
    assert pair.target.people == {left.id: left}


def test_two_who_parted_on_a_record_that_was_there_before_stay_apart_after_a_rollback(pair: Pair) -> None:
    pair.target.person("a@x.example", id="70", first_name="Anna")
    parted(pair)
    assert pair.say("rollback", *MOVE, "--yes").code == 0
    assert pair.target.people["70"].values.get("mm_source_key") is None
    assert ("parked", "shares_target") not in pair.moved().reasons()


def test_a_record_of_a_lost_ledger_is_not_given_back_to_whom_it_was_taken_from(pair: Pair) -> None:
    first, _ = twins(pair)
    lose_ledger(pair)
    pair.moved()
    first.values["email"], first.updated_at = "f@x.example", BEGAN + timedelta(days=3)
    pair.run()
    pair.moved()
    assert pair.say("rollback", *MOVE, "--yes").code == 0
    assert pair.landed("a@x.example").values["mm_source_key"] == "old/person/6"
    assert ("parked", "shares_target") not in pair.moved().reasons()


def test_a_rollback_forgets_everybody_of_a_record_that_is_deleted(pair: Pair) -> None:
    _, second = twins(pair)
    second.updated_at = BEGAN + timedelta(days=3)
    second.values["first_name"] = "B"
    pair.moved()
    shown = pair.say("rollback", *MOVE)
    assert "to delete: 1 people" in shown.out
    assert "to restore" not in shown.out
    assert pair.say("rollback", *MOVE, "--yes").code == 0
    assert pair.moved().reasons() == {("created", "new"): 1, ("merged", "same_address"): 1}
