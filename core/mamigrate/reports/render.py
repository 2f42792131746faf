"""Pages from facts: jinja with escaping on, undefined names forbidden, and no script from data."""

from functools import cache
from typing import Any

import jinja2

from mamigrate.findings import Finding, Severity
from mamigrate.reports.messages import LANGUAGES, Messages

INLINE_ROWS = 2000
"""Rows of a table that stand in the page; the rest stays in the files beside it."""


def run_page(facts: dict[str, Any], lang: str | None, adapters: tuple[str, ...]) -> str:
    """The run's report as one self-contained page with all languages in it."""
    messages = Messages.of(*adapters)
    findings = facts["findings"][:INLINE_ROWS]
    rows = [{**one, "says": {code: _say(messages, one, code) for code in LANGUAGES}} for one in findings]
    return (
        _environment()
        .get_template("run.html.j2")
        .render(facts=facts, findings=rows, lang=lang or "en", languages=LANGUAGES, text=messages.text)
    )


def _say(messages: Messages, one: dict[str, Any], lang: str) -> str:
    return messages.say(Finding(one["code"], Severity(one["severity"]), one["subject"], one["params"]), lang)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("mamigrate_templates", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
