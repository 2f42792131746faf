"""Which files of a project's reports name people, and what of them may stay when the people are destroyed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from mamigrate import private
from mamigrate.reports import redact

PAGES, SHEETS = (".html", ".json"), "buildsheets"
Told = dict[str, dict[str, Any]]
"""Facts of reports by name, such as ``run``."""


def naming(report: Path) -> list[Path]:
    """Files below a report's folder that are not known to name nobody: these are removed."""
    told = _masking(report)
    kept = {report / f"{name}{end}" for name in told for end in PAGES}
    sheets = any(facts.get("masked") is True for facts in told.values())
    return [path for path in walk(report) if path not in kept and not (sheets and report / SHEETS in path.parents)]


def to_shorten(report: Path) -> Told:
    """Reports that mask people and still have rows about them."""
    return {name: facts for name, facts in _masking(report).items() if redact.names(facts)}


def shorten(report: Path, lang: str, adapters: Sequence[str]) -> None:
    """Write reports anew without their rows about people; one that this version cannot draw is removed."""
    for name, facts in to_shorten(report).items():
        left = redact.redacted(facts)
        page = redact.page(left, lang, adapters)
        if page is None:
            private.forget(report / f"{name}.html")
            private.forget(report / f"{name}.json")
        else:
            private.write(report / f"{name}.html", page.encode(errors="backslashreplace"))
            private.write(report / f"{name}.json", orjson.dumps(left, option=orjson.OPT_INDENT_2))


def _masking(report: Path) -> Told:
    found = {path.stem: _facts(path) for path in sorted(report.glob("*.json")) if not path.is_symlink()}
    return {name: facts for name, facts in found.items() if redact.stays(facts)}


def _facts(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def walk(path: Path) -> Iterator[Path]:
    """Every file at or below ``path``, in order; a link counts as a file and is not followed."""
    if path.is_symlink() or path.is_file():
        yield path
    elif path.is_dir():
        for one in sorted(path.iterdir()):
            yield from walk(one)
