"""Moves between two vendors in memory, through the command line: one tiny estate for each trouble."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from mamigrate.errors import Unreachable
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import Automation, FieldDef, ListDef, OptOut, Record
from pair import FLAGS, PLUGIN, Pair, installed, mailable

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
"""Ibis asks DuckDB in its old way; nothing of ours."""

Install = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    with installed(tmp_path / "site", PLUGIN) as more:
        yield more


@pytest.fixture
def pair(tmp_path: Path, install: Install, capsys: pytest.CaptureFixture[str]) -> Iterator[Pair]:
    folder = tmp_path / "project"
    folder.mkdir()
    made = Pair(folder, capsys)
    yield made
    made.close()


# --- who becomes whom ----------------------------------------------------------------------------------------------------


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
    assert (said.buckets()["merged"] + said.buckets()["parked"], said.report["read"]["person"]) == (4, 6)
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
    _facts(pair, "ana@x.example,,erasure,2024-01-01,register")
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


# --- people who were there before ------------------------------------------------------------------------------------------


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


# --- consent -------------------------------------------------------------------------------------------------------------


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
    _facts(pair, "Ana@X.example,,objection,2024-01-01,CRM")
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_members_of_an_exclusion_list_are_held(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.lists["9"] = ListDef(id="9", name="never", exclusion=True, members=["5"])
    pair.moved()
    assert pair.landed("ana@x.example").values["held"] == "true"


# --- the rest of the estate -------------------------------------------------------------------------------------------------


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
    _decide(pair, "irreversible/create-fields")
    pair.moved()
    made = {name for name, one in pair.target.fields[Kind.PERSON].items() if one.custom}
    assert made
    assert {name for name in made if not name.startswith("mm_")} == set()


def test_text_that_is_too_long_blocks_and_names_field_and_value(pair: Pair) -> None:
    pair.signed = False
    pair.source.person("ana@x.example", note="山" * 50)
    pair.source.fields[Kind.PERSON]["note"].max_bytes = None
    _decide(pair, "irreversible/create-fields")
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


# --- what stops a run --------------------------------------------------------------------------------------------------------


def test_an_irreversible_choice_that_nobody_made_stops(pair: Pair) -> None:
    pair.signed = False
    pair.source.person("ana@x.example")
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"irreversible_undecided"})
    assert 'id "irreversible/create-fields"' in said.err
    assert pair.writes() == 0


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_linked_crm_without_a_decision_stops(pair: Pair, side: str) -> None:
    pair.source.person("ana@x.example")
    (pair.source if side == "source" else pair.target).quirks.crm_linked = True
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"crm_link_undecided"}, 0)
    pair.toml["crm_link"] = 'sync = "paused"\nsigned = "test"'
    assert pair.run().code == 0


def test_more_people_than_the_contract_allows_stops(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example")
    pair.connection("new", 'base_url = "http://127.0.0.1:9"', "contracted_people = 1")
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"contract_exceeded"}, 0)


def test_live_automation_on_the_target_stops_until_decided(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.target.automations["3"] = Automation(id="3", name="Welcome")
    pair.target.automations["4"] = Automation(id="4", name="Clicked", fires_on_write=False)
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"live_automation"}, 0)
    _decide(pair, "live/3")
    assert pair.run().code == 0


def test_denials_that_exist_but_were_not_read_stop(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.quirks.unread_denials = True
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"denials_unread"}, 0)
    assert said.report["consent"] == "INCOMPLETE"


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_hidden_field_never_reads_as_nobody_opted_out(pair: Pair, side: str) -> None:
    pair.source.person("ana@x.example", unsubscribed="true")
    (pair.source if side == "source" else pair.target).fields[Kind.PERSON]["unsubscribed"].hidden = True
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"hidden_field"}, 0)


def test_a_dry_run_writes_nothing(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    said = pair.run("--dry-run")
    assert (said.code, said.report["plan"]["counts"]["person"], pair.writes()) == (0, {"created": 1}, 0)


# --- replies that are lost -----------------------------------------------------------------------------------------------------


LOST = [(quirk, n) for quirk in ("lose_replies", "lose_writes") for n in range(1, 8)]


@pytest.mark.parametrize(
    ("quirk", "lost"),
    [pytest.param(*each, marks=[] if each == ("lose_replies", 7) else pytest.mark.gate) for each in LOST],
)
def test_lost_replies_lose_nobody_and_double_nobody(pair: Pair, quirk: str, lost: int) -> None:
    """The first ``lost`` writes are lost: fields, accounts, addresses, people, lists, members, deals, in this order."""
    _everything(pair)
    setattr(pair.target.quirks, quirk, lost)
    said = pair.run()
    while (pair.target.quirks.lose_replies or pair.target.quirks.lose_writes) or said.code in (3, 5):
        said = pair.run()
    assert said.code == 0, said.err
    said = pair.moved()
    assert said.report["plan"]["writes"] == 0
    _everything_is_there_once(pair)


@pytest.mark.parametrize("quirk", ["lose_replies", pytest.param("lose_writes", marks=pytest.mark.gate)])
def test_a_list_that_was_there_before_is_never_taken_for_ours(pair: Pair, quirk: str) -> None:
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["1"])
    pair.source.person("ana@x.example", id="1")
    pair.target.person("own@x.example", id="70")
    pair.target.lists["71"] = ListDef(id="71", name="VIP", members=["70"])
    setattr(pair.target.quirks, quirk, 3)  # fields, people, lists
    while pair.run().code == 5:
        pass
    pair.moved()
    assert pair.target.lists.pop("71").members == ["70"]
    (made,) = pair.target.lists.values()
    assert made.members == [pair.landed("ana@x.example").id]


def _everything(pair: Pair) -> None:
    pair.source.put(Kind.ACCOUNT, Record(id="a1", values={"name": "Minamo"}))
    pair.source.person("ana@x.example", id="5", unsubscribed="true").accounts.append("a1")
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))
    pair.source.put(Kind.OPPORTUNITY, Record(id="o1", values={"name": "Scale"}, people=["5"]))
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5", "6"])


def _everything_is_there_once(pair: Pair) -> None:
    assert sorted(one.values["email"] for one in pair.target.people.values()) == [
        "ana@x.example",
        "ben@x.example",
        "nobody@x.example",
    ]
    assert [one.values["email"] for one in pair.target.people.values() if mailable(one)] == ["ben@x.example"]
    assert len(pair.target.records[Kind.ACCOUNT]) == len(pair.target.records[Kind.OPPORTUNITY]) == 1
    (listed,) = pair.target.lists.values()
    assert len(listed.members) == 2


def test_a_rollback_deletes_what_was_made_restores_what_was_there_and_keeps_denials(pair: Pair) -> None:
    _everything(pair)
    pair.target.person("ben@x.example", id="70", first_name="Benjamin")
    pair.source.people["6"].values.update(first_name="Ben", city="Kyoto")
    pair.target.person("ana@x.example", id="71")
    pair.moved()
    said = pair.say("rollback", "--source", "old", "--target", "new", "--yes")
    assert said.code == 0, said.err
    values = {one.values["email"]: one.values for one in pair.target.people.values()}
    assert set(values) == {"ana@x.example", "ben@x.example", "nobody@x.example"}
    assert (values["ben@x.example"]["first_name"], values["ben@x.example"].get("city")) == ("Benjamin", None)
    assert values["ana@x.example"]["unsubscribed"] == "true"
    assert not pair.target.records[Kind.OPPORTUNITY]
    assert not pair.target.lists


def test_after_an_interrupted_rollback_everything_still_works(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _everything(pair)
    pair.moved()

    def unreachable(instance: MemoryInstance, kind: Kind, keys: list[str]) -> None:
        raise Unreachable("new", "nobody answers")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryInstance, "delete", unreachable)
        assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 5
    assert pair.moved().report["plan"]["writes"] == 0
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    assert [one.values["email"] for one in pair.target.people.values()] == ["nobody@x.example"]
    pair.moved()
    _everything_is_there_once(pair)


# --- exit codes ------------------------------------------------------------------------------------------------------------------


def test_wrong_credentials_exit_with_4(pair: Pair) -> None:
    pair.source.token = "another"
    said = pair.run()
    assert (said.code, said.err.strip().splitlines()[-1]) == (4, "old refused us: the token is wrong.")


def test_a_vendor_that_does_not_answer_exits_with_5(pair: Pair) -> None:
    pair.target.quirks.offline = True
    said = pair.run()
    assert said.code == 5
    assert "Run the same command again later." in said.err


def test_a_used_up_quota_exits_with_5_and_the_same_command_goes_on(pair: Pair) -> None:
    _everything(pair)
    for calls in (7, 14, 60):
        pair.target.quirks.calls_left = calls
        said = pair.run()
        if said.code == 0:
            break
        assert said.code == 5, said.err
        assert "It is renewed at 2026-01-02T00:00:00+00:00" in said.err
    assert said.code == 0
    pair.target.quirks.calls_left = None
    assert pair.moved().report["plan"]["writes"] == 0
    _everything_is_there_once(pair)


def test_a_secret_in_the_file_of_a_platform_that_is_not_local_exits_with_2(pair: Pair) -> None:
    pair.connection("old", 'base_url = "https://api.vendor.example"', 'token = "tell-nobody"')
    said = pair.run()
    assert said.code == 2
    assert 'token_env = "VARIABLE"' in said.err
    assert "token_keyring" in said.err
    assert "tell-nobody" not in said.err + said.out


def test_an_unknown_option_is_named(pair: Pair) -> None:
    pair.connection("old", 'base_url = "http://127.0.0.1:9"', 'colour = "blue"')
    said = pair.run()
    assert said.code == 2
    assert said.err.splitlines()[-1] == "connections.old: memory has no option 'colour'; it has: store, token"


def test_an_unknown_connection_is_named_with_those_that_are_known(pair: Pair) -> None:
    said = pair.say("run", "--source", "odl", "--target", "new")
    assert said.code == 2
    assert "'odl'" in said.err
    assert "new, old" in said.err


def test_an_environment_variable_that_is_not_set_is_named(pair: Pair) -> None:
    pair.connection("old", 'token_env = "MAMIGRATE_TEST_NOWHERE"')
    said = pair.run()
    assert said.code == 2
    assert "MAMIGRATE_TEST_NOWHERE is not set" in said.err


def test_a_bug_is_one_sentence_and_a_crash_file_without_people(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("canary.person@x.example")

    def broken(*given: object) -> None:
        raise ZeroDivisionError("canary.person@x.example")

    monkeypatch.setattr("mamigrate.testing.memory.MemoryInstance.find", broken)
    said = pair.run()
    assert said.code == 1
    line = said.err.strip().splitlines()[-1]
    assert line.startswith("This is a bug in mamigrate (ZeroDivisionError).")
    crash = Path(line.rpartition(": ")[2])
    assert crash.stat().st_mode & 0o077 == 0
    assert "test_memory.py" in crash.read_text()
    assert "canary.person" not in crash.read_text() + said.err + said.out


# --- plug-ins ----------------------------------------------------------------------------------------------------------------------


def test_an_adapter_that_breaks_the_contract_is_named_in_one_line(pair: Pair, install: Install) -> None:
    install({"crooked": "crooked_adapter:plugin"})
    _module(pair.folder.parent / "site", "crooked_adapter", "name = 'crooked'\ntitle = 'Crooked'")
    pair.toml["connections.old"] = 'adapter = "crooked"'
    said = pair.run()
    assert said.code == 2
    assert said.err.splitlines()[-1].startswith("crooked: the adapter 'crooked' (crooked_adapter:Adapter) breaks")
    assert "no settings, capabilities, blockers, key_fields, connect" in said.err


def test_two_plug_ins_with_one_adapter_name_exit_with_2(pair: Pair, install: Install) -> None:
    install({"second": "second_memory:plugin"})
    _module(pair.folder.parent / "site", "second_memory", "name = 'memory'", name="memory")
    said = pair.run()
    assert said.code == 2
    assert "two plug-ins bring an adapter called 'memory'" in said.err
    assert "--block NAME" in said.err


def test_block_leaves_a_plug_in_out(pair: Pair, install: Install) -> None:
    install({"second": "second_memory:plugin"})
    _module(pair.folder.parent / "site", "second_memory", "name = 'memory'", name="memory")
    pair.source.person("ana@x.example")
    assert pair.run("--block", "second").code == 0
    assert pair.run().code == 2


def test_a_plug_in_that_does_not_load_is_named_and_can_be_blocked(pair: Pair, install: Install) -> None:
    install({"ruin": "ruin_of_a_module:plugin"})
    pair.source.person("ana@x.example")
    said = pair.run()
    assert said.code == 2
    assert said.err.splitlines()[0].startswith("plug-ins: the plug-in 'ruin' (ruin_of_a_module:plugin) does not load")
    assert pair.run("--block=ruin").code == 0


def _module(folder: Path, module: str, body: str, *, name: str = "crooked") -> None:
    """A plug-in's module with an adapter class of this body."""
    inside = "\n".join(f"    {line}" for line in body.splitlines())
    lines = [
        "from mamigrate.hookspecs import AdapterEntry, hookimpl",
        "class Adapter:",
        inside,
        "class plugin:",
        "    @hookimpl",
        "    def mamigrate_adapters():",
        f"        return [AdapterEntry('{name}', 'Other', '{module}:Adapter')]",
    ]
    (folder / f"{module}.py").write_text("\n".join(lines) + "\n")


def _facts(pair: Pair, *lines: str) -> None:
    (pair.folder / "facts.csv").write_text("\n".join(("address,id,what,when,source", *lines)) + "\n", encoding="utf-8")
    pair.toml["facts"] = 'files = ["facts.csv"]'


def _decide(pair: Pair, id: str) -> None:
    path = pair.folder / "decisions.yaml"
    known = path.read_text() if path.exists() else ""
    path.write_text(f'{known}- id: "{id}"\n  choice: "accept"\n  who: "tester"\n  when: 2026-01-01\n')
