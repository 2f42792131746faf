"""What to send for one record, given what stands on the target."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mamigrate.mapping.convert import Problem, Rule


@dataclass(frozen=True, slots=True)
class Difference:
    """``send``: values that differ; ``before``: what they replace; ``kept``: fields where the target's own value stays."""

    send: dict[str, str | None]
    before: dict[str, str | None]
    kept: tuple[str, ...]


def difference(wanted: Mapping[str, str], there: Mapping[str, str], fill_only: frozenset[str]) -> Difference:
    """Compare wanted values with a record on the target. ``fill_only`` fields never overwrite a value that is there."""
    send: dict[str, str | None] = {}
    kept: list[str] = []
    for name, value in wanted.items():
        standing = there.get(name)
        if standing == value:
            continue
        if standing not in (None, "") and name in fill_only:
            kept.append(name)
        else:
            send[name] = value
    return Difference(send, {name: there.get(name) for name in send}, tuple(kept))


def coalesce(newest_first: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Merge records: the newest modified wins each field, where it has a value."""
    merged: dict[str, str] = {}
    for values in newest_first:
        for name, value in values.items():
            merged.setdefault(name, value)
    return merged


def losses(failed: Iterable[tuple[Rule, Problem]]) -> tuple[tuple[str, str, str], ...]:
    return tuple((rule.source, problem.code, problem.value) for rule, problem in failed)
