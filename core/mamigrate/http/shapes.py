"""What a parsed reply looks like inside: objects and lists where the vendor's documents promise them, else Unreadable.

Adapters read what decides about people through these; a part that has another shape is a hole, never an empty one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mamigrate.http.call import Unreadable

Json = dict[str, Any]

DEEPEST = 64
"""Levels of a page. Filters of real accounts nest a dozen; what is deeper cannot be kept again."""


def text(record: Mapping[str, Any], name: str) -> str:
    """A value as text, "" when absent or null; yes and no as true and false. Raises Unreadable for a list or an object."""
    value = record.get(name)
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise Unreadable(f"{name} is no text")
    return str(value)


def id_of(record: Mapping[str, Any], name: str = "id") -> str:
    """An id as text. Raises Unreadable where there is none, and for a number that was rounded or is none."""
    value = record.get(name)
    if isinstance(value, str) and value.strip():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Unreadable(f"a record without {name}")


def part(record: Mapping[str, Any], name: str) -> Json:
    """An object inside an object, empty when absent or null. Raises Unreadable where anything else stands there."""
    found = record.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Unreadable(f"{name} is no object")
    return found


def listed(record: Mapping[str, Any], name: str) -> list[Json]:
    """Objects of a list inside an object, none when absent or null. Raises Unreadable where anything else stands there."""
    found = record.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"no list of {name}")
    return found


def ids(record: Mapping[str, Any], name: str) -> list[str]:
    """Ids of a list inside an object, none when absent or null. Raises Unreadable for anything else: a text is no list."""
    found = record.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unreadable(f"no list of {name}")
    return [id_of({"": one}, "") for one in found]


def whole(record: Mapping[str, Any], name: str) -> int:
    """A whole number of at least 0, 0 when absent or null. Raises Unreadable where anything else stands there."""
    told = text(record, name) or "0"
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise Unreadable(f"{name} is no number")
    return int(told)


@contextmanager
def understood() -> Iterator[None]:
    """For what marketers built, whose parts have hundreds of shapes: one that is not the documented one is Unreadable."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise Unreadable("a part of it has another shape than the vendor documents") from error


def shallow(data: Any) -> None:
    """Raises Unreadable where a page nests deeper than any that a vendor makes."""
    level = [data]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise Unreadable("it is nested too deep")


def _inside(one: Any) -> Iterator[Any]:
    values = one.values() if isinstance(one, dict) else one
    return (value for value in values if isinstance(value, dict | list))
