"""Whom denials of the source reach on the target: records by the ledger's ids, and by their addresses."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mamigrate.consent import address
from mamigrate.consent.facts import with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.ledger.tables import MERGED, IdMap
from mamigrate.model.kinds import Kind
from mamigrate.plan import late
from mamigrate.plan.model import Planned
from mamigrate.plan.people import PeoplePlanner
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.stages.move import Move
from mamigrate.stages.sync import written
from mamigrate.stages.sync.reading import people_of


@dataclass(frozen=True, slots=True)
class Reached:
    """What is written for some facts. ``planned`` None: nobody is there who could be mailed."""

    facts: Sequence[NeutralRow]
    planned: Planned | None


def reached(move: Move, facts: Sequence[NeutralRow], planner: PeoplePlanner) -> Iterator[Reached]:
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
