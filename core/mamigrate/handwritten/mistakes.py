"""What is wrong with a file that parses but does not fit its model: every mistake, in the words of the file."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mamigrate.errors import UsageError
from mamigrate.handwritten.text import hint, nearest, quoted

_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
Path = Sequence[int | str]
"""Keys and positions from the top of a file down to a value."""
Place = Callable[[Path], str]
"""``file:line:column`` of what stands at a path."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """``value`` is what was found, cut; it may be private."""

    where: str
    problem: str
    value: str = ""


def of(error: ValidationError, model: Any, place: Place) -> list[Mistake]:
    """Every mistake of ``error``. ``model`` is what the file was validated against."""
    return [_mistake(dict(one), model, place) for one in error.errors(include_url=False)]


def _mistake(error: dict[str, Any], model: Any, place: Place) -> Mistake:
    said, shown = _words(error, model), _shown(error.get("input"))
    told = error["type"] == "extra_forbidden" or shown in said
    return Mistake(place(error["loc"]), said, "" if told else shown)


def refusal(mistakes: Iterable[Mistake]) -> UsageError:
    """One error that tells all of them, a line each."""
    return UsageError.together([UsageError(one.problem, where=one.where) for one in mistakes])


def _words(error: dict[str, Any], model: Any) -> str:
    path: Path = error["loc"]
    key = next((step for step in reversed(path) if isinstance(step, str) and step != "[key]"), "")
    named = quoted(key)
    if path and isinstance(path[-1], int):
        named = f"an entry of {named}"
    match error["type"]:
        case "missing":
            return f"the key {named}is missing"
        case "extra_forbidden":
            return f"there is no key {named}here; {hint(key, keys(model, path[:-1]))}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "list_type" | "tuple_type" if error.get("input") is None:
            return f"{named}is empty: write [] where nothing shall stand"
        case "invalid_key":
            return "a key must be text: write it in quotes"
        case _ if error.get("input") is None or error["type"] == "string_too_short":
            return f"{named}is empty"
        case "literal_error" | "enum":
            near = nearest(str(error["input"]), re.split(", | or ", error["ctx"]["expected"].replace("'", "")))
            return f"{named}must be {error['ctx']['expected']}" + (f'; did you mean "{near}"?' if near else "")
        case "string_type":
            return f"{named}must be text: write {'the key' if path[-1] == '[key]' else 'it'} in quotes"
        case "list_type" | "tuple_type":
            return f"{named or 'the file '}must be a list"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"{named or 'the file '}must be a table of keys"
        case kind if kind.startswith("int_"):
            return f"{named}must be a whole number"
        case kind if kind.startswith("float_"):
            return f"{named}must be a number"
        case kind if kind.startswith("date") and _DAY.fullmatch(str(error.get("input")).strip()):
            return f"no calendar has this day: {error['input']}"
        case kind if kind.startswith("date"):
            return f"{named}must be a day: YYYY-MM-DD"
        case _:
            return f"{named}is wrong: {error['msg']}"


def keys(model: Any, path: Path) -> list[str]:
    """The keys that may stand at ``path`` in a file of this model."""
    for step in path:
        model = _inside(_plain(model), step)
    found = getattr(_plain(model), "model_fields", {})
    return [info.alias or name for name, info in found.items()]


def _inside(model: Any, step: int | str) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        fields = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
        return fields.get(str(step))
    return get_args(model)[-1 if get_origin(model) is dict else 0] if get_args(model) else None


def _plain(model: Any) -> Any:
    """Without the ``None`` of what may be left out."""
    if get_origin(model) in (Union, UnionType):
        return next(part for part in get_args(model) if part is not type(None))
    return model


def _shown(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()[:80]
