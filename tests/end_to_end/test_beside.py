"""A record of the target beside the one that is a person's: what is refused there at the same address holds for both."""

from typing import Any

import pytest

from mamigrate.testing.memory_state import Record
from pair import Pair, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def moved_without_address(pair: Pair) -> Record:
    """Somebody of the source without an address, whom a run carried over."""
    pair.source.topic("news")
    ana = pair.source.person(None, id="5", first_name="Ana")
    pair.source.person("zed@x.example", id="6", opt_out_news="true")
    pair.moved()
    return ana


def at(pair: Pair, address: str) -> list[Record]:
    return [one for one in pair.target.people.values() if one.values.get("email") == address]


@pytest.mark.parametrize("refused", [{"blocked": "true"}, {"mmNoTopicnews": "true"}, {}])
def test_nobody_gets_an_address_that_another_record_has(pair: Pair, refused: Any) -> None:
    pair.target.quirks.durable_opt_out = False
    ana = moved_without_address(pair)
    pair.target.person("e@x.example", id="90", **refused)
    ana.values["email"] = "e@x.example"
    said = pair.run()
    assert ("parked", "address_elsewhere") in said.reasons("person")
    assert [one.id for one in at(pair, "e@x.example")] == ["90"]
    assert (said.code, said.report["consent"]) == (0, "PASS")


def test_several_records_with_the_address_do_not_help(pair: Pair) -> None:
    ana = moved_without_address(pair)
    pair.target.person("e@x.example", id="90", blocked="true")
    pair.target.person("e@x.example", id="91")
    ana.values["email"] = "e@x.example"
    said = pair.run()
    assert ("parked", "address_elsewhere") in said.reasons("person")
    assert len(at(pair, "e@x.example")) == 2


def test_an_address_that_nobody_has_arrives(pair: Pair) -> None:
    ana = moved_without_address(pair)
    ana.values["email"] = "e@x.example"
    said = pair.moved()
    assert said.reasons("person")["updated", "ledger"] == 1
    assert mailable(pair.landed("e@x.example"))


@pytest.mark.parametrize("refused", [{"unsubscribed": "true"}, {"invalid": "true"}])
def test_who_refused_at_an_address_is_not_mailed_there_through_a_record_of_ours(pair: Pair, refused: Any) -> None:
    """Later the target gets a second record with the address of one that we wrote, and its vendor lets both be."""
    pair.target.quirks.durable_opt_out = False
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    pair.target.person("ana@x.example", id="90", **refused)
    said = pair.say("consent", "old", "new", "--json")
    assert said.code == 3
    said = pair.run()
    assert said.report["consent"] == "PASS"
    assert not any(mailable(one) for one in at(pair, "ana@x.example"))
    assert pair.moved().report["plan"]["writes"] == 0


def test_a_topic_that_is_closed_at_an_address_is_closed_on_our_record_there(pair: Pair) -> None:
    moved_without_address(pair)
    pair.source.person("ana@x.example", id="7")
    pair.moved()
    pair.target.person("ana@x.example", id="90", mmNoTopicnews="true")
    pair.moved()
    assert {one.values.get("mmNoTopicnews") for one in at(pair, "ana@x.example")} == {"true"}


def test_somebody_new_is_written_to_the_record_with_the_address_and_stays_denied(pair: Pair) -> None:
    pair.target.person("e@x.example", id="90", held="true")
    pair.source.person("e@x.example", id="5")
    said = pair.moved()
    assert said.reasons("person") == {("updated", "address"): 1}
    assert not mailable(pair.landed("e@x.example"))
