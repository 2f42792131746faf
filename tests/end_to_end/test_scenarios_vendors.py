"""Situations of vendors that are not written yet, each with its number in the consent design, as whole runs.

The vendor in memory is shaped like the one of the scenario: ``memory_state.Quirks`` and what stands there say how.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mamigrate import clock
from mamigrate.contract import OptOutSync
from mamigrate.model.kinds import Kind
from mamigrate.model.population import FactKind
from mamigrate.testing.memory_state import Automation, Deleted, OptOut, Yes
from pair import Pair, Said, decide, facts, mailable

pytestmark = pytest.mark.gate

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)


def codes(said: Said) -> dict[str, dict[str, str]]:
    """Findings by code, the last of each."""
    return {one["code"]: one["params"] for one in said.report["findings"]}


def subjects(said: Said, code: str) -> set[str]:
    return {one["subject"] for one in said.report["findings"] if one["code"] == code}


# --- writes that are not what they seem ----------------------------------------------------------------------------------


@pytest.fixture
def denied_there(pair: Pair) -> Pair:
    """Ana left on the source, and stands open on the target."""
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.target.person("ana@x.example", id="70")
    return pair


def test_39_an_error_in_the_body_of_a_good_status_is_a_failure_and_is_tried_again(denied_there: Pair) -> None:
    denied_there.target.quirks.error_bodies = 1
    said = denied_there.run()
    assert (said.code, said.report["consent"]) == (0, "PASS")
    assert not mailable(denied_there.landed("ana@x.example"))
    assert "rejected" in codes(said)


def test_39_a_denial_that_fails_again_and_again_blocks_until_it_stands(denied_there: Pair) -> None:
    denied_there.target.quirks.error_bodies = 2
    said = denied_there.run()
    assert (said.code, said.report["consent"]) == (3, "FAIL")
    assert {"denial_refused", "newly_reachable"} <= said.blocking
    assert denied_there.moved().report["consent"] == "PASS"
    assert not mailable(denied_there.landed("ana@x.example"))


def test_39_what_is_only_said_to_be_written_is_not_believed(denied_there: Pair) -> None:
    """As an adapter tells it that looks at the status alone."""
    denied_there.target.quirks.claims = 1
    said = denied_there.run()
    assert (said.code, said.report["consent"]) == (3, "FAIL")
    assert subjects(said, "newly_reachable") == {"new/person/5"}


def test_43_of_three_records_with_one_address_all_are_written(pair: Pair) -> None:
    pair.target.quirks.durable_opt_out = False  # Here a record's opt-out is that of the record alone.
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    for id in ("70", "71", "72"):
        pair.target.person("ana@x.example", id=id)
    said = pair.run()
    assert said.report["consent"] == "PASS"
    assert {id: mailable(one) for id, one in pair.target.people.items()} == {"70": False, "71": False, "72": False}


def test_43_a_late_denial_is_written_to_all_three(pair: Pair) -> None:
    pair.target.quirks.durable_opt_out = False
    ana = pair.source.person("ana@x.example", id="5")
    pair.moved()
    for id in ("171", "172"):
        pair.target.person("ana@x.example", id=id)
    ana.values["unsubscribed"], ana.updated_at = "true", datetime.now(UTC)
    said = pair.say("sync", "--source", "old", "--target", "new", "--json")
    assert said.code == 0, said.err
    assert [mailable(one) for one in pair.target.by_address("ana@x.example")] == [False, False, False]


def test_46_a_trigger_that_clears_an_opt_out_later_is_found_when_the_target_has_settled(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.target.automations["1"] = Automation(
        id="1", name="sets the flag from another", fires_on_write=False, clears="unsubscribed", after_s=300
    )
    hand = clock.HandClock(NOW)
    with clock.standing(hand):
        assert pair.moved().report["consent"] == "PASS"
        hand.advance(60)
        assert pair.say("consent", "old", "new", "--json").report["verdict"] == "PASS"
        hand.advance(24 * 3600)
        said = pair.say("consent", "old", "new", "--json", "--settle", "24h")
    assert (said.code, said.report["verdict"]) == (3, "FAIL")
    assert "new/person/5" in subjects(said, "newly_reachable")
    statements = {one["number"]: one["verdict"] for one in said.report["proof"]["statements"]}
    assert (statements[1], statements[3], statements[20]) == ("FAIL", "FAIL", "FAIL")


# --- sources that do not show everybody ----------------------------------------------------------------------------------


def test_40_a_lead_that_was_converted_is_read_too(pair: Pair) -> None:
    """The contact that it became says nothing of its opt-out, and has another address."""
    pair.source.person("ana@old.example", id="L1", archived=True, unsubscribed="true")
    pair.source.person("ana@x.example", id="C1", unsubscribed="false").merged.append("L1")
    pair.source.person("ben@old.example", id="L2", archived=True)
    pair.source.person("ben@x.example", id="C2").merged.append("L2")
    pair.moved()
    assert {name: mailable(pair.landed(f"{name}@x.example")) for name in ("ana", "ben")} == {"ana": False, "ben": True}


# --- grants --------------------------------------------------------------------------------------------------------------


def asked(days: int, **more: Any) -> dict[str, Any]:
    return {"topic": "news", "kind": "pending", "proof": 2, "at": datetime.now(UTC) - timedelta(days), **more}


def test_24_a_double_opt_in_that_waited_too_long_is_refused_and_nobody_is_asked_again(pair: Pair) -> None:
    """On a topic that needs no grant, so that only the refusal closes it."""
    pair.source.topic("news")
    pair.source.topic("events")
    for name, days in (("long", 400), ("fresh", 3), ("late", 400)):
        person = pair.source.person(f"{name}@x.example")
        pair.source.yeses.append(Yes(address=f"{name}@x.example", person=person.id, **asked(days)))
        if name == "late":
            pair.source.yeses.append(Yes(address=f"{name}@x.example", person=person.id, topic="news", proof=4, at=NOW))
    said = pair.moved()
    closed = {name: pair.landed(f"{name}@x.example").values.get("mmNoTopicnews") for name in ("long", "fresh", "late")}
    assert closed == {"long": "true", "fresh": None, "late": None}
    assert [name for name, value in pair.landed("long@x.example").values.items() if value == "false"] == []
    assert codes(said)["pending_expired"] == {"count": "1"}
    assert mailable(pair.landed("long@x.example"))


def test_24_a_refusal_at_an_address_without_a_person_denies_the_record_that_stands_there(pair: Pair) -> None:
    pair.target.quirks.durable_opt_out = False  # Here a record's opt-out is that of the record alone.
    expired = datetime.now(UTC) - timedelta(400)
    pair.source.opt_outs.append(OptOut(address="gone@x.example", kind="pending", at=expired))
    pair.source.person("ben@x.example")
    pair.target.person("gone@x.example", id="170")
    pair.moved()
    there = pair.landed("gone@x.example")
    assert (there.id, mailable(there)) == ("170", False)


@pytest.mark.parametrize("kind", ["pending", "topic_opt_out"])
def test_24_of_one_type_it_closes_that_type_only(pair: Pair, kind: FactKind) -> None:
    """Of the record that stands there. One that is made for the address is denied as a whole: nothing is raised."""
    pair.target.quirks.durable_opt_out = False
    for topic in ("news", "tips"):
        pair.source.topic(topic)
    pair.source.topic("club", default_allows=False)
    pair.source.person("ben@x.example")
    pair.moved()
    (news, tips, club) = (_field_of(pair, topic) for topic in ("news", "tips", "club"))
    expired = datetime.now(UTC) - timedelta(400)
    for name in ("gone", "last", "new"):
        pair.source.opt_outs.append(OptOut(address=f"{name}@x.example", topic="news", kind=kind, at=expired))
    pair.target.person("gone@x.example", id="170").values[club] = "true"
    pair.target.person("last@x.example", id="171").values[tips] = "true"
    pair.moved()
    gone, last, new = (pair.landed(f"{name}@x.example") for name in ("gone", "last", "new"))
    assert (mailable(gone), gone.values.get(news), gone.values.get(tips), gone.values[club]) == (
        True,
        "true",
        None,
        "true",
    )
    assert (last.values.get(news), mailable(new)) == ("true", False)
    writes = pair.writes()
    pair.moved()
    assert pair.writes() == writes


def _field_of(pair: Pair, topic: str) -> str:
    (name,) = [name for name in pair.target.fields[Kind.PERSON] if topic in name]
    return name


def _notices(pair: Pair, address: str) -> list[Any]:
    """What was shown with each grant that the consent records hold about an address."""
    lines = [json.loads(line) for line in pair.say("consent", "--who", address).out.splitlines()]
    return [one["notice"] for one in lines if one["event"]["polarity"] == "+"]


def test_29_the_evidence_of_a_grant_names_the_form_s_version_and_its_text(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    text = {"notice": "form-12", "notice_version": "2024-04-01", "notice_hash": "ab" * 32}
    for name, more in (("ana", text), ("ben", {})):
        person = pair.source.person(f"{name}@x.example")
        pair.source.yeses.append(Yes(address=f"{name}@x.example", person=person.id, topic="news", at=NOW, **more))
    pair.moved()
    told = {"id": "form-12", "version": "2024-04-01", "text_sha256": "ab" * 32}
    assert (_notices(pair, "ana@x.example"), _notices(pair, "ben@x.example")) == ([told], [None])


# --- what a platform does not tell ---------------------------------------------------------------------------------------


def test_20_who_left_before_being_deleted_is_denied_when_the_address_comes_back(pair: Pair) -> None:
    pair.target.quirks.durable_opt_out = False
    pair.source.deleted += [Deleted(id="8", address="gone@x.example"), Deleted(id="9", address="x@x.example", unsubscribed=False)]  # fmt: skip
    pair.source.person("ben@x.example")
    said = pair.moved()
    assert said.buckets("suppressed_address") == {"created": 1}
    assert not mailable(pair.landed("gone@x.example"))
    pair.target.person("gone@x.example", id="170")  # A form is filled in on the target.
    pair.moved()
    assert [mailable(one) for one in pair.target.by_address("gone@x.example")] == [False, False]


def test_20_what_deleted_people_said_and_nobody_can_read_is_a_gap_with_its_number(pair: Pair) -> None:
    pair.source.deleted += [Deleted(id=str(n), address=f"gone{n}@x.example") for n in range(3)]
    pair.source.quirks.deleted_unread = "no permission"
    pair.source.person("ben@x.example")
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"denials_unread"}, 0)
    assert codes(said)["deleted_denials_unread"] == {"count": "3", "reason": "no permission"}
    decide(pair, "unread-denials")
    known = pair.run()
    assert (known.code, known.report["consent"]) == (3, "INCOMPLETE")
    assert codes(known)["deleted_denials_unread"]["count"] == "3"


def test_41_no_record_of_an_address_that_is_not_searched_is_no_answer(pair: Pair) -> None:
    pair.source.quirks.encrypted, pair.source.quirks.silent = True, ["7"]
    for id, name in (("5", "left"), ("6", "open"), ("7", "silent")):
        pair.source.person(f"{name}@x.example", id=id)
    pair.source.opt_outs.append(OptOut(address="left@x.example"))
    said = pair.moved()
    there = {name: mailable(pair.landed(f"{name}@x.example")) for name in ("left", "open", "silent")}
    assert there == {"left": False, "open": True, "silent": False}
    assert pair.source.calls["read consent_fact of one"] == 3
    assert codes(said)["addresses_not_searched"] == {"field": "email"}
    assert codes(said)["people_unanswered"] == {"count": "1"}


# --- what a platform and its CRM do to each other ------------------------------------------------------------------------


def test_42_a_crm_that_overwrites_opt_outs_stops_the_move(pair: Pair) -> None:
    pair.source.quirks.opt_out_sync = OptOutSync.CRM
    pair.source.person("ana@x.example", id="5", unsubscribed="false")
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"opt_out_sync_loses"}, 0)
    assert codes(said)["opt_out_sync"] == {"mode": "crm"}
    (asked,) = json.loads(pair.say("doctor", "old", "--json").out)
    assert [one["severity"] for one in asked["problems"] if "opt-out-sync/old" in one["says"]] == ["block"]


def test_42_what_either_of_the_two_knows_is_denied(pair: Pair) -> None:
    """Once nothing overwrites opt-outs any more: the CRM still says false of Ana, and the platform said true."""
    pair.source.quirks.opt_out_sync = OptOutSync.OWN
    pair.source.person("ana@x.example", id="5", unsubscribed="false")
    pair.source.person("ben@x.example", id="6", unsubscribed="true")
    pair.source.person("eva@x.example", id="7", unsubscribed="false")
    facts(pair, "ana@x.example,,objection,2024-01-01,prospects")
    said = pair.moved()
    there = {name: mailable(pair.landed(f"{name}@x.example")) for name in ("ana", "ben", "eva")}
    assert there == {"ana": False, "ben": False, "eva": True}
    assert codes(said)["opt_out_sync"] == {"mode": "own"}


# --- what a target opens by itself ---------------------------------------------------------------------------------------


def test_34_a_type_that_the_target_opens_for_everybody_is_closed_for_whoever_is_created(pair: Pair) -> None:
    pair.target.topic("partner")
    pair.target.topic("press", default_allows=False)
    pair.target.person("there@x.example", id="70")
    for name in ("ana", "there"):
        pair.source.person(f"{name}@x.example")
    said = pair.moved()
    ana, there = (pair.landed(f"{name}@x.example").values for name in ("ana", "there"))
    assert (ana.get("opt_out_partner"), ana.get("opt_in_press")) == ("true", None)
    assert there.get("opt_out_partner") is None  # Who stood there before is the target's own.
    assert mailable(pair.landed("ana@x.example"))
    assert codes(said)["default_topic_closed"] == {"topic": "Partner", "field": "opt_out_partner"}


def test_34_a_type_of_the_source_that_is_not_used_any_more_keeps_nothing_open(pair: Pair) -> None:
    """Nothing is judged of it, so that its rule fills no field."""
    pair.source.topic("news").active = False
    pair.target.topic("partner")
    pair.source.person("ana@x.example")
    (pair.folder / "mapping.yaml").write_text(
        "source: old\ntarget: new\nsigned: {who: tester, when: 2026-01-01}\n"
        "person:\n  - {from: email, to: email}\ntopics:\n  - {from: news, to: opt_out_partner, polarity: opt_out}\n"
    )
    said = pair.moved()
    assert pair.landed("ana@x.example").values.get("opt_out_partner") == "true"
    assert codes(said)["default_topic_closed"] == {"topic": "Partner", "field": "opt_out_partner"}


def test_34_what_the_target_opens_all_the_same_is_a_lost_denial(pair: Pair) -> None:
    """The target takes the record and leaves the type open."""
    pair.target.topic("partner")
    pair.target.automations["1"] = Automation(id="1", fires_on_write=False, clears="opt_out_partner")
    pair.source.person("ana@x.example", id="5")
    said = pair.run()
    assert (said.code, said.report["consent"]) == (3, "FAIL")
    assert subjects(said, "topic_denial_lost") == {"new/person/5"}


def test_39_a_late_denial_that_is_only_said_to_be_held_is_not_believed(pair: Pair) -> None:
    """The source still sends, and takes denials by address: a good status for what was not carried out."""
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    ana = pair.landed("ana@x.example")
    ana.values["unsubscribed"], ana.updated_at = "true", datetime.now(UTC)
    pair.source.quirks.claims = 1
    said = pair.say("sync", "--source", "old", "--target", "new", "--json")
    assert said.code == 3, said.err
    assert "late_denial_unproven" in said.blocking
    assert pair.say("sync", "--source", "old", "--target", "new", "--json").code == 0
    assert [one.address for one in pair.source.opt_outs] == ["ana@x.example"]
