"""Expressions that are built once: the same question about the same tables is the same expression.

Building one costs more than running it over a few thousand rows, and a population that is looked at in pieces is asked the same
of each piece, whose tables have the same names.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import ibis.expr.types as ir
from pydantic import BaseModel

P = ParamSpec("P")
T = TypeVar("T")


def once(build: Callable[P, T]) -> Callable[P, T]:
    """``build`` depends on what it is given alone: expressions, plain values, and dataclasses, models, mappings and sequences of them."""

    @wraps(build)
    def built(*given: P.args, **named: P.kwargs) -> T:
        asked = _Asked(build, (_told(given), _told(named)), given, named)
        answer: T = _built(asked)
        return answer

    return built


@dataclass(frozen=True, slots=True)
class _Asked:
    """Two are the same when they ask the same in the same words, whichever objects they hold."""

    build: Callable[..., Any]
    told: Hashable
    given: tuple[Any, ...] = field(compare=False)
    named: Mapping[str, Any] = field(compare=False)


@lru_cache(maxsize=4096)
def _built(asked: _Asked) -> Any:
    return asked.build(*asked.given, **asked.named)


def _told(value: object) -> Hashable:
    """What can be compared: an expression of Ibis is itself only, its node is every other one that says the same."""
    if isinstance(value, ir.Expr):
        node: Hashable = value.op()
        return node
    if is_dataclass(value):
        return type(value), *(_told(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, BaseModel):
        return type(value), *(_told(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Mapping):
        return tuple((name, _told(one)) for name, one in value.items())
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return tuple(_told(one) for one in value)
    return value
