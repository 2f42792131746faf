"""The record of a rollback: what was undone, what stays and why, as JSON and as a page."""

import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from mamigrate import __version__, clock, private
from mamigrate.ledger.tables import Run
from mamigrate.reports import language, mask, render
from mamigrate.stages.move import Move
from mamigrate.stages.resume import WRITING
from mamigrate.stages.rollback import Preview


def gather(move: Move, run: Run, found: Preview, done: Counter[tuple[str, str]] | None, state: str) -> dict[str, Any]:
    """The facts. ``done`` None: a preview. ``state``: preview, done, partly, stopped."""
    runs = [one for one in move.ledger.runs() if (one.source, one.target) == move.direction and one.command in WRITING]
    return {
        "report": "rollback",
        "run": run.id,
        "version": __version__,
        "project": move.project.file.project.name or move.project.folder.name,
        "time_zone": move.project.file.project.time_zone,
        "source": {"name": move.source.name, "title": move.source.adapter.title},
        "target": {"name": move.target.name, "title": move.target.adapter.title},
        "state": state,
        "command": move.command,
        "ended_at": clock.now().isoformat(),
        "undoes": [one.id for one in runs if one.id != run.id and one.command != "rollback"],
        "to_delete": {kind.value: len(rows) for kind, rows in found.delete.items()},
        "to_restore": len(found.restore),
        "done": [{"what": what, "kind": kind, "objects": n} for (what, kind), n in sorted((done or {}).items())],
        "stays": [asdict(stay) for stay in found.stays],
        "findings": [
            {"code": one.code, "severity": one.severity.value, "subject": one.subject, "params": one.params}
            for one in map(mask.finding, move.findings)
        ],
    }


def write(move: Move, facts: dict[str, Any], lang: str | None) -> Path:
    """Write ``rollback.html`` and ``rollback.json``; return the page's path."""
    folder = move.project.reports(facts["run"])
    opens_in = language.choose(lang, move.project.file.project.lang, os.environ)
    adapters = (move.source.adapter.name, move.target.adapter.name)
    private.write(folder / "rollback.json", as_json(facts))
    private.write(
        folder / "rollback.html", render.rollback_page(facts, opens_in, adapters).encode(errors="backslashreplace")
    )
    return folder / "rollback.html"


def as_json(facts: dict[str, Any]) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_INDENT_2)
