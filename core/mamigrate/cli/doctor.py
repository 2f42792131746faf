"""``doctor``."""

import json as text
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mamigrate.cli import workspace
from mamigrate.cli.failures import BLOCKED, DONE, sentence
from mamigrate.cli.run import ProjectDir
from mamigrate.errors import MamigrateError, Refused, UsageError
from mamigrate.findings import Finding, Severity
from mamigrate.model.kinds import Kind
from mamigrate.registry import Registry
from mamigrate.reports.messages import Messages
from mamigrate.settings import decisions
from mamigrate.settings.project import Project
from mamigrate.stages.gate import zone_differs
from mamigrate.stages.move import refused_kinds, side


def doctor(
    connections: Annotated[
        list[str] | None, typer.Argument(help="Connections to look at; all of the project by default")
    ] = None,
    project: ProjectDir = Path("."),
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
    found = [_look(opened, name) for name in names]
    if json:
        sys.stdout.write(text.dumps(found, indent=2, ensure_ascii=False) + "\n")
    else:
        _tell(found)
    raise typer.Exit(max(int(one["code"]) for one in found))


def _look(project: Project, name: str) -> dict[str, Any]:
    """One connection: who answers, and what is wrong."""
    registry = Registry(project.file.project.block)
    try:
        opened = side(project, registry, name)
        messages = Messages.of(opened.adapter.name)
        findings = [found for found in opened.instance.check() if not _decided(project, found)]
        findings += refused_kinds(opened)
        info = opened.instance.info()
        findings += zone_differs(name, opened.connection.time_zone, info.time_zone)
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


def _decided(project: Project, found: Finding) -> bool:
    """Whether the project says already what is to become of it; a run would not stop for it either."""
    kind, _, key = found.subject.partition("/")[2].partition("/")
    live = kind == Kind.WORKFLOW and decisions.load(project.decisions_path).choice(f"live/{key}") == "accept"
    return live or (found.code == "crm_linked" and project.file.crm_link is not None)


def _tell(found: list[dict[str, Any]]) -> None:
    for one in found:
        label, instance = one.get("label") or "", one.get("instance") or ""
        named = [label, instance] if instance not in label else [label]
        who = " · ".join(filter(None, named)) if "instance" in one else "not good"
        sys.stdout.write(f"{one['connection']}: {who}{'' if one['problems'] else ', good'}\n")
        for problem in one["problems"]:
            sys.stdout.write(f"  {problem['severity']}: {problem['says']}\n")
