"""Denials that must arrive whatever comes between: people who are parked, records that are refused, a target that is changed
meanwhile; two vendors in memory."""

from collections.abc import Callable
from typing import Any

import pytest

from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.verify import Census, verify
from mamigrate.testing.memory_state import OptOut
from pair import Pair, Said, decide, facts, mailable

# --- denials of people who are parked ----------------------------------------------------------------------------------


def test_a_denial_of_somebody_parked_reaches_the_record_of_an_earlier_run(pair: Pair) -> None:
    ana = pair.source.person("ana@x.example", id="5")
    ben = pair.source.person("ben@x.example", id="6")
    pair.moved()
    ana.values |= {"email": "ana at x", "unsubscribed": "true"}
    ben.values["email"] = "ben at x"
    said = pair.moved()
    assert said.reasons()[("parked", "address_unusable")] == 2
    assert not mailable(pair.landed("ana@x.example"))
    assert mailable(pair.landed("ben@x.example"))
    assert said.reasons("suppressed_address")[("updated", "parked")] == 1
    assert pair.moved().reasons("suppressed_address")[("equal", "parked")] == 1


def test_a_denial_from_a_file_of_somebody_parked_reaches_the_record_too(pair: Pair) -> None:
    ana = pair.source.person("ana@x.example", id="5")
    pair.moved()
    ana.values["email"] = "ana at x"
    facts(pair, ",5,objection,,CRM")
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_a_topic_that_somebody_parked_left_is_closed_on_the_record(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    ana = pair.source.person("ana@x.example", id="5")
    pair.moved()
    ana.values |= {"email": "ana at x", "opt_out_news": "true"}
    pair.moved()
    there = pair.landed("ana@x.example")
    assert (there.values.get("mmNoTopicnews"), there.values.get("mmNoTopicevents")) == ("true", None)
    assert mailable(there)


def test_a_denial_of_a_record_merged_into_somebody_parked_is_not_lost(pair: Pair) -> None:
    ana = pair.source.person("ana@x.example", id="5")
    other = pair.source.person("other@x.example", id="6")
    pair.moved()
    ana.values["email"] = other.values["email"] = "both@straße.example"
    other.values["email"] = "both@STRASSE.example"
    other.values["unsubscribed"] = "true"
    said = pair.moved()
    assert said.reasons()[("parked", "doubtful_address")] == 2
    assert not mailable(pair.landed("ana@x.example"))
    assert not mailable(pair.landed("other@x.example"))


# --- denials of nobody knows whom -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", ["ana(at)x.example,,objection,,", "x.example,,block,,", "ana@x,,objection,,", ",,objection,,"]
)
def test_a_denial_of_nobody_knows_whom_is_not_proven_until_somebody_decides(pair: Pair, row: str) -> None:
    pair.source.person("ben@x.example", id="6")
    facts(pair, row)
    said = pair.run()
    assert (said.code, said.report["consent"]) == (3, "INCOMPLETE")
    told = [one["subject"] for one in said.report["findings"] if one["code"] == "denial_unattributed"]
    assert told == ["facts/facts.csv/2"]
    decide(pair, "unattributed-denials")
    assert pair.moved().report["consent"] == "PASS"


TEXTS = ["ana@x.example.", "mailto:ana@x.example", "Ana <ana@x.example>"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_denial_of_a_record_reaches_the_address_inside_its_text(pair: Pair, text: str) -> None:
    pair.source.person(text, id="5", unsubscribed="true")
    pair.source.person("ana@x.example", id="6")
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


@pytest.mark.parametrize("text", TEXTS)
def test_a_denial_that_a_vendor_tells_reaches_the_address_inside_its_text(pair: Pair, text: str) -> None:
    pair.source.person("ana@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address=text))
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_a_denial_of_a_text_reaches_a_record_that_only_the_target_has(pair: Pair) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.target.person("ana@x.example", id="71")
    pair.source.opt_outs.append(OptOut(address="Ana <ana@x.example>"))
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


@pytest.mark.parametrize("text", ["", "ana(at)x.example"])
def test_a_denial_that_a_vendor_tells_of_nobody_knows_whom_is_not_proven(pair: Pair, text: str) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address=text))
    said = pair.run()
    assert (said.code, said.report["consent"]) == (3, "INCOMPLETE")
    told = [one["subject"] for one in said.report["findings"] if one["code"] == "denial_unattributed"]
    assert told == ["old/consent_fact/opt_out"]


# --- records that stand beside the one of a person ------------------------------------------------------------------------


def topics_of(pair: Pair, email: str) -> list[tuple[str | None, str | None]]:
    """What the fields of both topics say on every record with the address."""
    return [
        (one.values.get("mmNoTopicnews"), one.values.get("mmNoTopicevents")) for one in pair.target.by_address(email)
    ]


def two_topics(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ben@x.example", id="6")


def test_a_topic_is_closed_on_each_of_several_records(pair: Pair) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    facts(pair, ",5,topic_opt_out:news,2024-01-01,CRM")
    said = pair.moved()
    assert said.reasons()[("parked", "several_on_target")] == 1
    assert topics_of(pair, "ana@x.example") == [("true", None)] * 2
    assert all(mailable(one) for one in pair.target.by_address("ana@x.example"))
    assert pair.moved().reasons("suppressed_address") == {("equal", "parked"): 2}


def test_a_topic_of_a_record_that_the_source_merged_is_closed_on_each_of_several(pair: Pair) -> None:
    two_topics(pair)
    pair.source.person("old@x.example", id="4", archived=True, opt_out_news="true")
    pair.source.person("ana@x.example", id="5").merged.append("4")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    pair.moved()
    assert topics_of(pair, "ana@x.example") == [("true", None)] * 2


def test_a_topic_is_closed_on_a_later_record_with_the_address_as_well(pair: Pair) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    pair.target.person("ana@x.example", id="99")
    facts(pair, ",5,topic_opt_out:news,2024-01-01,CRM")
    said = pair.moved()
    assert topics_of(pair, "ana@x.example") == [("true", None)] * 2
    assert said.reasons("suppressed_address") == {("updated", "on_target"): 1}


def test_a_denied_record_beside_a_person_closes_the_topics_too(pair: Pair) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    pair.source.opt_outs.append(OptOut(address="ana@x.example", kind="block"))
    facts(pair, ",5,topic_opt_out:news,2024-01-01,CRM")
    pair.moved()
    assert topics_of(pair, "ana@x.example") == [("true", None)] * 2
    assert not any(mailable(one) for one in pair.target.by_address("ana@x.example"))


def test_a_denied_record_that_is_made_for_somebody_parked_has_the_topics_at_once(pair: Pair) -> None:
    two_topics(pair)
    for id, email in (("4", "both@straße.example"), ("5", "both@strasse.example")):
        pair.source.person(email, id=id, opt_out_news="true", unsubscribed="true")
    pair.moved()
    (made,) = [one for one in pair.target.people.values() if not mailable(one)]
    assert made.values.get("mmNoTopicnews") == "true"
    writes = pair.writes()
    pair.moved()
    assert pair.writes() == writes


def test_whoever_granted_nothing_is_held_on_each_of_several_records(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.person("ana@x.example", id="5")
    pair.source.person("zed@x.example", id="9")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    pair.moved()
    assert not any(mailable(one) for one in pair.target.people.values())


def test_a_denial_that_a_record_beside_lost_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    facts(pair, ",5,topic_opt_out:news,2024-01-01,CRM")
    said = meddled(pair, monkeypatch, lambda: pair.target.people["72"].values.pop("mmNoTopicnews"))
    assert (said.code, said.blocking, said.report["consent"]) == (3, {"topic_denial_lost", "invariant_broken"}, "FAIL")


def test_a_record_beside_is_judged_whatever_the_plan_makes_of_it(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    monkeypatch.setattr(PeoplePlan, "suppressions_planned", lambda _: iter(()))
    said = pair.run()
    assert (said.code, said.report["consent"]) == (3, "FAIL")


# --- denials of records that the target refuses --------------------------------------------------------------------------


def refused(pair: Pair, **leaving: str) -> Said:
    """Somebody of an earlier run leaves, and the target refuses something else of the record."""
    pair.source.topic("news")
    pair.source.topic("events")
    ana = pair.source.person("ana@x.example", id="5", city="Lund")
    pair.moved()
    ana.values |= {"city": "Atlantis", **leaving}
    pair.target.quirks.refuse["city"] = "Atlantis"
    return pair.run()


def test_a_topic_is_closed_though_the_rest_of_the_record_is_refused(pair: Pair) -> None:
    said = refused(pair, opt_out_news="true")
    assert said.code == 0, said.err
    there = pair.landed("ana@x.example")
    assert (there.values.get("mmNoTopicnews"), there.values["city"]) == ("true", "Lund")
    assert mailable(there)
    assert said.buckets() == {"rejected": 1}


def test_a_denial_is_written_though_the_rest_of_the_record_is_refused(pair: Pair) -> None:
    said = refused(pair, unsubscribed="true")
    assert said.code == 0, said.err
    assert not mailable(pair.landed("ana@x.example"))


@pytest.mark.parametrize(("left", "field"), [("opt_out_news", "mmNoTopicnews"), ("unsubscribed", "unsubscribed")])
def test_a_denial_that_is_refused_itself_stops_with_its_record(pair: Pair, left: str, field: str) -> None:
    pair.target.quirks.refuse[field] = "true"
    said = refused(pair, **{left: "true"})
    assert said.code == 3
    told = [one["subject"] for one in said.report["findings"] if one["code"] == "denial_refused"]
    assert told == ["old/person/5"]
    assert {"denial_refused"} < said.blocking
    del pair.target.quirks.refuse[field]
    assert pair.run().code == 0
    assert pair.landed("ana@x.example").values[field] == "true"


# --- what the target makes of it meanwhile -----------------------------------------------------------------------------


def meddled(pair: Pair, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> Said:
    """A run on whose target somebody changes something after the last write and before the read-back."""

    def later(*given: Any) -> Census:
        change()
        return verify(*given)

    monkeypatch.setattr("mamigrate.stages.run.verify", later)
    return pair.run()


def test_somebody_denied_who_can_be_mailed_after_all_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    said = meddled(pair, monkeypatch, lambda: pair.landed("ana@x.example").values.pop("unsubscribed"))
    assert (said.code, said.blocking, said.report["consent"]) == (3, {"newly_reachable", "invariant_broken"}, "FAIL")


def test_a_topic_that_was_opened_again_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", opt_out_news="true")
    said = meddled(pair, monkeypatch, lambda: pair.landed("ana@x.example").values.pop("mmNoTopicnews"))
    assert (said.code, said.blocking, said.report["consent"]) == (3, {"topic_denial_lost", "invariant_broken"}, "FAIL")


def test_somebody_who_cannot_be_read_back_is_never_proven(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example")
    said = meddled(pair, monkeypatch, lambda: pair.target.records[Kind.PERSON].clear())
    assert (said.code, said.report["consent"]) == (3, "INCOMPLETE")
    assert "unverified" in {one["code"] for one in said.report["findings"]}


def test_two_people_in_one_record_are_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")

    def one_record() -> None:
        url = f"sqlite:///{pair.folder / '.mamigrate' / 'ledger.sqlite'}"
        ledger = Ledger(url)
        rows = list(ledger.iter_ids("old", "new", Kind.PERSON))
        ledger.keep_ids([row._replace(target_key=rows[0].target_key) for row in rows])
        ledger.close()

    said = meddled(pair, monkeypatch, one_record)
    assert (said.code, "doubled" in said.blocking) == (3, True)
