"""The text that the program writes beside a denial: the kinds of facts that it stands for, and the source that knows them.

Fields of a target hold fewer kinds than there are. Read back, the text gives them again; it only ever adds, or takes the place
of a kind that is ended by nothing less, so that a text which somebody else wrote weakens nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from mamigrate.consent.kinds import KINDS, LIFTABLE, Lift
from mamigrate.consent.verdict import WIDE
from mamigrate.contract import Blocker

MARK, HOLD = "mamigrate: ", "source hold: "
"""How a text of ours begins, and what may stand before it where the source itself would not send."""
AT_ADDRESS = "address denied: "
"""What stands before the kinds where the denial is that of an address without a person."""
OURS = f"^({HOLD})?{MARK}.* on "
"""How the cause begins that the program gives a denial of its own; the source's name ends it."""

_WRITTEN = re.compile(f"({HOLD})?{MARK}")


def text(kinds: Iterable[str], source: str, before: str = "") -> str:
    return f"{MARK}{before}{', '.join(sorted(kinds)).replace('_', ' ')} on {source}"


def is_ours(cause: str, source: str) -> bool:
    """Whether the cause that stands beside a denial is one that a move from ``source`` wrote."""
    return re.match(OURS, cause) is not None and cause.endswith(f" on {source}")


def naming(kind: str) -> str:
    """The expression that finds a kind in a text of ours, also in one that was cut after it."""
    words = f"^({HOLD})?{MARK}({AT_ADDRESS})?([a-z ]+, )*{kind.replace('_', ' ')}(, [a-z ]+)*( on |$)"
    return f"{words}|^{HOLD}{MARK}" if kind == "source_hold" else words


def named(blocker: Blocker, values: Mapping[str, str]) -> tuple[str, ...]:
    """The kinds that a text of ours beside a raised field names, of those that are written to this field."""
    cause = values.get(blocker.cause, "") if blocker.cause else ""
    return tuple(kind for kind in blocker.kinds if cause and re.search(naming(kind), cause))


def told(blocker: Blocker, values: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """The kinds of facts that a raised field stands for: the field's own, unless one that is named takes its place, and those
    that are named. Each with whether it is the program's alone: a text of ours stands there, and does not name it.
    """
    found = named(blocker, values)
    if blocker.fact not in found and not any(replaces(kind, blocker.fact) for kind in found):
        yield blocker.fact, _WRITTEN.match(values.get(blocker.cause, "")) is not None
    yield from ((kind, False) for kind in found)


def replaces(kind: str, own: str) -> bool:
    """Whether a denial of ``kind`` is one of ``own`` too: as wide, and ended by nothing that would leave ``own`` standing. One that
    closes no more than subscription types, or advertisements, is none of everything.
    """
    one, other = KINDS[kind], KINDS[own]
    harder = one.lift in (other.lift, Lift.NEVER) and (kind not in LIFTABLE or own in LIFTABLE)
    return harder and kind in WIDE and one.every_class >= other.every_class and one.kills >= other.kills
