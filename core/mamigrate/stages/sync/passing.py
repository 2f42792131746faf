"""One pass: read and carry both ways, keep what is confirmed, and say which side may send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from mamigrate.contract import DenialSink, DenialSource, Finder, Writer
from mamigrate.errors import Blocked, QuotaExhausted, Unreachable, UsageError
from mamigrate.findings import Severity
from mamigrate.ledger.late import SENT
from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.model import TopicRule
from mamigrate.mapping.owners import Owners
from mamigrate.mapping.topics import check_topics
from mamigrate.model.base import EstateObject
from mamigrate.model.estate import ESTATE_MODELS, Field, Topic
from mamigrate.model.kinds import Kind
from mamigrate.plan.people import PeoplePlanner
from mamigrate.stages import former, instances, moves, prepare
from mamigrate.stages.move import Move, Side
from mamigrate.stages.planner import planner as people_planner
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.sync import census, ending, into_fields, into_topics, lists, shown, terms, unplaced
from mamigrate.stages.sync.reading import TOLD_IN, read, since
from mamigrate.stages.sync.way import Way

A_WEEK = timedelta(days=7)
"""How far back a census reads logs again: less than any platform keeps."""
UNPLACED = "not on the target"
"""Why a type whose field is not there denies everything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a ``sync`` is asked for. ``every`` None: one pass. ``most`` denials are written each way in a pass. ``census``: what
    both sides told in the last week is read again.
    """

    every: timedelta | None = None
    dry: bool = False
    most: int = 2000
    census: bool = False


def require(source: Side, target: Side) -> None:
    """Raises UsageError, in one sentence, where denials cannot be read on a side or written to it. No call is made."""
    asked: Sequence[tuple[Side, type, str]] = (
        (source, DenialSource, "tell denials that come after a move"),
        (target, DenialSource, "tell denials that come after a move"),
        (source, DenialSink, "take denials by subscription type"),
        (target, Writer, "be written to"),
        (target, Finder, "look people up"),
    )
    missing = [
        f"{side.adapter.title} cannot {words}" for side, power, words in asked if not isinstance(side.instance, power)
    ]
    if missing:
        raise UsageError("; ".join(missing), where=f"{source.name} to {target.name}")


def one_pass(move: Move, asked: Asked) -> tuple[Way, Way]:
    """Both ways of a pass. What a vendor answers later (a quota, nobody at home) ends its way and not the other one.

    A mapping that does not fit leaves both unread, and so does a side that lost more than half of its people, and a rollback: the other side does not know the people any more, and a
    denial of one topic would come to stand there as one of everything. Raises every error that a person must act on.
    """
    forth, back = (_way(move, *sides, asked) for sides in ((move.source, move.target), (move.target, move.source)))
    forth.unmoved, forth.unproven = moves.unproven(move), census.unproven(move)
    left_out = lists.known(move, moves.snapshot(move))
    for way in (forth, back):
        way.mark = move.ledger.watermark(*way.names)
    undone = moves.undone_by(move)
    if undone:
        forth.unmoved = back.unmoved = True
        move.findings.add("move_undone", Severity.BLOCK, f"{move.target.name}/person", run=undone)
        return _unread(move, forth, back, dry=True)
    try:
        known = prepared(move)
        shown.check(move, dry=asked.dry)
    except (QuotaExhausted, Unreachable) as error:
        forth.trouble = back.trouble = error
        return _unread(move, forth, back, dry=asked.dry)
    except Blocked:  # the findings say why: nobody knows what a denial means before that is put right
        forth.unread = back.unread = True
        return _unread(move, forth, back, dry=asked.dry)
    planner = people_planner(move, known)
    fields = _fields(planner)
    _go(move, forth, {}, left_out, partial(_forth, move, forth, known, planner, dry=asked.dry), dry=asked.dry)
    _go(
        move, back, fields, left_out, partial(_back, move, back, forth, planner, left_out, dry=asked.dry), dry=asked.dry
    )
    return forth, back


def _way(move: Move, side: Side, other: Side, asked: Asked) -> Way:
    undated = since(move, side, other, asked.every)
    begins = since(move, side, other, asked.every, back=A_WEEK) if asked.census else undated
    waiting = unplaced.waiting(move, (side.name, other.name))
    way = Way(side, other, begins, asked.most, undated, waited=unplaced.known_since(waiting), census=asked.census)
    way.sent = [row for row in waiting if row.fate == SENT]
    # What waits is read again until it stands there, however far other readings have come meanwhile.
    way.since = min([begins, *(known - TOLD_IN for known in way.waited.values())])
    return way


def _unread(move: Move, forth: Way, back: Way, *, dry: bool) -> tuple[Way, Way]:
    """What earlier passes could not place is told by a pass that reads nothing, too."""
    for way in (forth, back):
        if not dry:
            unplaced.keep(move, way)
        unplaced.show(move, way)
    return forth, back


def _forth(move: Move, forth: Way, known: Prepared, planner: PeoplePlanner, *, dry: bool) -> None:
    terms.put(move, forth, known)
    into_fields.carry(move, forth, planner, dry=dry)


def _back(
    move: Move, back: Way, forth: Way, planner: PeoplePlanner, left_out: frozenset[str] | None, *, dry: bool
) -> None:
    into_topics.carry(move, back, planner.cells, left_out or (), dry=dry)
    into_fields.carry_beside(move, back, forth, planner, dry=dry)


def _go(
    move: Move,
    way: Way,
    topics: dict[str, str],
    left_out: frozenset[str] | None,
    carry: Callable[[], None],
    *,
    dry: bool,
) -> None:
    try:
        read(move, way, topics, left_out)
        carry()
    except (QuotaExhausted, Unreachable) as error:
        way.trouble = error
    if not dry:
        ending.finish(move, way)
    unplaced.show(move, way)


def _fields(planner: PeoplePlanner) -> dict[str, str]:
    """Fields of subscription types with the value that denies."""
    return dict(planner.denying)


def prepared(move: Move) -> Prepared:
    """The mapping against both schemas as they are now: of its rules only those for subscription types. Raises Blocked."""
    instances.check(move, (move.source, move.target))
    if move.findings.blocking:
        raise Blocked(*sorted({one.code for one in move.findings.blocking}))
    mapping, places, digest = prepare.read(move)
    topics = [one for one in _objects(move.source, Kind.TOPIC) if isinstance(one, Topic)]
    fields = [one for one in _objects(move.target, Kind.FIELD) if isinstance(one, Field)]
    found = check_topics(mapping, topics, fields, places, prepare.untouched(move, Kind.PERSON))
    move.findings.extend(found)
    if found.blocking:
        raise Blocked(*sorted({one.code for one in found.blocking}))
    there = {field.api_name for field in fields if field.holder is Kind.PERSON}
    placed = mapping.model_copy(update={"topics": tuple(_placed(rule, there) for rule in mapping.topics)})
    rules = {kind: Compiled(kind, ()) for kind in prepare.MAPPED}
    once = former.rules(move, mapping, fields)
    return Prepared(placed, digest, rules, (), fields, topics, (), (), Owners(), once)


def _placed(rule: TopicRule, there: set[str]) -> TopicRule:
    """A rule whose field is not there yet (the mapping was never signed) has no place: its denials grow."""
    if rule.target is None or rule.target in there:
        return rule
    return rule.model_copy(update={"to": None, "create": None, "deny_all": UNPLACED})


def _objects(side: Side, kind: Kind) -> list[EstateObject]:
    found: list[EstateObject] = []
    cursor: str | None = None
    while True:
        page = side.instance.read(kind, cursor)
        found += [ESTATE_MODELS[kind].model_validate(row) for row in page.content.rows.get(kind, ())]
        if page.next is None:
            return found
        cursor = page.next
