"""Where the report begins is what the source itself mails; whatever denies beside it is a step of its own, and no cause of others."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from mamigrate.contract import Blocker
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.testing import memory, memory_late
from mamigrate.testing.memory_schema import BLOCKERS
from mamigrate.testing.memory_state import FieldDef, OptOut
from markup import words
from pair import Pair, Said, facts

pytestmark = [pytest.mark.gate, pytest.mark.turns]

HELD_BY_FIELD = (*BLOCKERS, Blocker("cold", "true", "source_hold"))
NAMES = ("ana", "ben", "cyd", "dan", "eva", "flo")
ADDRESSES = tuple(f"{name}@x.example" for name in NAMES)


@pytest.fixture(autouse=True)
def estate(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six people: Ana left, a field of the source holds Ben, and the other four are mailed."""
    for module in (memory, memory_late):
        monkeypatch.setattr(module, "BLOCKERS", HELD_BY_FIELD)
    monkeypatch.setattr(memory.Memory, "blockers", HELD_BY_FIELD)
    for side in (pair.source, pair.target):
        side.field(Kind.PERSON, FieldDef(name="cold", type=DataType.BOOLEAN))
        side.field(Kind.PERSON, FieldDef(name="country", meaning="country"))
    pair.source.field(Kind.PERSON, FieldDef(name="mail_ok", custom=True))
    pair.source.topic("news")
    for id, address in enumerate(ADDRESSES, 1):
        pair.source.person(address, id=str(id), country="USA")
    pair.source.people["1"].values["unsubscribed"] = "true"
    pair.source.people["2"].values["cold"] = "true"


def filed(pair: Pair, *addresses: str) -> None:
    facts(pair, *(f"{one},,objection,2024-01-01,CRM" for one in addresses))


def declared(pair: Pair, *keys: str) -> None:
    text = "column: {values: {x: denies}, empty: nothing}"
    head = "- {id: consent-column/mail_ok, choice: declare, who: tester, when: 2026-01-01, "
    (pair.folder / "decisions.yaml").write_text(f"{head}{text}}}\n")
    for key in keys:
        pair.source.people[key].values["mail_ok"] = "x"


def buried(pair: Pair, folder: Path, *addresses: str) -> None:
    """A project before this one was purged: it knew from a file that these left."""
    filed(pair, *addresses)
    pair.moved()
    assert pair.say("purge", "--yes", "--facts").code == 0
    left = pair.folder / ".mamigrate" / "evidence"
    shutil.copytree(left, folder, ignore=shutil.ignore_patterns("facts", "*-*.jsonl", "key"))
    shutil.rmtree(pair.folder)
    pair.folder.mkdir()
    for known in (pair.target.records, pair.target.unsubscribed, pair.target.opt_outs, pair.target.deleted):
        known.clear()
    pair.toml["facts"] = f'tombstones = ["{folder}"]'


def steps(report: dict[str, Any]) -> dict[str, int]:
    """What is not nothing."""
    found = report["reach"]["steps"] if "reach" in report else report["restricted"]
    return {one["cause"]: one["people"] for one in found if one["people"]}


def kept(report: dict[str, Any]) -> dict[tuple[str, str], int]:
    found = report["reach"]["kept"] if "reach" in report else report["held"]
    return {(one["cause"], one["field"]): one["people"] for one in found}


def same(pair: Pair, said: Said) -> dict[str, Any]:
    """What the consent page says of the same estate: its sums are the run's, and its table begins there too."""
    reach, told = said.report["reach"], pair.say("consent", "old", "new", "--json").report
    assert (told["before"], told["after"], told["unexplained"]) == (reach["before"], reach["after"], 0)
    assert (steps(told), kept(told)) == (steps(said.report), kept(said.report))
    (heat,) = told["heat"]
    assert (heat["before"], heat["after"], heat["new"]) == (reach["before"], reach["after"], 0)
    assert heat["before"] - heat["lost"] - heat["merged"] + heat["more"] == heat["after"]
    assert reach["before"] + sum(steps(said.report).values()) == reach["after"]
    return told


OWN = {("objection", ""): 1, ("held_by_field", "cold"): 1}
"""Why Ana and Ben are not mailed, whatever else is said of them."""


def test_a_file_takes_people_away_in_a_step_of_its_own(pair: Pair) -> None:
    filed(pair, *ADDRESSES[:3])
    said = pair.moved()
    assert (said.report["reach"]["before"], steps(said.report)) == (4, {"opt_outs_from_files": -1})
    assert kept(said.report) == OWN | {("opt_outs_from_files", ""): 1}
    told = same(pair, said)
    page = " ".join(words((pair.folder / "reports" / told["run"] / "consent.html").read_text(), "en"))
    assert "email · main · News | 4 | −1 | 0 | 0 | 3 | 0 | 0" in page


def test_a_declared_column_takes_people_away_in_a_step_of_its_own(pair: Pair) -> None:
    declared(pair, "1", "2", "3", "4")
    said = pair.moved()
    assert (said.report["reach"]["before"], steps(said.report)) == (4, {"denied_by_columns": -2})
    assert kept(said.report) == OWN | {("denied_by_columns", ""): 2}
    same(pair, said)


def test_tombstones_take_people_away_in_a_step_of_their_own(pair: Pair, tmp_path: Path) -> None:
    buried(pair, tmp_path / "old", *ADDRESSES[:3])
    said = pair.moved()
    assert (said.report["reach"]["before"], steps(said.report)) == (4, {"denied_by_tombstones": -1})
    assert kept(said.report) == OWN | {("denied_by_tombstones", ""): 1}
    same(pair, said)


def test_a_law_takes_people_away_in_a_step_of_its_own(pair: Pair) -> None:
    for key in ("2", "3"):
        pair.source.people[key].values["country"] = "Germany"
    pair.toml["consent"] = 'packs = ["gdpr", "can_spam"]\nsigned = "Ana Ito, 2026-11-20"'
    said = pair.moved()
    assert (said.report["reach"]["before"], steps(said.report)) == (4, {"no_basis": -1})
    assert kept(said.report) == OWN | {("no_basis", ""): 1}
    same(pair, said)


def test_whoever_several_deny_beside_the_source_is_told_once_and_in_the_order_of_the_steps(
    pair: Pair, tmp_path: Path
) -> None:
    buried(pair, tmp_path / "old", "cyd@x.example")
    pair.toml["facts"] += '\nfiles = ["facts.csv"]'
    rows = "".join(f"{one},,org_hold,2024-01-01,CRM\n" for one in ADDRESSES[:5])
    (pair.folder / "facts.csv").write_text(f"address,id,what,when,source\n{rows}")
    declared(pair, "2", "3", "4")
    said = pair.moved()
    assert said.report["reach"]["before"] == 4
    assert steps(said.report) == {"denied_by_tombstones": -1, "denied_by_columns": -1, "opt_outs_from_files": -1}
    others = {("denied_by_tombstones", ""): 1, ("denied_by_columns", ""): 1, ("org_hold", ""): 1}
    assert kept(said.report) == OWN | others
    same(pair, said)


def test_a_text_with_an_address_inside_is_another_spelling_to_the_source(pair: Pair) -> None:
    pair.source.opt_outs.append(OptOut(address="Cyd <cyd@x.example>"))
    said = pair.moved()
    assert (said.report["reach"]["before"], steps(said.report)) == (4, {"denied_at_other_spelling": -1})
