"""The report of a ``sync``: what came from where, when it took effect, what could not be carried, and which side may send."""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from mamigrate import __version__, clock, private
from mamigrate.reports import language, mask, render
from mamigrate.stages import delays
from mamigrate.stages.move import Move
from mamigrate.stages.sync import census, sides
from mamigrate.stages.sync.way import Fate, Told, Way

NEWS = (Fate.CARRIED, Fate.WAITING, Fate.NOWHERE, Fate.UNHELD)
"""What is told row by row; of the others, how many."""


def gather(move: Move, ways: Sequence[Way], passes: int, *, dry: bool, unmask: bool) -> dict[str, Any]:
    """The facts of the report. ``ways`` are those of the last pass; nothing of people is in clear unless ``unmask``."""
    run = move.ledger.run(move.run_id)
    return {
        "report": "sync",
        "run": move.run_id,
        "version": __version__,
        "project": move.project.file.project.name or move.project.folder.name,
        "time_zone": move.project.file.project.time_zone,
        "source": {"name": move.source.name, "title": move.source.adapter.title},
        "target": {"name": move.target.name, "title": move.target.adapter.title},
        "command": move.command,
        "began_at": _iso(run.began_at) if run else None,
        "ended_at": clock.now().isoformat(),
        "passes": passes,
        "census": census.told(move),
        "dry_run": dry,
        "masked": not unmask,
        "sides": [_side(way) for way in ways],
        "ways": [_way(move, way, unmask=unmask) for way in ways],
        "findings": [
            {"code": one.code, "severity": one.severity.value, "subject": one.subject, "params": one.params}
            for one in (found if unmask else mask.finding(found) for found in move.findings)
        ],
    }


def _side(way: Way) -> dict[str, Any]:
    """Whether the side that must know may send."""
    age, why, until = way.age(), way.blocked(), sides.go_until(way.mark)
    return {
        "side": way.other.name,
        "title": way.other.adapter.title,
        "go": not why,
        "because": why,
        "go_until": None if why else _iso(until),
        "trouble": str(way.trouble) if way.trouble else None,
        "denials_of": way.side.name,
        "watermark": _iso(way.mark.until) if way.mark else None,
        "age_s": round(age.total_seconds()) if age is not None else None,
        "backlog": way.backlog,
    }


def _way(move: Move, way: Way, *, unmask: bool) -> dict[str, Any]:
    counts = Counter(one.fate.value for one in way.told)
    return {
        "from": way.side.name,
        "to": way.other.name,
        "read_from": _iso(way.since),
        "read_until": _iso(way.until),
        "facts": len(way.facts),
        "fates": {fate.value: counts[fate.value] for fate in Fate},
        "denials": [_told(one, unmask=unmask) for one in way.told if one.fate in NEWS],
        "latency": delays.told(delays.delays(move, way.names)),
    }


def _told(one: Told, *, unmask: bool) -> dict[str, Any]:
    hide = str if unmask else mask.reference
    return {
        "subject": hide(one.subject),
        "what": one.what,
        "kind": one.kind,
        "fate": one.fate.value,
        "happened_at": _iso(one.happened),
        "seen_at": _iso(one.seen),
        "effective_at": _iso(one.effective),
        "sources": [hide(source) for source in one.sources],
    }


def write(move: Move, facts: dict[str, Any], lang: str | None) -> Path:
    """Write ``sync.html`` and ``sync.json``; return the page's path."""
    folder = move.project.reports(facts["run"])
    opens_in = language.choose(lang, move.project.file.project.lang, os.environ)
    adapters = (move.source.adapter.name, move.target.adapter.name)
    private.write(folder / "sync.json", as_json(facts))
    private.write(folder / "sync.html", render.sync_page(facts, opens_in, adapters).encode(errors="backslashreplace"))
    return folder / "sync.html"


def as_json(facts: dict[str, Any], *, lines: bool = False) -> bytes:
    """For people who look into it, or as one line."""
    return orjson.dumps(facts, option=None if lines else orjson.OPT_INDENT_2)


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=clock.now().tzinfo)).isoformat(timespec="seconds")
