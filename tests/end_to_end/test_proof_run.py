"""The proof at the end of a run: somebody breaks something between the last write and the read-back, and it names the row."""

import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from mamigrate.consent.proof.record import trouble
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.stages.verify import Census, verify
from mamigrate.testing.memory_state import ListDef, OptOut, Yes
from pair import Pair, Said, everything, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def meddled(pair: Pair, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> Said:
    def later(*given: Any) -> Census:
        change()
        return verify(*given)

    monkeypatch.setattr("mamigrate.stages.run.verify", later)
    said = pair.run("--unmask")
    assert (said.code, said.report["consent"]) == (3, "FAIL"), said.err
    return said


def broken(said: Said) -> set[tuple[int, str]]:
    found = [one for one in said.report["findings"] if one["code"] == "invariant_broken"]
    return {(int(one["params"]["invariant"]), one["params"]["row"]) for one in found}


def statements(said: Said) -> dict[int, dict[str, Any]]:
    return {one["number"]: one for one in said.report["proof"]["statements"]}


def records(pair: Pair) -> list[dict[str, Any]]:
    """The consent records of the only file that there is."""
    (file,) = (pair.folder / ".mamigrate" / "evidence").glob("*.jsonl")
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def two_topics(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")


NEWS, EVENTS, ALL = "email/main/news/MKT", "email/main/events/MKT", "email/*/*/MKT"


# --- nothing is broken -------------------------------------------------------------------------------------------------


def test_a_whole_move_is_proven_statement_by_statement(pair: Pair) -> None:
    everything(pair)
    two_topics(pair)
    said = pair.moved()
    told = statements(said)
    assert {n for n, one in told.items() if one["verdict"] == "PASS"} >= {
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        12,
        13,
        14,
        15,
        16,
        17,
        19,
        21,
    }
    assert {n: one["reason"] for n, one in told.items() if one["verdict"] == "NOT_APPLICABLE"} == {
        11: "nothing_is_synced",
        18: "no_asset_was_moved",
    }
    assert (told[20]["verdict"], told[20]["reason"]) == ("INCOMPLETE", "settles_later")
    assert said.report["proof"]["verdict"] == "PASS"
    assert said.report["proof"]["settled"] == "INCOMPLETE"


def test_what_a_second_run_cannot_look_at_does_not_apply(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    told = statements(pair.moved())
    assert {told[n]["reason"] for n in (5, 6)} == {"nothing_to_look_at"}
    assert told[17]["verdict"] == "PASS"


def test_holds_of_lists_of_mailboxes_and_of_law_are_facts_of_their_own(pair: Pair) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@gmail.com", id="6")
    pair.source.lists["9"] = ListDef(id="9", name="No mail", exclusion=True, members=["5"])
    pair.source.opt_outs.append(OptOut(address="b.en@gmail.com"))
    pair.moved()
    kinds = {one["header"]["record_id"].split("/")[0]: one["event"]["kind"] for one in records(pair)}
    assert kinds["list"] == "source_hold"
    assert kinds["alias"] == "org_hold"


def test_what_somebody_agreed_to_on_the_target_itself_is_no_widening(pair: Pair) -> None:
    pair.source.topic("club", default_allows=False)
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="5")
    pair.target.person("ana@x.example", id="70")
    pair.moved()
    pair.target.people["70"].values[_field_of(pair, "club")] = "true"
    pair.moved()


def _field_of(pair: Pair, topic: str) -> str:
    (name,) = [name for name in pair.target.fields[Kind.PERSON] if topic in name]
    return name


# --- somebody breaks something -----------------------------------------------------------------------------------------


def test_somebody_denied_is_set_mailable(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.source.person("ben@x.example", id="6")
    said = meddled(pair, monkeypatch, lambda: pair.landed("ana@x.example").values.pop("unsubscribed"))
    found = broken(said)
    for number in (1, 21):
        assert (number, f"5/ana@x.example/{NEWS}") in found
    assert (3, "old/person/5/unsubscribed/person") in found
    assert (19, "5") in found
    assert (17, "2/5/unsubscribed") in found
    assert not any("ben" in row for _, row in found)


def test_a_topic_is_opened_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5", opt_out_news="true")
    said = meddled(pair, monkeypatch, lambda: pair.landed("ana@x.example").values.pop("mmNoTopicnews"))
    found = broken(said)
    assert (1, f"5/ana@x.example/{NEWS}") in found
    assert not any(EVENTS in row for _, row in found)
    assert {number for number, _ in found} >= {1, 3, 4, 16, 17, 21}


def test_a_record_beside_is_set_mailable(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    for id in ("71", "72"):
        pair.target.person("ana@x.example", id=id)
    said = meddled(pair, monkeypatch, lambda: pair.target.people["72"].values.pop("unsubscribed"))
    assert (1, f"5/ana@x.example/{NEWS}") in broken(said)


def test_an_erased_address_is_made_again(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address="gone@x.example", kind="erasure"))
    said = meddled(pair, monkeypatch, lambda: pair.target.person("gone@x.example", id="99"))
    found = broken(said)
    assert (13, "99") in found
    assert any(number == 1 and "gone@x.example" in row for number, row in found)


def test_who_stood_on_the_target_before_is_no_resurrection(pair: Pair) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address="gone@x.example", kind="erasure"))
    pair.target.person("gone@x.example", id="99")
    assert statements(pair.moved())[13]["verdict"] == "PASS"


def test_a_denied_address_is_gone(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address="nobody@x.example"))

    def drop() -> None:
        del pair.target.records[Kind.PERSON][pair.landed("nobody@x.example").id]

    said = meddled(pair, monkeypatch, drop)
    assert (3, "old/opt_out/0") in broken(said)


def test_somebody_is_enrolled_who_never_agreed(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.topic("club", default_allows=False)
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="5")

    def enrol() -> None:
        pair.landed("ana@x.example").values[_field_of(pair, "club")] = "true"

    found = broken(meddled(pair, monkeypatch, enrol))
    assert {number for number, row in found if row == "5/ana@x.example/email/main/club/MKT"} >= {1, 2, 16, 21}


def test_more_rows_than_are_named_are_counted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        pair.source.person(f"p{number}@x.example", id=str(number), unsubscribed="true")

    def open_all() -> None:
        for one in pair.target.people.values():
            one.values.pop("unsubscribed")

    said = meddled(pair, monkeypatch, open_all)
    first = [one["params"] for one in said.report["findings"] if one["params"].get("invariant") == "1"]
    assert len(first) == 20
    assert {one["rows"] for one in first} == {"30"}


def test_a_row_of_somebody_is_masked(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    monkeypatch.setattr("mamigrate.stages.run.verify", _opening(pair))
    said = pair.run()
    assert "ana@x.example" not in said.out
    assert "ana@x.example" not in "".join(path.read_text() for path in (pair.folder / "reports").rglob("run.html"))


def _opening(pair: Pair) -> Callable[..., Census]:
    def later(*given: Any) -> Census:
        pair.landed("ana@x.example").values.pop("unsubscribed")
        return verify(*given)

    return later


def test_38_a_read_back_that_lists_nobody_leaves_the_run_open(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list is no "not opted out": neither of who is allowed nor of who is denied."""
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6", unsubscribed="true")

    def later(*given: Any) -> Census:
        pair.target.records[Kind.PERSON].clear()
        return verify(*given)

    monkeypatch.setattr("mamigrate.stages.run.verify", later)
    said = pair.run()
    assert (said.code, said.report["consent"]) == (3, "INCOMPLETE"), broken(said)
    told = [one["params"] for one in said.report["findings"] if one["code"] == "invariant_unverified"]
    assert {one["invariant"] for one in told} >= {"1", "21"}
    assert {one["reason"] for one in told} == {"not_read"}
    assert said.report["census"]["unverified"] == 2


# --- what stood on the target ------------------------------------------------------------------------------------------


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that takes no denial of the target along."""

    def none(matched: Any, *_: Any) -> Any:
        return matched

    monkeypatch.setattr("mamigrate.consent.standing.with_standing", none)
    monkeypatch.setattr("mamigrate.consent.standing.with_beside", none)


def beside(pair: Pair) -> None:
    """Somebody whom an earlier run carried, and a record with the same address at which they left since."""
    pair.target.quirks.durable_opt_out = False
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    pair.target.person("ana@x.example", id="71", unsubscribed="true")


def test_a_denial_that_stood_on_the_target_and_that_the_plan_forgot_is_found(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside(pair)
    forget(monkeypatch)
    said = pair.run("--unmask")
    assert (said.code, said.report["consent"]) == (3, "FAIL"), said.err
    found = broken(said)
    assert (1, f"5/ana@x.example/{NEWS}") in found
    assert not any(number == 21 for number, _ in found)  # the source would mail Ana


def test_what_stood_on_the_target_is_carried_and_proven_and_recorded(pair: Pair) -> None:
    pair.target.quirks.durable_opt_out = False
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    pair.target.person("ana@x.example", id="70")
    pair.target.person("ana@x.example", id="71", unsubscribed="true")
    pair.moved()
    assert not mailable(pair.target.people["70"])
    (one, *_) = [one for one in records(pair) if one["header"]["record_id"].startswith("target/71/unsubscribed")]
    assert (one["event"]["kind"], one["event"]["polarity"]) == ("objection", "-")
    assert (one["source"]["instance"], one["source"]["object"], one["source"]["id"]) == ("new", "person", "71")
    said = pair.say("consent", "--who", "ana@x.example")
    assert "target/71/unsubscribed" in said.out
    page = pair.say("status", "--who", "ana@x.example").out.strip().splitlines()[-1]
    told = orjson.loads(Path(page).with_suffix(".json").read_bytes())["facts"]
    assert {(one["source_ref"], one["word"]) for one in told} >= {("new/person/71/unsubscribed", "denies")}


def test_who_left_a_topic_there_and_the_rest_here_is_denied_everything(pair: Pair) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    pair.landed("ana@x.example").values["mmNoTopicevents"] = "true"
    assert mailable(pair.landed("ana@x.example"))
    pair.source.people["5"].values["opt_out_news"] = "true"
    pair.moved()
    assert not mailable(pair.landed("ana@x.example"))


def test_a_topic_that_was_left_on_the_target_and_is_open_after_the_run_is_found(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_topics(pair)
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    ana = pair.landed("ana@x.example")
    ana.values["mmNoTopicevents"] = "true"
    found = broken(meddled(pair, monkeypatch, lambda: ana.values.pop("mmNoTopicevents")))
    assert (1, f"5/ana@x.example/{EVENTS}") in found
    assert any(number == 3 and row.startswith(f"target/{ana.id}/mmNoTopicevents") for number, row in found)


# --- the evidence ------------------------------------------------------------------------------------------------------


def test_the_evidence_is_private_whole_and_its_head_is_kept_apart(pair: Pair) -> None:
    everything(pair)
    said = pair.moved()
    told = said.report["proof"]["evidence"]
    folder = pair.folder / ".mamigrate" / "evidence"
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o600}
    lines = (folder / told["file"]).read_bytes().splitlines(keepends=True)
    ledger = Ledger.at(pair.folder / ".mamigrate" / "ledger.sqlite")
    (kept,) = ledger.evidence()
    ledger.close()
    assert (kept.head, kept.rows, kept.file) == (told["head"], told["rows"], told["file"])
    assert trouble(lines, kept.rows, kept.head) == ""
    assert told["head"] in (pair.folder / "reports" / said.report["run"] / "run.html").read_text()


def test_the_evidence_names_nobody_but_by_a_key_of_the_project(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    heads = [one["header"] for one in records(pair)]
    assert len({one["principal"] for one in heads}) == 1
    assert all("ana" not in one["principal"] for one in heads)


def test_what_did_not_change_is_not_written_again(pair: Pair) -> None:
    everything(pair)
    first = pair.moved().report["proof"]["evidence"]
    second = pair.moved().report["proof"]["evidence"]
    assert first == second
    facts(pair, "ben@x.example,,objection,2024-01-01,CRM")
    third = pair.moved().report["proof"]["evidence"]
    assert third["head"] != first["head"]
    assert len(list((pair.folder / ".mamigrate" / "evidence").glob("*.jsonl"))) == 2


def test_no_address_stands_in_the_evidence_and_whoever_asks_for_one_finds_it(pair: Pair) -> None:
    """Texts that are none, mailboxes that are another's, references and keys that hold an address: all of them."""
    pair.source.topic("news")
    ana = pair.source.person("Ana@X.example", id="5", unsubscribed="true")
    pair.source.person("ben@gmail.com", id="6")
    for address in ("Ana@X.example", "b.en@gmail.com", "zed zed at x.example", "nobody@x.example"):
        pair.source.opt_outs.append(OptOut(address=address))
    later = ana.created_at.replace(year=2026)
    pair.source.yeses.append(Yes(address="Ana@X.example", person="5", topic="news", at=later))
    facts(pair, "Ana <ana@x.example>,,objection,,list of eva@x.example")
    pair.run()
    (file,) = (pair.folder / ".mamigrate" / "evidence").glob("*.jsonl")
    text = file.read_text(encoding="utf-8").casefold()
    assert [word for word in ("@", "ana", "gmail", "zed", "nobody") if word in text] == []
    said = pair.say("consent", "--who", "ANA@x.example")
    mine = [orjson.loads(line) for line in said.out.splitlines()]
    assert {one["event"]["kind"] for one in mine} == {"objection", "grant"}
    assert {one["party"]["holder"] for one in mine} == {"person", "address"}
    assert (said.code, said.err) == (0, f"{len(mine)} consent records in {file.name}\n")
    assert {one["source"]["object"] for one in mine} >= {"person", "opt_out", "facts.csv"}
    none = pair.say("consent", "--who", "eva@x.example")
    assert (none.code, none.out, none.err) == (0, "", "0 consent records in no file\n")
    for text in (" ", ""):
        said = pair.say("consent", "--who", text)
        assert (said.code, said.err.strip()) == (2, "--who: name an address")
    assert pair.say("consent", "--who", "zed zed at x.example").code == 0
    for text in ("notanaddress", "Atsushi <a@x>", "a@x,b@y"):
        said = pair.say("consent", "--who", text)
        assert (said.code, said.out, "this is no address" in said.err, text in said.err) == (2, "", True, False)


@pytest.mark.parametrize("command", [("consent", "--who"), ("purge", "--check")])
def test_two_lines_on_standard_input_are_refused(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, command: tuple[str, str]
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("ana@x.example\n\nben@x.example\n"))
    said = pair.say(*command, "-")
    assert (said.code, said.out) == (2, "")
    assert said.err.strip() == f"{command[1]}: standard input holds 2 lines: ask about one at a time"


def test_a_fact_that_the_evidence_lost_is_named(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    monkeypatch.setattr("mamigrate.stages.evidence.exported", lambda lines: iter([*_exported(lines)][1:]))
    said = pair.run("--unmask")
    assert said.code == 3
    assert {number for number, _ in broken(said)} == {12}


def _exported(lines: Any) -> Any:
    from mamigrate.consent.proof.record import exported

    return exported(lines)
