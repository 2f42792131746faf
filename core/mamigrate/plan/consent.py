"""What a person's verdict means in fields of the target. Only ever lowers; a grant is written only where all facts agree."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mamigrate.consent import cause
from mamigrate.contract import Permit
from mamigrate.mapping.model import TopicRule

DENYING = {"opt_out": "true", "opt_in": "false"}
"""The value of a topic's field that denies, by the field's polarity. The other one grants."""

DenialValues = Callable[[frozenset[str], str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class TopicCell:
    """A subscription type of the source: its key, brand, and where it goes on the target.

    ``default_allows``: what the source does for somebody without a record. ``former`` is a place of an earlier mapping,
    ``untold`` one that people were not told of when they said yes, ``own`` a type that only the target has: they are closed
    and never opened. Leaving a type of service or one-to-one mail does not close marketing.
    """

    key: str
    brand: str
    rule: TopicRule | None
    asset_class: str = "MKT"
    default_allows: bool = True
    former: bool = False
    untold: bool = False
    own: bool = False

    @property
    def only_closed(self) -> bool:
        return self.former or self.untold or self.own

    @property
    def marketing(self) -> bool:
        return self.asset_class == "MKT"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``wide``: kinds of facts that deny everything. ``values``: fields to write. ``widened``: denials that had to grow.

    ``ungranted``: opt-in fields that nobody's facts open or close. What we opened there before must be closed again.
    ``permits``: one for each yes among the values.
    """

    wide: frozenset[str]
    values: dict[str, str]
    widened: tuple[str, ...]
    ungranted: frozenset[str] = frozenset()
    permits: tuple[Permit, ...] = ()

    def closes(self, denying: Mapping[str, str]) -> dict[str, str]:
        """Topics' fields that must read as denied, with the value that does. ``denying`` has that of each field."""
        return {name: value for name, value in self.values.items() if denying.get(name) == value}


def verdict(
    wide: Sequence[str],
    denied: Sequence[str],
    granted: Sequence[str],
    cells: Sequence[TopicCell],
    denial_values: DenialValues,
    source: str,
) -> Verdict:
    """Fields for one person. ``denied`` and ``granted`` are cells ``brand|topic``, ``*`` for all.

    A denial that the target cannot hold as narrowly as it was made is widened to all marketing; a person who is allowed
    nowhere is denied as a whole by the operator.
    """
    closed = {cell.key for cell in cells if covers(denied, cell)}
    reasons = set(wide)
    widened = [cell.key for cell in cells if cell.key in closed and cell.marketing and _no_field(cell)]
    known = {(cell.brand, cell.key) for cell in cells}
    widened += [text for text in denied if not _known(text, known, cells)]
    if widened:
        reasons.add("topic_opt_out")
    elif any(not cell.own for cell in cells) and not any(_open(one, closed, granted) for one in cells if one.marketing):
        reasons.add("org_hold")
    values = dict(denial_values(frozenset(reasons), cause.text(reasons, source))) if reasons else {}
    for cell in cells:
        for name, value in _topic_value(cell, closed, granted, bool(reasons)).items():
            # Two topics in one field: any denial wins.
            lower = _denying(cell)
            values[name] = lower if values.get(name) == lower else value
    ungranted = frozenset(_ungranted(cells, closed, granted)) - {n for n, value in values.items() if value == "false"}
    open_to_all = {name: value for name, value in values.items() if name not in ungranted}
    return Verdict(frozenset(reasons), open_to_all, tuple(widened), ungranted, _permits(open_to_all, cells, granted))


def closing(
    wide: Sequence[str],
    narrow: Iterable[str],
    there: Mapping[str, str],
    cells: Sequence[TopicCell],
    denial_values: DenialValues,
    source: str,
) -> Verdict:
    """What denials close of a record with the values ``there``, whoever said yes to what. ``narrow`` are cells ``brand|topic``.

    Who has left the last topic that stands open is denied as a whole. Nothing in the values opens.
    """
    narrow = set(narrow)
    left = {f"*|{cell.key}" for cell in cells if narrow and _stands_closed(cell, there)}
    judged = verdict(wide, sorted(narrow | left), ["*|*"], cells, denial_values, source)
    denying = {cell.rule.target: _denying(cell) for cell in cells if cell.rule}
    values = {name: value for name, value in judged.values.items() if denying.get(name, value) == value}
    return Verdict(judged.wide, values, judged.widened)


def closable(cells: Iterable[TopicCell]) -> dict[TopicCell, frozenset[str]]:
    """Topics, each by one of its cells, with the fields of the target that close it when all of them say so. A topic that asks
    for a yes there, or has no field of its own, is closed by none.
    """
    places: dict[tuple[str, str, str], list[TopicCell]] = {}
    for cell in cells:
        places.setdefault((cell.brand, cell.key, cell.asset_class), []).append(cell)
    found = (some for some in places.values() if not any(_no_field(one) or _denying(one) == "false" for one in some))
    return {some[0]: frozenset(_target(one) for one in some) for some in found}


def denying(rules: Iterable[TopicRule]) -> dict[str, str]:
    """Fields of topics with the value that denies."""
    return {rule.target: DENYING[rule.polarity] for rule in rules if rule.target and rule.polarity}


def _permits(values: Mapping[str, str], cells: Sequence[TopicCell], granted: Sequence[str]) -> tuple[Permit, ...]:
    """For each opt-in field that says yes, the topics in it that the person granted."""
    asking = [cell for cell in cells if not _no_field(cell) and _denying(cell) == "false"]
    yes = {name for cell in asking if (name := _target(cell)) and values.get(name) == "true"}
    given = [cell for cell in asking if covers(granted, cell) and not cell.only_closed]
    return tuple(
        Permit(name, tuple(f"{cell.brand}|{cell.key}" for cell in given if _target(cell) == name))
        for name in sorted(yes)
    )


def _target(cell: TopicCell) -> str:
    return (cell.rule.target if cell.rule else None) or ""


def _stands_closed(cell: TopicCell, there: Mapping[str, str]) -> bool:
    rule = cell.rule
    if rule is None or not rule.target or not rule.polarity:
        return False
    return there.get(rule.target) == DENYING[rule.polarity]


def _denying(cell: TopicCell) -> str:
    return DENYING[(cell.rule.polarity if cell.rule else None) or "opt_out"]


def _ungranted(cells: Sequence[TopicCell], closed: set[str], granted: Sequence[str]) -> Iterator[str]:
    """Opt-in fields of topics that the source sends only with a grant, where there is none. One such topic is enough."""
    asking = [
        cell
        for cell in cells
        if not cell.default_allows and cell.key not in closed and (cell.untold or not covers(granted, cell))
    ]
    rules = [cell.rule for cell in asking if cell.rule and cell.rule.polarity == "opt_in"]
    yield from (rule.target for rule in rules if rule.target)


def _open(cell: TopicCell, closed: set[str], granted: Sequence[str]) -> bool:
    """Whether the source would send this topic, and the target has a place that says so."""
    if cell.key in closed or cell.only_closed:
        return False
    return cell.default_allows or (not _no_field(cell) and covers(granted, cell))


def _no_field(cell: TopicCell) -> bool:
    return cell.rule is None or cell.rule.target is None


def _topic_value(cell: TopicCell, closed: set[str], granted: Sequence[str], denied_wide: bool) -> dict[str, str]:
    rule = cell.rule
    if rule is None or rule.target is None:
        return {}
    if rule.polarity == "opt_out":
        return {rule.target: "true"} if cell.key in closed else {}
    if cell.key in closed or denied_wide:
        return {rule.target: "false"}
    return {rule.target: "true"} if covers(granted, cell) and not cell.only_closed else {}


def covers(cells: Sequence[str], cell: TopicCell) -> bool:
    """Whether one of ``cells``, texts ``brand|topic`` with ``*`` for all, holds the topic."""
    wanted = {f"{brand}|{topic}" for brand in (cell.brand, "*") for topic in (cell.key, "*")}
    return not wanted.isdisjoint(cells)


def _known(text: str, known: set[tuple[str, str]], cells: Sequence[TopicCell]) -> bool:
    brand, _, topic = text.partition("|")
    if topic == "*":
        return any(cell.brand == brand for cell in cells)
    return any(key == topic and brand in ("*", own) for own, key in known)
