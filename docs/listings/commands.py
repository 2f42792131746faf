"""Commands with their options, and the exit codes."""

import inspect
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

from listings.table import code, first_line, table
from mamigrate.cli import commands
from mamigrate.cli.failures import EXIT_CODES
from mamigrate.hookspecs import CommandEntry
from mamigrate.registry import Registry, load

PLANNED = (
    "archive",
    "adapters new",
    "adapters check",
    "adapters compare",
    "audit",
    "diff",
    "parallel",
    "cutover",
)
"""Commands that are meant to come. One that is there is not told as missing, whoever forgets to strike it out here."""

_WORDS = {str: "text", Path: "path", int: "number", float: "number"}


def listing() -> str:
    """Every installed command: what it does, and its options."""
    return "\n\n".join(_section(entry) for entry in entries())


def entries() -> list[CommandEntry]:
    """The commands of the core and of every installed plug-in, as the command line finds them."""
    registry = Registry()
    registry.register(commands, "core")
    return sorted(registry.commands(), key=lambda entry: entry.name)


def planned() -> str:
    """Which of PLANNED no installed package brings."""
    there = {entry.name for entry in entries()}
    missing = [code(name) for name in PLANNED if name not in there]
    if not missing:
        return "Every command that was planned is there."
    return "These commands are planned and do not exist in this version: " + ", ".join(missing) + "."


def exit_codes() -> str:
    return table(("code", "meaning"), ((code(number), says) for number, says in EXIT_CODES.items()))


def _section(entry: CommandEntry) -> str:
    callback = load(entry.load)
    rows = list(_rows(callback))
    about = first_line(callback.__doc__) or f"{entry.line}."
    parts = [f"## mamigrate {entry.name}", about]
    if rows:
        parts.append(table(("option", "takes", "default", "what it does"), rows))
    else:
        parts.append("It has no options.")
    return "\n\n".join(parts)


def _rows(callback: Any) -> Iterator[tuple[str, str, str, str]]:
    hints = get_type_hints(callback, include_extras=True)
    for name, parameter in inspect.signature(callback).parameters.items():
        kind, info = _told(hints[name])
        if not info.hidden:
            yield _option(name, info), _takes(kind, info), _default(parameter, kind), f"{info.help}".strip()


def _told(hint: Any) -> tuple[Any, OptionInfo | ArgumentInfo]:
    """The type and what typer is told of an annotation."""
    assert get_origin(hint) is Annotated
    kind, *rest = get_args(hint)
    return kind, next(one for one in rest if isinstance(one, OptionInfo | ArgumentInfo))


def _option(name: str, info: OptionInfo | ArgumentInfo) -> str:
    if isinstance(info, ArgumentInfo):
        return code(name.upper())
    # The first name stands where a default would, in the annotated spelling.
    told = (info.default, *(info.param_decls or ()))
    declared = [text for text in told if isinstance(text, str) and text.startswith("-")]
    return code(", ".join(declared) or "--" + name.replace("_", "-"))


def _takes(kind: Any, info: OptionInfo | ArgumentInfo) -> str:
    kind, many = _plain(kind)
    if kind is bool:
        return ""
    least = f", at least {info.min:g}" if info.min is not None else ""
    again = ", may be repeated" if many else ""
    return f"{_WORDS[kind]}{least}{again}"


def _plain(kind: Any) -> tuple[Any, bool]:
    """The type inside ``| None`` and ``list``."""
    if get_origin(kind) in (types.UnionType, Union):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return (get_args(kind)[0], True) if get_origin(kind) is list else (kind, False)


def _default(parameter: inspect.Parameter, kind: Any) -> str:
    if parameter.default is inspect.Parameter.empty:
        return "required"
    if parameter.default is None or _plain(kind)[0] is bool:
        return ""
    return code(f"{parameter.default:g}" if isinstance(parameter.default, float) else parameter.default)
