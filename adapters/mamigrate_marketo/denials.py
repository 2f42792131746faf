"""How a denial is written on a Marketo person, and which values may never be written."""

from collections.abc import Mapping, Sequence

from mamigrate.consent.cause import HOLD, MARK
from mamigrate.consent.kinds import KINDS
from mamigrate.contract import Change
from mamigrate.mapping.convert import cut

LOCKED = ("unsubscribed", "blackListed", "emailInvalid", "marketingSuspended", "emailSuspended")
"""Flags that only ever go up: lowering ``unsubscribed`` re-subscribes every record with that address."""

CAUSES = {
    "unsubscribed": ("unsubscribedReason", 2000),
    "marketingSuspended": ("marketingSuspendedCause", 255),
    "emailInvalid": ("emailInvalidCause", 255),
    "blackListed": ("blackListedCause", 255),
}
"""The field beside each flag that says why, and its length. Lengths are kept in bytes, the stricter reading."""

_FLAGS = {
    "erasure": ("unsubscribed", "blackListed"),
    "complaint": ("unsubscribed",),
    "objection": ("unsubscribed",),
    "ads_objection": ("unsubscribed",),
    "unparsed": ("unsubscribed",),
    "refused": ("unsubscribed",),
    "topic_opt_out": ("marketingSuspended",),
    "source_hold": ("marketingSuspended",),
    "org_hold": ("marketingSuspended",),
    "no_basis": ("marketingSuspended",),
    "time_hold": ("marketingSuspended",),
    "undeliverable": ("emailInvalid",),
    "block": ("blackListed",),
}
"""Whoever was erased gets no mail of any class, so that an unsubscribe alone, which lets operational mail go, is not enough."""


MARKS = (MARK, HOLD + MARK)
"""How causes begin that were written here, in whatever project."""


def kinds(flag: str) -> tuple[str, ...]:
    """The kinds of facts that are written to a flag."""
    return tuple(kind for kind, flags in _FLAGS.items() if flag in flags and kind in KINDS)


def values(facts: frozenset[str], cause: str) -> Mapping[str, str]:
    """Flags and causes for these kinds of facts. Any non-empty set denies; an unknown kind counts as an objection."""
    found: dict[str, str] = {}
    for fact in sorted(facts):
        for flag in _FLAGS.get(fact, ("unsubscribed",)):
            found[flag] = "true"
            name, length = CAUSES[flag]
            prefix = HOLD if fact == "source_hold" else ""
            found[name] = cut(prefix + cause.removeprefix(prefix), length)
    return found


def guard(changes: Sequence[Change]) -> None:
    """Raises ValueError naming the field when a change would lower a locked flag: absent is the only way to say no."""
    for change in changes:
        for name in LOCKED:
            if name in change.values and change.values[name] != "true":
                raise ValueError(f"{name} must never be lowered: leave it out")
