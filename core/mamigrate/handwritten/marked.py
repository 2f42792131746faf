"""YAML with the place of each of its parts."""

import warnings
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

from mamigrate.handwritten.mistakes import Mistake, Path
from mamigrate.handwritten.text import unquoted


class _Constructor(RoundTripConstructor):
    """Days that no calendar has stay text, which no model takes for a day: they are told beside all other mistakes."""

    def construct_yaml_timestamp(self, node: Any, values: Any = None) -> Any:
        try:
            return super().construct_yaml_timestamp(node, values)
        except ValueError:
            return str(node.value)


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _Constructor.construct_yaml_timestamp)


def parse(text: str, name: str) -> tuple[Any, list[Mistake]]:
    """The tree of a document (None where nothing stands in it), or why it is none. ``name`` is the file's."""
    reader = YAML(typ="rt")
    reader.Constructor = _Constructor
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ReusedAnchorWarning
            )  # It is allowed, and would be told with what stands there.
            return reader.load(text), []
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        return None, [Mistake(where, _said(error))]
    except (
        YAMLError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
    ) as error:  # Tags make the parser stumble in many ways.
        return None, [
            Mistake(name, f"not YAML: {unquoted(next(iter(str(error).splitlines()), 'nothing can be read'))}")
        ]
    except RecursionError:
        return None, [Mistake(name, "not a file of this kind: its brackets are nested too deeply")]


_PLAINLY = {
    "'\\t'": "a tab stands here: indent with spaces",
    "mapping values are not allowed": "a colon too many: write the text in quotes",
    "<stream end>": "the file ends inside a bracket or a quotation",
    "another document": "a second document begins here; one is allowed",
    "duplicate key": "a key stands here twice",
    "undefined alias": "an asterisk begins an alias that nothing defines: write the text in quotes",
    "constructor for the tag": "an exclamation mark begins a tag that nobody knows: write the text in quotes",
}
"""The parser's sentences that a reader cannot act on, by a part of them."""


def _said(error: MarkedYAMLError) -> str:
    problem = str(error.problem or "not YAML")
    return next((plain for part, plain in _PLAINLY.items() if part in problem), unquoted(problem))


def place(tree: Any, path: Path, name: str) -> str:
    """``file:line:column`` of the deepest part of ``path`` that exists."""
    line, column = 0, 0
    node = tree
    for step in path:
        marks = getattr(node, "lc", None)
        try:
            if marks is not None:
                line, column = marks.key(step) if isinstance(node, Mapping) else marks.item(step)
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    return f"{name}:{line + 1}:{column + 1}"
