"""Every finding: its code, how grave it is, who makes it, and its sentence."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from listings.table import code, table
from mamigrate.reports.messages import Messages

ROOT = Path(__file__).parents[2]
SHELVES = ("core", "adapters", "plugins")
MAKERS = {"Finding": 0, "add": 0, "_finding": 0, "_problem": 0, "_stop": 2}
"""Functions that make findings, with the place of the code among their arguments."""
ADAPTERS = ("hubspot", "marketo")

COMPUTED = {
    "too_long": "block",
    "too_long_cut": "warn",
    "too_long_left": "warn",
    "type_lost": "warn",
    "unmapped_value": "warn",
    "newly_reachable": "block",
    "reopened_on_target": "block",
    "topic_denial_lost": "block",
    "doubled": "block",
    "unverified": "warn",
    "account_not_linked": "warn",
    "list_renamed": "warn",
    "origin_cut": "warn",
    "decision_refused": "block",
    "owner_text_refused": "block, warn",
    "tombstones_hold": "note, warn",
    "side_shrunk": "block, warn",
    "target_shrunk": "block, warn",
    "recipe_source_unknown": "block, warn",
    "recipe_stage_unknown": "block, warn",
    "recipe_amount_unknown": "block, warn",
    "recipe_name_taken": "block, warn",
    "recipe_name_long": "block, warn",
    "recipe_folder_unknown": "block, warn",
    "recipe_dates_not_taken": "block, warn",
    "recipe_channel_unknown": "block, warn",
    "recipe_type_not_of_channel": "block, warn",
    "recipe_status_unknown": "block, warn",
    "recipe_evidence_unknown": "block, warn",
    "recipe_currency_differs": "block, warn",
    "recipe_cost_in_fractions": "block, warn",
    "recipe_tag_unknown": "block, warn",
    "recipe_tag_missing": "block, warn",
}
"""Codes whose severity the program looks up while it runs, so that no line of code names both."""

_ALONE = {"_problem": "warn", "_stop": "block"}
"""Functions that make findings of one severity."""


def listing() -> str:
    made = severities()
    messages = Messages.of(*ADAPTERS)
    rows = ((code(one), ", ".join(sorted(made[one])), _sentence(messages, one)) for one in sorted(made))
    return table(("code", "severity", "sentence"), rows)


def severities() -> dict[str, set[str]]:
    """Every code with the severities that the source gives it."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, severity in COMPUTED.items():
        found[name].update(severity.split(", "))
    for path in _sources():
        for name, severity in _made(ast.parse(path.read_text(encoding="utf-8"))):
            found[name].add(severity)
    return found


def _sources() -> Iterator[Path]:
    for shelf in SHELVES:
        yield from sorted((ROOT / shelf).rglob("*.py"))


def _made(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        place = MAKERS.get(_name(node.func)) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and place is not None and len(node.args) > place:
            named = node.args[place]
            severity = _severity(node)
            if isinstance(named, ast.Constant) and isinstance(named.value, str) and severity:
                yield named.value, severity


def _severity(node: ast.Call) -> str:
    for argument in (*node.args, *(word.value for word in node.keywords)):
        if isinstance(argument, ast.Attribute) and _name(argument.value) == "Severity":
            return argument.attr.lower()
    return _ALONE.get(_name(node.func), "")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _sentence(messages: Messages, name: str) -> str:
    text = messages.text(name, "en")
    return text if text != name else ""
