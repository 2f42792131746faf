"""The forecast of each policy for history: told before one is taken, and beside the one that was."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

import ibis
import ibis.expr.types as ir

from mamigrate.capabilities import Power
from mamigrate.consent import verdict
from mamigrate.contract import HistorySink
from mamigrate.errors import Refused
from mamigrate.findings import Severity
from mamigrate.model.activities import Family, family
from mamigrate.model.kinds import Kind
from mamigrate.plan.choices import Choice, Fate, Group, choices, of_totals
from mamigrate.plan.packing import OURS
from mamigrate.plan.policy import HistorySection
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import ids
from mamigrate.stages.forecast import price
from mamigrate.stages.history import wanted
from mamigrate.stages.move import Move


def forecast(move: Move, source: Snapshot, totals: Mapping[str, int | None]) -> dict[str, Any]:
    """As plain values for the plan and the report: by policy, and by family what was read. Empty where there is no history.

    ``totals``: what the source tells of its history where it was not read.
    """
    groups = _read(move, source) if source.has(Kind.ACTIVITY) else of_totals(totals)
    if not groups:
        return {}
    section = move.project.file.history
    return {
        "policy": section.policy if section else None,
        "signed": section.signed if section else None,
        "choices": [asdict(one) for one in _choices(move, groups, section)],
        "families": list(_families(groups)),
    }


def tell(move: Move, told: dict[str, Any]) -> None:
    """Ask for a decision where there is history and nobody decided about it; stop where there is no room for what was decided."""
    if not told:
        return
    numbers = {one["policy"]: one for one in told["choices"]}
    if told["policy"] is not None:
        _no_room(move, numbers[told["policy"]]["activities"])
        return
    params = {
        f"{name}_{what}": str(numbers[name][what]) for name in ("minimum", "full") for what in ("activities", "calls")
    }
    move.findings.add("history_undecided", Severity.WARN, f"{move.source.name}/{Kind.ACTIVITY}", **params)


def _no_room(move: Move, n: int) -> None:
    sink = move.target.instance
    if not n or not isinstance(sink, HistorySink):
        return
    room = sink.history_room()
    if not room.types and not OURS & room.standing.keys():
        move.findings.add("history_no_room", Severity.BLOCK, f"{move.target.name}/{Kind.ACTIVITY}", n=str(n))


def _choices(move: Move, groups: Sequence[Group], section: HistorySection | None) -> list[Choice]:
    row = move.target.adapter.capabilities.of(Kind.ACTIVITY, Power.WRITE)
    limits = [quota.limit for quota in move.quotas.get(move.target.name, ())]
    now = move.target.clock.now()
    return choices(groups, row.batch, min(limits, default=None), section, lambda n: price(move, n, now))


def _read(move: Move, source: Snapshot) -> list[Group]:
    """What was read, by type and fate."""
    rows, people = move.engine.table(source, Kind.ACTIVITY), move.engine.table(source, Kind.PERSON)
    addresses = move.engine.keep(verdict.addresses(people).select(address="at").distinct())
    done = ids.table(move, Kind.ACTIVITY).select(done_key="source_key")
    joined = rows.left_join(done, rows.key == done.done_key).left_join(
        addresses, rows.address_loose == addresses.address
    )
    known = joined.person_key.notnull() | joined.address.notnull()
    old = _swallowed(move, source, joined)
    fate = ibis.cases((joined.done_key.notnull(), "done"), (~known, "nobody"), (old, "swallowed"), else_="open")
    section, now = move.project.file.history, source.manifest.began_at
    grouped = joined.group_by("activity_type", "bot", fate=fate, day=joined.happened_at.date()).agg(
        n=ibis._.count(), last=ibis._.happened_at.max()
    )
    since = wanted(section, now) if section else {}
    found = Counter[tuple[Family, Fate, bool]]()
    for row in move.engine.rows(grouped):
        kind, at = family(row["activity_type"]), row["last"]
        too_old = at is not None and kind in since and at < since[kind]
        machine = section is not None and bool(row["bot"]) and not section.bots
        found[kind, row["fate"], too_old or machine] += int(row["n"])
    return [Group(kind, fate, n, barred) for (kind, fate, barred), n in found.items()]


def _swallowed(move: Move, source: Snapshot, rows: ir.Table) -> ir.BooleanValue:
    sink = move.target.instance
    try:
        keeps = sink.history_room().keeps if isinstance(sink, HistorySink) else None
    except Refused:  # who carries nothing needs no permission; who does is stopped when the types are made
        keeps = None
    if keeps is None:
        return ibis.literal(False)
    old: ir.BooleanValue = (rows.happened_at < move.engine.instant(source.manifest.began_at - keeps)).fill_null(False)
    return old


def _families(groups: Sequence[Group]) -> Iterator[dict[str, Any]]:
    for kind in sorted({one.family for one in groups}):
        own = [one for one in groups if one.family is kind]
        by_fate = {fate: sum(one.n for one in own if one.fate == fate) for fate in get_args(Fate)}
        yield {"family": kind.value, "read": sum(by_fate.values()), **by_fate}
