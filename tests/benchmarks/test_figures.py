"""Ratios and goals, and their place on the page."""

from pathlib import Path

import pytest
from benchmarks import page
from benchmarks.figures import at_least, at_most, number, only, table


def test_less_is_better_up_to_the_goal() -> None:
    assert at_most("peak", 512, "MiB", "limit", 512, 1.0).met is True
    assert at_most("peak", 513, "MiB", "limit", 512, 1.0).met is False


def test_more_is_better_from_the_goal_on() -> None:
    figure = at_least("rate", 70, "/s", "bare loop", 100, 0.7)
    assert (figure.ratio, figure.verdict) == (0.7, "met")
    assert at_least("rate", 69, "/s", "bare loop", 100, 0.7).verdict == "MISSED"


def test_a_figure_without_a_goal_has_no_verdict() -> None:
    assert only("growth", 20, "MiB", "before", 10).verdict == ""


@pytest.mark.parametrize(("value", "text"), [(1900.4, "1,900"), (0.2345, "0.234"), (12.3456, "12.3")])
def test_numbers_have_three_digits_or_whole_thousands(value: float, text: str) -> None:
    assert number(value) == text


def test_a_table_replaces_only_what_stands_between_its_marks(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text("# B\n<!-- begin a -->\nold\n<!-- end a -->\nkept\n<!-- begin b -->\n<!-- end b -->\n")
    figures = [at_most("calls", 104, "calls", "least", 100, 1.05)]
    page.keep("a", figures, "Measured somewhere.", file)
    text = file.read_text()
    assert "old" not in text and "kept\n<!-- begin b -->\n<!-- end b -->\n" in text
    assert f"<!-- begin a -->\n{table(figures)}\n\nMeasured somewhere.\n<!-- end a -->" in text
    assert "| calls | 104 calls | least: 100 calls | 1.04 x | at most 1.05 x | met |" in text


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    file.write_text("# B\n")
    with pytest.raises(ValueError, match="no place for a"):
        page.keep("a", [], "", file)


def test_the_page_of_the_docs_has_a_place_for_every_benchmark(tmp_path: Path) -> None:
    from benchmarks.__main__ import NAMES

    copy = tmp_path / "benchmarks.md"
    copy.write_bytes(page.PAGE.read_bytes())
    for name in NAMES:
        page.keep(name, [], "", copy)
