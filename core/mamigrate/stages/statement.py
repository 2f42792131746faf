"""The statement of a purge: what was destroyed by whom and when, what remains where and until when, and how to check it."""

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from mamigrate import __version__, clock, private
from mamigrate.findings import Findings
from mamigrate.ledger.purges import FILE
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Purge
from mamigrate.reports import language, mask, redact, render
from mamigrate.settings.project import Project
from mamigrate.stages import places, tombs, transfers

Facts = dict[str, Any]
LIMITS = ("unlinked", "copies", "others")
"""What no purge can promise: blocks of a disk, copies that were made elsewhere, data that others hold."""
SERVER = "server"
"""And what it cannot promise where the ledger is kept by a server."""
PERSONAL = {
    "evidence": "pseudonymous",
    "ledger": "no",
    "reports": "no",
    "by_hand": "unknown",
    "facts": "yes",
    "other_files": "unknown",
}
"""What a purge leaves in the folder, and whether it is personal data. What people wrote themselves is not looked into."""


def gather(
    project: Project, ledger: Ledger, purge: Purge, command: str, findings: Findings, facts: Sequence[Path]
) -> Facts:
    """The statement as plain values. What remains is looked at now; what was destroyed is told as it was noted before."""
    found: Facts = orjson.loads(purge.found)
    kept = remaining(project, ledger, facts)
    sheet = transfers.sheet(project, found["platforms"], kept, ledger.place, findings)
    left = ledger.people_rows()
    return {
        "report": "purge",
        "run": purge.run_id,
        "version": __version__,
        "project": project.file.project.name or project.folder.name,
        "folder": str(project.folder),
        "time_zone": project.file.project.time_zone,
        "state": "done" if not any(places.to_destroy(project, ())) and not left else "partly",
        "who": purge.who,
        "machine": purge.machine,
        "command": command,
        "began_at": _moment(purge.began_at),
        "ended_at": _moment(purge.ended_at or clock.now()),
        "written_at": clock.now().isoformat(),
        "destroyed": _groups(found["places"]),
        "places": found["places"],
        "rows": found["rows"],
        "read": _read(found["platforms"]),
        "tombstones": tombs.counted(project),
        "unread": found["unread"],
        "abandoned": found["abandoned"],
        "writes_open": found["writes_open"],
        "remains": kept,
        "limits": [*LIMITS, *([SERVER] if ledger.place != FILE else [])],
        "ledger": ledger.place,
        "checks": _checks(project, left),
        "transfers": sheet,
        "findings": [transfers.as_fact(mask.finding(one)) for one in findings],
    }


def _moment(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def _groups(found: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """Places, files and bytes by what they were."""
    told: dict[str, Counter[str]] = {}
    for one in found:
        sums = told.setdefault(one["what"], Counter())
        sums.update(places=1, files=one["files"], bytes=one["bytes"])
    return [{"what": what, **sums} for what, sums in told.items()]


def _read(platforms: Sequence[Mapping[str, Any]]) -> list[Facts]:
    """What the destroyed snapshots held of each source, by kind."""
    sources = [one for one in platforms if one["role"] == "source"]
    return [
        {"connection": one["connection"], "kind": datum["kind"], "objects": datum["objects"]}
        for one in sources
        for datum in one["data"]
        if datum["how"] == "read"
    ]


def remaining(project: Project, ledger: Ledger, facts: Sequence[Path]) -> list[Facts]:
    """What lies in the folder, as far as it is not destroyed by a purge; and, before one, what would be (``going``)."""
    going = _groups(
        [{"what": one.what, "files": one.files, "bytes": one.bytes} for one, _ in places.to_destroy(project, ())]
    )
    inside = places.inside(project, facts)
    files = {
        "evidence": places.evidence(project),
        "ledger": [path for path in _ledger(project) if path.exists()],
        "reports": places.reports_left(project),
        "by_hand": places.written_by_hand(project),
        "facts": inside,
        "other_files": places.others(project, inside),
    }
    staged = [
        {"what": one["what"], "files": one["files"], "bytes": one["bytes"], "personal": "yes", "going": True}
        for one in going
    ]
    rows = sum(ledger.people_rows().values())
    holds = PERSONAL | {"ledger": "yes" if rows else "no"}
    told = [{"what": what, **places.measured(one), "personal": holds[what]} for what, one in files.items()]
    return [*staged, *(one for one in told if one["files"] or (one["what"] == "ledger" and rows))]


def _ledger(project: Project) -> list[Path]:
    home = project.folder / places.HOME
    return [home / f"ledger.sqlite{end}" for end in ("", "-wal", "-shm")]


def _checks(project: Project, rows: Mapping[str, int]) -> list[Facts]:
    """What was looked at after all was done."""
    left = sum(one.files for one, _ in places.to_destroy(project, ()))
    addresses = sum(_addresses(path) for path in places.reports_left(project) if path.suffix == ".json")
    return [
        {"what": "files_left", "found": left},
        {"what": "rows_left", "found": sum(rows.values())},
        {"what": "addresses_in_reports", "found": addresses},
    ]


def _addresses(path: Path) -> int:
    """Addresses in clear in the facts of a report; its page holds the same. Those of the project itself are nobody's."""
    if path.stem in redact.NOBODY:
        return 0
    found = mask.ADDRESS.findall(path.read_text(encoding="utf-8", errors="replace"))
    return sum(mask.DOTS not in one for one in found)


def write(project: Project, facts: Facts, lang: str | None, adapters: Sequence[str]) -> tuple[Path, str]:
    """Write ``purge.html`` and ``purge.json``; the page's path and the hash of the JSON."""
    content = as_json(facts)
    path = save(project, facts, "purge", render.purge_page, lang, adapters)
    return path, hashlib.sha256(content).hexdigest()


def save(project: Project, facts: Facts, name: str, draw: Any, lang: str | None, adapters: Sequence[str]) -> Path:
    """A page and its facts in the folder of their report."""
    folder = project.reports(facts["run"])
    opens_in = language.choose(lang, project.file.project.lang, os.environ)
    private.write(folder / f"{name}.json", as_json(facts))
    private.write(folder / f"{name}.html", draw(facts, opens_in, adapters).encode(errors="backslashreplace"))
    return folder / f"{name}.html"


def as_json(facts: Facts) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_INDENT_2)
