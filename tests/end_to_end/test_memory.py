"""Moves between two vendors in memory, through the command line: one tiny estate for each trouble."""

from datetime import UTC, datetime, timedelta

import pytest

from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory_state import BEGAN, FieldDef, ListDef, OptOut, Record
from pair import FLAGS, Pair, decide, facts, mailable

# --- who becomes whom --------------------------------------------------------------------------------------------------


def test_a_person_arrives_with_values_and_source_key(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="7", first_name="Ana", birthday="1990-02-28", score="12", revenue="1200.5")
    pair.moved()
    values = pair.landed("ana@x.example").values
    assert (values["first_name"], values["birthday"], values["score"]) == ("Ana", "1990-02-28", "12")
    assert (values["mm_source_key"], values["mm_source_created_at"]) == ("old/person/7", "2025-03-01T09:00:00Z")
    assert mailable(pair.landed("ana@x.example"))


def test_a_second_run_writes_nothing(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana", unsubscribed="true")
    pair.source.person("ben@x.example", first_name="Ben")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["1", "2"])
    pair.moved()
    before = pair.writes()
    assert pair.moved().report["plan"]["writes"] == 0
    assert pair.writes() == before


def test_equal_addresses_by_case_or_width_share_their_denials(pair: Pair) -> None:
    for name, twin in (("ana", "ANA@X.example"), ("ben", "\uff42en@x.example"), ("cia", "cia@\uff38.EXAMPLE")):
        pair.source.person(f"{name}@x.example", unsubscribed="true")
        newer = pair.source.person(twin)
        newer.updated_at = newer.updated_at.replace(year=2026)
    said = pair.moved()
    assert (said.buckets(), said.report["read"]["person"]) == ({"created": 3, "merged": 3}, 6)
    assert [one for one in pair.target.people.values() if mailable(one)] == []


def test_the_newest_of_two_records_wins_each_field_it_has(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Old", city="Kyoto")
    newer = pair.source.person("Ana@x.example", first_name="New")
    newer.updated_at = newer.updated_at.replace(year=2026)
    said = pair.moved()
    assert said.buckets() == {"created": 1, "merged": 1}
    (landed,) = pair.target.people.values()
    assert (landed.values["first_name"], landed.values["city"]) == ("New", "Kyoto")


def test_sharp_s_and_double_s_are_parked_and_share_denials(pair: Pair) -> None:
    pair.source.person("straße@x.example", unsubscribed="true")
    pair.source.person("strasse@x.example")
    pair.target.person("strasse@x.example", id="77")
    said = pair.moved()
    assert said.buckets() == {"parked": 2}
    assert not mailable(pair.target.people["77"])


def test_an_address_that_the_target_cannot_hold_is_parked(pair: Pair) -> None:
    for address in (f"{'a' * 250}@x.example", "josé@x.example", "not an address"):
        pair.source.person(address, unsubscribed="true")
    pair.source.person("ben@x.example")
    assert pair.moved().reasons() == {
        ("parked", "address_too_long"): 1,
        ("parked", "address_not_ascii"): 1,
        ("parked", "address_unusable"): 1,
        ("created", "new"): 1,
    }


def test_a_newer_duplicate_in_full_width_letters_parks_nobody(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5").updated_at = datetime(2024, 1, 1, tzinfo=UTC)
    pair.source.person("ａｎａ@x.example", id="6", first_name="Ana").updated_at = datetime(2025, 1, 1, tzinfo=UTC)
    said = pair.moved()
    assert said.buckets() == {"created": 1, "merged": 1}
    assert pair.landed("ana@x.example").values["first_name"] == "Ana"
    told = [(one["subject"], one["params"]) for one in said.report["findings"] if one["code"] == "spelling_of_twin"]
    assert told == [("old/person/6", {"twin": "old/person/5"})]
    assert pair.moved().report["plan"]["writes"] == 0


def test_twins_that_are_equal_by_folding_only_name_each_other(pair: Pair) -> None:
    pair.source.person("straße@x.example", id="5")
    pair.source.person("strasse@x.example", id="6")
    told = [
        (one["subject"], one["params"]["detail"]) for one in pair.run().report["findings"] if one["code"] == "parked"
    ]
    assert sorted(told) == [("old/person/5", "old/person/6"), ("old/person/6", "old/person/5")]


def test_keep_twins_parks_them_instead(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("Ana@x.example")
    pair.source.person("ben@x.example")
    assert pair.moved("--keep-twins").buckets() == {"created": 1, "parked": 2}


def test_several_on_the_target_are_never_guessed(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana")
    pair.source.person("ben@x.example")
    pair.target.person("ana@x.example", id="71")
    pair.target.person("Ana@x.example", id="72")
    assert pair.moved().reasons() == {("parked", "several_on_target"): 1, ("created", "new"): 1}


def test_a_denial_of_somebody_who_is_several_on_the_target_reaches_them_all(pair: Pair) -> None:
    pair.source.person("ana@x.example", unsubscribed="true")
    pair.target.quirks.durable_opt_out = False
    pair.target.person("ana@x.example", id="71")
    pair.target.person("Ana@x.example", id="72")
    pair.moved()
    assert [one.id for one in pair.target.people.values() if mailable(one)] == []


def test_an_erased_address_is_not_brought_back(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example")
    facts(pair, "ana@x.example,,erasure,2024-01-01,register")
    said = pair.moved()
    assert said.reasons() == {("parked", "erased_address"): 1, ("created", "new"): 1}
    assert pair.target.by_address("ana@x.example") == []


def test_archived_people_are_left_behind_but_their_opt_outs_are_not(pair: Pair) -> None:
    pair.source.person("ana@x.example", archived=True, unsubscribed="true")
    pair.source.person("ben@x.example")
    said = pair.moved()
    assert said.reasons() == {("left", "archived"): 1, ("created", "new"): 1}
    assert not mailable(pair.landed("ana@x.example"))


def test_an_empty_source_is_never_fine(pair: Pair) -> None:
    said = pair.run()
    assert said.code == 3
    assert said.report["consent"] == "INCOMPLETE"


def test_a_person_without_an_address_moves_and_is_found_again(pair: Pair) -> None:
    pair.source.person(None, phone="+81 3 0000 0000")
    pair.moved()
    assert pair.moved().buckets() == {"equal": 1}
    assert len(pair.target.people) == 1


# --- people who were there before --------------------------------------------------------------------------------------


def test_somebody_who_opted_out_of_the_target_is_not_subscribed_again(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana")
    pair.target.person("ana@x.example", unsubscribed="true")
    pair.moved()
    assert pair.landed("ana@x.example").values["unsubscribed"] == "true"
    assert not mailable(pair.landed("ana@x.example"))


def test_own_values_of_the_target_stay_and_empty_ones_are_filled(pair: Pair) -> None:
    pair.source.person("ana@x.example", first_name="Ana", city="Kyoto")
    pair.target.person("ana@x.example", first_name="Anne")
    said = pair.moved()
    values = pair.landed("ana@x.example").values
    assert (values["first_name"], values["city"]) == ("Anne", "Kyoto")
    assert {"field": "first_name", "values": 1} in said.report["kept_values"]


def test_a_record_that_is_refused_is_told_with_code_field_and_value(pair: Pair) -> None:
    pair.source.person("ana@x.example", city="Atlantis")
    pair.source.person("ben@x.example")
    pair.target.quirks.refuse["city"] = "Atlantis"
    said = pair.run("--unmask")
    (found,) = [one for one in said.report["findings"] if one["code"] == "rejected"]
    assert (found["params"]["vendor_code"], found["params"]["field"], found["params"]["value"]) == (
        "value_refused",
        "city",
        "Atlantis",
    )
    assert said.reasons() == {("rejected", "value_refused"): 1, ("created", "new"): 1}


def test_a_stage_never_steps_back(pair: Pair) -> None:
    pair.source.person("ana@x.example", stage="Known")
    pair.target.person("ana@x.example", stage="Customer")
    pair.moved()
    assert pair.landed("ana@x.example").values["stage"] == "Customer"


# --- consent -----------------------------------------------------------------------------------------------------------


def test_every_reason_not_to_mail_arrives(pair: Pair) -> None:
    for flag in FLAGS:
        pair.source.person(f"{flag}@x.example").values[flag] = "true"
    pair.source.person("ben@x.example")
    pair.moved()
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]
    assert len(pair.target.people) == 6


def test_leaving_a_topic_becomes_its_boolean(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", opt_out_news="true")
    pair.moved()
    ana = pair.landed("ana@x.example")
    assert (ana.values.get("mmNoTopicnews"), ana.values.get("mmNoTopicevents")) == ("true", None)
    assert mailable(ana)


def test_leaving_every_topic_denies_everything(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", opt_out_news="true", opt_out_events="true")
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_leaving_a_brand_closes_its_topics_only(pair: Pair) -> None:
    pair.source.topic("news", brand="north")
    pair.source.topic("events", brand="south")
    pair.source.person("ana@x.example")
    pair.source.opt_outs.append(OptOut(address="Ana@x.example", brand="north"))
    pair.moved()
    ana = pair.landed("ana@x.example")
    assert (ana.values.get("mmNoTopicnews"), ana.values.get("mmNoTopicevents")) == ("true", None)
    assert mailable(ana)


def test_an_opt_in_topic_opens_only_where_every_merged_record_granted_it(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("events")
    pair.source.person("ana@x.example", opt_in_news="true")
    pair.source.person("Ana@x.example")
    pair.source.person("ben@x.example", opt_in_news="true")
    pair.source.person("Ben@x.example", opt_in_news="true")
    pair.moved()
    by_key = {one.values["email"].lower(): one.values.get("mmYesTopicnews") for one in pair.target.people.values()}
    assert by_key == {"ana@x.example": None, "ben@x.example": "true"}


def test_a_denied_address_without_a_person_is_held_as_denied(pair: Pair) -> None:
    pair.source.person("ben@x.example")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))
    said = pair.moved()
    assert said.buckets("suppressed_address") == {"created": 1}
    assert not mailable(pair.landed("nobody@x.example"))


def test_opt_outs_from_a_file_count(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    facts(pair, "Ana@X.example,,objection,2024-01-01,CRM")
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_members_of_an_exclusion_list_are_held(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.lists["9"] = ListDef(id="9", name="never", exclusion=True, members=["5"])
    pair.moved()
    assert pair.landed("ana@x.example").values["held"] == "true"


# --- the rest of the estate --------------------------------------------------------------------------------------------


def test_accounts_opportunities_lists_and_members_arrive_tied_together(pair: Pair) -> None:
    pair.source.put(Kind.ACCOUNT, Record(id="a1", values={"name": "株式会社水面", "domain": "minamo.example"}))
    pair.source.person("ana@x.example", id="5").accounts.append("a1")
    deal = Record(id="o1", values={"name": "Scale", "amount": "1200.5"}, accounts=["a1"], people=["5"])
    pair.source.put(Kind.OPPORTUNITY, deal)
    pair.source.lists["9"] = ListDef(id="9", name="VIP, east", members=["5"])
    pair.moved()
    (account,) = pair.target.records[Kind.ACCOUNT].values()
    (landed,) = pair.target.records[Kind.OPPORTUNITY].values()
    (listed,) = pair.target.lists.values()
    ana = pair.landed("ana@x.example")
    assert (account.values["name"], account.values["external_id"]) == ("株式会社水面", "old/account/a1")
    assert (landed.accounts, landed.people) == (["old/account/a1"], [ana.id])
    assert (listed.name, listed.members) == ("VIP, east", [ana.id])


def test_a_custom_field_that_is_filled_is_created(pair: Pair) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="shoe_size", label="Shoe size", type=DataType.INTEGER, custom=True))
    pair.source.person("ana@x.example", shoe_size="38")
    pair.moved()
    assert pair.landed("ana@x.example").values["shoeSize"] == "38"


def test_an_unsigned_mapping_makes_only_the_tool_s_own_fields(pair: Pair) -> None:
    pair.signed = False
    pair.source.field(Kind.PERSON, FieldDef(name="shoe_size", type=DataType.INTEGER, custom=True))
    pair.source.person("ana@x.example", shoe_size="38")
    decide(pair, "irreversible/create-fields")
    pair.moved()
    made = {name for name, one in pair.target.fields[Kind.PERSON].items() if one.custom}
    assert made
    assert {name for name in made if not name.startswith("mm_")} == set()


def test_text_that_is_too_long_blocks_and_names_field_and_value(pair: Pair) -> None:
    pair.signed = False
    pair.source.person("ana@x.example", note="山" * 50)
    pair.source.fields[Kind.PERSON]["note"].max_bytes = None
    decide(pair, "irreversible/create-fields")
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"too_long"})
    (found,) = [one for one in said.report["findings"] if one["code"] == "too_long"]
    assert (found["subject"], found["params"]["field"]) == ("old/person/1", "note")
    assert pair.writes() == 0


def test_a_value_that_does_not_parse_is_told_and_not_invented(pair: Pair) -> None:
    pair.source.person("ana@x.example", score="about 14")
    said = pair.moved("--unmask")
    assert "score" not in pair.landed("ana@x.example").values
    assert [one["params"]["value"] for one in said.report["findings"] if one["code"] == "bad_value"] == ["about 14"]


# --- one person, several records ----------------------------------------------------------------------------------------


def test_two_people_who_become_one_leave_no_record_behind_that_can_be_mailed(pair: Pair) -> None:
    """The address of one becomes the other's; both had records of their own on the target."""
    pair.source.person("a@x.example", id="5")
    pair.source.person("b@x.example", id="6")
    pair.moved()
    pair.source.people["5"].values.update(email="b@x.example", unsubscribed="true")
    pair.source.people["6"].updated_at = BEGAN + timedelta(days=3)
    said = pair.moved()
    assert [mailable(one) for one in pair.target.people.values()] == [False, False]
    assert (said.report["consent"], said.buckets("suppressed_address")) == ("PASS", {"updated": 1})
    assert pair.moved().report["consent"] == "PASS"
    pair.say("rollback", "--source", "old", "--target", "new", "--yes")
    assert pair.target.people == {}


def test_a_grant_that_is_gone_is_taken_back_when_another_record_is_the_newest(pair: Pair) -> None:
    pair.source.topic("news", default_allows=False)
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5", opt_in_news="true")
    pair.moved()
    del pair.source.people["5"].values["opt_in_news"]
    pair.source.person("ana@x.example", id="6").updated_at = BEGAN + timedelta(days=3)
    pair.moved()
    assert pair.landed("ana@x.example").values["mmYesTopicnews"] == "false"


def test_a_denial_of_an_id_that_was_merged_is_known(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5").merged.append("4")
    facts(pair, ",4,objection,,CRM")
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert "fact_person_unknown" not in {one["code"] for one in said.report["findings"]}


def test_a_denial_of_an_id_is_known_however_often_it_was_merged(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="9").merged.append("8")
    for id, taken in (("8", "7"), ("7", "6"), ("6", "5"), ("5", "4")):
        pair.source.person(id=id, archived=True).merged.append(taken)
    facts(pair, ",4,objection,,CRM")
    said = pair.moved()
    assert not mailable(pair.landed("ana@x.example"))
    assert said.buckets("consent_fact") == {"created": 1}


def test_a_record_that_somebody_deleted_on_the_target_is_parked_and_stops_nothing(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    del pair.target.records[Kind.PERSON][pair.landed("ana@x.example").id]
    said = pair.moved()
    assert (said.report["consent"], said.buckets("person")) == ("PASS", {"equal": 1, "parked": 1})


@pytest.mark.parametrize(
    "rows",
    [',5,objection,,"x\n,6,objection,,x"', '"p5@x.example,,objection,,x\n,6,objection,,x\np7@x.example",,objection,,'],
)
def test_rows_inside_a_cell_of_facts_are_refused(pair: Pair, rows: str) -> None:
    pair.source.person("ana@x.example", id="6")
    facts(pair, rows)
    said = pair.run()
    assert (said.code, pair.writes()) == (2, 0)
    assert "a quotation mark may not be closed" in said.err


def test_a_verdict_that_is_not_proven_is_said(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    facts(pair, ",404,objection,,CRM")
    said = pair.run()
    assert said.code == 3
    assert "consent is not proven (INCOMPLETE)" in said.err
    told = [(one["subject"], one["params"]) for one in said.report["findings"] if one["code"] == "fact_person_unknown"]
    assert told == [("old/person/404", {"source": "facts/facts.csv/2/CRM"})]
