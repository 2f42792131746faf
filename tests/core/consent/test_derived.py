"""Every open cell of random worlds is derived again from the written lines and records alone, and no cell that is closed is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from mamigrate.consent.fold import Fact
from mamigrate.consent.proof.derived import Row, rests, trouble
from mamigrate.consent.proof.of_move import fill
from mamigrate.consent.proof.record import Chain, Context, record
from mamigrate.consent.proof.tables import SCHEMAS
from mamigrate.consent.regimes.pack import packs
from mamigrate.consent.scope import OWN, Scope
from mamigrate.ledger.tables import Derivations, Evidence
from mamigrate.snapshot.engine import Engine
from mamigrate.stages import derivations, evidence
from worlds import NOW, moved, worlds

PEOPLE = 1_000


def written(folder: Path) -> Derivations:
    """Both files of a move of random worlds."""
    engine, kept = Engine(folder / "spill", memory_mb=1000), list[Derivations]()
    numbers = engine.memory(SCHEMAS["numbers"].empty_table())
    one = fill.fill(moved(engine, worlds(7, PEOPLE)), [], numbers, fill.Engine(engine.keep, engine.memory, engine.rows))
    file = SimpleNamespace(consent=SimpleNamespace(regime=SimpleNamespace(all=())))
    ledger = SimpleNamespace(derivations=list, keep_derivations=kept.append)
    move: Any = SimpleNamespace(
        engine=engine, run_id="run", project=SimpleNamespace(evidence=folder, file=file), ledger=ledger
    )
    chain, about = Chain(), Context(evidence.key(move.project), "Minamo", "crm", "crm", NOW, "1")
    rows = engine.rows(one.facts.order_by("key", "person"))
    lines = [chain.line(record({**row, "superseded_by": [], "regimes": []}, about)) for row in rows]
    (folder / "run.jsonl").write_bytes(b"".join(lines))
    with derivations.writing(move, NOW) as out:
        out.add(one)
        out.seal(Evidence(run_id="run", source="a", target="b", file="run.jsonl", rows=chain.rows, head=chain.head, digest=""))  # fmt: skip
    allowed = engine.one(one.tables.verdicts.agg(n=one.tables.verdicts.allowed.sum()))["n"]
    assert kept[0].cells == allowed
    return kept[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("derived")


@pytest.fixture(scope="module")
def made(folder: Path) -> Derivations:
    return written(folder)


def test_every_open_cell_is_derived_again_from_the_files_alone(folder: Path, made: Derivations) -> None:
    assert made.cells > PEOPLE / 2
    assert derivations.trouble(folder / made.file, folder, made) == ""


def test_records_of_another_form_are_told(folder: Path, made: Derivations, tmp_path: Path) -> None:
    lines = [orjson.loads(line) for line in (folder / "run.jsonl").read_bytes().splitlines()]
    derived = [orjson.loads(line) for line in (folder / made.file).read_bytes().splitlines()]
    for one in lines:
        del one["header"]["principal_of"]
    records, chain, hashes = Chain(), Chain(), ("previous_hash", "row_hash")
    told = [records.line({n: v for n, v in one.items() if n not in hashes}) for one in lines]
    (tmp_path / "run.jsonl").write_bytes(b"".join(told))
    derived[-1]["evidence_head"] = records.head
    again = [chain.line({n: v for n, v in one.items() if n not in hashes}) for one in derived]
    (tmp_path / made.file).write_bytes(b"".join(again))
    assert derivations.trouble(tmp_path / made.file, tmp_path).endswith("is not of the form that it must have")


def test_a_cell_that_is_closed_cannot_be_written_as_open(folder: Path, made: Derivations) -> None:
    """Each of the cells that were not written, of those who have another one."""
    lines = [orjson.loads(line) for line in (folder / made.file).read_bytes().splitlines()]
    every = {("email", "0", topic, "MKT") for topic in ("news", "club")}
    known: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for one in lines[1:-1]:
        known.setdefault((one["person"], one["address"]), set()).update(map(tuple, one["cells"]))
    tried = 0
    for one in lines[1:-1]:
        closed = sorted(every - known[one["person"], one["address"]])
        if not closed or tried == 20:
            continue
        tried += 1
        need = "express" if closed[0][2] == "club" else "none"
        forged, chain = [*lines[:1], {**one, "cells": closed[:1], "need": need}, lines[-1]], Chain()
        hashes = ("previous_hash", "row_hash")
        path = folder / "forged.ndjson"
        path.write_bytes(b"".join(chain.line({n: v for n, v in row.items() if n not in hashes}) for row in forged))
        assert derivations.trouble(path, folder).startswith("line 2 does not follow"), one
    assert tried == 20


# --- one line ------------------------------------------------------------------------------------------------------------

NEWS = Scope("email", "0", "news", "MKT")
BEFORE, AFTER = NOW - timedelta(2), NOW + timedelta(2)
ALL = packs()


def derived(*facts: str, need: str = "none", law: tuple[str, ...] = (), cell: Scope = NEWS) -> dict[str, Any]:
    """A line about one cell."""
    who = {"person": "p", "address": "A@x.example", "principal": "a@x.example"}
    return {**who, "need": need, "packs": list(law), "facts": list(facts), "cells": [list(cell)]}


def said(key: str, kind: str, at: datetime | None = BEFORE, until: datetime | None = None, **more: Any) -> Fact:
    """A fact of that person at that address."""
    return Fact(
        key, kind, more.pop("holder", "person"), "p", "A@x.example", "a@x.example", more.pop("scope", NEWS), at, at, until,
        proof=more.pop("proof", 2), **more,
    )  # fmt: skip


YES, NO = said("yes", "grant"), said("no", "objection", BEFORE - timedelta(1))


@pytest.mark.parametrize(
    ("told", "near", "why"),
    [
        (derived(), [], ""),
        (derived("yes"), [], "yes is among no records of this person or address"),
        (derived(need="express"), [], "email/0/news/MKT is not allowed by the facts that it names"),
        (derived("yes", need="express"), [YES], ""),
        (derived(), [NO], "email/0/news/MKT is not allowed by all facts"),
        (derived("yes"), [YES, NO], "email/0/news/MKT passes over no"),
        (derived("yes", "no"), [YES, NO], ""),
        (derived(law=("gdpr",)), [], "email/0/news/MKT has no basis that gdpr counts"),
        (derived("yes", law=("gdpr",)), [YES], ""),
        (derived("yes", law=("gdpr", "germany")), [YES], "email/0/news/MKT has no basis that germany counts"),
    ],
)
def test_a_line_follows_from_the_facts_that_it_names_and_from_all(told: Row, near: list[Fact], why: str) -> None:
    assert trouble(told, near, NOW, ALL) == why


@pytest.mark.parametrize(
    ("fact", "scope", "holds"),
    [
        (YES, NEWS, True),
        (said("yes", "grant", None), NEWS, True),
        (said("yes", "grant", AFTER), NEWS, False),
        (said("yes", "grant", until=AFTER), NEWS, True),
        (said("yes", "grant", until=NOW), NEWS, False),
        (said("yes", "grant", proof=0), NEWS, False),
        (said("yes", "grant", scope=Scope("email", "0", "club", "MKT")), NEWS, False),
        (said("no", "objection"), NEWS, False),
        (NO, Scope("email", "0", "news", "TRX"), True),
        (NO, Scope("email", "0", f"{OWN}club", "MKT"), True),
    ],
)
def test_mail_of_marketing_rests_on_a_running_grant_where_a_law_asks_for_one(
    fact: Fact, scope: Scope, holds: bool
) -> None:
    assert rests(ALL["gdpr"], [fact], scope, NOW) is holds
