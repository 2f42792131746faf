"""Expressions that are built once: the same tables by name and columns, and the same words."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pytest
from pydantic import BaseModel

from mamigrate.once import once

BUILT: list[str] = []


@dataclass(frozen=True)
class Kept:
    people: ir.Table
    words: Mapping[str, tuple[str, ...]]


@once
def named(kept: Kept, name: str, *, limit: int = 5) -> ir.Table:
    BUILT.append(name)
    people = kept.people.filter(kept.people.name.isin(kept.words[name]))
    return people.limit(limit)


@pytest.fixture(autouse=True)
def nothing_built() -> None:
    BUILT.clear()


def kept(name: str = "people", **words: tuple[str, ...]) -> Kept:
    """Other objects each time."""
    return Kept(ibis.table({"name": "string"}, name=name), words)


def test_the_same_question_is_built_once() -> None:
    first = named(kept(a=("ana",)), "a")
    assert named(kept(a=("ana",)), "a") is first
    assert BUILT == ["a"]


@pytest.mark.parametrize(
    ("asked", "name", "limit"),
    [
        (kept("others", b=("ben",)), "b", 5),
        (kept(b=("bo",)), "b", 5),
        (kept(b=("ben",)), "b", 6),
    ],
    ids=["another table", "another word", "another limit"],
)
def test_another_question_is_another_expression(asked: Kept, name: str, limit: int) -> None:
    first = named(kept(b=("ben",)), "b")
    assert not named(asked, name, limit=limit).equals(first)


class Words(BaseModel):
    of: dict[str, list[str]]


def test_models_are_the_same_where_their_parts_are() -> None:
    people = ibis.table({"name": "string"}, name="people")

    @once
    def told(table: ir.Table, words: Words) -> ir.Table:
        return table.filter(table.name.isin(words.of["a"]))

    first = told(people, Words(of={"a": ["ana"]}))
    assert told(people, Words(of={"a": ["ana"]})) is first
    assert not told(people, Words(of={"a": ["ben"]})).equals(first)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        once(vars)(_Unhashable())


class _Unhashable:
    __hash__ = None  # type: ignore[assignment]
