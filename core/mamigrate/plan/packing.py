"""Families of activities packed into the few types that a target has room for; pure."""

from collections.abc import Mapping, Sequence

from mamigrate.contract.history import HistoryRoom, HistoryType
from mamigrate.model.activities import Family

COMMON = ("event", "source_key", "bot", "details")
"""What each activity has: what happened, whose row it is, whether a machine did it, and everything that has no place of its own."""
OWN: Mapping[Family, tuple[str, ...]] = {
    Family.EMAIL: ("subject", "url", "campaign", "category", "deviceType", "country"),
    Family.FORM: ("page",),
    Family.SALES: ("direction", "status", "outcome", "owner"),
    Family.EVENT: ("state",),
    Family.WEB: ("url", "title"),
    Family.CHANGE: ("field", "before", "after"),
    Family.OTHER: (),
}
PREFIX = "mm"
REST = "mmHistory"
"""The type of all families that have none of their own."""


def packed(counts: Mapping[Family, int], room: HistoryRoom) -> Mapping[Family, HistoryType]:
    """A type for each family that occurs. Where there is less room, the rarest share one; without any room they have none.

    A family whose own type stands already keeps it; types never move.
    """
    families = [family for family, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if n]
    standing = {family for family in families if own_name(family) in room.standing}
    new = [family for family in families if family not in standing]
    if len(new) <= room.types:
        return {family: _own(family, room) for family in families}
    spare = room.types if REST in room.standing else room.types - 1
    alone = {family: _own(family, room) for family in (*standing, *new[: max(0, spare)])}
    if spare < 0:
        return alone
    others = [family for family in families if family not in alone]
    return alone | dict.fromkeys(others, _rest(others, room))


def own_name(family: Family) -> str:
    return f"{PREFIX}{family.value.capitalize()}"


OURS = frozenset([REST, *map(own_name, Family)])
"""Names of all types that may be made."""


def _own(family: Family, room: HistoryRoom) -> HistoryType:
    return HistoryType(own_name(family), f"Migrated {family.value}", "name", _fitting([family], room))


def _rest(families: Sequence[Family], room: HistoryRoom) -> HistoryType:
    return HistoryType(REST, "Migrated history", "name", _fitting(families, room))


def _fitting(families: Sequence[Family], room: HistoryRoom) -> tuple[str, ...]:
    """As many attributes as there is room for: the common ones first. What has none goes into the details."""
    every = dict.fromkeys([*COMMON, *(name for family in families for name in OWN[family])])
    return tuple(every)[: room.attributes]
