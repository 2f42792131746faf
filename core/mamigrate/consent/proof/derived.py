"""Why each cell is open, as lines of a file: the cell, the records of the facts that it rests on, and the rules it was judged by.

Whoever holds that file and the records of consent can judge again, with nothing else: people and addresses are names that
only the project's key makes, the same ones in both files.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mamigrate.consent.fold import Cell, Fact, Rules, judge, level
from mamigrate.consent.kinds import KINDS, NO_BASIS, Grant
from mamigrate.consent.proof.record import ADDRESS, STRICT, principal
from mamigrate.consent.regimes.pack import Pack
from mamigrate.consent.regimes.permit import ORDER, counts
from mamigrate.consent.scope import FLAT, OWN, Scope

SCHEMA = "mamigrate-derivation/1"
AS_A_HOLD = "org_hold"
"""What a denial of a pack of law is judged as: it follows from no fact, and nobody's grant ends it."""
Row = Mapping[str, Any]


def begin(at: datetime, packs: Iterable[Pack]) -> dict[str, Any]:
    """The first line: the instant that was asked about, and the packs of law by their versions."""
    return {"schema_version": SCHEMA, "at": at, "packs": {pack.name: pack.version for pack in packs}}


def line(row: Row, key: bytes) -> dict[str, Any]:
    """The cells of one person at one address that rest on the same facts. ``row`` has person, address, address_loose, asks, packs,
    facts (ids of records) and cells (scopes).
    """
    return {
        "person": principal(key, f"person:{row['person']}"),
        "address": principal(key, f"{STRICT}{row['address']}"),
        "principal": principal(key, row["address_loose"]),
        "need": (Grant.EXPRESS if row["asks"] else Grant.NONE).value,
        "packs": sorted(row["packs"]),
        "facts": sorted(row["facts"]),
        "cells": sorted(row["cells"]),
        "verdict": "allowed",
    }


def end(file: str, head: str, cells: int) -> dict[str, Any]:
    """The last line: the records of consent that the facts stand in, by their head, and how many cells are open."""
    return {"evidence": file, "evidence_head": head, "cells": cells}


def names(record: Row) -> tuple[str | None, str]:
    """Of a record, the names of its person and of its address: what a cell is looked for by."""
    return record["header"]["cluster"], record["header"]["principal"]


def fact_of(record: Row) -> Fact:
    """The fact of a record of consent, with names instead of people and addresses."""
    head, event, about, party = (record[name] for name in ("header", "event", "processing", "party"))
    lo, hi = (_instant(event["t_event"][name]) for name in ("lo", "hi"))
    kind = event["kind"]
    return Fact(
        head["record_id"],
        AS_A_HOLD if kind == NO_BASIS else kind,
        party["holder"],
        head["cluster"],
        head["address"],
        head["principal"] if head["principal_of"] == ADDRESS else None,
        Scope(*(about[name] for name in Scope._fields)),
        lo,
        hi,
        _instant(event["valid_until"]),
        party["actor"],
        event["proof"],
        about["basis"] or "",
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def trouble(told: Row, near: Sequence[Fact], at: datetime, packs: Mapping[str, Pack]) -> str:
    """Why a line does not follow, or nothing. ``near`` are all facts that name its person or its address."""
    named = set(told["facts"])
    missing = named - {fact.key for fact in near}
    if missing:
        return f"{min(missing)} is among no records of this person or address"
    some = [fact for fact in near if fact.key in named]
    return next(_wrong(told, some, near, at, packs), "")


def _wrong(
    told: Row, some: Sequence[Fact], near: Sequence[Fact], at: datetime, packs: Mapping[str, Pack]
) -> Iterator[str]:
    rules = Rules(need=Grant(told["need"]))
    named = {fact.key for fact in some}
    for scope in (Scope(*texts) for texts in told["cells"]):
        cell = Cell(frozenset({told["person"]}), told["address"], told["principal"], scope)
        for facts, which in ((some, "the facts that it names"), (near, "all facts")):
            found = judge((fact for fact in facts if not fact.basis), cell, at, rules)
            if not found.allowed:
                yield f"{'/'.join(scope)} is not allowed by {which}"
            passed = {denial for denial, _ in found.ended} - named
            if passed:
                yield f"{'/'.join(scope)} passes over {min(passed)}"
        for name in told["packs"]:
            if not rests(packs[name], some, scope, at):
                yield f"{'/'.join(scope)} has no basis that {name} counts"


def rests(pack: Pack, named: Collection[Fact], scope: Scope, at: datetime) -> bool:
    """Whether one of the facts is a running grant that a pack counts for mail of a scope. What only the target has is of no law."""
    needed = pack.needs(scope.channel, scope.asset_class)
    if needed is Grant.NONE or scope.topic.startswith(OWN) or scope.asset_class != "MKT":
        return True
    running = [one for one in named if KINDS[one.kind].polarity == "+" and FLAT.permits(one.scope, scope)]
    running = [one for one in running if (one.lo is None or one.lo <= at) and (one.until is None or one.until > at)]
    least = ORDER.index(pack.least(needed))
    return any(counts(pack, one, at, needed) and ORDER.index(level(one)) >= least for one in running)
