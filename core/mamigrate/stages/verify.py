"""Read the target back and judge it: a census of everybody we wrote or denied, and of every record that has the address of
a person beside the person's own; never a sample.

Unread is UNVERIFIED, never PASS.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import ibis.expr.types as ir

from mamigrate.chunks import chunks
from mamigrate.consent.facts import hits, with_keys
from mamigrate.consent.proof.of_move.moved import READ_BACK
from mamigrate.consent.proof.of_move.places import GLUE
from mamigrate.contract import Finder, Lagging, NeutralRow
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.suppressed import DEPARTED, STRANDED, SUPPRESSED, judged_beside
from mamigrate.snapshot.engine import Gathered
from mamigrate.snapshot.seen import Seen
from mamigrate.stages import delays, ids, returned, unattributed
from mamigrate.stages.gate import UNREAD
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan, beside
from mamigrate.stages.standing import cause_fields, held_by_us

UNTOLD = ("fact_person_unknown", "default_topics_unread")
"""Findings of what nobody can judge: a denial of somebody unknown, types that the target may open by itself."""


@dataclass(slots=True)
class Census:
    """What the read-back says. ``matrix`` counts (allowed by the facts, mailable on the target).

    ``absent`` are people who are allowed and were to be written, but are not on the target. ``unaddressed`` are allowed and stand there without an address. ``reopened`` were closed on the
    target before this run and are open after it. ``held_by_us`` of ``denied_by_target`` are closed by earlier runs alone.
    ``parked_there`` and ``refused_there`` are parked or refused people who have a record on the target all the same: they are
    judged like everybody. ``suppressed`` are the accounts of denied addresses that stand there, ``beside`` further records of
    people, which no account of this run holds. ``rows`` are READ_BACK.
    """

    matrix: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    unverified: list[str] = field(default_factory=list)
    newly_reachable: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    suppressed: int = 0
    beside: int = 0
    people_absent: int = 0
    parked_there: int = 0
    refused_there: int = 0
    addresses_absent: int = 0
    absent: list[str] = field(default_factory=list)
    unaddressed: list[str] = field(default_factory=list)
    topics_lost: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)
    allowed: int = 0
    denied_by_target: int = 0
    held_by_us: int = 0
    unread_sources: int = 0
    rows: ir.Table | None = None

    @property
    def verdict(self) -> str:
        if self.newly_reachable or self.topics_lost or self.reopened:
            return "FAIL"
        empty = not (self.matrix or self.suppressed or self.beside)
        return "INCOMPLETE" if self.unverified or self.unread_sources or empty else "PASS"

    @property
    def mailable_after(self) -> int:
        return self.matrix[(True, True)] + self.matrix[(False, True)]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold of one target record: ``topics`` are those that must read as denied, ``permission`` all fields of the
    verdict. ``address`` is the denied one, in its loose form, whose record it is and nobody's. ``written``: it has an account
    of its own.
    """

    key: str
    kind: str
    allowed: bool
    topics: dict[str, str]
    permission: Mapping[str, str]
    address: str | None = None
    written: bool = True


def verify(move: Move, people: PeoplePlan) -> Census:
    """Read back every target record of this move and compare it with what the facts allow."""
    census = Census()
    with move.engine.gathered(READ_BACK) as kept:
        _read_back(move, people, census, kept)
    census.rows = kept.table()
    census.unread_sources = sum(found.code in (*UNREAD, *UNTOLD) for found in move.findings)
    census.unread_sources += unattributed.undecided(move) + returned.undecided(move)
    _say(move, census)
    return census


def _read_back(move: Move, people: PeoplePlan, census: Census, kept: Gathered) -> None:
    judged, seen, closed = 0, move.engine.seen(), _closed_before(move, people)
    for chunk in chunks(_expected(move, people, census), CHUNK):
        rows = _settled(move, people, chunk, closed)
        for target, expected in chunk:
            _judge(move, census, expected, rows.get(target))
        kept.add([_row(move, people, target, expected, rows.get(target)) for target, expected in chunk])
        open_now = _open(move, rows)
        census.reopened += sorted(set(open_now) - set(closed.fresh(open_now)))
        bearing = Counter(target for target, expected in chunk if expected.kind == Kind.PERSON and expected.written)
        judged += bearing.total()
        fresh = set(seen.fresh(bearing))
        census.doubled += [target for target, n in bearing.items() if n > 1 or target not in fresh]
        seen.add(fresh)
        move.progress("verify", judged, None)
    move.progress("verify", judged, judged)


def _settled(
    move: Move, people: PeoplePlan, chunk: Sequence[tuple[str, Expected]], closed: Seen
) -> dict[str, NeutralRow]:
    """Records by key. Those that are not as they were left are read again where reads may be answered from a copy that
    runs behind the writes. What is still so after the last look is so. What reads well in the end does so at two looks, as long as
    there are any: one copy may be behind another, and show what stood there before somebody opened it again.
    """
    rows = {row["key"]: row for row in _read(move, people, [target for target, _ in chunk])}
    lagging, doubted = move.target.instance, set[str]()
    for seconds in lagging.looks_again() if isinstance(lagging, Lagging) else ():
        odd = {target for target, expected in chunk if not _as_left(move, people, expected, rows.get(target))}
        odd |= set(opened := _open(move, rows)) - set(closed.fresh(opened))
        if not odd | doubted:
            break
        move.target.clock.sleep(seconds)
        rows |= {row["key"]: row for row in _read(move, people, sorted(odd | doubted))}
        doubted = odd
    return rows


def _open(move: Move, rows: Mapping[str, NeutralRow]) -> list[str]:
    return [key for key, row in rows.items() if is_mailable(move, row)]


def _as_left(move: Move, people: PeoplePlan, expected: Expected, row: NeutralRow | None) -> bool:
    """Whether a record is there, open no further than the facts allow, and holds all of the verdict."""
    if row is None or (is_mailable(move, row) and not expected.allowed):
        return False
    if people.planner.lowering(expected.permission, row["values"]):
        return False
    return not any(_reopened(row, name, value) for name, value in expected.topics.items())


def _expected(move: Move, people: PeoplePlan, census: Census) -> Iterator[tuple[str, Expected]]:
    person, suppressed = (beside(ids.in_order(move, kind), "target_key") for kind in (Kind.PERSON, SUPPRESSED))
    refused = move.ledger.keys_in(move.run_id, Kind.PERSON, Bucket.REJECTED)
    for planned in people.people_planned():
        target = planned.target_key or next(iter(person(planned.key)), None)
        if target is None or planned.reason == "gone_on_target":
            census.people_absent += 1
            census.absent += [] if planned.denied else [planned.key]
        else:
            written, allowed = planned.bucket is not Bucket.PARKED, not planned.denied
            census.parked_there += not written
            census.refused_there += planned.key in refused
            closed = _closed(people, planned)
            yield target, Expected(planned.key, Kind.PERSON, allowed, closed, planned.permission, written=written)
    accounted = set[str]()
    for planned in people.suppressions_planned():
        if planned.key.startswith(STRANDED):
            accounted.add(planned.target_key or "")
            continue  # Judged below, for each of its people.
        target = planned.target_key or next(iter(suppressed(planned.key)), None)
        if target is None:
            census.addresses_absent += 1
        else:
            closed = _closed(people, planned)
            address = None if planned.key.startswith(DEPARTED) else planned.key.removesuffix(f"#{target}")
            yield target, Expected(planned.key, SUPPRESSED, not planned.denied, closed, planned.permission, address)
    yield from _beside(people, accounted)


def _closed_before(move: Move, people: PeoplePlan) -> Seen:
    """Keys of the records that the target would not mail when it was looked at, however they were closed."""
    before, now = move.engine.seen(), move.target.clock.now()
    addressed = people.on_target.filter(people.on_target.email_loose.notnull()).select("key", "values")
    for batch in move.engine.batches(addressed, CHUNK):
        values = {row["key"]: dict(row["values"] or ()) for row in batch}
        shut = [key for key, told in values.items() if any(hits(b, told, now) for b in move.target.adapter.blockers)]
        before.add(before.fresh(shut))
    return before


def _beside(people: PeoplePlan, accounted: set[str]) -> Iterator[tuple[str, Expected]]:
    """Records that stand beside those of people, whether the plan touches them or not. ``accounted`` are target keys of those
    that have an account: each is counted once, however many people it is beside.
    """
    for row in people.bearing_rows():
        judged, target = judged_beside(row, people.planner), row["target_key"]
        topics = judged.closes(people.planner.denying)
        if judged.wide or topics:
            key, own = f"{STRANDED}{row['winner']}#{target}", target in accounted
            accounted.discard(target)
            yield target, Expected(key, SUPPRESSED, not judged.wide, topics, judged.values, written=own)


def _closed(people: PeoplePlan, planned: Planned) -> dict[str, str]:
    """Topics that must read as denied, with the value that does."""
    denying = people.planner.denying
    return {name: value for name, value in planned.permission.items() if denying.get(name) == value}


def _judge(move: Move, census: Census, expected: Expected, row: NeutralRow | None) -> None:
    if row is None:
        census.unverified.append(expected.key)
        return
    mailable = is_mailable(move, row)
    if expected.kind == SUPPRESSED:
        census.suppressed += expected.written
        census.beside += not expected.written
    else:
        census.matrix[(expected.allowed, mailable)] += 1
        census.allowed += expected.allowed and bool(row["email_loose"])
        census.unaddressed += [expected.key] if expected.allowed and not row["email_loose"] else []
        closed_there = expected.allowed and not mailable and bool(row["email_loose"])
        census.denied_by_target += closed_there
        census.held_by_us += closed_there and held_by_us(move, row["values"])
    if mailable and not expected.allowed:
        census.newly_reachable.append(expected.key)
    lost = any(_reopened(row, name, value) for name, value in expected.topics.items())
    # Who left the target after the move left everything on the source, type by type: closed here as a whole, nothing of it is lost.
    if lost and (mailable or not delays.carried(move)):
        census.topics_lost.append(expected.key)


def _row(move: Move, people: PeoplePlan, target: str, expected: Expected, row: NeutralRow | None) -> dict[str, object]:
    """One row of READ_BACK."""
    kept = {"kind": expected.kind, "key": expected.key, "address": expected.address, "target_key": target}
    if row is None:
        return {**kept, "found": False, "wanted": [], "again": []}
    again = people.planner.lowering(expected.permission, row["values"])
    return {**kept, **standing(move, people, row), "wanted": sorted(expected.permission), "again": sorted(again)}


def standing(move: Move, people: PeoplePlan, row: NeutralRow) -> dict[str, object]:
    """What of a record of the target decides who is mailed, in columns of READ_BACK."""
    marked = [name for name in people.planner.denying if row["values"].get(name) == "true"]
    blocked = _blocked(move, row)
    found = {"found": True, "strict": row["email_strict"], "loose": row["email_loose"], "blocked": blocked}
    return {**found, "marked": GLUE.join(sorted(marked))}


def _reopened(row: NeutralRow, field: str, value: str) -> bool:
    """A denied topic that does not read as denied."""
    there: bool = row["values"].get(field) == "true"
    return there != (value == "true")


def is_mailable(move: Move, row: NeutralRow) -> bool:
    """Whether the target would send marketing mail to this record now."""
    return row["email_loose"] is not None and not _blocked(move, row)


def _blocked(move: Move, row: NeutralRow) -> bool:
    now = move.target.clock.now()
    return any(hits(blocker, row["values"], now) for blocker in move.target.adapter.blockers)


def _read(move: Move, people: PeoplePlan, keys: list[str]) -> Iterable[NeutralRow]:
    return look(move, people, "id", keys)


def look(move: Move, people: PeoplePlan, by: str, keys: list[str]) -> Iterable[NeutralRow]:
    """Records of the target whose ``by`` is one of ``keys``, with all that decides."""
    finder = move.target.instance
    if not isinstance(finder, Finder):
        raise UsageError(f"{move.target.adapter.title} cannot be read back", where=move.target.name)
    topics = [cell.rule.target for cell in people.planner.cells if cell.rule and cell.rule.target]
    fields = [people.planner.email_field, people.planner.key_field, *topics, *cause_fields(move)]
    return [with_keys(row) for row in finder.find(Kind.PERSON, by, keys, fields)]


def _say(move: Move, census: Census) -> None:
    for code, keys in (
        ("newly_reachable", census.newly_reachable),
        ("reopened_on_target", census.reopened),
        ("topic_denial_lost", census.topics_lost),
        ("unverified", census.unverified),
        ("doubled", census.doubled),
    ):
        severity = Severity.WARN if code == "unverified" else Severity.BLOCK
        for key in keys:
            move.findings.add(code, severity, f"{move.target.name}/person/{key}")
