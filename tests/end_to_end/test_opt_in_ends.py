"""An opt-in that we opened is closed where no grant stands behind it at the very address of the record any more."""

import pytest

from mamigrate.testing.memory_state import OptOut, Record
from pair import Pair, Said

pytestmark = [pytest.mark.gate, pytest.mark.turns]

FIELD = "mmYesTopicvip"


def opted_in(pair: Pair, address: str, *, news: bool = True) -> Record:
    """Somebody who agreed to the one type of mail that asks for it; ``news`` is open to everybody."""
    pair.source.topic("vip", default_allows=False)
    if news:
        pair.source.topic("news")
    ana = pair.source.person(address, id="5", opt_in_vip="true")
    pair.moved()
    assert pair.landed(address).values[FIELD] == "true"
    return ana


def settled(pair: Pair) -> None:
    """Proven, and nothing is left to write."""
    assert pair.moved().report["plan"]["writes"] == 0


@pytest.mark.parametrize("address", ["new@x.example", "A@x.example"])
def test_a_grant_at_another_address_is_none_at_that_of_the_record(pair: Pair, address: str) -> None:
    ana = opted_in(pair, "a@x.example")
    ana.values["email"] = address
    assert pair.moved().reasons("person") == {("updated", "ledger"): 1}
    assert pair.landed("a@x.example").values[FIELD] == "false"
    settled(pair)


def test_who_may_get_nothing_else_is_held_there(pair: Pair) -> None:
    ana = opted_in(pair, "a@x.example", news=False)
    ana.values["email"] = "new@x.example"
    pair.moved()
    there = pair.landed("a@x.example").values
    assert (there[FIELD], there["held"]) == ("false", "true")
    settled(pair)


def parked(pair: Pair) -> Said:
    """Another one turns up whose address is equal by folding only: both wait."""
    pair.source.person("straße@x.example", id="6")
    said = pair.run()
    assert said.reasons("person") == {("parked", "doubtful_address"): 2}
    assert (said.code, said.report["consent"]) == (0, "PASS")
    return said


def test_a_grant_that_ended_while_somebody_is_parked_is_taken_back(pair: Pair) -> None:
    ana = opted_in(pair, "strasse@x.example")
    ana.values.pop("opt_in_vip")
    assert parked(pair).reasons("suppressed_address") == {("updated", "parked"): 1}
    assert pair.landed("strasse@x.example").values[FIELD] == "false"
    settled(pair)


def test_a_no_to_another_type_at_the_address_leaves_none_open_that_we_opened(pair: Pair) -> None:
    ana = opted_in(pair, "strasse@x.example")
    ana.values.pop("opt_in_vip")
    pair.source.opt_outs.append(OptOut(address="strasse@x.example", topic="news", kind="topic_opt_out"))
    parked(pair)
    there = pair.landed("strasse@x.example").values
    assert (there[FIELD], there["mmNoTopicnews"]) == ("false", "true")
    settled(pair)


def test_an_opt_in_that_the_target_had_before_stays_its_own(pair: Pair) -> None:
    pair.source.topic("vip", default_allows=False)
    pair.source.topic("news")
    pair.source.person("zed@x.example", id="7", opt_in_vip="true")
    there = pair.target.person("strasse@x.example", id="90", mmYesTopicvip="true")
    pair.source.person("strasse@x.example", id="5")
    pair.source.person("straße@x.example", id="6")
    pair.run()
    assert there.values[FIELD] == "true"
