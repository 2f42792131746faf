"""``adapters list``."""

import json as text
import sys
from typing import Annotated, Any

import typer

from mamigrate.registry import Registry


def list_(json: Annotated[bool, typer.Option("--json", help="As JSON, with every capability row")] = False) -> None:
    """Who is installed, and what each can do with which kind."""
    registry = Registry()
    found = [_facts(registry.adapter(name)) for name in registry.adapters()]
    if json:
        sys.stdout.write(text.dumps(found, indent=2) + "\n")
        return
    for adapter in found:
        sys.stdout.write(f"{adapter['name']}: {adapter['title']}\n")
        for row in adapter["capabilities"]:
            reason = f"  ({row['reason']})" if row["reason"] else ""
            sys.stdout.write(f"  {row['kind']:<18} {row['power']:<13} {row['level']}{reason}\n")


def _facts(adapter: Any) -> dict[str, Any]:
    rows = [
        {
            "kind": row.kind.value,
            "power": row.power.value,
            "level": row.level.value,
            "reason": row.reason,
            "batch": row.batch,
        }
        for row in adapter.capabilities.rows
    ]
    return {"name": adapter.name, "title": adapter.title, "capabilities": rows}
