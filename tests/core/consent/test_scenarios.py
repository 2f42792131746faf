"""Situations that have gone wrong in real moves, each with its number in the consent design: what the pure core says.

Each verdict is asked of the fold and of plain loops. ``RUNS`` are numbers that a whole run shows, ``MISSING`` those that
nothing shows yet, with what is missing; a test holds that every number of the design is in exactly one place.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from brute import may
from mamigrate.consent.address import keys
from mamigrate.consent.facts import from_blockers, hits
from mamigrate.consent.fold import Cell, Fact, Judgement, Rules, from_rows, judge
from mamigrate.consent.kinds import Grant
from mamigrate.consent.lattice import Permission
from mamigrate.consent.scope import Scope, Trees
from mamigrate.contract import Blocker
from mamigrate.mapping.model import TopicRule
from mamigrate.plan.consent import TopicCell, verdict
from rows import person

RUNS = {
    12: "tests/end_to_end/test_scenarios_run.py::test_12_who_left_at_another_spelling_of_the_mailbox_is_held_for_review",
    20: "tests/end_to_end/test_scenarios_vendors.py::test_20_who_left_before_being_deleted_is_denied_when_the_address_comes_back",
    21: "tests/end_to_end/test_memory.py::test_an_erased_address_is_not_brought_back",
    22: "tests/end_to_end/test_scenarios_run.py::test_22_a_list_of_addresses_without_contacts_is_denied_on_the_target",
    24: "tests/end_to_end/test_scenarios_vendors.py::test_24_a_double_opt_in_that_waited_too_long_is_refused_and_nobody_is_asked_again",
    27: "tests/core/consent/test_regimes.py::test_27_korean_consent_lasts_two_years_unless_it_is_confirmed_again",
    28: "tests/core/consent/test_regimes.py::test_28_korean_nights_are_quiet_without_a_consent_of_their_own",
    29: "tests/end_to_end/test_scenarios_vendors.py::test_29_the_evidence_of_a_grant_names_the_form_s_version_and_its_text",
    32: "tests/end_to_end/test_scenarios_run.py::test_32_a_type_that_becomes_two_opens_only_what_people_were_told_of",
    34: "tests/end_to_end/test_scenarios_vendors.py::test_34_a_type_that_the_target_opens_for_everybody_is_closed_for_whoever_is_created",
    35: "tests/end_to_end/test_stops.py::test_a_column_that_may_hold_a_permission_stops_until_decided",
    37: "tests/end_to_end/test_scenarios_run.py::test_37_a_default_state_that_is_called_subscribed_enrols_nobody",
    38: "tests/end_to_end/test_proof_run.py::test_38_a_read_back_that_lists_nobody_leaves_the_run_open",
    39: "tests/end_to_end/test_scenarios_vendors.py::test_39_an_error_in_the_body_of_a_good_status_is_a_failure_and_is_tried_again",
    40: "tests/end_to_end/test_scenarios_vendors.py::test_40_a_lead_that_was_converted_is_read_too",
    41: "tests/end_to_end/test_scenarios_vendors.py::test_41_no_record_of_an_address_that_is_not_searched_is_no_answer",
    42: "tests/end_to_end/test_scenarios_vendors.py::test_42_a_crm_that_overwrites_opt_outs_stops_the_move",
    43: "tests/end_to_end/test_scenarios_vendors.py::test_43_of_three_records_with_one_address_all_are_written",
    44: "tests/end_to_end/test_scenarios_run.py::test_44_who_left_the_target_is_not_subscribed_there_by_a_grant",
    45: "tests/end_to_end/test_scenarios_run.py::test_45_a_clean_row_never_says_false",
    46: "tests/end_to_end/test_scenarios_vendors.py::test_46_a_trigger_that_clears_an_opt_out_later_is_found_when_the_target_has_settled",
    47: "tests/end_to_end/test_sync_wire.py::test_47_who_leaves_the_source_ten_minutes_after_the_move_is_denied_on_the_target",
    48: "tests/end_to_end/test_sync_wire.py::test_48_who_leaves_the_target_is_denied_on_the_source_that_still_sends",
    49: "tests/end_to_end/test_sync_wire.py::test_49_the_unsubscribe_link_of_an_old_mail_denies_fifty_days_later",
    50: "tests/end_to_end/test_kill.py::test_fifty_random_kills_lose_nobody_and_open_nobody",
    52: "tests/core/consent/test_asset_class.py::test_52_operational_mail_is_marketing_on_the_target_unless_decided",
}
MISSING: dict[int, str] = {}

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANA = keys("ana@x.example")


def at(year: int, month: int = 5, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def when(moment: datetime | None) -> dict[str, Any]:
    return {"lo": moment, "hi": moment}


def fact(key: str, kind: str, address: str | None = "ana@x.example", who: str | None = None, **more: Any) -> Fact:
    """A fact of an address by the person, or with ``holder="person"`` of ``who``."""
    known = keys(address)
    return Fact(key, kind, **{"holder": "address", "person": who, "strict": known.strict, "loose": known.loose, **more})


def grant(moment: datetime | None, *, topic: str = "news", who: str = "p", proof: int = 3, **more: Any) -> Fact:
    return fact("yes", "grant", who=who, scope=Scope(topic=topic), proof=proof, **{**when(moment), **more})


def cell(
    address: str | None = "ana@x.example", *who: str, topic: str = "news", brand: str = "*", channel: str = "email"
) -> Cell:
    known = keys(address)
    return Cell(frozenset(who or ("p",)), known.strict, known.loose, Scope(channel, brand, topic))


def asked(
    facts: list[Fact],
    where: Cell | None = None,
    *,
    time: datetime = NOW,
    need: Grant = Grant.NONE,
    trees: Trees | None = None,
) -> Judgement:
    """The verdict, on which the fold and plain loops must agree."""
    where, trees = where or cell(), trees or Trees()
    found = judge(facts, where, time, Rules(trees, need))
    assert found.allowed == may(facts, where, time, need.value, dict(trees.topics), dict(trees.brands))
    return found


OPTED_OUT = Blocker("optout", "true", "objection", holders=("person", "address"))
SUSPENDED = Blocker("suspended", "true", "time_hold", hours_from="since", holders=("address",))


def read(key: str, address: str | None, *blockers: Blocker, time: datetime = NOW, **values: str) -> list[Fact]:
    """What the fields of a record say."""
    row = person(key, address) | {"values": values}
    return list(from_rows(from_blockers(row, blockers, "old/person", time)))


# --- dates and evidence --------------------------------------------------------------------------------------------------


def test_01_of_two_records_with_one_address_the_opt_out_counts() -> None:
    facts = [*read("1", "ana@x.example", OPTED_OUT, optout="true"), *read("2", "ana@x.example", OPTED_OUT, optout="false")]  # fmt: skip
    assert [one.person for one in facts] == ["1", "1"]
    assert not asked(facts, cell("ana@x.example", "1", "2")).allowed


def test_02_a_proven_return_opens_its_topic_only_and_is_listed() -> None:
    facts = [fact("no", "objection", **when(at(2021))), grant(at(2023))]
    assert asked(facts).allowed
    assert asked(facts).ended == (("no", "yes"),)
    assert not asked(facts, cell(topic="events")).allowed


def test_03_an_opt_out_without_a_date_is_later_than_any_return() -> None:
    assert not asked([fact("no", "objection"), grant(at(2024))]).allowed


def test_04_a_return_without_a_date_ends_nothing() -> None:
    assert not asked([fact("no", "objection", **when(at(2019))), grant(None)]).allowed


def test_05_a_return_on_the_day_of_the_opt_out_ends_nothing() -> None:
    """A day without an hour lasts from its beginning in the far east to its end in the far west."""
    day: dict[str, Any] = {"lo": at(2024) - timedelta(hours=14), "hi": at(2024) + timedelta(hours=36)}
    assert not asked([fact("no", "objection", **day), grant(at(2024, hour=9))]).allowed
    assert asked([fact("no", "objection", **day), grant(at(2024, day=2, hour=13))]).allowed


@pytest.mark.parametrize("actor", ["import", "system", "operator", "agent"])
@pytest.mark.parametrize("proof", range(5))
def test_06_07_what_others_write_is_no_return(actor: str, proof: int) -> None:
    """Not even with evidence, by whoever says it for the person: they say it themselves, or stay as they are."""
    assert not asked([fact("no", "objection", **when(at(2019))), grant(at(2024), actor=actor, proof=proof)]).allowed


@pytest.mark.parametrize(("proof", "back"), [(0, False), (1, False), (2, True), (3, True), (4, True)])
def test_07_what_nobody_recorded_is_no_return_until_there_is_evidence_of_it(proof: int, back: bool) -> None:
    """A colleague's edit after "customer asked by phone" is a flag; the person's own dated statement is more."""
    edited = grant(at(2024), actor="operator", proof=1)
    said = grant(at(2025), proof=proof)._replace(key="said")
    assert asked([fact("no", "objection", **when(at(2019))), edited, said]).allowed is back


@pytest.mark.parametrize("proof", range(5))
@pytest.mark.parametrize("signed", [False, True])
def test_51_a_complaint_outlasts_a_form_and_ends_by_a_double_opt_in_and_an_operator_together(
    proof: int, signed: bool
) -> None:
    spam = fact("spam", "complaint", **when(at(2023)))
    facts = [spam, grant(at(2024), proof=proof)]
    assert not asked(facts).allowed
    rules = Rules(releases={"spam": "complaint/spam"} if signed else {})
    assert judge(facts, cell(), NOW, rules).allowed is (signed and proof == 4)
    assert not judge([spam], cell(), NOW, rules).allowed
    assert not judge([spam, grant(at(2022), proof=4)], cell(), NOW, rules).allowed
    assert not judge([spam, grant(at(2024), proof=4, actor="agent")], cell(), NOW, rules).allowed


# --- people and addresses ------------------------------------------------------------------------------------------------


def test_08_a_denial_without_an_address_waits_for_one() -> None:
    facts = read("1", None, OPTED_OUT, optout="true", phone="+81 3 0000 0000")
    assert not asked(facts, cell(None, "1")).allowed
    assert not asked(facts, cell("new@x.example", "1")).allowed


def test_09_a_denial_follows_the_person_to_a_new_address() -> None:
    facts = read("1", "old@x.example", OPTED_OUT, optout="true")
    assert not asked(facts, cell("new@x.example", "1")).allowed
    assert not asked(facts, cell("old@x.example", "2")).allowed


def test_10_somebody_else_s_address_is_not_closed_by_who_moved_there() -> None:
    facts = read("p", "a@x.example", OPTED_OUT, optout="true")
    said = {(who, address): asked(facts, cell(address, who)).allowed for who in "pq" for address in ("a@x.example", "b@x.example")}  # fmt: skip
    assert said == {
        ("p", "a@x.example"): False,
        ("p", "b@x.example"): False,
        ("q", "a@x.example"): False,
        ("q", "b@x.example"): True,
    }


@pytest.mark.parametrize("seen", ["User@X.com", "USER@x.COM", "\uff55ser@x.com"])
def test_11_another_case_or_width_is_denied_too(seen: str) -> None:
    assert not asked([fact("no", "objection", seen, **when(at(2024)))], cell("user@x.com")).allowed


def test_11_a_return_in_another_spelling_is_no_return() -> None:
    back = grant(at(2025))._replace(strict="Ana@x.example")
    assert not asked([fact("no", "objection", **when(at(2024))), back]).allowed


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d", "\ufeff", "\u202e", "\u00ad"])
def test_13_what_nobody_sees_hides_no_denial(unseen: str) -> None:
    denied = fact("no", "objection", f"us{unseen}er@x.com", **when(at(2024)))
    assert not asked([denied], cell("user@x.com")).allowed


def test_14_sharp_s_shares_denials_and_keeps_grants_apart() -> None:
    one, other = "stra\u00dfe@x.example", "strasse@x.example"
    assert keys(one).folded != keys(other).folded
    assert not asked([fact("no", "objection", one, **when(at(2024)))], cell(other)).allowed
    yes = fact("yes", "grant", one, "p", **when(at(2024)))
    assert asked([yes], cell(one), need=Grant.EXPRESS).allowed
    assert not asked([yes], cell(other), need=Grant.EXPRESS).allowed


def test_15_a_domain_in_both_its_forms_is_one() -> None:
    one, other = "ana@b\u00fccher.example", "ana@xn--bcher-kva.example"
    assert keys(one) == keys(other)
    assert asked([fact("yes", "grant", one, "p", **when(at(2024)))], cell(other), need=Grant.EXPRESS).allowed


# --- bounces and holds -------------------------------------------------------------------------------------------------------


BOUNCED = Blocker("bounce", "set", "undeliverable", holders=("address",))


def test_16_a_bounce_is_no_opt_out() -> None:
    facts = read("1", "ana@x.example", OPTED_OUT, BOUNCED, bounce="hard")
    assert [one.kind for one in facts] == ["undeliverable"]
    found = asked(facts, cell("ana@x.example", "1"))
    assert not found.allowed
    assert not found.permission.deliverable


def test_17_a_bounce_stays_with_its_address() -> None:
    facts = read("1", "old@x.example", BOUNCED, bounce="hard")
    assert asked(facts, cell("new@x.example", "1")).allowed


@pytest.mark.parametrize(("hours", "open_now"), [(24 * 90, True), (24, True), (23, False), (2, False)])
def test_18_19_a_suspension_lasts_a_day(hours: int, open_now: bool) -> None:
    since = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = read("1", "ana@x.example", SUSPENDED, suspended="true", since=since)
    assert asked(facts, cell("ana@x.example", "1")).allowed is open_now


def test_19_a_suspension_at_the_snapshot_is_over_a_day_later() -> None:
    facts = read("1", "ana@x.example", SUSPENDED, suspended="true", since="2025-12-31T22:00:00Z")
    assert [asked(facts, cell(), time=NOW + timedelta(hours=h)).allowed for h in (0, 21, 22)] == [False, False, True]


# --- grants that wait or end -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [3, 400])
def test_23_a_double_opt_in_that_waits_is_no_grant(days: int) -> None:
    waits = fact("asked", "pending", who="p", **when(NOW - timedelta(days)))
    found = asked([waits], need=Grant.IMPLIED)
    assert (found.allowed, found.pending) == (False, ("asked",))
    assert found.permission.grant is Grant.PENDING
    confirmed = grant(NOW - timedelta(1), proof=4)
    assert asked([waits, confirmed], need=Grant.CONFIRMED).allowed


def test_25_a_purchase_permits_for_two_years_and_no_longer() -> None:
    bought = at(2024, 2)
    deal = fact("deal", "implied_grant", who="p", **when(bought), until=at(2026, 2), actor="system")
    assert asked([deal], need=Grant.IMPLIED).allowed
    assert asked([deal], need=Grant.IMPLIED).permission.until == at(2026, 2)
    assert not asked([deal], time=at(2026, 3), need=Grant.IMPLIED).allowed
    assert not asked([deal], need=Grant.EXPRESS).allowed


def test_26_an_inquiry_of_seven_months_ago_permits_nothing() -> None:
    inquiry = fact("inquiry", "implied_grant", who="p", **when(at(2025, 6)), until=at(2025, 12), actor="system")
    assert not asked([inquiry], need=Grant.IMPLIED).allowed


# --- brands and topics --------------------------------------------------------------------------------------------------------


def test_30_leaving_one_brand_leaves_the_other_open_where_the_target_can_say_so() -> None:
    facts = [fact("no", "objection", scope=Scope(brand="x"), **when(at(2024)))]
    assert not asked(facts, cell(brand="x")).allowed
    assert asked(facts, cell(brand="y")).allowed


def denies(facts: frozenset[str], cause: str) -> dict[str, str]:
    return {"unsubscribed": "true"} if facts else {}


def place(topic: str, target: str | None, *, brand: str = "0", allows: bool = True) -> TopicCell:
    polarity = ("opt_out" if allows else "opt_in") if target else None
    fate = {"to": target} if target else {"deny_all": "no field"}
    rule = TopicRule.model_validate({"from": topic, "polarity": polarity, **fate})
    return TopicCell(topic, brand, rule, default_allows=allows)


def test_30_leaving_a_brand_that_the_target_cannot_hold_leaves_everything_and_is_listed() -> None:
    found = verdict([], ["x|*"], [], [place("1", None, brand="x"), place("2", "two", brand="y")], denies, "old")
    assert found.values["unsubscribed"] == "true"
    assert found.widened == ("1",)


@pytest.mark.parametrize("unit", ["north", "south"])
@pytest.mark.parametrize("scope", [Scope(brand="company"), Scope()])
def test_31_leaving_the_account_leaves_each_of_its_units(unit: str, scope: Scope) -> None:
    """To be active in a unit is a state, not what somebody said: it is no return, however new, and moved unit by unit neither."""
    trees = Trees(brands={"north": "company", "south": "company"})
    left = fact("no", "objection", scope=scope, **when(at(2024)))
    before = grant(at(2023), topic="*")._replace(scope=Scope(brand=unit))
    active = before._replace(key="active", lo=at(2025), hi=at(2025), actor="system", proof=1)
    assert not asked([left, before, active], cell(brand=unit), trees=trees).allowed
    assert asked([before, active], cell(brand=unit), trees=trees).allowed
    another = asked([left], cell(brand="another"), trees=trees)
    assert another.allowed is (scope.brand == "company")


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_33_of_two_topics_that_become_one_any_denial_counts(order: tuple[str, str]) -> None:
    cells = [place(topic, "both", allows=False) for topic in order]
    assert verdict([], ["0|b"], ["0|a"], cells, denies, "old").values["both"] == "false"
    assert "both" not in verdict([], [], ["0|a"], cells, denies, "old").values
    assert verdict([], [], ["0|a", "0|b"], cells, denies, "old").values["both"] == "true"


# --- values --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["true", "TRUE ", "Ja", "1.0", "oui", "x", "\u00d7", "unknown"])
def test_36_an_opt_out_that_nobody_can_read_is_one(value: str) -> None:
    assert hits(OPTED_OUT, {"optout": value}, NOW)


# --- beside the numbers --------------------------------------------------------------------------------------------------------


def test_an_opt_out_of_text_messages_leaves_mail_open() -> None:
    facts = [fact("stop", "objection", scope=Scope(channel="sms"), **when(at(2024)))]
    assert asked(facts).allowed
    assert not asked(facts, cell(channel="sms")).allowed


def test_a_shared_mailbox_is_closed_for_everybody_and_nobody_is_closed_elsewhere() -> None:
    facts = [fact("no", "objection", "info@x.example", **when(at(2024)))]
    assert not any(asked(facts, cell("info@x.example", who)).allowed for who in "pqr")
    assert all(asked(facts, cell(f"{who}@x.example", who)).allowed for who in "pqr")


def test_an_opt_out_from_the_future_counts_already_and_a_grant_from_there_does_not() -> None:
    assert not asked([fact("no", "objection", **when(NOW + timedelta(days=400)))]).allowed
    assert not asked([grant(NOW + timedelta(seconds=1))], need=Grant.EXPRESS).allowed


def test_two_hundred_topics_below_each_other() -> None:
    trees = Trees(topics={str(depth): str(depth - 1) for depth in range(1, 201)})
    facts = [fact("no", "topic_opt_out", scope=Scope(topic="0"), **when(at(2024)))]
    assert not asked(facts, cell(topic="200"), trees=trees).allowed
    assert asked([facts[0]._replace(scope=Scope(topic="200"))], cell(topic="199"), trees=trees).allowed


def test_a_source_hold_is_not_ended_by_the_person() -> None:
    facts = [fact("hold", "source_hold", who="p", holder="person", **when(at(2023)), actor="system"), grant(at(2024))]
    assert not asked(facts).allowed
    assert judge(facts, cell(), NOW, Rules(releases={"hold": "wave-1"})).allowed


def test_an_opt_out_that_only_a_crm_knows_is_not_ended_by_a_form_of_before_its_list() -> None:
    listed = fact("crm", "objection", lo=at(2022), hi=None, proof=1)
    assert not asked([listed, grant(at(2025), proof=4)]).allowed


def test_nothing_said_is_no_grant_and_no_denial() -> None:
    assert asked([]).permission == Permission()
    assert [asked([], need=need).allowed for need in (Grant.NONE, Grant.IMPLIED)] == [True, False]


# --- the list ---------------------------------------------------------------------------------------------------------------------


def test_every_number_is_in_exactly_one_place() -> None:
    named = re.findall(r"^def test_((?:\d\d_)+)", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    here = {int(number) for group in named for number in group.split("_") if number}
    assert sorted([*here, *RUNS, *MISSING]) == list(range(1, 53))


@pytest.mark.parametrize("place", RUNS.values())
def test_what_a_run_shows_is_there(place: str) -> None:
    file, _, name = place.partition("::")
    root = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
    assert f"def {name}(" in (root / file).read_text(encoding="utf-8")
