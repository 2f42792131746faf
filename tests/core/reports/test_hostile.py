"""Hostile text through every field: a parser finds the same elements as with harmless text, and nobody is deceived."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hostile import PAYLOADS, UNSEEN
from mamigrate.findings import Finding, Severity
from mamigrate.model.base import EstateObject
from mamigrate.model.kinds import Kind
from mamigrate.reports import build_sheet, render
from mamigrate.reports.build_sheet import Handed
from mamigrate.reports.messages import Messages
from markup import elements, words

Facts = dict[str, Any]
Estate = Mapping[Kind, list[EstateObject]]

OURS = frozenset({"state", "severity", "began_at", "ended_at", "settled_due", "time_zone", "page", "consent"})
"""Facts that the program itself words: states, moments, names of its own files."""


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 150


def filled(tree: Any, text: str) -> Any:
    """``tree`` with every text in it replaced."""
    if isinstance(tree, dict):
        return {key: inner if key in OURS else filled(inner, text) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [filled(inner, text) for inner in tree]
    return text if isinstance(tree, str) else tree


@pytest.mark.parametrize("state", ["loaded", "blocked"])
def test_no_text_of_a_run_becomes_an_element_or_a_handler(states: dict[str, Facts], state: str) -> None:
    facts = states[state] | {"decisions_open": [{"id": "x", "safe": "y"}]}
    plain = elements(render.run_page(filled(facts, "plain text"), "en", ())).found
    for payload in PAYLOADS:
        page = render.run_page(filled(facts, payload), "en", ())
        assert elements(page).found == plain, payload
        assert not any(char in page for char in UNSEEN), payload


def test_no_text_of_the_estate_becomes_an_element_or_a_handler(
    loaded: Facts, estate: Callable[[str], Estate], handed: dict[Kind, list[Handed]]
) -> None:
    def pages(text: str) -> str:
        made = build_sheet.sheets(estate(text), handed, unmask=True)
        facts = filled(loaded, text)
        return "".join(render.build_page(kind, sheets, facts, "en", ()) for kind, sheets in made.items())

    plain = elements(pages("plain text")).found
    for payload in PAYLOADS:
        page = pages(payload)
        assert elements(page).found == plain, payload
        assert not any(char in page for char in UNSEEN), payload


def test_a_template_in_a_name_is_shown_as_it_is(loaded: Facts) -> None:
    loaded["reach"]["before"] = loaded["census"]["allowed_and_mailable"] = 1
    said = " ".join(words(render.run_page(filled(loaded, "{{7*7}} ${7*7} {0}"), "en", ()), "en"))
    assert "{{7*7}} ${7*7} {0}" in said
    assert "49" not in said


def test_no_text_moves_the_cursor_of_a_terminal_or_forges_a_line() -> None:
    messages = Messages.of("hubspot", "marketo")
    for payload in PAYLOADS:
        found = Finding("live_automation", Severity.BLOCK, payload, {"name": payload, "id": payload})
        for lang in ("en", "ja", "ko"):
            said = messages.say(found, lang)
            assert said.isprintable() or "\n" not in said, payload
            assert not any(char in said for char in (*UNSEEN, "\n")), payload
