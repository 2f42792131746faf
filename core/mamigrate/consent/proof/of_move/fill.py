"""All tables of the proof, in the order in which one follows from another. ``keep`` runs an expression and keeps its rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent.proof.of_move import carried, fates, places, there, verdicts
from mamigrate.consent.proof.of_move.moved import Moved
from mamigrate.consent.proof.tables import SCHEMAS, SCOPE, Asked, Tables
from mamigrate.consent.scope import Scope

Keep = Callable[[ir.Table], ir.Table]
Memory = Callable[[pa.Table], ir.Table]
Rows = Callable[[ir.Table], Iterable[Mapping[str, Any]]]

_OPT_INS = pa.schema([(name, pa.string()) for name in ("field", "brand", "topic", "asset_class")])


@dataclass(frozen=True, slots=True)
class Engine:
    """What the tables are filled with: an engine's own calls."""

    keep: Keep
    memory: Memory
    rows: Rows


@dataclass(frozen=True, slots=True)
class Filled:
    """``tables`` of the proof, and the instants that they are ``asked`` about; ``facts`` with what evidence tells beside. ``only``: of everybody."""

    tables: Tables
    asked: Asked
    facts: ir.Table
    only: bool = True


def fill(m: Moved, wrote: Iterable[places.Wrote], numbers: ir.Table, engine: Engine) -> Filled:
    """All but ``evidence``, which is made of ``facts``. ``wrote`` are the kinds of writes in ``m.journal``."""
    keep, memory = engine.keep, engine.memory
    topics = memory(places.topics(m.cells))
    facts = keep(carried.facts(m, keep(carried.carriers(m)), topics, memory(_opt_ins(m.cells))))
    scopes = [Scope(*(row[name] for name in SCOPE)) for row in engine.rows(facts.select(*SCOPE).distinct())]
    covers = memory(places.covers(scopes, m.cells))
    pairs = keep(there.pairs(m, keep(there.records(m))))
    shapes = memory(places.shapes(_marked(engine, pairs), m.cells))
    dark = keep(there.unread(m))
    spots, ended = keep(there.spots(m, pairs)), keep(verdicts.lifted(m, facts, topics, covers))
    kept = verdicts.Kept(facts, spots, covers, topics, ended, m.times, keep(_based(m.based)))
    denying, granting = keep(verdicts.denying(kept)), keep(verdicts.granting(kept))
    bases = keep(verdicts.resting(kept))
    said = keep(verdicts.verdicts(kept, denying, granting, bases, keep(verdicts.agreed(m, topics, facts, covers))))
    theirs = keep(there.of_the_target(m, pairs, memory(places.own(m.cells)), denying))
    records, denials = keep(there.marked(m, pairs, dark)), keep(fates.denials(facts, m.times))
    told = {
        "facts": facts.drop(*carried.BESIDE),
        "bound": keep(_of_people(m.bound, "bound")),
        "based": kept.based,
        "verdicts": said,
        "cells": keep(there.cells(pairs, shapes, dark, topics, theirs, settled=m.settled)),
        "records": records,
        "denials": denials,
        "held": keep(fates.carried_out(keep(there.held(pairs, shapes)), denials, covers, topics)),
        "lifted": keep(_lifted(kept.lifted)),
        "suppressed": keep(fates.waiting(m, facts, denials, records)),
        "tombstones": keep(fates.erased(facts)),
        "journal": keep(fates.journal(m, pairs, memory(places.written(wrote, m.cells)), granting)),
        "topics": topics.drop("channel"),
        "exceptions": keep(verdicts.exceptions(kept, said, denying, granting)),
        "readings": keep(fates.readings(facts)),
        "planned": keep(fates.planned(m)),
        "covers": covers,
        "brand_rules": memory(places.brand_rules(m.cells, signed=m.signed)),
        "numbers": numbers,
    }
    empty = {name: memory(SCHEMAS[name].empty_table()) for name in SCHEMAS if name not in told}
    asked = Asked(*(m.times[name].as_scalar() for name in ("snapshot", "at", "later")))
    return Filled(Tables(**told, **empty), asked, facts)


def _opt_ins(known: places.Cells) -> pa.Table:
    found = ((place.field, *scope[1:]) for scope, some in known.items() for place in some if place.polarity == "opt_in")
    return pa.Table.from_pylist([dict(zip(_OPT_INS.names, one, strict=True)) for one in found], schema=_OPT_INS)


def _marked(engine: Engine, pairs: ir.Table) -> Iterator[str]:
    yield from (row["marked"] for row in engine.rows(pairs.select("marked").distinct().order_by("marked")))


def _based(based: ir.Table) -> ir.Table:
    return _of_people(based.rename(fact="key"), "based")


def _of_people(rows: ir.Table, name: str) -> ir.Table:
    """A table of the proof from one of a plan, which names people as ``winner``."""
    told = rows.rename(person="winner").mutate(population=ibis.literal(0, "int64"))
    return told[SCHEMAS[name].names].distinct()


def _lifted(lifted: ir.Table) -> ir.Table:
    told = lifted.select("denial", "by", *SCOPE).distinct()
    return told.mutate(population=ibis.literal(0, "int64"))[SCHEMAS["lifted"].names]
