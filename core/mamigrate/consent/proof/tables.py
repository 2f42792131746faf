"""What the proof reads: neutral tables of a population, whichever platforms stand behind them.

Every table but ``covers`` has ``population``, a number: any number of populations stand in one set of tables and are judged
by one query a statement. A cell is a target person at an address, for a channel, a brand, a topic and a class of mail, all
in the source's words: a place of the target that stands for several topics is a cell for each of them.
Whatever is null is unknown, and the unknown never allows: a null key matches nothing, a null truth is false.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis.expr.types as ir
import pyarrow as pa

SCOPE = ("channel", "brand", "topic", "asset_class")
PLACE = ("population", "brand", "topic", "asset_class")
CELL = ("population", "person", "address", *SCOPE)

_TEXT, _TRUTH, _MOMENT, _NUMBER = pa.string(), pa.bool_(), pa.timestamp("us", "UTC"), pa.int64()
_SCOPE = dict.fromkeys(SCOPE, _TEXT)
_CELL = {"population": _NUMBER, "person": _TEXT, "address": _TEXT, **_SCOPE}


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema({"population": _NUMBER, **columns}.items())


SCHEMAS: dict[str, pa.Schema] = {
    # Facts of the source with the target person that carries each on, and with the hash of what was read. Those of a basis rule
    # name its ``basis``: they answer what a law asks for, and nothing else.
    "facts": _schema(
        key=_TEXT, polarity=_TEXT, kind=_TEXT, holder=_TEXT, person=_TEXT, address_strict=_TEXT, address_loose=_TEXT,
        **_SCOPE, lo=_MOMENT, hi=_MOMENT, until=_MOMENT, actor=_TEXT, proof=_NUMBER, source_ref=_TEXT, basis=_TEXT, hash=_TEXT,
    ),
    # Packs of law that ask for a basis of marketing mail, by the person whom each binds; and the grants that each counts.
    "bound": _schema(person=_TEXT, pack=_TEXT),
    "based": _schema(person=_TEXT, pack=_TEXT, fact=_TEXT),
    # Facts as they stand in the exported evidence.
    "evidence": _schema(key=_TEXT, hash=_TEXT, lo=_MOMENT, hi=_MOMENT),
    # Verdicts: allowed now, allowed at the later instant with no new fact, whether the source itself would have mailed at
    # snapshot time through every record that was joined, and the keys of the facts that say so.
    "verdicts": _schema(
        **_CELL, address_loose=_TEXT, allowed=_TRUTH, later=_TRUTH, source_mails=_TRUTH, derivation=pa.list_(_TEXT)
    ),
    # Cells of the target as read back. ``enrolled``: the target holds an opt-in. ``settled``: allowed at the second reading,
    # null where there was none. ``read`` false or null: nobody knows.
    "cells": _schema(**_CELL, address_loose=_TEXT, allowed=_TRUTH, enrolled=_TRUTH, read=_TRUTH, settled=_TRUTH),
    # Records of the target as read back. ``mark`` is what tombstones are compared by.
    "records": _schema(key=_TEXT, person=_TEXT, address_loose=_TEXT, mark=_TEXT, read=_TRUTH),
    # Denials of the target as read back. ``fact`` is the denial of the source that each carries out, where one does.
    "held": _schema(person=_TEXT, address_loose=_TEXT, **_SCOPE, fact=_TEXT, read=_TRUTH, settled=_TRUTH),
    # Denials of the source that hold, when they were seen, and since when they hold on the other side.
    "denials": _schema(
        fact=_TEXT, kind=_TEXT, holder=_TEXT, person=_TEXT, address_loose=_TEXT, **_SCOPE,
        observed_at=_MOMENT, effective_at=_MOMENT,
    ),
    # Denials that ended in a scope: ``by`` is the key of the grant or the decision that ended each.
    "lifted": _schema(denial=_TEXT, by=_TEXT, **_SCOPE),
    # Denials that wait for whoever is not on the target: its suppression list, or tombstones.
    "suppressed": _schema(fact=_TEXT, person=_TEXT, address_loose=_TEXT),
    "tombstones": _schema(mark=_TEXT),
    # Writes in their order: what each set of a cell (null: left alone), and what permits a write that raises.
    "journal": _schema(
        seq=_NUMBER, **_CELL, exists=_TRUTH, denied=_TRUTH, enrolled=_TRUTH, permit=_TEXT, decision=_TEXT
    ),
    # People whom a wave released from a hold of ours; it counts once it is signed. Of the model only: no move releases anybody.
    "waves": _schema(decision=_TEXT, person=_TEXT, signer=_TEXT),
    # Topics of the source that have a place on the target. ``asks``: mail of this topic needs a grant.
    "topics": _schema(brand=_TEXT, topic=_TEXT, asset_class=_TEXT, asks=_TRUTH),
    # Brands whose facts reach another brand by a declared rule.
    "brand_rules": _schema(brand=_TEXT, into=_TEXT),
    # Reasons to mail somebody whom the source did not: time, lifted, grant or wave, and the key that each names.
    "exceptions": _schema(**_CELL, why=_TEXT, reference=_TEXT),
    # Consent values of the source and whether each was understood.
    "readings": _schema(person=_TEXT, source_ref=_TEXT, understood=_TRUTH),
    # Consent writes that runs planned; nothing changed between the first run and later ones.
    "planned": _schema(run=_NUMBER, person=_TEXT, field=_TEXT),
    # Numbers of the report beside what the evidence comes to, the verdict, and how many cells were not read.
    "numbers": _schema(name=_TEXT, said=_NUMBER, counted=_NUMBER, verdict=_TEXT, unread=_NUMBER),
    # Assets with their class of mail on either side. Of the model only: no move builds one.
    "assets": _schema(key=_TEXT, source_class=_TEXT, target_class=_TEXT, decision=_TEXT),
    # Which scope covers which; ``permits`` where also a grant of the wide one does.
    "covers": pa.schema([*_SCOPE.items(), *((f"under_{name}", _TEXT) for name in SCOPE), ("permits", _TRUTH)]),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """One expression a table of ``SCHEMAS``."""

    facts: ir.Table
    bound: ir.Table
    based: ir.Table
    evidence: ir.Table
    verdicts: ir.Table
    cells: ir.Table
    records: ir.Table
    held: ir.Table
    denials: ir.Table
    lifted: ir.Table
    suppressed: ir.Table
    tombstones: ir.Table
    journal: ir.Table
    waves: ir.Table
    topics: ir.Table
    brand_rules: ir.Table
    exceptions: ir.Table
    readings: ir.Table
    planned: ir.Table
    numbers: ir.Table
    assets: ir.Table
    covers: ir.Table


@dataclass(frozen=True, slots=True)
class Asked:
    """What the statements are asked about: instants, as values or as scalars of the engine. ``default_allows``: the target mails whoever it holds no record about."""

    snapshot: datetime | ir.Scalar
    at: datetime | ir.Scalar
    later: datetime | ir.Scalar
    deadline: timedelta = timedelta(minutes=60)
    default_allows: bool = True
