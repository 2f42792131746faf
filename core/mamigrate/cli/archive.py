"""``archive``: search the history that was read from a source."""

import json as plain
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mamigrate.cli import workspace
from mamigrate.cli.run import ProjectDir
from mamigrate.errors import UsageError
from mamigrate.reports import mask
from mamigrate.stages import archive as stage

_SHOWN = 80
"""Characters of what an activity says, in one line."""


def archive(
    who: Annotated[str, typer.Option("--who", metavar="ADDRESS", help="Only what happened with this address")] = "",
    person: Annotated[str, typer.Option("--person", help="Only what names this person, by the source's id")] = "",
    type: Annotated[str, typer.Option("--type", help="Only these: email, email.open, form, sales ...")] = "",
    text: Annotated[str, typer.Option("--text", help="Only what has this in any of its values")] = "",
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Not before this day")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Before this day")] = "",
    source: Annotated[str, typer.Option("--source", help="Only of this connection")] = "",
    limit: Annotated[int, typer.Option("--limit", help="At most so many, the newest first", min=1)] = 50,
    json: Annotated[bool, typer.Option("--json", help="As JSON, with every value")] = False,
    project: ProjectDir = Path("."),
) -> None:
    """Search the history that was read from a source, whether it went along or stayed behind."""
    query = stage.Query(source, who, person, type, text, _day(since, "--since"), _day(until, "--until"), limit)
    opened = workspace.open_project(project.resolve())
    spill = opened.spill / f"archive-{os.getpid()}"  # a run may be at work, with files of its own beside
    try:
        number, rows = stage.search(opened, query, spill)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    if json:
        print(plain.dumps({"found": number, "rows": [_plain(row) for row in rows]}, ensure_ascii=False))
        return
    for row in rows:
        print(_line(row))
    print(f"{number:,} found" + (f", the newest {len(rows):,} shown" if len(rows) < number else ""), file=sys.stderr)


def _day(told: str, option: str) -> datetime | None:
    """Raises UsageError for what is no day or instant; a day begins at midnight UTC."""
    if not told:
        return None
    try:
        found = datetime.fromisoformat(told)
    except ValueError as error:
        raise UsageError(f"{told!r} is no date such as 2024-05-01", where=option) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    at = row["happened_at"]
    return {**row, "happened_at": at.isoformat() if at else None}


def _line(row: dict[str, Any]) -> str:
    at = f"{row['happened_at']:%Y-%m-%d %H:%M}" if row["happened_at"] else "undated"
    who = row["address_loose"] or f"person {row['person_key']}"
    said = " ".join(str(row["values"].get("name") or "").split())[:_SHOWN]
    line = f"{at:16}  {row['activity_type']:18}  {who:32}  {said}{' (machine)' if row['bot'] else ''}"
    return mask.visible(line)  # strangers wrote this: no terminal may obey it
