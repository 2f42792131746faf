"""The consent report: ``consent.json``, ``consent.html`` and ``consent.xlsx``, for whoever asks whether anybody became more mailable."""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from mamigrate import __version__, clock, private
from mamigrate.reports import consent_forms, language, mask, render, workbook
from mamigrate.reports.messages import Messages
from mamigrate.reports.phrases import Phrasebook
from mamigrate.stages import consent_facts, named
from mamigrate.stages.consent import Judged, verdict
from mamigrate.stages.move import Move
from mamigrate.stages.report import finding_facts, proof_facts

HOUR = timedelta(hours=1)


def report(move: Move, judged: Judged, lang: str | None, *, asked_settled: bool, unmask: bool) -> tuple[Path, bytes]:
    """Write the three files; return the page's path and the JSON."""
    facts = gather(move, judged, asked_settled=asked_settled, unmask=unmask)
    folder = move.project.reports(move.run_id)
    content = orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    private.write(folder / "consent.json", content)
    opens_in = language.choose(lang, move.project.file.project.lang, os.environ)
    adapters = (move.source.adapter.name, move.target.adapter.name)
    private.write(folder / "consent.xlsx", _workbook(facts, opens_in, adapters, content))
    page = render.consent_page(facts, opens_in, adapters)
    private.write(folder / "consent.html", page.encode())
    return folder / "consent.html", content


def _workbook(facts: dict[str, Any], lang: str, adapters: tuple[str, ...], content: bytes) -> bytes:
    """What is filled in and signed, in the language in which the page opens; it names the JSON by its hash."""
    book, digest = Phrasebook(Messages.of(*adapters)), hashlib.sha256(content).hexdigest()
    return workbook.build(consent_forms.sheets(facts, book, lang, digest), datetime.fromisoformat(facts["ended_at"]))


def gather(move: Move, judged: Judged, *, asked_settled: bool, unmask: bool) -> dict[str, Any]:
    """Everything that the report says, as plain values."""
    return {
        "report": "consent",
        "run": move.run_id,
        "version": __version__,
        "project": move.project.file.project.name or move.project.folder.name,
        "time_zone": move.project.file.project.time_zone,
        "command": move.command,
        "ended_at": clock.now().isoformat(),
        "source": {"name": move.source.name, "title": move.source.adapter.title, "snapshot": judged.source.id},
        "target": {"name": move.target.name, "title": move.target.adapter.title, "snapshot": judged.target.id},
        "inputs": named.inputs(move, judged.prepared.digest, judged.source, judged.target, unmask=unmask),
        "verdict": verdict(judged, asked_settled=asked_settled),
        "now": judged.now,
        "settled": judged.settled,
        "settled_due": judged.due.isoformat() if judged.due is not None and not judged.settled else None,
        "settle": _settle(judged),
        "wrote_by": judged.wrote_by.id if judged.wrote_by else None,
        "proof": proof_facts(judged.proven.proof, unmask=unmask),
        "findings": [finding_facts(found if unmask else mask.finding(found)) for found in move.findings],
        "masked": not unmask,
        **consent_facts.facts(move, judged, unmask=unmask),
    }


def _settle(judged: Judged) -> dict[str, Any] | None:
    """The span that was asked for and the one that is needed, in hours; None: nobody asked."""
    asked = judged.settling.asked
    if asked is None:
        return None
    hours = {"asked_hours": asked / HOUR, "least_hours": judged.settling.least / HOUR}
    return hours | {"why": "" if judged.settled else judged.settling.why}
