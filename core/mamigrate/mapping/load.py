"""Read a mapping file; every problem is told with line and column, all in one pass."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from mamigrate.findings import Finding, Severity
from mamigrate.mapping.model import Mapping


def load(text: str, name: str) -> tuple[Mapping | None, Sequence[Finding]]:
    """The mapping, or the findings that say what is wrong where. ``name`` is the file's, for the findings."""
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        return None, [_finding(where, str(error.problem or "not YAML"), "")]
    try:
        return Mapping.model_validate(tree), []
    except ValidationError as error:
        return None, [
            _finding(place(tree, one["loc"], name), one["msg"], _text(one.get("input"))) for one in error.errors()
        ]


def place(tree: Any, path: Sequence[int | str], name: str) -> str:
    """``file:line:column`` of the deepest node of ``path`` that exists."""
    line, column = 0, 0
    node = tree
    for step in path:
        marks = getattr(node, "lc", None)
        try:
            if marks is not None:
                line, column = marks.key(step) if isinstance(step, str) else marks.item(step)
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return f"{name}:{line + 1}:{column + 1}"


def _finding(where: str, problem: str, value: str) -> Finding:
    return Finding("mapping_invalid", Severity.BLOCK, where, {"problem": problem, "value": value})


def _text(value: object) -> str:
    return "" if isinstance(value, dict | list) else str(value)[:80]
