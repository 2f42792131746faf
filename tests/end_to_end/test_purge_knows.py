"""Whoever was denied is still known after a purge, wherever the project knew it from; and its proof can still be checked."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mamigrate.model.kinds import Kind
from mamigrate.settings.model import ProjectFile
from mamigrate.settings.project import Project
from mamigrate.stages import tombs
from mamigrate.stages.verify import Census, verify
from mamigrate.testing.memory_state import FieldDef, OptOut
from pair import Pair, decide, everything, facts, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

FLAGS = {"unsubscribed": "objection", "held": "source_hold", "blocked": "org_hold", "invalid": "undeliverable"}


def purged(pair: Pair, *words: str) -> dict[str, Any]:
    said = pair.say("purge", "--yes", "--json", *words)
    assert said.code == 0, said.err
    return said.report


def denied(pair: Pair, address: str) -> bool:
    return pair.say("purge", "--check", address).code == 3


def test_denials_that_came_after_the_move(pair: Pair) -> None:
    """On the source by address, on the target by a record that the move made."""
    for number, name in enumerate(("ana", "ben", "cho"), 5):
        pair.source.person(f"{name}@x.example", id=str(number))
    pair.moved()
    now = datetime.now(UTC)
    pair.source.opt_outs.append(OptOut(address="ana@x.example", at=now))
    ben = pair.landed("ben@x.example")
    ben.values["unsubscribed"], ben.updated_at = "true", now
    said = pair.say("sync", "--source", "old", "--target", "new", "--json")
    assert [way["fates"]["carried"] for way in said.report["ways"]] == [1, 1]
    purged(pair)
    assert [denied(pair, f"{name}@x.example") for name in ("ana", "ben", "cho")] == [True, True, False]


def test_denials_of_a_file_of_facts_that_is_gone(pair: Pair) -> None:
    everything(pair)
    facts(pair, "ben@x.example,,objection,2026-01-01,by hand")
    pair.moved()
    (pair.folder / "facts.csv").unlink()
    pair.toml.pop("facts")
    purged(pair)
    assert denied(pair, "ben@x.example")


def test_a_file_of_facts_of_which_nothing_is_left_holds_up_a_purge(pair: Pair) -> None:
    everything(pair)
    facts(pair, "ben@x.example,,objection,2026-01-01,by hand")
    pair.moved()
    for copy in (pair.folder / ".mamigrate" / "evidence" / "facts").iterdir():
        copy.unlink()
    said = pair.say("purge", "--yes", "--json")
    assert (said.code, "facts.csv" in said.err) == (3, True)


@pytest.mark.parametrize("flag", FLAGS)
def test_denials_that_stood_on_the_target_before(pair: Pair, flag: str) -> None:
    everything(pair)
    pair.source.person("tea@x.example", id="99")
    pair.target.person("tea@x.example").values[flag] = "true"
    pair.moved()
    purged(pair)
    assert denied(pair, "tea@x.example")
    assert not denied(pair, "ben@x.example")


def test_what_was_cut_off_from_the_consent_records_is_still_found(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    purged(pair)
    whole = pair.say("consent", "--verify-evidence")
    assert whole.code == 0, whole.err
    (file,) = (pair.folder / ".mamigrate" / "evidence").glob("*-*.jsonl")
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    assert pair.say("consent", "--verify-evidence").code != 0


@pytest.mark.parametrize("command", ["consent", "sync"])
def test_reports_that_mask_people_stay_without_their_rows(pair: Pair, command: str) -> None:
    everything(pair)
    pair.moved()
    pair.source.opt_outs.append(OptOut(address="ben@x.example", at=datetime.now(UTC)))
    sides = ("old", "new") if command == "consent" else ("--source", "old", "--target", "new")
    told = pair.say(command, *sides, "--json").report
    folder = pair.folder / "reports" / told["run"]
    purged(pair)
    assert sorted(path.name for path in folder.iterdir()) == [f"{command}.html", f"{command}.json"]
    left = json.loads((folder / f"{command}.json").read_bytes())
    numbers = "confusion" if command == "consent" else "sides"
    assert (left[numbers], left["destroyed"] > 0) == (told[numbers], True)


def test_json_stays_json_where_nothing_is_left(pair: Pair) -> None:
    everything(pair)
    pair.moved()
    purged(pair)
    assert pair.say("purge", "--yes", "--json").report["places"] == []


def test_a_file_of_the_project_is_told_by_name_only(pair: Pair, tmp_path: Path) -> None:
    """A file that was given by hand, and is gone: its copy is enough."""
    everything(pair)
    file = tmp_path / "given.csv"
    file.write_text("address,id,what,when,source\nben@x.example,,objection,2026-01-01,by hand\n")
    pair.moved("--facts", str(file))
    file.unlink()
    purged(pair)
    assert denied(pair, "ben@x.example")


# --- what a purge left holds in a new project ----------------------------------------------------------------------------


def fresh(pair: Pair) -> None:
    """A target that never heard of anybody."""
    for known in (pair.target.records, pair.target.unsubscribed, pair.target.opt_outs, pair.target.deleted):
        known.clear()


def anew(pair: Pair, old: Path) -> None:
    """A new project on a fresh target, beside what a purge left of the one before."""
    evidence = pair.folder / ".mamigrate" / "evidence"
    shutil.copytree(evidence, old, ignore=shutil.ignore_patterns("facts", "*-*.jsonl", "key"))
    shutil.rmtree(pair.folder)
    pair.folder.mkdir()
    fresh(pair)
    pair.toml["facts"] = f'tombstones = ["{old}"]'


def declared(pair: Pair, *more: str) -> None:
    pair.source.field(Kind.PERSON, FieldDef(name="mail_ok", custom=True))
    column = ", ".join(("values: {x: denies, o: allows}", "empty: nothing", *more))
    head = "- {id: consent-column/mail_ok, choice: declare, who: tester, when: 2026-01-01, "
    (pair.folder / "decisions.yaml").write_text(f"{head}column: {{{column}}}}}\n")


@pytest.mark.parametrize("more", ["by: staff", "topic: gone"])
def test_tombstones_of_a_column_of_staff_or_of_an_unknown_type_deny_everything(
    pair: Pair, tmp_path: Path, more: str
) -> None:
    declared(pair, more)
    for id, (name, mark) in enumerate({"ana": "x", "odd": "??", "eva": ""}.items(), 1):
        pair.source.person(f"{name}@x.example", id=str(id)).values["mail_ok"] = mark
    pair.moved()
    purged(pair)
    anew(pair, tmp_path / "old")
    for one in pair.source.people.values():
        one.values.pop("mail_ok")
    said = pair.moved()
    there = {one.values["email"].partition("@")[0]: mailable(one) for one in pair.target.people.values()}
    assert there == {"ana": False, "odd": False, "eva": True}
    (told,) = [one for one in said.report["findings"] if one["code"] == "tombstones_hold"]
    assert (told["severity"], told["params"]["count"], told["params"]["left"]) == ("note", "2", "0")


def test_a_folder_of_tombstones_that_is_not_named_any_more_blocks_until_somebody_lets_it_go(
    pair: Pair, tmp_path: Path
) -> None:
    tombs.add(Project(tmp_path, ProjectFile()), [("ana@x.example", "complaint")])
    pair.toml["facts"] = f'tombstones = ["{tmp_path / ".mamigrate" / "evidence"}"]'
    pair.source.person("ben@x.example", id="2")
    pair.moved()
    pair.source.person("ana@x.example", id="1")
    pair.toml.pop("facts")
    said = pair.run()
    assert (said.code, said.blocking) == (3, {"tombstones_unnamed"})
    (told,) = [one for one in said.report["findings"] if one["code"] == "tombstones_unnamed"]
    decide(pair, f"forget-facts/{told['params']['id']}")
    assert pair.run().code == 0


def test_a_purge_buries_whom_tombstones_of_an_earlier_project_mark(pair: Pair, tmp_path: Path) -> None:
    for id, name in enumerate(("ana", "ben"), 1):
        pair.source.person(f"{name}@x.example", id=str(id))
    facts(pair, "ana@x.example,,complaint,,")
    pair.moved()
    purged(pair, "--facts")
    anew(pair, tmp_path / "one")
    pair.moved()
    (tmp_path / "one").rename(tmp_path / "away")
    held = pair.say("purge", "--yes", "--json")
    assert (held.code, "tombstones" in held.err) == (3, True)
    (tmp_path / "away").rename(tmp_path / "one")
    purged(pair)
    assert [denied(pair, f"{name}@x.example") for name in ("ana", "ben")] == [True, False]


def another(folder: Path, address: str) -> Path:
    """What another project left: the tombstone of one address."""
    folder.mkdir()
    tombs.add(Project(folder, ProjectFile()), [(address, "erasure")])
    return folder / ".mamigrate" / "evidence"


def test_a_purge_is_held_up_where_other_tombstones_lie_in_the_place_of_those_that_a_run_read(
    pair: Pair, tmp_path: Path
) -> None:
    named, others = another(tmp_path / "a", "ana@x.example"), another(tmp_path / "b", "zoe@x.example")
    pair.toml["facts"] = f'tombstones = ["{named}"]'
    pair.source.person("ana@x.example", id="1")
    pair.source.person("ben@x.example", id="2")
    pair.moved()
    id = tombs.id_of(tombs.of_folder(named)[0])
    named.rename(tmp_path / "away")
    shutil.copytree(others, named)
    held = pair.say("purge", "--yes", "--json")
    assert (held.code, f"{named} ({id})" in held.err, f"forget-facts/{id}" in held.err) == (3, True, True)
    pair.toml["facts"] = f'tombstones = ["{named}", "{tmp_path / "away"}"]'
    purged(pair)
    assert [denied(pair, f"{name}@x.example") for name in ("ana", "ben", "zoe")] == [True, False, False]
    assert pair.say("purge", "--check", "ana@x.example").out == "denied: erased\n"


def test_tombstones_that_somebody_let_go_hold_up_no_purge_whatever_lies_there_now(pair: Pair, tmp_path: Path) -> None:
    named, others = another(tmp_path / "a", "ana@x.example"), another(tmp_path / "b", "ben@x.example")
    pair.toml["facts"] = f'tombstones = ["{named}"]'
    pair.source.person("ben@x.example", id="2")
    pair.moved()
    id = tombs.id_of(tombs.of_folder(named)[0])
    shutil.rmtree(named)
    shutil.copytree(others, named)
    pair.toml.pop("facts")
    assert pair.say("purge", "--yes").code == 3
    decide(pair, f"forget-facts/{id}")
    purged(pair)
    assert not denied(pair, "ben@x.example")


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "there"])
def test_a_purge_asks_earlier_tombstones_for_whom_only_a_file_of_facts_names(
    pair: Pair, tmp_path: Path, kept: bool
) -> None:
    """The file tells of one subscription type, which holds in no later project; the tombstone of an erasure does."""
    pair.source.topic("news")
    pair.source.person("cyd@x.example", id="3")
    facts(pair, *(f"{name}@x.example,,topic_opt_out:news,2026-01-01,a form" for name in ("ana", "ben")))
    buried = f'tombstones = ["{another(tmp_path / "a", "ana@x.example")}"]'
    pair.toml["facts"] += f"\n{buried}"
    pair.moved()
    if kept:
        (pair.folder / "facts.csv").unlink()
        pair.toml["facts"] = buried
    purged(pair)
    told = [pair.say("purge", "--check", f"{name}@x.example").out for name in ("ana", "ben")]
    assert ["erased" in one for one in told] == [True, False]


def test_tombstones_of_an_earlier_project_hold_in_a_new_one(pair: Pair, tmp_path: Path) -> None:
    """The source forgot what it was told: she was erased, he complained, another left one type, and a mark says no."""
    pair.source.topic("news")
    pair.source.field(Kind.PERSON, FieldDef(name="mail_ok", custom=True))
    column = "column: {values: {x: denies, o: allows}, empty: nothing}"
    staff = "column: {values: {x: denies}, empty: nothing, by: staff}"
    lost = "column: {values: {x: denies}, empty: nothing, topic: gone}"
    for field in ("by_staff", "of_gone"):
        pair.source.field(Kind.PERSON, FieldDef(name=field, custom=True))
    (pair.folder / "decisions.yaml").write_text(
        "".join(
            f"- {{id: consent-column/{field}, choice: declare, who: tester, when: 2026-01-01, {told}}}\n"
            for field, told in (("mail_ok", column), ("by_staff", staff), ("of_gone", lost))
        )
    )
    names = ("ana", "ben", "cyd", "dan", "eva", "flo", "gil", "hal")
    for id, name in enumerate(names, 1):
        pair.source.person(f"{name}@x.example", id=str(id))
    marks = {"4": ("mail_ok", "x"), "6": ("by_staff", "x"), "7": ("of_gone", "x"), "8": ("mail_ok", "?")}
    for key, (field, mark) in marks.items():
        pair.source.people[key].values[field] = mark
    lines = ("ana@x.example,,erasure,,", "Ben@x.example,,complaint,,", "cyd@x.example,,topic_opt_out:news,,")
    facts(pair, *lines)
    pair.run()
    assert pair.say("purge", "--yes", "--facts").code == 0
    left = pair.folder / ".mamigrate" / "evidence"
    for folder in ("old", "new"):
        shutil.copytree(left, tmp_path / folder, ignore=shutil.ignore_patterns("facts", "*-*.jsonl", "key"))
    shutil.rmtree(pair.folder)
    pair.folder.mkdir()
    for key, (field, _) in marks.items():
        del pair.source.people[key].values[field]
    fresh(pair)
    pair.toml["facts"] = f'tombstones = ["{tmp_path / "old"}"]'
    said = pair.moved()
    there = {one.values["email"].partition("@")[0]: mailable(one) for one in pair.target.people.values()}
    assert {name for name, open in there.items() if open} == {"cyd", "eva"}
    assert there.keys() == {*names} - {"ana"}
    (held,) = [one for one in said.report["findings"] if one["code"] == "tombstones_hold"]
    assert (held["severity"], held["params"]) == (
        "warn",
        {"count": "6", "what": "complaint, erasure, objection, org_hold, unparsed", "left": "1"},
    )
    number = {one["number"]: one for one in said.report["proof"]["statements"]}[13]
    assert (number["verdict"], number["violations"]) == ("PASS", 0)
    (tmp_path / "old" / "tombstones.key").unlink()
    gone = pair.run()
    assert (gone.code, "tombstones.key is not there" in gone.err) == (2, True)


def test_somebody_whom_an_earlier_project_erased_and_who_stands_there_again_breaks_statement_13(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tombs.add(Project(tmp_path, ProjectFile()), [("ana@x.example", "erasure")])
    pair.toml["facts"] = f'tombstones = ["{tmp_path / ".mamigrate" / "evidence"}"]'
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")

    def later(*given: Any) -> Census:
        pair.target.person("ana@x.example", id="70", unsubscribed="true")
        return verify(*given)

    monkeypatch.setattr("mamigrate.stages.run.verify", later)
    said = pair.run("--unmask")
    broken = {one["params"]["invariant"] for one in said.report["findings"] if one["code"] == "invariant_broken"}
    assert (said.code, "13" in broken) == (3, True)
