"""What stands on the screen when a command ends; between two vendors in memory."""

from pathlib import Path

from pair import Pair, Said, decide, everything

"""Ibis asks DuckDB in its old way; nothing of ours."""

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
    standing, people, following = lines(pair.say("plan", *MOVE))
    assert standing.startswith("nothing was written; consent: not judged yet; findings: 0 block, ")
    assert people.startswith("people planned: 2 created, ")
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
