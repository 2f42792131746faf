"""TOML with the line of each of its parts."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

from mamigrate.handwritten.mistakes import Mistake, Path
from mamigrate.handwritten.text import unquoted

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_KEY = re.compile(r"""\s*(?P<name>[\w.-]+|"[^"]*"|'[^']*')\s*=""")
_DATE = re.compile(_KEY.pattern + r"\s*(?P<date>\d{4}-\d{1,2}-\d{1,2})\s*(#.*)?$")
_SECTION = re.compile(r"\s*\[\[?(?P<name>[^\]]+)\]")


def parse(text: str, name: str) -> tuple[dict[str, Any], list[Mistake]]:
    """The tables of a document, or why it is none. ``name`` is the file's."""
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        place = f":{found['line']}:{found['column']}" if found and found["line"] else ""
        if found and found["line"] and (wrong := _no_date(text.split("\n")[int(found["line"]) - 1])):
            return {}, [Mistake(name + place, f"{wrong} is no date")]
        return {}, [Mistake(name + place, f"not TOML: {unquoted(_PLACE.sub('', str(error)))}")]
    except RecursionError:
        return {}, [Mistake(name, "not a file of this kind: its brackets are nested too deeply")]


def _no_date(line: str) -> str:
    """What a line gives for a date and is none: such as a thirteenth month, of which the parser tells nothing of use."""
    found = _DATE.match(line)
    try:
        date.fromisoformat(found["date"]) if found else None
    except ValueError:
        return found["date"] if found else ""
    return ""


def place(text: str, path: Path, name: str) -> str:
    """``file:line [section]`` of the deepest part of ``path`` that stands there by itself."""
    wanted = tuple(step for step in path if isinstance(step, str))
    parts = list(_parts(text))
    tops = (wanted[:end] for end in range(len(wanted), 0, -1))
    line = next((f":{number}" for top in tops for part, number in parts if part[: len(top)] == top), "")
    section = f" [{'.'.join(wanted[:-1])}]" if len(wanted) > 1 else ""
    return f"{name}{line}{section}"


def _parts(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    section: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if found := _SECTION.match(line):
            section = _names(found["name"])
            yield section, number
        elif found := _KEY.match(line):
            yield (*section, *_names(found["name"])), number


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.]+""", dotted))
