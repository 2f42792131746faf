"""Carry denials of the source into fields of the target's people, as a run writes them."""

from collections.abc import Sequence
from pathlib import Path

from mamigrate.contract import Finder, NeutralRow
from mamigrate.errors import QuotaExhausted, Unreachable
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan import late
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.people import PeoplePlanner
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.stages.apply import Writing
from mamigrate.stages.move import Move
from mamigrate.stages.plan import WRITTEN, Plan
from mamigrate.stages.sync import unplaced, written
from mamigrate.stages.sync.reached import Reached, reached
from mamigrate.stages.sync.reading import without_echoes
from mamigrate.stages.sync.way import Fate, Trouble, Way

PHASE = "late denials"


def carry(move: Move, way: Way, planner: PeoplePlanner, *, dry: bool) -> None:
    """Write what the target does not deny yet, read it back, and tell what became of every denial."""
    known = written.topics(move)
    facts = without_echoes(way, lambda fact: late.echoes_topic(fact, known), lambda fact: _of_source(move, fact))
    way.trouble = _carry(move, way, list(reached(move, facts, planner)), planner, dry=dry)


def carry_beside(move: Move, back: Way, forth: Way, planner: PeoplePlanner, *, dry: bool) -> None:
    """Write to the target what its own people hold at their other addresses: only where records stand there.

    It came with ``back``, which must not move on before; and until then the target must not send.
    """
    before = back.backlog
    try:
        found = [one for one in reached(move, back.beside, planner) if one.planned and _is_beside(one, one.planned)]
        trouble = _carry(move, back, found, planner, dry=dry)
    except (QuotaExhausted, Unreachable) as error:
        trouble = error
    if trouble is not None:
        back.trouble = forth.trouble = trouble
    forth.beside_waiting = back.backlog - before


def _is_beside(one: Reached, planned: Planned) -> bool:
    """Whether a record stands there, and not the one that says so itself."""
    return planned.target_key is not None and {fact["person_key"] for fact in one.facts} != {planned.target_key}


def _carry(move: Move, way: Way, found: Sequence[Reached], planner: PeoplePlanner, *, dry: bool) -> Trouble | None:
    """What is not proven waits, and is told so; what the vendor answers later is returned."""
    due = [one for one in found if one.planned is not None and one.planned.bucket in WRITTEN]
    now = due[: way.most]
    proven, trouble = set[str](), None
    try:
        if not dry:
            unplaced.note(move, way, [way.of(Fate.WAITING, _subject(move, one), _what(one), one.facts) for one in now])
            _write(move, planner, [one.planned for one in now if one.planned is not None])
            proven = _proven(move, planner, now)
    except (QuotaExhausted, Unreachable) as error:
        trouble = error
    for one in found:
        fate = _fate(one, proven)
        way.tell(fate, _subject(move, one), _what(one), one.facts)
        if fate is Fate.NOWHERE:
            field = late.field_of(one.facts[0])
            move.findings.add("late_denial_nowhere", Severity.WARN, _subject(move, one), field=field)
    return trouble


def _of_source(move: Move, fact: NeutralRow) -> str:
    return f"{move.source.name}/person/{fact['person_key'] or fact['address_loose']}"


# --- writing ---------------------------------------------------------------------------------------------------------------


def _write(move: Move, planner: PeoplePlanner, planned: Sequence[Planned]) -> None:
    plan = Plan(move.run_id, Path())
    writing = Writing(move, plan, PHASE, Kind.PERSON, identity=(planner.email_field,), denying=planner.denying)
    writing.write(planned, len(planned))


def _proven(move: Move, planner: PeoplePlanner, due: Sequence[Reached]) -> set[str]:
    """Keys of what the target shows as denied now. What it does not show blocks: nobody may rely on it."""
    finder = move.target.instance
    assert isinstance(finder, Finder), "looked at when the command began"
    planned = [one.planned for one in due if one.planned is not None]
    made = _made(move, planned)
    there = {row["key"]: row for row in _rows(finder, sorted(set(made.values())), planner)}
    proven = set()
    for one in planned:
        row = there.get(made.get(one.key, ""))
        if row is not None and not planner.lowering(one.permission, row["values"]):
            proven.add(one.key)
        else:
            subject = f"{move.target.name}/person/{one.target_key or one.key}"
            move.findings.add("late_denial_unproven", Severity.BLOCK, subject)
    return proven


def _made(move: Move, planned: Sequence[Planned]) -> dict[str, str]:
    fresh = [one.key for one in planned if one.target_key is None]
    rows = move.ledger.ids_among(*move.direction, (SUPPRESSED,), "source_key", fresh)
    known = {row.source_key: row.target_key for row in rows}
    return {one.key: one.target_key or known.get(one.key, "") for one in planned}


def _rows(finder: Finder, keys: Sequence[str], planner: PeoplePlanner) -> Sequence[NeutralRow]:
    asked = [key for key in keys if key]
    return finder.find(Kind.PERSON, "id", asked, sorted({planner.email_field, *planner.denying})) if asked else []


# --- telling ---------------------------------------------------------------------------------------------------------------


def _fate(one: Reached, proven: set[str]) -> Fate:
    planned = one.planned
    if planned is None:
        return Fate.ABSENT
    if planned.bucket in WRITTEN:
        return Fate.CARRIED if planned.key in proven else Fate.WAITING
    return Fate.NOWHERE if planned.bucket is Bucket.HANDED else Fate.STANDING


def _subject(move: Move, one: Reached) -> str:
    planned = one.planned
    if planned is None:
        return _of_source(move, one.facts[0])
    return f"{move.target.name}/{planned.kind}/{planned.target_key or planned.key}"


def _what(one: Reached) -> str:
    names = one.planned.values if one.planned is not None else ()
    return ", ".join(sorted(name for name in names if one.planned is not None and name in one.planned.permission))
