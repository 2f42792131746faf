"""The numbers of the consent report, from the proof's tables: counts only, and rows of which no person can be told."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from mamigrate.consent.kinds import Grant
from mamigrate.consent.proof.of_move.carried import NOBODY
from mamigrate.consent.proof.tables import CELL, SCOPE, Tables
from mamigrate.consent.proof.words import true
from mamigrate.consent.regimes.permit import months_after
from mamigrate.model.kinds import Kind
from mamigrate.reports import mask
from mamigrate.stages import delays, looked, mailed, regimes
from mamigrate.stages.consent import Judged
from mamigrate.stages.move import Move
from mamigrate.stages.proof_tables import cells

ROWS = 2000
"""Rows of a list that stand in the report."""


def facts(move: Move, judged: Judged, *, unmask: bool) -> dict[str, Any]:
    """Blocks of the report, by name."""
    tables, show = judged.proven.tables, (_shown if unmask else masked)
    names = {topic.key: topic.name for topic in judged.prepared.topics} | judged.prepared.unasked.names
    labels = {one.api_name: one.name for one in judged.prepared.source_fields if one.holder is Kind.PERSON}
    found = judged.reach
    lifted, unparsed = _lifted(judged), _unparsed(judged)
    ended, unclear = _count(move, lifted), _count(move, unparsed)
    return {
        "topics": names,
        "heat": list(_heat(move, judged)),
        "balance": _balance(move, tables),
        "confusion": _confusion(move, tables),
        "lifted": [show(row) for row in _listed(move, lifted, "denied", "topic", "proof")],
        "lifted_number": ended,
        "lifted_left": max(0, ended - ROWS),
        "restricted": [{"cause": cause, "people": people} for cause, people in found.steps if people],
        "held": [
            {"cause": cause, "field": field, "label": labels.get(field, ""), "people": number}
            for cause, field, number in found.kept
        ],
        "before": found.before,
        "after": found.after,
        "unexplained": found.unexplained,
        "unmapped": _unmapped(judged),
        "unparsed": [show(row) for row in _listed(move, unparsed, "source_ref")],
        "unparsed_number": unclear,
        "unparsed_left": max(0, unclear - ROWS),
        "unread": _unread(move, tables),
        "synced": move.synced(),
        "late": _late(move),
        "censuses": looked.censuses(move),
        "grants": _grants(move, tables),
        "expiry": list(_expiry(move, judged)),
        "files": {"facts": move.filed, "of_crm": move.filed_by_crm},
        "numbers": move.engine.rows(tables.numbers.select("name", "said", "counted").order_by("name")),
    }


def _count(move: Move, table: ir.Table) -> int:
    return int(move.engine.one(table.agg(n=ibis._.count()))["n"])


_REFERENCES = ("denied", "proof", "source_ref")
"""Columns of the lists that refer to what a fact was read from."""


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return row


def masked(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a list without people."""
    hide = {name: mask.fact if name in _REFERENCES else mask.addresses for name in row}
    return {name: hide[name](value) if isinstance(value, str) else value for name, value in row.items()}


def _heat(move: Move, judged: Judged) -> Iterator[dict[str, Any]]:
    """By channel, topic and brand: records that the source itself mails, people whom the target mails, and what lies between.

    ``before`` less ``lost`` and ``merged``, with ``more``, is ``after``. Of ``more``, ``returned`` have a reason and ``new`` none.
    """
    t, engine = judged.proven.tables, move.engine
    own = mailed.mailed(judged.people, cells(judged.people), judged.source.manifest.began_at)
    known = t.cells.filter(true(t.cells.read) & ~t.cells.person.startswith(NOBODY))
    opened = known.group_by(CELL).agg(opens=true(known.allowed).any())
    said = t.verdicts.filter(~t.verdicts.person.startswith(NOBODY)).select(*CELL, sends="source_mails")
    joined = said.left_join(opened, CELL).select(*CELL, "sends", opens=true(ibis._.opens))
    excused = t.exceptions.select(*CELL).distinct().mutate(excused=ibis.literal(True))
    told = joined.left_join(excused, CELL).select(*CELL, "sends", "opens", excused=true(ibis._.excused))
    after = engine.keep(told.filter(told.opens).select(*mailed.PLACE, "person").distinct())
    counted = told.group_by(*mailed.PLACE).agg(
        after=told.person.nunique(where=told.opens),
        returned=told.person.nunique(where=told.opens & ~told.sends & told.excused),
        new=told.person.nunique(where=told.opens & ~told.sends & ~told.excused),
    )
    ends = {tuple(row[name] for name in mailed.PLACE): row for row in engine.rows(mailed.ends(own, after))}
    for row in engine.rows(counted.order_by(*mailed.PLACE)):
        yield {**row, **mailed.between(ends.get(tuple(row[name] for name in mailed.PLACE)), row["after"])}


def _balance(move: Move, t: Tables) -> list[dict[str, Any]]:
    """Denials of the source scope by scope, and what became of each: every one once, held before waiting before lifted."""
    base = t.denials.select("fact", *SCOPE).distinct()
    fates = {
        "held": t.held.select("fact"),
        "suppressed": t.suppressed.select("fact"),
        "lifted": t.lifted.select(fact="denial"),
    }
    for name, rows in fates.items():
        there = rows.filter(rows.fact.notnull()).distinct().mutate(**{name: ibis.literal(True)})
        base = base.left_join(there, "fact").drop("fact_right")
    held, waits, back = (true(base[name]) for name in fates)
    counted = base.group_by(*SCOPE).agg(
        denied=base.count(),
        held=held.sum(),
        suppressed=(waits & ~held).sum(),
        lifted=(back & ~held & ~waits).sum(),
        missing=(~held & ~waits & ~back).sum(),
    )
    return [_whole(row) for row in move.engine.rows(counted.order_by(*SCOPE))]


def _confusion(move: Move, t: Tables) -> dict[str, int]:
    """Cells: what the facts say against what the target does, and those that nobody read."""
    told = t.cells.select(*CELL, "allowed", read=true(t.cells.read))
    told = told.left_join(t.verdicts.select(*CELL, may="allowed"), CELL)
    may, does, read = true(told.may), true(told.allowed), told.read
    counted = told.agg(
        yes_yes=(read & may & does).sum(),
        yes_no=(read & may & ~does).sum(),
        no_yes=(read & ~may & does).sum(),
        no_no=(read & ~may & ~does).sum(),
        unverified=(~read).sum(),
    )
    return _whole(move.engine.one(counted))


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    """Sums of nothing are nothing."""
    return {name: value if isinstance(value, str) else int(value or 0) for name, value in row.items()}


def _listed(move: Move, rows: ir.Table, *order: str) -> list[dict[str, Any]]:
    """What of a list stands in the report; the rest is counted beside it, and is in the consent records."""
    return [_dated(row) for row in move.engine.rows(rows.order_by(*order).limit(ROWS))]


def _lifted(judged: Judged) -> ir.Table:
    """Each denial that ended with what ended it, by their references: one row, whatever records the denial stands at."""
    proven = judged.proven
    refs = proven.facts.select("key", ref="source_ref", when="lo").distinct()
    told = proven.tables.lifted.join(refs.rename(denial="key", denied="ref", denied_at="when"), "denial")
    told = told.join(refs.rename(by="key", proof="ref", proven_at="when"), "by")
    return told.select("topic", "brand", "denied", "denied_at", "proof", "proven_at").distinct()


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _unmapped(judged: Judged) -> list[dict[str, str]]:
    """Topics of the source without a place on the target: leaving one closes everything."""
    cells = judged.people.planner.cells
    placed = {cell.key for cell in cells if cell.rule is not None and cell.rule.target is not None}
    return [{"topic": key} for key in dict.fromkeys(cell.key for cell in cells) if key not in placed]


def _unparsed(judged: Judged) -> ir.Table:
    facts = judged.proven.facts
    return facts.filter(facts.kind == "unparsed").select("source_ref", "raw").distinct()


def _unread(move: Move, t: Tables) -> int:
    return _count(move, t.cells.filter(~true(t.cells.read)).select("person").distinct())


def _late(move: Move) -> list[dict[str, Any]]:
    """Denials that came after a move, way by way: how many, and how long they took in seconds. The rows of statement 11."""
    ways = [(way, delays.delays(move, way)) for way in delays.ways(move)]
    return [{"from": way[0], "to": way[1], **delays.told(rows)} for way, rows in ways if rows]


def _grants(move: Move, t: Tables) -> list[dict[str, Any]]:
    """Grants by kind, basis and level of proof, and how many of them have no date: what a basis rests on."""
    given = t.facts.filter(t.facts.polarity == "+")
    given = given.mutate(basis=ibis.coalesce(given.basis, ""))
    counted = given.group_by("kind", "basis", "proof").agg(grants=given.count(), undated=given.lo.isnull().sum())
    return [_whole(row) for row in move.engine.rows(counted.order_by("kind", "basis", "proof"))]


def _expiry(move: Move, judged: Judged) -> Iterator[dict[str, Any]]:
    """Grants by the month in which they end: by a date of their own, or by the term of a pack that binds the person. One without
    the date of its event has no month, and the pack does not count it.
    """
    given = judged.proven.tables.facts
    given = given.filter(given.polarity == "+").mutate(basis=ibis.coalesce(given.basis, ""))
    own = given.filter(given.until.notnull()).mutate(lo=given.until)
    yield from _months(move, own, "own_date", 0)
    packs = move.project.file.consent.regime.all
    if not packs:
        return
    country = judged.prepared.field_of("country", side="source")
    bound = move.engine.keep(regimes.bound(move, judged.people.people, judged.people.clusters, country))
    every = move.engine.keep(_once(given))
    for pack in packs:
        theirs = every.semi_join(bound.filter(bound.pack == pack.name), [("person", "winner")])
        express = theirs.filter(theirs.kind != "implied_grant")
        if pack.reconfirm_months is not None:
            yield from _months(move, express, pack.name, pack.reconfirm_months)
        for name in sorted(pack.soft):
            months = pack.lasts(Grant.IMPLIED, name)
            if months is not None:
                soft = theirs.filter((theirs.kind == "implied_grant") & (theirs.basis == name))
                yield from _months(move, soft, pack.name, months)


def _once(given: ir.Table) -> ir.Table:
    """Grants, those of a basis rule once a person and field, whatever topics the rule is about."""
    columns = ("kind", "until", "lo", "person", "basis")
    read, made = given.filter(given.basis == ""), given.filter(given.basis != "")
    return read.select(*columns).union(made.select(*columns, "source_ref").distinct().select(*columns))


def _months(move: Move, rows: ir.Table, rule: str, months: int) -> Iterator[dict[str, Any]]:
    counted = rows.group_by("kind", "basis", month=rows.lo.truncate("M")).agg(grants=rows.count())
    for row in move.engine.rows(counted.order_by("month", "kind", "basis")):
        ends = months_after(row["month"].replace(tzinfo=UTC), months) if row["month"] else None
        told = {"rule": rule, "kind": row["kind"], "basis": row["basis"], "grants": row["grants"]}
        yield {**told, "month": f"{ends:%Y-%m}" if ends else ""}
