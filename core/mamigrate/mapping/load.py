"""Read a mapping file; every problem is told with line and column, all in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from pydantic import ValidationError

from mamigrate.findings import Finding, Severity
from mamigrate.handwritten import marked, mistakes
from mamigrate.handwritten.mistakes import Mistake
from mamigrate.handwritten.text import quoted
from mamigrate.mapping.model import Mapping


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a mapping stand in its file: ``file:line:column`` of keys and positions from the top."""

    name: str
    tree: Any

    def __call__(self, *path: int | str) -> str:
        return marked.place(self.tree, path, self.name)


def load(text: str, name: str) -> tuple[Mapping | None, Sequence[Finding]]:
    """The mapping, or the findings that say what is wrong where. ``name`` is the file's, for the findings."""
    mapping, _, problems = load_marked(text, name)
    return mapping, problems


@lru_cache(maxsize=1)
def load_marked(text: str, name: str) -> tuple[Mapping | None, Places, Sequence[Finding]]:
    """As ``load``, with the places of what was read. A run asks several times for the same text."""
    tree, wrong = marked.parse(text, name)
    places = Places(name, tree)
    if tree is None:
        return None, places, [_finding(one) for one in wrong or [Mistake(f"{name}:1:1", "the file is empty")]]
    try:
        return Mapping.model_validate(tree), places, []
    except ValidationError as error:
        found = mistakes.of(error, Mapping, partial(marked.place, tree, name=name))
        return None, places, [_finding(one) for one in found]


def _finding(one: Mistake) -> Finding:
    shown = quoted(one.value).strip()
    found = f" (found: {shown})" if shown else ""
    params = {"problem": one.problem + found, "value": shown.strip('"')}
    return Finding("mapping_invalid", Severity.BLOCK, one.where, params)
