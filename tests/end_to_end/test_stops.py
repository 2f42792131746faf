"""What stops a move, with which exit code and which sentence; between two vendors in memory."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mamigrate.http.call import Rejected
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from mamigrate.testing.memory import MemoryInstance
from mamigrate.testing.memory_state import Automation, FieldDef, OptOut
from pair import Pair, Said, decide, everything, everything_is_there_once

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def codes(said: Said) -> set[str]:
    return {one["code"] for one in said.report["findings"]}


# --- findings ----------------------------------------------------------------------------------------------------------


def test_an_irreversible_choice_that_nobody_made_stops(pair: Pair) -> None:
    pair.signed = False
    pair.source.person("ana@x.example")
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"irreversible_undecided"})
    assert {"mapping_proposed", "mapping_unsigned"} <= codes(said)
    assert 'id "irreversible/create-fields"' in said.err
    assert pair.writes() == 0


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_linked_crm_without_a_decision_stops(pair: Pair, side: str) -> None:
    pair.source.person("ana@x.example")
    (pair.source if side == "source" else pair.target).quirks.crm_linked = True
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"crm_link_undecided"}, 0)
    pair.toml["crm_link"] = 'sync = "paused"\nsigned = "test"'
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"denials_unread"}, 0)
    assert "crm_opt_outs_unread" in codes(said)
    assert "CRM opt-outs not read" in said.err
    assert 'decide in decisions.yaml: id "crm-opt-outs/none"' in said.err
    assert said.report["decisions_open"] == [{"id": "crm-opt-outs/none", "safe": "refuse", "stops": True}]
    decide(pair, "crm-opt-outs/none")
    assert pair.run().code == 0


@pytest.mark.parametrize(
    ("name", "row", "code"),
    [
        ("crm.csv", "", 3),
        ("letters.csv", "ben@x.example,,objection,,a letter", 3),
        ("letters.csv", "ben@x.example,,objection,,Salesforce export of May", 0),
        ("crm_optouts.csv", "ben@x.example,,objection,,", 0),
        ("scrmble.csv", "ben@x.example,,objection,,", 3),
    ],
)
def test_a_file_counts_for_the_crm_when_a_row_of_it_comes_from_there(
    pair: Pair, name: str, row: str, code: int
) -> None:
    pair.source.person("ana@x.example")
    pair.target.quirks.crm_linked = True
    pair.toml["crm_link"] = 'sync = "paused"\nsigned = "test"'
    (pair.folder / name).write_text(f"address,id,what,when,source\n{row}\n")
    said = pair.run("--facts", str(pair.folder / name))
    assert (said.code, said.blocking) == (code, {"denials_unread"} if code else set())


@pytest.mark.parametrize("linked", [True, None])
def test_a_crm_whose_sync_is_on_stops(pair: Pair, linked: bool | None) -> None:
    pair.source.person("ana@x.example")
    pair.target.quirks.crm_linked = linked
    pair.toml["crm_link"] = 'sync = "on"\nsigned = "test"'
    decide(pair, "crm-opt-outs/none")
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"crm_sync_on"}, 0)


def test_a_crm_link_that_nobody_can_tell_stops_until_somebody_says_that_there_is_none(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.target.quirks.crm_linked = None
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"crm_unknown"}, 0)
    assert "crm-unknown/new" in said.err
    decide(pair, "crm-unknown/new")
    assert "crm_unknown" not in codes(pair.moved())


def test_what_the_target_keeps_to_its_crm_is_handed_over_with_the_reason(pair: Pair) -> None:
    everything(pair)
    why = "a natively linked CRM owns it (1018)"
    pair.target.quirks.closed = dict.fromkeys((Kind.ACCOUNT, Kind.OPPORTUNITY), why)
    said = pair.moved()
    assert said.reasons("account") == said.reasons("opportunity") == {("handed", "not_written"): 1}
    found = [one["subject"] for one in said.report["findings"] if one["code"] == "kind_not_written_here"]
    assert found == ["new/account", "new/opportunity"]
    assert not any(person.values.get("account_key") for person in pair.target.people.values())
    looked = pair.say("doctor", "new")
    assert looked.out.count(why) == 2


@pytest.mark.parametrize(("method", "told"), [("read", "read(field)"), ("find", "find(person)")])
def test_a_call_that_the_vendor_rejects_is_one_sentence(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, method: str, told: str
) -> None:
    def reject(*_: object) -> None:
        raise Rejected("1003", "too many results match ana@secret.example", status=400)

    pair.source.person("ana@secret.example", id="5")
    monkeypatch.setattr(MemoryInstance, method, reject)
    said = pair.run()
    assert said.code == 4
    assert said.err.splitlines()[-1].endswith(f"refused us: {told}: 1003 (HTTP 400).")
    assert "secret" not in said.err


def test_more_people_than_the_contract_allows_stops(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.person("ben@x.example")
    pair.connection("new", 'base_url = "http://127.0.0.1:9"', "contracted_people = 1")
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"contract_exceeded"}, 0)


@pytest.mark.parametrize("counts", [True, False], ids=["the target counts", "nobody counts"])
def test_people_who_stand_there_already_fill_the_contract_too(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, *, counts: bool
) -> None:
    if not counts:
        monkeypatch.setattr(MemoryInstance, "count", lambda self, kind: None)
    pair.connection("new", "contracted_people = 5")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))
    for n in range(3):
        pair.source.person(f"p{n}@x.example", id=str(n + 1))
    said = pair.moved()
    told = [one["params"] for one in said.report["findings"] if one["code"] == "people_not_counted"]
    assert told == ([] if counts else [{"standing": "0"}])
    for n in range(3, 5):
        pair.source.person(f"p{n}@x.example", id=str(n + 1))
    before = pair.writes()
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"contract_exceeded"}, before)
    (exceeded,) = [one["params"] for one in said.report["findings"] if one["code"] == "contract_exceeded"]
    assert exceeded == {"new": "2", "standing": "4", "people": "6", "limit": "5"}
    pair.connection("new", "contracted_people = 6")
    assert pair.run().code == 0
    assert len(pair.target.people) == 6


def test_live_automation_on_the_target_stops_until_decided(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.target.automations["3"] = Automation(id="3", name="Welcome")
    pair.target.automations["4"] = Automation(id="4", name="Clicked", fires_on_write=False)
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"live_automation"}, 0)
    decide(pair, "live/3")
    assert pair.run().code == 0


@pytest.mark.parametrize(
    ("type", "name", "label", "value"),
    [
        (DataType.BOOLEAN, "newsletter_ok", "", "false"),
        (DataType.BOOLEAN, "No_Marketing__c", "No Marketing", "true"),
        (DataType.TEXT, "c12", "メール配信（○/×）", "×"),
    ],
    ids=["newsletter_ok", "35-No_Marketing", "mark"],
)
def test_a_column_that_may_hold_a_permission_stops_until_decided(
    pair: Pair, type: DataType, name: str, label: str, value: str
) -> None:
    pair.signed = False
    decide(pair, "irreversible/create-fields")
    pair.source.field(Kind.PERSON, FieldDef(name=name, label=label, type=type, custom=True))
    pair.source.field(Kind.PERSON, FieldDef(name="newsletter_topics", custom=True))
    pair.source.field(Kind.PERSON, FieldDef(name="newsletter_empty", type=DataType.BOOLEAN, custom=True))
    pair.source.person("ana@x.example").values.update({name: value, "newsletter_topics": "tea, coffee"})
    said = pair.run()
    assert (said.code, said.blocking, pair.writes()) == (3, {"consent_column_undeclared"}, 0)
    (found,) = [one for one in said.report["findings"] if one["code"] == "consent_column_undeclared"]
    assert (found["subject"], found["params"]["values"]) == (f"old/field/{name}", f"{value} 1")
    decide(pair, f"consent-column/{name}")
    assert pair.run().code == 0


def test_a_decision_about_a_column_that_is_not_asked_is_told_and_one_that_decides_is_not(pair: Pair) -> None:
    pair.signed = False
    decide(pair, "irreversible/create-fields")
    decide(pair, "consent-column/newsletter_okk")
    pair.source.field(Kind.PERSON, FieldDef(name="newsletter_ok", type=DataType.BOOLEAN, custom=True))
    pair.source.person("ana@x.example").values["newsletter_ok"] = "false"
    assert pair.run().blocking == {"consent_column_undeclared"}
    decide(pair, "consent-column/newsletter_ok")
    said = pair.run("--dry-run")
    (found,) = [one for one in said.report["findings"] if one["code"] == "decision_unasked"]
    told = {"id": "consent-column/newsletter_okk", "near": "consent-column/newsletter_ok"}
    assert (found["severity"], found["subject"], found["params"]) == ("note", "old/field/newsletter_okk", told)
    assert said.blocking == set()


def test_a_declared_column_with_a_slip_in_its_name_is_told_once(pair: Pair) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="dm_fuyo", custom=True))
    pair.source.field(Kind.PERSON, FieldDef(name="newsletter_ok", type=DataType.BOOLEAN, custom=True))
    pair.source.person("ana@x.example").values.update({"dm_fuyo": "×", "newsletter_ok": "false"})
    lines = ["- id: consent-column/dm_fuy", "  choice: declare", "  who: tester", "  when: 2026-01-01"]
    lines += ["  column: {values: {×: denies}, empty: nothing}", ""]
    (pair.folder / "decisions.yaml").write_text("\n".join(lines), encoding="utf-8")
    said = pair.run()
    told = [(one["code"], one["params"]["near"]) for one in said.report["findings"] if "dm_fuy" in str(one["params"])]
    assert told == [("consent_column_unknown", "dm_fuyo")]


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


# --- exit codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "option, place",
    [
        ('token = "wrong"', "from connections.old.token in mamigrate.toml"),
        ('token_env = "OLD_TOKEN"', "from the environment variable OLD_TOKEN"),
    ],
)
def test_wrong_credentials_exit_with_4_and_say_where_they_come_from(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, option: str, place: str
) -> None:
    monkeypatch.setenv("OLD_TOKEN", "wrong")
    pair.source.token = "another"
    pair.connection("old", 'base_url = "http://127.0.0.1:9"', option)
    said = pair.run()
    refused, hint = said.err.strip().splitlines()[-2:]
    assert (said.code, refused) == (4, "old refused us: the token is wrong.")
    assert hint.startswith("  old has token (") and place in hint
    assert "see that it is whole, of this very account, not expired and not revoked" in hint
    looked = pair.say("doctor", "old")
    assert (looked.code, place in looked.out) == (4, True)


def test_a_vendor_that_does_not_answer_exits_with_5(pair: Pair) -> None:
    pair.target.quirks.offline = True
    said = pair.run()
    assert said.code == 5
    assert "Run the same command again later." in said.err


def test_a_used_up_quota_exits_with_5_and_the_same_command_goes_on(pair: Pair) -> None:
    everything(pair)
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
    everything_is_there_once(pair)


def test_a_secret_in_the_file_of_a_platform_that_is_not_local_exits_with_2(pair: Pair) -> None:
    pair.signed = False
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

    monkeypatch.setattr("mamigrate.plan.people.PeoplePlanner.plan", broken)
    said = pair.run()
    assert said.code == 1
    line = said.err.strip().splitlines()[-1]
    assert line.startswith("This is a bug in mamigrate (ZeroDivisionError).")
    crash = Path(line.rpartition(": ")[2])
    assert crash.stat().st_mode & 0o077 == 0
    assert "test_stops.py" in crash.read_text()
    assert "canary.person" not in crash.read_text() + said.err + said.out


@pytest.mark.parametrize("choice", ["accept", "refuse"])
def test_what_somebody_refused_is_told_as_refused(pair: Pair, choice: str) -> None:
    pair.source.person("ana@x.example", id="5")
    assert pair.say("plan", "--source", "old", "--target", "new").code == 0  # the sandbox signs the mapping
    pair.signed = False
    line = f'- {{id: "irreversible/create-fields", choice: {choice}, who: Ana Silva, when: 2026-01-01}}\n'
    (pair.folder / "decisions.yaml").write_text(line)
    said = pair.run()
    if choice == "accept":
        assert said.code == 0, said.err
    else:
        assert (said.code, said.blocking, pair.writes()) == (3, {"decision_refused"}, 0)
        assert "Ana Silva refused irreversible/create-fields" in said.err


def test_a_decision_with_a_slip_in_its_id_is_told_on_the_screen(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    (pair.folder / "decisions.yaml").write_text("- {id: old-sorce, choice: accept, who: me, when: 2026-01-01}\n")
    said = pair.run()
    assert said.code == 0
    assert "nearest: old-source" in said.err
    assert "one was proposed in mapping.yaml" in said.err


WRONG = {
    "live/171": "live/170",
    "default-topic/partners": "default-topic/partner",
    "opt-out-sync/olf": "opt-out-sync/old",
    "crm-unknown/zzz": "-",
    "other-instance/nw/7": "other-instance/new/7",
    "crm-id/old/99": "-",
    "crm-id/ols/5": "crm-id/old/5",
    "count-short/persn": "count-short/person",
    "shrunk/olf/person/7": "shrunk/old/person/7",
    "reuse-field/city/value:city": "-",
    "forget-facts/0123456789ab": "-",
}
"""Decisions about what is not there, with the nearest that is."""
RIGHT = (
    "live/170",
    "default-topic/partner",
    "opt-out-sync/new",
    "crm-id/old/5",
    "count-short/person",
    "shrunk/old/person/7",
    "other-instance/new/7",
)


def test_a_decision_about_what_nobody_knows_is_told_with_the_nearest_that_there_is(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.target.automations["170"] = Automation(id="170", name="Welcome", active=False)
    pair.target.topic("partner", default_allows=False)
    for id in (*RIGHT, *WRONG):
        decide(pair, id)
    said = pair.run("--dry-run")
    found = [one for one in said.report["findings"] if one["code"] == "decision_unknown"]
    assert {one["params"]["id"]: one["params"]["near"] for one in found} == WRONG
    assert len(found) == len(WRONG)
    assert all("decisions.yaml:" in one["subject"] and one["severity"] == "warn" for one in found)
    assert "live/170" in said.err
    assert said.code == 0


def test_a_campaign_of_another_connection_of_the_project_is_not_looked_for(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.toml["connections.third"] = 'adapter = "memory"\nbase_url = "http://127.0.0.1:9"\nstore = "x"'
    decide(pair, "live/171")
    assert "decision_unknown" not in {one["code"] for one in pair.run("--dry-run").report["findings"]}


def test_what_the_way_back_asks_is_known_in_a_project_that_moves_both_ways(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.source.automations["9"] = Automation(id="9", name="Welcome", active=True)
    pair.source.topic("partner", default_allows=False)
    back = pair.say("run", "--source", "new", "--target", "old", "--json", "--dry-run")
    assert {"live/9"} <= {one["id"] for one in back.report["decisions_open"]}
    (pair.folder / "mapping.yaml").unlink()  # it is made for one way
    for id in ("live/9", "live/99", "default-topic/partner", "asset-class/form-1"):
        decide(pair, id)
    told = [one for one in pair.run("--dry-run").report["findings"] if one["code"] == "decision_unknown"]
    assert [one["params"] for one in told] == [{"id": "live/99", "near": "live/9"}]


def test_people_of_decisions_are_looked_for_at_once_however_many_they_are(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.run("--dry-run")  # proposes the mapping
    asked, rows = Counter[str](), Engine.rows

    def counted(engine: Engine, table: Any) -> list[dict[str, Any]]:
        asked["rows"] += 1
        return rows(engine, table)

    monkeypatch.setattr(Engine, "rows", counted)
    made = []
    for ids in (range(1), range(1, 20)):
        for id in ids:
            decide(pair, f"crm-id/old/{id}")
        asked.clear()
        said = pair.run("--dry-run")
        made.append(asked["rows"])
    told = [one["params"]["id"] for one in said.report["findings"] if one["code"] == "decision_unknown"]
    assert sorted(told) == sorted(f"crm-id/old/{id}" for id in range(20) if id != 5)
    assert made[0] == made[1]
