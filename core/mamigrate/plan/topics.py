"""What became of each subscription type for one person, in a word each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mamigrate.plan.consent import TopicCell, Verdict, covers

EVERYTHING, CLOSED, GRANTED, BY_DEFAULT, UNGRANTED = "all_denied", "left", "granted", "open_by_default", "not_granted"
OPEN = frozenset({GRANTED, BY_DEFAULT})
"""Words of types that may be sent."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """``field`` is where the target keeps it, empty: nowhere. ``value`` is what the verdict writes there, None: nothing."""

    topic: str
    brand: str
    word: str
    field: str
    value: str | None


def states(
    cells: Sequence[TopicCell], judged: Verdict, denied: Sequence[str], granted: Sequence[str]
) -> Iterator[TopicState]:
    """``denied`` and ``granted`` are cells ``brand|topic``, ``*`` for all. Places of earlier mappings and the target's own
    types are left out."""
    for cell in cells:
        if not (cell.former or cell.own):
            field = (cell.rule.target if cell.rule else None) or ""
            yield TopicState(
                cell.key, cell.brand, _word(cell, judged, denied, granted), field, judged.values.get(field)
            )


def _word(cell: TopicCell, judged: Verdict, denied: Sequence[str], granted: Sequence[str]) -> str:
    if covers(denied, cell):
        return CLOSED
    if judged.wide:  # Service mail too: every audience is built from the flags as well.
        return EVERYTHING
    if covers(granted, cell) and not cell.untold:
        return GRANTED
    return BY_DEFAULT if cell.default_allows and not cell.untold else UNGRANTED
