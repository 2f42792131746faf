"""Hooks, installed adapters, their capability rows, options and blocking fields."""

import ast
import inspect
from dataclasses import fields
from typing import Any

from listings.table import code, first_line, prose, table
from mamigrate import contract, hookspecs
from mamigrate.contract import powers
from mamigrate.registry import Registry

ENTRIES = (hookspecs.AdapterEntry, hookspecs.CommandEntry, hookspecs.RehearsalRequest, hookspecs.Rehearsal)


def hooks() -> str:
    """The hooks with their signatures, then the values that they exchange."""
    found = [
        f"## {name}\n\n    def {name}{inspect.signature(function)}\n\n{prose(function.__doc__)}"
        for name, function in vars(hookspecs.Specs).items()
        if name.startswith("mamigrate_")
    ]
    values = [f"## {kind.__name__}\n\n{prose(kind.__doc__)}{_members(kind)}" for kind in ENTRIES]
    return "\n\n".join([*found, *values]).replace("mamigrate.hookspecs.", "").replace("collections.abc.", "")


def _members(kind: Any) -> str:
    if not hasattr(kind, "__dataclass_fields__"):
        methods = [name for name in vars(kind) if not name.startswith("_")]
        return f"\n\nMethods: {', '.join(code(f'{name}()') for name in methods)}."
    rows = ((code(one.name), code(_name(one.type))) for one in fields(kind))
    return "\n\n" + table(("field", "type"), rows)


def _name(annotation: Any) -> str:
    return str(getattr(annotation, "__name__", annotation)) if isinstance(annotation, type) else str(annotation)


def found() -> list[Any]:
    """The adapters that are installed, by name."""
    registry = Registry()
    return [registry.adapter(name) for name in registry.adapters()]


def installed() -> str:
    rows = ((code(one.name), one.title, code(type(one).__module__.partition(".")[0])) for one in found())
    return table(("name", "vendor", "package"), rows)


def capabilities() -> str:
    """One table an adapter, its rows as they stand in the code."""
    return "\n\n".join(f"## {one.title}\n\n{_matrix(one)}" for one in found())


def _matrix(adapter: Any) -> str:
    rows = (
        (
            code(row.kind.value),
            row.power.value,
            row.level.value,
            row.reason,
            str(row.batch or ""),
            ", ".join(code(scope) for scope in row.scopes),
        )
        for row in adapter.capabilities.rows
    )
    return table(("kind", "power", "level", "reason", "records a call", "asks for"), rows)


def options() -> str:
    return "\n\n".join(f'### {one.title}\n\n`adapter = "{one.name}"`\n\n{_settings(one)}' for one in found())


def _settings(adapter: Any) -> str:
    rows = (
        (code(one.name), "yes" if one.secret else "", "yes" if one.required else "", code(one.default), one.help)
        for one in adapter.settings
    )
    return table(("option", "secret", "required", "default", "what it is"), rows)


def blockers() -> str:
    """Under which condition on which field each platform does not mail a person."""
    rows = (
        (one.title, code(row.field), _condition(row), code(row.fact), " and ".join(row.holders))
        for one in found()
        for row in one.blockers
    )
    return table(("platform", "field", "no mail while", "counts as", "fact borne by"), rows)


def _condition(blocker: contract.Blocker) -> str:
    says = {"true": "true", "not_true": "not true, or absent", "set": "anything is in it"}[blocker.when]
    return f"{says}, for 24 hours from {code(blocker.hours_from)}" if blocker.hours_from else says


def protocols() -> str:
    """The protocols of ``mamigrate.contract`` with their methods, in the order of the file."""
    tree = ast.parse(inspect.getsource(powers))
    found = [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_protocol(node)]
    rows = ((code(node.name), first_line(ast.get_docstring(node)), _methods(node)) for node in found)
    return table(("protocol", "what it is for", "methods"), rows)


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def _methods(node: ast.ClassDef) -> str:
    return ", ".join(code(one.name) for one in node.body if isinstance(one, ast.FunctionDef))
