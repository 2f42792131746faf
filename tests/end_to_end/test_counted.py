"""What was read, beside the source's own counts before and after: what both know and nobody read is told."""

import pytest

from pair import Pair, Said, decide

pytestmark = [pytest.mark.gate, pytest.mark.turns]


@pytest.fixture
def two(pair: Pair) -> Pair:
    pair.source.person("ana@x.example", id="5")
    pair.source.person("ben@x.example", id="6")
    return pair


def found(said: Said) -> list[tuple[str, str, str]]:
    told = [one for one in said.report["findings"] if one["code"].startswith("count_")]
    return [(one["code"], one["severity"], one["params"]["n"]) for one in told]


@pytest.mark.parametrize("counts", [[0, 0], [1, 0], [0, 3], [-1, 1], [1, -1]])
def test_people_who_come_and_go_while_they_are_read_are_no_finding(two: Pair, counts: list[int]) -> None:
    two.source.quirks.counts = counts
    assert found(two.moved()) == []


def test_people_whom_both_counts_know_and_nobody_read_stop_the_run(two: Pair) -> None:
    two.source.quirks.counts = [1, 2]
    said = two.run()
    assert said.code == 3
    assert found(said) == [("count_short", "block", "1")]
    assert two.writes() == 0


def test_a_count_that_somebody_calls_wrong_lets_the_run_go_on(two: Pair) -> None:
    two.source.quirks.counts = [1, 1]
    decide(two, "count-short/person")
    assert found(two.moved()) == [("count_short", "warn", "1")]


def test_people_whom_no_count_knows_are_told_and_moved(two: Pair) -> None:
    two.source.quirks.counts = [-1, -2]
    said = two.moved()
    assert found(said) == [("count_over", "warn", "1")]
    assert said.report["independent"]["person"] == 0
    assert said.report["independent_before"]["person"] == 1
