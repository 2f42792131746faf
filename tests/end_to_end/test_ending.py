"""What stands on the screen when a command ends; between two vendors in memory."""

import json
from pathlib import Path

from pair import Pair, Said, decide, everything

MOVE = ("--source", "old", "--target", "new")


def lines(said: Said) -> list[str]:
    """All but the last, which is the page."""
    *told, page = said.out.splitlines()
    assert Path(page).name == "run.html" and Path(page).exists()
    return told


def test_a_move_ends_with_its_verdict_its_sums_and_its_page(pair: Pair) -> None:
    everything(pair)
    standing, people, every = lines(pair.say("run", *MOVE))
    assert standing.startswith("every account closed; consent: PASS; findings: 0 block, ")
    assert people.startswith("people: 2 created, 0 updated, 0 equal, ")
    assert every.startswith("everything: ")
    standing, people, _ = lines(pair.say("run", *MOVE))
    assert standing.startswith("every account closed; ")
    assert people.startswith("people: 0 created, 0 updated, 2 equal, ")


def test_a_plan_ends_with_who_signed_the_mapping_and_the_command_that_applies_it(pair: Pair) -> None:
    everything(pair)
    standing, people, every, following = lines(pair.say("plan", *MOVE))
    assert standing.startswith("nothing was written; consent: not judged yet; findings: 0 block, ")
    assert people.startswith("people planned: 2 created, ") and every.startswith("everything planned: ")
    assert following.startswith("mapping.yaml is signed by sandbox on ")
    words = f"mamigrate apply --source old --target new --project {pair.folder}"
    assert following.endswith(f"; next: {words}")


def test_a_proposed_mapping_is_not_signed(pair: Pair) -> None:
    pair.signed = False
    pair.source.person("ana@x.example")
    decide(pair, "irreversible/create-fields")
    *_, following = lines(pair.say("plan", *MOVE))
    assert following.startswith("mapping.yaml is proposed, and nobody has signed it; next: mamigrate apply ")


def test_a_move_that_findings_stop_says_so_and_names_no_next_command(pair: Pair) -> None:
    everything(pair)
    pair.target.quirks.crm_linked = True
    standing, people, every = lines(pair.say("run", *MOVE))
    assert standing.startswith("nothing was written; consent: not judged yet; findings: 1 block, ")
    assert people.startswith("people planned: ") and every.startswith("everything planned: ")


def test_json_stays_alone(pair: Pair) -> None:
    pair.source.person("ana@x.example")
    assert pair.say("run", *MOVE, "--json").report["consent"] == "PASS"


def test_a_plan_a_run_its_ledger_and_its_workbook_tell_one_sum_of_everything(pair: Pair) -> None:
    everything(pair)
    pair.source.person("ANA@x.example", id="9")
    planned = pair.say("plan", *MOVE, "--json").report
    *_, every, _ = pair.say("run", *MOVE).out.splitlines()
    (newest, *_) = json.loads(pair.say("status", "--json").out)
    whole = sums(planned["plan"]["counts"])
    assert newest["everything"] == whole
    assert every == "everything: " + ", ".join(f"{whole.get(name, 0)} {name}" for name in SHOWN)
    (line,) = [one for one in pair.say("status").out.splitlines() if one.startswith("  everything: ")]
    assert line == "  everything: " + ", ".join(f"{name} {n}" for name, n in sorted(whole.items()))
    said = json.loads((pair.folder / "reports" / newest["id"] / "run.json").read_text())["accounts"]
    assert sums({kind: one["buckets"] for kind, one in said.items()}, "consent_fact", "list_membership") == whole
    assert {"consent_fact", "list_membership"} <= set(said)


def sums(kinds: dict[str, dict[str, int]], *but: str) -> dict[str, int]:
    """Added up once more, on purpose."""
    found: dict[str, int] = {}
    for kind, buckets in kinds.items():
        for name, n in buckets.items() if kind not in but else ():
            found[name] = found.get(name, 0) + n
    return found


SHOWN = ("created", "updated", "equal", "merged", "parked", "left")
