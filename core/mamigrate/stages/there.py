"""One person on the target: the records as they were looked up for a plan, and as they read now."""

from collections.abc import Mapping, Sequence
from typing import Any

from mamigrate.consent.facts import hits, with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.errors import QuotaExhausted, Refused, Unreachable
from mamigrate.http.call import Rejected
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import NEW_FIELD
from mamigrate.stages import look_up
from mamigrate.stages.crm import Link
from mamigrate.stages.move import Move
from mamigrate.stages.person import Person
from mamigrate.stages.reopen import Judged
from mamigrate.stages.verify import is_mailable

Row = dict[str, Any]
TROUBLES: Mapping[type[Exception], str] = {
    Refused: "refused",
    Rejected: "refused",
    Unreachable: "unreachable",
    QuotaExhausted: "quota",
}
"""Why a target may not be asked, in a word."""


def there(judged: Judged, person: Person, keys: Sequence[str]) -> tuple[list[Row], Row]:
    """The records with one of these target keys or with one of the person's addresses, before and now; and how that was read."""
    move = judged.move
    before = _before(judged, person, keys)
    now, trouble = _now(judged, person, sorted({*keys, *before}))
    found = [_record(move, judged, key, before.get(key), now.get(key)) for key in sorted({*before, *now})]
    return found, {"at": move.target.clock.now(), "trouble": trouble}


def _record(move: Move, judged: Judged, key: str, before: NeutralRow | None, now: NeutralRow | None) -> Row:
    at = judged.target.manifest.began_at
    return {
        "key": key,
        "before": dict(before["values"]) if before else None,
        "now": dict(now["values"]) if now else None,
        "mailable_before": _mailable_at(move, before, at) if before else None,
        "mailable_now": is_mailable(move, now) if now else None,
    }


def _mailable_at(move: Move, row: NeutralRow, at: Any) -> bool:
    values = dict(row["values"])
    return row["email_loose"] is not None and not any(hits(one, values, at) for one in move.target.adapter.blockers)


def _before(judged: Judged, person: Person, keys: Sequence[str]) -> dict[str, NeutralRow]:
    engine = judged.move.engine
    table = engine.table(judged.target, Kind.PERSON)
    wanted = table.email_loose.isin(list(person.few.addresses))
    rows = engine.rows(table.filter(wanted | table.key.isin(list(keys)) if keys else wanted))
    return {row["key"]: {**row, "values": dict(row["values"] or ())} for row in rows}


def _now(judged: Judged, person: Person, keys: Sequence[str]) -> tuple[dict[str, NeutralRow], str]:
    """The records by key, and why they could not be read, in a word of TROUBLES; empty: they were."""
    move, finder = judged.move, judged.move.target.instance
    if not isinstance(finder, Finder):
        return {}, "refused"
    made = move.ledger.ids(*move.direction, NEW_FIELD)
    fields = look_up.fields(move, judged.prepared, Link(), made)
    spelt = [text for text in person.spelt if text.isascii()]
    asked = ((judged.prepared.field_of("email"), spelt), ("id", keys))
    try:
        rows = [row for by, values in asked if values for row in finder.find(Kind.PERSON, by, list(values), fields)]
    except tuple(TROUBLES) as error:
        return {}, next(word for kind, word in TROUBLES.items() if isinstance(error, kind))
    return {row["key"]: with_keys(row) for row in rows}, ""
