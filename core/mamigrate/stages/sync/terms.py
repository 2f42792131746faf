"""Terms of a law that ended after the move: whoever has no other basis is denied on the target, as the next run would do it.

No log tells of them. What was granted is what the last move read; a grant that came since is known to the next run alone.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate import private
from mamigrate.consent import cluster
from mamigrate.consent.kinds import NO_BASIS
from mamigrate.consent.regimes import basis, population
from mamigrate.consent.regimes.ended import ended
from mamigrate.consent.regimes.pack import Pack
from mamigrate.contract import NeutralRow
from mamigrate.errors import LocalTrouble
from mamigrate.findings import Severity
from mamigrate.ledger.tables import Run
from mamigrate.model.estate import Field
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import moves, planner, regimes, resume
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.sync.way import Way

NOTHING = pa.schema([(name, pa.string()) for name in ("winner", "fact", "cell", "grant")]).empty_table()
"""Denials that grants ended: a grant of one term that ended one leaves none behind that is older and counts longer."""
NEEDED = (Kind.FIELD, Kind.PERSON, Kind.CONSENT_FACT)


def put(move: Move, way: Way, prepared: Prepared) -> None:
    """Put into ``way.facts`` whom a law denies since a term ended in what this pass reads: later than ``way.since``.

    Where a pack counts terms and nobody knows any more what was granted, that is a finding, and the way stays unread.
    """
    packs = [pack for pack in population.asking(move.project.file.consent.regime) if _counts_terms(pack)]
    if not packs:
        return
    run = moves.carried(move)[0]
    source = _kept(move, run)
    if source is None:
        move.findings.add("late_terms_unread", Severity.WARN, f"{move.source.name}/{Kind.CONSENT_FACT}", move=run.id)
        way.unread = True
        return
    spill = private.folder(move.project.spill / "terms")
    try:
        quiet = replace(move, engine=Engine(spill), keep_twins=_kept_twins(move, run))
        way.facts += _denials(quiet, source, prepared, packs, way)
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _counts_terms(pack: Pack) -> bool:
    return any(months is not None for months in (*pack.soft.values(), pack.reconfirm_months))


def _kept(move: Move, run: Run) -> Snapshot | None:
    """What the last move was made from, where all of it is there still."""
    folder = move.project.snapshots / run.source_snapshot
    if not run.source_snapshot or not folder.exists():
        return None
    try:
        found = Snapshot.open(folder, move.project.cipher)
    except LocalTrouble:
        return None
    return found if all(found.has(kind) or not found.manifest.of(kind).rows for kind in NEEDED) else None


def _kept_twins(move: Move, run: Run) -> bool:
    return move.ledger.inputs(run.id).get(resume.TWINS) == "yes"


def _denials(move: Move, source: Snapshot, known: Prepared, packs: list[Pack], way: Way) -> Iterator[NeutralRow]:
    engine, people = move.engine, move.engine.table(source, Kind.PERSON)
    facts = engine.table(source, Kind.CONSENT_FACT)
    grants = engine.keep(basis.beside(facts, regimes.made_by_rules(move, people)))
    over = engine.keep(ended(grants, packs, way.since, way.seen))
    if not engine.one(over.agg(n=ibis._.count()))["n"]:
        return
    prepared = replace(known, source_fields=[one for one in source.estate(Kind.FIELD) if isinstance(one, Field)])
    clusters = engine.keep(cluster.clusters(people, keep_twins=move.keep_twins))
    scopes = planner.scopes(prepared, own=False)
    law = regimes.law(move, prepared, people, facts, clusters, engine.memory(NOTHING), scopes, way.seen)
    for row in engine.rows(_denied(law.denied, engine.keep(_whose(grants, over, people, clusters)))):
        yield _fact(move, row)


def _whose(grants: ir.Table, over: ir.Table, people: ir.Table, clusters: ir.Table) -> ir.Table:
    """(winner, ended): whose grants ended, and when the last of them did."""
    near = population.based(grants, over.select("key", "pack"), people, clusters)
    return near.join(over, ["key", "pack"]).group_by("winner").agg(ended=lambda t: t.ended.max())


def _denied(denied: ir.Table, whose: ir.Table) -> ir.Table:
    """(winner, topic, brand, ended) of what a law denies them now."""
    return denied.join(whose, "winner").select("winner", "topic", "brand", "ended").order_by("winner", "brand", "topic")


def _fact(move: Move, row: dict[str, Any]) -> NeutralRow:
    """In the terms of a denial that a side tells."""
    reference = f"{move.source.name}/{Kind.PERSON}/{row['winner']}/{NO_BASIS}"
    cell = "" if (row["brand"], row["topic"]) == ("*", "*") else f"|{row['brand']}|{row['topic']}"
    at: datetime = row["ended"]
    return {
        "key": reference + cell, "kind": NO_BASIS, "polarity": "-", "holder": "person", "person_key": row["winner"],
        "address_strict": None, "address_loose": None, "channel": "email", "brand": row["brand"], "topic": row["topic"],
        "asset_class": "MKT", "lo": at, "hi": at, "until": None, "actor": "system", "proof": 0, "source_ref": reference + cell,
    }  # fmt: skip
