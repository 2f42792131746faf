"""The page about one person, after a run and about the last one; between two vendors in memory."""

import base64
import logging
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.cli import workspace
from mamigrate.ledger.lock import ProjectLock
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.settings.project import Project
from mamigrate.stages import who
from mamigrate.stages.move import silent
from mamigrate.stages.reopen import Judged, last, reopened
from mamigrate.testing.memory_state import BEGAN, FieldDef, ListDef, OptOut, Record, Yes
from markup import words
from pair import Pair, Said, everything, facts

pytestmark = [pytest.mark.gate, pytest.mark.turns]

RUN = ("run", "--source", "old", "--target", "new")
LATER = timedelta(days=30)


def page_of(said: Said) -> Path:
    """The page whose path came last."""
    lines = (said.out if said.out.endswith(".html\n") else said.err).strip().splitlines()
    assert Path(lines[-1]).name.startswith("who-"), said.err
    return Path(lines[-1])


def told(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(page_of(said).with_suffix(".json").read_bytes())
    return found


def about(pair: Pair, address: str, *more: str) -> dict[str, Any]:
    """What ``status`` tells of somebody."""
    said = pair.say("status", "--who", address, *more)
    assert said.code == 0, said.err
    return told(said)


def ana(pair: Pair) -> None:
    """Ana twice, merged once before, with a company and a list; Ben once."""
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.put(Kind.ACCOUNT, Record(id="a1", values={"name": "Minamo"}))
    first = pair.source.person("ana@x.example", id="5", first_name="Ana", city="Kyoto", score="about 3")
    first.values["opt_out_news"] = "true"
    first.accounts.append("a1")
    first.merged.append("4")
    second = pair.source.person("Ana@X.example", id="6", first_name="Anne")
    second.updated_at = BEGAN + LATER
    pair.source.person("ben@x.example", id="7", first_name="Benedikta")
    pair.source.lists["9"] = ListDef(id="9", name="VIP", members=["5", "7"])


# --- what it says ------------------------------------------------------------------------------------------------------


def test_everything_of_a_person_stands_there(pair: Pair) -> None:
    ana(pair)
    pair.target.person("ana@x.example", id="71", city="Osaka")
    one = told(pair.say(*RUN, "--who", "ANA@x.example"))
    assert one["found"] == "person"
    assert [(r["key"], r["how"], r["becomes"], r["read"]) for r in one["records"]] == [
        ("5", ["address"], "6", True),
        ("6", ["address"], "6", True),
        ("4", ["merged"], None, False),
    ]
    (person,) = one["people"]
    assert (person["key"], person["records"], person["denied"], person["cause"]) == ("6", ["5", "6"], False, "open")
    assert [(t["topic"], t["open"], t["word"], t["value"]) for t in person["topics"]] == [
        ("news", False, "left", "true"),
        ("events", True, "open_by_default", None),
    ]
    planned = {row["key"]: row for row in one["planned"]}
    assert (planned["6"]["bucket"], planned["6"]["reason"], planned["6"]["target_key"]) == ("updated", "address", "71")
    assert planned["6"]["values"]["first_name"] == "Anne"
    assert (planned["5"]["bucket"], planned["6"]["kept"]) == ("merged", ["city"])
    (record,) = one["target_records"]
    assert (record["key"], record["before"]["city"], record["before"].get("first_name")) == ("71", "Osaka", None)
    assert (record["now"]["first_name"], record["now"]["mmNoTopicnews"]) == ("Anne", "true")
    assert (record["mailable_before"], record["mailable_now"]) == (True, True)
    assert [(r["source_key"], r["bucket"]) for r in one["outcomes"]] == [("5", "merged"), ("6", "updated")]
    assert [(r["source_key"], r["target_key"], r["made"]) for r in one["ids"]] == [
        ("5", "71", "merged"),
        ("6", "71", "adopted"),
    ]
    assert [(b["kind"], b["name"], b["bucket"]) for b in one["belongings"]] == [
        ("list_membership", "VIP", "created"),
        ("account", "Minamo", "created"),
    ]
    lost = {(row["field"], row["why"], row["value"]) for row in one["lost"]}
    assert lost == {("score", "type_lost", "about 3"), ("first_name", "older_value", "Ana")}
    assert {row["code"] for row in one["findings"]} == {"bad_value", "type_lost"}


def test_nobody_else_stands_there(pair: Pair) -> None:
    ana(pair)
    said = pair.say(*RUN, "--who", "ana@x.example")
    for path in (page_of(said), page_of(said).with_suffix(".json")):
        assert "enedikta" not in path.read_text(encoding="utf-8")
        assert "ben@" not in path.read_text(encoding="utf-8")


def test_what_went_nowhere_is_told_with_its_reason(pair: Pair) -> None:
    pair.signed = False
    pair.source.field(Kind.PERSON, FieldDef(name="shoe_size", custom=True))
    pair.source.person("ana@x.example", id="5", shoe_size="38", unsubscribed="true", source="fair")
    one = told(pair.say("plan", *RUN[1:], "--who", "ana@x.example"))
    assert [(row["field"], row["why"], row["value"]) for row in one["lost"]] == [
        ("shoe_size", "mapping_unsigned", "38")
    ]


def test_a_denial_that_the_person_ended_is_told_with_its_proof(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", kind="objection"))
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=BEGAN + LATER))
    one = told(pair.say(*RUN, "--who", "ana@x.example"))
    denials = [fact for fact in one["facts"] if fact["polarity"] == "-"]
    (grant,) = [fact for fact in one["facts"] if fact["polarity"] == "+"]
    assert {(fact["word"], fact["counts"], tuple(fact["denies"])) for fact in denials} == {("lifted", False, ())}
    assert {tuple(fact["lifted_by"].items()) for fact in denials} == {(("main|news", grant["key"]),)}
    assert (grant["word"], sorted(grant["lifts"])) == ("grants", sorted(fact["key"] for fact in denials))
    assert one["people"][0]["denied"] is False


def test_a_denial_that_ended_in_part_still_counts(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", kind="objection"))
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=BEGAN + LATER))
    one = told(pair.say(*RUN, "--who", "ana@x.example"))
    words_ = {(fact["word"], fact["counts"]) for fact in one["facts"] if fact["polarity"] == "-"}
    assert words_ == {("lifted_in_part", True)}
    assert [(t["topic"], t["open"]) for t in one["people"][0]["topics"]] == [("news", True), ("events", False)]


def test_a_fact_from_a_file_names_the_file_and_reaches_every_spelling(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    facts(pair, "ＡＮＡ@X.example,,objection,2024-01-01,CRM")
    one = told(pair.say(*RUN, "--who", "Ana@x.example"))
    (fact,) = one["facts"]
    assert (fact["from_file"], fact["source_ref"], fact["denies"]) == (True, "facts/facts.csv/2/CRM", ["5"])
    assert one["people"][0]["cause"] == "opt_outs_from_files"


def test_a_member_of_an_exclusion_list_is_held_by_it(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.lists["9"] = ListDef(id="9", name="never", exclusion=True, members=["5"])
    one = told(pair.say(*RUN, "--who", "ana@x.example"))
    assert one["holds"] == [{"person_key": "5", "why": "list", "what": "never"}]


def test_another_spelling_of_the_mailbox_holds(pair: Pair) -> None:
    pair.source.person("ana+news@gmail.com", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@gmail.com"))
    one = told(pair.say(*RUN, "--who", "ana+news@gmail.com"))
    assert [hold["why"] for hold in one["holds"]] == ["alias"]


def test_a_record_that_carries_on_another_one_is_there_too(pair: Pair) -> None:
    """Who has the address now under another one: the denials of the old record count there."""
    pair.source.person("old@x.example", id="4", archived=True, unsubscribed="true")
    pair.source.person("new@x.example", id="5").merged.append("4")
    one = told(pair.say(*RUN, "--who", "old@x.example"))
    assert {r["key"]: r["how"] for r in one["records"]} == {"4": ["address", "merged"], "5": ["heir"]}
    assert [(p["key"], p["denied"]) for p in one["people"]] == [("5", True)]


def test_an_address_that_nobody_has_is_told_by_what_names_it(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.person("ben@x.example", id="7")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))
    pair.source.yeses.append(Yes(address="left@x.example", person="7", topic="news"))
    facts(pair, "gone@x.example,,erasure,2024-01-01,register")
    pair.moved()
    expected = {
        "nobody@x.example": ("suppressed", ["created"]),
        "gone@x.example": ("tombstone", ["equal"]),
        "left@x.example": ("mentioned", []),
        "zoe@x.example": ("unknown", []),
    }
    with last_judged(pair) as judged:
        found = {address: who.gather(judged, address, ()) for address in expected}
    assert {at: (one["found"], [row["bucket"] for row in one["planned"]]) for at, one in found.items()} == expected
    assert [one["records"] for one in found.values()] == [[]] * 4
    said = pair.say("status", "--who", "zoe@x.example")
    shown = words(page_of(said).read_text(encoding="utf-8"), "en")
    assert (said.code, "Unknown on the source: nobody has this address, and nothing names it" in shown) == (0, True)


def test_what_is_no_address_has_a_page_only_where_somebody_has_it(pair: Pair) -> None:
    pair.source.opt_outs.append(OptOut(address="zed zed at x.example"))
    pair.source.person("ben@x.example", id="7")
    said = pair.say(*RUN, "--who", "notanaddress")
    assert (said.code, "no page about the person: this is no address" in said.err) == (3, True)
    assert about(pair, "zed zed at x.example")["address"] == "zed zed at x.example"
    for text in ("notanaddress", "Ben <ben@x.example>", "ben@x.example,ana@x.example"):
        said = pair.say("status", "--who", text)
        assert (said.code, "--who: this is no address" in said.err, text in said.err) == (2, True, False)


def test_somebody_who_is_only_on_the_target_is_shown_there(pair: Pair) -> None:
    pair.source.person("ben@x.example", id="7")
    pair.target.person("zoe@x.example", id="71", city="Osaka")
    one = told(pair.say(*RUN, "--who", "zoe@x.example"))
    assert (one["found"], [(r["key"], r["before"]) for r in one["target_records"]]) == ("unknown", [("71", None)])


def test_a_plan_shows_what_would_be_written_and_nothing_more(pair: Pair) -> None:
    ana(pair)
    said = pair.say("plan", *RUN[1:], "--who", "ana@x.example")
    one = told(said)
    assert (one["run_command"], one["wrote"], one["outcomes"], one["ids"]) == ("plan", False, [], [])
    assert [(row["key"], row["bucket"], row["as_sealed"]) for row in one["planned"]] == [
        ("6", "created", True),
        ("5", "merged", True),
    ]
    assert {b["bucket"] for b in one["belongings"]} == {"", "created"}
    applied = told(pair.say("apply", *RUN[1:], "--who", "ana@x.example"))
    assert [row["bucket"] for row in applied["outcomes"]] == ["merged", "created"]
    assert applied["planned"][0]["values"] == one["planned"][0]["values"]


# --- about the last run --------------------------------------------------------------------------------------------------


def crowd(pair: Pair) -> Sequence[str]:
    """One of each fate; their addresses."""
    ana(pair)
    pair.source.person("straße@x.example", id="11", unsubscribed="true")
    pair.source.person("strasse@x.example", id="12")
    pair.source.person("josé@x.example", id="13")
    pair.source.person("old@x.example", id="14", archived=True, unsubscribed="true")
    pair.source.person("kim@x.example", id="15", held="true", unsubscribed="true")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))
    pair.source.opt_outs.append(OptOut(address="there@x.example"))
    pair.target.person("ana@x.example", id="71", city="Osaka")
    pair.target.person("there@x.example", id="72")
    pair.target.person("strasse@x.example", id="73")
    names = ("ana", "ben", "straße", "strasse", "josé", "old", "kim", "nobody", "there", "zoe")
    return [f"{name}@x.example" for name in names]


def without_times(one: dict[str, Any]) -> dict[str, Any]:
    asked = {**one["target_asked"], "at": ""}
    return {**one, "made_at": "", "target_asked": asked}


@contextmanager
def last_judged(pair: Pair) -> Iterator[Judged]:
    """What the last run left, derived once for several people."""
    pair.write()
    project = Project.open(pair.folder)
    with workspace.ledger_of(project) as ledger:
        run = last(ledger.runs())
        with workspace.move(project, run.source, run.target, run.id, silent, ledger) as move:
            yield reopened(move, run)


def test_what_is_derived_again_is_what_was_planned_and_sealed(pair: Pair) -> None:
    """Value by value, for one of each fate."""
    addresses = crowd(pair)
    pair.moved()
    seen = set[str]()
    with last_judged(pair) as judged:
        for address in addresses:
            one = who.gather(judged, address, ())
            assert (one["changed"], one["target_asked"]["trouble"]) == ([], "")
            assert all(row["as_sealed"] for row in one["planned"]), address
            names = ("bucket", "reason")
            planned = {(r["kind"], r["key"], *(r[name] for name in names)) for r in one["planned"]}
            assert planned == {(r["kind"], r["source_key"], *(r[name] for name in names)) for r in one["outcomes"]}
            seen |= {row["bucket"] for row in one["planned"]}
    assert seen == {"created", "updated", "merged", "parked", "left"}


def test_status_says_the_same_as_the_run_itself(pair: Pair) -> None:
    crowd(pair)
    ran = told(pair.say(*RUN, "--who", "ana@x.example"))
    assert without_times(about(pair, "ana@x.example")) == without_times(ran)


def test_the_page_of_a_second_run_knows_what_the_first_one_made(pair: Pair) -> None:
    crowd(pair)
    pair.moved()
    pair.source.people["7"].values["first_name"] = "Benno"
    ran = told(pair.say(*RUN, "--who", "ben@x.example"))
    (planned,) = ran["planned"]
    assert (planned["bucket"], planned["reason"], planned["before"]) == (
        "updated",
        "ledger",
        {"first_name": "Benedikta"},
    )
    assert without_times(about(pair, "ben@x.example")) == without_times(ran)


def test_somebody_who_left_the_source_since_is_told_as_departed(pair: Pair) -> None:
    crowd(pair)
    pair.moved()
    del pair.source.records[Kind.PERSON]["7"]
    pair.moved()
    one = about(pair, "ben@x.example")
    assert (one["found"], [r["now"]["held"] for r in one["target_records"]]) == ("unknown", ["true"])


def test_what_changed_since_is_named_and_values_are_not_passed_off_as_planned(pair: Pair) -> None:
    ana(pair)
    pair.moved()
    path = pair.folder / "mapping.yaml"
    text = path.read_text(encoding="utf-8")
    assert 'from: "first_name", to: "first_name"' in text
    path.write_text(text.replace('to: "first_name"', 'drop: "not wanted"'), encoding="utf-8")
    said = pair.say("status", "--who", "ben@x.example")
    one = told(said)
    assert (one["changed"], [row["as_sealed"] for row in one["planned"]]) == (["mapping.yaml"], [False])
    said_ = "\n".join(words(page_of(said).read_text(encoding="utf-8"), "en"))
    assert "Not as it was when this was judged: mapping.yaml." in said_
    assert "are not the ones that the plan was sealed with" in said_


def test_a_target_that_cannot_be_asked_is_said(pair: Pair) -> None:
    ana(pair)
    pair.moved()
    pair.target.quirks.offline = True
    said = pair.say("status", "--who", "ana@x.example")
    one = told(said)
    assert (said.code, one["target_asked"]["trouble"]) == (0, "unreachable")
    assert "new could not be asked (unreachable)" in said.err
    assert one["planned"][0]["as_sealed"]
    pair.target.quirks.offline, pair.target.token = False, "secret"
    assert about(pair, "ana@x.example")["target_asked"]["trouble"] == "refused"


def test_somebody_who_can_be_mailed_there_against_the_facts_is_an_alarm(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    assert "can be mailed now although" not in _shown(pair, "ana@x.example")
    landed = pair.landed("ana@x.example")
    landed.values["unsubscribed"] = "false"
    assert "can be mailed now although" in _shown(pair, "ana@x.example")


def _shown(pair: Pair, address: str) -> str:
    return "\n".join(words(page_of(pair.say("status", "--who", address)).read_text(encoding="utf-8"), "en"))


def test_an_encrypted_project_tells_as_any_other(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAPSHOT_KEY", base64.b64encode(bytes(range(32))).decode())
    pair.toml["snapshots"] = 'key_env = "SNAPSHOT_KEY"'
    ana(pair)
    ran = told(pair.say(*RUN, "--who", "ana@x.example"))
    assert without_times(about(pair, "ana@x.example")) == without_times(ran)


# --- what is not there any more ----------------------------------------------------------------------------------------


def refused(pair: Pair, code: int = 2) -> str:
    said = pair.say("status", "--who", "ana@x.example")
    assert said.code == code, said.err
    assert "ana" not in said.err
    return said.err


def test_a_purged_snapshot_never_reads_as_nobody(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    snapshots, kept = pair.folder / ".mamigrate" / "snapshots", pair.folder / "kept"
    shutil.copytree(snapshots, kept)
    for gone in ("old-*", "new-*", "old-*/person/rows.parquet", "old-*/consent_fact", "old-*/manifest.json"):
        (path,) = snapshots.glob(gone)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        assert "was deleted" in refused(pair)
        shutil.rmtree(snapshots)
        shutil.copytree(kept, snapshots)
    assert about(pair, "ana@x.example")["found"] == "person"


def test_a_mapping_or_a_plan_that_is_gone_is_named_and_nothing_is_proposed(pair: Pair) -> None:
    ana(pair)
    pair.moved()
    path = pair.folder / "mapping.yaml"
    path.write_text("version: 1\nsource: other\ntarget: new\n", encoding="utf-8")
    assert "does not fit any more" in refused(pair)
    path.unlink()
    assert "the mapping is gone" in refused(pair)
    assert not path.exists()
    shutil.rmtree(pair.folder / ".mamigrate" / "plans")
    assert "the plan of run" in refused(pair)


def test_a_file_of_facts_that_is_gone_is_named(pair: Pair) -> None:
    ana(pair)
    more = pair.folder / "more.csv"
    more.write_text("address,what\nana@x.example,objection\n", encoding="utf-8")
    pair.moved("--facts", str(more))
    assert [fact["word"] for fact in about(pair, "ana@x.example")["facts"] if fact["from_file"]] == ["denies"]
    more.unlink()
    assert "more.csv: run" in refused(pair)


def test_a_project_without_a_run_says_so_and_nothing_is_made(pair: Pair) -> None:
    assert "no run yet" in refused(pair)
    assert [path.name for path in pair.folder.iterdir()] == ["mamigrate.toml"]


def test_a_run_that_never_judged_anybody_has_no_page(pair: Pair) -> None:
    ana(pair)
    (pair.folder / "mapping.yaml").write_text("version: 1\nsource: other\ntarget: new\n", encoding="utf-8")
    said = pair.say(*RUN, "--who", "ana@x.example")
    assert (said.code, "no page about the person" in said.err, said.out.strip().endswith("run.html")) == (3, True, True)
    assert "no run came as far as judging people" in refused(pair)


def test_a_later_run_that_judged_nobody_hides_none_that_did(pair: Pair) -> None:
    ana(pair)
    pair.moved()
    path = pair.folder / "mapping.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("source: ", "source: other-", 1), encoding="utf-8")
    assert pair.run().code == 3
    path.write_text(text, encoding="utf-8")
    assert about(pair, "ana@x.example")["run_status"] == "done"


def test_a_run_that_was_stopped_before_its_first_write_shows_what_it_planned(pair: Pair) -> None:
    ana(pair)
    pair.connection("new", "contracted_people = 1")
    said = pair.say(*RUN, "--who", "ana@x.example")
    assert (said.code, told(said)["outcomes"], len(told(said)["planned"])) == (3, [], 2)


def test_a_project_in_use_is_not_disturbed(pair: Pair) -> None:
    ana(pair)
    pair.moved()
    with ProjectLock(pair.folder / ".mamigrate" / "lock"):
        assert "Another process is at work" in refused(pair, 6)


# --- whom it concerns --------------------------------------------------------------------------------------------------


def test_the_file_is_private_and_its_name_tells_nobody(pair: Pair) -> None:
    ana(pair)
    said = pair.say(*RUN, "--who", "ana@x.example")
    path = page_of(said)
    assert re.fullmatch("who-[0-9a-f]{16}[.]html", path.name)
    for file in (path, path.with_suffix(".json"), pair.folder / ".mamigrate" / "pseudonyms.key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert path.parent == Path(said.out.splitlines()[-2]).parent
    assert page_of(pair.say("status", "--who", "Ana@X.EXAMPLE")) == path
    assert page_of(pair.say("status", "--who", "ben@x.example")) != path


def test_the_report_is_as_it_would_be_without(pair: Pair) -> None:
    ana(pair)
    said = pair.run("--who", "ana@x.example")
    assert said.report["masked"] is True
    assert page_of(said).exists()
    assert "--who" not in said.report["command"]
    folder = page_of(said).parent
    for name in ("run.html", "run.json", "findings.csv", "accounts.csv"):
        assert "ana@x" not in (folder / name).read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("spelling", [("--who", "ana@x.example"), ("--who=ana@x.example",)])
def test_nobody_is_said_or_logged_or_noted(
    pair: Pair, spelling: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    ana(pair)
    pair.target.quirks.calls_left = 12
    with caplog.at_level(logging.DEBUG):
        heard = [pair.say(*RUN, *spelling), pair.say("status", "--json")]
        pair.target.quirks.calls_left = None
        heard += [pair.say("plan", *RUN[1:], *spelling), pair.say("status", *spelling), pair.say("status")]
    assert heard[0].code == 5
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    noted = [text for run in ledger.runs() for text in ledger.inputs(run.id).values()]
    ledger.close()
    assert any("mamigrate run" in text for text in noted)
    said = "\n".join([*(one.out + one.err for one in heard), caplog.text, *noted])
    assert "ana@" not in said.lower()


def test_no_address_at_all_is_refused_before_anything_is_done(pair: Pair) -> None:
    pair.write()
    for command in (RUN, ("plan", *RUN[1:]), ("apply", *RUN[1:]), ("status",)):
        said = pair.say(*command, "--who", " \u200b ")
        assert (said.code, said.err) == (2, "--who: name an address\n")
    assert pair.source.calls.total() == 0
