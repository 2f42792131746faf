"""How many people can be mailed before and after, and every step between."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from mamigrate.consent import verdict
from mamigrate.consent.kinds import NO_BASIS
from mamigrate.snapshot.engine import Engine
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.verify import Census

FILED = "facts/"
"""How references to facts from files begin."""


@dataclass(frozen=True, slots=True)
class Reach:
    """``steps`` are (cause, people): with ``before`` they add up to ``after``; what is left over is ``unexplained``."""

    before: int
    after: int | None
    newly: int
    steps: tuple[tuple[str, int], ...]
    unexplained: int


def reach(people: PeoplePlan, census: Census | None) -> Reach:
    """Count records that the source would mail, and follow them."""
    engine = people.move.engine
    records = people.people.filter(~people.people.archived & people.people.email_strict.notnull())
    own = people.denials.filter(~people.denials.source_ref.startswith(FILED))
    before = engine.keep(_sendable(people, records, own))
    after_files = engine.keep(_sendable(people, records, people.denials))
    unaliased = engine.keep(after_files.anti_join(people.aliases, "person_key"))
    matched = people.matched.select(winner="key", wide="wide", why="parked")
    placed = engine.keep(
        unaliased.join(people.clusters.select("person_key", "winner"), "person_key").join(matched, "winner")
    )
    lawless = placed.wide.contains(NO_BASIS) & (placed.wide.length() == 1)
    based = placed.filter(lawless | (placed.wide.length() == 0))
    held = based.filter(based.wide.length() == 0)
    counts = {
        "before": _count(engine, before),
        "filed": _count(engine, after_files),
        "unaliased": _count(engine, unaliased),
        "undenied": _count(engine, based),
        "based": _count(engine, held),
        "unparked": _count(engine, held.filter(held.why == "")),
        "winners": _count(engine, held.filter(held.why == "").select("winner").distinct()),
        "back": _count(engine, _came_back(people, matched, held)),
    }
    steps = [
        ("opt_outs_from_files", counts["filed"] - counts["before"]),
        ("denied_by_alias", counts["unaliased"] - counts["filed"]),
        ("denied_through_merge", counts["undenied"] - counts["unaliased"]),
        ("no_basis", counts["based"] - counts["undenied"]),
        ("parked", counts["unparked"] - counts["based"]),
        ("merged", counts["winners"] - counts["unparked"]),
        ("came_back", counts["back"]),
    ]
    if census is None:
        return Reach(counts["before"], None, 0, tuple(steps), 0)
    steps += [
        ("denied_by_topics", census.allowed - counts["winners"] - counts["back"]),
        ("denied_by_target", -census.denied_by_target),
    ]
    steps += [("not_read_back", -len(census.unverified))]
    after = census.mailable_after
    unexplained = after - counts["before"] - sum(people for _, people in steps)
    return Reach(counts["before"], after, len(census.newly_reachable), tuple(steps), unexplained)


def _came_back(people: PeoplePlan, matched: ir.Table, held: ir.Table) -> ir.Table:
    """(winner) of those whom only a later return of their own leaves open, for one topic at least."""
    open_now = matched.filter((matched.wide.length() == 0) & (matched.why == ""))
    back = open_now.semi_join(people.lifted.select("winner").distinct(), "winner")
    return back.anti_join(held.select("winner").distinct(), "winner").select("winner")


def _sendable(people: PeoplePlan, records: ir.Table, denials: ir.Table) -> ir.Table:
    """(person_key) of records that nothing denies as a whole."""
    per = verdict.of_people(people.people, denials)
    wide = (
        per.filter(per.kind.isin(verdict.WIDE) & (per.topic == "*") & (per.brand == "*"))
        .select("person_key")
        .distinct()
    )
    keyed = records.select(person_key="key")
    return keyed.anti_join(wide, "person_key").anti_join(people.holds.select("person_key").distinct(), "person_key")


def _count(engine: Engine, table: ir.Table) -> int:
    return int(engine.one(table.agg(n=ibis._.count()))["n"])
