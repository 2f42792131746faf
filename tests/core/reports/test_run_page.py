"""The run's page: what it says in each state and language, and how it is built."""

import os
from pathlib import Path
from typing import Any

import pytest

from mamigrate.reports import render
from mamigrate.reports.messages import LANGUAGES
from markup import elements, words

Facts = dict[str, Any]
SNAPSHOTS = Path(__file__).parent / "snapshots"
REWRITE = "MAMIGRATE_WRITE_SNAPSHOTS"
"""Set it to write the snapshots anew, then read the difference."""

CASES = [("loaded", lang) for lang in LANGUAGES] + [
    (state, "en") for state in ("planned", "blocked", "stopped", "failed", "incomplete")
]


@pytest.mark.parametrize(("state", "lang"), CASES)
def test_the_page_says_what_it_said(states: dict[str, Facts], state: str, lang: str) -> None:
    said = "\n".join(words(render.run_page(states[state], lang, ()), lang)) + "\n"
    path = SNAPSHOTS / f"{state}.{lang}.txt"
    if os.environ.get(REWRITE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_all_languages_stand_in_one_page_and_the_asked_one_is_open(loaded: Facts) -> None:
    page = render.run_page(loaded, "ja", ())
    assert '<html lang="ja">' in page
    assert page.count("checked") == page.count(":checked") + 1
    assert 'id="lang-ja" value="ja" aria-label="日本語" checked' in page
    for said in ("people newly reachable", "新たに配信可能になった人", "새로 발송 가능해진 사람"):
        assert said in page


def test_nothing_is_loaded_and_nothing_runs(states: dict[str, Facts]) -> None:
    for facts in states.values():
        found = elements(render.run_page(facts, "en", ()))
        tags = {tag for tag, _ in found.found}
        assert not tags & {"script", "iframe", "object", "embed", "link", "base", "form", "img"}
        assert not any(name.startswith("on") for _, names in found.found for name in names)
        assert all("//" not in link and ":" not in link for link in found.links)


def test_the_policy_forbids_what_the_page_does_not_need(loaded: Facts) -> None:
    page = render.run_page(loaded, "en", ())
    assert "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:" in page


def test_the_page_has_landmarks_headed_tables_and_named_pictures(loaded: Facts) -> None:
    found = elements(render.run_page(loaded, "en", ())).found
    tags = [tag for tag, _ in found]
    for landmark in ("header", "main", "nav", "footer", "h1"):
        assert tags.count(landmark) == 1
    assert all("aria-labelledby" in names for tag, names in found if tag == "section")
    assert all("scope" in names for tag, names in found if tag == "th")
    pictures = [names for tag, names in found if tag == "svg"]
    assert pictures
    assert all("aria-labelledby" in names or "aria-hidden" in names for names in pictures)


def test_every_inner_link_has_its_goal(states: dict[str, Facts]) -> None:
    for facts in states.values():
        page = render.run_page(facts, "en", ())
        for link in elements(page).links:
            assert not link.startswith("#") or f'id="{link[1:]}"' in page


def test_rows_end_at_the_limit_and_the_rest_is_told(loaded: Facts) -> None:
    loaded["findings"] *= 500
    page = render.run_page(loaded, "en", ())
    assert page.count("old/person/") <= render.INLINE_ROWS + 10
    assert any("More rows in the file: 1,000." in line for line in words(page, "en"))


def test_a_number_that_is_unknown_is_never_shown_as_zero(states: dict[str, Facts]) -> None:
    lines = words(render.run_page(states["planned"], "en", ()), "en")
    loud = next(line for line in lines if line.endswith("people newly reachable"))
    assert loud.startswith("?")


def test_a_run_that_found_everything_equal_says_that_nothing_was_written(loaded: Facts) -> None:
    loaded["effects"]["sent"], loaded["created_fields"] = [], []
    told = words(render.run_page(loaded, "en", ()), "en")
    assert any(line.startswith("Nothing was written by this run") for line in told[:15])
    assert [line for line in told if "(0)" in line] == []
