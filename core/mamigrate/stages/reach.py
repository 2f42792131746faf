"""How many people can be mailed before and after, every step between, and why each of the others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import verdict
from mamigrate.consent.kinds import NO_BASIS
from mamigrate.consent.proof.judged import INCOMPLETE, PASS
from mamigrate.findings import Severity
from mamigrate.snapshot.engine import Engine
from mamigrate.stages import own_word
from mamigrate.stages.causes import BY_COLUMN, BY_LOG, BY_ROLLBACK, BY_TOMBSTONE, OPEN
from mamigrate.stages.denied import REFERENCE
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.verify import Census


@dataclass(frozen=True, slots=True)
class Reach:
    """``before`` are records that the source itself would mail: its own denials alone, as it spells addresses. ``steps`` are (cause, people): with ``before`` they add up to ``after``; what is left over is ``unexplained``.

    ``kept`` are (cause, field, people) who stay unmailed: with ``after`` they add up to ``people``, everybody once.
    """

    before: int
    after: int | None
    newly: int
    steps: tuple[tuple[str, int], ...]
    unexplained: int
    people: int
    kept: tuple[tuple[str, str, int], ...]


UNEXPLAINED = 0.01
"""Of the people who could be mailed before: so many may be lost without a rule that says why."""


def proven(move: Move, found: Reach) -> str:
    """Whether every loss is explained. One that no rule explains is a failure as well, however safe: it is told."""
    if found.after is None or -found.unexplained <= UNEXPLAINED * found.before:
        return PASS
    lost = {"people": str(-found.unexplained), "before": str(found.before)}
    move.findings.add("reach_unexplained", Severity.WARN, f"{move.target.name}/person", **lost)
    return INCOMPLETE


def reach(people: PeoplePlan, causes: ir.Table, census: Census | None) -> Reach:
    """Count records that the source would mail, and follow them. ``causes`` has (winner, cause, field, own)."""
    engine = people.move.engine
    said = people.denials
    own, marked = own_word.own(said), own_word.buried(said)
    before = engine.keep(_mailed(people, verdict.of_records(people.people, own_word.heeded(people))))
    spelled = engine.keep(_sendable(people, own_word.stated(people)))
    after_log = engine.keep(_sendable(people, said.filter(own)))
    after_marks = _further(people, after_log, said, own, marked)
    after_columns = _further(people, after_marks, said, own | marked, own_word.of_column(said))
    # What a rollback kept repeats what something else said: it takes away only whom nothing else does any more.
    after_files = engine.keep(_sendable(people, said.filter(~said.source_ref.startswith(REFERENCE))))
    unaliased = engine.keep(after_files.anti_join(people.aliases, "person_key"))
    matched = people.matched.select(winner="key", wide="wide", why="parked")
    judged = matched.select("winner", "why").join(causes.select("winner", "own", "cause"), "winner")
    placed = engine.keep(
        unaliased.join(people.clusters.select("person_key", "winner"), "person_key").join(judged, "winner")
    )
    lawless = placed.own.contains(NO_BASIS) & (placed.own.length() == 1)
    based = placed.filter(lawless | (placed.own.length() == 0))
    held = based.filter(based.own.length() == 0)
    unparked = held.filter(held.why == "")
    kept = unparked.filter(unparked.cause != BY_ROLLBACK)
    counts = {
        "before": _count(engine, before),
        "spelled": _count(engine, spelled),
        "logged": _count(engine, after_log),
        "marked": _count(engine, after_marks),
        "declared": _count(engine, after_columns),
        "filed": _count(engine, after_files),
        "unaliased": _count(engine, unaliased),
        "undenied": _count(engine, based),
        "based": _count(engine, held),
        "unparked": _count(engine, unparked),
        "kept": _count(engine, kept),
        "winners": _count(engine, kept.select("winner").distinct()),
        "back": _count(engine, _came_back(people, matched, held)),
    }
    steps = [
        ("denied_at_other_spelling", counts["spelled"] - counts["before"]),
        (BY_LOG, counts["logged"] - counts["spelled"]),
        (BY_TOMBSTONE, counts["marked"] - counts["logged"]),
        (BY_COLUMN, counts["declared"] - counts["marked"]),
        ("opt_outs_from_files", counts["filed"] - counts["declared"]),
        ("denied_by_alias", counts["unaliased"] - counts["filed"]),
        ("denied_through_merge", counts["undenied"] - counts["unaliased"]),
        ("no_basis", counts["based"] - counts["undenied"]),
        ("parked", counts["unparked"] - counts["based"]),
        (BY_ROLLBACK, counts["kept"] - counts["unparked"]),
        ("merged", counts["winners"] - counts["kept"]),
        ("came_back", counts["back"]),
    ]
    everybody, unmailed = _count(engine, causes), _kept(engine, causes)
    if census is None:
        return Reach(counts["before"], None, 0, tuple(steps), 0, everybody, tuple(unmailed))
    late = _late(engine, causes, census)
    after = census.mailable_after
    steps += [(cause, -people) for cause, people in late]
    unmailed += [(cause, "", people) for cause, people in late if people]
    unexplained = after - counts["before"] - sum(people for _, people in steps)
    return Reach(
        counts["before"], after, len(census.newly_reachable), tuple(steps), unexplained, everybody, tuple(unmailed)
    )


def _kept(engine: Engine, causes: ir.Table) -> list[tuple[str, str, int]]:
    """The most people first."""
    closed = causes.filter(causes.cause != OPEN)
    rows = engine.rows(closed.group_by("cause", "field").agg(n=closed.count()))
    return sorted(((row["cause"], row["field"], row["n"]) for row in rows), key=lambda one: (-one[2], one[:2]))


def _late(engine: Engine, causes: ir.Table, census: Census) -> list[tuple[str, int]]:
    """What keeps people unmailed who are denied nothing as a whole by what was read: known after writing only."""
    free = causes.filter(causes.cause == OPEN)
    lost = (census.unverified, census.absent, census.unaddressed)
    unread, absent, unaddressed = (_among(engine, free, keys) for keys in lost)
    # Who has an address on the source and none on the target is denied by no topic, nor by anything else: unexplained.
    topics = _count(engine, free) - census.allowed - unread - absent - unaddressed
    return [
        ("denied_by_topics", topics),
        ("held_by_us", census.held_by_us),
        ("denied_by_target", census.denied_by_target - census.held_by_us),
        ("not_written", absent),
        ("not_read_back", unread),
    ]


def _among(engine: Engine, people: ir.Table, keys: Sequence[str]) -> int:
    """How many of these people are named by one of ``keys``."""
    named = engine.memory(pa.table({"key": pa.array(keys, pa.string())}))
    return _count(engine, people.semi_join(named, people.winner == named.key))


def _came_back(people: PeoplePlan, matched: ir.Table, held: ir.Table) -> ir.Table:
    """(winner) of those whom only a later return of their own leaves open, for one topic at least."""
    open_now = matched.filter((matched.wide.length() == 0) & (matched.why == ""))
    back = open_now.semi_join(people.lifted.select("winner").distinct(), "winner")
    return back.anti_join(held.select("winner").distinct(), "winner").select("winner")


def _further(
    people: PeoplePlan, left: ir.Table, said: ir.Table, known: ir.BooleanValue, more: ir.BooleanValue
) -> ir.Table:
    """(person_key) of those of ``left`` whom nothing ``known`` and nothing ``more`` denies; ``left`` itself where there is no more."""
    engine = people.move.engine
    if not _count(engine, said.filter(more)):
        return left
    return engine.keep(_sendable(people, said.filter(known | more)))


def _sendable(people: PeoplePlan, denials: ir.Table) -> ir.Table:
    """(person_key) of records that nothing denies as a whole, however an address is spelled."""
    return _mailed(people, verdict.of_people(people.people, denials))


def _mailed(people: PeoplePlan, per: ir.Table) -> ir.Table:
    """(person_key) of records that nothing in ``per`` denies as a whole, and no list."""
    wide = (
        per.filter(per.kind.isin(verdict.WIDE) & (per.topic == "*") & (per.brand == "*"))
        .select("person_key")
        .distinct()
    )
    return own_word.records(people).anti_join(wide, "person_key")


def _count(engine: Engine, table: ir.Table) -> int:
    return int(engine.one(table.agg(n=ibis._.count()))["n"])
