"""The record of a rollback: what was undone, what stays and why, as JSON and as a page."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import orjson

from mamigrate import __version__, clock, private
from mamigrate.findings import Finding
from mamigrate.ledger.tables import Run
from mamigrate.reports import language, mask, render
from mamigrate.stages.move import Move
from mamigrate.stages.restoring import RESTORE
from mamigrate.stages.resume import WRITING
from mamigrate.stages.rollback import DONE, ORDER, Preview

PREVIEW = "preview"
"""The name of the input of a rollback that holds what it was to do."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A rollback with its earlier parts, which came to no good end: ``parts`` are their runs, newest first.

    ``done`` counts what they undid, by (what became of it, kind). ``first`` is the preview of the first of them, empty where
    there is none: nothing had been undone then.
    """

    parts: list[Run]
    done: Counter[tuple[str, str]]
    first: dict[str, Any]


def whole(move: Move, run: Run) -> Whole:
    """What ``run`` goes on with: rollbacks of this direction since the last move, or the last that was carried out whole."""
    earlier = [one for one in move.ledger.runs() if (one.source, one.target) == move.direction and one.id != run.id]
    writing = (one for one in earlier if one.command in WRITING)
    parts = list(
        takewhile(lambda one: one.command == "rollback" and (one.status, one.exit_code) != ("done", 0), writing)
    )
    previews = [move.ledger.inputs(one.id).get(PREVIEW, "") for one in parts]
    return Whole(parts, _undone(move, parts), orjson.loads(next(filter(None, reversed(previews)), "{}")))


def note(move: Move, run: Run, found: Preview) -> None:
    """Keep the preview with the run that carries it out: whoever goes on with it can tell the whole."""
    move.ledger.keep_inputs(run.id, {PREVIEW: orjson.dumps(_preview(found)).decode()})


def gather(move: Move, run: Run, found: Preview, done: Counter[tuple[str, str]] | None, state: str) -> dict[str, Any]:
    """The facts, with those of earlier parts. ``done`` None: a preview. ``state``: preview, done, partly, stopped."""
    runs = [one for one in move.ledger.runs() if (one.source, one.target) == move.direction and one.command in WRITING]
    before = whole(move, run)
    ended = before.done + (done or Counter())
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
        "goes_on_with": [one.id for one in before.parts],
        **(_joined(before.first, _preview(found)) if done is not None else _preview(found)),
        "done": [{"what": what, "kind": kind, "objects": n} for (what, kind), n in sorted(ended.items())],
        "findings": [
            {"code": one.code, "severity": one.severity.value, "subject": one.subject, "params": one.params}
            for one in map(mask.finding, _findings(move, before))
        ],
    }


def _preview(found: Preview) -> dict[str, Any]:
    return {
        "to_delete": {kind.value: len(rows) for kind, rows in found.delete.items()},
        "to_restore": len(found.restore),
        "stays": [asdict(stay) for stay in found.stays],
    }


def _joined(first: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The preview of the whole: what the first part saw, and what came since."""
    kinds = {**first.get("to_delete", {}), **now["to_delete"]}
    stays: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in (*first.get("stays", ()), *now["stays"]):
        known = stays.setdefault((one["code"], one["kind"], one["reason"]), dict(one))
        known["number"] = max(known["number"], one["number"])
    return {
        "to_delete": {kind: max(first.get("to_delete", {}).get(kind, 0), n) for kind, n in kinds.items()},
        "to_restore": max(first.get("to_restore", 0), now["to_restore"]),
        "stays": list(stays.values()),
    }


def _undone(move: Move, parts: Sequence[Run]) -> Counter[tuple[str, str]]:
    """What these runs undid, as the target confirmed it: the rest is tried again, and told by the run that tries."""
    done: Counter[tuple[str, str]] = Counter()
    for kind in ORDER:
        for batch in move.ledger.batches_of([run.id for run in parts], kind) if parts else ():
            outcomes = orjson.loads(batch.outcomes or b"[]")
            word = "restored" if batch.phase == RESTORE else "deleted"
            done[word, kind] += sum(one["status"] in DONE for one in outcomes)
    return +done


def _findings(move: Move, before: Whole) -> Iterator[Finding]:
    """Those of this run, and of earlier parts what holds still."""
    told = list(move.findings)
    yield from told
    known = {(one.code, one.subject) for one in told}
    for run in before.parts:
        for one in move.ledger.findings(run.id):
            if one.code == "value_changed_since" and (one.code, one.subject) not in known:
                known.add((one.code, one.subject))
                yield one


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
