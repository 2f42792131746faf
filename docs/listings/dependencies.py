"""The packages that the program needs to run, with the decision that took each in."""

import re
from collections.abc import Iterator
from pathlib import Path

from listings.table import code, table

ROOT = Path(__file__).parents[2]
_LINE = re.compile(r'^\s*"(?P<name>[A-Za-z0-9._-]+)[^"]*",\s*(#\s*(?P<why>.*))?$')


def listing() -> str:
    """Raises KeyError for a dependency that no decision names."""
    decided = _decided()
    rows = ((code(name), why, decided[name]) for name, why in direct())
    return table(("package", "for", "decision"), rows)


def direct() -> Iterator[tuple[str, str]]:
    """(name, comment) of the direct run-time dependencies in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    inside = text.partition("\ndependencies = [\n")[2].partition("\n]")[0]
    for line in inside.splitlines():
        found = _LINE.match(line)
        if found is None:
            raise ValueError(f"no dependency: {line}")
        yield found["name"], found["why"] or ""


def _decided() -> dict[str, str]:
    """Where a decision names packages on its line ``Packages:``."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        named = re.search(r"^Packages: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", named[1]) if named else ():
            found[name] = f"[{path.stem[:4]}](../decisions/{path.name})"
    return found
