"""``mamigrate consent``: the facts of one side against what stands on the other now; two vendors in memory."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from mamigrate import clock
from mamigrate.model.kinds import Kind
from mamigrate.reports import render
from mamigrate.reports.messages import Messages
from mamigrate.stages import consent_facts, report, rollback
from mamigrate.stages import reach as reaching
from mamigrate.stages.returned import FEW
from mamigrate.testing.memory_state import ListDef, OptOut, Yes
from markup import words as told_in
from pair import Pair, Said, decide, everything, facts
from sheets import read

pytestmark = [pytest.mark.gate, pytest.mark.turns]


def judged(pair: Pair, *words: str, old: str = "old", new: str = "new") -> Said:
    return pair.say("consent", old, new, "--json", *words)


def page(pair: Pair, said: Said) -> str:
    path: Path = pair.folder / "reports" / said.report["run"] / "consent.html"
    return path.read_text()


def test_what_was_moved_is_proven_again_and_nothing_is_written(pair: Pair) -> None:
    everything(pair)
    pair.source.topic("news")
    pair.moved()
    before = pair.writes()
    said = judged(pair)
    assert (said.code, said.report["verdict"]) == (0, "PASS"), said.err
    assert pair.writes() == before
    assert said.report["confusion"] == {"yes_yes": 1, "yes_no": 0, "no_yes": 0, "no_no": 2, "unverified": 0}
    assert {one["missing"] for one in said.report["balance"]} == {0}
    assert sum(one["denied"] for one in said.report["balance"]) == 3
    (heat,) = said.report["heat"]
    assert (heat["before"], heat["after"], heat["new"]) == (1, 1, 0)


def test_only_what_read_both_sides_itself_is_told_as_a_census_with_the_time_of_its_reading(pair: Pair) -> None:
    everything(pair)
    pair.source.topic("news")
    pair.moved()
    own = judged(pair)
    before, *_ = sorted((pair.folder / ".mamigrate" / "snapshots").glob("new-*"))
    kept = [judged(pair, old="old@last"), judged(pair, new=str(before))]
    _as_if_read(pair, "2026-01-02T03:04:00Z")
    said = judged(pair)
    assert [(one["command"], one["run"], one["proven"]) for one in said.report["censuses"]] == [
        ("consent", own.report["run"], True),
        ("run", said.report["censuses"][1]["run"], True),
    ]
    assert said.report["censuses"][0]["read"] <= said.report["censuses"][0]["at"]
    assert said.report["censuses"][1]["read"] == "2026-01-02T03:04:00+00:00"
    assert "until 2026-01-02 03:04" in page(pair, said)
    assert not any(one.report["run"] in page(pair, said) for one in kept)


def _as_if_read(pair: Pair, at: str) -> None:
    """What the first snapshot of the source says of its end."""
    first, *_ = sorted((pair.folder / ".mamigrate" / "snapshots").glob("old-*/manifest.json"))
    first.write_text(json.dumps(json.loads(first.read_text()) | {"landed_at": at}))


def test_who_became_mailable_since_is_told_in_red(pair: Pair) -> None:
    everything(pair)
    pair.source.topic("news")
    pair.moved()
    pair.landed("ana@x.example").values.pop("unsubscribed")
    said = judged(pair)
    assert (said.code, said.report["verdict"]) == (3, "FAIL")
    assert said.report["confusion"]["no_yes"] == 1
    (heat,) = said.report["heat"]
    assert heat["new"] == 1
    assert sum(one["missing"] for one in said.report["balance"]) == 2
    assert 'class="must bad"' in page(pair, said)
    assert "ana@x.example" not in said.out + page(pair, said)


def test_a_proof_that_failed_says_why_on_the_screen_and_on_top_of_the_page(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    pair.landed("ana@x.example").values.pop("unsubscribed")
    said = pair.say("consent", "old", "new")
    assert said.code == 3
    assert said.err.count("block: ") >= 1
    assert "ana@x.example" not in said.err
    *_, verdict, path = said.out.splitlines()
    assert "broken" in verdict
    banner = Path(path).read_text().split("</section>")[0]
    assert "statements broken: " in banner
    (first, *_) = (line for line in said.err.splitlines() if line.startswith("block: "))
    assert escape(first.removeprefix("block: ")) in banner


def test_a_denial_made_on_the_old_side_since_is_asked_for(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    pair.source.records[Kind.PERSON]["5"].values["unsubscribed"] = "true"
    assert judged(pair).code == 3
    assert judged(pair, old="old@last").code == 3
    said = judged(pair, old=f"old@{_first(pair, 'old')}")
    assert (said.code, said.report["verdict"]) == (0, "PASS")


def _first(pair: Pair, name: str) -> str:
    return min(path.name for path in (pair.folder / ".mamigrate" / "snapshots").glob(f"{name}-*"))


def test_a_folder_and_a_plan_are_operands_too(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    folder = pair.folder / ".mamigrate" / "snapshots" / _first(pair, "old")
    assert judged(pair, old=str(folder)).code == 0
    (plan,) = (pair.folder / ".mamigrate" / "plans").iterdir()
    assert judged(pair, old=f"plan:{plan.name}").code == 0


def test_the_new_side_as_it_was_looked_up_is_judged_without_a_call(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.target.person("ana@x.example", id="70")
    pair.moved()
    asked = pair.target.calls["find person"]
    said = judged(pair, old="old@last", new=f"new@{_first(pair, 'new')}")
    assert (said.code, said.report["verdict"]) == (3, "FAIL")
    assert pair.target.calls["find person"] == asked


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("old@never", "new", "no snapshot"),
        ("new@last", "new", "no snapshot"),
        ("plan:none", "new", "no plan"),
        ("old", "plan:none", "name the new side"),
    ],
)
def test_an_operand_that_is_not_there_is_refused(pair: Pair, old: str, new: str, word: str) -> None:
    pair.source.person("ana@x.example")
    said = judged(pair, old=old, new=new)
    assert said.code == 2
    assert word in said.err


def test_what_was_read_of_the_target_before_a_run_wrote_is_no_proof_of_it(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.target.person("ana@x.example", id="70")
    pair.moved()
    said = judged(pair, old="old@last", new="new@last")
    assert (said.code, "before run" in said.err, "consent OLD new" in said.err) == (2, True, True)
    assert judged(pair, old="old@last", new="new").code == 0


def test_before_the_target_settled_it_says_when_to_come_back(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    said = judged(pair, "--settle", "24h")
    assert (said.code, said.report["verdict"]) == (5, "INCOMPLETE")
    assert said.report["settled_due"]
    assert said.report["now"] == "PASS"
    later = a_day_later(pair, "24h")
    assert (later.code, later.report["verdict"], settled(later)) == (0, "PASS", ("PASS", ""))


def a_day_later(pair: Pair, span: str) -> Said:
    with clock.standing(clock.HandClock(datetime.now(UTC) + timedelta(hours=24.1))):
        return judged(pair, "--settle", span)


def settled(said: Said) -> tuple[str, str]:
    (settling,) = [one for one in said.report["proof"]["statements"] if one["number"] == 20]
    return settling["verdict"], settling["reason"]


@pytest.mark.parametrize("span", ["0h", "1439m"])
def test_less_than_a_day_is_too_soon_to_call_anything_settled(pair: Pair, span: str) -> None:
    """However long ago the last write is: whoever asks for less would ask for it at once, too."""
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    said = judged(pair, "--settle", span)
    assert (said.code, said.report["verdict"], said.report["now"]) == (5, "INCOMPLETE", "PASS")
    assert settled(said) == ("INCOMPLETE", "too_soon")
    assert (said.report["settle"]["least_hours"], said.report["settle"]["why"]) == (24, "too_soon")
    assert "too soon to call it settled: it takes 24 h" in page(pair, said)
    assert settled(a_day_later(pair, span)) == ("INCOMPLETE", "too_soon")


def test_where_a_crm_is_linked_a_cycle_of_its_sync_must_lie_between(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    link = 'sync = "paused"\nsigned = "Ana Ito"'
    pair.toml["crm_link"] = link
    pair.moved()
    said = a_day_later(pair, "24h")
    assert (said.code, said.report["now"], settled(said)) == (3, "PASS", ("INCOMPLETE", "crm_cycle_unknown"))
    assert "one full cycle of its sync" in page(pair, said)
    pair.toml["crm_link"] = f"{link}\ncycle_hours = 2"
    assert settled(a_day_later(pair, "24h")) == ("PASS", "")
    pair.toml["crm_link"] = f"{link}\ncycle_hours = 48"
    assert settled(a_day_later(pair, "24h")) == ("INCOMPLETE", "too_soon")
    longer = a_day_later(pair, "48h")
    assert (longer.code, settled(longer)) == (5, ("INCOMPLETE", "settles_later"))


def test_what_the_target_undid_meanwhile_breaks_the_settled_proof(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    pair.landed("ana@x.example").values.pop("unsubscribed")
    said = a_day_later(pair, "24h")
    assert (said.code, settled(said)[0]) == (3, "FAIL")


def test_a_broken_proof_is_not_excused_by_time(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    pair.landed("ana@x.example").values.pop("unsubscribed")
    assert judged(pair, "--settle", "24h").code == 3


def test_an_erased_address_that_stands_there_again_is_named(pair: Pair) -> None:
    pair.source.person("ben@x.example", id="6")
    pair.source.opt_outs.append(OptOut(address="gone@x.example", kind="erasure"))
    pair.moved()
    pair.target.person("gone@x.example", id="99")
    said = judged(pair)
    broken = {one["number"] for one in said.report["proof"]["statements"] if one["verdict"] == "FAIL"}
    assert (said.code, broken >= {1, 13}) == (3, True)


def test_everything_that_the_proof_follows_from_is_named_by_its_hash(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    facts(pair, "ben@x.example,,objection,2024-01-01,CRM")
    pair.moved()
    said = judged(pair)
    named = {one["name"]: one["sha256"] for one in said.report["inputs"]["files"]}
    snapshots = pair.folder / ".mamigrate" / "snapshots"
    ours = {"mamigrate.toml": pair.folder / "mamigrate.toml", "facts.csv": pair.folder / "facts.csv"}
    for side in ("source", "target"):
        name = f"{said.report[side]['snapshot']}/manifest.json"
        ours[name] = snapshots / name
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in ours.items()}.items() <= named.items()
    assert [name.partition(" (")[0] for name in named.keys() - ours.keys()] == ["facts.csv"]  # as it was kept
    book = pair.folder / "reports" / said.report["run"] / "consent.xlsx"
    cells = {cell for one in read(book.read_bytes()) for row in one.rows for cell in row}
    for digest in [*named.values(), said.report["inputs"]["mapping"]]:
        assert digest in page(pair, said)
        assert digest in cells


def test_a_loss_that_nothing_explains_is_not_proven(pair: Pair) -> None:
    """One of two people of whom no rule says that they may not be mailed lost the address on the target."""
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    pair.landed("ana@x.example").values.pop("email")
    said = judged(pair)
    (told,) = [one for one in said.report["findings"] if one["code"] == "reach_unexplained"]
    assert (said.code, said.report["verdict"], said.report["unexplained"]) == (3, "INCOMPLETE", -1)
    assert told["params"] == {"people": "1", "before": "2"}
    assert "no rule says why" in page(pair, said)


def test_a_run_that_lost_people_for_no_reason_ends_unproven(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(*asked: Any) -> reaching.Reach:
        return replace(reaching.reach(*asked), unexplained=-1)

    monkeypatch.setattr(report, "reach", lossy)
    pair.source.person("ana@x.example", id="5")
    said = pair.run()
    assert (said.code, said.report["consent"], said.blocking) == (3, "INCOMPLETE", set())
    assert "reach_unexplained" in {one["code"] for one in said.report["findings"]}
    assert "not proven (INCOMPLETE)" in said.err


def returned(pair: Pair, number: int) -> None:
    """People who left a topic and came back to it by a proven yes."""
    pair.source.topic("news")
    later = OptOut(address="x").at
    assert later is not None
    for n in range(number):
        who = f"p{n}@x.example"
        pair.source.person(who, id=f"{n}")
        pair.source.opt_outs.append(OptOut(address=who, topic="news", brand="main", kind="topic_opt_out"))
        pair.source.yeses.append(Yes(address=who, person=f"{n}", topic="news", at=later.replace(year=2026)))


def test_many_returns_wait_for_a_signature_that_is_for_so_many_people(pair: Pair) -> None:
    returned(pair, FEW + 1)
    said = pair.run()
    assert (said.code, said.report["consent"], said.blocking) == (3, "INCOMPLETE", set())
    (told,) = [one for one in said.report["findings"] if one["code"] == "denials_lifted_many"]
    assert told["params"] == {"people": "11", "denied": "11", "id": "lifted-denials/11"}
    (asked,) = [one for one in said.report["decisions_open"] if one["id"].startswith("lifted-denials")]
    assert asked == {"id": "lifted-denials/11", "safe": "refuse", "stops": False}
    assert (judged(pair).code, judged(pair).report["verdict"]) == (3, "INCOMPLETE")
    decide(pair, "lifted-denials/10")
    assert judged(pair).code == 3
    decide(pair, "lifted-denials/12")
    assert (judged(pair).code, judged(pair).report["verdict"]) == (0, "PASS")
    assert pair.moved().report["decisions_open"] == []


def test_few_returns_are_listed_and_nobody_signs(pair: Pair) -> None:
    returned(pair, FEW)
    pair.moved()


def test_lifted_denials_grants_unparsed_values_and_unmapped_types_are_listed(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", topic="news", brand="main", kind="topic_opt_out"))
    later = OptOut(address="x").at
    assert later is not None
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=later.replace(year=2026)))
    facts(pair, "ben@x.example,,perhaps,2024-01-01,CRM")
    pair.moved()
    said = judged(pair)
    assert said.code == 0
    assert {one["topic"] for one in said.report["lifted"]} == {"news"}
    assert [one["raw"] for one in said.report["unparsed"]] == ["perhaps"]
    assert [(one["kind"], one["proof"], one["grants"]) for one in said.report["grants"]] == [("grant", 3, 1)]
    assert said.report["files"]["facts"] >= 1
    assert "ana@x.example" not in json.dumps(said.report)
    assert "agreed, level of proof 3 (of 0 to 4)" in page(pair, said)
    assert "object at 0x" not in page(pair, said)


def test_a_denial_of_everything_that_ended_for_a_topic_is_held_and_the_page_says_why(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.topic("events")
    pair.source.person("ana@x.example", id="5")
    left = OptOut(address="ana@x.example")
    pair.source.opt_outs.append(left)
    assert left.at is not None
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=left.at.replace(year=2026)))
    pair.run()
    said = judged(pair)
    assert (said.report["lifted_number"], {one["lifted"] for one in said.report["balance"]}) == (2, {0})
    shown = " ".join(told_in(page(pair, said), "en"))
    assert "counts as held, not as lifted: 2 have ended for a topic in all" in shown
    assert "People who may be mailed nothing any more. A single topic may lose more" in shown


def test_holds_are_told_by_cause(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.source.lists["9"] = ListDef(id="9", name="No mail", exclusion=True, members=["5"])
    pair.moved()
    said = judged(pair)
    assert {one["cause"]: one["people"] for one in said.report["held"]} == {"source_hold": 1}
    assert (said.report["before"], said.report["after"]) == (1, 1)


def test_a_field_that_holds_somebody_is_named_on_the_page(pair: Pair) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()
    told = judged(pair).report
    assert [sorted(one) for one in told["held"]] == [["cause", "field", "label", "people"]]
    held = {"cause": "held_by_field", "field": "hs_status", "label": "Marketing status", "people": 85}
    text = render.consent_page(told | {"held": [held]}, "en", ())
    assert "Held by Marketing status (hs_status)" in text
    assert "{field}" not in text
    assert "until somebody signs" not in text


def test_the_page_holds_every_language(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    text = page(pair, judged(pair, "--lang", "ko"))
    assert '<html lang="ko">' in text
    for words in ("Balance of denials", "拒否の収支", "거부의 수지"):
        assert words in text


def test_the_last_line_is_the_page_and_a_person_reads_the_verdict(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    pair.moved()
    said = pair.say("consent", "old", "new")
    *_, verdict, path = said.out.splitlines()
    assert verdict.startswith("consent: PASS; 0 cells newly open")
    assert Path(path).name == "consent.html"
    assert Path(path).is_file()


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_the_workbook_holds_what_is_signed(pair: Pair, lang: str) -> None:
    everything(pair)
    pair.source.topic("news")
    pair.moved()
    said = judged(pair, "--lang", lang)
    folder = pair.folder / "reports" / said.report["run"]
    statements, lifted, held, signed = read((folder / "consent.xlsx").read_bytes())
    words = Messages.of()
    told = {row[0]: row for row in statements.rows if row and str(row[0]).startswith("I")}
    assert len(told) == len(said.report["proof"]["statements"])
    first = said.report["proof"]["statements"][0]
    sentence = f"I{first['number']} · {words.text('page_statement_' + str(first['number']), lang)}"
    assert told[sentence][2:5] == [first["checked"], first["violations"], first["unverified"]]
    assert lifted.table(words.text("page_param_topic", lang)) == []
    assert sum(int(row[1] or 0) for row in held.table(words.text("page_cause", lang))) == sum(
        one["people"] for one in said.report["held"]
    )
    texts = [cell for row in signed.rows for cell in row]
    assert hashlib.sha256((folder / "consent.json").read_bytes()).hexdigest() in texts
    assert said.report["proof"]["evidence"]["head"] in texts


def test_each_lifted_denial_has_a_line_to_sign(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", topic="news", brand="main", kind="topic_opt_out"))
    later = OptOut(address="x").at
    assert later is not None
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=later.replace(year=2026)))
    pair.moved()
    said = judged(pair)
    _, lifted, _, _ = read((pair.folder / "reports" / said.report["run"] / "consent.xlsx").read_bytes())
    rows = lifted.table("subscription type")
    assert len(rows) == said.report["lifted_number"] == len(said.report["lifted"])
    assert said.report["lifted_left"] == 0
    assert rows[0][5:] == [None, None, None]


def test_rows_that_a_list_leaves_out_are_told_with_where_they_are(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_facts, "ROWS", 1)
    pair.source.topic("news")
    for id, address in ("5", "ana@x.example"), ("6", "ben@x.example"):
        pair.source.person(address, id=id)
        pair.source.opt_outs.append(OptOut(address=address, topic="news", brand="main", kind="topic_opt_out"))
        later = OptOut(address="x").at
        assert later is not None
        pair.source.yeses.append(Yes(address=address, person=id, topic="news", at=later.replace(year=2026)))
    pair.moved()
    said = judged(pair)
    told = said.report
    assert (len(told["lifted"]), told["lifted_left"]) == (1, told["lifted_number"] - 1)
    left = f"{told['lifted_left']} more are not listed here. Every one stands in the consent records, {told['proof']['evidence']['file']}"
    assert told["lifted_left"] > 0
    assert left in page(pair, said)
    _, lifted, _, _ = read((pair.folder / "reports" / told["run"] / "consent.xlsx").read_bytes())
    assert any(left in str(cell) for row in lifted.rows for cell in row)


# --- the evidence ------------------------------------------------------------------------------------------------------


def test_evidence_that_somebody_touched_is_found(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    whole = pair.say("consent", "--verify-evidence")
    assert whole.code == 0
    assert "whole" in whole.out
    (file,) = (pair.folder / ".mamigrate" / "evidence").glob("*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    cut = pair.say("consent", "--verify-evidence", str(file))
    assert cut.code == 3
    assert f"{len(lines)} were written" in cut.out


def test_a_file_of_somewhere_else_has_no_head_here(pair: Pair, tmp_path: Path) -> None:
    everything(pair)
    pair.moved()
    (file,) = (pair.folder / ".mamigrate" / "evidence").glob("*.jsonl")
    other = tmp_path / "other.jsonl"
    other.write_bytes(file.read_bytes())
    said = pair.say("consent", "--verify-evidence", str(other))
    assert said.code == 3
    assert "no head of it was kept here" in said.out


def test_there_must_be_something_to_verify_and_two_sides_to_judge(pair: Pair) -> None:
    assert pair.say("consent", "--verify-evidence").code == 2
    assert pair.say("consent", "old").code == 2
    assert pair.say("consent", "old", "new", "--settle", "soon").code == 2


def test_after_a_rollback_the_last_move_is_judged(pair: Pair) -> None:
    """The rollback gave Ben his name back, which says nothing of permission."""
    pair.source.person("ben@x.example", id="6", first_name="Ben", city="Kyoto")
    pair.target.person("ben@x.example", id="70", first_name="Benjamin")
    pair.moved()
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    said = judged(pair)
    assert (said.code, said.report["verdict"]) == (0, "PASS"), said.err


def test_after_a_killed_rollback_the_last_move_is_judged(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.person("ana@x.example", id="5", unsubscribed="true")
    pair.moved()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rollback, "_close", killed)
        assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 130
    assert pair.say("rollback", "--source", "old", "--target", "new", "--yes").code == 0
    said = judged(pair)
    assert said.code in (0, 3), said.err


def test_who_left_since_and_was_denied_by_a_sync_breaks_no_statement(pair: Pair) -> None:
    for number, name in enumerate(("ana", "ben", "cho"), 5):
        pair.source.person(f"{name}@x.example", id=str(number))
    pair.moved()
    pair.source.opt_outs.append(OptOut(address="ana@x.example", at=datetime.now(UTC)))
    assert pair.say("sync", "--source", "old", "--target", "new", "--json").code == 0
    said = pair.say("consent", "old", "new", "--json")
    broken = [one["number"] for one in said.report["proof"]["statements"] if one["verdict"] == "FAIL"]
    assert (said.code, broken) == (0, []), said.err
    (late,) = (one for one in said.report["proof"]["statements"] if one["number"] == 11)
    assert (late["verdict"], late["checked"]) == ("PASS", 1)
    assert "no sync ran" not in page(pair, said)


def test_a_file_of_records_that_is_gone_is_named_where_somebody_asks_about_an_address(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    (file,) = (pair.folder / ".mamigrate" / "evidence").glob("*-*.jsonl")
    file.unlink()
    said = pair.say("consent", "--who", "ben@x.example")
    assert (said.code, f"{file.name}: it is not there" in said.err) == (3, True)
