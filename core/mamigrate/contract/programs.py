"""Programs that a target takes: where they may stand, what they must carry, and what their members can hold."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TagRule:
    """A kind of tag of programs. ``required`` of programs of these types; ``values`` are all that there are."""

    required: frozenset[str]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProgramRoom:
    """What an instance has room for.

    ``folders`` are paths in which a program may be made, ``dated`` the types of programs that have a first and a last day.
    ``name``: characters of a name (None: not told); ``cents``: costs may have fractions of the currency. ``member_fields`` are those fields of members that stand there, by API name;
    of ``more_fields`` more there is room.
    """

    folders: tuple[str, ...]
    dated: frozenset[str]
    tags: Mapping[str, TagRule]
    name: int | None
    cents: bool
    member_fields: frozenset[str]
    more_fields: int
