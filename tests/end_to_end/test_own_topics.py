"""Subscription types that only the target has, and opens by itself: cells of the proof like those of the source."""

import json
from typing import Any

import pytest

from mamigrate.testing.memory_state import Automation, OptOut, Yes
from pair import Pair, Said, mailable

pytestmark = [pytest.mark.gate, pytest.mark.turns]

PARTNER = "email/*/target:partner/MKT"


def broken(said: Said) -> set[tuple[int, str]]:
    found = [one for one in said.report["findings"] if one["code"] == "invariant_broken"]
    return {(int(one["params"]["invariant"]), one["params"]["row"]) for one in found}


def consent(pair: Pair) -> dict[str, Any]:
    return pair.say("consent", "old", "new", "--json").report


def test_a_type_of_the_target_is_a_cell_of_whoever_was_created(pair: Pair) -> None:
    pair.source.topic("news")
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    pair.moved()
    before = consent(pair)
    pair.target.topic("partner")
    for person in pair.target.people.values():
        person.values["opt_out_partner"] = "true"
    after = consent(pair)
    assert (before["verdict"], after["verdict"]) == ("PASS", "PASS")
    assert after["confusion"] == before["confusion"] | {"no_no": before["confusion"]["no_no"] + 2}
    (row,) = [one for one in after["heat"] if one["topic"] == "target:partner"]
    assert (row["before"], row["after"], after["topics"]["target:partner"]) == (0, 0, "Partner")


def test_one_that_opens_again_breaks_the_first_statement_by_its_name(pair: Pair) -> None:
    pair.source.topic("news")
    pair.target.topic("partner")
    pair.target.automations["1"] = Automation(id="1", fires_on_write=False, clears="opt_out_partner")
    pair.source.person("ana@x.example", id="5")
    said = pair.run("--unmask")
    assert (said.code, said.report["consent"]) == (3, "FAIL")
    row = f"5/ana@x.example/{PARTNER}"
    assert {found for found in broken(said) if found[0] in (1, 21)} == {(1, row), (21, row)}


def test_what_stood_open_there_is_nobody_elses(pair: Pair) -> None:
    pair.source.topic("news")
    pair.target.topic("partner")
    pair.target.person("ana@x.example", id="70")
    pair.source.person("ana@x.example", id="5")
    said = pair.moved()
    assert broken(said) == set() and pair.target.people["70"].values.get("opt_out_partner") is None


def test_what_is_left_of_an_opt_out_of_everything_closes_the_targets_own_type_too(pair: Pair) -> None:
    """She came back for the news alone; the target's own type stood open, since nobody there knew of her."""
    pair.source.topic("news")
    pair.source.topic("tips")
    pair.target.topic("partner")
    pair.target.person("ana@x.example", id="70")
    ana = pair.source.person("ana@x.example", id="5")
    pair.source.opt_outs.append(OptOut(address="ana@x.example", at=ana.created_at))
    later = ana.created_at.replace(year=2026)
    pair.source.yeses.append(Yes(address="ana@x.example", person="5", topic="news", at=later))
    pair.moved()
    there = pair.target.people["70"]
    assert mailable(there) and there.values.get("opt_out_partner") == "true"


def test_a_source_without_types_is_judged_as_a_whole_all_the_same(pair: Pair) -> None:
    pair.target.topic("partner")
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6", unsubscribed="true")
    pair.moved()
    assert mailable(pair.landed("ana@x.example")) and not mailable(pair.landed("ben@x.example"))
    assert consent(pair)["confusion"] == {"yes_yes": 1, "yes_no": 0, "no_yes": 0, "no_no": 3, "unverified": 0}


def test_a_snapshot_from_before_types_were_read_says_so(pair: Pair) -> None:
    pair.target.topic("partner")
    pair.target.person("ana@x.example", id="70")
    pair.source.person("ana@x.example", id="5")
    pair.moved()
    (folder,) = (pair.folder / ".mamigrate" / "snapshots").glob("new-*")
    before = pair.say("consent", "old", f"new@{folder.name}", "--json").report
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["kinds"]["topic"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "topic" / "rows.parquet").unlink()
    after = pair.say("consent", "old", f"new@{folder.name}", "--json").report
    found = {one["code"]: one for one in after["findings"]}
    assert "default_topics_unread" not in {one["code"] for one in before["findings"]}
    assert (found["default_topics_unread"]["subject"], found["default_topics_unread"]["params"]) == (
        "new/topic",
        {"id": folder.name},
    )
    assert (before["verdict"], after["verdict"]) == ("PASS", "INCOMPLETE")
