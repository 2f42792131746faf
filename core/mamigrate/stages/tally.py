"""A population that is judged in pieces: what the statements come to over all of them, and the tables that outlast a piece."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from mamigrate.consent.proof import invariants
from mamigrate.consent.proof.of_move.carried import BESIDE
from mamigrate.consent.proof.of_move.fill import Filled
from mamigrate.consent.proof.tables import CELL, Asked, Tables
from mamigrate.consent.proof.words import found
from mamigrate.stages.move import Move

NAMED = 20
"""Rows that are named of each statement; the others are counted."""
LOOKS = {"cells": CELL[1:], "records": ("key",), "denials": ("fact",), "facts": ("fact",)}
"""Columns that name a row of which nobody knows."""
EVIDENCE = 100_000
"""Facts that are looked for in the evidence at a time."""


class Tally:
    """``counted`` by number of the statement: checked, violations, unverified."""

    def __init__(self, move: Move) -> None:
        self._move = move
        self.counted: dict[int, Counter[str]] = defaultdict(Counter)
        self._broken: dict[int, set[str]] = defaultdict(set)
        self._unread: dict[int, set[str]] = defaultdict(set)

    def look(self, one: invariants.Invariant, tables: Tables, asked: Asked) -> None:
        """Count what one statement is about in a piece, and name the rows that break it or that nobody read."""
        counted = next(iter(self._move.engine.rows(invariants.counts(one, tables, asked))), {})
        now = {name: int(counted.get(name, 0)) for name in ("checked", "violations", "unverified")}
        self.counted[one.number].update(now)
        if now["violations"]:
            self._broken[one.number].update(self._subjects(one.broken(tables, asked)))
        if now["unverified"] and one.unread is not None:
            self._unread[one.number].update(self._subjects(found(one.unread(tables, asked), *LOOKS[one.over])))

    def named(self, number: int) -> tuple[str, ...]:
        """The first of the rows that break a statement, or else of those that nobody read."""
        return tuple(sorted(self._broken[number] or self._unread[number])[:NAMED])

    def _subjects(self, rows: ir.Table) -> Iterator[str]:
        named = rows.select("subject").distinct().order_by("subject").limit(NAMED)
        yield from (row["subject"] for row in self._move.engine.rows(named))


class Whole:
    """Tables of all pieces. Of a population of one piece they are that piece's own."""

    def __init__(self, move: Move, names: Sequence[str]) -> None:
        self._engine, self._names = move.engine, names
        self._pieces: list[Filled] = []
        self._kept: dict[str, ir.Table] = {}

    def add(self, piece: Filled) -> None:
        """Take over what will be asked for when this piece is gone."""
        if not piece.only:
            for name in self._names:
                rows = piece.facts if name == "facts" else getattr(piece.tables, name)
                if name in self._kept:
                    self._engine.add(self._kept[name], rows)
                else:
                    self._kept[name] = self._engine.keep(rows)
        self._pieces = [piece]

    @property
    def facts(self) -> ir.Table:
        """With ``raw``."""
        return self._kept.get("facts", self._last.facts)

    @property
    def tables(self) -> Tables:
        return replace(self._last.tables, **{**self._kept, "facts": self.facts.drop(*BESIDE)})

    @property
    def asked(self) -> Asked:
        return self._last.asked

    @property
    def _last(self) -> Filled:
        return self._pieces[-1]

    def exported(self, evidence: ir.Table) -> Iterator[Tables]:
        """The tables with ``evidence``, facts by facts: what is compared has the same key."""
        facts = self.facts.drop(*BESIDE)
        number = max(1, -(-int(self._engine.one(facts.agg(n=facts.count()))["n"]) // EVIDENCE))
        for at in range(number):
            parts = {name: _share(rows, number, at) for name, rows in (("facts", facts), ("evidence", evidence))}
            yield replace(self.tables, **parts)


def _share(rows: ir.Table, number: int, at: int) -> ir.Table:
    if number == 1:
        return rows
    return rows.filter((ibis.coalesce(rows.key, "").hash() % number + number) % number == at)
