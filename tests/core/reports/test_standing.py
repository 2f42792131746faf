"""The headline: what is empty, unread or open never counts as fine."""

from typing import Any

import pytest

from mamigrate.reports import render
from mamigrate.reports.messages import Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.reports.standing import compared, reach_tone, standing

Facts = dict[str, Any]


@pytest.mark.parametrize(
    ("state", "code", "tone"),
    [
        ("loaded", "loaded", "good"),
        ("planned", "planned", "calm"),
        ("blocked", "blocked", "bad"),
        ("stopped", "blocked", "bad"),
        ("failed", "failed", "bad"),
        ("incomplete", "incomplete", "warn"),
    ],
)
def test_every_state_has_its_own_headline(states: dict[str, Facts], state: str, code: str, tone: str) -> None:
    assert (standing(states[state]).code, standing(states[state]).tone) == (code, tone)


def test_nobody_read_is_not_fine(loaded: Facts) -> None:
    loaded["accounts"]["person"] = {"read": 0, "buckets": {}, "closed": True}
    assert standing(loaded).code == "empty"


def test_a_sum_that_does_not_close_is_not_fine(loaded: Facts) -> None:
    loaded["accounts"]["list"]["closed"] = False
    assert standing(loaded).code == "open_sums"


def test_a_change_without_a_cause_is_not_fine(loaded: Facts) -> None:
    loaded["reach"]["unexplained"] = -1
    assert standing(loaded).code == "unexplained"


def test_an_independent_count_that_differs_is_not_fine(loaded: Facts) -> None:
    loaded["independent"]["person"] = 1326
    assert standing(loaded).code == "counts_differ"


@pytest.mark.parametrize(("before", "after", "apart"), [(1327, 1324, 0), (1326, 1327, -1), (1320, 1323, 2)])
def test_only_what_lies_outside_both_counts_differs(loaded: Facts, before: int, after: int, apart: int) -> None:
    loaded["independent"]["person"] = after
    loaded["independent_before"] = {"person": before}
    assert [one.difference for one in compared(loaded)] == [apart]
    assert (standing(loaded).code == "counts_differ") is bool(apart)


def test_archived_records_are_not_expected_in_an_independent_count(loaded: Facts) -> None:
    assert [(one.kind, one.difference) for one in compared(loaded)] == [("person", 0)]


@pytest.mark.parametrize(
    ("state", "tone"),
    [("loaded", "good"), ("planned", "calm"), ("blocked", "calm"), ("failed", "bad"), ("incomplete", "warn")],
)
def test_zero_newly_reachable_is_green_only_when_everybody_was_read_back(
    states: dict[str, Facts], state: str, tone: str
) -> None:
    assert reach_tone(states[state]) == tone


def test_a_sum_that_does_not_close_comes_before_every_other_failure(states: dict[str, Facts]) -> None:
    states["failed"]["accounts"]["list"]["closed"] = False
    assert (standing(states["failed"]).code, standing(states["failed"]).tone) == ("open_sums", "bad")


def test_people_whom_the_target_refused_stand_in_the_headline(loaded: Facts) -> None:
    loaded["accounts"]["person"]["buckets"]["rejected"] = 7
    assert (standing(loaded).code, standing(loaded).tone, standing(loaded).refused) == ("refused", "warn", 7)
    assert "Loaded, but 7 people were refused by the target" in render.run_page(loaded, "en", ())


@pytest.mark.parametrize("lang", ["en", "ja", "ko"])
def test_a_code_of_the_vendor_is_told_with_words(lang: str) -> None:
    said = Phrasebook(Messages.of("hubspot", "marketo")).word("reason", "1003").in_(lang)
    assert said.startswith("1003: ") and len(said) > len("1003: ")
