"""The transfer sheet: who holds which personal data of a move, where, on which basis, until when."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from mamigrate import __version__, clock
from mamigrate.errors import DamagedSnapshot
from mamigrate.findings import Findings, Severity
from mamigrate.ledger.store import Ledger
from mamigrate.mapping.load import load
from mamigrate.model.kinds import POPULATION, Kind
from mamigrate.plan.model import NEW_FIELD
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.reports.mask import PEOPLE
from mamigrate.settings.project import Project
from mamigrate.settings.transfers import Holding, Recipient, TransfersSection
from mamigrate.snapshot import manifest
from mamigrate.snapshot.manifest import Manifest

Facts = dict[str, Any]
SECTION = "[transfers]"
OF_PLATFORMS = ("country", "purpose", "basis", "until")
"""What must be stated of a platform."""
OF_PLACES = ("basis", "until")
"""What must be stated of this folder: where and what for is known."""


# --- what is known, as long as it is there -----------------------------------------------------------------------------


def platforms(project: Project, ledger: Ledger, titles: Mapping[str, str]) -> list[Facts]:
    """Both sides of every move: what was read there, what was written there, and into which fields."""
    directions = list(dict.fromkeys((run.source, run.target) for run in ledger.runs() if run.source))
    read = _newest(project)
    found = [
        _platform(project, titles, name, "source", [*_read(read.get(name)), *_denied(ledger, name)], [])
        for name in dict.fromkeys(source for source, _ in directions)
    ]
    written = _written(ledger)
    for name in dict.fromkeys(target for _, target in directions):
        fields = _fields(project, ledger, [one for one in directions if one[1] == name])
        found.append(_platform(project, titles, name, "target", written.get(name, []), fields))
    return found


def _platform(
    project: Project, titles: Mapping[str, str], name: str, role: str, data: Sequence[Facts], fields: Sequence[str]
) -> Facts:
    section = project.file.connections.get(name)
    adapter = section.adapter if section else name
    where = urlsplit(section.base_url).hostname if section and section.base_url else None
    title = titles.get(adapter, adapter)
    return {
        "role": role,
        "connection": name,
        "title": title,
        "where": where or "",
        "data": list(data),
        "fields": list(fields),
    }


def _newest(project: Project) -> dict[str, Manifest]:
    """The newest sealed snapshot of each connection: what it says of itself is not encrypted."""
    folder, found = project.folder / ".mamigrate" / "snapshots", dict[str, Manifest]()
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            told = manifest.load(path)
        except DamagedSnapshot:
            continue
        before = found.get(told.connection)
        if told.sealed_at and (before is None or told.began_at > before.began_at):
            found[told.connection] = told
    return found


def _read(told: Manifest | None) -> list[Facts]:
    rows = {kind: told.kinds[kind].rows for kind in POPULATION if told and kind in told.kinds}
    return [_datum(kind, "read", n) for kind, n in rows.items() if n]


def _denied(ledger: Ledger, source: str) -> Iterator[Facts]:
    """Opt-outs that a ``sync`` wrote to a source so that nobody is mailed from there, each address and topic once."""
    runs = [run.id for run in ledger.runs() if run.source == source]
    batches = ledger.batches_of(runs, Kind.CONSENT_FACT)
    sent = {item["key"] for batch in batches for item in orjson.loads(batch.items)}
    if sent:
        yield _datum(Kind.CONSENT_FACT, "denied", len(sent))


def _written(ledger: Ledger) -> dict[str, list[Facts]]:
    """By target. Denied addresses go there so that nobody mails them: that transfer has a purpose of its own."""
    counted = Counter[tuple[str, str, str]]()
    for _, target, kind, made, objects in ledger.written():
        if kind in PEOPLE:
            counted[target, kind, made] += objects
    found: dict[str, list[Facts]] = {}
    for (target, kind, made), objects in sorted(counted.items()):
        found.setdefault(target, []).append(_datum(kind, made, objects))
    return found


def _datum(kind: str, how: str, objects: int) -> Facts:
    return {"kind": str(kind), "how": how, "objects": objects, "compliance": kind == SUPPRESSED or how == "denied"}


def _fields(project: Project, ledger: Ledger, directions: Sequence[tuple[str, str]]) -> list[str]:
    """Fields of people, companies and deals that moves fill on a target: those of the mapping and those made there."""
    names = {key for source, target in directions for key in ledger.ids(source, target, NEW_FIELD)}
    path = project.mapping_path
    mapping = load(path.read_text(encoding="utf-8"), path.name)[0] if path.exists() else None
    if mapping is not None and (mapping.source, mapping.target) in directions:
        rules = [rule for kind in (Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY) for rule in mapping.rules(kind)]
        names |= {rule.target for rule in rules if rule.target} | {
            rule.target for rule in mapping.topics if rule.target
        }
    return sorted(names)


# --- the sheet -----------------------------------------------------------------------------------------------------------


def sheet(project: Project, known: Sequence[Facts], kept: Sequence[Facts], ledger: str, findings: Findings) -> Facts:
    """``known`` are ``platforms``, ``kept`` what lies in the folder (what, path, files, bytes, objects). What the project
    does not state is a finding each."""
    section = project.file.transfers
    holders = [
        *_platforms(section, known),
        *_linked(project),
        *_here(project, section, kept, ledger),
        *_others(section),
    ]
    _tell(section, holders, known, findings)
    return {
        "controller": section.controller if section else "",
        "signed": section.signed if section else "",
        "holders": holders,
        "complete": section is not None and not any(one["missing"] for one in holders),
    }


def report(project: Project, run_id: str, told: Facts, findings: Findings, command: str) -> Facts:
    """The sheet as a report of its own."""
    return {
        "report": "transfers",
        "run": run_id,
        "version": __version__,
        "project": project.file.project.name or project.folder.name,
        "time_zone": project.file.project.time_zone,
        "made_at": clock.now().isoformat(),
        "command": command,
        **told,
        "findings": [as_fact(one) for one in findings],
    }


def as_fact(found: Any) -> Facts:
    return {"code": found.code, "severity": found.severity.value, "subject": found.subject, "params": found.params}


def _platforms(section: TransfersSection | None, known: Sequence[Facts]) -> Iterator[Facts]:
    for one in known:
        stated = section.holders.get(one["connection"]) if section else None
        yield _holder(one["role"], one["title"], stated, OF_PLATFORMS) | {
            key: one[key] for key in ("connection", "where", "data", "fields")
        }


def _linked(project: Project) -> Iterator[Facts]:
    """A CRM that is linked to a side gets what stands there once its sync goes on."""
    if project.file.crm_link is not None:
        stated = project.file.transfers.holders.get("crm") if project.file.transfers else None
        yield _holder("crm", "CRM", stated, OF_PLATFORMS)


def _here(project: Project, section: TransfersSection | None, kept: Sequence[Facts], ledger: str) -> Iterator[Facts]:
    spared = [one for one in kept if one["what"] == "evidence"]
    folder = _holder("project", project.folder.name, section.project if section else None, OF_PLACES)
    yield folder | {"where": str(project.folder), "data": [one for one in kept if one not in spared], "ledger": ledger}
    evidence = _holder("evidence", project.folder.name, section.evidence if section else None, OF_PLACES)
    yield evidence | {"where": str(project.folder / ".mamigrate" / "evidence"), "data": spared}


def _others(section: TransfersSection | None) -> Iterator[Facts]:
    for one in section.recipients if section else ():
        yield _holder("recipient", one.name, one, OF_PLATFORMS)


def _holder(role: str, title: str, stated: Holding | Recipient | None, needed: Sequence[str]) -> Facts:
    told = {name: (getattr(stated, name) or "") if stated else "" for name in ("name", *OF_PLATFORMS)}
    missing = [name for name in needed if not told[name]]
    told["name"] = told["name"] or title
    return {
        "role": role,
        "title": title,
        "connection": "",
        "where": "",
        "data": [],
        "fields": [],
        "ledger": "",
        **told,
        "missing": missing,
    }


def _tell(
    section: TransfersSection | None, holders: Sequence[Facts], known: Sequence[Facts], findings: Findings
) -> None:
    if section is None:
        findings.add("transfer_unstated", Severity.WARN, SECTION, what="controller")
    for one in holders:
        if one["missing"]:
            findings.add("transfer_unstated", Severity.WARN, _place_of(one), what=", ".join(one["missing"]))
    names = {"crm", *(one["connection"] for one in known)}
    for name in section.holders if section else ():
        if name not in names:
            told = ", ".join(sorted(names))
            findings.add("transfer_holder_unknown", Severity.WARN, f"[transfers.holders.{name}]", names=told)


def _place_of(holder: Facts) -> str:
    """Where in the project's file something is to be stated."""
    if holder["role"] in ("project", "evidence"):
        return f"[transfers.{holder['role']}]"
    return f"[transfers.holders.{holder['connection'] or holder['role']}]"
