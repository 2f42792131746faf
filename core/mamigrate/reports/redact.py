"""What stays of a report when the people of a move are destroyed: its numbers, without rows and findings about people. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mamigrate.reports import mask, render
from mamigrate.reports.grouping import as_finding

Facts = Mapping[str, Any]
PAGES: Mapping[str, Callable[[Facts, str, Sequence[str]], str]] = {
    "run": render.run_page,
    "consent": render.consent_page,
    "sync": render.sync_page,
    "rollback": render.rollback_page,
}
"""Reports whose page is made anew, by their name."""
NOBODY = ("purge", "transfers")
"""Reports that never name anybody."""
LISTS = ("lifted", "unparsed")
"""Rows of a consent report that name somebody's record."""
FILES = ("run.json",)
"""What stays beside a run's page."""


def stays(facts: Facts) -> bool:
    """Whether a report masks people, so that its numbers may stay."""
    return facts.get("report") in (*NOBODY, "rollback") or facts.get("masked") is True


def names(facts: Facts) -> bool:
    """Whether rows or findings about people stand in it, or an address anywhere."""
    return facts.get("report") not in NOBODY and redacted(facts) != facts


def redacted(facts: Facts) -> dict[str, Any]:
    """The facts without rows of people and findings about them; ``destroyed`` counts those. Done twice, nothing changes."""
    kept = [one for one in facts.get("findings", ()) if not mask.personal(as_finding(one).subject)]
    told: dict[str, Any] = mask.fragment(facts)
    gone = len(facts.get("findings", ())) - len(kept)
    if "findings" in facts:
        told["findings"] = mask.fragment(kept)
    for name in (one for one in LISTS if one in facts):
        gone, told[name] = gone + len(facts[name]), []
    for way in told.get("ways", ()):
        gone, way["denials"] = gone + len(way["denials"]), []
    beside = isinstance(facts.get("files"), list)
    if gone or "destroyed" in facts or beside:  # files beside a page go, whoever is in them
        told["destroyed"] = facts.get("destroyed", 0) + gone
    if "reasons" in facts:
        told["reasons"] = [_without_rows(one) for one in told["reasons"]]
    if beside:
        told["files"] = [name for name in facts["files"] if name in FILES]
    return told


def _without_rows(reason: Mapping[str, Any]) -> dict[str, Any]:
    return {**reason, "rows": [] if reason["kind"] in mask.PEOPLE else reason["rows"]}


def page(facts: Facts, lang: str, adapters: Sequence[str]) -> str | None:
    """The page of redacted facts; None where this version cannot draw it."""
    draw = PAGES.get(str(facts.get("report")))
    try:
        return draw(facts, lang, adapters) if draw else None
    except (KeyError, TypeError, ValueError, render.Undrawable):
        return None
