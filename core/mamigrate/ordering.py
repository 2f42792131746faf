"""What comes before what, and what is referred to but is not there. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from mamigrate.model.base import EstateObject, Reference
from mamigrate.model.kinds import Kind

NEEDS: Mapping[Kind, frozenset[Kind]] = {
    Kind.ACCOUNT: frozenset({Kind.FIELD}),
    Kind.PERSON: frozenset({Kind.FIELD, Kind.ACCOUNT}),
    Kind.OPPORTUNITY: frozenset({Kind.FIELD, Kind.ACCOUNT, Kind.PERSON}),
    Kind.LIST_MEMBERSHIP: frozenset({Kind.LIST, Kind.PERSON}),
    Kind.PROGRAM_MEMBERSHIP: frozenset({Kind.PROGRAM, Kind.PERSON}),
    Kind.ACTIVITY: frozenset({Kind.PERSON}),
}
"""Kinds whose records name records of other kinds when they are written."""


def write_order(kinds: Iterable[Kind]) -> list[Kind]:
    """``kinds`` so that each comes after what it names; the same for the same set. Deletion goes the other way."""
    wanted = sorted(set(kinds))
    sorter = TopologicalSorter({kind: sorted(NEEDS.get(kind, frozenset()) & set(wanted)) for kind in wanted})
    return list(sorter.static_order())


def missing_references(
    objects: Mapping[Kind, Sequence[EstateObject]],
) -> Iterator[tuple[Kind, EstateObject, Reference]]:
    """Every reference of an object to one that was not read. Kinds that were not read at all say nothing."""
    known = {kind: {one.key for one in found} for kind, found in objects.items()}
    for kind, found in objects.items():
        for one in found:
            for reference in one.references:
                if reference.kind in known and reference.key not in known[reference.kind]:
                    yield kind, one, reference
