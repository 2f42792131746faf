"""What may be sent, as a point of a lattice: lower is never more permissive, whatever the regime that reads it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from mamigrate.consent.kinds import Grant, Lift

FOREVER = datetime.max.replace(tzinfo=UTC)

_LIFTS = list(Lift)  # the first is the most permissive
_GRANTS = list(Grant)  # the last is the most permissive


@dataclass(frozen=True, slots=True)
class Permission:
    """The value of a cell at one instant.

    ``denied``: classes of mail that a denial covers. ``lift``: the hardest way up among those denials. ``grant``: the
    best grant that runs, and ``until``: when it ends. ``deliverable``: whether the address takes mail at all.
    """

    denied: frozenset[str] = field(default=frozenset())
    lift: Lift = Lift.NONE_NEEDED
    grant: Grant = Grant.NONE
    until: datetime = FOREVER
    deliverable: bool = True

    def __le__(self, other: "Permission") -> bool:
        """At most as permissive, component by component."""
        return (
            self.denied >= other.denied
            and _LIFTS.index(self.lift) >= _LIFTS.index(other.lift)
            and _GRANTS.index(self.grant) <= _GRANTS.index(other.grant)
            and self.until <= other.until
            and self.deliverable <= other.deliverable
        )

    def __and__(self, other: "Permission") -> "Permission":
        """The most permissive value that lies below both."""
        return Permission(
            self.denied | other.denied,
            max(self.lift, other.lift, key=_LIFTS.index),
            min(self.grant, other.grant, key=_GRANTS.index),
            min(self.until, other.until),
            self.deliverable and other.deliverable,
        )


TOP = Permission(grant=Grant.CONFIRMED)
BOTTOM = Permission(
    frozenset({"MKT", "SLS", "SVC", "TXN"}), Lift.NEVER, until=datetime.min.replace(tzinfo=UTC), deliverable=False
)


def allows(permission: Permission, asset_class: str, need: Grant, at: datetime) -> bool:
    """Whether mail of a class may go out at an instant, where a grant of at least ``need`` is asked for. Monotone."""
    granted = need is Grant.NONE or (_GRANTS.index(permission.grant) >= _GRANTS.index(need) and permission.until > at)
    return permission.deliverable and asset_class not in permission.denied and granted
