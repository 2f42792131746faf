"""Read what one side tells of denials since its watermark, with overlap, and set aside what we wrote ourselves."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta

from mamigrate import clock as clocks
from mamigrate.clock import aware
from mamigrate.consent import inside
from mamigrate.contract import DenialPage, DenialSource, ExclusionSource, NeutralRow
from mamigrate.errors import Unreachable, UsageError
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan import late
from mamigrate.stages import moves
from mamigrate.stages.move import Move, Side
from mamigrate.stages.sync import lists
from mamigrate.stages.sync.way import LEAST_OVERLAP, Fate, Way, by_key

WAIVED = (
    "denials_without_contact_unread",
    "denials_beyond_log",
    "deletions_beyond_log",
    "exclusions_unread",
    "exclusion_list_unresolved",
    "exclusion_members_unread",
)
"""What the decision ``unread-denials`` is about: whole sources of denials that somebody brings another way."""

TOLD_IN = timedelta(seconds=1)
"""Vendors tell their time in whole seconds."""

Wrote = Callable[[NeutralRow], datetime | None]
"""When we wrote what a fact says, by our clock; None: we did not."""


def overlap(every: timedelta | None) -> timedelta:
    """How far behind a watermark is read again: vendors show some changes late."""
    return max(LEAST_OVERLAP, 2 * every) if every else LEAST_OVERLAP


def since(move: Move, side: Side, other: Side, every: timedelta | None, *, back: timedelta = timedelta()) -> datetime:
    """From when on ``side`` is read, so far ``back`` behind what was read before, and no further than the first move.

    Raises UsageError where nobody was ever moved in this direction.
    """
    moved = moves.carried(move)
    if not moved:
        line = f"`mamigrate run --source {move.source.name} --target {move.target.name}`"
        raise UsageError("nobody was moved in this direction yet", where="sync", fix=f"run {line} first")
    mark = move.ledger.watermark(side.name, other.name)
    if mark is not None:
        return max(mark.until - max(back, overlap(every)), min(moves.first(move), mark.until) - overlap(every))
    # A run carries what the source said until it was read; what the target said since the first run no run carries back.
    return (moves.read_at(move, moved[0]) if side is move.source else moves.first(move)) - overlap(every)


def read(move: Move, way: Way, topics: Mapping[str, str], left_out: frozenset[str] | None) -> None:
    """Fill ``way.facts``. What could not be read is a finding, and the way stays unread. ``left_out``: ``lists.known``."""
    source = way.side.instance
    assert isinstance(source, DenialSource), "looked at when the command began"
    way.began, way.seen_at = way.side.clock.monotonic(), clocks.now()
    found = list(_told(move, way, lambda cursor: source.denials_since(way.since, cursor, topics)))
    if isinstance(source, ExclusionSource):
        there = left_out if way.side is move.source and left_out is not None else frozenset[str]()
        found += _told(move, way, lambda cursor: source.left_out_since(way.since, cursor, there))
    else:
        lists.tell(move, way.side, left_out)
    _tell_columns(move, way)
    way.facts = [fact for fact in by_key(found) if _denies(fact, way.seen)]
    move.progress(f"read denials of {way.side.name}", len(found), len(found))


def _tell_columns(move: Move, way: Way) -> None:
    """No log tells of a no in a column that only the project understands: a run reads it, a pass does not."""
    columns = sorted(move.decisions.columns()) if way.side is move.source else []
    for name in columns:
        move.findings.add("late_column_unread", Severity.WARN, f"{way.side.name}/{Kind.FIELD}/{name}")
    way.unread |= bool(columns) and move.decisions.choice("unread-columns") != "accept"


def _accepted(move: Move) -> Collection[str]:
    """Codes of what is not read, for which somebody has answered."""
    return WAIVED if move.decisions.choice("unread-denials") == "accept" else ()


def _told(move: Move, way: Way, ask: Callable[[str | None], DenialPage]) -> Iterator[NeutralRow]:
    """Facts of every page, and what stands inside texts that are no plain address."""
    read, cursor = 0, None
    met, others = set[str](), set[str]()
    while True:
        page = ask(cursor)
        way.until = page.until if way.until is None else min(way.until, page.until)
        within = {one["key"]: one for one in inside.denials(fact for fact in page.facts if inside.is_unplain(fact))}
        yield from (*page.facts, *within.values())
        way.native |= page.native | {key for key in within if key.rpartition(inside.MARK)[0] in page.native}
        others |= {fact["key"] for fact in page.facts} - page.ours
        way.ours = (way.ours | page.ours) - others
        move.findings.extend([*page.problems, *page.noted])
        way.unread |= any(found.code not in _accepted(move) for found in page.problems)
        read += len(page.facts) + len(within)
        move.progress(f"read denials of {way.side.name}", read, None)
        if page.next is None:
            break
        if page.next in met:
            raise Unreachable(way.side.name, "the pages of its denials go in a circle")
        met.add(page.next)
        cursor = page.next


def _denies(fact: NeutralRow, now: datetime) -> bool:
    running = fact["until"] is None or fact["until"] > now
    return fact["polarity"] == "-" and fact["channel"] in ("email", late.ALL) and running


def without_echoes(
    way: Way, wrote: Wrote, subject: Callable[[NeutralRow], str], known: Collection[str] = ()
) -> list[NeutralRow]:
    """The facts that are news to us; the echoes are told. ``known`` are keys of some that are echoes for another reason."""
    told = [fact for fact in way.facts if fact["key"] not in way.native]
    known = {*known, *way.ours}
    ours = [fact for fact in told if fact["key"] in known or _is_echo(way, fact, wrote(fact))]
    for fact in ours:
        way.tell(Fate.ECHO, subject(fact), late.field_of(fact), [fact])
    keys = {fact["key"] for fact in ours}
    return [fact for fact in way.facts if fact["key"] not in keys]


def _is_echo(way: Way, fact: NeutralRow, wrote: datetime | None) -> bool:
    """What we wrote, unless it happened after the last confirmed reading began, and we have not written it since."""
    if wrote is None:
        return False
    at = late.happened([fact])
    if at is None or way.mark is None:
        return True
    return not (at > aware(way.mark.until) + TOLD_IN and wrote < aware(way.mark.seen_at))


def people_of(facts: Collection[NeutralRow]) -> list[str]:
    """Keys of the people who hold denials themselves."""
    return sorted({str(fact["person_key"]) for fact in facts if fact["person_key"] and fact["holder"] == "person"})


PERSON = (Kind.PERSON.value,)
