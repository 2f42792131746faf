"""Carry denials of the source into fields of the target's people, as a run writes them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mamigrate.consent import address
from mamigrate.consent.facts import with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.errors import QuotaExhausted, Unreachable
from mamigrate.findings import Severity
from mamigrate.ledger.tables import MERGED, IdMap
from mamigrate.model.kinds import Kind
from mamigrate.plan import late
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.people import PeoplePlanner
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.stages.apply import Writing
from mamigrate.stages.move import Move
from mamigrate.stages.plan import WRITTEN, Plan
from mamigrate.stages.sync import written
from mamigrate.stages.sync.reading import people_of, without_echoes
from mamigrate.stages.sync.way import Fate, Way

PHASE = "late denials"


@dataclass(frozen=True, slots=True)
class Reached:
    """What is written for some facts. ``planned`` None: nobody is there who could be mailed."""

    facts: Sequence[NeutralRow]
    planned: Planned | None


def carry(move: Move, way: Way, planner: PeoplePlanner, *, dry: bool) -> None:
    """Write what the target does not deny yet, read it back, and tell what became of every denial."""
    known = written.topics(move)
    facts = without_echoes(way, lambda fact: late.echoes_topic(fact, known), lambda fact: _of_source(move, fact))
    reached = list(_reached(move, facts, planner))
    due = [one for one in reached if one.planned is not None and one.planned.bucket in WRITTEN]
    now = due[: way.most]
    proven = set[str]()
    try:
        if not dry:
            _write(move, planner, [one.planned for one in now if one.planned is not None])
            proven = _proven(move, planner, now)
    except (QuotaExhausted, Unreachable) as error:
        way.trouble = error  # What is not proven waits, and is told so.
    for one in reached:
        fate = _fate(one, proven)
        way.tell(fate, _subject(move, one), _what(one), one.facts)
        if fate is Fate.NOWHERE:
            field = late.field_of(one.facts[0])
            move.findings.add("late_denial_nowhere", Severity.WARN, _subject(move, one), field=field)


def _of_source(move: Move, fact: NeutralRow) -> str:
    return f"{move.source.name}/person/{fact['person_key'] or fact['address_loose']}"


# --- whom a denial reaches -------------------------------------------------------------------------------------------------


def _reached(move: Move, facts: Sequence[NeutralRow], planner: PeoplePlanner) -> Iterator[Reached]:
    """Records by the ledger's ids for what people hold, and every record of an address for what it holds."""
    ids = move.ledger.ids_among(*move.direction, (Kind.PERSON.value,), "source_key", people_of(facts))
    rows = _look_up(move, facts, ids, planner)
    by_person: Mapping[str, list[str]] = _grouped((row.source_key, row.target_key) for row in ids)
    by_address = _grouped((str(row["email_loose"]), key) for key, row in rows.items() if row["email_loose"])
    reaching: dict[str, list[NeutralRow]] = defaultdict(list)
    homeless: dict[str, list[NeutralRow]] = defaultdict(list)
    for fact in facts:
        own = by_person.get(str(fact["person_key"]), []) if fact["holder"] == "person" else []
        hit = {key for key in (*own, *by_address.get(str(fact["address_loose"]), [])) if key in rows}
        for key in hit:
            reaching[key].append(fact)
        if not hit:
            homeless[str(fact["address_loose"] or "") if fact["holder"] == "address" else ""].append(fact)
    known = _accounts(move, list(reaching))
    for key, some in reaching.items():
        kind, account = known.get(key) or (SUPPRESSED, f"{rows[key]['email_loose'] or ''}#{key}")
        yield Reached(some, late.lowered(rows[key], kind, account, some, planner))
    for loose, some in homeless.items():
        if not _is_told_within(loose, some):
            yield Reached(some, late.held(loose, some, planner) if loose else None)


def _is_told_within(text: str, facts: Sequence[NeutralRow]) -> bool:
    """Whether a text that nobody has as an address names nobody but the addresses in it: each of those is told."""
    return all(fact["address_strict"] is None for fact in facts) and address.understood(text)


def _grouped(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def _accounts(move: Move, records: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Kind and key under which the ledger accounts for records: their person's, or a denied address's."""
    rows = move.ledger.ids_among(*move.direction, written.KINDS, "target_key", records)
    return {row.target_key: (row.kind, row.source_key) for row in sorted(rows, reverse=True) if row.made != MERGED}


def _look_up(
    move: Move, facts: Sequence[NeutralRow], ids: Sequence[IdMap], planner: PeoplePlanner
) -> dict[str, NeutralRow]:
    finder = move.target.instance
    assert isinstance(finder, Finder), "looked at when the command began"
    fields = sorted({planner.email_field, *planner.denying})
    spelled = {text for fact in facts for text in (fact["address_strict"], fact["address_loose"]) if text}
    once = sorted({text.lower(): text for text in sorted(spelled) if text.isascii()}.values())
    rows = list(finder.find(Kind.PERSON, planner.email_field, once, fields)) if once else []
    keys = sorted({row.target_key for row in ids} - {row["key"] for row in rows})
    rows += list(finder.find(Kind.PERSON, "id", keys, fields)) if keys else []
    return {row["key"]: with_keys(row) for row in rows}


# --- writing ---------------------------------------------------------------------------------------------------------------


def _write(move: Move, planner: PeoplePlanner, planned: Sequence[Planned]) -> None:
    rules = [cell.rule for cell in planner.cells if cell.rule is not None]
    opt_in = frozenset(rule.target for rule in rules if rule.target and rule.polarity == "opt_in")
    plan = Plan(move.run_id, Path())
    writing = Writing(move, plan, PHASE, Kind.PERSON, identity=(planner.email_field,), opt_in=opt_in)
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
