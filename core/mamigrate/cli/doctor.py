"""``doctor``."""

import json as text
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from mamigrate.capabilities import Power
from mamigrate.cli import workspace
from mamigrate.cli.failures import BLOCKED, DONE, sentence
from mamigrate.cli.run import ProjectDir
from mamigrate.consent import files
from mamigrate.contract import SyncCheck
from mamigrate.errors import MamigrateError, Refused, UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate.registry import Registry
from mamigrate.reports.messages import Messages
from mamigrate.settings import decisions
from mamigrate.settings.project import Project
from mamigrate.stages import gate
from mamigrate.stages.move import Side, refused_kinds, side


def doctor(
    connections: Annotated[
        list[str] | None, typer.Argument(help="Connections to look at; all of the project by default")
    ] = None,
    project: ProjectDir = Path("."),
    sync: Annotated[bool, typer.Option("--sync", help="Ask also for what a sync needs")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON")] = False,
) -> None:
    """Are credentials, scopes, field visibility, quotas, clocks and CRM links good; and what to do where they are not."""
    opened = workspace.open_project(project.resolve())
    names = connections or list(opened.file.connections)
    if not names:
        fix = opened.nowhere
        raise UsageError(
            "no connections here: name an adapter, or write [connections.NAME]", where=str(opened.folder), fix=fix
        )
    found = [_look(opened, name, sync=sync) for name in names]
    if json:
        sys.stdout.write(text.dumps(found, indent=2, ensure_ascii=False) + "\n")
    else:
        _tell(found)
    raise typer.Exit(max(int(one["code"]) for one in found))


def _look(project: Project, name: str, *, sync: bool) -> dict[str, Any]:
    """One connection: who answers, and what is wrong."""
    registry = Registry(project.file.project.block)
    try:
        opened = side(project, registry, name)
        messages = Messages.of(opened.adapter.name)
        decided = decisions.load(project.decisions_path)
        findings = [found for found in opened.instance.check() if not _decided(decided, found)]
        if sync and isinstance(opened.instance, SyncCheck):
            findings += opened.instance.check_sync()
        findings += refused_kinds(opened)
        info = opened.instance.info()
        findings += gate.zone_differs(name, opened.connection.time_zone, info.time_zone)
        findings += gate.opt_out_sync(opened, decided)
        findings += _crm(project, opened, decided, info.crm_linked)
        findings += list(gate.unread_denials(findings, decided))
    except MamigrateError as error:
        if isinstance(error, Refused):
            workspace.explain(error, project, registry)
        lines, code = sentence(error)
        lines = lines or [f"its answer was not understood ({type(error).__name__}): see whether this version fits it"]
        return {"connection": name, "code": code, "problems": [{"severity": "block", "says": line} for line in lines]}
    problems = [{"code": f.code, "severity": f.severity.value, "says": messages.say(f, "en")} for f in findings]
    blocked = any(f.severity is Severity.BLOCK for f in findings)
    told = {
        "instance": info.instance_id,
        "label": info.label,
        "time_zone": info.time_zone,
        "crm_linked": info.crm_linked,
    }
    return {"connection": name, "code": BLOCKED if blocked else DONE, **told, "problems": problems}


def _decided(decided: decisions.Decisions, found: Finding) -> bool:
    """Whether the project says already what is to become of it; a run would not stop for it either."""
    kind, _, key = found.subject.partition("/")[2].partition("/")
    return kind == Kind.WORKFLOW and decided.choice(f"live/{key}") == "accept"


def _crm(project: Project, opened: Side, decided: decisions.Decisions, linked: bool | None) -> Iterator[Finding]:
    """What a run would ask about the CRM behind this connection, in the same words."""
    writes = opened.adapter.capabilities.can(Kind.PERSON, Power.WRITE)
    rows = (row for path in project.facts_files() for row in files.read(path).rows[Kind.CONSENT_FACT])
    return gate.crm(
        project.file.crm_link,
        decided,
        opened.name,
        linked,
        role="target" if writes else "source",
        filed=any(map(files.of_crm, rows)),
    )


def _tell(found: list[dict[str, Any]]) -> None:
    for one in found:
        label, instance = one.get("label") or "", one.get("instance") or ""
        named = [label, instance] if instance not in label else [label]
        who = " · ".join(filter(None, named)) if "instance" in one else "not good"
        sys.stdout.write(f"{one['connection']}: {who}{'' if one['problems'] else ', good'}\n")
        for problem in one["problems"]:
            sys.stdout.write(f"  {problem['severity']}: {problem['says']}\n")
