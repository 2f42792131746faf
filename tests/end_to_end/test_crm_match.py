"""Moves between two vendors in memory that one CRM is linked to: who is matched by its ids, and who is denied where."""

import json

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.stages import run
from mamigrate.testing.memory_state import FieldDef, OptOut
from pair import Pair, Said, decide, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

C1, C2 = "0035g000000001AAAQ", "0035g000000002AAAQ"
LINK = 'sync = "paused"\nsigned = "test"'


@pytest.fixture(autouse=True)
def linked(pair: Pair) -> None:
    """Both sides show ids of contacts and leads; somebody without any moves along, so that nothing is ever empty."""
    for side in (pair.source, pair.target):
        side.quirks.crm_linked = True
        side.quirks.durable_opt_out = False
        for object in ("contact", "lead"):
            side.field(Kind.PERSON, FieldDef(name=f"crm_{object}", meaning=f"crm_{object}_id", read_only=True))
    pair.toml["crm_link"] = LINK
    facts(pair, "nobody@x.example,,objection,2024-01-01,CRM")
    pair.source.person("zed@x.example", id="99")


def told(said: Said, code: str) -> list[tuple[str, dict[str, str]]]:
    return [(one["subject"], one["params"]) for one in said.report["findings"] if one["code"] == code]


def open_for_mail(pair: Pair) -> set[str]:
    """Ids of records that can be mailed, but Zed's."""
    return {one.id for one in pair.target.people.values() if mailable(one) and one.values["email"] != "zed@x.example"}


# --- somebody under another address --------------------------------------------------------------------------------------


def test_a_person_is_found_by_the_id_and_the_record_keeps_its_address(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact=C1[:15], first_name="Ana", city="Kyoto")
    pair.target.person("old@x.example", id="71", crm_contact=C1, first_name="Anne")
    said = pair.moved()
    assert said.reasons() == {("updated", "crm_id"): 1, ("created", "new"): 1}
    there = pair.target.people["71"].values
    assert (there["email"], there["first_name"], there["city"]) == ("old@x.example", "Anne", "Kyoto")
    assert (there["mm_source_key"], pair.target.by_address("ana@x.example")) == ("old/person/5", [])
    writes = pair.writes()
    assert pair.moved().reasons() == {("equal", "ledger"): 2}
    assert pair.writes() == writes


def test_a_denial_of_the_person_closes_the_record_and_one_of_the_address_is_placed_as_well(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact=C1, unsubscribed="true")
    pair.source.person("ben@x.example", id="6", crm_contact=C2, blocked="true")
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    pair.target.person("older@x.example", id="72", crm_contact=C2)
    pair.moved()
    assert open_for_mail(pair) == set()
    assert {one.values["email"]: one.values.get("unsubscribed") for one in pair.target.people.values()} == {
        "old@x.example": "true",
        "ana@x.example": "true",  # the vendor tells this opt-out of the address too
        "older@x.example": None,
        "nobody@x.example": "true",
        "zed@x.example": None,
    }
    assert pair.target.people["72"].values["blocked"] == "true"
    writes = pair.writes()
    assert pair.moved().report["plan"]["writes"] == 0
    assert pair.writes() == writes


def test_an_opt_out_of_the_records_own_address_closes_it(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact=C1)
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    pair.source.opt_outs.append(OptOut(address="Old@x.example"))
    assert ("updated", "crm_id") in pair.moved().reasons()
    assert open_for_mail(pair) == set()


def test_a_topic_that_the_person_left_is_closed_on_the_record(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5", crm_contact=C1, opt_out_news="true")
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    pair.moved()
    there = pair.target.people["71"]
    assert (there.values.get("mmNoTopicnews"), there.values.get("mmNoTopicevents"), mailable(there)) == (
        "true",
        None,
        True,
    )


def test_a_grant_of_the_person_opens_nothing_on_the_record(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5", crm_contact=C1, opt_in_news="true")
    pair.target.person("old@x.example", id="71", crm_contact=C1, unsubscribed="true")
    pair.moved()
    assert (pair.target.people["71"].values.get("mmYesTopicnews"), open_for_mail(pair)) == (None, set())


# --- who is not guessed ----------------------------------------------------------------------------------------------------


def conflict(pair: Pair, **values: str) -> None:
    """The record with Ana's id has another address than Ana, and another record has hers."""
    pair.source.person("ana@x.example", id="5", city="Kyoto", crm_contact=C1).values.update(values)
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    pair.target.person("ana@x.example", id="72")


def test_a_contradiction_is_parked_told_and_held_on_both_records(pair: Pair) -> None:
    conflict(pair)
    said = pair.moved()
    assert said.reasons() == {("parked", "crm_id_conflict"): 1, ("created", "new"): 1}
    params = {"by_crm": "71", "by_address": "72", "id": "crm-id/old/5"}
    assert told(said, "crm_id_conflict") == [("old/person/5", params)]
    (parked,) = told(said, "parked")
    assert (parked[1]["detail"], parked[1]["field"]) == ("71, 72", "crm_contact")
    assert {one: pair.target.people[one].values.get("held") for one in ("71", "72")} == {"71": "true", "72": "true"}
    assert not {"city", "mm_source_key"} & (
        pair.target.people["71"].values.keys() | pair.target.people["72"].values.keys()
    )
    writes = pair.writes()
    assert pair.moved().reasons("suppressed_address")[("equal", "parked")] == 2
    assert pair.writes() == writes


def test_a_denial_behind_a_contradiction_closes_both_records(pair: Pair) -> None:
    conflict(pair, unsubscribed="true")
    pair.moved()
    assert {pair.target.people[one].values.get("unsubscribed") for one in ("71", "72")} == {"true"}


@pytest.mark.parametrize(
    ("choice", "chosen", "other", "reason"), [("accept", "71", "72", "crm_id"), ("refuse", "72", "71", "address")]
)
def test_a_contradiction_that_somebody_decided_is_written(
    pair: Pair, choice: str, chosen: str, other: str, reason: str
) -> None:
    conflict(pair)
    decide(pair, "crm-id/old/5")
    file = pair.folder / "decisions.yaml"
    file.write_text(file.read_text().replace('"accept"', f'"{choice}"'))
    said = pair.moved()
    assert said.reasons() == {("updated", reason): 1, ("created", "new"): 1}
    assert (pair.target.people[chosen].values["city"], open_for_mail(pair)) == ("Kyoto", {"71", "72"})
    assert "mm_source_key" not in pair.target.people[other].values
    assert told(said, "decision_unknown") == []


def test_a_contradiction_that_is_decided_later_is_written_and_stays_held(pair: Pair) -> None:
    """Nothing tells a hold of ours from one that somebody else wanted meanwhile: people lift it on the target."""
    conflict(pair)
    pair.moved()
    decide(pair, "crm-id/old/5")
    assert pair.moved().reasons()[("updated", "crm_id")] == 1
    there = pair.target.people["71"].values
    assert (there["city"], there["held"], open_for_mail(pair)) == ("Kyoto", "true", set())
    writes = pair.writes()
    assert pair.moved().reasons() == {("equal", "ledger"): 2}
    assert pair.writes() == writes


@pytest.mark.parametrize("email", [None, "old@x.example"])
def test_several_records_with_the_id_are_all_denied(pair: Pair, email: str | None) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact=C1, unsubscribed="true")
    pair.target.person(email, id="71", crm_contact=C1)
    pair.target.person("older@x.example", id="72", crm_contact=C1)
    assert pair.moved().reasons()[("parked", "several_by_crm_id")] == 1
    assert {pair.target.people[one].values.get("unsubscribed") for one in ("71", "72")} == {"true"}


def test_two_people_with_one_id_are_parked_and_the_record_is_denied(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact=C1, unsubscribed="true")
    pair.source.person("anna@x.example", id="6", crm_contact=C1)
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    assert pair.moved().reasons()[("parked", "crm_id_shared")] == 2
    assert open_for_mail(pair) == set()


def test_what_the_target_closed_for_an_address_stays_closed_for_it(pair: Pair) -> None:
    """The record of the id has no address: it must not get one at which another record may not be mailed."""
    pair.toml["crm_link"] = f'match = ["crm_id"]\n{LINK}'
    pair.source.person("ana@x.example", id="5", crm_contact=C1)
    pair.target.person(None, id="71", crm_contact=C1)
    pair.target.person("ana@x.example", id="72", blocked="true")
    assert pair.moved().reasons()[("parked", "crm_id_conflict")] == 1
    assert (pair.target.people["71"].values.get("email"), open_for_mail(pair)) == (None, set())


# --- when ids count --------------------------------------------------------------------------------------------------------


def test_an_address_matches_nobody_where_the_project_leaves_it_out(pair: Pair) -> None:
    pair.toml["crm_link"] = f'match = ["crm_id"]\n{LINK}'
    pair.source.person("ana@x.example", id="5", crm_contact=C1)
    pair.source.person("ben@x.example", id="6")
    pair.target.person("ana@x.example", id="71", crm_contact=C1)
    pair.target.person("ben@x.example", id="72")
    reasons = pair.moved().reasons()
    assert reasons == {("updated", "crm_id"): 1, ("parked", "address_not_matched"): 1, ("created", "new"): 1}


@pytest.mark.parametrize("unlinked", ["source", "target", "match"])
def test_ids_count_only_where_the_project_says_so_and_both_sides_are_linked(pair: Pair, unlinked: str) -> None:
    pair.toml["crm_link"] = f'match = ["email"]\n{LINK}' if unlinked == "match" else LINK
    if unlinked != "match":
        (pair.source if unlinked == "source" else pair.target).quirks.crm_linked = False
    pair.source.person("ana@x.example", id="5", crm_contact=C1)
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    assert pair.moved().reasons() == {("created", "new"): 2}


def test_a_slip_in_what_people_are_matched_by_is_told(pair: Pair) -> None:
    pair.toml["crm_link"] = f'match = ["crmid", "email"]\n{LINK}'
    said = pair.run()
    assert (said.code, pair.writes()) == (2, 0)
    assert "crm_id" in said.err


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_side_that_shows_no_ids_is_told(pair: Pair, side: str) -> None:
    state = pair.source if side == "source" else pair.target
    for object in ("contact", "lead"):
        state.fields[Kind.PERSON].pop(f"crm_{object}")
    said = pair.moved()
    assert [subject for subject, _ in told(said, "crm_ids_unread")] == ["old" if side == "source" else "new"]


def test_texts_that_are_no_ids_are_told_and_match_nobody(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact="see CRM")
    pair.target.person("old@x.example", id="71", crm_contact="see CRM")
    said = pair.moved()
    assert said.reasons() == {("created", "new"): 2}
    assert told(said, "crm_ids_unusable") == [("old/field/crm_contact", {"field": "crm_contact", "people": "1"})]


def test_a_plan_is_outdated_once_people_are_matched_otherwise(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", crm_contact=C1)
    pair.target.person("old@x.example", id="71", crm_contact=C1)
    assert pair.say("plan", "--source", "old", "--target", "new", "--json").code == 0
    pair.toml["crm_link"] = f'match = ["email"]\n{LINK}'
    said = pair.say("apply", "--source", "old", "--target", "new", "--json")
    assert (said.code, said.blocking, pair.writes()) == (3, {"plan_outdated"}, 0)


# --- what reaches the CRM --------------------------------------------------------------------------------------------------


def pushes(said: Said) -> object:
    return said.report["effects"]["crm_pushes"]


def test_the_plan_says_how_many_records_reach_the_crm_and_the_report_what_the_vendor_tells(pair: Pair) -> None:
    pair.target.quirks.crm_pushes = 1200
    said = pair.moved()
    assert pushes(said) == {"planned": 0, "actual": 0}
    (plan,) = (pair.folder / ".mamigrate" / "plans").glob("*/plan.json")
    assert json.loads(plan.read_bytes())["crm_pushes"] == 0


def test_a_vendor_that_does_not_tell_is_never_read_as_none(pair: Pair) -> None:
    pair.target.quirks.crm_pushes, pair.target.quirks.crm_syncs = None, True
    said = pair.moved()
    assert pushes(said) == {"planned": 0, "actual": None}
    page = (pair.folder / "reports" / said.report["run"] / "run.html").read_text()
    assert "not told by the vendor" in page


def test_records_that_reach_the_crm_beside_the_plan_stop_the_run(pair: Pair) -> None:
    pair.target.quirks.crm_syncs = True
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"crm_pushes_unplanned"})
    assert told(said, "crm_pushes_unplanned") == [("new", {"planned": "0", "actual": "2"})]
    assert pushes(said) == {"planned": 0, "actual": 2}


@pytest.mark.parametrize("then", ["changed", "fresh"])
def test_what_an_interrupted_run_passed_on_counts_for_the_one_that_takes_its_place(
    pair: Pair, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    pair.target.quirks.crm_syncs = True
    with monkeypatch.context() as patched:
        patched.setattr(run, "verify", killed)
        assert pair.run().code == 130
    passed, pair.target.quirks.crm_syncs = pair.target.quirks.crm_pushes, False
    mapping = pair.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text() + "# a remark\n")
    said = pair.run(*(["--fresh"] if then == "fresh" else []))
    assert passed
    assert (said.code, said.blocking) == (3, {"crm_pushes_unplanned"})
    assert pushes(said) == {"planned": 0, "actual": passed}


def test_a_target_without_a_crm_passes_nothing_on(pair: Pair) -> None:
    pair.target.quirks.crm_linked = False
    assert pushes(pair.moved()) is None
